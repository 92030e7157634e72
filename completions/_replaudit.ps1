
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
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the AWS configuration files')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'Region to start from; each bucket''s own is found from there')
            [CompletionResult]::new('--endpoint-url', '--endpoint-url', [CompletionResultType]::ParameterName, 'A server other than AWS; a user and password in the URL are not sent')
            [CompletionResult]::new('--ca-bundle', '--ca-bundle', [CompletionResultType]::ParameterName, 'PEM file with the certificates to trust')
            [CompletionResult]::new('--addressing-style', '--addressing-style', [CompletionResultType]::ParameterName, 'How buckets stand in addresses; auto: path style for a custom endpoint, virtual otherwise')
            [CompletionResult]::new('--request-payer', '--request-payer', [CompletionResultType]::ParameterName, 'Confirm that the requester pays')
            [CompletionResult]::new('--expected-bucket-owner', '--expected-bucket-owner', [CompletionResultType]::ParameterName, 'Refuse buckets of any other account')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'Requests in flight')
            [CompletionResult]::new('--max-attempts', '--max-attempts', [CompletionResultType]::ParameterName, 'Attempts of one read, the first included')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Deadline of making a connection')
            [CompletionResult]::new('--read-timeout', '--read-timeout', [CompletionResultType]::ParameterName, 'Deadline of a whole answer, and of the first byte of an object''s data')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'What stdout carries')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'What stdout carries')
            [CompletionResult]::new('--write', '--write', [CompletionResultType]::ParameterName, 'Also write the result in FORMAT to PATH, whole or not at all; repeatable')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours; auto: on a terminal, NO_COLOR and CLICOLOR_FORCE are honoured')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Progress on stderr; auto: on a terminal')
            [CompletionResult]::new('--no-sign-request', '--no-sign-request', [CompletionResultType]::ParameterName, 'Send unsigned requests and look for no credentials')
            [CompletionResult]::new('--allow-empty', '--allow-empty', [CompletionResultType]::ParameterName, 'Nothing to ask about is 0 instead of 2')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing but errors: the exit code is the answer')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing but errors: the exit code is the answer')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say on stderr what is asked of S3 and why; twice: also what it answered, with request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say on stderr what is asked of S3 and why; twice: also what it answered, with request ids')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Replication status of objects')
            [CompletionResult]::new('inventory', 'inventory', [CompletionResultType]::ParameterValue, 'Status of a whole bucket from its S3 Inventory report')
            [CompletionResult]::new('safe-delete', 'safe-delete', [CompletionResultType]::ParameterValue, 'Delete objects, each only if it is proven replicated')
            [CompletionResult]::new('undo', 'undo', [CompletionResultType]::ParameterValue, 'Remove the delete markers that a safe-delete created')
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'JSON Schema of a command''s json output')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Shell completion script on stdout')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'replaudit;status' {
            [CompletionResult]::new('--bucket', '--bucket', [CompletionResultType]::ParameterName, 'The bucket, with --key')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key, with --bucket; with --recursive the prefix')
            [CompletionResult]::new('--version-id', '--version-id', [CompletionResultType]::ParameterName, 'The version, with exactly one address')
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'A list of objects, - for standard input: s3:// addresses, CSV rows of bucket,key[,version] as S3 Batch Operations has them (keys form-encoded, no header), or NDJSON with bucket, key and version_id')
            [CompletionResult]::new('--only', '--only', [CompletionResultType]::ParameterName, 'Show only objects with these verdicts, their own or a destination''s; all are checked and counted')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Wait no longer than this in all')
            [CompletionResult]::new('--destination', '--destination', [CompletionResultType]::ParameterName, 'With --verify-replica: a further destination, or where one is that a rule names; repeatable')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the AWS configuration files')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'Region to start from; each bucket''s own is found from there')
            [CompletionResult]::new('--endpoint-url', '--endpoint-url', [CompletionResultType]::ParameterName, 'A server other than AWS; a user and password in the URL are not sent')
            [CompletionResult]::new('--ca-bundle', '--ca-bundle', [CompletionResultType]::ParameterName, 'PEM file with the certificates to trust')
            [CompletionResult]::new('--addressing-style', '--addressing-style', [CompletionResultType]::ParameterName, 'How buckets stand in addresses; auto: path style for a custom endpoint, virtual otherwise')
            [CompletionResult]::new('--request-payer', '--request-payer', [CompletionResultType]::ParameterName, 'Confirm that the requester pays')
            [CompletionResult]::new('--expected-bucket-owner', '--expected-bucket-owner', [CompletionResultType]::ParameterName, 'Refuse buckets of any other account')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'Requests in flight')
            [CompletionResult]::new('--max-attempts', '--max-attempts', [CompletionResultType]::ParameterName, 'Attempts of one read, the first included')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Deadline of making a connection')
            [CompletionResult]::new('--read-timeout', '--read-timeout', [CompletionResultType]::ParameterName, 'Deadline of a whole answer, and of the first byte of an object''s data')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'What stdout carries')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'What stdout carries')
            [CompletionResult]::new('--write', '--write', [CompletionResultType]::ParameterName, 'Also write the result in FORMAT to PATH, whole or not at all; repeatable')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours; auto: on a terminal, NO_COLOR and CLICOLOR_FORCE are honoured')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Progress on stderr; auto: on a terminal')
            [CompletionResult]::new('--recursive', '--recursive', [CompletionResultType]::ParameterName, 'The address is a prefix, literally: every current object whose key begins so')
            [CompletionResult]::new('--all-versions', '--all-versions', [CompletionResultType]::ParameterName, 'Every version of the key, or with --recursive of every key under the prefix')
            [CompletionResult]::new('--summary', '--summary', [CompletionResultType]::ParameterName, 'Show only the totals; all objects are checked')
            [CompletionResult]::new('--accept-replica', '--accept-replica', [CompletionResultType]::ParameterName, 'Count REPLICA as replicated; otherwise it exits 1, because this is the copy and may be the last one')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Check pending objects again until each is replicated or failed')
            [CompletionResult]::new('--wait-through-failed', '--wait-through-failed', [CompletionResultType]::ParameterName, 'With --wait: keep waiting for failed objects too, for servers that retry by themselves (AWS does not)')
            [CompletionResult]::new('--explain', '--explain', [CompletionResultType]::ParameterName, 'Read the bucket''s replication configuration too, and say why: which rule applies, why there is no status, what to do next')
            [CompletionResult]::new('--verify-replica', '--verify-replica', [CompletionResultType]::ParameterName, 'Look at the replicas: HEAD the same version at every destination, and compare')
            [CompletionResult]::new('--no-sign-request', '--no-sign-request', [CompletionResultType]::ParameterName, 'Send unsigned requests and look for no credentials')
            [CompletionResult]::new('--allow-empty', '--allow-empty', [CompletionResultType]::ParameterName, 'Nothing to ask about is 0 instead of 2')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing but errors: the exit code is the answer')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing but errors: the exit code is the answer')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say on stderr what is asked of S3 and why; twice: also what it answered, with request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say on stderr what is asked of S3 and why; twice: also what it answered, with request ids')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'replaudit;inventory' {
            [CompletionResult]::new('--bucket', '--bucket', [CompletionResultType]::ParameterName, 'The bucket that the report must be about; without REPORT its inventory configurations say where the newest is')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'Which inventory configuration of --bucket, where several fit')
            [CompletionResult]::new('--prefix', '--prefix', [CompletionResultType]::ParameterName, 'Only keys that begin with P')
            [CompletionResult]::new('--by', '--by', [CompletionResultType]::ParameterName, 'Also sums per DIMENSION: prefix[:DEPTH] (up to and with the DEPTH-th slash; 1), storage-class, encryption, or age (at the time of the scan); repeatable')
            [CompletionResult]::new('--top', '--top', [CompletionResultType]::ParameterName, 'Show the N worst of each dimension: most failed and overdue, then most not-replicated, then by name')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Compare with an older report of the same bucket and kind, read with the same filters: REPORT as above; of dated folders the newest one that is older')
            [CompletionResult]::new('--overdue', '--overdue', [CompletionResultType]::ParameterName, 'Pending for longer than D at the time of the scan is overdue')
            [CompletionResult]::new('--max-age', '--max-age', [CompletionResultType]::ParameterName, 'Refuse a report that is older than D; none: take any [default: 72h, 240h where the configuration is weekly]')
            [CompletionResult]::new('--fail-on', '--fail-on', [CompletionResultType]::ParameterName, 'Fail when CLASS (failed, overdue, not-replicated, unknown-status, pending, replica) has more than LIMIT objects: N, N%, +N (growth since the report of --since) or off; repeatable. By default the first four, each 0; an option replaces the default of its class only')
            [CompletionResult]::new('--confirm-max', '--confirm-max', [CompletionResultType]::ParameterName, 'Confirm N objects at most; more are 2, and nothing is asked')
            [CompletionResult]::new('--export', '--export', [CompletionResultType]::ParameterName, 'Write the objects behind the numbers to FILE, whole or not at all; FILE.csv: a manifest for S3 Batch Operations, FILE.ndjson: every column of the report, those that are not known as text, -: that on stdout (the result then goes to --write only)')
            [CompletionResult]::new('--export-class', '--export-class', [CompletionResultType]::ParameterName, 'Which objects to export')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where else the data files of a local manifest may lie')
            [CompletionResult]::new('--memory', '--memory', [CompletionResultType]::ParameterName, 'The cap for buffers and workers, 32MiB at least; with less there are fewer workers')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the AWS configuration files')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'Region to start from; each bucket''s own is found from there')
            [CompletionResult]::new('--endpoint-url', '--endpoint-url', [CompletionResultType]::ParameterName, 'A server other than AWS; a user and password in the URL are not sent')
            [CompletionResult]::new('--ca-bundle', '--ca-bundle', [CompletionResultType]::ParameterName, 'PEM file with the certificates to trust')
            [CompletionResult]::new('--addressing-style', '--addressing-style', [CompletionResultType]::ParameterName, 'How buckets stand in addresses; auto: path style for a custom endpoint, virtual otherwise')
            [CompletionResult]::new('--request-payer', '--request-payer', [CompletionResultType]::ParameterName, 'Confirm that the requester pays')
            [CompletionResult]::new('--expected-bucket-owner', '--expected-bucket-owner', [CompletionResultType]::ParameterName, 'Refuse buckets of any other account')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'Requests in flight')
            [CompletionResult]::new('--max-attempts', '--max-attempts', [CompletionResultType]::ParameterName, 'Attempts of one read, the first included')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Deadline of making a connection')
            [CompletionResult]::new('--read-timeout', '--read-timeout', [CompletionResultType]::ParameterName, 'Deadline of a whole answer, and of the first byte of an object''s data')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'What stdout carries')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'What stdout carries')
            [CompletionResult]::new('--write', '--write', [CompletionResultType]::ParameterName, 'Also write the result in FORMAT to PATH, whole or not at all; repeatable')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours; auto: on a terminal, NO_COLOR and CLICOLOR_FORCE are honoured')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Progress on stderr; auto: on a terminal')
            [CompletionResult]::new('--current', '--current', [CompletionResultType]::ParameterName, 'Only latest versions')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Ask S3 with HEAD about every object of the classes that exceed their limits: only those that are still so count. An object that can''t be checked is 2')
            [CompletionResult]::new('--no-verify', '--no-verify', [CompletionResultType]::ParameterName, 'Skip the MD5 checks; sizes and the formats'' own integrity still hold')
            [CompletionResult]::new('--verify', '--verify', [CompletionResultType]::ParameterName, 'Fetch and check ORC and Parquet files whole (verified: md5). Otherwise only their footer and the columns that are needed are read: on condition of their ETag where one listing (s3:ListBucket) shows that it is the manifest''s MD5checksum (verified: etag), else with a check of their structure alone (verified: footer)')
            [CompletionResult]::new('--no-sign-request', '--no-sign-request', [CompletionResultType]::ParameterName, 'Send unsigned requests and look for no credentials')
            [CompletionResult]::new('--allow-empty', '--allow-empty', [CompletionResultType]::ParameterName, 'Nothing to ask about is 0 instead of 2')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing but errors: the exit code is the answer')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing but errors: the exit code is the answer')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say on stderr what is asked of S3 and why; twice: also what it answered, with request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say on stderr what is asked of S3 and why; twice: also what it answered, with request ids')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'replaudit;safe-delete' {
            [CompletionResult]::new('--bucket', '--bucket', [CompletionResultType]::ParameterName, 'The bucket, with --key')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key, with --bucket; with --recursive the prefix')
            [CompletionResult]::new('--version-id', '--version-id', [CompletionResultType]::ParameterName, 'The version, with exactly one address')
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'A list of objects, - for standard input: s3:// addresses, CSV rows of bucket,key[,version] as S3 Batch Operations has them (keys form-encoded, no header), or NDJSON with bucket, key and version_id')
            [CompletionResult]::new('--destination', '--destination', [CompletionResultType]::ParameterName, 'With --verify-replica: a further destination, or where one is that a rule names; repeatable')
            [CompletionResult]::new('--only', '--only', [CompletionResultType]::ParameterName, 'Show only objects with these outcomes or reasons; all are checked and counted')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Wait no longer than this in all')
            [CompletionResult]::new('--max-delete', '--max-delete', [CompletionResultType]::ParameterName, 'Refuse the whole plan if it would delete more than N objects')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'Append each intent and outcome to FILE; run the same command again to resume an interrupted run')
            [CompletionResult]::new('--verify-deleted', '--verify-deleted', [CompletionResultType]::ParameterName, 'Check deleted objects again; sample: the first 1,000, then 1 %')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the AWS configuration files')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'Region to start from; each bucket''s own is found from there')
            [CompletionResult]::new('--endpoint-url', '--endpoint-url', [CompletionResultType]::ParameterName, 'A server other than AWS; a user and password in the URL are not sent')
            [CompletionResult]::new('--ca-bundle', '--ca-bundle', [CompletionResultType]::ParameterName, 'PEM file with the certificates to trust')
            [CompletionResult]::new('--addressing-style', '--addressing-style', [CompletionResultType]::ParameterName, 'How buckets stand in addresses; auto: path style for a custom endpoint, virtual otherwise')
            [CompletionResult]::new('--request-payer', '--request-payer', [CompletionResultType]::ParameterName, 'Confirm that the requester pays')
            [CompletionResult]::new('--expected-bucket-owner', '--expected-bucket-owner', [CompletionResultType]::ParameterName, 'Refuse buckets of any other account')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'Requests in flight')
            [CompletionResult]::new('--max-attempts', '--max-attempts', [CompletionResultType]::ParameterName, 'Attempts of one read, the first included')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Deadline of making a connection')
            [CompletionResult]::new('--read-timeout', '--read-timeout', [CompletionResultType]::ParameterName, 'Deadline of a whole answer, and of the first byte of an object''s data')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'What stdout carries')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'What stdout carries')
            [CompletionResult]::new('--write', '--write', [CompletionResultType]::ParameterName, 'Also write the result in FORMAT to PATH, whole or not at all; repeatable')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours; auto: on a terminal, NO_COLOR and CLICOLOR_FORCE are honoured')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Progress on stderr; auto: on a terminal')
            [CompletionResult]::new('--recursive', '--recursive', [CompletionResultType]::ParameterName, 'The address is a prefix, literally: every current object whose key begins so')
            [CompletionResult]::new('--all-versions', '--all-versions', [CompletionResultType]::ParameterName, 'Every version of the key, or with --recursive of every key under the prefix')
            [CompletionResult]::new('--permanent', '--permanent', [CompletionResultType]::ParameterName, 'Remove exactly the named versions, irreversibly; needs --version-id, a list with versions, or --all-versions, and checks the replicas first (--verify-replica)')
            [CompletionResult]::new('--trust-status', '--trust-status', [CompletionResultType]::ParameterName, 'With --permanent: rely on S3''s status alone, and check no replica')
            [CompletionResult]::new('--verify-replica', '--verify-replica', [CompletionResultType]::ParameterName, 'Look at the replicas: HEAD the same version at every destination, and compare')
            [CompletionResult]::new('--summary', '--summary', [CompletionResultType]::ParameterName, 'Show only the totals; all objects are checked')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Check pending objects again until each is replicated or failed, before anything is decided')
            [CompletionResult]::new('--allow-marker-replication', '--allow-marker-replication', [CompletionResultType]::ParameterName, 'Also hide objects whose delete marker would be replicated, so that the replica is hidden too')
            [CompletionResult]::new('--allow-replicated-delete', '--allow-replicated-delete', [CompletionResultType]::ParameterName, 'With --permanent on a server other than AWS: also remove versions whose replica would be deleted too')
            [CompletionResult]::new('--allow-annotation-loss', '--allow-annotation-loss', [CompletionResultType]::ParameterName, 'With --permanent: also remove versions with annotations that are not replicated; they are lost')
            [CompletionResult]::new('--allow-unconditional', '--allow-unconditional', [CompletionResultType]::ParameterName, 'Also hide objects on a server that does not honour If-Match: a newer upload may be hidden instead of the object that was checked')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Decide and show; send no request that could change anything')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Decide and show; send no request that could change anything')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Skip the confirmation prompt')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Skip the confirmation prompt')
            [CompletionResult]::new('--whole-bucket', '--whole-bucket', [CompletionResultType]::ParameterName, 'Allow --recursive with an empty prefix: every object of the bucket')
            [CompletionResult]::new('--no-sign-request', '--no-sign-request', [CompletionResultType]::ParameterName, 'Send unsigned requests and look for no credentials')
            [CompletionResult]::new('--allow-empty', '--allow-empty', [CompletionResultType]::ParameterName, 'Nothing to ask about is 0 instead of 2')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing but errors: the exit code is the answer')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing but errors: the exit code is the answer')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say on stderr what is asked of S3 and why; twice: also what it answered, with request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say on stderr what is asked of S3 and why; twice: also what it answered, with request ids')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'replaudit;undo' {
            [CompletionResult]::new('--max-delete', '--max-delete', [CompletionResultType]::ParameterName, 'Refuse the whole plan if it would remove more than N markers')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'Append each intent and outcome to FILE; run the same command again to resume an interrupted run')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the AWS configuration files')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'Region to start from; each bucket''s own is found from there')
            [CompletionResult]::new('--endpoint-url', '--endpoint-url', [CompletionResultType]::ParameterName, 'A server other than AWS; a user and password in the URL are not sent')
            [CompletionResult]::new('--ca-bundle', '--ca-bundle', [CompletionResultType]::ParameterName, 'PEM file with the certificates to trust')
            [CompletionResult]::new('--addressing-style', '--addressing-style', [CompletionResultType]::ParameterName, 'How buckets stand in addresses; auto: path style for a custom endpoint, virtual otherwise')
            [CompletionResult]::new('--request-payer', '--request-payer', [CompletionResultType]::ParameterName, 'Confirm that the requester pays')
            [CompletionResult]::new('--expected-bucket-owner', '--expected-bucket-owner', [CompletionResultType]::ParameterName, 'Refuse buckets of any other account')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'Requests in flight')
            [CompletionResult]::new('--max-attempts', '--max-attempts', [CompletionResultType]::ParameterName, 'Attempts of one read, the first included')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Deadline of making a connection')
            [CompletionResult]::new('--read-timeout', '--read-timeout', [CompletionResultType]::ParameterName, 'Deadline of a whole answer, and of the first byte of an object''s data')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'What stdout carries')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'What stdout carries')
            [CompletionResult]::new('--write', '--write', [CompletionResultType]::ParameterName, 'Also write the result in FORMAT to PATH, whole or not at all; repeatable')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours; auto: on a terminal, NO_COLOR and CLICOLOR_FORCE are honoured')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Progress on stderr; auto: on a terminal')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Decide and show; send no request that could change anything')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Decide and show; send no request that could change anything')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Skip the confirmation prompt')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Skip the confirmation prompt')
            [CompletionResult]::new('--no-sign-request', '--no-sign-request', [CompletionResultType]::ParameterName, 'Send unsigned requests and look for no credentials')
            [CompletionResult]::new('--allow-empty', '--allow-empty', [CompletionResultType]::ParameterName, 'Nothing to ask about is 0 instead of 2')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing but errors: the exit code is the answer')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing but errors: the exit code is the answer')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say on stderr what is asked of S3 and why; twice: also what it answered, with request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say on stderr what is asked of S3 and why; twice: also what it answered, with request ids')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'replaudit;schema' {
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the AWS configuration files')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'Region to start from; each bucket''s own is found from there')
            [CompletionResult]::new('--endpoint-url', '--endpoint-url', [CompletionResultType]::ParameterName, 'A server other than AWS; a user and password in the URL are not sent')
            [CompletionResult]::new('--ca-bundle', '--ca-bundle', [CompletionResultType]::ParameterName, 'PEM file with the certificates to trust')
            [CompletionResult]::new('--addressing-style', '--addressing-style', [CompletionResultType]::ParameterName, 'How buckets stand in addresses; auto: path style for a custom endpoint, virtual otherwise')
            [CompletionResult]::new('--request-payer', '--request-payer', [CompletionResultType]::ParameterName, 'Confirm that the requester pays')
            [CompletionResult]::new('--expected-bucket-owner', '--expected-bucket-owner', [CompletionResultType]::ParameterName, 'Refuse buckets of any other account')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'Requests in flight')
            [CompletionResult]::new('--max-attempts', '--max-attempts', [CompletionResultType]::ParameterName, 'Attempts of one read, the first included')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Deadline of making a connection')
            [CompletionResult]::new('--read-timeout', '--read-timeout', [CompletionResultType]::ParameterName, 'Deadline of a whole answer, and of the first byte of an object''s data')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'What stdout carries')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'What stdout carries')
            [CompletionResult]::new('--write', '--write', [CompletionResultType]::ParameterName, 'Also write the result in FORMAT to PATH, whole or not at all; repeatable')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours; auto: on a terminal, NO_COLOR and CLICOLOR_FORCE are honoured')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Progress on stderr; auto: on a terminal')
            [CompletionResult]::new('--no-sign-request', '--no-sign-request', [CompletionResultType]::ParameterName, 'Send unsigned requests and look for no credentials')
            [CompletionResult]::new('--allow-empty', '--allow-empty', [CompletionResultType]::ParameterName, 'Nothing to ask about is 0 instead of 2')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing but errors: the exit code is the answer')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing but errors: the exit code is the answer')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say on stderr what is asked of S3 and why; twice: also what it answered, with request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say on stderr what is asked of S3 and why; twice: also what it answered, with request ids')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'replaudit;completions' {
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the AWS configuration files')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'Region to start from; each bucket''s own is found from there')
            [CompletionResult]::new('--endpoint-url', '--endpoint-url', [CompletionResultType]::ParameterName, 'A server other than AWS; a user and password in the URL are not sent')
            [CompletionResult]::new('--ca-bundle', '--ca-bundle', [CompletionResultType]::ParameterName, 'PEM file with the certificates to trust')
            [CompletionResult]::new('--addressing-style', '--addressing-style', [CompletionResultType]::ParameterName, 'How buckets stand in addresses; auto: path style for a custom endpoint, virtual otherwise')
            [CompletionResult]::new('--request-payer', '--request-payer', [CompletionResultType]::ParameterName, 'Confirm that the requester pays')
            [CompletionResult]::new('--expected-bucket-owner', '--expected-bucket-owner', [CompletionResultType]::ParameterName, 'Refuse buckets of any other account')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'Requests in flight')
            [CompletionResult]::new('--max-attempts', '--max-attempts', [CompletionResultType]::ParameterName, 'Attempts of one read, the first included')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Deadline of making a connection')
            [CompletionResult]::new('--read-timeout', '--read-timeout', [CompletionResultType]::ParameterName, 'Deadline of a whole answer, and of the first byte of an object''s data')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'What stdout carries')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'What stdout carries')
            [CompletionResult]::new('--write', '--write', [CompletionResultType]::ParameterName, 'Also write the result in FORMAT to PATH, whole or not at all; repeatable')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours; auto: on a terminal, NO_COLOR and CLICOLOR_FORCE are honoured')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Progress on stderr; auto: on a terminal')
            [CompletionResult]::new('--no-sign-request', '--no-sign-request', [CompletionResultType]::ParameterName, 'Send unsigned requests and look for no credentials')
            [CompletionResult]::new('--allow-empty', '--allow-empty', [CompletionResultType]::ParameterName, 'Nothing to ask about is 0 instead of 2')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing but errors: the exit code is the answer')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing but errors: the exit code is the answer')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say on stderr what is asked of S3 and why; twice: also what it answered, with request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say on stderr what is asked of S3 and why; twice: also what it answered, with request ids')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'replaudit;help' {
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Replication status of objects')
            [CompletionResult]::new('inventory', 'inventory', [CompletionResultType]::ParameterValue, 'Status of a whole bucket from its S3 Inventory report')
            [CompletionResult]::new('safe-delete', 'safe-delete', [CompletionResultType]::ParameterValue, 'Delete objects, each only if it is proven replicated')
            [CompletionResult]::new('undo', 'undo', [CompletionResultType]::ParameterValue, 'Remove the delete markers that a safe-delete created')
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'JSON Schema of a command''s json output')
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
