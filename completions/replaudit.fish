# Completion of replaudit for fish 3.1 and newer.
# Written by: replaudit completions fish

# Prints the command and its arguments, without options and their values, one per line.
function __replaudit_typed
    set -l words (commandline -opc)
    set -l is_value
    set -l ended
    for word in $words[2..-1]
        if test -n "$is_value"
            set is_value
        else if test -n "$ended"
            echo $word
        else if test "$word" = --
            set ended 1
        else if contains -- $word --profile --region --endpoint-url --ca-bundle --addressing-style --request-payer --expected-bucket-owner --concurrency --max-attempts --connect-timeout --read-timeout -o --output --write --color --progress --bucket --key --version-id --from --only --timeout --destination --id --prefix --by --replication --overdue --max-age --data-dir --memory --top --since --fail-on --confirm-max --export --export-class --engine --engine-command --figures --athena-workgroup --athena-output --athena-database --athena-max-scan --destination-id --grace --dialect --temp-dir --depth --job-manifest --role --source-bucket --join --max-delete --journal --verify-deleted; or string match -qr -- '^-[^-o]+[o]$' $word
            set is_value 1
        else if not string match -q -- '-?*' $word
            echo $word
        end
    end
end

function __replaudit_in
    set -l typed (__replaudit_typed)
    test "$typed[1]" = "$argv[1]"
end

# Succeeds if the command has no argument yet.
function __replaudit_first
    set -l typed (__replaudit_typed)
    test "$typed[1]" = "$argv[1]"; and test (count $typed) -le 1
end

# Prints the value that is being typed, without its option.
function __replaudit_value
    commandline -ct | string replace -r -- '^(--[a-z-]+=|-[a-zA-Z]*[o])' ''
end

# Words separated by commas, each once.
function __replaudit_list
    set -l given (__replaudit_value | string match -r -- '^.*,')
    for word in $argv
        string match -q -- "*,$word,*" ",$given"; or echo "$given$word"
    end
end

# A word that ends in "=", then a file.
function __replaudit_word_and_file
    set -l value (__replaudit_value)
    set -l given (string match -r -- '^[a-z]+=' $value)
    if test -n "$given"
        set -l file (string replace -- $given '' $value)
        for path in (__fish_complete_path $file)
            echo $given$path
        end
    else
        printf '%s\n' $argv
    end
end

# Prints the names in the AWS configuration files that the AWS SDK accepts.
function __replaudit_aws
    set -l config ~/.aws/config
    set -l credentials ~/.aws/credentials
    test -n "$AWS_CONFIG_FILE"; and set config $AWS_CONFIG_FILE
    test -n "$AWS_SHARED_CREDENTIALS_FILE"; and set credentials $AWS_SHARED_CREDENTIALS_FILE
    set config (string replace -r -- '^~/' $HOME/ $config)
    set credentials (string replace -r -- '^~/' $HOME/ $credentials)
    begin
        switch $argv[1]
            case profiles
                test -f "$config"; and command sed -n 's/^[[:space:]]*\\[[[:space:]]*profile[[:space:]]\\{1,\\}\\([A-Za-z0-9_/.%@:+-]\\{1,\\}\\)[[:space:]]*\\].*/\\1/p; s/^[[:space:]]*\\[[[:space:]]*\\(default\\)[[:space:]]*\\].*/\\1/p' <$config
                test -f "$credentials"; and command sed -n 's/^[[:space:]]*\\[[[:space:]]*\\([A-Za-z0-9_/.%@:+-]\\{1,\\}\\)[[:space:]]*\\].*/\\1/p' <$credentials
            case regions
                for file in $config $credentials
                    test -f "$file"; and command sed -n 's/^[[:space:]]*region[[:space:]]*=[[:space:]]*\\([A-Za-z0-9-]\\{1,\\}\\)[[:space:]]*$/\\1/p' <$file
                end
        end
    end 2>/dev/null | command sort -u
end

complete -c replaudit -e
complete -c replaudit -f

complete -c replaudit -n '__replaudit_first \'\'' -a 'status\\t\'Replication status of objects\' inventory\\t\'Status of a whole bucket from its S3 Inventory report\' doctor\\t\'Check the set-up of replication, reports and permissions\' reconcile\\t\'Compare two inventories: is every replica really there?\' reasons\\t\'Why replication failed, from S3\\\'s own reports and events\' safe-delete\\t\'Delete objects, but only if they are replicated\' undo\\t\'Remove the delete markers that a safe-delete created\' schema\\t\'JSON Schema of a command\\\'s JSON output\' completions\\t\'Shell completion script on stdout\' sql\\t\'Print SQL for Athena, Spark or DuckDB that computes the same result as `inventory`\' help\\t\'Print this message or the help of the given subcommand(s)\''
complete -c replaudit -n '__replaudit_in \'\'' -l profile -x -a '(__replaudit_aws profiles)' -d 'Profile in the AWS configuration files'
complete -c replaudit -n '__replaudit_in \'\'' -l region -x -a '(__replaudit_aws regions)' -d 'Region for the first request; the Region of each bucket is then looked up'
complete -c replaudit -n '__replaudit_in \'\'' -l endpoint-url -x -d 'URL of the server. It counts as a server other than AWS, even if it is a VPC endpoint of AWS. A user and password in the URL are not sent'
complete -c replaudit -n '__replaudit_in \'\'' -l ca-bundle -r -F -d 'PEM file with the CA certificates to trust'
complete -c replaudit -n '__replaudit_in \'\'' -l no-sign-request -d 'Send unsigned requests, without credentials'
complete -c replaudit -n '__replaudit_in \'\'' -l addressing-style -x -a 'auto path virtual' -d 'S3 URL style; auto: path style for a custom endpoint, virtual-hosted style otherwise'
complete -c replaudit -n '__replaudit_in \'\'' -l request-payer -x -a 'requester' -d 'Confirm that the requester pays for the requests'
complete -c replaudit -n '__replaudit_in \'\'' -l expected-bucket-owner -x -d 'Account ID of the expected bucket owner; S3 refuses buckets of other accounts'
complete -c replaudit -n '__replaudit_in \'\'' -l concurrency -x -d 'Maximum number of requests in flight'
complete -c replaudit -n '__replaudit_in \'\'' -l max-attempts -x -d 'Maximum number of attempts for each read request, including the first'
complete -c replaudit -n '__replaudit_in \'\'' -l connect-timeout -x -d 'Timeout for making a connection'
complete -c replaudit -n '__replaudit_in \'\'' -l read-timeout -x -d 'Maximum time to wait for a response, or for the first byte of the data of an object'
complete -c replaudit -n '__replaudit_in \'\'' -s o -l output -x -a 'table\\t\'for people\' json\\t\'one document\' ndjson\\t\'one JSON object per line\' csv\\t\'with a header row\' markdown\\t\'for job summaries and pull requests\' prometheus\\t\'inventory, reconcile and doctor only: for a textfile collector\' html\\t\'inventory and reconcile only: one page with charts\' github\\t\'annotations and the job summary of GitHub Actions\' junit\\t\'XML for the test reports of CI systems\'' -d 'Format of standard output'
complete -c replaudit -n '__replaudit_in \'\'' -l write -x -a '(__replaudit_word_and_file table= json= ndjson= csv= markdown= prometheus= html= github= junit=)' -d 'Also write the result to PATH in FORMAT, atomically; repeatable'
complete -c replaudit -n '__replaudit_in \'\'' -l color -x -a 'auto always never' -d 'When to use colors; auto: never with NO_COLOR, otherwise always with CLICOLOR_FORCE, otherwise on a terminal'
complete -c replaudit -n '__replaudit_in \'\'' -l progress -x -a 'auto always never' -d 'When to show progress on stderr; auto: on a terminal; elsewhere, one line each minute with --wait, and nothing without it'
complete -c replaudit -n '__replaudit_in \'\'' -l allow-empty -d 'Exit 0 instead of 2 if there is nothing to check; undo always refuses an empty file'
complete -c replaudit -n '__replaudit_in \'\'' -s q -l quiet -d 'Print only errors; the exit code is the answer. Exceptions: --export - still prints the objects, and --export FOLDER/ still prints the name of the new folder'
complete -c replaudit -n '__replaudit_in \'\'' -s v -l verbose -d 'Print each request to S3 and its reason on stderr; -vv: also the response and its request ID'
complete -c replaudit -n '__replaudit_in \'\'' -s h -l help -d 'Print help (see more with \'--help\')'
complete -c replaudit -n '__replaudit_in \'\'' -s V -l version -d 'Print version'

