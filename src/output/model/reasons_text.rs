//! Words about why replication failed that several formats share.

use jiff::Timestamp;
use s3_failures::FailedObject;

use super::super::terminal::Style;
use super::rows::{ReportRow, ReportSummary, RowCheck, RowLayout};
use super::text::{named, plural};
use crate::exit::ExitStatus;
use crate::model::{escape, human_bytes, human_count};
use crate::reasons::{JoinedLine, ReasonGroup, ReasonsReport, UnreadFile};

/// The first sentence: `2 files: 1,204 tasks, 1,000 succeeded, 204 failed`.
pub(in crate::output) fn tasks_text(report: &ReasonsReport) -> String {
    let counts = format!("{} succeeded, {} failed", human_count(report.succeeded), human_count(report.failed));
    let late = report.late.iter().map(|(word, count)| format!("; {}: {word}", plural(*count, "event")));
    let unrelated = match report.unrelated {
        0 => String::new(),
        count => format!("; {} about something else", plural(count, "record")),
    };
    let (files, tasks) = (plural(report.files, "file"), plural(report.tasks, "task"));
    format!("{files}: {tasks}, {counts}{}{unrelated}", late.collect::<String>())
}

/// The code, and in CloudTrail the request.
pub(in crate::output) fn reason_name(group: &ReasonGroup) -> String {
    let operation = group.operation.as_ref().map(|operation| format!(" ({operation})")).unwrap_or_default();
    format!("{}{operation}", group.reason)
}

/// What is known of a reason: what it is about, and the text.
pub(in crate::output) fn reason_facts(group: &ReasonGroup) -> Vec<(&'static str, String)> {
    let unknown = "AWS does not document this code; it is shown as it is";
    let mut facts = vec![("meaning", group.meaning.unwrap_or(unknown).to_owned())];
    if !group.actors.is_empty() {
        let actors: Vec<&str> = group.actors.iter().map(|actor| actor.text()).collect();
        facts.push(("change", actors.join(", ")));
    }
    facts.extend(group.permission.map(|permission| ("needs", permission.to_owned())));
    facts.extend(group.next.map(|next| ("next", next.to_owned())));
    if !group.destinations.is_empty() {
        let shown = group.destinations.iter().take(MOST_DESTINATIONS);
        let shown: Vec<String> = shown.map(|to| format!("{} ({})", to.bucket, human_count(to.objects))).collect();
        let more = match group.destinations.len().saturating_sub(MOST_DESTINATIONS) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        facts.push(("at", format!("{}{more}", shown.join(", "))));
    }
    facts.extend(seen(group.first, group.last).map(|seen| ("seen", seen)));
    facts
}

/// More destinations than these are only counted.
const MOST_DESTINATIONS: usize = 5;

fn seen(first: Option<Timestamp>, last: Option<Timestamp>) -> Option<String> {
    let (first, last) = (first?, last?);
    Some(if first == last { first.to_string() } else { format!("{first} to {last}") })
}

/// What is counted and not listed.
pub(in crate::output) fn other_prefixes(report: &ReasonsReport) -> Option<String> {
    let others = report.prefixes_in_all - report.prefixes.len() as u64;
    let more = match report.further_prefixes {
        0 => String::new(),
        count => {
            format!("; {} under further prefixes that were not counted one by one", plural(count, "failed object"))
        }
    };
    match (others, more.is_empty()) {
        (0, true) => None,
        (others, _) => Some(format!("{}{more}", plural(others, "more prefix").replace("prefixs", "prefixes"))),
    }
}

pub(in crate::output) fn unread_text(unread: &UnreadFile) -> String {
    let line = unread.line.map(|line| format!("line {line}: ")).unwrap_or_default();
    format!("{}: {line}{}", unread.file, unread.error)
}

