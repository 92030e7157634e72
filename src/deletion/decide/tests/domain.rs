//! The finite domain of `decide`: for each field every value that it can tell apart, and some that it must not tell apart.
//!
//! A value has letters, one for each column that the truth table knows. Values with the same letters are one class: the rule
//! looks at a status only through its class, at an ETag only through "can a header hold it", at a time only through "is it
//! later than the check", at a list only through its worst entry, at a failure only through "was it a 403". Each class has
//! all its kinds of members here, so that a rule that tells two of them apart is found.
//!
//! The first value of a field is the good one, the second the usual bad one.

use super::*;

/// The columns of the truth table. A value of a field fills one or two of them.
pub(super) const COLUMNS: [&str; 17] = [
    "mode",
    "named",
    "answer",
    "version",
    "status",
    "bind",
    "lock",
    "versioning",
    "mfa",
    "rules",
    "annotations",
    "replicas",
    "verify",
    "allow-marker",
    "allow-removal",
    "allow-loss",
    "custom",
];

/// A value of a field: its letters, and how it gets into a case.
pub(super) struct Value {
    pub(super) letters: Vec<u8>,
    pub(super) set: Box<dyn Fn(&mut EvidenceCase)>,
}

/// A field: where its letters begin, and its values.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) column: usize,
    pub(super) values: Vec<Value>,
    /// The letters of the values that say "not known".
    pub(super) unknown: &'static str,
}

fn value(letters: &str, set: impl Fn(&mut EvidenceCase) + 'static) -> Value {
    Value { letters: letters.bytes().collect(), set: Box::new(set) }
}

fn field(name: &'static str, column: &str, unknown: &'static str, values: Vec<Value>) -> Field {
    let column = COLUMNS.iter().position(|known| *known == column).unwrap();
    Field { name, column, values, unknown }
}

fn flag(column: &'static str, yes: &str, set: fn(&mut EvidenceCase, bool)) -> Field {
    field(column, column, "", vec![value("-", move |c| set(c, false)), value(yes, move |c| set(c, true))])
}

/// The head of the case; only an object has one.
fn head_of(case: &mut EvidenceCase) -> Option<&mut ObjectHead> {
    match &mut case.evidence.head {
        Ok(HeadAnswer::Object(head)) => Some(head),
        Ok(HeadAnswer::DeleteMarker { .. } | HeadAnswer::NotFound) | Err(_) => None,
    }
}

fn on_head(letters: &str, set: impl Fn(&mut ObjectHead) + 'static) -> Value {
    value(letters, move |case| {
        if let Some(head) = head_of(case) {
            set(head);
        }
    })
}

const FAILURES: [(FailureKind, &str); 3] =
    [(FailureKind::Denied, "D"), (FailureKind::Other, "E"), (FailureKind::NotImplemented, "E")];

/// What HEAD answered; the fields after it change the head of an object.
fn answers() -> Field {
    let ids = [(Some("v1"), "1"), (Some("v2"), "2"), (None, "-"), (Some(""), "x"), (Some("null"), "0")];
    let owned = |id: Option<&str>| id.map(str::to_owned);
    let objects = ids.map(|(id, letter)| {
        let head = ObjectHead { version_id: owned(id), ..completed() };
        value(&format!("O{letter}"), move |c| c.evidence.head = Ok(HeadAnswer::Object(Box::new(head.clone()))))
    });
    let markers = ids.map(|(id, letter)| {
        let id = owned(id);
        value(&format!("M{letter}"), move |c| {
            c.evidence.head = Ok(HeadAnswer::DeleteMarker { version_id: id.clone() });
        })
    });
    let failures =
        FAILURES.map(|(kind, letter)| value(&format!("{letter}."), move |c| c.evidence.head = Err(failure(kind))));
    let absent = [value("N.", |c| c.evidence.head = Ok(HeadAnswer::NotFound))];
    field("answer", "answer", "", objects.into_iter().chain(markers).chain(failures).chain(absent).collect())
}

