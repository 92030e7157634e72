//! Objects of `status` as rows.

use std::borrow::Cow;

use super::super::terminal::Style;
use super::rows::{ReportRow, ReportSummary, RowCheck, RowLayout};
use super::text::{counted_apart, named, or_dash, sentence, size_or, with_address};
use super::{explanation, properties};
use crate::exit::ExitStatus;
use crate::model::{Failure, escape, human_count};
use crate::status::{Comparison, Destination, DestinationVerdict, NamedBy, ObjectStatus, StatusSummary, Verdict};

static LAYOUT: RowLayout = RowLayout {
    schema: "replaudit.status/1",
    columns: "bucket,key,version_id,replication_status,verdict,size,etag,last_modified,storage_class,\
              delete_marker,error,rule,destinations",
    brief: "verdict,replication_status,bucket,key,version_id,error,destinations",
    rows: "objects",
};

impl ReportRow for ObjectStatus {
    fn layout() -> &'static RowLayout {
        &LAYOUT
    }

    fn heading(&self) -> String {
        format!("{:<14}  {:<10}  {:>10}  {:<20}  OBJECT", "VERDICT", "S3 SAYS", "SIZE", "LAST MODIFIED")
    }

    fn line(&self, style: Style) -> String {
        let paint = match self.verdict {
            Verdict::Replicated => Style::good,
            Verdict::Pending | Verdict::Replica | Verdict::DeleteMarker => Style::warn,
            Verdict::Failed
            | Verdict::NotReplicated
            | Verdict::UnknownStatus
            | Verdict::NotFound
            | Verdict::Denied
            | Verdict::Error => Style::bad,
        };
        let version = self.version_id.as_ref().map(|id| format!(" (version {})", escape(id)));
        let verdict = format!("{:<14}", self.verdict.word());
        let rest = format!(
            "  {:<10}  {:>10}  {:<20}",
            escape(self.replication_status.raw().unwrap_or("-")),
            size_or("-", self.size),
            or_dash(self.last_modified),
        );
        let columns = (&*format!("{verdict}{rest}"), &*format!("{}{rest}", paint(style, &verdict)));
        let address = format!("s3://{}/{}", self.bucket, escape(&self.key));
        with_address(columns, &address, &version.unwrap_or_default(), 0, style)
    }

    fn has_word(&self, word: &str) -> bool {
        self.verdict.word() == word || self.destinations.iter().any(|to| to.verdict.word() == word)
    }

    fn hints(&self) -> Vec<String> {
        let is_alias = self.replication_status.is_foreign() && self.verdict == Verdict::Replicated;
        let alias = is_alias.then(|| "COMPLETE counts as COMPLETED: some servers write it this way".to_owned());
        // With `--explain`, the general meaning adds nothing.
        let is_explained = self.explanation.as_ref().is_some_and(|claims| !claims.is_empty());
        let meaning = meaning(self).filter(|_| !is_explained).map(Cow::into_owned);
        // What to do about a pending or failed object is what to do about its missing replicas.
        let is_said = meaning.is_some() && matches!(self.verdict, Verdict::Pending | Verdict::Failed);
        let others = self.destinations.iter().filter(|to| !(is_said && to.verdict == DestinationVerdict::Missing));
        let failures = own_error(self).into_iter().chain(others.filter_map(|to| to.why.as_ref()));
        alias.into_iter().chain(meaning).chain(failures.filter_map(|failure| failure.hint.clone())).collect()
    }

    fn check(&self) -> RowCheck {
        let meaning = meaning(self).map(Cow::into_owned);
        let error = own_error(self).map(Failure::to_string);
        // Where the object is replicated and its replica is not in sync, that is what the check found.
        let worst = self.destinations.iter().find(|to| to.verdict.exit() == self.exit);
        let worst = worst.filter(|_| self.exit != ExitStatus::Yes && self.verdict == Verdict::Replicated);
        RowCheck {
            name: named(&self.bucket, &self.key, self.version_id.as_deref()),
            exit: self.exit,
            word: worst.map_or(self.verdict.word(), |to| to.verdict.word()),
            text: meaning
                .into_iter()
                .chain(error)
                .chain(self.destinations.iter().map(at))
                .collect::<Vec<_>>()
                .join("; "),
            warns: self.exit == ExitStatus::Yes && self.destinations.iter().any(is_option_only),
            skipped: is_aside(self),
        }
    }

    fn details(&self, style: Style) -> Vec<String> {
        let error = own_error(self).map(Failure::without_hint);
        let destinations = destination_lines(&self.destinations, style);
        error.into_iter().flat_map(|text| sentence(&text, style)).chain(destinations).collect()
    }

    fn explanation(&self) -> Option<(String, Vec<[&str; 3]>)> {
        let claims = self.explanation.as_ref().filter(|claims| !claims.is_empty())?;
        let rows =
            claims.iter().map(|claim| [explanation::mark(claim), explanation::about(claim), claim.text.as_str()]);
        Some((format!("s3://{}/{}", self.bucket, self.key), rows.collect()))
    }

    fn below(&self, style: Style) -> Vec<String> {
        let mut lines = explanation::lines(self.explanation.as_deref().unwrap_or_default(), style);
        let properties = properties::lines(self, style);
        if !lines.is_empty() && !properties.is_empty() {
            lines.push(String::new());
        }
        lines.extend(properties);
        lines
    }
}

