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
        else if contains -- $word --profile --region --endpoint-url --ca-bundle --addressing-style --request-payer --expected-bucket-owner --concurrency --max-attempts --connect-timeout --read-timeout -o --output --write --color --progress --bucket --key --version-id --from --only --timeout --destination --id --prefix --by --top --since --overdue --max-age --fail-on --confirm-max --export --export-class --data-dir --memory --max-delete --journal --verify-deleted; or string match -qr -- '^-[^-o]+[o]$' $word
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

complete -c replaudit -n '__replaudit_first \'\'' -a 'status\\t\'Replication status of objects\' inventory\\t\'Status of a whole bucket from its S3 Inventory report\' safe-delete\\t\'Delete objects, each only if it is proven replicated\' undo\\t\'Remove the delete markers that a safe-delete created\' schema\\t\'JSON Schema of a command\\\'s json output\' completions\\t\'Shell completion script on stdout\' help\\t\'Print this message or the help of the given subcommand(s)\''
complete -c replaudit -n '__replaudit_in \'\'' -l profile -x -a '(__replaudit_aws profiles)' -d 'Profile of the AWS configuration files'
complete -c replaudit -n '__replaudit_in \'\'' -l region -x -a '(__replaudit_aws regions)' -d 'Region to start from; each bucket\'s own is found from there'
complete -c replaudit -n '__replaudit_in \'\'' -l endpoint-url -x -d 'A server other than AWS; a user and password in the URL are not sent'
complete -c replaudit -n '__replaudit_in \'\'' -l ca-bundle -r -F -d 'PEM file with the certificates to trust'
complete -c replaudit -n '__replaudit_in \'\'' -l no-sign-request -d 'Send unsigned requests and look for no credentials'
complete -c replaudit -n '__replaudit_in \'\'' -l addressing-style -x -a 'auto path virtual' -d 'How buckets stand in addresses; auto: path style for a custom endpoint, virtual otherwise'
complete -c replaudit -n '__replaudit_in \'\'' -l request-payer -x -a 'requester' -d 'Confirm that the requester pays'
complete -c replaudit -n '__replaudit_in \'\'' -l expected-bucket-owner -x -d 'Refuse buckets of any other account'
complete -c replaudit -n '__replaudit_in \'\'' -l concurrency -x -d 'Requests in flight'
complete -c replaudit -n '__replaudit_in \'\'' -l max-attempts -x -d 'Attempts of one read, the first included'
complete -c replaudit -n '__replaudit_in \'\'' -l connect-timeout -x -d 'Deadline of making a connection'
complete -c replaudit -n '__replaudit_in \'\'' -l read-timeout -x -d 'Deadline of a whole answer, and of the first byte of an object\'s data'
complete -c replaudit -n '__replaudit_in \'\'' -s o -l output -x -a 'table\\t\'for people\' json\\t\'one document\' ndjson\\t\'one JSON object a line\' csv\\t\'with a header row\' markdown\\t\'for job summaries and pull requests\' prometheus\\t\'inventory only: for a textfile collector\' html\\t\'inventory only: one page with charts\'' -d 'What stdout carries'
complete -c replaudit -n '__replaudit_in \'\'' -l write -x -a '(__replaudit_word_and_file table= json= ndjson= csv= markdown= prometheus= html=)' -d 'Also write the result in FORMAT to PATH, whole or not at all; repeatable'
complete -c replaudit -n '__replaudit_in \'\'' -l color -x -a 'auto always never' -d 'Colours; auto: on a terminal, NO_COLOR and CLICOLOR_FORCE are honoured'
complete -c replaudit -n '__replaudit_in \'\'' -l progress -x -a 'auto always never' -d 'Progress on stderr; auto: on a terminal'
complete -c replaudit -n '__replaudit_in \'\'' -l allow-empty -d 'Nothing to ask about is 0 instead of 2'
complete -c replaudit -n '__replaudit_in \'\'' -s q -l quiet -d 'Nothing but errors: the exit code is the answer'
complete -c replaudit -n '__replaudit_in \'\'' -s v -l verbose -d 'Say on stderr what is asked of S3 and why; twice: also what it answered, with request ids'
complete -c replaudit -n '__replaudit_in \'\'' -s h -l help -d 'Print help (see more with \'--help\')'
complete -c replaudit -n '__replaudit_in \'\'' -s V -l version -d 'Print version'

