//! GetBucketNotificationConfiguration: which events S3 sends where.

use crate::element::{Element, document};
use crate::error::AnswerError;

/// The notifications of a bucket; none if it sends no events.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Notifications {
    /// Queues, topics and functions, in S3's order.
    pub targets: Vec<NotificationTarget>,
    /// Whether events go to EventBridge too. It has no events about replication.
    pub event_bridge: bool,
}

/// One queue, topic or function, with its events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationTarget {
    /// Its ARN, as it was written.
    pub arn: String,
    /// The events, such as `s3:Replication:OperationFailedReplication` or `s3:Replication:*`.
    pub events: Vec<String>,
    /// Whether only events of some keys are sent.
    pub filtered: bool,
}

impl NotificationTarget {
    /// Whether it receives this event, itself or through `*`.
    pub fn receives(&self, event: &str) -> bool {
        let covers = |known: &String| match known.strip_suffix('*') {
            Some(start) => event.starts_with(start),
            None => known == event,
        };
        self.events.iter().any(covers)
    }
}

/// The element of each kind of target, and the element with its ARN.
const KINDS: [(&str, &str); 3] =
    [("QueueConfiguration", "Queue"), ("TopicConfiguration", "Topic"), ("CloudFunctionConfiguration", "CloudFunction")];
const EVENT_BRIDGE: &str = "EventBridgeConfiguration";

/// Reads the answer of [GetBucketNotificationConfiguration].
///
/// [GetBucketNotificationConfiguration]: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketNotificationConfiguration.html
pub fn read_notifications(answer: &[u8]) -> Result<Notifications, AnswerError> {
    // moto writes the second root.
    document(answer, &["NotificationConfiguration", "GetBucketNotificationResponse"], |root| {
        let known: Vec<&str> = KINDS.iter().map(|(name, _)| *name).chain([EVENT_BRIDGE]).collect();
        root.no_other_entries(&known)?;
        let mut targets = Vec::new();
        for element in root.each() {
            if let Some((_, arn)) = KINDS.iter().find(|(name, _)| *name == element.name()) {
                targets.push(target(element, arn)?);
            }
        }
        Ok(Notifications { targets, event_bridge: root.maybe(EVENT_BRIDGE)?.is_some() })
    })
}

fn target(element: Element<'_>, arn: &'static str) -> Result<NotificationTarget, AnswerError> {
    let fields = element.fields()?;
    let events: Result<Vec<String>, AnswerError> =
        fields.all("Event").map(|event| event.word().map(std::borrow::Cow::into_owned)).collect();
    // An unknown element may be another condition.
    let unknown = fields.others(&["Id", "Event", "Filter", arn]).next().is_some();
    let filter = fields.maybe("Filter")?.is_some_and(Element::has_elements);
    Ok(NotificationTarget { arn: fields.one(arn)?.word()?.into_owned(), events: events?, filtered: unknown || filter })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAILED: &str = "s3:Replication:OperationFailedReplication";

    fn read(inner: &str) -> Result<Notifications, AnswerError> {
        read_notifications(format!("<NotificationConfiguration>{inner}</NotificationConfiguration>").as_bytes())
    }

    #[test]
    fn targets_are_read_with_their_events() {
        assert_eq!(read(""), Ok(Notifications::default()));
        assert_eq!(read_notifications(b"<GetBucketNotificationResponse/>"), Ok(Notifications::default()));
        assert!(read("<EventBridgeConfiguration/>").unwrap().event_bridge);
        let queue = |inner: &str| {
            let target = format!("<QueueConfiguration><Id>q</Id><Queue>arn:q</Queue>{inner}</QueueConfiguration>");
            read(&target).map(|found| found.targets[0].clone())
        };
        let table = [
            ("<Event>s3:Replication:*</Event>", true, false),
            ("<Event>s3:ObjectCreated:*</Event><Event>s3:Replication:OperationFailedReplication</Event>", true, false),
            ("<Event>s3:Replication:OperationMissedThreshold</Event>", false, false),
            ("<Event>s3:*</Event>", true, false),
            ("", false, false),
            ("<Event>s3:Replication:*</Event><Filter/>", true, false),
            (
                "<Event>s3:Replication:*</Event><Filter><S3Key><FilterRule><Name>prefix</Name><Value>a/</Value></FilterRule></S3Key></Filter>",
                true,
                true,
            ),
            ("<Event>s3:Replication:*</Event><Season>winter</Season>", true, true),
        ];
        for (inner, receives, filtered) in table {
            let target = queue(inner).unwrap();
            assert_eq!((target.receives(FAILED), target.filtered), (receives, filtered), "{inner}");
        }
        let others = read(
            "<TopicConfiguration><Topic>arn:t</Topic><Event>a</Event></TopicConfiguration><CloudFunctionConfiguration><CloudFunction>arn:f</CloudFunction><Event>a</Event></CloudFunctionConfiguration>",
        );
        let arns: Vec<String> = others.unwrap().targets.into_iter().map(|target| target.arn).collect();
        assert_eq!(arns, ["arn:t", "arn:f"]);
    }

    #[test]
    fn unknown_targets_and_targets_without_address_are_refused() {
        for inner in [
            "<PigeonConfiguration><Event>a</Event></PigeonConfiguration>",
            "<QueueConfiguration><Event>a</Event></QueueConfiguration>",
            "<QueueConfiguration><Queue>a</Queue><Queue>b</Queue></QueueConfiguration>",
        ] {
            assert!(read(inner).is_err(), "{inner}");
        }
    }
}