/// Whether the exit code does not depend on the object: S3 listed it, and it is gone or a delete marker.
fn is_aside(object: &ObjectStatus) -> bool {
    object.exit == ExitStatus::Yes && matches!(object.verdict, Verdict::NotFound | Verdict::DeleteMarker)
}

/// What the verdict means. The options that a verdict suggests have listed an object that is aside.
fn meaning(object: &ObjectStatus) -> Option<Cow<'static, str>> {
    match (is_aside(object), object.verdict) {
        (true, Verdict::NotFound) => Some("deleted since the listing: not an error".into()),
        (true, _) => Some("this is a delete marker, not an object: not an error".into()),
        (false, verdict) => verdict.meaning(object.custom_endpoint, object.waited),
    }
}

const OPTION_ONLY: &str = "named by --destination only: the rules could not be read, and may name more";

fn is_option_only(to: &Destination) -> bool {
    to.named_by == NamedBy::OptionOnly
}

/// What was found at a destination, in one sentence.
fn at(to: &Destination) -> String {
    let option = if is_option_only(to) { format!(" ({OPTION_ONLY})") } else { String::new() };
    let region = to.region.as_deref().map(|region| format!(" ({region})")).unwrap_or_default();
    let why = to.why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
    format!("{} at bucket {}{region}{option}{why}", to.verdict.word(), to.bucket)
}

/// The error of the object. What a destination did not answer is reported at the destination.
fn own_error(object: &ObjectStatus) -> Option<&Failure> {
    object.error.as_ref().filter(|_| object.destinations.is_empty())
}

impl ReportSummary for StatusSummary {
    fn line(&self, style: Style, rows_shown: bool) -> Option<String> {
        if self.objects == 1 && rows_shown && !self.incomplete {
            return None;
        }
        let replicas: Vec<String> =
            self.replicas.iter().map(|(verdict, count)| format!("{} {verdict}", human_count(*count))).collect();
        let replicas =
            if replicas.is_empty() { String::new() } else { format!("; at destinations: {}", replicas.join(", ")) };
        let unread =
            if self.rules_unread { "; the rules could not be read, and may name more destinations" } else { "" };
        let incomplete =
            if self.incomplete { "INCOMPLETE, not every object could be found, listed or read: " } else { "" };
        let objects = counted_apart(self.objects, &self.by, &self.aside);
        Some(style.strong(&format!("{incomplete}{objects}{replicas}{unread}")))
    }

    fn exit(&self) -> u8 {
        self.exit
    }
}

/// A line for each destination; below it what was compared, and what is the matter there.
fn destination_lines(of: &[Destination], style: Style) -> Vec<String> {
    let mut lines = Vec::new();
    for to in of {
        let version = to.version_id.as_ref().map(|id| format!(" (version {})", escape(id))).unwrap_or_default();
        let verdict = format!("{:<14}", to.verdict.word());
        let rest = format!(
            "  {:<10}  {:>10}  {:<20}",
            escape(to.replication_status.as_deref().unwrap_or("-")),
            size_or("-", to.size),
            escape(to.region.as_deref().unwrap_or("-")),
        );
        // A replica that is not there is as bad as one that failed.
        let painted = if to.verdict == DestinationVerdict::InSync { style.good(&verdict) } else { style.bad(&verdict) };
        let columns = (&*format!("{verdict}{rest}"), &*format!("{painted}{rest}"));
        lines.push(with_address(columns, &format!("s3://{}", escape(&to.bucket)), &version, 2, style));
        let mut below = |text: String| lines.extend(sentence(&text, style).into_iter().map(|line| format!("  {line}")));
        if is_option_only(to) {
            below(OPTION_ONLY.to_owned());
        }
        if !to.compared.is_empty() {
            let compared: Vec<&str> = to.compared.iter().copied().map(Comparison::text).collect();
            below(format!("compared: {}", compared.join(", ")));
        }
        if let Some(expires) = to.expires.filter(|_| to.why.is_none()) {
            below(format!("a lifecycle rule of the destination removes it: it expires at {expires}"));
        }
        if let Some(why) = &to.why {
            below(why.without_hint());
        }
    }
    lines
}