complete -c replaudit -n '__replaudit_in \'status\'' -l bucket -x -d 'The bucket, with --key'
complete -c replaudit -n '__replaudit_in \'status\'' -l key -x -d 'The key, with --bucket; with --recursive the prefix'
complete -c replaudit -n '__replaudit_in \'status\'' -l version-id -x -d 'The version, with exactly one address'
complete -c replaudit -n '__replaudit_in \'status\'' -l from -r -F -d 'A list of objects, - for standard input: s3:// addresses, CSV rows of bucket,key[,version] as S3 Batch Operations has them (keys form-encoded, no header), or NDJSON with bucket, key and version_id'
complete -c replaudit -n '__replaudit_in \'status\'' -l recursive -d 'The address is a prefix, literally: every current object whose key begins so'
complete -c replaudit -n '__replaudit_in \'status\'' -l all-versions -d 'Every version of the key, or with --recursive of every key under the prefix'
complete -c replaudit -n '__replaudit_in \'status\'' -l only -x -a '(__replaudit_list replicated pending failed replica not-replicated unknown-status delete-marker not-found denied error in-sync missing differs not-a-replica unknown)' -d 'Show only objects with these verdicts, their own or a destination\'s; all are checked and counted'
complete -c replaudit -n '__replaudit_in \'status\'' -l summary -d 'Show only the totals; all objects are checked'
complete -c replaudit -n '__replaudit_in \'status\'' -l accept-replica -d 'Count REPLICA as replicated; otherwise it exits 1, because this is the copy and may be the last one'
complete -c replaudit -n '__replaudit_in \'status\'' -l wait -d 'Check pending objects again until each is replicated or failed'
complete -c replaudit -n '__replaudit_in \'status\'' -l wait-through-failed -d 'With --wait: keep waiting for failed objects too, for servers that retry by themselves (AWS does not)'
complete -c replaudit -n '__replaudit_in \'status\'' -l timeout -x -d 'Wait no longer than this in all'
complete -c replaudit -n '__replaudit_in \'status\'' -l explain -d 'Read the bucket\'s replication configuration too, and say why: which rule applies, why there is no status, what to do next'
complete -c replaudit -n '__replaudit_in \'status\'' -l verify-replica -d 'Look at the replicas: HEAD the same version at every destination, and compare'
complete -c replaudit -n '__replaudit_in \'status\'' -l destination -x -d 'With --verify-replica: a further destination, or where one is that a rule names; repeatable'
complete -c replaudit -n '__replaudit_in \'status\'' -l profile -x -a '(__replaudit_aws profiles)' -d 'Profile of the AWS configuration files'
complete -c replaudit -n '__replaudit_in \'status\'' -l region -x -a '(__replaudit_aws regions)' -d 'Region to start from; each bucket\'s own is found from there'
complete -c replaudit -n '__replaudit_in \'status\'' -l endpoint-url -x -d 'A server other than AWS; a user and password in the URL are not sent'
complete -c replaudit -n '__replaudit_in \'status\'' -l ca-bundle -r -F -d 'PEM file with the certificates to trust'
complete -c replaudit -n '__replaudit_in \'status\'' -l no-sign-request -d 'Send unsigned requests and look for no credentials'
complete -c replaudit -n '__replaudit_in \'status\'' -l addressing-style -x -a 'auto path virtual' -d 'How buckets stand in addresses; auto: path style for a custom endpoint, virtual otherwise'
complete -c replaudit -n '__replaudit_in \'status\'' -l request-payer -x -a 'requester' -d 'Confirm that the requester pays'
complete -c replaudit -n '__replaudit_in \'status\'' -l expected-bucket-owner -x -d 'Refuse buckets of any other account'
complete -c replaudit -n '__replaudit_in \'status\'' -l concurrency -x -d 'Requests in flight'
complete -c replaudit -n '__replaudit_in \'status\'' -l max-attempts -x -d 'Attempts of one read, the first included'
complete -c replaudit -n '__replaudit_in \'status\'' -l connect-timeout -x -d 'Deadline of making a connection'
complete -c replaudit -n '__replaudit_in \'status\'' -l read-timeout -x -d 'Deadline of a whole answer, and of the first byte of an object\'s data'
complete -c replaudit -n '__replaudit_in \'status\'' -s o -l output -x -a 'table\\t\'for people\' json\\t\'one document\' ndjson\\t\'one JSON object a line\' csv\\t\'with a header row\' markdown\\t\'for job summaries and pull requests\'' -d 'What stdout carries'
complete -c replaudit -n '__replaudit_in \'status\'' -l write -x -a '(__replaudit_word_and_file table= json= ndjson= csv= markdown=)' -d 'Also write the result in FORMAT to PATH, whole or not at all; repeatable'
complete -c replaudit -n '__replaudit_in \'status\'' -l color -x -a 'auto always never' -d 'Colours; auto: on a terminal, NO_COLOR and CLICOLOR_FORCE are honoured'
complete -c replaudit -n '__replaudit_in \'status\'' -l progress -x -a 'auto always never' -d 'Progress on stderr; auto: on a terminal'
complete -c replaudit -n '__replaudit_in \'status\'' -l allow-empty -d 'Nothing to ask about is 0 instead of 2'
complete -c replaudit -n '__replaudit_in \'status\'' -s q -l quiet -d 'Nothing but errors: the exit code is the answer'
complete -c replaudit -n '__replaudit_in \'status\'' -s v -l verbose -d 'Say on stderr what is asked of S3 and why; twice: also what it answered, with request ids'
complete -c replaudit -n '__replaudit_in \'status\'' -s h -l help -d 'Print help (see more with \'--help\')'
complete -c replaudit -n '__replaudit_in \'status\'' -s V -l version -d 'Print version'