complete -c replaudit -n '__replaudit_in \'status\'' -l bucket -x -d 'Bucket of the object; needs --key or --recursive'
complete -c replaudit -n '__replaudit_in \'status\'' -l key -x -d 'Key of the object, or with --recursive the prefix; needs --bucket'
complete -c replaudit -n '__replaudit_in \'status\'' -l version-id -x -d 'Version ID of the object; needs exactly one address'
complete -c replaudit -n '__replaudit_in \'status\'' -l from -r -F -d 'Read a list of objects from FILE (-: standard input): lines of s3:// addresses, where blank lines and lines that begin with # are skipped; CSV rows of bucket,key[,version] as in S3 Batch Operations (form-encoded keys, no header); or NDJSON with bucket, key and version_id. A gzipped list is decompressed'
complete -c replaudit -n '__replaudit_in \'status\'' -l recursive -d 'The address is a prefix: select every current object whose key begins with it'
complete -c replaudit -n '__replaudit_in \'status\'' -l all-versions -d 'Select every version of the key, or with --recursive of every key under the prefix'
complete -c replaudit -n '__replaudit_in \'status\'' -l only -x -a '(__replaudit_list replicated pending failed replica not-replicated unknown-status delete-marker not-found denied error in-sync missing differs not-a-replica unknown)' -d 'Show only objects that have one of these verdicts themselves or at a destination; all objects are checked and counted'
complete -c replaudit -n '__replaudit_in \'status\'' -l summary -d 'Show only the totals; all objects are checked'
complete -c replaudit -n '__replaudit_in \'status\'' -l accept-replica -d 'Count a REPLICA as replicated. Without this option, the run exits 1 if an object is a REPLICA, because it may be the last copy'
complete -c replaudit -n '__replaudit_in \'status\'' -l wait -d 'Check pending objects again until each is replicated or failed'
complete -c replaudit -n '__replaudit_in \'status\'' -l wait-through-failed -d 'Also wait for failed objects, for servers that retry (AWS does not); needs --wait'
complete -c replaudit -n '__replaudit_in \'status\'' -l timeout -x -d 'Maximum time to wait for all objects together, such as 90s, 15m or 24h; needs --wait'
complete -c replaudit -n '__replaudit_in \'status\'' -l explain -d 'Read the bucket\'s replication configuration, and explain each status: which rule applies, why there is no status, and what to do next. csv, github and junit do not have the explanation'
complete -c replaudit -n '__replaudit_in \'status\'' -l verify-replica -d 'Verify the replicas: HEAD the same version at every destination bucket, and compare'
complete -c replaudit -n '__replaudit_in \'status\'' -l destination -x -d 'Add a destination bucket. Or, for a destination bucket that a rule names, set its endpoint, its profile, or the Region for the first request to it. Repeatable. Only with --verify-replica, or with safe-delete --permanent (not with --trust-status)'
complete -c replaudit -n '__replaudit_in \'status\'' -l profile -x -a '(__replaudit_aws profiles)' -d 'Profile in the AWS configuration files'
complete -c replaudit -n '__replaudit_in \'status\'' -l region -x -a '(__replaudit_aws regions)' -d 'Region for the first request; the Region of each bucket is then looked up'
complete -c replaudit -n '__replaudit_in \'status\'' -l endpoint-url -x -d 'URL of the server. It counts as a server other than AWS, even if it is a VPC endpoint of AWS. A user and password in the URL are not sent'
complete -c replaudit -n '__replaudit_in \'status\'' -l ca-bundle -r -F -d 'PEM file with the CA certificates to trust'
complete -c replaudit -n '__replaudit_in \'status\'' -l no-sign-request -d 'Send unsigned requests, without credentials'
complete -c replaudit -n '__replaudit_in \'status\'' -l addressing-style -x -a 'auto path virtual' -d 'S3 URL style; auto: path style for a custom endpoint, virtual-hosted style otherwise'
complete -c replaudit -n '__replaudit_in \'status\'' -l request-payer -x -a 'requester' -d 'Confirm that the requester pays for the requests'
complete -c replaudit -n '__replaudit_in \'status\'' -l expected-bucket-owner -x -d 'Account ID of the expected bucket owner; S3 refuses buckets of other accounts'
complete -c replaudit -n '__replaudit_in \'status\'' -l concurrency -x -d 'Maximum number of requests in flight'
complete -c replaudit -n '__replaudit_in \'status\'' -l max-attempts -x -d 'Maximum number of attempts for each read request, including the first'
complete -c replaudit -n '__replaudit_in \'status\'' -l connect-timeout -x -d 'Timeout for making a connection'
complete -c replaudit -n '__replaudit_in \'status\'' -l read-timeout -x -d 'Maximum time to wait for a response, or for the first byte of the data of an object'
complete -c replaudit -n '__replaudit_in \'status\'' -s o -l output -x -a 'table\\t\'for people\' json\\t\'one document\' ndjson\\t\'one JSON object per line\' csv\\t\'with a header row\' markdown\\t\'for job summaries and pull requests\' github\\t\'annotations and the job summary of GitHub Actions\' junit\\t\'XML for the test reports of CI systems\'' -d 'Format of standard output'
complete -c replaudit -n '__replaudit_in \'status\'' -l write -x -a '(__replaudit_word_and_file table= json= ndjson= csv= markdown= github= junit=)' -d 'Also write the result to PATH in FORMAT, atomically; repeatable'
complete -c replaudit -n '__replaudit_in \'status\'' -l color -x -a 'auto always never' -d 'When to use colors; auto: never with NO_COLOR, otherwise always with CLICOLOR_FORCE, otherwise on a terminal'
complete -c replaudit -n '__replaudit_in \'status\'' -l progress -x -a 'auto always never' -d 'When to show progress on stderr; auto: on a terminal; elsewhere, one line each minute with --wait, and nothing without it'
complete -c replaudit -n '__replaudit_in \'status\'' -l allow-empty -d 'Exit 0 instead of 2 if there is nothing to check; undo always refuses an empty file'
complete -c replaudit -n '__replaudit_in \'status\'' -s q -l quiet -d 'Print only errors; the exit code is the answer. Exceptions: --export - still prints the objects, and --export FOLDER/ still prints the name of the new folder'
complete -c replaudit -n '__replaudit_in \'status\'' -s v -l verbose -d 'Print each request to S3 and its reason on stderr; -vv: also the response and its request ID'
complete -c replaudit -n '__replaudit_in \'status\'' -s h -l help -d 'Print help (see more with \'--help\')'
complete -c replaudit -n '__replaudit_in \'status\'' -s V -l version -d 'Print version'

