
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'replaudit' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'replaudit'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'replaudit' {
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile in the AWS configuration files')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'Region for the first request; the Region of each bucket is then looked up')
            [CompletionResult]::new('--endpoint-url', '--endpoint-url', [CompletionResultType]::ParameterName, 'URL of a server other than AWS; a user and password in it are not sent')
            [CompletionResult]::new('--ca-bundle', '--ca-bundle', [CompletionResultType]::ParameterName, 'PEM file with the CA certificates to trust')
            [CompletionResult]::new('--addressing-style', '--addressing-style', [CompletionResultType]::ParameterName, 'S3 URL style; auto: path style for a custom endpoint, virtual-hosted style otherwise')
            [CompletionResult]::new('--request-payer', '--request-payer', [CompletionResultType]::ParameterName, 'Confirm that the requester pays for the requests')
            [CompletionResult]::new('--expected-bucket-owner', '--expected-bucket-owner', [CompletionResultType]::ParameterName, 'Account ID of the expected bucket owner; S3 refuses buckets of other accounts')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'Maximum number of requests in flight')
            [CompletionResult]::new('--max-attempts', '--max-attempts', [CompletionResultType]::ParameterName, 'Maximum number of attempts for each read request, including the first')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for making a connection')
            [CompletionResult]::new('--read-timeout', '--read-timeout', [CompletionResultType]::ParameterName, 'Timeout for a whole response, and for the first byte of an object''s data')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of standard output')
            [CompletionResult]::new('--write', '--write', [CompletionResultType]::ParameterName, 'Also write the result to PATH in FORMAT, atomically; repeatable')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colors; auto: only on a terminal, following NO_COLOR and CLICOLOR_FORCE')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'When to show progress on stderr; auto: only on a terminal')
            [CompletionResult]::new('--no-sign-request', '--no-sign-request', [CompletionResultType]::ParameterName, 'Send unsigned requests, without credentials')
            [CompletionResult]::new('--allow-empty', '--allow-empty', [CompletionResultType]::ParameterName, 'Exit 0 instead of 2 if there is nothing to check')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the answer')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the answer')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each request to S3 and its reason on stderr; -vv: also the response and its request ID')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each request to S3 and its reason on stderr; -vv: also the response and its request ID')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Replication status of objects')
            [CompletionResult]::new('inventory', 'inventory', [CompletionResultType]::ParameterValue, 'Status of a whole bucket from its S3 Inventory report')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Check how replication and its audit are set up')
            [CompletionResult]::new('reasons', 'reasons', [CompletionResultType]::ParameterValue, 'Why replication failed, from S3''s own reports and events')
            [CompletionResult]::new('safe-delete', 'safe-delete', [CompletionResultType]::ParameterValue, 'Delete objects, but only if they are replicated')
            [CompletionResult]::new('undo', 'undo', [CompletionResultType]::ParameterValue, 'Remove the delete markers that a safe-delete created')
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'JSON Schema of a command''s JSON output')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Shell completion script on stdout')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'replaudit;status' {
            [CompletionResult]::new('--bucket', '--bucket', [CompletionResultType]::ParameterName, 'Bucket of the object; needs --key')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Key of the object, or with --recursive the prefix; needs --bucket')
            [CompletionResult]::new('--version-id', '--version-id', [CompletionResultType]::ParameterName, 'Version ID of the object; needs exactly one address')
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Read a list of objects from FILE (-: standard input): lines of s3:// addresses, where blank lines and lines that begin with # are skipped; CSV rows of bucket,key[,version] as in S3 Batch Operations (form-encoded keys, no header); or NDJSON with bucket, key and version_id. A gzipped list is inflated')
            [CompletionResult]::new('--only', '--only', [CompletionResultType]::ParameterName, 'Show only objects with these verdicts, their own or a destination''s; all are checked and counted')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Maximum time to wait, for all objects together')
            [CompletionResult]::new('--destination', '--destination', [CompletionResultType]::ParameterName, 'Add a destination bucket, or set the Region, endpoint or profile of one that a rule names. Repeatable; needs --verify-replica')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile in the AWS configuration files')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'Region for the first request; the Region of each bucket is then looked up')
            [CompletionResult]::new('--endpoint-url', '--endpoint-url', [CompletionResultType]::ParameterName, 'URL of a server other than AWS; a user and password in it are not sent')
            [CompletionResult]::new('--ca-bundle', '--ca-bundle', [CompletionResultType]::ParameterName, 'PEM file with the CA certificates to trust')
            [CompletionResult]::new('--addressing-style', '--addressing-style', [CompletionResultType]::ParameterName, 'S3 URL style; auto: path style for a custom endpoint, virtual-hosted style otherwise')
            [CompletionResult]::new('--request-payer', '--request-payer', [CompletionResultType]::ParameterName, 'Confirm that the requester pays for the requests')
            [CompletionResult]::new('--expected-bucket-owner', '--expected-bucket-owner', [CompletionResultType]::ParameterName, 'Account ID of the expected bucket owner; S3 refuses buckets of other accounts')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'Maximum number of requests in flight')
            [CompletionResult]::new('--max-attempts', '--max-attempts', [CompletionResultType]::ParameterName, 'Maximum number of attempts for each read request, including the first')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for making a connection')
            [CompletionResult]::new('--read-timeout', '--read-timeout', [CompletionResultType]::ParameterName, 'Timeout for a whole response, and for the first byte of an object''s data')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of standard output')
            [CompletionResult]::new('--write', '--write', [CompletionResultType]::ParameterName, 'Also write the result to PATH in FORMAT, atomically; repeatable')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colors; auto: only on a terminal, following NO_COLOR and CLICOLOR_FORCE')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'When to show progress on stderr; auto: only on a terminal')
            [CompletionResult]::new('--recursive', '--recursive', [CompletionResultType]::ParameterName, 'The address is a prefix: check every current object whose key begins with it')
            [CompletionResult]::new('--all-versions', '--all-versions', [CompletionResultType]::ParameterName, 'Check every version of the key, or with --recursive of every key under the prefix')
            [CompletionResult]::new('--summary', '--summary', [CompletionResultType]::ParameterName, 'Show only the totals; all objects are checked')
            [CompletionResult]::new('--accept-replica', '--accept-replica', [CompletionResultType]::ParameterName, 'Count REPLICA as replicated. Without this option it exits 1, because a replica may be the last copy')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Check pending objects again until each is replicated or failed')
            [CompletionResult]::new('--wait-through-failed', '--wait-through-failed', [CompletionResultType]::ParameterName, 'Also wait for failed objects, for servers that retry (AWS does not); needs --wait')
            [CompletionResult]::new('--explain', '--explain', [CompletionResultType]::ParameterName, 'Read the bucket''s replication configuration, and explain each status: which rule applies, why there is no status, and what to do next')
            [CompletionResult]::new('--verify-replica', '--verify-replica', [CompletionResultType]::ParameterName, 'Verify the replicas: HEAD the same version at every destination bucket, and compare')
            [CompletionResult]::new('--no-sign-request', '--no-sign-request', [CompletionResultType]::ParameterName, 'Send unsigned requests, without credentials')
            [CompletionResult]::new('--allow-empty', '--allow-empty', [CompletionResultType]::ParameterName, 'Exit 0 instead of 2 if there is nothing to check')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the answer')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the answer')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each request to S3 and its reason on stderr; -vv: also the response and its request ID')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each request to S3 and its reason on stderr; -vv: also the response and its request ID')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'replaudit;inventory' {
            [CompletionResult]::new('--bucket', '--bucket', [CompletionResultType]::ParameterName, 'Source bucket; without REPORT, its inventory configurations are read to find the newest report; with REPORT, the report must be of this bucket')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'Name of the inventory configuration of --bucket, if several match')
            [CompletionResult]::new('--prefix', '--prefix', [CompletionResultType]::ParameterName, 'Count only keys that begin with P')
            [CompletionResult]::new('--by', '--by', [CompletionResultType]::ParameterName, 'Also show totals per DIMENSION: prefix[:DEPTH] (up to and including the DEPTH-th slash; 1 by default), storage-class, encryption, or age (at the time of the scan); repeatable')
            [CompletionResult]::new('--top', '--top', [CompletionResultType]::ParameterName, 'Show the N worst groups of each dimension. The order is: failed and overdue objects, not-replicated objects, name')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Compare with an older report of the same bucket and kind, read with the same filters; of dated report folders, the newest one that is older than REPORT is used')
            [CompletionResult]::new('--overdue', '--overdue', [CompletionResultType]::ParameterName, 'Count pending objects as overdue if they were older than D at the time of the scan')
            [CompletionResult]::new('--max-age', '--max-age', [CompletionResultType]::ParameterName, 'Exit 2 if the report is older than D; none: accept any age [default: 72h, or 240h for a weekly configuration]')
            [CompletionResult]::new('--fail-on', '--fail-on', [CompletionResultType]::ParameterName, 'Exit 1 if CLASS (failed, overdue, not-replicated, unknown-status, pending, replica) has more than LIMIT objects: N, N%, +N (growth since the report of --since) or off; repeatable. The default limit of the first four is 0; an option replaces the default of its own class only')
            [CompletionResult]::new('--confirm-max', '--confirm-max', [CompletionResultType]::ParameterName, 'Confirm at most N objects; if there are more, no request is sent and the exit code is 2')
            [CompletionResult]::new('--export', '--export', [CompletionResultType]::ParameterName, 'Write the objects of --export-class to FILE, atomically; FILE.csv: a manifest for S3 Batch Operations; FILE.ndjson: every column of the report, unknown columns as text; -: NDJSON on stdout (the result then goes to --write only)')
            [CompletionResult]::new('--export-class', '--export-class', [CompletionResultType]::ParameterName, 'Classes of objects to export')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Another folder that contains data files of a local manifest')
            [CompletionResult]::new('--memory', '--memory', [CompletionResultType]::ParameterName, 'Upper limit for buffers and workers, at least 32MiB; with less memory there are fewer workers')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile in the AWS configuration files')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'Region for the first request; the Region of each bucket is then looked up')
            [CompletionResult]::new('--endpoint-url', '--endpoint-url', [CompletionResultType]::ParameterName, 'URL of a server other than AWS; a user and password in it are not sent')
            [CompletionResult]::new('--ca-bundle', '--ca-bundle', [CompletionResultType]::ParameterName, 'PEM file with the CA certificates to trust')
            [CompletionResult]::new('--addressing-style', '--addressing-style', [CompletionResultType]::ParameterName, 'S3 URL style; auto: path style for a custom endpoint, virtual-hosted style otherwise')
            [CompletionResult]::new('--request-payer', '--request-payer', [CompletionResultType]::ParameterName, 'Confirm that the requester pays for the requests')
            [CompletionResult]::new('--expected-bucket-owner', '--expected-bucket-owner', [CompletionResultType]::ParameterName, 'Account ID of the expected bucket owner; S3 refuses buckets of other accounts')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'Maximum number of requests in flight')
            [CompletionResult]::new('--max-attempts', '--max-attempts', [CompletionResultType]::ParameterName, 'Maximum number of attempts for each read request, including the first')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for making a connection')
            [CompletionResult]::new('--read-timeout', '--read-timeout', [CompletionResultType]::ParameterName, 'Timeout for a whole response, and for the first byte of an object''s data')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of standard output')
            [CompletionResult]::new('--write', '--write', [CompletionResultType]::ParameterName, 'Also write the result to PATH in FORMAT, atomically; repeatable')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colors; auto: only on a terminal, following NO_COLOR and CLICOLOR_FORCE')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'When to show progress on stderr; auto: only on a terminal')
            [CompletionResult]::new('--current', '--current', [CompletionResultType]::ParameterName, 'Count only latest versions')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Send a HEAD request for every object of the classes that exceed their limits, and count only those whose status is unchanged. Exits 2 if an object cannot be checked')
            [CompletionResult]::new('--no-verify', '--no-verify', [CompletionResultType]::ParameterName, 'Skip the MD5 checks; sizes and the checks of the file formats remain')
            [CompletionResult]::new('--verify', '--verify', [CompletionResultType]::ParameterName, 'Download ORC and Parquet files completely and check their MD5 (verified: md5). Without this option, only their footer and the necessary columns are read. If S3 lists the files (s3:ListBucket) with an ETag equal to their MD5 in the manifest, every read depends on that ETag (verified: etag). Otherwise, only the structure is checked (verified: footer)')
            [CompletionResult]::new('--no-sign-request', '--no-sign-request', [CompletionResultType]::ParameterName, 'Send unsigned requests, without credentials')
            [CompletionResult]::new('--allow-empty', '--allow-empty', [CompletionResultType]::ParameterName, 'Exit 0 instead of 2 if there is nothing to check')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the answer')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the answer')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each request to S3 and its reason on stderr; -vv: also the response and its request ID')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each request to S3 and its reason on stderr; -vv: also the response and its request ID')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'replaudit;doctor' {
            [CompletionResult]::new('--only', '--only', [CompletionResultType]::ParameterName, 'Show only checks in these states; all are made and counted')
            [CompletionResult]::new('--destination', '--destination', [CompletionResultType]::ParameterName, 'Add a destination bucket, or set the Region, endpoint or profile of one that a rule names; repeatable')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile in the AWS configuration files')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'Region for the first request; the Region of each bucket is then looked up')
            [CompletionResult]::new('--endpoint-url', '--endpoint-url', [CompletionResultType]::ParameterName, 'URL of a server other than AWS; a user and password in it are not sent')
            [CompletionResult]::new('--ca-bundle', '--ca-bundle', [CompletionResultType]::ParameterName, 'PEM file with the CA certificates to trust')
            [CompletionResult]::new('--addressing-style', '--addressing-style', [CompletionResultType]::ParameterName, 'S3 URL style; auto: path style for a custom endpoint, virtual-hosted style otherwise')
            [CompletionResult]::new('--request-payer', '--request-payer', [CompletionResultType]::ParameterName, 'Confirm that the requester pays for the requests')
            [CompletionResult]::new('--expected-bucket-owner', '--expected-bucket-owner', [CompletionResultType]::ParameterName, 'Account ID of the expected bucket owner; S3 refuses buckets of other accounts')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'Maximum number of requests in flight')
            [CompletionResult]::new('--max-attempts', '--max-attempts', [CompletionResultType]::ParameterName, 'Maximum number of attempts for each read request, including the first')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for making a connection')
            [CompletionResult]::new('--read-timeout', '--read-timeout', [CompletionResultType]::ParameterName, 'Timeout for a whole response, and for the first byte of an object''s data')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of standard output')
            [CompletionResult]::new('--write', '--write', [CompletionResultType]::ParameterName, 'Also write the result to PATH in FORMAT, atomically; repeatable')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colors; auto: only on a terminal, following NO_COLOR and CLICOLOR_FORCE')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'When to show progress on stderr; auto: only on a terminal')
            [CompletionResult]::new('--all-buckets', '--all-buckets', [CompletionResultType]::ParameterName, 'Check every bucket of the account; needs s3:ListAllMyBuckets')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings as failed (exit code 1)')
            [CompletionResult]::new('--no-sign-request', '--no-sign-request', [CompletionResultType]::ParameterName, 'Send unsigned requests, without credentials')
            [CompletionResult]::new('--allow-empty', '--allow-empty', [CompletionResultType]::ParameterName, 'Exit 0 instead of 2 if there is nothing to check')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the answer')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the answer')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each request to S3 and its reason on stderr; -vv: also the response and its request ID')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each request to S3 and its reason on stderr; -vv: also the response and its request ID')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'replaudit;reasons' {
            [CompletionResult]::new('--depth', '--depth', [CompletionResultType]::ParameterName, 'Show prefixes up to and including the DEPTH-th slash')
            [CompletionResult]::new('--top', '--top', [CompletionResultType]::ParameterName, 'Show the N prefixes with most failed objects')
            [CompletionResult]::new('--job-manifest', '--job-manifest', [CompletionResultType]::ParameterName, 'The kind of manifest that the job had, if + in its keys can be a space or a plus sign; inventory: + is a space; csv: + is a plus sign [default: + is a space, and exits 2 if other keys contradict that]')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'Name or ARN of the replication role in CloudTrail records [default: the sessions that S3 opens for replication]')
            [CompletionResult]::new('--source-bucket', '--source-bucket', [CompletionResultType]::ParameterName, 'The bucket that CloudTrail records of a destination are about; without it they are counted, and not listed')
            [CompletionResult]::new('--join', '--join', [CompletionResultType]::ParameterName, 'List the lines of FILE, an inventory --export in ndjson, each with its reason (null where the files name none)')
            [CompletionResult]::new('--memory', '--memory', [CompletionResultType]::ParameterName, 'The most memory that --join may use for the failed objects, some 100 bytes for each')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile in the AWS configuration files')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'Region for the first request; the Region of each bucket is then looked up')
            [CompletionResult]::new('--endpoint-url', '--endpoint-url', [CompletionResultType]::ParameterName, 'URL of a server other than AWS; a user and password in it are not sent')
            [CompletionResult]::new('--ca-bundle', '--ca-bundle', [CompletionResultType]::ParameterName, 'PEM file with the CA certificates to trust')
            [CompletionResult]::new('--addressing-style', '--addressing-style', [CompletionResultType]::ParameterName, 'S3 URL style; auto: path style for a custom endpoint, virtual-hosted style otherwise')
            [CompletionResult]::new('--request-payer', '--request-payer', [CompletionResultType]::ParameterName, 'Confirm that the requester pays for the requests')
            [CompletionResult]::new('--expected-bucket-owner', '--expected-bucket-owner', [CompletionResultType]::ParameterName, 'Account ID of the expected bucket owner; S3 refuses buckets of other accounts')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'Maximum number of requests in flight')
            [CompletionResult]::new('--max-attempts', '--max-attempts', [CompletionResultType]::ParameterName, 'Maximum number of attempts for each read request, including the first')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for making a connection')
            [CompletionResult]::new('--read-timeout', '--read-timeout', [CompletionResultType]::ParameterName, 'Timeout for a whole response, and for the first byte of an object''s data')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of standard output')
            [CompletionResult]::new('--write', '--write', [CompletionResultType]::ParameterName, 'Also write the result to PATH in FORMAT, atomically; repeatable')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colors; auto: only on a terminal, following NO_COLOR and CLICOLOR_FORCE')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'When to show progress on stderr; auto: only on a terminal')
            [CompletionResult]::new('--no-sign-request', '--no-sign-request', [CompletionResultType]::ParameterName, 'Send unsigned requests, without credentials')
            [CompletionResult]::new('--allow-empty', '--allow-empty', [CompletionResultType]::ParameterName, 'Exit 0 instead of 2 if there is nothing to check')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the answer')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the answer')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each request to S3 and its reason on stderr; -vv: also the response and its request ID')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each request to S3 and its reason on stderr; -vv: also the response and its request ID')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'replaudit;safe-delete' {
            [CompletionResult]::new('--bucket', '--bucket', [CompletionResultType]::ParameterName, 'Bucket of the object; needs --key')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Key of the object, or with --recursive the prefix; needs --bucket')
            [CompletionResult]::new('--version-id', '--version-id', [CompletionResultType]::ParameterName, 'Version ID of the object; needs exactly one address')
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Read a list of objects from FILE (-: standard input): lines of s3:// addresses, where blank lines and lines that begin with # are skipped; CSV rows of bucket,key[,version] as in S3 Batch Operations (form-encoded keys, no header); or NDJSON with bucket, key and version_id. A gzipped list is inflated')
            [CompletionResult]::new('--destination', '--destination', [CompletionResultType]::ParameterName, 'Add a destination bucket, or set the Region, endpoint or profile of one that a rule names. Repeatable; needs --verify-replica')
            [CompletionResult]::new('--only', '--only', [CompletionResultType]::ParameterName, 'Show only objects with these outcomes or reasons; all are checked and counted')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Maximum time to wait, for all objects together')
            [CompletionResult]::new('--max-delete', '--max-delete', [CompletionResultType]::ParameterName, 'Refuse the whole plan if it would delete more than N objects')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'Record each delete and its outcome in FILE; run the same command again to resume an interrupted run')
            [CompletionResult]::new('--verify-deleted', '--verify-deleted', [CompletionResultType]::ParameterName, 'Check deleted objects again; sample: the first 1,000, then 1 %')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile in the AWS configuration files')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'Region for the first request; the Region of each bucket is then looked up')
            [CompletionResult]::new('--endpoint-url', '--endpoint-url', [CompletionResultType]::ParameterName, 'URL of a server other than AWS; a user and password in it are not sent')
            [CompletionResult]::new('--ca-bundle', '--ca-bundle', [CompletionResultType]::ParameterName, 'PEM file with the CA certificates to trust')
            [CompletionResult]::new('--addressing-style', '--addressing-style', [CompletionResultType]::ParameterName, 'S3 URL style; auto: path style for a custom endpoint, virtual-hosted style otherwise')
            [CompletionResult]::new('--request-payer', '--request-payer', [CompletionResultType]::ParameterName, 'Confirm that the requester pays for the requests')
            [CompletionResult]::new('--expected-bucket-owner', '--expected-bucket-owner', [CompletionResultType]::ParameterName, 'Account ID of the expected bucket owner; S3 refuses buckets of other accounts')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'Maximum number of requests in flight')
            [CompletionResult]::new('--max-attempts', '--max-attempts', [CompletionResultType]::ParameterName, 'Maximum number of attempts for each read request, including the first')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for making a connection')
            [CompletionResult]::new('--read-timeout', '--read-timeout', [CompletionResultType]::ParameterName, 'Timeout for a whole response, and for the first byte of an object''s data')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of standard output')
            [CompletionResult]::new('--write', '--write', [CompletionResultType]::ParameterName, 'Also write the result to PATH in FORMAT, atomically; repeatable')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colors; auto: only on a terminal, following NO_COLOR and CLICOLOR_FORCE')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'When to show progress on stderr; auto: only on a terminal')
            [CompletionResult]::new('--recursive', '--recursive', [CompletionResultType]::ParameterName, 'The address is a prefix: check every current object whose key begins with it')
            [CompletionResult]::new('--all-versions', '--all-versions', [CompletionResultType]::ParameterName, 'Check every version of the key, or with --recursive of every key under the prefix')
            [CompletionResult]::new('--permanent', '--permanent', [CompletionResultType]::ParameterName, 'Remove exactly the named versions, irreversibly; needs --version-id, a list with versions, or --all-versions, and checks the replicas first (--verify-replica)')
            [CompletionResult]::new('--trust-status', '--trust-status', [CompletionResultType]::ParameterName, 'With --permanent: rely on S3''s status alone, and check no replica')
            [CompletionResult]::new('--verify-replica', '--verify-replica', [CompletionResultType]::ParameterName, 'Verify the replicas: HEAD the same version at every destination bucket, and compare')
            [CompletionResult]::new('--summary', '--summary', [CompletionResultType]::ParameterName, 'Show only the totals; all objects are checked')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Check pending objects again until each is replicated or failed, before anything is decided')
            [CompletionResult]::new('--allow-marker-replication', '--allow-marker-replication', [CompletionResultType]::ParameterName, 'Also hide objects whose delete marker would be replicated, so that the replica is hidden too')
            [CompletionResult]::new('--allow-replicated-delete', '--allow-replicated-delete', [CompletionResultType]::ParameterName, 'With --permanent on a server other than AWS: also remove versions whose replica would be deleted too')
            [CompletionResult]::new('--allow-annotation-loss', '--allow-annotation-loss', [CompletionResultType]::ParameterName, 'With --permanent: also remove versions with annotations that are not replicated; they are lost')
            [CompletionResult]::new('--allow-unconditional', '--allow-unconditional', [CompletionResultType]::ParameterName, 'Also hide objects on a server that does not support If-Match: a newer upload may be hidden instead of the object that was checked')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Show what would be done; send no request that could change anything')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done; send no request that could change anything')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Skip the confirmation prompt')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Skip the confirmation prompt')
            [CompletionResult]::new('--whole-bucket', '--whole-bucket', [CompletionResultType]::ParameterName, 'Allow --recursive with an empty prefix: every object of the bucket')
            [CompletionResult]::new('--no-sign-request', '--no-sign-request', [CompletionResultType]::ParameterName, 'Send unsigned requests, without credentials')
            [CompletionResult]::new('--allow-empty', '--allow-empty', [CompletionResultType]::ParameterName, 'Exit 0 instead of 2 if there is nothing to check')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the answer')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the answer')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each request to S3 and its reason on stderr; -vv: also the response and its request ID')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each request to S3 and its reason on stderr; -vv: also the response and its request ID')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'replaudit;undo' {
            [CompletionResult]::new('--max-delete', '--max-delete', [CompletionResultType]::ParameterName, 'Refuse the whole plan if it would remove more than N markers')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'Record each removal and its outcome in FILE; run the same command again to resume an interrupted run')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile in the AWS configuration files')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'Region for the first request; the Region of each bucket is then looked up')
            [CompletionResult]::new('--endpoint-url', '--endpoint-url', [CompletionResultType]::ParameterName, 'URL of a server other than AWS; a user and password in it are not sent')
            [CompletionResult]::new('--ca-bundle', '--ca-bundle', [CompletionResultType]::ParameterName, 'PEM file with the CA certificates to trust')
            [CompletionResult]::new('--addressing-style', '--addressing-style', [CompletionResultType]::ParameterName, 'S3 URL style; auto: path style for a custom endpoint, virtual-hosted style otherwise')
            [CompletionResult]::new('--request-payer', '--request-payer', [CompletionResultType]::ParameterName, 'Confirm that the requester pays for the requests')
            [CompletionResult]::new('--expected-bucket-owner', '--expected-bucket-owner', [CompletionResultType]::ParameterName, 'Account ID of the expected bucket owner; S3 refuses buckets of other accounts')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'Maximum number of requests in flight')
            [CompletionResult]::new('--max-attempts', '--max-attempts', [CompletionResultType]::ParameterName, 'Maximum number of attempts for each read request, including the first')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for making a connection')
            [CompletionResult]::new('--read-timeout', '--read-timeout', [CompletionResultType]::ParameterName, 'Timeout for a whole response, and for the first byte of an object''s data')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of standard output')
            [CompletionResult]::new('--write', '--write', [CompletionResultType]::ParameterName, 'Also write the result to PATH in FORMAT, atomically; repeatable')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colors; auto: only on a terminal, following NO_COLOR and CLICOLOR_FORCE')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'When to show progress on stderr; auto: only on a terminal')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Show what would be done; send no request that could change anything')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done; send no request that could change anything')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Skip the confirmation prompt')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Skip the confirmation prompt')
            [CompletionResult]::new('--no-sign-request', '--no-sign-request', [CompletionResultType]::ParameterName, 'Send unsigned requests, without credentials')
            [CompletionResult]::new('--allow-empty', '--allow-empty', [CompletionResultType]::ParameterName, 'Exit 0 instead of 2 if there is nothing to check')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the answer')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the answer')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each request to S3 and its reason on stderr; -vv: also the response and its request ID')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each request to S3 and its reason on stderr; -vv: also the response and its request ID')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'replaudit;schema' {
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile in the AWS configuration files')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'Region for the first request; the Region of each bucket is then looked up')
            [CompletionResult]::new('--endpoint-url', '--endpoint-url', [CompletionResultType]::ParameterName, 'URL of a server other than AWS; a user and password in it are not sent')
            [CompletionResult]::new('--ca-bundle', '--ca-bundle', [CompletionResultType]::ParameterName, 'PEM file with the CA certificates to trust')
            [CompletionResult]::new('--addressing-style', '--addressing-style', [CompletionResultType]::ParameterName, 'S3 URL style; auto: path style for a custom endpoint, virtual-hosted style otherwise')
            [CompletionResult]::new('--request-payer', '--request-payer', [CompletionResultType]::ParameterName, 'Confirm that the requester pays for the requests')
            [CompletionResult]::new('--expected-bucket-owner', '--expected-bucket-owner', [CompletionResultType]::ParameterName, 'Account ID of the expected bucket owner; S3 refuses buckets of other accounts')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'Maximum number of requests in flight')
            [CompletionResult]::new('--max-attempts', '--max-attempts', [CompletionResultType]::ParameterName, 'Maximum number of attempts for each read request, including the first')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for making a connection')
            [CompletionResult]::new('--read-timeout', '--read-timeout', [CompletionResultType]::ParameterName, 'Timeout for a whole response, and for the first byte of an object''s data')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of standard output')
            [CompletionResult]::new('--write', '--write', [CompletionResultType]::ParameterName, 'Also write the result to PATH in FORMAT, atomically; repeatable')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colors; auto: only on a terminal, following NO_COLOR and CLICOLOR_FORCE')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'When to show progress on stderr; auto: only on a terminal')
            [CompletionResult]::new('--no-sign-request', '--no-sign-request', [CompletionResultType]::ParameterName, 'Send unsigned requests, without credentials')
            [CompletionResult]::new('--allow-empty', '--allow-empty', [CompletionResultType]::ParameterName, 'Exit 0 instead of 2 if there is nothing to check')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the answer')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the answer')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each request to S3 and its reason on stderr; -vv: also the response and its request ID')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each request to S3 and its reason on stderr; -vv: also the response and its request ID')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'replaudit;completions' {
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile in the AWS configuration files')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'Region for the first request; the Region of each bucket is then looked up')
            [CompletionResult]::new('--endpoint-url', '--endpoint-url', [CompletionResultType]::ParameterName, 'URL of a server other than AWS; a user and password in it are not sent')
            [CompletionResult]::new('--ca-bundle', '--ca-bundle', [CompletionResultType]::ParameterName, 'PEM file with the CA certificates to trust')
            [CompletionResult]::new('--addressing-style', '--addressing-style', [CompletionResultType]::ParameterName, 'S3 URL style; auto: path style for a custom endpoint, virtual-hosted style otherwise')
            [CompletionResult]::new('--request-payer', '--request-payer', [CompletionResultType]::ParameterName, 'Confirm that the requester pays for the requests')
            [CompletionResult]::new('--expected-bucket-owner', '--expected-bucket-owner', [CompletionResultType]::ParameterName, 'Account ID of the expected bucket owner; S3 refuses buckets of other accounts')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'Maximum number of requests in flight')
            [CompletionResult]::new('--max-attempts', '--max-attempts', [CompletionResultType]::ParameterName, 'Maximum number of attempts for each read request, including the first')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for making a connection')
            [CompletionResult]::new('--read-timeout', '--read-timeout', [CompletionResultType]::ParameterName, 'Timeout for a whole response, and for the first byte of an object''s data')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of standard output')
            [CompletionResult]::new('--write', '--write', [CompletionResultType]::ParameterName, 'Also write the result to PATH in FORMAT, atomically; repeatable')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colors; auto: only on a terminal, following NO_COLOR and CLICOLOR_FORCE')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'When to show progress on stderr; auto: only on a terminal')
            [CompletionResult]::new('--no-sign-request', '--no-sign-request', [CompletionResultType]::ParameterName, 'Send unsigned requests, without credentials')
            [CompletionResult]::new('--allow-empty', '--allow-empty', [CompletionResultType]::ParameterName, 'Exit 0 instead of 2 if there is nothing to check')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the answer')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the answer')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each request to S3 and its reason on stderr; -vv: also the response and its request ID')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each request to S3 and its reason on stderr; -vv: also the response and its request ID')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'replaudit;help' {
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Replication status of objects')
            [CompletionResult]::new('inventory', 'inventory', [CompletionResultType]::ParameterValue, 'Status of a whole bucket from its S3 Inventory report')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Check how replication and its audit are set up')
            [CompletionResult]::new('reasons', 'reasons', [CompletionResultType]::ParameterValue, 'Why replication failed, from S3''s own reports and events')
            [CompletionResult]::new('safe-delete', 'safe-delete', [CompletionResultType]::ParameterValue, 'Delete objects, but only if they are replicated')
            [CompletionResult]::new('undo', 'undo', [CompletionResultType]::ParameterValue, 'Remove the delete markers that a safe-delete created')
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'JSON Schema of a command''s JSON output')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Shell completion script on stdout')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'replaudit;help;status' {
            break
        }
        'replaudit;help;inventory' {
            break
        }
        'replaudit;help;doctor' {
            break
        }
        'replaudit;help;reasons' {
            break
        }
        'replaudit;help;safe-delete' {
            break
        }
        'replaudit;help;undo' {
            break
        }
        'replaudit;help;schema' {
            break
        }
        'replaudit;help;completions' {
            break
        }
        'replaudit;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
