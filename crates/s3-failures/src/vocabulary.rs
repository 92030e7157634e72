//! What the codes of a failed replication mean, who has to act, and what to do: the only place that knows them.
//!
//! The codes are those of "Amazon S3 replication failure reasons" in the S3 User Guide. The list grows: an unknown code is
//! shown as it is, and counted. [`OPERATIONS`] says which permission a request of the replication role needs.

use serde::Serialize;

/// Who or what has to be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Actor {
    /// The policy of the IAM role that the replication configuration names.
    ReplicationRole,
    /// The policy of the IAM role of the Batch Operations job.
    JobRole,
    /// The replication rules of the source bucket.
    ReplicationRules,
    /// The source bucket.
    SourceBucket,
    /// The policy of the source bucket's KMS key, or its state.
    SourceKey,
    /// The destination bucket.
    DestinationBucket,
    /// The bucket policy of the destination.
    DestinationPolicy,
    /// The policy of the destination's KMS key, or its state.
    DestinationKey,
    /// The Batch Operations job.
    Job,
}

impl Actor {
    /// Its name, for people.
    pub fn text(self) -> &'static str {
        match self {
            Self::ReplicationRole => "replication role",
            Self::JobRole => "role of the Batch Operations job",
            Self::ReplicationRules => "replication rules",
            Self::SourceBucket => "source bucket",
            Self::SourceKey => "KMS key of the source",
            Self::DestinationBucket => "destination bucket",
            Self::DestinationPolicy => "bucket policy of the destination",
            Self::DestinationKey => "KMS key of the destination",
            Self::Job => "Batch Operations job",
        }
    }
}

/// What is known about a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meaning {
    /// What happened.
    pub meaning: &'static str,
    /// Empty where nothing has to be changed.
    pub actors: &'static [Actor],
    /// The permission or setting that is needed.
    pub permission: Option<&'static str>,
    /// What to do.
    pub next: &'static str,
}