complete -c replaudit -n '__replaudit_first \'inventory\'' -F
complete -c replaudit -n '__replaudit_in \'inventory\'' -l bucket -x -d 'The bucket that the report must be about; without REPORT its inventory configurations say where the newest is'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l id -x -d 'Which inventory configuration of --bucket, where several fit'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l prefix -x -d 'Only keys that begin with P'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l current -d 'Only latest versions'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l by -x -a 'prefix prefix:2 storage-class encryption age' -d 'Also sums per DIMENSION: prefix[:DEPTH] (up to and with the DEPTH-th slash; 1), storage-class, encryption, or age (at the time of the scan); repeatable'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l top -x -d 'Show the N worst of each dimension: most failed and overdue, then most not-replicated, then by name'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l since -r -F -d 'Compare with an older report of the same bucket and kind, read with the same filters: REPORT as above; of dated folders the newest one that is older'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l overdue -x -d 'Pending for longer than D at the time of the scan is overdue'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l max-age -x -d 'Refuse a report that is older than D; none: take any [default: 72h, 240h where the configuration is weekly]'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l fail-on -x -a 'failed failed: overdue overdue: not-replicated not-replicated: unknown-status unknown-status: pending pending: replica replica:' -d 'Fail when CLASS (failed, overdue, not-replicated, unknown-status, pending, replica) has more than LIMIT objects: N, N%, +N (growth since the report of --since) or off; repeatable. By default the first four, each 0; an option replaces the default of its class only'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l confirm -d 'Ask S3 with HEAD about every object of the classes that exceed their limits: only those that are still so count. An object that can\'t be checked is 2'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l confirm-max -x -d 'Confirm N objects at most; more are 2, and nothing is asked'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l export -r -F -d 'Write the objects behind the numbers to FILE, whole or not at all; FILE.csv: a manifest for S3 Batch Operations, FILE.ndjson: every column of the report, those that are not known as text, -: that on stdout (the result then goes to --write only)'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l export-class -x -a '(__replaudit_list failed overdue not-replicated unknown-status pending replica completed)' -d 'Which objects to export'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l no-verify -d 'Skip the MD5 checks; sizes and the formats\' own integrity still hold'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l verify -d 'Fetch and check ORC and Parquet files whole (verified: md5). Otherwise only their footer and the columns that are needed are read: on condition of their ETag where one listing (s3:ListBucket) shows that it is the manifest\'s MD5checksum (verified: etag), else with a check of their structure alone (verified: footer)'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l data-dir -x -a '(__fish_complete_directories (__replaudit_value) \'\')' -d 'Where else the data files of a local manifest may lie'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l memory -x -d 'The cap for buffers and workers, 32MiB at least; with less there are fewer workers'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l profile -x -a '(__replaudit_aws profiles)' -d 'Profile of the AWS configuration files'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l region -x -a '(__replaudit_aws regions)' -d 'Region to start from; each bucket\'s own is found from there'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l endpoint-url -x -d 'A server other than AWS; a user and password in the URL are not sent'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l ca-bundle -r -F -d 'PEM file with the certificates to trust'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l no-sign-request -d 'Send unsigned requests and look for no credentials'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l addressing-style -x -a 'auto path virtual' -d 'How buckets stand in addresses; auto: path style for a custom endpoint, virtual otherwise'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l request-payer -x -a 'requester' -d 'Confirm that the requester pays'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l expected-bucket-owner -x -d 'Refuse buckets of any other account'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l concurrency -x -d 'Requests in flight'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l max-attempts -x -d 'Attempts of one read, the first included'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l connect-timeout -x -d 'Deadline of making a connection'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l read-timeout -x -d 'Deadline of a whole answer, and of the first byte of an object\'s data'
complete -c replaudit -n '__replaudit_in \'inventory\'' -s o -l output -x -a 'table\\t\'for people\' json\\t\'one document\' ndjson\\t\'one JSON object a line\' csv\\t\'with a header row\' markdown\\t\'for job summaries and pull requests\' prometheus\\t\'inventory only: for a textfile collector\' html\\t\'inventory only: one page with charts\'' -d 'What stdout carries'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l write -x -a '(__replaudit_word_and_file table= json= ndjson= csv= markdown= prometheus= html=)' -d 'Also write the result in FORMAT to PATH, whole or not at all; repeatable'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l color -x -a 'auto always never' -d 'Colours; auto: on a terminal, NO_COLOR and CLICOLOR_FORCE are honoured'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l progress -x -a 'auto always never' -d 'Progress on stderr; auto: on a terminal'
complete -c replaudit -n '__replaudit_in \'inventory\'' -l allow-empty -d 'Nothing to ask about is 0 instead of 2'
complete -c replaudit -n '__replaudit_in \'inventory\'' -s q -l quiet -d 'Nothing but errors: the exit code is the answer'
complete -c replaudit -n '__replaudit_in \'inventory\'' -s v -l verbose -d 'Say on stderr what is asked of S3 and why; twice: also what it answered, with request ids'
complete -c replaudit -n '__replaudit_in \'inventory\'' -s h -l help -d 'Print help (see more with \'--help\')'
complete -c replaudit -n '__replaudit_in \'inventory\'' -s V -l version -d 'Print version'

complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l bucket -x -d 'The bucket, with --key'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l key -x -d 'The key, with --bucket; with --recursive the prefix'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l version-id -x -d 'The version, with exactly one address'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l from -r -F -d 'A list of objects, - for standard input: s3:// addresses, CSV rows of bucket,key[,version] as S3 Batch Operations has them (keys form-encoded, no header), or NDJSON with bucket, key and version_id'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l recursive -d 'The address is a prefix, literally: every current object whose key begins so'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l all-versions -d 'Every version of the key, or with --recursive of every key under the prefix'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l permanent -d 'Remove exactly the named versions, irreversibly; needs --version-id, a list with versions, or --all-versions, and checks the replicas first (--verify-replica)'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l trust-status -d 'With --permanent: rely on S3\'s status alone, and check no replica'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l verify-replica -d 'Look at the replicas: HEAD the same version at every destination, and compare'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l destination -x -d 'With --verify-replica: a further destination, or where one is that a rule names; repeatable'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l only -x -a '(__replaudit_list version-deleted marker-created would-delete kept already-absent denied failed unknown not-attempted completed pending replica not-replicated unknown-status delete-marker not-found error not-current bucket-not-versioned locked annotations replica-missing replica-differs not-a-replica replica-denied replica-unknown marker-replicates delete-replicates unconditional over-limit not-consented changed-since-check duplicate)' -d 'Show only objects with these outcomes or reasons; all are checked and counted'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l summary -d 'Show only the totals; all objects are checked'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l wait -d 'Check pending objects again until each is replicated or failed, before anything is decided'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l timeout -x -d 'Wait no longer than this in all'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l allow-marker-replication -d 'Also hide objects whose delete marker would be replicated, so that the replica is hidden too'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l allow-replicated-delete -d 'With --permanent on a server other than AWS: also remove versions whose replica would be deleted too'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l allow-annotation-loss -d 'With --permanent: also remove versions with annotations that are not replicated; they are lost'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l allow-unconditional -d 'Also hide objects on a server that does not honour If-Match: a newer upload may be hidden instead of the object that was checked'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -s n -l dry-run -d 'Decide and show; send no request that could change anything'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -s y -l yes -d 'Skip the confirmation prompt'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l max-delete -x -d 'Refuse the whole plan if it would delete more than N objects'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l whole-bucket -d 'Allow --recursive with an empty prefix: every object of the bucket'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l journal -r -F -d 'Append each intent and outcome to FILE; run the same command again to resume an interrupted run'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l verify-deleted -x -a 'all sample none' -d 'Check deleted objects again; sample: the first 1,000, then 1 %'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l profile -x -a '(__replaudit_aws profiles)' -d 'Profile of the AWS configuration files'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l region -x -a '(__replaudit_aws regions)' -d 'Region to start from; each bucket\'s own is found from there'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l endpoint-url -x -d 'A server other than AWS; a user and password in the URL are not sent'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l ca-bundle -r -F -d 'PEM file with the certificates to trust'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l no-sign-request -d 'Send unsigned requests and look for no credentials'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l addressing-style -x -a 'auto path virtual' -d 'How buckets stand in addresses; auto: path style for a custom endpoint, virtual otherwise'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l request-payer -x -a 'requester' -d 'Confirm that the requester pays'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l expected-bucket-owner -x -d 'Refuse buckets of any other account'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l concurrency -x -d 'Requests in flight'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l max-attempts -x -d 'Attempts of one read, the first included'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l connect-timeout -x -d 'Deadline of making a connection'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l read-timeout -x -d 'Deadline of a whole answer, and of the first byte of an object\'s data'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -s o -l output -x -a 'table\\t\'for people\' json\\t\'one document\' ndjson\\t\'one JSON object a line\' csv\\t\'with a header row\' markdown\\t\'for job summaries and pull requests\'' -d 'What stdout carries'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l write -x -a '(__replaudit_word_and_file table= json= ndjson= csv= markdown=)' -d 'Also write the result in FORMAT to PATH, whole or not at all; repeatable'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l color -x -a 'auto always never' -d 'Colours; auto: on a terminal, NO_COLOR and CLICOLOR_FORCE are honoured'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l progress -x -a 'auto always never' -d 'Progress on stderr; auto: on a terminal'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -l allow-empty -d 'Nothing to ask about is 0 instead of 2'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -s q -l quiet -d 'Nothing but errors: the exit code is the answer'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -s v -l verbose -d 'Say on stderr what is asked of S3 and why; twice: also what it answered, with request ids'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -s h -l help -d 'Print help (see more with \'--help\')'
complete -c replaudit -n '__replaudit_in \'safe-delete\'' -s V -l version -d 'Print version'

