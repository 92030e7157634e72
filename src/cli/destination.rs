//! Options about replicas, shared by `status` and `safe-delete`.

use clap::Args;

use super::error::{UsageError, ValueError};
use crate::model::{Bucket, EndpointFault, without_userinfo};
use crate::status::DestinationOption;

#[derive(Debug, Args)]
pub(super) struct VerificationArgs {
    /// Verify the replicas: HEAD the same version at every destination bucket, and compare
    ///
    /// The destinations are those of the replication rules that apply to the object, and every --destination. A replica is
    /// in sync if it has the same version ID and size, its status is REPLICA, and no checksum or MD5 ETag differs. If
    /// replaudit cannot read the rules, it does not verify the object (exit code 2). Exception: if S3 answers the request
    /// for the rules with 403 (AccessDenied), 501 or 405, and you give --destination, it verifies those destinations only.
    /// Needs s3:GetReplicationConfiguration on the source bucket, s3:GetObjectVersion on the destination buckets, and
    /// s3:ListBucket there to distinguish a missing replica from denied access. If a rule filters by tags, also needs
    /// s3:GetObjectTagging and s3:GetObjectVersionTagging on the source bucket.
    #[arg(long)]
    verify_replica: bool,
    /// Add a destination bucket. Or, for a destination bucket that a rule names, set its endpoint, its profile, or the Region
    /// for the first request to it. Repeatable. Only with --verify-replica, or with safe-delete --permanent (not with --trust-status)
    ///
    /// BUCKET[,region=R][,endpoint=URL][,profile=P]. Defaults are those of the source bucket.
    #[arg(long, value_name = "BUCKET[,KEY=VALUE…]", value_parser = destination)]
    destination: Vec<DestinationOption>,
}

impl VerificationArgs {
    /// The given destinations where replicas are to be looked at; `implied`: also without `--verify-replica`.
    pub(super) fn resolve(self, implied: bool) -> Result<Option<Vec<DestinationOption>>, UsageError> {
        if !self.verify_replica && !implied {
            return if self.destination.is_empty() { Ok(None) } else { Err(UsageError::DestinationWithoutVerify) };
        }
        refuse_twice(&self.destination)?;
        Ok(Some(self.destination))
    }
}

/// Refuses a bucket that is named twice on one server.
pub(super) fn refuse_twice(given: &[DestinationOption]) -> Result<(), UsageError> {
    for (at, one) in given.iter().enumerate() {
        let same = |other: &DestinationOption| other.bucket == one.bucket && other.endpoint == one.endpoint;
        if given[..at].iter().any(same) {
            return Err(UsageError::DestinationTwice(one.bucket.clone()));
        }
    }
    Ok(())
}

pub(super) fn destination(text: &str) -> Result<DestinationOption, ValueError> {
    let mut parts = text.split(',');
    let bucket = match parts.next() {
        Some("") | None => return Err(ValueError::NoBucket),
        Some(name) => Bucket::new(name)?,
    };
    let mut option = DestinationOption { bucket, region: None, endpoint: None, profile: None };
    for part in parts {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        let field = match key {
            "region" => &mut option.region,
            "endpoint" => &mut option.endpoint,
            "profile" => &mut option.profile,
            _ => return Err(ValueError::DestinationKey(key.to_owned())),
        };
        if value.is_empty() {
            return Err(ValueError::DestinationValue(key.to_owned()));
        }
        if field.replace(value.to_owned()).is_some() {
            return Err(ValueError::DestinationKeyTwice(key.to_owned()));
        }
    }
    option.endpoint = option.endpoint.as_deref().map(without_userinfo);
    match option.endpoint.as_ref().and_then(|url| Some((url, EndpointFault::of(url)?))) {
        Some((url, fault)) => Err(ValueError::Endpoint { url: url.clone(), fault }),
        None => Ok(option),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_destination_is_a_bucket_and_where_it_is() {
        let text = |text: &str| Some(text.to_owned());
        let parse =
            |typed: &str| destination(typed).map(|to| (to.bucket.to_string(), to.region, to.endpoint, to.profile));
        assert_eq!(parse("dst"), Ok(("dst".to_owned(), None, None, None)));
        assert_eq!(
            parse("dst,region=eu-west-1,endpoint=https://s3.example.com:9000/x,profile=other one"),
            Ok(("dst".to_owned(), text("eu-west-1"), text("https://s3.example.com:9000/x"), text("other one")))
        );
        assert_eq!(parse("dst,profile=p"), Ok(("dst".to_owned(), None, None, text("p"))));
        for (typed, says) in [
            ("", "names no bucket"),
            ("s3://dst", "can't be a bucket"),
            ("dst,", "region=, endpoint= or profile="),
            ("dst,Region=x", "region=, endpoint= or profile="),
            ("dst,region", "write region=VALUE"),
            ("dst,region=", "write region=VALUE"),
            ("dst,region=a,region=b", "given twice"),
            (",region=x", "names no bucket"),
            ("dst,endpoint=localhost:9000", "write the scheme too"),
            ("dst,endpoint=ftp://host", "not ftp://"),
            ("dst,endpoint=http://", "names no host"),
            ("b--use1-az4--x-s3", "directory bucket"),
        ] {
            let error = destination(typed).unwrap_err().to_string();
            assert!(error.contains(says), "{typed}: {error}");
        }
    }
}