complete -c replaudit -n '__replaudit_first \'inventory\'' -F
complete -c replaudit -n '__replaudit_in \'inventory\'' -l bucket -x -d 'Source bucket; without REPORT, its inventory configurations are read to find the newest report; with REPORT, the report must be of this bucket'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l id -x -d 'Name of the inventory configuration of --bucket, if several match'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l prefix -x -d 'Count only keys that begin with P'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l current -d 'Count only latest versions'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l by -x -a 'prefix prefix:2 storage-class encryption age rule' -d 'Also show totals per DIMENSION: prefix[:DEPTH] (up to and including the DEPTH-th slash; 1 by default), storage-class, encryption, age (at the time of the scan), or rule (the ID of the replication rule whose filter matches the key today, or else excluded, no-rule or depends-on-tags); repeatable'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l replication -r -F -d 'Read the rules for --by rule from FILE, as `aws s3api get-bucket-replication` prints them, instead of from the bucket'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l overdue -x -d 'Count pending objects as overdue if they were older than D at the time of the scan'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l max-age -x -d 'Exit 2 if the report is older than D; none: accept any age [default: 72h, or 240h if --bucket finds a weekly configuration]'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l no-verify -d 'Skip the MD5 checks, and accept a report without manifest.checksum or of an unknown version. Sizes and formats are still checked. Exception: with sql, --figures, and --engine athena or spark, replaudit does not check data files and footers'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l data-dir -x -a '(__fish_complete_directories (__replaudit_value) \'\')' -d 'Another folder that contains data files of a local manifest'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l memory -x -d 'Upper limit for buffers and workers, at least 32MiB; with less memory there are fewer workers'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l top -x -d 'Show the N worst groups of each dimension. The order is: failed and overdue objects, not-replicated objects, name'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l since -r -F -d 'Compare with an older report of the same bucket and kind, read with the same filters; if this names a folder or prefix with dated report folders, the newest report there that is older than the audited one is used'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l fail-on -x -a 'failed failed: overdue overdue: not-replicated not-replicated: unknown-status unknown-status: pending pending: replica replica: uncovered uncovered:' -d 'Exit 1 if CLASS (failed, overdue, not-replicated, unknown-status, pending, replica, uncovered) has more than LIMIT objects: N, N% (of the counted object versions), +N (growth since the report of --since) or off; without LIMIT: 0; repeatable, or a list with commas. The default limit of the first four is 0; a limit replaces the default of its own class only. uncovered: no status although the filter of a rule matches the key today (needs --by rule)'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l confirm -d 'Send a HEAD request for every object of the classes that exceed their limits, and count only those that still have the problem. Exits 2 if an object cannot be checked'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l confirm-max -x -d 'Confirm at most N objects; if there are more, no request is sent and the exit code is 2'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l export -r -F -d 'Write the objects of --export-class to FILE, atomically; FILE.csv: a manifest for S3 Batch Operations; FILE.ndjson: every column of the report, unknown columns as text; -: NDJSON on stdout (the result then goes to --write only). With --engine spark or athena: FOLDER/ or s3://BUCKET/PREFIX/, in which the engine makes a new folder of text files, with the lines that FILE.csv would have'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l export-class -x -a '(__replaudit_list failed overdue not-replicated unknown-status pending replica uncovered completed)' -d 'Classes of objects to export'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l verify -d 'Download ORC and Parquet files completely and check their MD5 (verified: md5). Without this option, only their footer and the necessary columns are read. If S3 lists the files (s3:ListBucket) with an ETag equal to their MD5 in the manifest, replaudit reads them only with this ETag, and a changed file is an error (verified: etag). A file that S3 shows to have another MD5 is an error too. Otherwise, only the structure is checked (verified: footer)'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l engine -x -a 'local athena spark' -d 'Who adds up the rows. local: this program; athena, spark: this engine runs statements like those that `replaudit sql` and `reconcile --print-sql` print'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l engine-command -x -d 'The command that runs Spark, for example \'spark-sql --master yarn\'. It is given to sh. Without it, spark-sql is looked up in SPARK_HOME and PATH'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l figures -r -F -d 'Take the sums from FILE (-: stdin) instead of reading the rows. FILE is the result of the statements that `replaudit sql` or `reconcile --print-sql` printed for the same reports and options. Exits 2 if it is not complete'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l athena-workgroup -x -d 'Workgroup of Athena, in the configured Region (--region, AWS_REGION or the profile), or else in the Region of the report (reconcile: of the source report) [default: primary]'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l athena-output -x -d 'Where Athena writes results, such as s3://bucket/prefix/ [default: the location of the workgroup]'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l athena-database -x -d 'Database in which the tables of the run are created and dropped [default: default]'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l athena-max-scan -x -d 'The most that the query may scan. Exits 2 before anything is created if the data files have more bytes than SIZE, and later if the query has scanned more. Athena bills the bytes that it scans'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l profile -x -a '(__replaudit_aws profiles)' -d 'Profile in the AWS configuration files'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l region -x -a '(__replaudit_aws regions)' -d 'Region for the first request; the Region of each bucket is then looked up'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l endpoint-url -x -d 'URL of the server. It counts as a server other than AWS, even if it is a VPC endpoint of AWS. A user and password in the URL are not sent'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l ca-bundle -r -F -d 'PEM file with the CA certificates to trust'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l no-sign-request -d 'Send unsigned requests, without credentials'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l addressing-style -x -a 'auto path virtual' -d 'S3 URL style; auto: path style for a custom endpoint, virtual-hosted style otherwise'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l request-payer -x -a 'requester' -d 'Confirm that the requester pays for the requests'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l expected-bucket-owner -x -d 'Account ID of the expected bucket owner; S3 refuses buckets of other accounts'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l concurrency -x -d 'Maximum number of requests in flight'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l max-attempts -x -d 'Maximum number of attempts for each read request, including the first'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l connect-timeout -x -d 'Timeout for making a connection'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l read-timeout -x -d 'Maximum time to wait for a response, or for the first byte of the data of an object'
complete -c replaudit -n '__replaudit_in \'inventory\'' -s o -l output -x -a 'table\\t\'for people\' json\\t\'one document\' ndjson\\t\'one JSON object per line\' csv\\t\'with a header row\' markdown\\t\'for job summaries and pull requests\' prometheus\\t\'inventory, reconcile and doctor only: for a textfile collector\' html\\t\'inventory and reconcile only: one page with charts\' github\\t\'annotations and the job summary of GitHub Actions\' junit\\t\'XML for the test reports of CI systems\'' -d 'Format of standard output'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l write -x -a '(__replaudit_word_and_file table= json= ndjson= csv= markdown= prometheus= html= github= junit=)' -d 'Also write the result to PATH in FORMAT, atomically; repeatable'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l color -x -a 'auto always never' -d 'When to use colors; auto: never with NO_COLOR, otherwise always with CLICOLOR_FORCE, otherwise on a terminal'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l progress -x -a 'auto always never' -d 'When to show progress on stderr; auto: on a terminal; elsewhere, one line each minute with --wait, and nothing without it'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l allow-empty -d 'Exit 0 instead of 2 if there is nothing to check; undo always refuses an empty file'
complete -c replaudit -n '__replaudit_in \'inventory\'' -s q -l quiet -d 'Print only errors; the exit code is the answer. Exceptions: --export - still prints the objects, and --export FOLDER/ still prints the name of the new folder'
complete -c replaudit -n '__replaudit_in \'inventory\'' -s v -l verbose -d 'Print each request to S3 and its reason on stderr; -vv: also the response and its request ID'
complete -c replaudit -n '__replaudit_in \'inventory\'' -s h -l help -d 'Print help (see more with \'--help\')'
complete -c replaudit -n '__replaudit_in \'inventory\'' -s V -l version -d 'Print version'

