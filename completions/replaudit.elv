
use builtin;
use str;

set edit:completion:arg-completer[replaudit] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'replaudit'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'replaudit'= {
            cand --profile 'Profile of the AWS configuration files'
            cand --region 'Region to start from; each bucket''s own is found from there'
            cand --endpoint-url 'A server other than AWS'
            cand --ca-bundle 'PEM file with the certificates to trust'
            cand --addressing-style 'How buckets stand in addresses; auto: path style for a custom endpoint, virtual otherwise'
            cand --request-payer 'Confirm that the requester pays'
            cand --expected-bucket-owner 'Refuse buckets of any other account'
            cand --concurrency 'Requests in flight'
            cand --max-attempts 'Attempts of one read, the first included'
            cand --connect-timeout 'Deadline of making a connection'
            cand --read-timeout 'Deadline of an answer''s first byte'
            cand -o 'What stdout carries'
            cand --output 'What stdout carries'
            cand --write 'Also write the result in FORMAT to PATH, whole or not at all; repeatable'
            cand --color 'Colours; auto: on a terminal, NO_COLOR and CLICOLOR_FORCE are honoured'
            cand --progress 'Progress on stderr; auto: on a terminal'
            cand --no-sign-request 'Send unsigned requests and look for no credentials'
            cand --allow-empty 'Nothing to ask about is 0 instead of 2'
            cand -q 'Nothing but errors: the exit code is the answer'
            cand --quiet 'Nothing but errors: the exit code is the answer'
            cand -v 'Say on stderr what is asked of S3 and why; twice: also what it answered, with request ids'
            cand --verbose 'Say on stderr what is asked of S3 and why; twice: also what it answered, with request ids'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand status 'Replication status of objects'
            cand inventory 'Status of a whole bucket from its S3 Inventory report'
            cand safe-delete 'Delete objects, each only if it is proven replicated'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'replaudit;status'= {
            cand --bucket 'The bucket, with --key'
            cand --key 'The key, with --bucket'
            cand --version-id 'The version, with exactly one address'
            cand --profile 'Profile of the AWS configuration files'
            cand --region 'Region to start from; each bucket''s own is found from there'
            cand --endpoint-url 'A server other than AWS'
            cand --ca-bundle 'PEM file with the certificates to trust'
            cand --addressing-style 'How buckets stand in addresses; auto: path style for a custom endpoint, virtual otherwise'
            cand --request-payer 'Confirm that the requester pays'
            cand --expected-bucket-owner 'Refuse buckets of any other account'
            cand --concurrency 'Requests in flight'
            cand --max-attempts 'Attempts of one read, the first included'
            cand --connect-timeout 'Deadline of making a connection'
            cand --read-timeout 'Deadline of an answer''s first byte'
            cand -o 'What stdout carries'
            cand --output 'What stdout carries'
            cand --write 'Also write the result in FORMAT to PATH, whole or not at all; repeatable'
            cand --color 'Colours; auto: on a terminal, NO_COLOR and CLICOLOR_FORCE are honoured'
            cand --progress 'Progress on stderr; auto: on a terminal'
            cand --accept-replica 'Count REPLICA as replicated; otherwise it is 1, because this is the copy and may be the last one'
            cand --no-sign-request 'Send unsigned requests and look for no credentials'
            cand --allow-empty 'Nothing to ask about is 0 instead of 2'
            cand -q 'Nothing but errors: the exit code is the answer'
            cand --quiet 'Nothing but errors: the exit code is the answer'
            cand -v 'Say on stderr what is asked of S3 and why; twice: also what it answered, with request ids'
            cand --verbose 'Say on stderr what is asked of S3 and why; twice: also what it answered, with request ids'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'replaudit;inventory'= {
            cand --bucket 'The bucket that the report must be about; without REPORT its inventory configurations say where the newest is'
            cand --id 'Which inventory configuration of --bucket, where several fit'
            cand --prefix 'Only keys that begin with P'
            cand --by 'Also sums per DIMENSION: prefix[:DEPTH] (up to and with the DEPTH-th slash; 1), storage-class, encryption, or age (at the time of the scan); repeatable'
            cand --top 'Show the N worst of each dimension: most failed and overdue, then most not-replicated, then by name'
            cand --overdue 'Pending for longer than D at the time of the scan is overdue'
            cand --max-age 'Refuse a report that is older than D; none: take any [default: 72h, 240h where the configuration is weekly]'
            cand --fail-on 'Fail when CLASS (failed, overdue, not-replicated, unknown-status, pending, replica) has more than LIMIT objects: N, N% or off; repeatable. By default the first four, each 0; an option replaces the default of its class only'
            cand --export 'Write the objects behind the numbers to FILE, whole or not at all; FILE.csv: a manifest for S3 Batch Operations, FILE.ndjson: every column of the report, -: that on stdout (the result then goes to --write only)'
            cand --export-class 'Which objects to export'
            cand --data-dir 'Where else the data files of a local manifest may lie'
            cand --memory 'The cap for buffers and workers, 32MiB at least; a CSV file that does not fit is streamed'
            cand --profile 'Profile of the AWS configuration files'
            cand --region 'Region to start from; each bucket''s own is found from there'
            cand --endpoint-url 'A server other than AWS'
            cand --ca-bundle 'PEM file with the certificates to trust'
            cand --addressing-style 'How buckets stand in addresses; auto: path style for a custom endpoint, virtual otherwise'
            cand --request-payer 'Confirm that the requester pays'
            cand --expected-bucket-owner 'Refuse buckets of any other account'
            cand --concurrency 'Requests in flight'
            cand --max-attempts 'Attempts of one read, the first included'
            cand --connect-timeout 'Deadline of making a connection'
            cand --read-timeout 'Deadline of an answer''s first byte'
            cand -o 'What stdout carries'
            cand --output 'What stdout carries'
            cand --write 'Also write the result in FORMAT to PATH, whole or not at all; repeatable'
            cand --color 'Colours; auto: on a terminal, NO_COLOR and CLICOLOR_FORCE are honoured'
            cand --progress 'Progress on stderr; auto: on a terminal'
            cand --current 'Only latest versions'
            cand --no-verify 'Skip the MD5 checks; sizes and the formats'' own integrity still hold'
            cand --verify 'Fetch and check ORC and Parquet files whole; otherwise only their footer and the columns that are needed are read'
            cand --no-sign-request 'Send unsigned requests and look for no credentials'
            cand --allow-empty 'Nothing to ask about is 0 instead of 2'
            cand -q 'Nothing but errors: the exit code is the answer'
            cand --quiet 'Nothing but errors: the exit code is the answer'
            cand -v 'Say on stderr what is asked of S3 and why; twice: also what it answered, with request ids'
            cand --verbose 'Say on stderr what is asked of S3 and why; twice: also what it answered, with request ids'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'replaudit;safe-delete'= {
            cand --bucket 'The bucket, with --key'
            cand --key 'The key, with --bucket'
            cand --version-id 'The version, with exactly one address'
            cand --max-delete 'Refuse the whole plan if it would delete more than N'
            cand --profile 'Profile of the AWS configuration files'
            cand --region 'Region to start from; each bucket''s own is found from there'
            cand --endpoint-url 'A server other than AWS'
            cand --ca-bundle 'PEM file with the certificates to trust'
            cand --addressing-style 'How buckets stand in addresses; auto: path style for a custom endpoint, virtual otherwise'
            cand --request-payer 'Confirm that the requester pays'
            cand --expected-bucket-owner 'Refuse buckets of any other account'
            cand --concurrency 'Requests in flight'
            cand --max-attempts 'Attempts of one read, the first included'
            cand --connect-timeout 'Deadline of making a connection'
            cand --read-timeout 'Deadline of an answer''s first byte'
            cand -o 'What stdout carries'
            cand --output 'What stdout carries'
            cand --write 'Also write the result in FORMAT to PATH, whole or not at all; repeatable'
            cand --color 'Colours; auto: on a terminal, NO_COLOR and CLICOLOR_FORCE are honoured'
            cand --progress 'Progress on stderr; auto: on a terminal'
            cand --permanent 'Remove exactly the named version, irreversibly; needs --version-id'
            cand --trust-status 'With --permanent: take S3''s word alone that it is replicated'
            cand --allow-marker-replication 'Hide also where the delete marker would travel to the destination'
            cand --allow-replicated-delete 'With --permanent on a server other than AWS: remove also where that would delete the replica'
            cand --allow-unconditional 'Hide also on a server that does not honour If-Match: a newer upload may be hidden in place of what was checked'
            cand -n 'Decide and show; send nothing that could change anything'
            cand --dry-run 'Decide and show; send nothing that could change anything'
            cand -y 'Consent, where no terminal can be asked'
            cand --yes 'Consent, where no terminal can be asked'
            cand --no-sign-request 'Send unsigned requests and look for no credentials'
            cand --allow-empty 'Nothing to ask about is 0 instead of 2'
            cand -q 'Nothing but errors: the exit code is the answer'
            cand --quiet 'Nothing but errors: the exit code is the answer'
            cand -v 'Say on stderr what is asked of S3 and why; twice: also what it answered, with request ids'
            cand --verbose 'Say on stderr what is asked of S3 and why; twice: also what it answered, with request ids'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'replaudit;help'= {
            cand status 'Replication status of objects'
            cand inventory 'Status of a whole bucket from its S3 Inventory report'
            cand safe-delete 'Delete objects, each only if it is proven replicated'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'replaudit;help;status'= {
        }
        &'replaudit;help;inventory'= {
        }
        &'replaudit;help;safe-delete'= {
        }
        &'replaudit;help;help'= {
        }
    ]
    $completions[$command]
}
