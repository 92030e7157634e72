//! Worlds in which an honest run keeps everything and does not exit 0, and the command that is run in each.

use fastrand::Rng;
use replaudit_sandbox::{Bucket, Principal, Put, Rule, Sandbox, Versioning};

/// Keys that are written in different ways in different places.
const KEYS: [&str; 10] = ["a", "b/c", "c d", "e+f", "ü/語/😀", "<&>\"'", "g%20h", "new\nline", "//i", "zz"];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scene {
    /// One of many objects is not replicated.
    Objects,
    /// One of many versions is not replicated.
    Versions,
    /// A destination that the rules name has no copy.
    Replica,
    /// The delete marker would travel.
    MarkerTravels,
    /// Versioning is not Enabled.
    Suspended,
    /// A destination that the rules name has no copy, and all versions are to be removed.
    LastCopies,
    /// No version is replicated, and all are to be removed.
    NotReplicated,
    /// The caller may delete nothing.
    Denied,
    /// Every version has an annotation that is not replicated.
    Annotations,
}

impl Scene {
    pub(crate) const ALL: [Self; 9] = [
        Self::Objects,
        Self::Versions,
        Self::Replica,
        Self::MarkerTravels,
        Self::Suspended,
        Self::LastCopies,
        Self::NotReplicated,
        Self::Denied,
        Self::Annotations,
    ];

