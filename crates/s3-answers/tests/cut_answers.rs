//! Properties of every reader: a truncated answer is refused, and no bytes make a reader panic.

use proptest::prelude::*;
use s3_answers::{
    AnswerError, Bucket, ListRequest, PageStart, read_annotations, read_buckets, read_default_encryption,
    read_delete_result, read_inventory_configurations, read_lifecycle, read_notifications, read_object_lock,
    read_objects, read_replication, read_tags, read_versioning, read_versions,
};

/// A reader's name, a complete answer with everything that it reads, and the reader.
type ReaderCase = (&'static str, &'static str, fn(&[u8]) -> Result<String, AnswerError>);

fn readers() -> Vec<ReaderCase> {
    fn shown<T: std::fmt::Debug>(read: Result<T, AnswerError>) -> Result<String, AnswerError> {
        read.map(|value| format!("{value:?}"))
    }
    fn listed<T: std::fmt::Debug>(
        answer: &[u8],
        read: impl Fn(&[u8], &ListRequest<'_>) -> Result<T, AnswerError>,
    ) -> Result<String, AnswerError> {
        let bucket = Bucket::new("src").expect("a bucket's name");
        shown(read(
            answer,
            &ListRequest { bucket: &bucket, prefix: "p/", delimiter: Some("/"), start: PageStart::FirstKey },
        ))
    }
    vec![
        (
            "versioning",
            "<VersioningConfiguration><Status>Enabled</Status><MfaDelete>Disabled</MfaDelete></VersioningConfiguration>",
            |answer| shown(read_versioning(answer)),
        ),
        (
            "replication",
            "<ReplicationConfiguration><Role>r</Role><Rule><ID>a</ID><Priority>1</Priority><Status>Enabled</Status><Filter><And><Prefix>p</Prefix><Tag><Key>k</Key><Value>v</Value></Tag><Not><Prefix>p/t</Prefix></Not></And></Filter><DeleteMarkerReplication><Status>Enabled</Status></DeleteMarkerReplication><Destination><Bucket>arn:aws:s3:::a</Bucket></Destination></Rule><Rule><Status>Enabled</Status><Filter/><Destination><Bucket>arn:aws:s3:::b</Bucket></Destination></Rule></ReplicationConfiguration>",
            |answer| shown(read_replication(answer)),
        ),
        (
            "objects",
            "<ListBucketResult><Name>src</Name><Prefix>p/</Prefix><KeyCount>3</KeyCount><IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken><Contents><Key>p/a</Key></Contents><Contents><Key>p/b</Key></Contents><CommonPrefixes><Prefix>p/c/</Prefix></CommonPrefixes></ListBucketResult>",
            |answer| listed(answer, read_objects),
        ),
        (
            "versions",
            "<ListVersionsResult><IsTruncated>true</IsTruncated><NextKeyMarker>p/b</NextKeyMarker><NextVersionIdMarker>2</NextVersionIdMarker><Version><Key>p/a</Key><VersionId>1</VersionId><IsLatest>true</IsLatest></Version><DeleteMarker><Key>p/b</Key><VersionId>2</VersionId></DeleteMarker></ListVersionsResult>",
            |answer| listed(answer, read_versions),
        ),
        (
            "tags",
            "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag><Tag><Key>b</Key><Value/></Tag></TagSet></Tagging>",
            |answer| shown(read_tags(answer)),
        ),
        (
            "delete result",
            "<DeleteResult><Deleted><Key>a</Key><VersionId>1</VersionId></Deleted><Error><Key>b</Key><Code>SlowDown</Code></Error></DeleteResult>",
            |answer| shown(read_delete_result(answer)),
        ),
        (
            "inventory",
            "<ListInventoryConfigurationsResult><IsTruncated>false</IsTruncated><InventoryConfiguration><Id>d</Id><IsEnabled>true</IsEnabled><Destination><S3BucketDestination><Bucket>b</Bucket></S3BucketDestination></Destination><IncludedObjectVersions>All</IncludedObjectVersions><Schedule><Frequency>Daily</Frequency></Schedule></InventoryConfiguration></ListInventoryConfigurationsResult>",
            |answer| shown(read_inventory_configurations(answer)),
        ),
        (
            "annotations",
            "<ListObjectAnnotationsOutput><Key>k</Key><Annotations><AnnotationEntry><AnnotationName>a</AnnotationName><ReplicationStatus>FAILED</ReplicationStatus></AnnotationEntry></Annotations></ListObjectAnnotationsOutput>",
            |answer| shown(read_annotations(answer, "k")),
        ),
        (
            "lifecycle",
            "<LifecycleConfiguration><Rule><Status>Enabled</Status><Filter><Prefix>p/</Prefix></Filter><NoncurrentVersionExpiration><NoncurrentDays>3</NoncurrentDays></NoncurrentVersionExpiration></Rule></LifecycleConfiguration>",
            |answer| shown(read_lifecycle(answer)),
        ),
        (
            "object lock",
            "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>",
            |answer| shown(read_object_lock(answer)),
        ),
        (
            "encryption",
            "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>",
            |answer| shown(read_default_encryption(answer)),
        ),
        (
            "notifications",
            "<NotificationConfiguration><QueueConfiguration><Queue>arn:q</Queue><Event>s3:Replication:*</Event></QueueConfiguration></NotificationConfiguration>",
            |answer| shown(read_notifications(answer)),
        ),
        (
            "buckets",
            "<ListAllMyBucketsResult><Buckets><Bucket><Name>src</Name></Bucket></Buckets></ListAllMyBucketsResult>",
            |answer| shown(read_buckets(answer)),
        ),
    ]
}

#[test]
fn an_answer_cut_at_any_byte_is_refused() {
    for (name, whole, read) in readers() {
        let whole = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{whole}");
        assert!(read(whole.as_bytes()).is_ok(), "{name}: {:?}", read(whole.as_bytes()));
        for end in 0..whole.len() {
            assert!(read(&whole.as_bytes()[..end]).is_err(), "{name}: cut at {end}");
        }
        let spaced = format!("\u{feff}{whole}\r\n");
        assert_eq!(read(spaced.as_bytes()), read(whole.as_bytes()), "{name}");
    }
}

#[test]
fn a_byte_that_is_not_utf8_is_not_replaced() {
    for (name, whole, read) in readers() {
        let at = whole.find("</").expect("an end tag");
        let bytes = [&whole.as_bytes()[..at], b"\xff", &whole.as_bytes()[at..]].concat();
        assert_eq!(read(&bytes), Err(AnswerError::NotUtf8), "{name}");
    }
}

#[test]
fn required_elements_occur_exactly_once() {
    // Without a required element, or with two of them, an answer is refused even if the XML is complete.
    for (name, piece) in [
        ("objects", "<IsTruncated>true</IsTruncated>"),
        ("objects", "<NextContinuationToken>t</NextContinuationToken>"),
        ("objects", "<Contents><Key>p/a</Key></Contents>"),
        ("objects", "<CommonPrefixes><Prefix>p/c/</Prefix></CommonPrefixes>"),
        ("objects", "<Key>p/a</Key>"),
        ("versions", "<IsTruncated>true</IsTruncated>"),
        ("versions", "<NextKeyMarker>p/b</NextKeyMarker>"),
        ("versions", "<NextVersionIdMarker>2</NextVersionIdMarker>"),
        ("versions", "<Key>p/a</Key>"),
        ("tags", "<Key>a</Key>"),
        ("tags", "<Value>1</Value>"),
        ("delete result", "<Key>a</Key>"),
        ("delete result", "<Code>SlowDown</Code>"),
        ("annotations", "<AnnotationName>a</AnnotationName>"),
        ("replication", "<Bucket>arn:aws:s3:::b</Bucket>"),
        ("lifecycle", "<NoncurrentDays>3</NoncurrentDays>"),
        ("encryption", "<SSEAlgorithm>aws:kms</SSEAlgorithm>"),
        ("notifications", "<Queue>arn:q</Queue>"),
        ("buckets", "<Name>src</Name>"),
    ] {
        let (_, whole, read) = readers().into_iter().find(|(known, _, _)| *known == name).expect("a reader");
        assert!(whole.contains(piece), "{name}: {piece}");
        assert!(read(whole.replacen(piece, "", 1).as_bytes()).is_err(), "{name} without {piece}");
        assert!(
            piece.starts_with("<Contents>") || read(whole.replacen(piece, &piece.repeat(2), 1).as_bytes()).is_err(),
            "{name} with two {piece}"
        );
    }
}

#[test]
fn an_answer_of_endless_depth_or_width_is_refused() {
    let deep = "<a>".repeat(300_000);
    let wide = format!("<Tagging>{}</Tagging>", "<a/>".repeat(1_100_000));
    assert!(read_tags(deep.as_bytes()).is_err());
    assert!(read_tags(wide.as_bytes()).is_err());
    let bomb = "<!DOCTYPE Tagging [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><Tagging><TagSet>&b;</TagSet></Tagging>";
    assert!(read_tags(bomb.as_bytes()).is_err());
}

proptest! {
    #[test]
    fn no_bytes_make_a_reader_panic(
        which in 0usize..13,
        from in 0usize..400,
        len in 0usize..40,
        put in proptest::collection::vec(any::<u8>(), 0..12),
    ) {
        let (_, whole, read) = readers().swap_remove(which);
        let from = from.min(whole.len());
        let to = (from + len).min(whole.len());
        let bytes = [&whole.as_bytes()[..from], &put[..], &whole.as_bytes()[to..]].concat();
        let _ = read(&bytes);
    }
}