/// A code with its meaning.
type Entry = (&'static str, Meaning);

const fn code(
    code: &'static str,
    actors: &'static [Actor],
    permission: &'static str,
    meaning: &'static str,
    next: &'static str,
) -> Entry {
    let permission = if permission.is_empty() { None } else { Some(permission) };
    (code, Meaning { meaning, actors, permission, next })
}

/// What the replication role may not do at the destination.
const fn at_destination(name: &'static str, permission: &'static str, meaning: &'static str) -> Entry {
    code(name, WRITES, permission, meaning, OF_DESTINATION)
}

/// What the replication role may not do at the source.
const fn at_source(name: &'static str, permission: &'static str, meaning: &'static str) -> Entry {
    code(name, READS, permission, meaning, AGAIN)
}

const AGAIN: &str = "repair it, then replicate the objects again with S3 Batch Replication, or upload them again";
const READS: &[Actor] = &[Actor::ReplicationRole, Actor::SourceBucket];
const WRITES: &[Actor] = &[Actor::ReplicationRole, Actor::DestinationPolicy];
const WRITES_WITH_KEY: &[Actor] = &[Actor::ReplicationRole, Actor::DestinationPolicy, Actor::DestinationKey];
const GONE: &str =
    "check what deletes source versions before they are replicated; a deleted version can't be replicated";
const OF_DESTINATION: &str = "allow it in the policy of the replication role and, if the destination is in another account, in its \
     bucket policy; then replicate the objects again with S3 Batch Replication";

/// Every code that is documented, in alphabetical order.
const CODES: [Entry; 45] = [
    code(
        "AccessDenied",
        &[Actor::ReplicationRole, Actor::DestinationPolicy],
        "",
        "S3 refused a request of the replication role or of the job role",
        "allow the request in the policies of the role and of the bucket",
    ),
    code(
        "AssumeRoleNotPermitted",
        &[Actor::ReplicationRole, Actor::JobRole],
        "sts:AssumeRole for s3.amazonaws.com (a job: batchoperations.s3.amazonaws.com)",
        "S3 can't assume the role of the replication configuration or of the job",
        "check that the role exists and that its trust policy names the service; then replicate the objects again",
    ),
    code(
        "DstBucketInvalidRegion",
        &[Actor::Job],
        "",
        "the destination bucket is not in the Region that the job names",
        "create the job in the Region of the source bucket, and check the destinations of the rules",
    ),
    code(
        "DstBucketNotFound",
        &[Actor::DestinationBucket, Actor::ReplicationRules],
        "",
        "S3 can't find the destination bucket",
        "create the bucket, or correct the rule; then replicate the objects again",
    ),
    code(
        "DstBucketObjectLockConfigMissing",
        &[Actor::DestinationBucket],
        "Object Lock enabled at the destination",
        "the source bucket has Object Lock, and the destination may not have it",
        "enable Object Lock at the destination; then replicate the objects again",
    ),
    code(
        "DstBucketUnversioned",
        &[Actor::DestinationBucket],
        "versioning Enabled at the destination",
        "versioning is not enabled at the destination",
        "enable versioning at the destination; then replicate the objects again",
    ),
    at_destination(
        "DstDelObjNotPermitted",
        "s3:ReplicateDelete",
        "S3 may not replicate delete markers to the destination",
    ),
    code(
        "DstKmsKeyInvalidState",
        &[Actor::DestinationKey],
        "an enabled KMS key",
        "the KMS key of the destination is disabled, or is to be deleted",
        AGAIN,
    ),
    code(
        "DstKmsKeyNotFound",
        &[Actor::DestinationKey, Actor::ReplicationRules],
        "",
        "the KMS key that the rule names for the destination does not exist",
        "correct ReplicaKmsKeyID in the rule; then replicate the objects again",
    ),
    at_destination(
        "DstMultipartCompleteNotPermitted",
        "s3:ReplicateObject",
        "S3 may not complete multipart uploads at the destination",
    ),
    at_destination(
        "DstMultipartInitNotPermitted",
        "s3:ReplicateObject",
        "S3 may not start multipart uploads at the destination",
    ),
    at_destination(
        "DstMultipartPartUploadNotPermitted",
        "s3:ReplicateObject",
        "S3 may not upload parts to the destination (an older name of DstMultipartUploadNotPermitted)",
    ),
    at_destination(
        "DstMultipartUploadNotPermitted",
        "s3:ReplicateObject",
        "S3 may not upload parts to the destination",
    ),
    code(
        "DstObjectHardDeleted",
        &[],
        "",
        "this version was deleted by its version ID at the destination, and Batch Replication does not replicate it again",
        "copy the object to the destination, or upload it to the source again",
    ),
    at_destination("DstPutAclNotPermitted", "s3:ReplicateObject", "S3 may not write ACLs at the destination"),
    at_destination(
        "DstPutLegalHoldNotPermitted",
        "s3:PutObjectLegalHold",
        "S3 may not set legal holds at the destination",
    ),
    code(
        "DstPutObjectNotPermitted",
        WRITES_WITH_KEY,
        "s3:ReplicateObject; s3:ObjectOwnerOverrideToBucketOwner if the rule changes the owner; kms:Decrypt and \
         kms:GenerateDataKey on the KMS key of the destination",
        "S3 may not write objects to the destination, or may not use its KMS key",
        "allow them in the policies of the replication role, the destination bucket and its KMS key; then replicate the \
         objects again with S3 Batch Replication",
    ),
    at_destination(
        "DstPutRetentionNotPermitted",
        "s3:PutObjectRetention",
        "S3 may not set retention periods at the destination",
    ),
    at_destination(
        "DstPutTaggingNotPermitted",
        "s3:ReplicateTags (AWS also names s3:ReplicateObject)",
        "S3 may not write tags at the destination",
    ),
    code(
        "DstVersionNotFound",
        &[Actor::DestinationBucket],
        "",
        "the destination does not have the version whose metadata should be replicated",
        "check what deletes replicas at the destination; then replicate the objects again",
    ),
    code(
        "InitiateReplicationNotPermitted",
        &[Actor::JobRole],
        "s3:InitiateReplication",
        "the role of the job may not start the replication",
        "allow it in the policy of the job's role, and create the job again",
    ),
    code("InternalError", &[], "", "S3 failed to carry the task out", "create a job for these objects again"),
    code(
        "InvalidArgument",
        &[Actor::Job],
        "",
        "S3 does not accept the task; an empty version ID in a manifest is such a case",
        "write the version ID null for null versions, as --export FILE.csv does",
    ),
    code("MethodNotAllowed", &[], "", "the version is a delete marker", "leave delete markers out of the manifest"),
    code("NoSuchKey", &[], "", "the object does not exist any more", GONE),
    code("NoSuchVersion", &[], "", "the version does not exist any more", GONE),
    code(
        "PermanentFailure",
        &[Actor::Job],
        "",
        "the task failed, and is not tried again; the message says why",
        "read the message in the ndjson output",
    ),
    code("SlowDown", &[], "", "S3 limited the request rate", "create a job for these objects again"),
    code(
        "SrcBucketInvalidRegion",
        &[Actor::Job],
        "",
        "the source bucket is not in the Region that the job names",
        "create the job in the Region of the source bucket",
    ),
    code(
        "SrcBucketNotFound",
        &[Actor::SourceBucket],
        "",
        "S3 can't find the source bucket",
        "check the bucket's name in the manifest",
    ),
    code(
        "SrcBucketReplicationConfigMissing",
        &[Actor::ReplicationRules],
        "a replication configuration",
        "the source bucket has no replication configuration",
        "create the rules, then the job",
    ),
    code(
        "SrcGetAclNotPermitted",
        READS,
        "s3:GetObjectVersionAcl",
        "S3 may not read the object's ACL; or the bucket owner does not own the object",
        "allow it in the policy of the replication role, or set Object Ownership to bucket owner enforced; then replicate the \
         objects again",
    ),
    at_source("SrcGetLegalHoldNotPermitted", "s3:GetObjectLegalHold", "S3 may not read legal holds at the source"),
    at_source(
        "SrcGetObjectNotPermitted",
        "s3:GetObjectVersionForReplication",
        "S3 may not read the object at the source",
    ),
    at_source(
        "SrcGetRetentionNotPermitted",
        "s3:GetObjectRetention",
        "S3 may not read retention periods at the source",
    ),
    at_source("SrcGetTaggingNotPermitted", "s3:GetObjectVersionTagging", "S3 may not read tags at the source"),
    at_source(
        "SrcHeadObjectNotPermitted",
        "s3:GetObjectVersionForReplication",
        "S3 may not read the object's metadata at the source",
    ),
    code("SrcKeyNotFound", &[Actor::SourceBucket], "", "the source object was deleted before it was replicated", GONE),
    code(
        "SrcKmsKeyInvalidState",
        &[Actor::SourceKey],
        "an enabled KMS key",
        "the KMS key of the source is disabled, or is to be deleted",
        AGAIN,
    ),
    code(
        "SrcObjectNotEligible",
        &[Actor::ReplicationRules],
        "",
        "no enabled rule applies to this object, or its storage class is archived; S3 answers 500, but trying again does not help",
        "see which rule applies: replaudit status --explain s3://BUCKET/KEY",
    ),
    code("SrcObjectNotFound", &[Actor::SourceBucket], "", "the source object does not exist", GONE),
    code(
        "SrcReplicationNotPending",
        &[],
        "",
        "S3 has replicated this object already",
        "nothing has to be done; check it with replaudit status",
    ),
    code(
        "SrcVersionNotFound",
        &[Actor::SourceBucket],
        "",
        "the source version was deleted before it was replicated",
        GONE,
    ),
    code("TemporaryFailure", &[], "", "the task failed for now", "create a job for these objects again"),
    code(NO_CODE, &[], "", "the failure was reported without a code", "read the message in the ndjson output"),
];

/// Stands for a failure without a code.
pub const NO_CODE: &str = "unspecified";

/// What is known about a code; `None` if it is not documented.
pub fn meaning(code: &str) -> Option<&'static Meaning> {
    CODES.binary_search_by(|(known, _)| (*known).cmp(code)).ok().map(|at| &CODES[at].1)
}