fn heads() -> [Field; 3] {
    let word =
        |letter, word: &'static str| on_head(letter, |h| h.replication_status = ReplicationStatus::of_header(word));
    let etag =
        |etag: Option<&'static str>| on_head("-", move |h| (h.etag, h.size) = (etag.map(str::to_owned), Some(7)));
    let statuses = vec![
        word("C", "COMPLETED"),
        word("F", "FAILED"),
        word("C", "COMPLETE"),
        word("P", "PENDING"),
        word("P", "PROCESSING"),
        word("R", "REPLICA"),
        word("0", ""),
        word("?", "completed"),
        word("?", "NONE"),
    ];
    let bound = vec![
        on_head("b", |h| (h.etag, h.size) = (Some("e1".into()), Some(7))),
        etag(None),
        etag(Some("")),
        etag(Some("*")),
        etag(Some("a\", \"*")),
        on_head("-", |h| (h.etag, h.size) = (Some("e1".into()), None)),
        on_head("b", |h| (h.etag, h.size) = (Some("**".into()), Some(0))),
    ];
    let lock = |letter, set: fn(&mut ObjectHead)| {
        on_head(letter, move |h| {
            (h.legal_hold, h.event_hold, h.retention_unclear, h.retain_until) = (false, false, false, None);
            set(h);
        })
    };
    let locks = vec![
        lock("-", |_| ()),
        lock("L", |h| h.legal_hold = true),
        lock("L", |h| h.event_hold = true),
        lock("L", |h| h.retention_unclear = true),
        lock("L", |h| h.retain_until = Some(at(101))),
        lock("-", |h| h.retain_until = Some(at(100))),
        lock("-", |h| h.retain_until = Some(at(99))),
    ];
    [field("status", "status", "0", statuses), field("bind", "bind", "-", bound), field("lock", "lock", "", locks)]
}

fn versionings() -> Field {
    let known = [(Versioning::Enabled, "+"), (Versioning::Suspended, "S"), (Versioning::Never, "S")]
        .map(|(known, letter)| value(letter, move |c| c.evidence.bucket.versioning = Ok(known)));
    let failures =
        FAILURES.map(|(kind, letter)| value(letter, move |c| c.evidence.bucket.versioning = Err(failure(kind))));
    field("versioning", "versioning", "DE", known.into_iter().chain(failures).collect())
}

/// `-` concerns neither kind of delete, `m` markers, `r` removals, `b` both.
fn rules() -> Field {
    let marker = |change: fn(&mut s3_answers::ReplicationRule)| {
        let mut rules = rule(true);
        change(&mut rules.rules[0]);
        rules
    };
    let removes = |rules| ReplicationRules { version_deletes_replicate: true, ..rules };
    let two = || {
        let mut both = rule(false);
        both.rules.extend(rule(true).rules);
        both
    };
    let known = [
        ("-", rule(false)),
        ("b", removes(rule(true))),
        ("-", ReplicationRules::default()),
        ("m", rule(true)),
        ("m", two()),
        ("r", removes(rule(false))),
        ("-", marker(|r| r.enabled = false)),
        ("-", marker(|r| r.scope.prefix = "elsewhere/".into())),
        ("-", marker(|r| r.scope.except = vec![s3_answers::Exclusion::Prefix("key".into())])),
        ("m", marker(|r| (r.scope.prefix, r.unknown) = ("elsewhere/".into(), vec!["New".into()]))),
        ("m", marker(|r| r.scope.tags = vec![("a".into(), "b".into())])),
        ("m", marker(|r| (r.scope.has_filter, r.delete_marker_replication) = (false, false))),
    ];
    let known = known.map(|(letter, rules)| value(letter, move |c| c.evidence.bucket.rules = Ok(rules.clone())));
    let failures = FAILURES.map(|(kind, _)| value("E", move |c| c.evidence.bucket.rules = Err(failure(kind))));
    field("rules", "rules", "E", known.into_iter().chain(failures).collect())
}