complete -c replaudit -n '__replaudit_first \'undo\'' -F
complete -c replaudit -n '__replaudit_in \'undo\'' -s n -l dry-run -d 'Decide and show; send no request that could change anything'
complete -c replaudit -n '__replaudit_in \'undo\'' -s y -l yes -d 'Skip the confirmation prompt'
complete -c replaudit -n '__replaudit_in \'undo\'' -l max-delete -x -d 'Refuse the whole plan if it would remove more than N markers'
complete -c replaudit -n '__replaudit_in \'undo\'' -l journal -r -F -d 'Append each intent and outcome to FILE; run the same command again to resume an interrupted run'
complete -c replaudit -n '__replaudit_in \'undo\'' -l profile -x -a '(__replaudit_aws profiles)' -d 'Profile of the AWS configuration files'
complete -c replaudit -n '__replaudit_in \'undo\'' -l region -x -a '(__replaudit_aws regions)' -d 'Region to start from; each bucket\'s own is found from there'
complete -c replaudit -n '__replaudit_in \'undo\'' -l endpoint-url -x -d 'A server other than AWS; a user and password in the URL are not sent'
complete -c replaudit -n '__replaudit_in \'undo\'' -l ca-bundle -r -F -d 'PEM file with the certificates to trust'
complete -c replaudit -n '__replaudit_in \'undo\'' -l no-sign-request -d 'Send unsigned requests and look for no credentials'
complete -c replaudit -n '__replaudit_in \'undo\'' -l addressing-style -x -a 'auto path virtual' -d 'How buckets stand in addresses; auto: path style for a custom endpoint, virtual otherwise'
complete -c replaudit -n '__replaudit_in \'undo\'' -l request-payer -x -a 'requester' -d 'Confirm that the requester pays'
complete -c replaudit -n '__replaudit_in \'undo\'' -l expected-bucket-owner -x -d 'Refuse buckets of any other account'
complete -c replaudit -n '__replaudit_in \'undo\'' -l concurrency -x -d 'Requests in flight'
complete -c replaudit -n '__replaudit_in \'undo\'' -l max-attempts -x -d 'Attempts of one read, the first included'
complete -c replaudit -n '__replaudit_in \'undo\'' -l connect-timeout -x -d 'Deadline of making a connection'
complete -c replaudit -n '__replaudit_in \'undo\'' -l read-timeout -x -d 'Deadline of a whole answer, and of the first byte of an object\'s data'
complete -c replaudit -n '__replaudit_in \'undo\'' -s o -l output -x -a 'table\\t\'for people\' json\\t\'one document\' ndjson\\t\'one JSON object a line\' csv\\t\'with a header row\' markdown\\t\'for job summaries and pull requests\'' -d 'What stdout carries'
complete -c replaudit -n '__replaudit_in \'undo\'' -l write -x -a '(__replaudit_word_and_file table= json= ndjson= csv= markdown=)' -d 'Also write the result in FORMAT to PATH, whole or not at all; repeatable'
complete -c replaudit -n '__replaudit_in \'undo\'' -l color -x -a 'auto always never' -d 'Colours; auto: on a terminal, NO_COLOR and CLICOLOR_FORCE are honoured'
complete -c replaudit -n '__replaudit_in \'undo\'' -l progress -x -a 'auto always never' -d 'Progress on stderr; auto: on a terminal'
complete -c replaudit -n '__replaudit_in \'undo\'' -l allow-empty -d 'Nothing to ask about is 0 instead of 2'
complete -c replaudit -n '__replaudit_in \'undo\'' -s q -l quiet -d 'Nothing but errors: the exit code is the answer'
complete -c replaudit -n '__replaudit_in \'undo\'' -s v -l verbose -d 'Say on stderr what is asked of S3 and why; twice: also what it answered, with request ids'
complete -c replaudit -n '__replaudit_in \'undo\'' -s h -l help -d 'Print help (see more with \'--help\')'
complete -c replaudit -n '__replaudit_in \'undo\'' -s V -l version -d 'Print version'