/// For the last line of a run: `204 of 1,204 tasks failed: DstPutObjectNotPermitted 200, SrcObjectNotEligible 4`.
pub(crate) fn failed_tasks(report: &ReasonsReport) -> String {
    let of: Vec<String> = report
        .reasons
        .iter()
        .take(MOST_DESTINATIONS)
        .map(|group| format!("{} {}", escape(&reason_name(group)), human_count(group.objects)))
        .collect();
    let more = if report.reasons.len() > MOST_DESTINATIONS { ", …" } else { "" };
    let (failed, tasks) = (human_count(report.failed), plural(report.tasks, "task"));
    format!("{failed} of {tasks} failed: {}{more}", of.join(", "))
}

static LAYOUT: RowLayout = RowLayout {
    schema: "replaudit.reasons/1",
    columns: "bucket,key,version_id,reason,http_status,message,destination,rule,time,source,operation,size",
    brief: "reason,bucket,key,version_id,destination",
    rows: "objects",
};

fn name(object: &FailedObject) -> String {
    let part = |text: &Option<String>| text.clone().unwrap_or_else(|| "?".to_owned());
    named(&part(&object.bucket), &part(&object.key), object.version_id.as_deref())
}

impl ReportRow for FailedObject {
    fn layout() -> &'static RowLayout {
        &LAYOUT
    }

    fn heading(&self) -> String {
        format!("{:<34}  OBJECT", "REASON")
    }

    fn line(&self, style: Style) -> String {
        let reason = format!("{:<34}", escape(&self.reason));
        format!("{}  {}", style.bad(&reason), escape(&name(self)))
    }

    fn has_word(&self, word: &str) -> bool {
        self.reason == word
    }

    fn check(&self) -> RowCheck {
        let text = self.message.clone().unwrap_or_default();
        RowCheck { name: name(self), exit: ExitStatus::No, word: "failed", text, warns: false, skipped: false }
    }
}

/// The columns of an inventory that a table of reasons is read with. ndjson has all.
static JOINED: RowLayout = RowLayout {
    schema: "replaudit.reasons/1",
    columns: "bucket,key,version_id,size,last_modified_date,storage_class,replication_status,\
              reason,http_status,destination,rule",
    brief: "reason,bucket,key,version_id,destination",
    rows: "objects",
};

impl ReportRow for JoinedLine {
    fn layout() -> &'static RowLayout {
        &JOINED
    }

    fn heading(&self) -> String {
        "REASON".to_owned()
    }

    fn line(&self, _: Style) -> String {
        escape(self.reason.as_deref().unwrap_or("-")).into_owned()
    }

    fn has_word(&self, word: &str) -> bool {
        self.reason.as_deref() == Some(word)
    }

    fn check(&self) -> RowCheck {
        RowCheck {
            name: String::new(),
            exit: ExitStatus::No,
            word: "failed",
            text: self.line(Style::PLAIN),
            warns: false,
            skipped: false,
        }
    }
}

/// What a joined export has in common with the failures, in sentences.
pub(in crate::output) fn join_texts(report: &ReasonsReport) -> Vec<String> {
    let Some(join) = &report.join else { return Vec::new() };
    let of = format!("{} of {}", human_count(join.with_reason), plural(join.objects, "object"));
    let mut texts =
        vec![format!("{of} of {} {} a reason here", join.file, if join.with_reason == 1 { "has" } else { "have" })];
    texts.extend(join.reasons.iter().map(|(reason, found)| {
        let bytes = found.bytes.map(|bytes| format!(", {}", human_bytes(bytes))).unwrap_or_default();
        format!("{reason}: {}{bytes}", plural(found.objects, "object"))
    }));
    texts
}

impl ReportSummary for ReasonsReport {
    fn line(&self, style: Style, _: bool) -> Option<String> {
        Some(style.strong(&tasks_text(self)))
    }

    fn exit(&self) -> u8 {
        self.exit().code()
    }
}

/// Bytes, where they are known.
pub(in crate::output) fn reason_bytes(group: &ReasonGroup) -> String {
    group.bytes.map_or_else(|| "-".to_owned(), human_bytes)
}
