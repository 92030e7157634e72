//! The likely cause of a failure, and what to do next.
//!
//! Athena has few codes. What went wrong is in the text, which it takes from Trino, Hive, Glue, Lake Formation or S3. Only the
//! advice depends on it.

/// Parts of a text, any of which shows the cause, and what to do. The first that fits is taken.
const HINTS: [(&[&str], &str); 15] = [
    (
        &["No output location", "output location is not", "OutputLocation is not set"],
        "the workgroup has no output location: give --athena-output s3://BUCKET/PREFIX/, or --athena-workgroup",
    ),
    (
        &[
            "PermanentRedirect",
            "AuthorizationHeaderMalformed",
            "Status Code: 301",
            "wrong region",
            "Unable to find a region",
        ],
        "the bucket is in another Region than Athena: give the Region of the reports with --region",
    ),
    (
        &["WorkGroup is not found", "WorkGroup not found", "Workgroup is not found"],
        "check --athena-workgroup, the account, and the Region (--region)",
    ),
    (
        &["AlreadyExistsException", "already exists"],
        "each run takes another name, so this was an earlier attempt of the same request: run it again",
    ),
    (
        &["Bytes scanned limit", "BytesScannedCutoff"],
        "the workgroup limits what a query may scan: use another one with --athena-workgroup, or raise its limit",
    ),
    (
        &[
            "Database does not exist",
            "SCHEMA_NOT_FOUND",
            "Database not found",
            "Schema does not exist",
            "DATABASE_NOT_FOUND",
        ],
        "check --athena-database, the account, and the Region (--region)",
    ),
    (
        &["lakeformation", "Lake Formation", "LakeFormation"],
        "Lake Formation must allow the caller to create and drop tables in the database, and to read the location of the reports",
    ),
    (
        &["glue:"],
        "the caller needs glue:GetDatabase, glue:CreateTable, glue:GetTable and glue:DeleteTable for the catalog, the database and the table",
    ),
    (
        &["athena:"],
        "the caller needs athena:StartQueryExecution, GetQueryExecution, GetQueryResults and StopQueryExecution for the workgroup",
    ),
    (
        &["kms:", "KMS"],
        "the caller needs kms:Decrypt for the key of the reports, and kms:GenerateDataKey for the key of the results",
    ),
    (
        &["Access Denied", "AccessDenied", "Forbidden", "Status Code: 403", "Permission denied"],
        "the caller needs s3:GetObject and s3:ListBucket on the data files and hive/…/symlink.txt of the report, and s3:GetBucketLocation, s3:GetObject and s3:PutObject on the output location",
    ),
    (&["ExpiredToken", "security token included in the request is expired"], "the session has expired: log in again"),
    (
        &[
            "UnrecognizedClientException",
            "InvalidSignatureException",
            "MissingAuthenticationToken",
            "InvalidClientTokenId",
        ],
        "check the profile and the credentials",
    ),
    (
        &["TooManyRequests", "Throttling", "ThrottlingException", "exhausted resources"],
        "the account or the query is at a limit of Athena: try again later",
    ),
    (
        &["ConnectionFailed", "TimedOut", "ConnectionBroken", "UnreadableAnswer"],
        "check the Region, the network, the proxy variables and AWS_ENDPOINT_URL_ATHENA",
    ),
];

/// What to do, where the text shows the cause.
pub(super) fn hint(text: &str) -> Option<&'static str> {
    HINTS.iter().find(|(parts, _)| parts.iter().any(|part| text.contains(part))).map(|(_, hint)| *hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_has_a_next_step() {
        let table = [
            ("No output location provided. An output location is required", "--athena-output"),
            (
                "Permission denied on S3 path: s3://r/x (Service: Amazon S3; Status Code: 403; Error Code: AccessDenied)",
                "s3:GetObject",
            ),
            ("The bucket is in this region: eu-west-1 (Status Code: 301; Error Code: PermanentRedirect)", "--region"),
            ("Table already exists (Service: AWSGlue; Error Code: AlreadyExistsException)", "run it again"),
            ("User is not authorized to perform: glue:CreateTable on resource: catalog", "glue:CreateTable"),
            ("User: x is not authorized to perform: athena:StartQueryExecution on resource: y", "StopQueryExecution"),
            ("WorkGroup is not found.", "--athena-workgroup"),
            ("FAILED: SemanticException [Error 10072]: Database does not exist: x", "--athena-database"),
            ("Query cancelled! : Bytes scanned limit was exceeded", "limits what a query may scan"),
        ];
        for (reason, says) in table {
            assert!(hint(reason).is_some_and(|hint| hint.contains(says)), "{reason}: {:?}", hint(reason));
        }
        assert_eq!(hint("HIVE_BAD_DATA: Error parsing field value"), None);
    }
}