complete -c replaudit -n '__replaudit_in \'doctor\'' -l all-buckets -d 'Check every bucket of the account; needs s3:ListAllMyBuckets'
complete -c replaudit -n '__replaudit_in \'doctor\'' -l only -x -a '(__replaudit_list ok warn fail unknown)' -d 'Show only checks in these states; all are made and counted'
complete -c replaudit -n '__replaudit_in \'doctor\'' -l strict -d 'Count warnings as failed (exit code 1)'
complete -c replaudit -n '__replaudit_in \'doctor\'' -l destination -x -d 'Add a destination bucket. Or, for a destination bucket that a rule names, set its endpoint, its profile, or the Region for the first request to it; repeatable'
complete -c replaudit -n '__replaudit_in \'doctor\'' -l profile -x -a '(__replaudit_aws profiles)' -d 'Profile in the AWS configuration files'
complete -c replaudit -n '__replaudit_in \'doctor\'' -l region -x -a '(__replaudit_aws regions)' -d 'Region for the first request; the Region of each bucket is then looked up'
complete -c replaudit -n '__replaudit_in \'doctor\'' -l endpoint-url -x -d 'URL of the server. It counts as a server other than AWS, even if it is a VPC endpoint of AWS. A user and password in the URL are not sent'
complete -c replaudit -n '__replaudit_in \'doctor\'' -l ca-bundle -r -F -d 'PEM file with the CA certificates to trust'
complete -c replaudit -n '__replaudit_in \'doctor\'' -l no-sign-request -d 'Send unsigned requests, without credentials'
complete -c replaudit -n '__replaudit_in \'doctor\'' -l addressing-style -x -a 'auto path virtual' -d 'S3 URL style; auto: path style for a custom endpoint, virtual-hosted style otherwise'
complete -c replaudit -n '__replaudit_in \'doctor\'' -l request-payer -x -a 'requester' -d 'Confirm that the requester pays for the requests'
complete -c replaudit -n '__replaudit_in \'doctor\'' -l expected-bucket-owner -x -d 'Account ID of the expected bucket owner; S3 refuses buckets of other accounts'
complete -c replaudit -n '__replaudit_in \'doctor\'' -l concurrency -x -d 'Maximum number of requests in flight'
complete -c replaudit -n '__replaudit_in \'doctor\'' -l max-attempts -x -d 'Maximum number of attempts for each read request, including the first'
complete -c replaudit -n '__replaudit_in \'doctor\'' -l connect-timeout -x -d 'Timeout for making a connection'
complete -c replaudit -n '__replaudit_in \'doctor\'' -l read-timeout -x -d 'Maximum time to wait for a response, or for the first byte of the data of an object'
complete -c replaudit -n '__replaudit_in \'doctor\'' -s o -l output -x -a 'table\\t\'for people\' json\\t\'one document\' ndjson\\t\'one JSON object per line\' csv\\t\'with a header row\' markdown\\t\'for job summaries and pull requests\' prometheus\\t\'inventory, reconcile and doctor only: for a textfile collector\' github\\t\'annotations and the job summary of GitHub Actions\' junit\\t\'XML for the test reports of CI systems\'' -d 'Format of standard output'
complete -c replaudit -n '__replaudit_in \'doctor\'' -l write -x -a '(__replaudit_word_and_file table= json= ndjson= csv= markdown= prometheus= github= junit=)' -d 'Also write the result to PATH in FORMAT, atomically; repeatable'
complete -c replaudit -n '__replaudit_in \'doctor\'' -l color -x -a 'auto always never' -d 'When to use colors; auto: never with NO_COLOR, otherwise always with CLICOLOR_FORCE, otherwise on a terminal'
complete -c replaudit -n '__replaudit_in \'doctor\'' -l progress -x -a 'auto always never' -d 'When to show progress on stderr; auto: on a terminal; elsewhere, one line each minute with --wait, and nothing without it'
complete -c replaudit -n '__replaudit_in \'doctor\'' -l allow-empty -d 'Exit 0 instead of 2 if there is nothing to check; undo always refuses an empty file'
complete -c replaudit -n '__replaudit_in \'doctor\'' -s q -l quiet -d 'Print only errors; the exit code is the answer. Exceptions: --export - still prints the objects, and --export FOLDER/ still prints the name of the new folder'
complete -c replaudit -n '__replaudit_in \'doctor\'' -s v -l verbose -d 'Print each request to S3 and its reason on stderr; -vv: also the response and its request ID'
complete -c replaudit -n '__replaudit_in \'doctor\'' -s h -l help -d 'Print help (see more with \'--help\')'
complete -c replaudit -n '__replaudit_in \'doctor\'' -s V -l version -d 'Print version'

