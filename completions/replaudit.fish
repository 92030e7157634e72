# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_replaudit_global_optspecs
    string join \n profile= region= endpoint-url= ca-bundle= no-sign-request addressing-style= request-payer= expected-bucket-owner= concurrency= max-attempts= connect-timeout= read-timeout= o/output= write= color= progress= allow-empty q/quiet v/verbose h/help V/version
end

function __fish_replaudit_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_replaudit_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_replaudit_using_subcommand
    set -l cmd (__fish_replaudit_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c replaudit -n "__fish_replaudit_needs_command" -l profile -d 'Profile of the AWS configuration files' -r -f
complete -c replaudit -n "__fish_replaudit_needs_command" -l region -d 'Region to start from; each bucket\'s own is found from there' -r -f
complete -c replaudit -n "__fish_replaudit_needs_command" -l endpoint-url -d 'A server other than AWS; a user and password in the URL are not sent' -r -f
complete -c replaudit -n "__fish_replaudit_needs_command" -l ca-bundle -d 'PEM file with the certificates to trust' -r -F
complete -c replaudit -n "__fish_replaudit_needs_command" -l addressing-style -d 'How buckets stand in addresses; auto: path style for a custom endpoint, virtual otherwise' -r -f -a "auto\t''
path\t''
virtual\t''"
complete -c replaudit -n "__fish_replaudit_needs_command" -l request-payer -d 'Confirm that the requester pays' -r -f -a "requester\t''"
complete -c replaudit -n "__fish_replaudit_needs_command" -l expected-bucket-owner -d 'Refuse buckets of any other account' -r
complete -c replaudit -n "__fish_replaudit_needs_command" -l concurrency -d 'Requests in flight' -r
complete -c replaudit -n "__fish_replaudit_needs_command" -l max-attempts -d 'Attempts of one read, the first included' -r
complete -c replaudit -n "__fish_replaudit_needs_command" -l connect-timeout -d 'Deadline of making a connection' -r
complete -c replaudit -n "__fish_replaudit_needs_command" -l read-timeout -d 'Deadline of a whole answer, and of the first byte of an object\'s data' -r
complete -c replaudit -n "__fish_replaudit_needs_command" -s o -l output -d 'What stdout carries' -r -f -a "table\t'for people'
json\t'one document'
ndjson\t'one JSON object a line'
csv\t'with a header row'
markdown\t'for job summaries and pull requests'
prometheus\t'inventory only: for a textfile collector'
html\t'inventory only: one page with charts'"
complete -c replaudit -n "__fish_replaudit_needs_command" -l write -d 'Also write the result in FORMAT to PATH, whole or not at all; repeatable' -r
complete -c replaudit -n "__fish_replaudit_needs_command" -l color -d 'Colours; auto: on a terminal, NO_COLOR and CLICOLOR_FORCE are honoured' -r -f -a "auto\t''
always\t''
never\t''"
complete -c replaudit -n "__fish_replaudit_needs_command" -l progress -d 'Progress on stderr; auto: on a terminal' -r -f -a "auto\t''
always\t''
never\t''"
complete -c replaudit -n "__fish_replaudit_needs_command" -l no-sign-request -d 'Send unsigned requests and look for no credentials'
complete -c replaudit -n "__fish_replaudit_needs_command" -l allow-empty -d 'Nothing to ask about is 0 instead of 2'
complete -c replaudit -n "__fish_replaudit_needs_command" -s q -l quiet -d 'Nothing but errors: the exit code is the answer'
complete -c replaudit -n "__fish_replaudit_needs_command" -s v -l verbose -d 'Say on stderr what is asked of S3 and why; twice: also what it answered, with request ids'
complete -c replaudit -n "__fish_replaudit_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c replaudit -n "__fish_replaudit_needs_command" -s V -l version -d 'Print version'
complete -c replaudit -n "__fish_replaudit_needs_command" -f -a "status" -d 'Replication status of objects'
complete -c replaudit -n "__fish_replaudit_needs_command" -f -a "inventory" -d 'Status of a whole bucket from its S3 Inventory report'
complete -c replaudit -n "__fish_replaudit_needs_command" -f -a "safe-delete" -d 'Delete objects, each only if it is proven replicated'
complete -c replaudit -n "__fish_replaudit_needs_command" -f -a "undo" -d 'Remove the delete markers that a safe-delete created'
complete -c replaudit -n "__fish_replaudit_needs_command" -f -a "schema" -d 'JSON Schema of a command\'s json output'
complete -c replaudit -n "__fish_replaudit_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c replaudit -n "__fish_replaudit_using_subcommand status" -l bucket -d 'The bucket, with --key' -r
complete -c replaudit -n "__fish_replaudit_using_subcommand status" -l key -d 'The key, with --bucket; with --recursive the prefix' -r
complete -c replaudit -n "__fish_replaudit_using_subcommand status" -l version-id -d 'The version, with exactly one address' -r
complete -c replaudit -n "__fish_replaudit_using_subcommand status" -l from -d 'A list of objects, - for standard input: s3:// addresses, CSV rows of bucket,key[,version] as S3 Batch Operations has them (keys form-encoded, no header), or NDJSON with bucket, key and version_id' -r -F
complete -c replaudit -n "__fish_replaudit_using_subcommand status" -l timeout -d 'How long --wait waits in all' -r
complete -c replaudit -n "__fish_replaudit_using_subcommand status" -l destination -d 'With --verify-replica: a further destination, or where one is that a rule names; repeatable' -r
complete -c replaudit -n "__fish_replaudit_using_subcommand status" -l profile -d 'Profile of the AWS configuration files' -r -f
complete -c replaudit -n "__fish_replaudit_using_subcommand status" -l region -d 'Region to start from; each bucket\'s own is found from there' -r -f
complete -c replaudit -n "__fish_replaudit_using_subcommand status" -l endpoint-url -d 'A server other than AWS; a user and password in the URL are not sent' -r -f
complete -c replaudit -n "__fish_replaudit_using_subcommand status" -l ca-bundle -d 'PEM file with the certificates to trust' -r -F
complete -c replaudit -n "__fish_replaudit_using_subcommand status" -l addressing-style -d 'How buckets stand in addresses; auto: path style for a custom endpoint, virtual otherwise' -r -f -a "auto\t''
path\t''
virtual\t''"
complete -c replaudit -n "__fish_replaudit_using_subcommand status" -l request-payer -d 'Confirm that the requester pays' -r -f -a "requester\t''"
complete -c replaudit -n "__fish_replaudit_using_subcommand status" -l expected-bucket-owner -d 'Refuse buckets of any other account' -r
complete -c replaudit -n "__fish_replaudit_using_subcommand status" -l concurrency -d 'Requests in flight' -r
complete -c replaudit -n "__fish_replaudit_using_subcommand status" -l max-attempts -d 'Attempts of one read, the first included' -r
complete -c replaudit -n "__fish_replaudit_using_subcommand status" -l connect-timeout -d 'Deadline of making a connection' -r
complete -c replaudit -n "__fish_replaudit_using_subcommand status" -l read-timeout -d 'Deadline of a whole answer, and of the first byte of an object\'s data' -r
complete -c replaudit -n "__fish_replaudit_using_subcommand status" -s o -l output -d 'What stdout carries' -r -f -a "table\t'for people'
json\t'one document'
ndjson\t'one JSON object a line'
csv\t'with a header row'
markdown\t'for job summaries and pull requests'
prometheus\t'inventory only: for a textfile collector'
html\t'inventory only: one page with charts'"
complete -c replaudit -n "__fish_replaudit_using_subcommand status" -l write -d 'Also write the result in FORMAT to PATH, whole or not at all; repeatable' -r
complete -c replaudit -n "__fish_replaudit_using_subcommand status" -l color -d 'Colours; auto: on a terminal, NO_COLOR and CLICOLOR_FORCE are honoured' -r -f -a "auto\t''
always\t''
never\t''"
complete -c replaudit -n "__fish_replaudit_using_subcommand status" -l progress -d 'Progress on stderr; auto: on a terminal' -r -f -a "auto\t''
always\t''
never\t''"
complete -c replaudit -n "__fish_replaudit_using_subcommand status" -l recursive -d 'The address is a prefix, literally: every current object whose key begins so'
complete -c replaudit -n "__fish_replaudit_using_subcommand status" -l all-versions -d 'Every version of the key, or with --recursive of every key under the prefix'
complete -c replaudit -n "__fish_replaudit_using_subcommand status" -l accept-replica -d 'Count REPLICA as replicated; otherwise it is 1, because this is the copy and may be the last one'
complete -c replaudit -n "__fish_replaudit_using_subcommand status" -l wait -d 'Ask again about pending objects until each is replicated or failed'
complete -c replaudit -n "__fish_replaudit_using_subcommand status" -l wait-through-failed -d 'With --wait: keep waiting for failed objects too, for servers that retry by themselves (AWS does not)'
complete -c replaudit -n "__fish_replaudit_using_subcommand status" -l explain -d 'Read the bucket\'s replication configuration too, and say why: which rule applies, why there is no status, what to do next'
complete -c replaudit -n "__fish_replaudit_using_subcommand status" -l verify-replica -d 'Look at the replicas: HEAD the same version at every destination, and compare'
complete -c replaudit -n "__fish_replaudit_using_subcommand status" -l no-sign-request -d 'Send unsigned requests and look for no credentials'
complete -c replaudit -n "__fish_replaudit_using_subcommand status" -l allow-empty -d 'Nothing to ask about is 0 instead of 2'
complete -c replaudit -n "__fish_replaudit_using_subcommand status" -s q -l quiet -d 'Nothing but errors: the exit code is the answer'
complete -c replaudit -n "__fish_replaudit_using_subcommand status" -s v -l verbose -d 'Say on stderr what is asked of S3 and why; twice: also what it answered, with request ids'
complete -c replaudit -n "__fish_replaudit_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c replaudit -n "__fish_replaudit_using_subcommand status" -s V -l version -d 'Print version'
complete -c replaudit -n "__fish_replaudit_using_subcommand inventory" -l bucket -d 'The bucket that the report must be about; without REPORT its inventory configurations say where the newest is' -r -f
complete -c replaudit -n "__fish_replaudit_using_subcommand inventory" -l id -d 'Which inventory configuration of --bucket, where several fit' -r -f
complete -c replaudit -n "__fish_replaudit_using_subcommand inventory" -l prefix -d 'Only keys that begin with P' -r
complete -c replaudit -n "__fish_replaudit_using_subcommand inventory" -l by -d 'Also sums per DIMENSION: prefix[:DEPTH] (up to and with the DEPTH-th slash; 1), storage-class, encryption, or age (at the time of the scan); repeatable' -r -f
complete -c replaudit -n "__fish_replaudit_using_subcommand inventory" -l top -d 'Show the N worst of each dimension: most failed and overdue, then most not-replicated, then by name' -r
complete -c replaudit -n "__fish_replaudit_using_subcommand inventory" -l since -d 'Compare with an older report of the same bucket and kind, read with the same filters: REPORT as above; of dated folders the newest one that is older' -r -F
complete -c replaudit -n "__fish_replaudit_using_subcommand inventory" -l overdue -d 'Pending for longer than D at the time of the scan is overdue' -r
complete -c replaudit -n "__fish_replaudit_using_subcommand inventory" -l max-age -d 'Refuse a report that is older than D; none: take any [default: 72h, 240h where the configuration is weekly]' -r -f
complete -c replaudit -n "__fish_replaudit_using_subcommand inventory" -l fail-on -d 'Fail when CLASS (failed, overdue, not-replicated, unknown-status, pending, replica) has more than LIMIT objects: N, N%, +N (growth since the report of --since) or off; repeatable. By default the first four, each 0; an option replaces the default of its class only' -r -f
complete -c replaudit -n "__fish_replaudit_using_subcommand inventory" -l confirm-max -d 'Confirm N objects at most; more are 2, and nothing is asked' -r
complete -c replaudit -n "__fish_replaudit_using_subcommand inventory" -l export -d 'Write the objects behind the numbers to FILE, whole or not at all; FILE.csv: a manifest for S3 Batch Operations, FILE.ndjson: every column of the report, those that are not known as text, -: that on stdout (the result then goes to --write only)' -r -F
complete -c replaudit -n "__fish_replaudit_using_subcommand inventory" -l export-class -d 'Which objects to export' -r -f -a "failed\t''
overdue\t''
not-replicated\t''
unknown-status\t''
pending\t''
replica\t''
completed\t''"
complete -c replaudit -n "__fish_replaudit_using_subcommand inventory" -l data-dir -d 'Where else the data files of a local manifest may lie' -r -f -a "(__fish_complete_directories)"
complete -c replaudit -n "__fish_replaudit_using_subcommand inventory" -l memory -d 'The cap for buffers and workers, 32MiB at least; with less there are fewer workers' -r -f
complete -c replaudit -n "__fish_replaudit_using_subcommand inventory" -l profile -d 'Profile of the AWS configuration files' -r -f
complete -c replaudit -n "__fish_replaudit_using_subcommand inventory" -l region -d 'Region to start from; each bucket\'s own is found from there' -r -f
complete -c replaudit -n "__fish_replaudit_using_subcommand inventory" -l endpoint-url -d 'A server other than AWS; a user and password in the URL are not sent' -r -f
complete -c replaudit -n "__fish_replaudit_using_subcommand inventory" -l ca-bundle -d 'PEM file with the certificates to trust' -r -F
complete -c replaudit -n "__fish_replaudit_using_subcommand inventory" -l addressing-style -d 'How buckets stand in addresses; auto: path style for a custom endpoint, virtual otherwise' -r -f -a "auto\t''
path\t''
virtual\t''"
complete -c replaudit -n "__fish_replaudit_using_subcommand inventory" -l request-payer -d 'Confirm that the requester pays' -r -f -a "requester\t''"
complete -c replaudit -n "__fish_replaudit_using_subcommand inventory" -l expected-bucket-owner -d 'Refuse buckets of any other account' -r
complete -c replaudit -n "__fish_replaudit_using_subcommand inventory" -l concurrency -d 'Requests in flight' -r
complete -c replaudit -n "__fish_replaudit_using_subcommand inventory" -l max-attempts -d 'Attempts of one read, the first included' -r
complete -c replaudit -n "__fish_replaudit_using_subcommand inventory" -l connect-timeout -d 'Deadline of making a connection' -r
complete -c replaudit -n "__fish_replaudit_using_subcommand inventory" -l read-timeout -d 'Deadline of a whole answer, and of the first byte of an object\'s data' -r
complete -c replaudit -n "__fish_replaudit_using_subcommand inventory" -s o -l output -d 'What stdout carries' -r -f -a "table\t'for people'
json\t'one document'
ndjson\t'one JSON object a line'
csv\t'with a header row'
markdown\t'for job summaries and pull requests'
prometheus\t'inventory only: for a textfile collector'
html\t'inventory only: one page with charts'"
complete -c replaudit -n "__fish_replaudit_using_subcommand inventory" -l write -d 'Also write the result in FORMAT to PATH, whole or not at all; repeatable' -r
complete -c replaudit -n "__fish_replaudit_using_subcommand inventory" -l color -d 'Colours; auto: on a terminal, NO_COLOR and CLICOLOR_FORCE are honoured' -r -f -a "auto\t''
always\t''
never\t''"
complete -c replaudit -n "__fish_replaudit_using_subcommand inventory" -l progress -d 'Progress on stderr; auto: on a terminal' -r -f -a "auto\t''
always\t''
never\t''"
complete -c replaudit -n "__fish_replaudit_using_subcommand inventory" -l current -d 'Only latest versions'
complete -c replaudit -n "__fish_replaudit_using_subcommand inventory" -l confirm -d 'Ask S3 with HEAD about every object of the classes that exceed their limits: only those that are still so count. An object that can\'t be checked is 2'
complete -c replaudit -n "__fish_replaudit_using_subcommand inventory" -l no-verify -d 'Skip the MD5 checks; sizes and the formats\' own integrity still hold'
complete -c replaudit -n "__fish_replaudit_using_subcommand inventory" -l verify -d 'Fetch and check ORC and Parquet files whole (verified: md5). Otherwise only their footer and the columns that are needed are read: on condition of their ETag where one listing (s3:ListBucket) shows that it is the manifest\'s MD5checksum (verified: etag), else with a check of their structure alone (verified: footer)'
complete -c replaudit -n "__fish_replaudit_using_subcommand inventory" -l no-sign-request -d 'Send unsigned requests and look for no credentials'
complete -c replaudit -n "__fish_replaudit_using_subcommand inventory" -l allow-empty -d 'Nothing to ask about is 0 instead of 2'
complete -c replaudit -n "__fish_replaudit_using_subcommand inventory" -s q -l quiet -d 'Nothing but errors: the exit code is the answer'
complete -c replaudit -n "__fish_replaudit_using_subcommand inventory" -s v -l verbose -d 'Say on stderr what is asked of S3 and why; twice: also what it answered, with request ids'
complete -c replaudit -n "__fish_replaudit_using_subcommand inventory" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c replaudit -n "__fish_replaudit_using_subcommand inventory" -s V -l version -d 'Print version'
complete -c replaudit -n "__fish_replaudit_using_subcommand safe-delete" -l bucket -d 'The bucket, with --key' -r
complete -c replaudit -n "__fish_replaudit_using_subcommand safe-delete" -l key -d 'The key, with --bucket; with --recursive the prefix' -r
complete -c replaudit -n "__fish_replaudit_using_subcommand safe-delete" -l version-id -d 'The version, with exactly one address' -r
complete -c replaudit -n "__fish_replaudit_using_subcommand safe-delete" -l from -d 'A list of objects, - for standard input: s3:// addresses, CSV rows of bucket,key[,version] as S3 Batch Operations has them (keys form-encoded, no header), or NDJSON with bucket, key and version_id' -r -F
complete -c replaudit -n "__fish_replaudit_using_subcommand safe-delete" -l destination -d 'With --verify-replica: a further destination, or where one is that a rule names; repeatable' -r
complete -c replaudit -n "__fish_replaudit_using_subcommand safe-delete" -l timeout -d 'How long to wait at the most' -r
complete -c replaudit -n "__fish_replaudit_using_subcommand safe-delete" -l max-delete -d 'Refuse the whole plan if it would delete more than N' -r
complete -c replaudit -n "__fish_replaudit_using_subcommand safe-delete" -l journal -d 'Write down what is about to be deleted, and what was; given again, an interrupted run is gone on with' -r -F
complete -c replaudit -n "__fish_replaudit_using_subcommand safe-delete" -l verify-deleted -d 'Look again at what was deleted; sample: the first thousand, then one in a hundred' -r -f -a "all\t''
sample\t''
none\t''"
complete -c replaudit -n "__fish_replaudit_using_subcommand safe-delete" -l profile -d 'Profile of the AWS configuration files' -r -f
complete -c replaudit -n "__fish_replaudit_using_subcommand safe-delete" -l region -d 'Region to start from; each bucket\'s own is found from there' -r -f
complete -c replaudit -n "__fish_replaudit_using_subcommand safe-delete" -l endpoint-url -d 'A server other than AWS; a user and password in the URL are not sent' -r -f
complete -c replaudit -n "__fish_replaudit_using_subcommand safe-delete" -l ca-bundle -d 'PEM file with the certificates to trust' -r -F
complete -c replaudit -n "__fish_replaudit_using_subcommand safe-delete" -l addressing-style -d 'How buckets stand in addresses; auto: path style for a custom endpoint, virtual otherwise' -r -f -a "auto\t''
path\t''
virtual\t''"
complete -c replaudit -n "__fish_replaudit_using_subcommand safe-delete" -l request-payer -d 'Confirm that the requester pays' -r -f -a "requester\t''"
complete -c replaudit -n "__fish_replaudit_using_subcommand safe-delete" -l expected-bucket-owner -d 'Refuse buckets of any other account' -r
complete -c replaudit -n "__fish_replaudit_using_subcommand safe-delete" -l concurrency -d 'Requests in flight' -r
complete -c replaudit -n "__fish_replaudit_using_subcommand safe-delete" -l max-attempts -d 'Attempts of one read, the first included' -r
complete -c replaudit -n "__fish_replaudit_using_subcommand safe-delete" -l connect-timeout -d 'Deadline of making a connection' -r
complete -c replaudit -n "__fish_replaudit_using_subcommand safe-delete" -l read-timeout -d 'Deadline of a whole answer, and of the first byte of an object\'s data' -r
complete -c replaudit -n "__fish_replaudit_using_subcommand safe-delete" -s o -l output -d 'What stdout carries' -r -f -a "table\t'for people'
json\t'one document'
ndjson\t'one JSON object a line'
csv\t'with a header row'
markdown\t'for job summaries and pull requests'
prometheus\t'inventory only: for a textfile collector'
html\t'inventory only: one page with charts'"
complete -c replaudit -n "__fish_replaudit_using_subcommand safe-delete" -l write -d 'Also write the result in FORMAT to PATH, whole or not at all; repeatable' -r
complete -c replaudit -n "__fish_replaudit_using_subcommand safe-delete" -l color -d 'Colours; auto: on a terminal, NO_COLOR and CLICOLOR_FORCE are honoured' -r -f -a "auto\t''
always\t''
never\t''"
complete -c replaudit -n "__fish_replaudit_using_subcommand safe-delete" -l progress -d 'Progress on stderr; auto: on a terminal' -r -f -a "auto\t''
always\t''
never\t''"
complete -c replaudit -n "__fish_replaudit_using_subcommand safe-delete" -l recursive -d 'The address is a prefix, literally: every current object whose key begins so'
complete -c replaudit -n "__fish_replaudit_using_subcommand safe-delete" -l all-versions -d 'Every version of the key, or with --recursive of every key under the prefix'
complete -c replaudit -n "__fish_replaudit_using_subcommand safe-delete" -l permanent -d 'Remove exactly the named versions, irreversibly; needs --version-id, a list with versions, or --all-versions, and looks at the replicas first (--verify-replica)'
complete -c replaudit -n "__fish_replaudit_using_subcommand safe-delete" -l trust-status -d 'With --permanent: take S3\'s word alone that it is replicated, and ask no destination'
complete -c replaudit -n "__fish_replaudit_using_subcommand safe-delete" -l verify-replica -d 'Look at the replicas: HEAD the same version at every destination, and compare'
complete -c replaudit -n "__fish_replaudit_using_subcommand safe-delete" -l wait -d 'Ask again about what is pending, before anything is decided'
complete -c replaudit -n "__fish_replaudit_using_subcommand safe-delete" -l allow-marker-replication -d 'Hide also where the delete marker would travel to the destination'
complete -c replaudit -n "__fish_replaudit_using_subcommand safe-delete" -l allow-replicated-delete -d 'With --permanent on a server other than AWS: remove also where that would delete the replica'
complete -c replaudit -n "__fish_replaudit_using_subcommand safe-delete" -l allow-annotation-loss -d 'With --permanent: remove also versions with annotations that are not replicated; they are lost'
complete -c replaudit -n "__fish_replaudit_using_subcommand safe-delete" -l allow-unconditional -d 'Hide also on a server that does not honour If-Match: a newer upload may be hidden in place of what was checked'
complete -c replaudit -n "__fish_replaudit_using_subcommand safe-delete" -s n -l dry-run -d 'Decide and show; send nothing that could change anything'
complete -c replaudit -n "__fish_replaudit_using_subcommand safe-delete" -s y -l yes -d 'Consent, where no terminal can be asked'
complete -c replaudit -n "__fish_replaudit_using_subcommand safe-delete" -l whole-bucket -d 'Allow --recursive without any prefix: all that the bucket holds'
complete -c replaudit -n "__fish_replaudit_using_subcommand safe-delete" -l no-sign-request -d 'Send unsigned requests and look for no credentials'
complete -c replaudit -n "__fish_replaudit_using_subcommand safe-delete" -l allow-empty -d 'Nothing to ask about is 0 instead of 2'
complete -c replaudit -n "__fish_replaudit_using_subcommand safe-delete" -s q -l quiet -d 'Nothing but errors: the exit code is the answer'
complete -c replaudit -n "__fish_replaudit_using_subcommand safe-delete" -s v -l verbose -d 'Say on stderr what is asked of S3 and why; twice: also what it answered, with request ids'
complete -c replaudit -n "__fish_replaudit_using_subcommand safe-delete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c replaudit -n "__fish_replaudit_using_subcommand safe-delete" -s V -l version -d 'Print version'
complete -c replaudit -n "__fish_replaudit_using_subcommand undo" -l max-delete -d 'Refuse the whole plan if it would remove more than N markers' -r
complete -c replaudit -n "__fish_replaudit_using_subcommand undo" -l journal -d 'Append each intent and outcome to FILE; run the same command again to resume an interrupted run' -r -F
complete -c replaudit -n "__fish_replaudit_using_subcommand undo" -l profile -d 'Profile of the AWS configuration files' -r -f
complete -c replaudit -n "__fish_replaudit_using_subcommand undo" -l region -d 'Region to start from; each bucket\'s own is found from there' -r -f
complete -c replaudit -n "__fish_replaudit_using_subcommand undo" -l endpoint-url -d 'A server other than AWS; a user and password in the URL are not sent' -r -f
complete -c replaudit -n "__fish_replaudit_using_subcommand undo" -l ca-bundle -d 'PEM file with the certificates to trust' -r -F
complete -c replaudit -n "__fish_replaudit_using_subcommand undo" -l addressing-style -d 'How buckets stand in addresses; auto: path style for a custom endpoint, virtual otherwise' -r -f -a "auto\t''
path\t''
virtual\t''"
complete -c replaudit -n "__fish_replaudit_using_subcommand undo" -l request-payer -d 'Confirm that the requester pays' -r -f -a "requester\t''"
complete -c replaudit -n "__fish_replaudit_using_subcommand undo" -l expected-bucket-owner -d 'Refuse buckets of any other account' -r
complete -c replaudit -n "__fish_replaudit_using_subcommand undo" -l concurrency -d 'Requests in flight' -r
complete -c replaudit -n "__fish_replaudit_using_subcommand undo" -l max-attempts -d 'Attempts of one read, the first included' -r
complete -c replaudit -n "__fish_replaudit_using_subcommand undo" -l connect-timeout -d 'Deadline of making a connection' -r
complete -c replaudit -n "__fish_replaudit_using_subcommand undo" -l read-timeout -d 'Deadline of an answer\'s first byte' -r
complete -c replaudit -n "__fish_replaudit_using_subcommand undo" -s o -l output -d 'What stdout carries' -r -f -a "table\t'for people'
json\t'one document'
ndjson\t'one JSON object a line'
csv\t'with a header row'
markdown\t'for job summaries and pull requests'
prometheus\t'inventory only: for a textfile collector'
html\t'inventory only: one page with charts'"
complete -c replaudit -n "__fish_replaudit_using_subcommand undo" -l write -d 'Also write the result in FORMAT to PATH, whole or not at all; repeatable' -r
complete -c replaudit -n "__fish_replaudit_using_subcommand undo" -l color -d 'Colours; auto: on a terminal, NO_COLOR and CLICOLOR_FORCE are honoured' -r -f -a "auto\t''
always\t''
never\t''"
complete -c replaudit -n "__fish_replaudit_using_subcommand undo" -l progress -d 'Progress on stderr; auto: on a terminal' -r -f -a "auto\t''
always\t''
never\t''"
complete -c replaudit -n "__fish_replaudit_using_subcommand undo" -s n -l dry-run -d 'Decide and show; send nothing that could change anything'
complete -c replaudit -n "__fish_replaudit_using_subcommand undo" -s y -l yes -d 'Skip the confirmation prompt'
complete -c replaudit -n "__fish_replaudit_using_subcommand undo" -l no-sign-request -d 'Send unsigned requests and look for no credentials'
complete -c replaudit -n "__fish_replaudit_using_subcommand undo" -l allow-empty -d 'Nothing to ask about is 0 instead of 2'
complete -c replaudit -n "__fish_replaudit_using_subcommand undo" -s q -l quiet -d 'Nothing but errors: the exit code is the answer'
complete -c replaudit -n "__fish_replaudit_using_subcommand undo" -s v -l verbose -d 'Say on stderr what is asked of S3 and why; twice: also what it answered, with request ids'
complete -c replaudit -n "__fish_replaudit_using_subcommand undo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c replaudit -n "__fish_replaudit_using_subcommand undo" -s V -l version -d 'Print version'
complete -c replaudit -n "__fish_replaudit_using_subcommand schema" -l profile -d 'Profile of the AWS configuration files' -r -f
complete -c replaudit -n "__fish_replaudit_using_subcommand schema" -l region -d 'Region to start from; each bucket\'s own is found from there' -r -f
complete -c replaudit -n "__fish_replaudit_using_subcommand schema" -l endpoint-url -d 'A server other than AWS; a user and password in the URL are not sent' -r -f
complete -c replaudit -n "__fish_replaudit_using_subcommand schema" -l ca-bundle -d 'PEM file with the certificates to trust' -r -F
complete -c replaudit -n "__fish_replaudit_using_subcommand schema" -l addressing-style -d 'How buckets stand in addresses; auto: path style for a custom endpoint, virtual otherwise' -r -f -a "auto\t''
path\t''
virtual\t''"
complete -c replaudit -n "__fish_replaudit_using_subcommand schema" -l request-payer -d 'Confirm that the requester pays' -r -f -a "requester\t''"
complete -c replaudit -n "__fish_replaudit_using_subcommand schema" -l expected-bucket-owner -d 'Refuse buckets of any other account' -r
complete -c replaudit -n "__fish_replaudit_using_subcommand schema" -l concurrency -d 'Requests in flight' -r
complete -c replaudit -n "__fish_replaudit_using_subcommand schema" -l max-attempts -d 'Attempts of one read, the first included' -r
complete -c replaudit -n "__fish_replaudit_using_subcommand schema" -l connect-timeout -d 'Deadline of making a connection' -r
complete -c replaudit -n "__fish_replaudit_using_subcommand schema" -l read-timeout -d 'Deadline of a whole answer, and of the first byte of an object\'s data' -r
complete -c replaudit -n "__fish_replaudit_using_subcommand schema" -s o -l output -d 'What stdout carries' -r -f -a "table\t'for people'
json\t'one document'
ndjson\t'one JSON object a line'
csv\t'with a header row'
markdown\t'for job summaries and pull requests'
prometheus\t'inventory only: for a textfile collector'
html\t'inventory only: one page with charts'"
complete -c replaudit -n "__fish_replaudit_using_subcommand schema" -l write -d 'Also write the result in FORMAT to PATH, whole or not at all; repeatable' -r
complete -c replaudit -n "__fish_replaudit_using_subcommand schema" -l color -d 'Colours; auto: on a terminal, NO_COLOR and CLICOLOR_FORCE are honoured' -r -f -a "auto\t''
always\t''
never\t''"
complete -c replaudit -n "__fish_replaudit_using_subcommand schema" -l progress -d 'Progress on stderr; auto: on a terminal' -r -f -a "auto\t''
always\t''
never\t''"
complete -c replaudit -n "__fish_replaudit_using_subcommand schema" -l no-sign-request -d 'Send unsigned requests and look for no credentials'
complete -c replaudit -n "__fish_replaudit_using_subcommand schema" -l allow-empty -d 'Nothing to ask about is 0 instead of 2'
complete -c replaudit -n "__fish_replaudit_using_subcommand schema" -s q -l quiet -d 'Nothing but errors: the exit code is the answer'
complete -c replaudit -n "__fish_replaudit_using_subcommand schema" -s v -l verbose -d 'Say on stderr what is asked of S3 and why; twice: also what it answered, with request ids'
complete -c replaudit -n "__fish_replaudit_using_subcommand schema" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c replaudit -n "__fish_replaudit_using_subcommand schema" -s V -l version -d 'Print version'
complete -c replaudit -n "__fish_replaudit_using_subcommand help; and not __fish_seen_subcommand_from status inventory safe-delete undo schema help" -f -a "status" -d 'Replication status of objects'
complete -c replaudit -n "__fish_replaudit_using_subcommand help; and not __fish_seen_subcommand_from status inventory safe-delete undo schema help" -f -a "inventory" -d 'Status of a whole bucket from its S3 Inventory report'
complete -c replaudit -n "__fish_replaudit_using_subcommand help; and not __fish_seen_subcommand_from status inventory safe-delete undo schema help" -f -a "safe-delete" -d 'Delete objects, each only if it is proven replicated'
complete -c replaudit -n "__fish_replaudit_using_subcommand help; and not __fish_seen_subcommand_from status inventory safe-delete undo schema help" -f -a "undo" -d 'Remove the delete markers that a safe-delete created'
complete -c replaudit -n "__fish_replaudit_using_subcommand help; and not __fish_seen_subcommand_from status inventory safe-delete undo schema help" -f -a "schema" -d 'JSON Schema of a command\'s json output'
complete -c replaudit -n "__fish_replaudit_using_subcommand help; and not __fish_seen_subcommand_from status inventory safe-delete undo schema help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