/// The table's own text of a code.
pub(crate) fn known(code: &str) -> Option<&'static str> {
    CODES.binary_search_by(|(known, _)| (*known).cmp(code)).ok().map(|at| CODES[at].0)
}

/// The side of a replication that a request goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The source bucket.
    Source,
    /// The destination bucket.
    Destination,
}

impl Side {
    /// Who has to allow a request to this side.
    pub fn actors(self) -> &'static [Actor] {
        match self {
            Self::Source => READS,
            Self::Destination => WRITES,
        }
    }
}

/// The requests of a replication role in CloudTrail, with the side they go to and the permission they need.
const OPERATIONS: [(&str, Side, &str); 19] = [
    ("AbortMultipartUpload", Side::Destination, "s3:ReplicateObject"),
    ("CompleteMultipartUpload", Side::Destination, "s3:ReplicateObject"),
    ("CreateMultipartUpload", Side::Destination, "s3:ReplicateObject"),
    ("DeleteObject", Side::Destination, "s3:ReplicateDelete"),
    ("GetBucketObjectLockConfiguration", Side::Destination, "s3:GetBucketObjectLockConfiguration"),
    ("GetBucketReplication", Side::Source, "s3:GetReplicationConfiguration"),
    ("GetBucketVersioning", Side::Destination, "s3:GetBucketVersioning"),
    ("GetObject", Side::Source, "s3:GetObjectVersionForReplication"),
    ("GetObjectAcl", Side::Source, "s3:GetObjectVersionAcl"),
    ("GetObjectLegalHold", Side::Source, "s3:GetObjectLegalHold"),
    ("GetObjectRetention", Side::Source, "s3:GetObjectRetention"),
    ("GetObjectTagging", Side::Source, "s3:GetObjectVersionTagging"),
    ("HeadObject", Side::Source, "s3:GetObjectVersionForReplication"),
    ("PutObject", Side::Destination, "s3:ReplicateObject"),
    ("PutObjectAcl", Side::Destination, "s3:ReplicateObject"),
    ("PutObjectLegalHold", Side::Destination, "s3:PutObjectLegalHold"),
    ("PutObjectRetention", Side::Destination, "s3:PutObjectRetention"),
    ("PutObjectTagging", Side::Destination, "s3:ReplicateTags"),
    ("UploadPart", Side::Destination, "s3:ReplicateObject"),
];