complete -c replaudit -n '__replaudit_first \'reconcile\'' -F
complete -c replaudit -n '__replaudit_in \'reconcile\'' -l bucket -x -d 'Source bucket; without SOURCE and DESTINATION, the inventory configurations of both buckets are read to find their newest reports; with them, the report SOURCE must be of this bucket'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -l id -x -d 'Name of the inventory configuration of --bucket, if several match'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -l destination -x -d 'Destination bucket, and how it and its report are reached; by default the one that the replication rules of --bucket name'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -l destination-id -x -d 'Name of the inventory configuration of the destination bucket, if several match'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -l prefix -x -d 'Compare only keys that begin with P'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -l grace -x -d 'Judge only objects that were written more than D before the earlier of the two scans'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -l by -x -a 'prefix prefix:2' -d 'Also show judged objects per prefix[:DEPTH] (up to and including the DEPTH-th slash; 1 by default). Reads the source\'s report a second time'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -l top -x -d 'Show the N worst prefixes: most missing, size-differs and not-a-replica, then most unsure, then by name'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -l since -r -F -d 'Compare with an older result: a file that `reconcile -o json` wrote about the same buckets and prefix'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -l max-age -x -d 'Exit 2 if a report is older than D; none: accept any age [default: 72h, or 240h if --bucket finds a weekly configuration]'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -l fail-on -x -a 'missing missing: size-differs size-differs: not-a-replica not-a-replica: unsure unsure: too-new too-new: extra extra:' -d 'Exit 1 if CLASS (missing, size-differs, not-a-replica, unsure, too-new, extra) has more than LIMIT objects: N, N% (of judged objects), +N (growth since the result of --since) or off; without LIMIT: 0; repeatable, or a list with commas. The default limit of the first four is 0; a limit replaces the default of its own class only'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -l confirm -d 'Send HEAD requests to both buckets for every object of the classes that exceed their limits, and count only those whose replica is still not in sync. Exits 2 if an object cannot be checked'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -l confirm-max -x -d 'Confirm at most N objects; if there are more, no request is sent and the exit code is 2'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -l export -r -F -d 'Write the source objects of --export-class to FILE, atomically; FILE.csv: a manifest for S3 Batch Operations; FILE.ndjson: every column of the source\'s report; -: NDJSON on stdout (the result then goes to --write only). With --engine spark or athena: FOLDER/ or s3://BUCKET/PREFIX/, in which the engine makes a new folder of text files, with the lines that FILE.csv would have'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -l export-class -x -a '(__replaudit_list in-sync missing size-differs not-a-replica unsure)' -d 'Classes of objects to export'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -l engine -x -a 'local athena spark' -d 'Who adds up the rows. local: this program; athena, spark: this engine runs statements like those that `replaudit sql` and `reconcile --print-sql` print'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -l engine-command -x -d 'The command that runs Spark, for example \'spark-sql --master yarn\'. It is given to sh. Without it, spark-sql is looked up in SPARK_HOME and PATH'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -l figures -r -F -d 'Take the sums from FILE (-: stdin) instead of reading the rows. FILE is the result of the statements that `replaudit sql` or `reconcile --print-sql` printed for the same reports and options. Exits 2 if it is not complete'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -l athena-workgroup -x -d 'Workgroup of Athena, in the configured Region (--region, AWS_REGION or the profile), or else in the Region of the report (reconcile: of the source report) [default: primary]'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -l athena-output -x -d 'Where Athena writes results, such as s3://bucket/prefix/ [default: the location of the workgroup]'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -l athena-database -x -d 'Database in which the tables of the run are created and dropped [default: default]'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -l athena-max-scan -x -d 'The most that the query may scan. Exits 2 before anything is created if the data files have more bytes than SIZE, and later if the query has scanned more. Athena bills the bytes that it scans'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -l print-sql -d 'Print the statements that compare the reports on the engine of --dialect, and run none of them. Give their result to --figures, which compares it with the limits'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -l dialect -x -a 'athena spark duckdb' -d 'The engine that will run the statements'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -l no-verify -d 'Skip the MD5 checks, and accept reports without manifest.checksum or of an unknown version. Sizes and formats are still checked. Exception: with --figures, --print-sql, and --engine athena or spark, replaudit does not check data files and footers'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -l verify -d 'Download and check whole ORC and Parquet files, as in `inventory`'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -l data-dir -x -a '(__fish_complete_directories (__replaudit_value) \'\')' -d 'Another folder that contains data files of a local manifest'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -l memory -x -d 'Upper limit for buffers and workers, at least 32MiB; rows that do not fit are kept in a file in --temp-dir'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -l temp-dir -x -a '(__fish_complete_directories (__replaudit_value) \'\')' -d 'Folder for rows that do not fit in --memory, at most 48 bytes for each; the file has no name and is gone when the run ends [default: $TMPDIR, or /tmp]'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -l profile -x -a '(__replaudit_aws profiles)' -d 'Profile in the AWS configuration files'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -l region -x -a '(__replaudit_aws regions)' -d 'Region for the first request; the Region of each bucket is then looked up'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -l endpoint-url -x -d 'URL of the server. It counts as a server other than AWS, even if it is a VPC endpoint of AWS. A user and password in the URL are not sent'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -l ca-bundle -r -F -d 'PEM file with the CA certificates to trust'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -l no-sign-request -d 'Send unsigned requests, without credentials'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -l addressing-style -x -a 'auto path virtual' -d 'S3 URL style; auto: path style for a custom endpoint, virtual-hosted style otherwise'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -l request-payer -x -a 'requester' -d 'Confirm that the requester pays for the requests'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -l expected-bucket-owner -x -d 'Account ID of the expected bucket owner; S3 refuses buckets of other accounts'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -l concurrency -x -d 'Maximum number of requests in flight'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -l max-attempts -x -d 'Maximum number of attempts for each read request, including the first'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -l connect-timeout -x -d 'Timeout for making a connection'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -l read-timeout -x -d 'Maximum time to wait for a response, or for the first byte of the data of an object'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -s o -l output -x -a 'table\\t\'for people\' json\\t\'one document\' ndjson\\t\'one JSON object per line\' csv\\t\'with a header row\' markdown\\t\'for job summaries and pull requests\' prometheus\\t\'inventory, reconcile and doctor only: for a textfile collector\' html\\t\'inventory and reconcile only: one page with charts\' github\\t\'annotations and the job summary of GitHub Actions\' junit\\t\'XML for the test reports of CI systems\'' -d 'Format of standard output'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -l write -x -a '(__replaudit_word_and_file table= json= ndjson= csv= markdown= prometheus= html= github= junit=)' -d 'Also write the result to PATH in FORMAT, atomically; repeatable'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -l color -x -a 'auto always never' -d 'When to use colors; auto: never with NO_COLOR, otherwise always with CLICOLOR_FORCE, otherwise on a terminal'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -l progress -x -a 'auto always never' -d 'When to show progress on stderr; auto: on a terminal; elsewhere, one line each minute with --wait, and nothing without it'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -l allow-empty -d 'Exit 0 instead of 2 if there is nothing to check; undo always refuses an empty file'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -s q -l quiet -d 'Print only errors; the exit code is the answer. Exceptions: --export - still prints the objects, and --export FOLDER/ still prints the name of the new folder'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -s v -l verbose -d 'Print each request to S3 and its reason on stderr; -vv: also the response and its request ID'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -s h -l help -d 'Print help (see more with \'--help\')'
complete -c replaudit -n '__replaudit_in \'reconcile\'' -s V -l version -d 'Print version'

