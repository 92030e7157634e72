//! Worlds in which an honest run succeeds, and deletes if it is asked to. If an answer that it needs is cut, it must not.

use std::time::{Duration, SystemTime};

use replaudit_sandbox::{Bucket, Inventory, Put, Rule, Sandbox, Versioning};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Healthy {
    Status,
    Versions,
    Hide,
    Permanent,
    /// A bucket without replication rules: S3's error says so.
    NoRules,
    /// One bucket with everything that `doctor` wants.
    Doctor,
    /// An account without buckets.
    Buckets,
    /// The newest report of a configuration.
    Report,
}

const QUEUE: &str = "<NotificationConfiguration><QueueConfiguration><Id>q</Id>\
    <Queue>arn:aws:sqs:us-east-1:111122223333:failures</Queue><Event>s3:Replication:OperationFailedReplication</Event>\
    </QueueConfiguration></NotificationConfiguration>";

impl Healthy {
    pub(crate) const ALL: [Self; 8] = [
        Self::Status,
        Self::Versions,
        Self::Hide,
        Self::Permanent,
        Self::NoRules,
        Self::Doctor,
        Self::Buckets,
        Self::Report,
    ];

    /// The operations without whose answers nothing can be concluded.
    pub(crate) fn needs(self) -> &'static [&'static str] {
        match self {
            Self::Status => &["ListObjectsV2", "GetBucketReplication", "GetObjectTagging"],
            Self::Versions => &["ListObjectVersions"],
            Self::Hide => &["ListObjectsV2", "GetBucketVersioning", "GetBucketReplication"],
            Self::Permanent => &[
                "ListObjectVersions",
                "GetBucketVersioning",
                "GetBucketReplication",
                "GetObjectTagging",
                "ListObjectAnnotations",
            ],
            Self::NoRules => &["GetBucketReplication"],
            Self::Doctor => &[
                "GetBucketVersioning",
                "GetBucketReplication",
                "GetObjectLockConfiguration",
                "GetBucketEncryption",
                "GetBucketNotificationConfiguration",
                "GetBucketLifecycleConfiguration",
                "ListBucketInventoryConfigurations",
            ],
            Self::Buckets => &["ListBuckets"],
            Self::Report => &["ListBucketInventoryConfigurations", "ListObjectsV2", "GetObject"],
        }
    }

    /// Fills the server, and gives the command line after the program's name.
    pub(crate) fn build(self, s3: &Sandbox) -> Vec<String> {
        if self != Self::Buckets {
            self.fill(s3);
        }
        let line = match self {
            Self::Status => "status --recursive --verify-replica s3://src/",
            Self::Versions => "status --recursive --all-versions s3://src/",
            Self::Hide | Self::NoRules => "safe-delete --yes --recursive --whole-bucket --max-delete 1000 s3://src/",
            Self::Permanent => {
                "safe-delete --yes --recursive --whole-bucket --max-delete 1000 --all-versions --permanent s3://src/"
            }
            Self::Doctor => "doctor src",
            Self::Buckets => "doctor --all-buckets --allow-empty",
            Self::Report => "inventory --bucket src",
        };
        line.split(' ').chain(["--max-attempts", "1"]).map(str::to_owned).collect()
    }

    fn fill(self, s3: &Sandbox) {
        for bucket in ["src", "dst"] {
            s3.create_bucket(Bucket::new(bucket).versioning(Versioning::Enabled));
        }
        let rule = Rule::new("all").to("dst");
        match self {
            // Only the tags show that the second rule does not apply, and nothing is at its destination.
            Self::Status | Self::Permanent => {
                s3.create_bucket(Bucket::new("second").versioning(Versioning::Enabled));
                s3.replicate("src", [rule, Rule::new("second").to("second").priority(2).tag("copies", "2")]);
            }
            Self::Versions | Self::Hide => s3.replicate("src", [rule]),
            Self::NoRules | Self::Buckets => {}
            Self::Doctor | Self::Report => {
                s3.replicate("src", [rule.metrics(true)]);
                s3.notifications("src", Some(QUEUE));
                s3.create_bucket(Bucket::new("reports"));
            }
        }
        for key in ["a", "b c"] {
            s3.put_with("src", key, "x", Put::default().tag("copies", "1"));
            if self == Self::NoRules {
                s3.set_status("src", key, Some("COMPLETED"));
            }
        }
        if matches!(self, Self::Doctor | Self::Report) {
            for bucket in ["src", "dst"] {
                let inventory = Inventory::of(bucket).to("reports").id("daily").prefix("inv");
                s3.configure_inventory(&inventory);
                s3.deliver_inventory(inventory.scanned_at(SystemTime::now() - Duration::from_secs(25 * 3600)));
            }
        }
    }
}