complete -c replaudit -n '__replaudit_first \'schema\'' -a 'status inventory safe-delete undo'
complete -c replaudit -n '__replaudit_in \'schema\'' -l profile -x -a '(__replaudit_aws profiles)' -d 'Profile of the AWS configuration files'
complete -c replaudit -n '__replaudit_in \'schema\'' -l region -x -a '(__replaudit_aws regions)' -d 'Region to start from; each bucket\'s own is found from there'
complete -c replaudit -n '__replaudit_in \'schema\'' -l endpoint-url -x -d 'A server other than AWS; a user and password in the URL are not sent'
complete -c replaudit -n '__replaudit_in \'schema\'' -l ca-bundle -r -F -d 'PEM file with the certificates to trust'
complete -c replaudit -n '__replaudit_in \'schema\'' -l no-sign-request -d 'Send unsigned requests and look for no credentials'
complete -c replaudit -n '__replaudit_in \'schema\'' -l addressing-style -x -a 'auto path virtual' -d 'How buckets stand in addresses; auto: path style for a custom endpoint, virtual otherwise'
complete -c replaudit -n '__replaudit_in \'schema\'' -l request-payer -x -a 'requester' -d 'Confirm that the requester pays'
complete -c replaudit -n '__replaudit_in \'schema\'' -l expected-bucket-owner -x -d 'Refuse buckets of any other account'
complete -c replaudit -n '__replaudit_in \'schema\'' -l concurrency -x -d 'Requests in flight'
complete -c replaudit -n '__replaudit_in \'schema\'' -l max-attempts -x -d 'Attempts of one read, the first included'
complete -c replaudit -n '__replaudit_in \'schema\'' -l connect-timeout -x -d 'Deadline of making a connection'
complete -c replaudit -n '__replaudit_in \'schema\'' -l read-timeout -x -d 'Deadline of a whole answer, and of the first byte of an object\'s data'
complete -c replaudit -n '__replaudit_in \'schema\'' -s o -l output -x -a 'table\\t\'for people\' json\\t\'one document\'' -d 'What stdout carries'
complete -c replaudit -n '__replaudit_in \'schema\'' -l write -x -a '(__replaudit_word_and_file table= json=)' -d 'Also write the result in FORMAT to PATH, whole or not at all; repeatable'
complete -c replaudit -n '__replaudit_in \'schema\'' -l color -x -a 'auto always never' -d 'Colours; auto: on a terminal, NO_COLOR and CLICOLOR_FORCE are honoured'
complete -c replaudit -n '__replaudit_in \'schema\'' -l progress -x -a 'auto always never' -d 'Progress on stderr; auto: on a terminal'
complete -c replaudit -n '__replaudit_in \'schema\'' -l allow-empty -d 'Nothing to ask about is 0 instead of 2'
complete -c replaudit -n '__replaudit_in \'schema\'' -s q -l quiet -d 'Nothing but errors: the exit code is the answer'
complete -c replaudit -n '__replaudit_in \'schema\'' -s v -l verbose -d 'Say on stderr what is asked of S3 and why; twice: also what it answered, with request ids'
complete -c replaudit -n '__replaudit_in \'schema\'' -s h -l help -d 'Print help (see more with \'--help\')'
complete -c replaudit -n '__replaudit_in \'schema\'' -s V -l version -d 'Print version'