complete -c replaudit -n '__replaudit_first \'reasons\'' -F
complete -c replaudit -n '__replaudit_in \'reasons\'' -l depth -x -d 'Show prefixes up to and including the DEPTH-th slash'
complete -c replaudit -n '__replaudit_in \'reasons\'' -l top -x -d 'Show the N prefixes that have the most failed objects'
complete -c replaudit -n '__replaudit_in \'reasons\'' -l job-manifest -x -a 'csv inventory' -d 'The kind of manifest that the job had. It decides what + means in the keys of a completion report. inventory: + is a space; csv: + is a plus sign [default: + is a space; exits 2 if a file has both + and %20 in its keys]'
complete -c replaudit -n '__replaudit_in \'reasons\'' -l role -x -d 'Name or ARN of the replication role in CloudTrail records [default: the sessions that S3 opens for replication]'
complete -c replaudit -n '__replaudit_in \'reasons\'' -l source-bucket -x -d 'The source bucket of the objects in CloudTrail records of a destination, because such records do not name it. Without this option, these objects are counted, and not listed'
complete -c replaudit -n '__replaudit_in \'reasons\'' -l join -r -F -d 'List the lines of FILE, an inventory --export in ndjson, each with its reason (null where the files name none)'
complete -c replaudit -n '__replaudit_in \'reasons\'' -l memory -x -d 'The most memory that --join may use for the failed objects, about 100 bytes for each'
complete -c replaudit -n '__replaudit_in \'reasons\'' -l profile -x -a '(__replaudit_aws profiles)' -d 'Profile in the AWS configuration files'
complete -c replaudit -n '__replaudit_in \'reasons\'' -l region -x -a '(__replaudit_aws regions)' -d 'Region for the first request; the Region of each bucket is then looked up'
complete -c replaudit -n '__replaudit_in \'reasons\'' -l endpoint-url -x -d 'URL of the server. It counts as a server other than AWS, even if it is a VPC endpoint of AWS. A user and password in the URL are not sent'
complete -c replaudit -n '__replaudit_in \'reasons\'' -l ca-bundle -r -F -d 'PEM file with the CA certificates to trust'
complete -c replaudit -n '__replaudit_in \'reasons\'' -l no-sign-request -d 'Send unsigned requests, without credentials'
complete -c replaudit -n '__replaudit_in \'reasons\'' -l addressing-style -x -a 'auto path virtual' -d 'S3 URL style; auto: path style for a custom endpoint, virtual-hosted style otherwise'
complete -c replaudit -n '__replaudit_in \'reasons\'' -l request-payer -x -a 'requester' -d 'Confirm that the requester pays for the requests'
complete -c replaudit -n '__replaudit_in \'reasons\'' -l expected-bucket-owner -x -d 'Account ID of the expected bucket owner; S3 refuses buckets of other accounts'
complete -c replaudit -n '__replaudit_in \'reasons\'' -l concurrency -x -d 'Maximum number of requests in flight'
complete -c replaudit -n '__replaudit_in \'reasons\'' -l max-attempts -x -d 'Maximum number of attempts for each read request, including the first'
complete -c replaudit -n '__replaudit_in \'reasons\'' -l connect-timeout -x -d 'Timeout for making a connection'
complete -c replaudit -n '__replaudit_in \'reasons\'' -l read-timeout -x -d 'Maximum time to wait for a response, or for the first byte of the data of an object'
complete -c replaudit -n '__replaudit_in \'reasons\'' -s o -l output -x -a 'table\\t\'for people\' json\\t\'one document\' ndjson\\t\'one JSON object per line\' csv\\t\'with a header row\' markdown\\t\'for job summaries and pull requests\' github\\t\'annotations and the job summary of GitHub Actions\' junit\\t\'XML for the test reports of CI systems\'' -d 'Format of standard output'
complete -c replaudit -n '__replaudit_in \'reasons\'' -l write -x -a '(__replaudit_word_and_file table= json= ndjson= csv= markdown= github= junit=)' -d 'Also write the result to PATH in FORMAT, atomically; repeatable'
complete -c replaudit -n '__replaudit_in \'reasons\'' -l color -x -a 'auto always never' -d 'When to use colors; auto: never with NO_COLOR, otherwise always with CLICOLOR_FORCE, otherwise on a terminal'
complete -c replaudit -n '__replaudit_in \'reasons\'' -l progress -x -a 'auto always never' -d 'When to show progress on stderr; auto: on a terminal; elsewhere, one line each minute with --wait, and nothing without it'
complete -c replaudit -n '__replaudit_in \'reasons\'' -l allow-empty -d 'Exit 0 instead of 2 if there is nothing to check; undo always refuses an empty file'
complete -c replaudit -n '__replaudit_in \'reasons\'' -s q -l quiet -d 'Print only errors; the exit code is the answer. Exceptions: --export - still prints the objects, and --export FOLDER/ still prints the name of the new folder'
complete -c replaudit -n '__replaudit_in \'reasons\'' -s v -l verbose -d 'Print each request to S3 and its reason on stderr; -vv: also the response and its request ID'
complete -c replaudit -n '__replaudit_in \'reasons\'' -s h -l help -d 'Print help (see more with \'--help\')'
complete -c replaudit -n '__replaudit_in \'reasons\'' -s V -l version -d 'Print version'

complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l bucket -x -d 'Bucket of the object; needs --key or --recursive'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l key -x -d 'Key of the object, or with --recursive the prefix; needs --bucket'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l version-id -x -d 'Version ID of the object; needs exactly one address'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l from -r -F -d 'Read a list of objects from FILE (-: standard input): lines of s3:// addresses, where blank lines and lines that begin with # are skipped; CSV rows of bucket,key[,version] as in S3 Batch Operations (form-encoded keys, no header); or NDJSON with bucket, key and version_id. A gzipped list is decompressed'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l recursive -d 'The address is a prefix: select every current object whose key begins with it'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l all-versions -d 'Select every version of the key, or with --recursive of every key under the prefix'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l permanent -d 'Remove exactly the selected versions, irreversibly; needs --version-id, a list with versions, or --all-versions. Checks the replicas first, as with --verify-replica, unless --trust-status is given'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l trust-status -d 'With --permanent: rely on S3\'s status alone, and check no replica'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l verify-replica -d 'Verify the replicas: HEAD the same version at every destination bucket, and compare'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l destination -x -d 'Add a destination bucket. Or, for a destination bucket that a rule names, set its endpoint, its profile, or the Region for the first request to it. Repeatable. Only with --verify-replica, or with safe-delete --permanent (not with --trust-status)'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l only -x -a '(__replaudit_list version-deleted marker-created would-delete kept already-absent denied failed unknown not-attempted completed pending replica not-replicated unknown-status delete-marker not-found error not-current bucket-not-versioned locked annotations replica-missing replica-differs not-a-replica replica-denied replica-unknown marker-replicates delete-replicates unconditional over-limit not-consented changed-since-check duplicate)' -d 'Show only objects with these outcomes or reasons; all are checked and counted'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l summary -d 'Show only the totals; all objects are checked'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l wait -d 'Check pending objects again until each is replicated or failed, before anything is decided'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l timeout -x -d 'Maximum time to wait for all objects together, such as 90s, 15m or 24h; needs --wait'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l allow-marker-replication -d 'Also hide objects whose delete marker would be replicated: the replica is then hidden too'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l allow-replicated-delete -d 'With --permanent on a server other than AWS: also remove versions whose replica would be deleted too'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l allow-annotation-loss -d 'With --permanent: also remove versions with annotations that are not replicated; they are lost'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l allow-unconditional -d 'Also hide objects on a server that does not support If-Match: a newer upload may be hidden instead of the object that was checked'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -s n -l dry-run -d 'Show what would be done; send no request that could change anything'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -s y -l yes -d 'Skip the confirmation prompt'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l max-delete -x -d 'Refuse the whole plan if it would delete more than N objects'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l whole-bucket -d 'Allow --recursive with an empty prefix: every object of the bucket'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l journal -r -F -d 'Record each delete and its outcome in FILE; run the same command again to resume an interrupted run'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l verify-deleted -x -a 'all sample none' -d 'Check deleted objects again; sample: the first 1,000, then 1 %'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l profile -x -a '(__replaudit_aws profiles)' -d 'Profile in the AWS configuration files'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l region -x -a '(__replaudit_aws regions)' -d 'Region for the first request; the Region of each bucket is then looked up'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l endpoint-url -x -d 'URL of the server. It counts as a server other than AWS, even if it is a VPC endpoint of AWS. A user and password in the URL are not sent'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l ca-bundle -r -F -d 'PEM file with the CA certificates to trust'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l no-sign-request -d 'Send unsigned requests, without credentials'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l addressing-style -x -a 'auto path virtual' -d 'S3 URL style; auto: path style for a custom endpoint, virtual-hosted style otherwise'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l request-payer -x -a 'requester' -d 'Confirm that the requester pays for the requests'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l expected-bucket-owner -x -d 'Account ID of the expected bucket owner; S3 refuses buckets of other accounts'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l concurrency -x -d 'Maximum number of requests in flight'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l max-attempts -x -d 'Maximum number of attempts for each read request, including the first'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l connect-timeout -x -d 'Timeout for making a connection'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l read-timeout -x -d 'Maximum time to wait for a response, or for the first byte of the data of an object'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -s o -l output -x -a 'table\\t\'for people\' json\\t\'one document\' ndjson\\t\'one JSON object per line\' csv\\t\'with a header row\' markdown\\t\'for job summaries and pull requests\' github\\t\'annotations and the job summary of GitHub Actions\' junit\\t\'XML for the test reports of CI systems\'' -d 'Format of standard output'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l write -x -a '(__replaudit_word_and_file table= json= ndjson= csv= markdown= github= junit=)' -d 'Also write the result to PATH in FORMAT, atomically; repeatable'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l color -x -a 'auto always never' -d 'When to use colors; auto: never with NO_COLOR, otherwise always with CLICOLOR_FORCE, otherwise on a terminal'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l progress -x -a 'auto always never' -d 'When to show progress on stderr; auto: on a terminal; elsewhere, one line each minute with --wait, and nothing without it'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l allow-empty -d 'Exit 0 instead of 2 if there is nothing to check; undo always refuses an empty file'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -s q -l quiet -d 'Print only errors; the exit code is the answer. Exceptions: --export - still prints the objects, and --export FOLDER/ still prints the name of the new folder'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -s v -l verbose -d 'Print each request to S3 and its reason on stderr; -vv: also the response and its request ID'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -s h -l help -d 'Print help (see more with \'--help\')'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -s V -l version -d 'Print version'

