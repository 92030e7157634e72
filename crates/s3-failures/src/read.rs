//! Detects what a text is by its content, and reads it.

use std::io::{self, BufRead};

use jiff::Timestamp;

use super::completion::{CompletionManifest, KeyEncoding, ResultsFacts, read_rows};
use super::error::{InputFault, ReadFault, TakeError};
use super::events::read_record;
use super::json::{read_documents, skip_space};
use super::task::Task;
use super::trail::TrailOptions;

/// What the caller knows about the texts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReadingOptions {
    /// How the keys of completion reports are encoded.
    pub encoding: KeyEncoding,
    /// What is known about CloudTrail records.
    pub trail: TrailOptions,
    /// Whether the caller checks by a checksum that the text is whole. If not, a results file that ends within a quoted message,
    /// and without a line feed, counts as cut.
    pub end_is_checked: bool,
}

/// What a text was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Its tasks were handed out.
    Tasks,
    /// The results files of a job are still to be read.
    Manifest(CompletionManifest),
    /// It has no character but white space.
    Empty,
}

/// Reads a text to its end. `take` gets each task; for a results file, `created_at` is when its report was created.
///
/// The tasks of a text count only if this returns without error.
pub fn read_failures(
    text: &mut dyn BufRead,
    options: &ReadingOptions,
    created_at: Option<Timestamp>,
    take: &mut dyn FnMut(Task) -> Result<(), TakeError>,
) -> Result<Content, ReadFault> {
    let take = &mut |task| take(task).map_err(InputFault::Refused);
    let unreadable = |error: io::Error| InputFault::from(error).at(1);
    skip_mark(text).map_err(|why| why.at(1))?;
    let Some(lines) = skip_space(text).map_err(unreadable)? else { return Ok(Content::Empty) };
    let first_line = lines + 1;
    let first = text.fill_buf().map_err(unreadable)?.first().copied();
    if !matches!(first, Some(b'{' | b'[')) {
        let facts = ResultsFacts { encoding: options.encoding, created_at, end_is_checked: options.end_is_checked };
        read_rows(text, first_line, facts, &mut |_, task| take(task))?;
        return Ok(Content::Tasks);
    }
    let (mut manifest, mut others) = (None, false);
    read_documents(text, first_line, &mut |line, record, whole| match record
        .as_object()
        .filter(|fields| whole && CompletionManifest::is_one(fields))
    {
        Some(fields) if manifest.is_none() && !others => {
            manifest = Some(CompletionManifest::read(fields).map_err(|why| why.at(line))?);
            Ok(())
        }
        None if manifest.is_none() => {
            others = true;
            read_record(&record, &options.trail, take).map_err(|why| why.at(line))
        }
        Some(_) | None => Err(InputFault::ManifestAmongOthers.at(line)),
    })?;
    Ok(manifest.map_or(Content::Tasks, Content::Manifest))
}

