//! Audits Amazon S3 replication.
