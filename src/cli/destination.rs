//! Options about replicas, shared by `status` and `safe-delete`.

use clap::Args;

use crate::model::{Bucket, without_userinfo};
use crate::s3::DestinationOption;

#[derive(Debug, Args)]
pub(super) struct Verification {
    /// Look at the replicas: HEAD the same version at every destination, and compare
    ///
    /// The destinations are those of the bucket's replication rules that apply to the object, and every --destination.
    /// A replica is in sync if it has the same version id, S3 calls it REPLICA, and size, checksums and MD5 ETags are the
    /// same. Rules that can't be read make it not verified (exit 2), unless S3 refuses to show them (403, 501) and
    /// --destination names the destinations. Needs
    /// s3:GetReplicationConfiguration at the source, at the destinations s3:GetObjectVersion, and s3:ListBucket to tell
    /// what is missing from what is forbidden.
    #[arg(long)]
    verify_replica: bool,
    /// With --verify-replica: a further destination, or where one is that a rule names; repeatable
    ///
    /// BUCKET[,region=R][,endpoint=URL][,profile=P]. What is left out is as for the source.
    #[arg(long, value_name = "BUCKET[,KEY=VALUE…]", value_parser = destination)]
    destination: Vec<DestinationOption>,
}

impl Verification {
    /// The given destinations where replicas are to be looked at; `implied`: also without `--verify-replica`.
    pub(super) fn resolve(self, implied: bool) -> Result<Option<Vec<DestinationOption>>, String> {
        if !self.verify_replica && !implied {
            return match self.destination.is_empty() {
                true => Ok(None),
                false => {
                    Err("--destination needs --verify-replica: nothing is asked of a destination otherwise".to_owned())
                }
            };
        }
        for (at, one) in self.destination.iter().enumerate() {
            let same = |other: &DestinationOption| other.bucket == one.bucket && other.endpoint == one.endpoint;
            if self.destination[..at].iter().any(same) {
                return Err(format!("--destination names bucket {} twice on one server", one.bucket));
            }
        }
        Ok(Some(self.destination))
    }
}

fn destination(text: &str) -> Result<DestinationOption, String> {
    let mut parts = text.split(',');
    let bucket = Bucket::new(parts.next().unwrap_or_default()).map_err(|error| error.to_string())?;
    let mut option = DestinationOption { bucket, region: None, endpoint: None, profile: None };
    for part in parts {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        let place = match key {
            "region" => &mut option.region,
            "endpoint" => &mut option.endpoint,
            "profile" => &mut option.profile,
            _ => return Err(format!("{key:?} is not known there: region=, endpoint= and profile= are")),
        };
        if value.is_empty() {
            return Err(format!("{key} has no value: write {key}=VALUE"));
        }
        if place.replace(value.to_owned()).is_some() {
            return Err(format!("{key} is given twice"));
        }
    }
    option.endpoint = option.endpoint.as_deref().map(without_userinfo);
    match &option.endpoint {
        Some(url) if !url.starts_with("http://") && !url.starts_with("https://") => {
            Err("the endpoint has no scheme: write endpoint=https://HOST".to_owned())
        }
        _ => Ok(option),
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
            ("dst,", "region=, endpoint= and profile="),
            ("dst,Region=x", "region=, endpoint= and profile="),
            ("dst,region", "write region=VALUE"),
            ("dst,region=", "write region=VALUE"),
            ("dst,region=a,region=b", "given twice"),
            ("dst,endpoint=localhost:9000", "no scheme"),
            ("b--use1-az4--x-s3", "directory bucket"),
        ] {
            let error = destination(typed).unwrap_err();
            assert!(error.contains(says), "{typed}: {error}");
        }
    }
}
