//! A set-up in which every check is ok, and what a test changes in it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use replaudit_sandbox::{Bucket, Inventory, Principal, Rule, Sandbox, Versioning};
use serde_json::Value;

use crate::support::{Run, alone, client, only_reads, run};

pub(crate) const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd";
pub(crate) const QUEUE: &str = "<NotificationConfiguration><QueueConfiguration><Id>q</Id>\
    <Queue>arn:aws:sqs:us-east-1:111122223333:failures</Queue><Event>s3:Replication:OperationFailedReplication</Event>\
    </QueueConfiguration></NotificationConfiguration>";

/// The rule of the set-up.
pub(crate) fn rule() -> Rule {
    Rule::new("all").to("dst").metrics(true).kms().replica_key(KEY)
}

pub(crate) fn inventory(of: &str) -> Inventory {
    Inventory::of(of).to("reports").id("daily").prefix("inv")
}

pub(crate) fn deliver(s3: &Sandbox, inventory: Inventory, hours: u32) {
    s3.deliver_inventory(inventory.scanned_at(SystemTime::now() - hours * Duration::from_secs(3600)));
}

/// Replicated objects, metrics, events, inventories with reports of yesterday on both sides.
pub(crate) fn healthy() -> Sandbox {
    let s3 = Sandbox::start().expect("the sandbox starts");
    for bucket in ["src", "dst"] {
        s3.create_bucket(Bucket::new(bucket).versioning(Versioning::Enabled));
    }
    s3.create_bucket(Bucket::new("reports"));
    s3.replicate("src", [rule()]);
    s3.notifications("src", Some(QUEUE));
    for key in ["a", "logs/b"] {
        s3.put("src", key, b"x");
    }
    for bucket in ["src", "dst"] {
        s3.configure_inventory(&inventory(bucket));
        deliver(&s3, inventory(bucket), 25);
    }
    s3
}

/// What a run is given beside the set-up.
pub(crate) struct Given {
    pub(crate) bucket: &'static str,
    pub(crate) secret: Option<&'static str>,
    pub(crate) denied: Vec<(&'static str, &'static str)>,
    pub(crate) args: Vec<&'static str>,
}

impl Default for Given {
    fn default() -> Self {
        Self { bucket: "src", secret: None, denied: Vec::new(), args: Vec::new() }
    }
}

impl Given {
    /// Runs doctor as a principal with these denials.
    pub(crate) fn doctor(&self, s3: &Sandbox) -> Run {
        let denied = self.denied.iter();
        let who = denied.fold(Principal::new("WHO", "secret"), |who, (action, place)| who.deny_on(action, place));
        s3.principal(who);
        let args = [&["doctor", self.bucket, "-o", "json", "--max-attempts", "1"], &self.args[..]].concat();
        let mut command = client(s3, &args);
        command.env("AWS_ACCESS_KEY_ID", "WHO").env("AWS_SECRET_ACCESS_KEY", self.secret.unwrap_or("secret"));
        run(command)
    }
}

/// The rows of a document, by check.
pub(crate) fn checks(run: &Run) -> BTreeMap<String, Value> {
    let document = run.json();
    let rows = document["checks"].as_array().expect("checks").iter();
    rows.map(|row| (row["id"].as_str().expect("an id").to_owned(), row.clone())).collect()
}

/// A check, what is changed in the set-up, and the state with a part of what is found.
pub(crate) type Case = (&'static str, fn(&Sandbox, &mut Given), &'static str, &'static str);

/// The names of all checks.
pub(crate) fn names() -> BTreeSet<String> {
    let schema = alone(&["schema", "doctor"]).expect(0).json();
    let names = schema["$defs"]["CheckRow"]["properties"]["id"]["enum"].as_array().expect("names").clone();
    names.iter().map(|name| name.as_str().expect("a name").to_owned()).collect()
}

/// Makes each change in a set-up of its own, and holds what is found against the case.
pub(crate) fn hold(cases: &[Case]) {
    for (id, change, state, text) in cases {
        let (s3, mut given) = (healthy(), Given::default());
        change(&s3, &mut given);
        let run = given.doctor(&s3);
        let found = checks(&run);
        let row = &found[*id];
        assert_eq!(row["state"], *state, "{id}: {row:#}");
        assert!(row["found"].as_str().is_some_and(|found| found.contains(text)), "{id}: {text:?} {row:#}");
        assert!(row["next"].is_string(), "{id}: {row:#}");
        let states: BTreeSet<&str> = found.values().filter_map(|row| row["state"].as_str()).collect();
        let code = if states.contains("unknown") { 2 } else { i32::from(states.contains("fail")) };
        run.expect(code);
        only_reads(&s3);
    }
}