fn annotations() -> Field {
    let lists: [(&str, &[Option<&str>]); 7] = [
        ("g", &[Some("COMPLETED")]),
        ("b", &[Some("PENDING")]),
        ("g", &[]),
        ("g", &[Some("COMPLETED"), Some("COMPLETED")]),
        ("b", &[Some("COMPLETED"), None]),
        ("b", &[Some("FAILED"), Some("COMPLETED")]),
        ("b", &[Some("completed")]),
    ];
    let known = lists.map(|(letter, words)| {
        let list: Vec<Annotation> = words.iter().map(|word| annotation(*word)).collect();
        value(letter, move |c| c.evidence.annotations = Some(Ok(list.clone())))
    });
    let unknown = FAILURES.map(|(kind, _)| value("E", move |c| c.evidence.annotations = Some(Err(failure(kind)))));
    let none = [value("-", |c| c.evidence.annotations = None)];
    field("annotations", "annotations", "-E", known.into_iter().chain(unknown).chain(none).collect())
}

/// Every set of one or two destinations, one of three, the empty one, and none. The worst entry is the letter.
fn replicas() -> Field {
    use DestinationVerdict as D;
    // From the best to the worst, as the page about the delete path ranks them.
    let ranked = [
        (D::InSync, 'i'),
        (D::Unknown, 'u'),
        (D::Denied, 'x'),
        (D::NotAReplica, 'n'),
        (D::Differs, 'd'),
        (D::Missing, 'm'),
    ];
    let mut lists: Vec<Vec<usize>> = vec![vec![0], vec![5]];
    lists.extend((1..5).map(|one| vec![one]));
    lists.extend(
        (0..6).flat_map(|one| {
            (0..=one).map(move |other| if other % 2 == 0 { vec![one, other] } else { vec![other, one] })
        }),
    );
    lists.push(vec![0, 0, 1]);
    let known = lists.into_iter().map(|list| {
        let letter = ranked[*list.iter().max().unwrap()].1;
        let all: Vec<Destination> = list
            .iter()
            .map(|at| Destination { verdict: ranked[*at].0, ..Destination::unknown("dst", NamedBy::Rule) })
            .collect();
        value(&letter.to_string(), move |c| c.evidence.replicas = Some(Ok(all.clone())))
    });
    let empty = [value("0", |c| c.evidence.replicas = Some(Ok(Vec::new())))];
    let unknown = FAILURES.map(|(kind, _)| value("E", move |c| c.evidence.replicas = Some(Err(failure(kind)))));
    let none = [value("-", |c| c.evidence.replicas = None)];
    field("replicas", "replicas", "-E0u", known.chain(empty).chain(unknown).chain(none).collect())
}

/// Every field. The answer comes before what changes its head.
pub(super) fn fields() -> Vec<Field> {
    let named = [(Some("v1"), "v"), (None, "-"), (Some("null"), "0")]
        .map(|(version, letter)| value(letter, move |c| c.object = object(version)));
    let modes = [(DeleteMode::Hide, "H"), (DeleteMode::Permanent, "P")]
        .map(|(mode, letter)| value(letter, move |c| c.policy.mode = mode));
    let mut fields = vec![answers()];
    fields.extend(heads());
    fields.extend([
        field("named", "named", "", named.into_iter().collect()),
        field("mode", "mode", "", modes.into_iter().collect()),
        versionings(),
        flag("mfa", "m", |c, on| c.evidence.bucket.mfa_delete = on),
        rules(),
        annotations(),
        replicas(),
        flag("verify", "v", |c, on| c.policy.verify_replica = on),
        flag("allow-marker", "y", |c, on| c.policy.allow_marker_replication = on),
        flag("allow-removal", "y", |c, on| c.policy.allow_replicated_delete = on),
        flag("allow-loss", "y", |c, on| c.policy.allow_annotation_loss = on),
        flag("custom", "y", |c, on| c.policy.custom_endpoint = on),
    ]);
    fields
}