complete -c replaudit -n '__replaudit_first \'completions\'' -a 'bash zsh fish powershell elvish'
complete -c replaudit -n '__replaudit_in \'completions\'' -l profile -x -a '(__replaudit_aws profiles)' -d 'Profile of the AWS configuration files'
complete -c replaudit -n '__replaudit_in \'completions\'' -l region -x -a '(__replaudit_aws regions)' -d 'Region to start from; each bucket\'s own is found from there'
complete -c replaudit -n '__replaudit_in \'completions\'' -l endpoint-url -x -d 'A server other than AWS; a user and password in the URL are not sent'
complete -c replaudit -n '__replaudit_in \'completions\'' -l ca-bundle -r -F -d 'PEM file with the certificates to trust'
complete -c replaudit -n '__replaudit_in \'completions\'' -l no-sign-request -d 'Send unsigned requests and look for no credentials'
complete -c replaudit -n '__replaudit_in \'completions\'' -l addressing-style -x -a 'auto path virtual' -d 'How buckets stand in addresses; auto: path style for a custom endpoint, virtual otherwise'
complete -c replaudit -n '__replaudit_in \'completions\'' -l request-payer -x -a 'requester' -d 'Confirm that the requester pays'
complete -c replaudit -n '__replaudit_in \'completions\'' -l expected-bucket-owner -x -d 'Refuse buckets of any other account'
complete -c replaudit -n '__replaudit_in \'completions\'' -l concurrency -x -d 'Requests in flight'
complete -c replaudit -n '__replaudit_in \'completions\'' -l max-attempts -x -d 'Attempts of one read, the first included'
complete -c replaudit -n '__replaudit_in \'completions\'' -l connect-timeout -x -d 'Deadline of making a connection'
complete -c replaudit -n '__replaudit_in \'completions\'' -l read-timeout -x -d 'Deadline of a whole answer, and of the first byte of an object\'s data'
complete -c replaudit -n '__replaudit_in \'completions\'' -s o -l output -x -a 'table\\t\'for people\'' -d 'What stdout carries'
complete -c replaudit -n '__replaudit_in \'completions\'' -l write -x -a '(__replaudit_word_and_file table=)' -d 'Also write the result in FORMAT to PATH, whole or not at all; repeatable'
complete -c replaudit -n '__replaudit_in \'completions\'' -l color -x -a 'auto always never' -d 'Colours; auto: on a terminal, NO_COLOR and CLICOLOR_FORCE are honoured'
complete -c replaudit -n '__replaudit_in \'completions\'' -l progress -x -a 'auto always never' -d 'Progress on stderr; auto: on a terminal'
complete -c replaudit -n '__replaudit_in \'completions\'' -l allow-empty -d 'Nothing to ask about is 0 instead of 2'
complete -c replaudit -n '__replaudit_in \'completions\'' -s q -l quiet -d 'Nothing but errors: the exit code is the answer'
complete -c replaudit -n '__replaudit_in \'completions\'' -s v -l verbose -d 'Say on stderr what is asked of S3 and why; twice: also what it answered, with request ids'
complete -c replaudit -n '__replaudit_in \'completions\'' -s h -l help -d 'Print help (see more with \'--help\')'
complete -c replaudit -n '__replaudit_in \'completions\'' -s V -l version -d 'Print version'

complete -c replaudit -n '__replaudit_first \'help\'' -a 'status\\t\'Replication status of objects\' inventory\\t\'Status of a whole bucket from its S3 Inventory report\' safe-delete\\t\'Delete objects, each only if it is proven replicated\' undo\\t\'Remove the delete markers that a safe-delete created\' schema\\t\'JSON Schema of a command\\\'s json output\' completions\\t\'Shell completion script on stdout\' help\\t\'Print this message or the help of the given subcommand(s)\''