/// Skips the mark that some editors write before a text of UTF-8.
fn skip_mark(text: &mut dyn BufRead) -> Result<(), InputFault> {
    for (at, byte) in b"\xef\xbb\xbf".iter().enumerate() {
        match text.fill_buf()?.first() {
            Some(first) if first == byte => text.consume(1),
            _ if at == 0 => return Ok(()),
            _ => return Err(InputFault::NotUtf8),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::super::task::{FailedObject, LateObject};
    use super::*;

    fn read_all(text: &[u8], options: &ReadingOptions) -> (Vec<Task>, Result<Content, ReadFault>) {
        let mut found = Vec::new();
        let content = read_failures(&mut BufReader::with_capacity(11, text), options, None, &mut |task| {
            found.push(task);
            Ok(())
        });
        (found, content)
    }

    fn tasks(text: &str) -> Vec<Task> {
        let (found, content) = read_all(text.as_bytes(), &ReadingOptions::default());
        assert_eq!(content.unwrap(), Content::Tasks, "{text}");
        found
    }

    fn failed(text: &str) -> FailedObject {
        match <[Task; 1]>::try_from(tasks(text)) {
            Ok([Task::Failed(object)]) => *object,
            other => panic!("{other:?} in {text}"),
        }
    }

    const EVENT: &str = include_str!("../tests/fixtures/event.json");
    const MANIFEST: &str = include_str!("../tests/fixtures/manifest.json");
    const LAMBDA: &str = include_str!("../tests/fixtures/results-lambda.csv");
    const CHECKSUM: &str = include_str!("../tests/fixtures/results-checksum.csv");

    #[test]
    fn the_samples_of_the_documentation_are_read() {
        let object = failed(EVENT);
        assert_eq!((object.bucket.as_deref(), object.size), (Some("amzn-s3-demo-bucket1"), Some(520_080)));
        assert_eq!(object.key.as_deref(), Some("replication-object-put-test.png"));
        assert_eq!(object.version_id.as_deref(), Some("abcdeH0Xp66ep__QDjR76LK7Gc9X4wKO"));
        assert_eq!((&*object.reason, object.operation.as_deref()), ("AssumeRoleNotPermitted", Some("OBJECT_PUT")));
        assert_eq!(object.destination.as_deref(), Some("amzn-s3-demo-bucket2"));
        assert_eq!(object.rule.as_deref(), Some("notification-test-replication-rule"));
        assert_eq!(object.time, Some("2024-09-05T21:04:32.527Z".parse().unwrap()));
        let (_, content) = read_all(MANIFEST.as_bytes(), &ReadingOptions::default());
        let Ok(Content::Manifest(manifest)) = content else { panic!("{content:?}") };
        assert_eq!(manifest.created_at, Some("2019-04-05T17:48:39.725Z".parse().unwrap()));
        assert_eq!(manifest.results.len(), 2);
        assert!(manifest.results[1].key.ends_with("results/b2ddad417e94331e9f37b44f1faf8c7ed5873f2e.csv"));
        let counts = |text| {
            let found = tasks(text);
            (found.iter().filter(|task| **task == Task::Succeeded).count(), found.len())
        };
        assert_eq!((counts(LAMBDA), counts(CHECKSUM)), ((3, 9), (1, 4)));
        let Some(Task::Failed(last)) = tasks(CHECKSUM).pop() else { panic!("the last one failed") };
        assert_eq!((last.http_status, &*last.reason), (Some(200), "PermanentFailure"));
        assert!(last.message.unwrap().ends_with("please retry\", \"errorCode\": \"500\"}"));
    }

    /// The event in every message that can bring it.
    #[test]
    fn messages_are_unpacked() {
        let event: Value = serde_json::from_str(EVENT).unwrap();
        let text = event.to_string();
        let sns = json!({"Type": "Notification", "TopicArn": "arn:aws:sns:us-east-1:1:t", "Message": text});
        let forms = [
            event["Records"][0].to_string(),
            event["Records"].to_string(),
            json!({"Messages": [{"MessageId": "1", "Body": text}]}).to_string(),
            json!({"MessageId": "1", "Body": sns.to_string()}).to_string(),
            sns.to_string(),
            json!({"Records": [{"messageId": "1", "body": text, "eventSource": "aws:sqs"}]}).to_string(),
            json!({"Records": [{"EventSource": "aws:sns", "Sns": sns}]}).to_string(),
            format!("\u{feff}\n{}\n", event["Records"][0]),
        ];
        let plain = failed(EVENT);
        for form in forms {
            assert_eq!(failed(&form), plain, "{form}");
        }
        let two = format!("{}\n{}\n", event["Records"][0], json!({"Body": text}));
        assert_eq!(tasks(&two).len(), 2);
    }

    #[test]
    fn other_events_are_no_failures() {
        let named = |name: &str| {
            let mut event: Value = serde_json::from_str(EVENT).unwrap();
            event["Records"][0]["eventName"] = json!(name);
            tasks(&event.to_string())
        };
        assert_eq!(named("Replication:OperationReplicatedAfterThreshold"), [Task::Succeeded]);
        assert_eq!(named("s3:Replication:OperationMissedThreshold"), [Task::Late(LateObject::MissedThreshold)]);
        assert_eq!(named("Replication:OperationNotTracked"), [Task::Late(LateObject::NotTracked)]);
        assert_eq!(named("ObjectCreated:Put"), [Task::Unrelated]);
        let test = json!({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "src"});
        assert_eq!(tasks(&test.to_string()), [Task::Unrelated]);
        assert_eq!(tasks(&json!({"Body": test.to_string()}).to_string()), [Task::Unrelated]);
        assert!(matches!(&named("s3:Replication:OperationFailedReplication")[..], [Task::Failed(_)]));
    }

    #[test]
    fn an_event_needs_its_fields_and_its_key_is_decoded() {
        let edited = |edit: fn(&mut Value)| {
            let mut event: Value = serde_json::from_str(EVENT).unwrap();
            edit(&mut event["Records"][0]);
            read_all(event.to_string().as_bytes(), &ReadingOptions::default())
        };
        let key = edited(|event| event["s3"]["object"]["key"] = json!("a+b%2Bc/%C3%BC"));
        let Some(Task::Failed(object)) = key.0.first() else { panic!("{key:?}") };
        assert_eq!(object.key.as_deref(), Some("a b+c/ü"));
        let no_reason =
            edited(|event| drop(event["replicationEventData"].as_object_mut().unwrap().remove("failureReason")));
        assert!(matches!(no_reason.0.first(), Some(Task::Failed(object)) if object.reason == "unspecified"));
        for edit in [
            (|event: &mut Value| event["s3"]["object"]["key"] = json!("%zz")) as fn(&mut Value),
            |event| event["s3"]["object"]["key"] = json!("%FF"),
            |event| event["s3"]["object"]["key"] = json!(7),
            |event| event["s3"]["bucket"]["name"] = json!("a b"),
            |event| event["s3"] = json!(null),
            |event| event["eventTime"] = json!("yesterday"),
            |event| event["eventSource"] = json!(null),
        ] {
            assert!(edited(edit).1.is_err());
        }
    }

    fn trail(edit: impl FnOnce(&mut Value), options: TrailOptions) -> Vec<Task> {
        let mut record = json!({
            "eventVersion": "1.10",
            "userIdentity": {
                "type": "AssumedRole",
                "arn": "arn:aws:sts::111122223333:assumed-role/replicate/s3-replication",
                "sessionContext": {"sessionIssuer": {"arn": "arn:aws:iam::111122223333:role/service/replicate"}},
                "invokedBy": "AWS Internal"
            },
            "eventTime": "2026-11-20T01:02:03Z",
            "eventSource": "s3.amazonaws.com",
            "eventName": "PutObject",
            "errorCode": "AccessDenied",
            "errorMessage": "not authorized to perform: s3:ReplicateObject",
            "requestParameters": {"bucketName": "dst", "key": "a+b %20"}
        });
        edit(&mut record);
        let text = json!({"Records": [record]}).to_string();
        let (found, content) =
            read_all(text.as_bytes(), &ReadingOptions { trail: options, ..ReadingOptions::default() });
        assert_eq!(content.unwrap(), Content::Tasks);
        found
    }

    #[test]
    fn refused_requests_of_the_replication_role_are_failures() {
        let none = TrailOptions::default;
        let object = |found: Vec<Task>| match <[Task; 1]>::try_from(found) {
            Ok([Task::Failed(object)]) => *object,
            other => panic!("{other:?}"),
        };
        let put = object(trail(|_| {}, none()));
        assert_eq!((put.bucket.as_deref(), put.destination.as_deref()), (None, Some("dst")));
        assert_eq!(
            (put.key.as_deref(), &*put.reason, put.operation.as_deref()),
            (Some("a+b %20"), "AccessDenied", Some("PutObject"))
        );
        let named = TrailOptions { source_bucket: Some("src".into()), ..none() };
        assert_eq!(object(trail(|_| {}, named)).bucket.as_deref(), Some("src"));
        let get = object(trail(|record| record["eventName"] = json!("GetObjectTagging"), none()));
        assert_eq!((get.bucket.as_deref(), get.destination), (Some("dst"), None), "it is a request to the source");
        for edit in [
            (|record: &mut Value| drop(record.as_object_mut().unwrap().remove("errorCode"))) as fn(&mut Value),
            |record| record["eventName"] = json!("ListObjects"),
            |record| record["eventSource"] = json!("kms.amazonaws.com"),
            |record| record["userIdentity"]["arn"] = json!("arn:aws:sts::1:assumed-role/replicate/me"),
            |record| record["userIdentity"] = json!({"type": "IAMUser", "arn": "arn:aws:iam::1:user/s3-replication"}),
            |record| {
                record["eventName"] = json!("HeadObject");
                record["errorCode"] = json!("MethodNotAllowed");
            },
        ] {
            assert_eq!(trail(edit, none()), [Task::Unrelated]);
        }
        let of = |role: &str| TrailOptions { role: Some(role.into()), ..none() };
        for role in ["replicate", "arn:aws:iam::111122223333:role/service/replicate"] {
            object(trail(
                |record| record["userIdentity"]["arn"] = json!("arn:aws:sts::1:assumed-role/replicate/x"),
                of(role),
            ));
        }
        assert_eq!(trail(|_| {}, of("other")), [Task::Unrelated]);
    }

    #[test]
    fn what_is_something_else_is_refused() {
        for (text, line) in [
            ("{}", 1),
            ("\n[1]", 2),
            ("{\"Body\":\"hello\"}", 1),
            ("{\"Type\":\"Notification\",\"Message\":\"hello\"}", 1),
            ("{\"sourceBucket\":\"src\",\"files\":[]}", 1),
            ("{\"Format\":\"Report_CSV_20300101\",\"Results\":[]}", 1),
            ("{\"Format\":\"Report_CSV_20180820\",\"ReportSchema\":\"\"}", 1),
            ("{\"Event\":\"s3:TestEvent\"}\n{\"Format\":\"Report_CSV_20180820\",\"Results\":[]}", 2),
            ("{\"Format\":\"Report_CSV_20180820\",\"Results\":[]}\n{\"Event\":\"s3:TestEvent\"}", 2),
            ("hello", 1),
            ("s3://bucket/key", 1),
        ] {
            let (found, content) = read_all(text.as_bytes(), &ReadingOptions::default());
            let fault = content.expect_err(text);
            assert!(fault.line == line && found.iter().all(|task| *task == Task::Unrelated), "{text}: {fault}");
        }
        let mut nested = EVENT.to_owned();
        for _ in 0..6 {
            nested = json!({"Body": nested}).to_string();
        }
        let (_, content) = read_all(nested.as_bytes(), &ReadingOptions::default());
        assert!(matches!(content.unwrap_err().why, InputFault::Nested(_)));
        assert_eq!(read_all(b" \n", &ReadingOptions::default()).1.unwrap(), Content::Empty);
    }

    proptest! {
        /// Any bytes, and any damage to a sound text: no panic, and a line that is in the text.
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let (_, content) = read_all(&bytes, &ReadingOptions::default());
            let lines = 1 + bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
            prop_assert!(content.err().is_none_or(|fault| (1..=lines).contains(&fault.line)));
        }

        #[test]
        fn a_damaged_text_is_read_or_refused(
            which in 0usize..4, at in any::<prop::sample::Index>(), byte: u8, cut in any::<prop::sample::Index>(),
        ) {
            let mut bytes = [EVENT, MANIFEST, LAMBDA, CHECKSUM][which].as_bytes().to_vec();
            let place = at.index(bytes.len());
            bytes[place] = byte;
            bytes.truncate(cut.index(bytes.len()) + 1);
            for encoding in [KeyEncoding::Detected, KeyEncoding::Form, KeyEncoding::Percent] {
                let _ = read_all(&bytes, &ReadingOptions { encoding, ..ReadingOptions::default() });
            }
        }

        /// What is written as S3 writes it is read as it was.
        #[test]
        fn rows_are_read_as_they_were_written(key in "[ -~üа]{1,20}", message in "[ -~]{0,20}", code in "[A-Z][a-z]{1,9}") {
            let cell = percent_encoding::utf8_percent_encode(&key, percent_encoding::NON_ALPHANUMERIC);
            let quoted = message.replace('"', "\"\"");
            let text = format!("src,{cell},v1,failed,500,{code},\"{quoted}\"\n");
            let object = failed(&text);
            prop_assert_eq!(object.key, Some(key));
            prop_assert_eq!(object.reason, code);
            prop_assert_eq!(object.message.unwrap_or_default(), message);
        }
    }
}
