//! A bucket and where it is: for commands and policy lines that can be pasted.

use s3_answers::Bucket;

use crate::model::{sh_command, sh_quote};

/// A bucket, its Region if known, and its server if that is not AWS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BucketLocation {
    pub(crate) bucket: Bucket,
    pub(crate) region: Option<String>,
    /// Without user and password.
    pub(crate) endpoint: Option<String>,
}

impl BucketLocation {
    /// A command of the AWS CLI about the bucket: `words` are its operation, `more` its further arguments.
    pub(super) fn aws(&self, operation: &str, more: &[&str]) -> String {
        let mut words = vec!["aws", "s3api", operation, "--bucket", self.bucket.as_str()];
        words.extend(more);
        match (&self.endpoint, &self.region) {
            (Some(endpoint), _) => words.extend(["--endpoint-url", endpoint]),
            (None, Some(region)) => words.extend(["--region", region]),
            (None, None) => {}
        }
        let quoted: Vec<String> = words.into_iter().map(sh_quote).collect();
        sh_command(&quoted.join(" "))
    }

    /// The statement of an IAM policy that allows an action here.
    pub(super) fn allow(&self, action: &str) -> String {
        let objects = if is_about_objects(action) { "/*" } else { "" };
        let (partition, bucket) = (self.partition(), &self.bucket);
        format!(
            "add to the policy: {{\"Effect\":\"Allow\",\"Action\":\"{action}\",\"Resource\":\"arn:{partition}:s3:::{bucket}{objects}\"}}"
        )
    }

    /// The partition of ARNs, by the Region.
    pub(super) fn partition(&self) -> &'static str {
        match self.region.as_deref() {
            Some(region) if region.starts_with("cn-") => "aws-cn",
            Some(region) if region.starts_with("us-gov-") => "aws-us-gov",
            Some(_) | None => "aws",
        }
    }
}

/// Whether the resource of the action is an object, not a bucket ("Actions, resources, and condition keys for Amazon S3").
pub(super) fn is_about_objects(action: &str) -> bool {
    ["s3:GetObject", "s3:GetObjectVersion", "s3:ListObjectAnnotations"].contains(&action)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_and_policies_name_the_place() {
        let location = |region: Option<&str>, endpoint: Option<&str>| BucketLocation {
            bucket: Bucket::new("src").unwrap(),
            region: region.map(str::to_owned),
            endpoint: endpoint.map(str::to_owned),
        };
        let get = |location: BucketLocation| location.aws("get-bucket-versioning", &[]);
        assert_eq!(get(location(None, None)), "aws s3api get-bucket-versioning --bucket src");
        assert_eq!(
            get(location(Some("eu-west-1"), None)),
            "aws s3api get-bucket-versioning --bucket src --region eu-west-1"
        );
        assert_eq!(
            get(location(Some("eu-west-1"), Some("http://h/a b"))),
            "aws s3api get-bucket-versioning --bucket src --endpoint-url 'http://h/a b'"
        );
        assert!(location(Some("cn-north-1"), None).allow("s3:GetObject").ends_with("\"arn:aws-cn:s3:::src/*\"}"));
        assert!(location(None, None).allow("s3:ListBucket").ends_with("\"arn:aws:s3:::src\"}"));
    }
}
