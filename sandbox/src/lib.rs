//! An embedded S3 with replication.