/// The side and the permission of a request; `None` for one that replication does not send.
pub fn operation(name: &str) -> Option<(Side, &'static str)> {
    OPERATIONS.iter().find(|(known, _, _)| *known == name).map(|(_, side, permission)| (*side, *permission))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_complete() {
        assert!(CODES.is_sorted_by(|one, next| one.0 < next.0), "it is searched by halves");
        for (code, Meaning { meaning: text, permission, next, .. }) in &CODES {
            assert!(meaning(code).is_some_and(|found| found.meaning == *text), "{code}");
            assert!(!text.is_empty() && !next.is_empty() && *permission != Some(""), "{code}");
        }
        // The documentation of AWS writes this one with a space at its end.
        assert_eq!((meaning("DstVersionNotFound "), meaning("dstversionnotfound"), meaning("")), (None, None, None));
    }

    #[test]
    fn every_code_of_the_documentation_is_known() {
        let documented = "AssumeRoleNotPermitted DstBucketInvalidRegion DstBucketNotFound DstBucketObjectLockConfigMissing \
             DstBucketUnversioned DstDelObjNotPermitted DstKmsKeyInvalidState DstKmsKeyNotFound \
             DstMultipartCompleteNotPermitted DstMultipartInitNotPermitted DstMultipartUploadNotPermitted \
             DstObjectHardDeleted DstPutAclNotPermitted DstPutLegalHoldNotPermitted DstPutObjectNotPermitted \
             DstPutRetentionNotPermitted DstPutTaggingNotPermitted DstVersionNotFound InitiateReplicationNotPermitted \
             SrcBucketInvalidRegion SrcBucketNotFound SrcBucketReplicationConfigMissing SrcGetAclNotPermitted \
             SrcGetLegalHoldNotPermitted SrcGetObjectNotPermitted SrcGetRetentionNotPermitted SrcGetTaggingNotPermitted \
             SrcHeadObjectNotPermitted SrcKeyNotFound SrcKmsKeyInvalidState SrcObjectNotEligible SrcObjectNotFound \
             SrcReplicationNotPending SrcVersionNotFound";
        for code in documented.split_whitespace() {
            assert!(meaning(code).is_some(), "{code}");
        }
        assert_eq!(documented.split_whitespace().count(), 34);
    }

    #[test]
    fn requests_have_a_side_and_a_permission() {
        assert_eq!(operation("PutObject"), Some((Side::Destination, "s3:ReplicateObject")));
        assert_eq!(operation("GetObjectTagging"), Some((Side::Source, "s3:GetObjectVersionTagging")));
        assert_eq!(operation("ListBuckets"), None);
    }
}