    /// The operations whose answers are worth damaging.
    pub(crate) fn targets(self) -> &'static [&'static str] {
        match self {
            Self::Objects => &["ListObjectsV2", "HeadObject"],
            Self::Versions => &["ListObjectVersions", "HeadObject"],
            Self::Replica => &["GetBucketReplication", "GetObjectTagging", "HeadObject", "ListObjectsV2"],
            Self::MarkerTravels => &[
                "GetBucketReplication",
                "GetBucketReplication",
                "GetBucketVersioning",
                "ListObjectsV2",
                "GetBucketLifecycleConfiguration",
            ],
            Self::Suspended => &["GetBucketVersioning", "GetBucketVersioning", "GetBucketReplication"],
            Self::LastCopies => &[
                "GetBucketReplication",
                "GetObjectTagging",
                "ListObjectVersions",
                "GetBucketVersioning",
                "HeadObject",
                "ListObjectAnnotations",
            ],
            Self::NotReplicated => &["HeadObject", "ListObjectVersions", "GetBucketReplication"],
            Self::Annotations => &["ListObjectAnnotations", "ListObjectAnnotations", "ListObjectVersions"],
            Self::Denied => &["DeleteObjects", "DeleteObjects", "ListObjectVersions", "GetBucketReplication"],
        }
    }

    /// Fills the server, and gives the command line after the program's name.
    pub(crate) fn build(self, s3: &Sandbox, seed: u64) -> Vec<String> {
        let rng = &mut Rng::with_seed(seed ^ 0x5eed);
        for bucket in ["src", "dst", "second"] {
            s3.create_bucket(Bucket::new(bucket).versioning(Versioning::Enabled));
        }
        if rng.bool() {
            s3.page_size(rng.usize(1..=3));
        }
        let mut keys = KEYS;
        rng.shuffle(&mut keys);
        let keys = &keys[..rng.usize(1..=5)];
        match self {
            Self::Objects => self.objects(s3, keys, rng),
            Self::Versions => self.versions(s3, keys, rng),
            Self::Replica | Self::LastCopies => self.lost(s3, keys, rng),
            Self::MarkerTravels => self.marker_travels(s3, keys, rng),
            Self::Suspended => self.suspended(s3, keys, rng),
            Self::NotReplicated => self.not_replicated(s3, keys, rng),
            Self::Denied => self.denied(s3, keys, rng),
            Self::Annotations => self.annotations(s3, keys, rng),
        }
        let mut line: Vec<String> = self.command(rng).iter().map(|word| (*word).to_owned()).collect();
        line.extend(["--max-attempts".to_owned(), rng.u32(1..=2).to_string()]);
        line.extend(["--concurrency".to_owned(), rng.u32(1..=4).to_string()]);
        line.extend(["-o".to_owned(), ["json", "ndjson", "table", "csv"][rng.usize(0..4)].to_owned()]);
        line
    }

    fn command(self, rng: &mut Rng) -> Vec<&'static str> {
        let status = ["status", "--recursive", "s3://src/"];
        let delete = ["safe-delete", "--yes", "--recursive", "--whole-bucket", "--max-delete", "1000", "s3://src/"];
        let mut line: Vec<&str> = match self {
            Self::Objects | Self::Versions | Self::Replica => status.to_vec(),
            Self::MarkerTravels | Self::Suspended | Self::LastCopies => delete.to_vec(),
            Self::NotReplicated | Self::Denied | Self::Annotations => delete.to_vec(),
        };
        line.extend(match self {
            Self::Objects | Self::MarkerTravels | Self::Suspended => &[][..],
            Self::Versions => &["--all-versions"],
            Self::Replica => &["--verify-replica"],
            Self::LastCopies | Self::Annotations => &["--all-versions", "--permanent"],
            Self::NotReplicated | Self::Denied if rng.bool() => &["--all-versions", "--permanent"],
            Self::NotReplicated | Self::Denied => &["--all-versions", "--permanent", "--trust-status"],
        });
        if matches!(self, Self::Replica | Self::LastCopies) && rng.bool() {
            // The destination that has its copies: what the rules name besides must be asked too.
            line.extend(["--destination", "dst"]);
        }
        line
    }

    fn objects(self, s3: &Sandbox, keys: &[&str], rng: &mut Rng) {
        s3.replicate("src", [Rule::new("all").to("dst")]);
        keys.iter().for_each(|key| drop(s3.put("src", key, "x")));
        let bad = [Some("FAILED"), Some("PENDING"), None][rng.usize(0..3)];
        s3.set_status("src", keys[rng.usize(0..keys.len())], bad);
    }

    fn versions(self, s3: &Sandbox, keys: &[&str], rng: &mut Rng) {
        s3.replicate("src", [Rule::new("all").to("dst")]);
        for key in keys {
            (0..rng.usize(1..=3)).for_each(|n| drop(s3.put("src", key, format!("{n}"))));
            if rng.u32(0..4) == 0 {
                s3.delete("src", key);
            }
        }
        let key = keys[rng.usize(0..keys.len())];
        let versions = s3.versions("src", key);
        let written: Vec<_> = versions.iter().filter(|version| !version.delete_marker).collect();
        s3.set_status_of("src", key, &written[rng.usize(0..written.len())].version_id, Some("FAILED"));
    }

    /// Two destinations for everything, and the second has lost all of it.
    fn lost(self, s3: &Sandbox, keys: &[&str], rng: &mut Rng) {
        let first = Rule::new("first").to("dst");
        let second = Rule::new("second").to("second").priority(2);
        let tagged = rng.bool();
        let second = match rng.u32(0..3) {
            _ if tagged => second.tag("copies", "2"),
            0 => second.not_prefix("nothing here"),
            _ => second,
        };
        s3.replicate("src", if rng.bool() { [first, second] } else { [second, first] });
        for key in keys {
            for n in 0..rng.usize(1..=2) {
                let put = if tagged { Put::default().tag("copies", "2").tag("other", "1") } else { Put::default() };
                let version = s3.put_with("src", key, format!("{n}"), put);
                s3.delete_version("second", key, &version);
            }
        }
    }

    fn marker_travels(self, s3: &Sandbox, keys: &[&str], rng: &mut Rng) {
        let rule = Rule::new("all").to("dst");
        s3.replicate("src", [if rng.bool() { rule.delete_markers(true) } else { rule.v1() }]);
        keys.iter().for_each(|key| drop(s3.put("src", key, "x")));
        s3.lifecycle("src", rng.bool().then_some(LIFECYCLE));
    }

    fn suspended(self, s3: &Sandbox, keys: &[&str], _: &mut Rng) {
        s3.replicate("src", [Rule::new("all").to("dst")]);
        keys.iter().for_each(|key| drop(s3.put("src", key, "x")));
        s3.set_versioning("src", Versioning::Suspended);
    }

    fn not_replicated(self, s3: &Sandbox, keys: &[&str], rng: &mut Rng) {
        s3.replicate("src", [Rule::new("all").to("dst")]);
        for key in keys {
            s3.put("src", key, "x");
            s3.set_status("src", key, [Some("FAILED"), Some("PENDING"), Some("REPLICA"), None][rng.usize(0..4)]);
        }
    }

    fn denied(self, s3: &Sandbox, keys: &[&str], _: &mut Rng) {
        s3.replicate("src", [Rule::new("all").to("dst")]);
        keys.iter().for_each(|key| drop(s3.put("src", key, "x")));
        s3.principal(Principal::new(s3.access_key(), s3.secret_key()).deny("s3:DeleteObject*"));
    }

    fn annotations(self, s3: &Sandbox, keys: &[&str], rng: &mut Rng) {
        s3.replicate("src", [Rule::new("all").to("dst")]);
        for key in keys {
            let version = s3.put("src", key, "x");
            for n in 0..rng.usize(0..3) {
                s3.annotate("src", key, &version, &format!("a{n}"), Some("COMPLETED"));
            }
            let bad = [Some("FAILED"), Some("PENDING"), None][rng.usize(0..3)];
            s3.annotate("src", key, &version, "b", bad);
        }
    }
}

const LIFECYCLE: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<LifecycleConfiguration \
    xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Rule><ID>old</ID><Filter><Prefix></Prefix></Filter>\
    <Status>Enabled</Status><NoncurrentVersionExpiration><NoncurrentDays>30</NoncurrentDays>\
    </NoncurrentVersionExpiration></Rule></LifecycleConfiguration>";