complete -c replaudit -n '__replaudit_first \'undo\'' -F
complete -c replaudit -n '__replaudit_in \'undo\'' -s n -l dry-run -d 'Show what would be done; send no request that could change anything'
complete -c replaudit -n '__replaudit_in \'undo\'' -s y -l yes -d 'Skip the confirmation prompt'
complete -c replaudit -n '__replaudit_in \'undo\'' -l max-delete -x -d 'Refuse the whole plan if it would remove more than N markers'
complete -c replaudit -n '__replaudit_in \'undo\'' -l journal -r -F -d 'Record each removal and its outcome in FILE; run the same command again to resume an interrupted run'
complete -c replaudit -n '__replaudit_in \'undo\'' -l profile -x -a '(__replaudit_aws profiles)' -d 'Profile in the AWS configuration files'
complete -c replaudit -n '__replaudit_in \'undo\'' -l region -x -a '(__replaudit_aws regions)' -d 'Region for the first request; the Region of each bucket is then looked up'
complete -c replaudit -n '__replaudit_in \'undo\'' -l endpoint-url -x -d 'URL of the server. It counts as a server other than AWS, even if it is a VPC endpoint of AWS. A user and password in the URL are not sent'
complete -c replaudit -n '__replaudit_in \'undo\'' -l ca-bundle -r -F -d 'PEM file with the CA certificates to trust'
complete -c replaudit -n '__replaudit_in \'undo\'' -l no-sign-request -d 'Send unsigned requests, without credentials'
complete -c replaudit -n '__replaudit_in \'undo\'' -l addressing-style -x -a 'auto path virtual' -d 'S3 URL style; auto: path style for a custom endpoint, virtual-hosted style otherwise'
complete -c replaudit -n '__replaudit_in \'undo\'' -l request-payer -x -a 'requester' -d 'Confirm that the requester pays for the requests'
complete -c replaudit -n '__replaudit_in \'undo\'' -l expected-bucket-owner -x -d 'Account ID of the expected bucket owner; S3 refuses buckets of other accounts'
complete -c replaudit -n '__replaudit_in \'undo\'' -l concurrency -x -d 'Maximum number of requests in flight'
complete -c replaudit -n '__replaudit_in \'undo\'' -l max-attempts -x -d 'Maximum number of attempts for each read request, including the first'
complete -c replaudit -n '__replaudit_in \'undo\'' -l connect-timeout -x -d 'Timeout for making a connection'
complete -c replaudit -n '__replaudit_in \'undo\'' -l read-timeout -x -d 'Maximum time to wait for a response, or for the first byte of the data of an object'
complete -c replaudit -n '__replaudit_in \'undo\'' -s o -l output -x -a 'table\\t\'for people\' json\\t\'one document\' ndjson\\t\'one JSON object per line\' csv\\t\'with a header row\' markdown\\t\'for job summaries and pull requests\' github\\t\'annotations and the job summary of GitHub Actions\' junit\\t\'XML for the test reports of CI systems\'' -d 'Format of standard output'
complete -c replaudit -n '__replaudit_in \'undo\'' -l write -x -a '(__replaudit_word_and_file table= json= ndjson= csv= markdown= github= junit=)' -d 'Also write the result to PATH in FORMAT, atomically; repeatable'
complete -c replaudit -n '__replaudit_in \'undo\'' -l color -x -a 'auto always never' -d 'When to use colors; auto: never with NO_COLOR, otherwise always with CLICOLOR_FORCE, otherwise on a terminal'
complete -c replaudit -n '__replaudit_in \'undo\'' -l progress -x -a 'auto always never' -d 'When to show progress on stderr; auto: on a terminal; elsewhere, one line each minute with --wait, and nothing without it'
complete -c replaudit -n '__replaudit_in \'undo\'' -l allow-empty -d 'Exit 0 instead of 2 if there is nothing to check; undo always refuses an empty file'
complete -c replaudit -n '__replaudit_in \'undo\'' -s q -l quiet -d 'Print only errors; the exit code is the answer. Exceptions: --export - still prints the objects, and --export FOLDER/ still prints the name of the new folder'
complete -c replaudit -n '__replaudit_in \'undo\'' -s v -l verbose -d 'Print each request to S3 and its reason on stderr; -vv: also the response and its request ID'
complete -c replaudit -n '__replaudit_in \'undo\'' -s h -l help -d 'Print help (see more with \'--help\')'
complete -c replaudit -n '__replaudit_in \'undo\'' -s V -l version -d 'Print version'

complete -c replaudit -n '__replaudit_first \'schema\'' -a 'status inventory reconcile doctor safe-delete undo reasons'
complete -c replaudit -n '__replaudit_in \'schema\'' -s h -l help -d 'Print help (see more with \'--help\')'
complete -c replaudit -n '__replaudit_in \'schema\'' -s V -l version -d 'Print version'

