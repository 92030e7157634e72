//! The likely cause of a failure, and what to do next.
//!
//! What went wrong with a statement is in Athena's text only, which is shown. So the advice names what that statement needs.

use super::purpose::StatementPurpose;

/// What to do after a statement has failed.
pub(super) fn hint_of_statement(purpose: StatementPurpose) -> &'static str {
    match purpose {
        StatementPurpose::CreateTable | StatementPurpose::DropTable => {
            "check --athena-database and --region; the caller needs glue:GetDatabase, glue:CreateTable, glue:GetTable and glue:DeleteTable for the catalog, the database and the table, and what Lake Formation demands where it is used"
        }
        StatementPurpose::Export => {
            "the caller needs what the query needs, and s3:PutObject on the folder of --export, which must be in Athena's Region (--region)"
        }
        StatementPurpose::Query => {
            "the caller needs s3:GetObject and s3:ListBucket on the data files and hive/…/symlink.txt of each report, kms:Decrypt if they are encrypted with a KMS key, and s3:GetBucketLocation, s3:GetObject and s3:PutObject on the output location; the output location must be in Athena's Region (--region)"
        }
    }
}

/// What to do after a request was refused, or got no answer, by its code.
pub(super) fn hint_of_code(code: &str) -> Option<&'static str> {
    Some(match code {
        "InvalidRequestException" => {
            "check --athena-workgroup, --athena-database and --region; if the workgroup has no output location, give --athena-output s3://BUCKET/PREFIX/"
        }
        "AccessDeniedException" => {
            "the caller needs athena:StartQueryExecution, GetQueryExecution, GetQueryResults and StopQueryExecution for the workgroup"
        }
        "ExpiredToken" | "ExpiredTokenException" => "the session has expired: log in again",
        "UnrecognizedClientException"
        | "InvalidSignatureException"
        | "MissingAuthenticationTokenException"
        | "InvalidClientTokenId" => "check the profile and the credentials",
        "TooManyRequestsException" | "ThrottlingException" => "the account is at a limit of Athena: try again later",
        "ConnectionFailed" | "TimedOut" | "ConnectionBroken" | "UnreadableAnswer" => {
            "check the Region, the network, the proxy variables and AWS_ENDPOINT_URL_ATHENA"
        }
        _ => return None,
    })
}