complete -c replaudit -n '__replaudit_first \'completions\'' -a 'bash zsh fish powershell elvish'
complete -c replaudit -n '__replaudit_in \'completions\'' -s h -l help -d 'Print help (see more with \'--help\')'
complete -c replaudit -n '__replaudit_in \'completions\'' -s V -l version -d 'Print version'

complete -c replaudit -n '__replaudit_first \'sql\'' -F
complete -c replaudit -n '__replaudit_in \'sql\'' -l bucket -x -d 'Source bucket; without REPORT, its inventory configurations are read to find the newest report; with REPORT, the report must be of this bucket'
complete -c replaudit -n '__replaudit_in \'sql\'' -l id -x -d 'Name of the inventory configuration of --bucket, if several match'
complete -c replaudit -n '__replaudit_in \'sql\'' -l prefix -x -d 'Count only keys that begin with P'
complete -c replaudit -n '__replaudit_in \'sql\'' -l current -d 'Count only latest versions'
complete -c replaudit -n '__replaudit_in \'sql\'' -l by -x -a 'prefix prefix:2 storage-class encryption age rule' -d 'Also show totals per DIMENSION: prefix[:DEPTH] (up to and including the DEPTH-th slash; 1 by default), storage-class, encryption, age (at the time of the scan), or rule (the ID of the replication rule whose filter matches the key today, or else excluded, no-rule or depends-on-tags); repeatable'
complete -c replaudit -n '__replaudit_in \'sql\'' -l replication -r -F -d 'Read the rules for --by rule from FILE, as `aws s3api get-bucket-replication` prints them, instead of from the bucket'
complete -c replaudit -n '__replaudit_in \'sql\'' -l overdue -x -d 'Count pending objects as overdue if they were older than D at the time of the scan'
complete -c replaudit -n '__replaudit_in \'sql\'' -l max-age -x -d 'Exit 2 if the report is older than D; none: accept any age [default: 72h, or 240h if --bucket finds a weekly configuration]'
complete -c replaudit -n '__replaudit_in \'sql\'' -l no-verify -d 'Skip the MD5 checks, and accept a report without manifest.checksum or of an unknown version. Sizes and formats are still checked. Exception: with sql, --figures, and --engine athena or spark, replaudit does not check data files and footers'
complete -c replaudit -n '__replaudit_in \'sql\'' -l data-dir -x -a '(__fish_complete_directories (__replaudit_value) \'\')' -d 'Another folder that contains data files of a local manifest'
complete -c replaudit -n '__replaudit_in \'sql\'' -l memory -x -d 'Upper limit for buffers and workers, at least 32MiB; with less memory there are fewer workers'
complete -c replaudit -n '__replaudit_in \'sql\'' -l dialect -x -a 'athena spark duckdb' -d 'The engine that will run the statements'
complete -c replaudit -n '__replaudit_in \'sql\'' -s o -l output -x -a 'table\\t\'for people\'' -d 'Format of standard output: only table is accepted, which prints the statements'
complete -c replaudit -n '__replaudit_in \'sql\'' -l write -x -a '(__replaudit_word_and_file table=)' -d 'Also write the statements to PATH, as table=PATH, atomically'
complete -c replaudit -n '__replaudit_in \'sql\'' -l profile -x -a '(__replaudit_aws profiles)' -d 'Profile in the AWS configuration files'
complete -c replaudit -n '__replaudit_in \'sql\'' -l region -x -a '(__replaudit_aws regions)' -d 'Region for the first request; the Region of each bucket is then looked up'
complete -c replaudit -n '__replaudit_in \'sql\'' -l endpoint-url -x -d 'URL of the server. It counts as a server other than AWS, even if it is a VPC endpoint of AWS. A user and password in the URL are not sent'
complete -c replaudit -n '__replaudit_in \'sql\'' -l ca-bundle -r -F -d 'PEM file with the CA certificates to trust'
complete -c replaudit -n '__replaudit_in \'sql\'' -l no-sign-request -d 'Send unsigned requests, without credentials'
complete -c replaudit -n '__replaudit_in \'sql\'' -l addressing-style -x -a 'auto path virtual' -d 'S3 URL style; auto: path style for a custom endpoint, virtual-hosted style otherwise'
complete -c replaudit -n '__replaudit_in \'sql\'' -l request-payer -x -a 'requester' -d 'Confirm that the requester pays for the requests'
complete -c replaudit -n '__replaudit_in \'sql\'' -l expected-bucket-owner -x -d 'Account ID of the expected bucket owner; S3 refuses buckets of other accounts'
complete -c replaudit -n '__replaudit_in \'sql\'' -l concurrency -x -d 'Maximum number of requests in flight'
complete -c replaudit -n '__replaudit_in \'sql\'' -l max-attempts -x -d 'Maximum number of attempts for each read request, including the first'
complete -c replaudit -n '__replaudit_in \'sql\'' -l connect-timeout -x -d 'Timeout for making a connection'
complete -c replaudit -n '__replaudit_in \'sql\'' -l read-timeout -x -d 'Maximum time to wait for a response, or for the first byte of the data of an object'
complete -c replaudit -n '__replaudit_in \'sql\'' -l color -x -a 'auto always never' -d 'When to use colors; auto: never with NO_COLOR, otherwise always with CLICOLOR_FORCE, otherwise on a terminal'
complete -c replaudit -n '__replaudit_in \'sql\'' -l progress -x -a 'auto always never' -d 'When to show progress on stderr; auto: on a terminal; elsewhere, one line each minute with --wait, and nothing without it'
complete -c replaudit -n '__replaudit_in \'sql\'' -l allow-empty -d 'Exit 0 instead of 2 if there is nothing to check; undo always refuses an empty file'
complete -c replaudit -n '__replaudit_in \'sql\'' -s q -l quiet -d 'Print only errors; the exit code is the answer. Exceptions: --export - still prints the objects, and --export FOLDER/ still prints the name of the new folder'
complete -c replaudit -n '__replaudit_in \'sql\'' -s v -l verbose -d 'Print each request to S3 and its reason on stderr; -vv: also the response and its request ID'
complete -c replaudit -n '__replaudit_in \'sql\'' -s h -l help -d 'Print help (see more with \'--help\')'
complete -c replaudit -n '__replaudit_in \'sql\'' -s V -l version -d 'Print version'

complete -c replaudit -n '__replaudit_first \'help\'' -a 'status\\t\'Replication status of objects\' inventory\\t\'Status of a whole bucket from its S3 Inventory report\' doctor\\t\'Check the set-up of replication, reports and permissions\' reconcile\\t\'Compare two inventories: is every replica really there?\' reasons\\t\'Why replication failed, from S3\\\'s own reports and events\' safe-delete\\t\'Delete objects, but only if they are replicated\' undo\\t\'Remove the delete markers that a safe-delete created\' schema\\t\'JSON Schema of a command\\\'s JSON output\' completions\\t\'Shell completion script on stdout\' sql\\t\'Print SQL for Athena, Spark or DuckDB that computes the same result as `inventory`\' help\\t\'Print this message or the help of the given subcommand(s)\''
