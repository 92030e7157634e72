//! One answer of every kind, cut at every byte, and with each of its elements removed, emptied, renamed, doubled, and moved,
//! and an unknown element put in at every place. The reader refuses the answer, or reads exactly what the whole answer says.
//! Tables list every exception.

use std::collections::BTreeSet;
use std::ops::Range;

use roxmltree::{Document, Node};
use s3_answers::{
    AnswerError, Bucket, ListRequest, PageStart, join_annotation_pages, read_annotations, read_buckets,
    read_default_encryption, read_delete_result, read_inventory_configuration, read_inventory_configurations,
    read_lifecycle, read_notifications, read_object_lock, read_objects, read_replication, read_tags, read_versioning,
    read_versions,
};

type Read = fn(&[u8]) -> Result<String, AnswerError>;

fn shown<T: std::fmt::Debug>(value: &T) -> String {
    format!("{value:?}")
}

fn listed<T: std::fmt::Debug>(
    read: fn(&[u8], &ListRequest<'_>) -> Result<T, AnswerError>,
    answer: &[u8],
) -> Result<String, AnswerError> {
    let bucket = Bucket::new("src").expect("a bucket");
    read(answer, &ListRequest { bucket: &bucket, prefix: "p/", delimiter: None, start: PageStart::FirstKey })
        .map(|page| shown(&page))
}

/// Every reader with a whole answer.
const ANSWERS: [(Read, &str); 14] = [
    (
        |answer| listed(read_objects, answer),
        "<ListBucketResult xmlns=\"x\"><Name>src</Name><Prefix>p/</Prefix><KeyCount>2</KeyCount><MaxKeys>2</MaxKeys>\
         <EncodingType>url</EncodingType><IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>\
         <Contents><Key>p/a%20b</Key><ETag>&quot;e&quot;</ETag><Size>1</Size><Owner><ID>me</ID></Owner></Contents>\
         <Contents><Key>p/c</Key></Contents></ListBucketResult>",
    ),
    (
        |answer| listed(read_versions, answer),
        "<ListVersionsResult xmlns=\"x\"><Name>src</Name><Prefix>p/</Prefix><KeyMarker/><VersionIdMarker/>\
         <NextKeyMarker>p/b</NextKeyMarker><NextVersionIdMarker>v2</NextVersionIdMarker><MaxKeys>2</MaxKeys>\
         <EncodingType>url</EncodingType><IsTruncated>true</IsTruncated><Version><Key>p/a</Key><VersionId>v1</VersionId>\
         <IsLatest>true</IsLatest><LastModified>2024-05-06T22:44:22.000Z</LastModified><Owner><ID>me</ID></Owner></Version>\
         <DeleteMarker><Key>p/b</Key><VersionId>v2</VersionId><IsLatest>false</IsLatest></DeleteMarker></ListVersionsResult>",
    ),
    (
        |answer| read_tags(answer).map(|tags| shown(&tags)),
        "<Tagging xmlns=\"x\"><TagSet><Tag><Key>k</Key><Value>a&amp;b</Value></Tag><Tag><Key>l</Key><Value>m</Value></Tag>\
         </TagSet></Tagging>",
    ),
    (
        |answer| read_versioning(answer).map(|found| shown(&found)),
        "<VersioningConfiguration xmlns=\"x\"><Status>Enabled</Status><MfaDelete>Enabled</MfaDelete></VersioningConfiguration>",
    ),
    (
        |answer| read_replication(answer).map(|rules| shown(&rules)),
        "<ReplicationConfiguration xmlns=\"x\"><Role>r</Role><Rule><ID>a</ID><Priority>1</Priority><Status>Enabled</Status>\
         <Filter><And><Prefix>p</Prefix><Tag><Key>k</Key><Value>v</Value></Tag><Not><Or><Prefix>p/x</Prefix><Tag><Key>m</Key>\
         <Value>n</Value></Tag></Or></Not></And></Filter><SourceSelectionCriteria><SseKmsEncryptedObjects><Status>Enabled\
         </Status></SseKmsEncryptedObjects></SourceSelectionCriteria><DeleteMarkerReplication><Status>Enabled</Status>\
         </DeleteMarkerReplication><DeleteReplication><Status>Enabled</Status></DeleteReplication><Destination><Bucket>\
         arn:aws:s3:::dst</Bucket><Account>1</Account><ReplicationTime><Status>Enabled</Status><Time><Minutes>15</Minutes>\
         </Time></ReplicationTime></Destination></Rule><Rule><Prefix>q</Prefix><Status>Disabled</Status><Destination><Bucket>\
         arn:aws:s3:::e</Bucket></Destination></Rule></ReplicationConfiguration>",
    ),
    (
        |answer| read_delete_result(answer).map(|answers| shown(&answers)),
        "<DeleteResult xmlns=\"x\"><Deleted><Key>a</Key><VersionId>v</VersionId></Deleted><Deleted><Key>m</Key><VersionId>w\
         </VersionId><DeleteMarker>true</DeleteMarker><DeleteMarkerVersionId>w</DeleteMarkerVersionId></Deleted><Error><Key>b\
         </Key><VersionId>v</VersionId><Code>AccessDenied</Code><Message>no</Message></Error></DeleteResult>",
    ),
    (
        |answer| Ok(shown(&join_annotation_pages(vec![read_annotations(answer, "k")?])?)),
        "<ListObjectAnnotationsOutput xmlns=\"x\"><Bucket>src</Bucket><Key>k</Key><AnnotationCount>2</AnnotationCount>\
         <Annotations><AnnotationEntry><AnnotationName>a</AnnotationName><ReplicationStatus>PENDING</ReplicationStatus>\
         </AnnotationEntry><AnnotationEntry><AnnotationName>b</AnnotationName><ReplicationStatus>COMPLETED</ReplicationStatus>\
         </AnnotationEntry></Annotations></ListObjectAnnotationsOutput>",
    ),
    (
        |answer| read_lifecycle(answer).map(|rules| shown(&rules)),
        "<LifecycleConfiguration xmlns=\"x\"><Rule><ID>o</ID><Filter><And><Prefix>p</Prefix><Tag><Key>k</Key><Value>v</Value>\
         </Tag><ObjectSizeGreaterThan>5</ObjectSizeGreaterThan></And></Filter><Status>Enabled</Status>\
         <NoncurrentVersionExpiration><NoncurrentDays>30</NoncurrentDays><NewerNoncurrentVersions>2</NewerNoncurrentVersions>\
         </NoncurrentVersionExpiration></Rule><Rule><Prefix>q</Prefix><Status>Enabled</Status><Expiration><Days>3</Days>\
         </Expiration></Rule></LifecycleConfiguration>",
    ),
    (|answer| read_inventory_configuration(answer).map(|one| shown(&one)), INVENTORY),
    (
        |answer| read_inventory_configurations(answer).map(|page| shown(&page)),
        "<ListInventoryConfigurationsResult xmlns=\"x\"><InventoryConfiguration><Destination><S3BucketDestination><Bucket>b\
         </Bucket></S3BucketDestination></Destination><IsEnabled>true</IsEnabled><Id>i</Id><IncludedObjectVersions>All\
         </IncludedObjectVersions><Schedule><Frequency>Daily</Frequency></Schedule></InventoryConfiguration><IsTruncated>true\
         </IsTruncated><NextContinuationToken>t</NextContinuationToken></ListInventoryConfigurationsResult>",
    ),
    (
        |answer| read_object_lock(answer).map(|found| shown(&found)),
        "<ObjectLockConfiguration xmlns=\"x\"><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Mode>\
         GOVERNANCE</Mode><Days>1</Days></DefaultRetention></Rule></ObjectLockConfiguration>",
    ),
    (
        |answer| read_default_encryption(answer).map(|found| shown(&found)),
        "<ServerSideEncryptionConfiguration xmlns=\"x\"><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms\
         </SSEAlgorithm><KMSMasterKeyID>k</KMSMasterKeyID></ApplyServerSideEncryptionByDefault><BucketKeyEnabled>true\
         </BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>",
    ),
    (
        |answer| read_notifications(answer).map(|found| shown(&found)),
        "<NotificationConfiguration xmlns=\"x\"><QueueConfiguration><Id>q</Id><Queue>arn:aws:sqs:::q</Queue><Event>\
         s3:Replication:*</Event><Filter><S3Key><FilterRule><Name>prefix</Name><Value>p</Value></FilterRule></S3Key></Filter>\
         </QueueConfiguration><TopicConfiguration><Topic>arn:aws:sns:::t</Topic><Event>s3:ObjectCreated:*</Event>\
         </TopicConfiguration><EventBridgeConfiguration></EventBridgeConfiguration></NotificationConfiguration>",
    ),
    (
        |answer| read_buckets(answer).map(|page| shown(&page)),
        "<ListAllMyBucketsResult xmlns=\"x\"><Owner><ID>me</ID></Owner><Buckets><Bucket><Name>one</Name><CreationDate>\
         2024-05-06T22:44:22.000Z</CreationDate></Bucket><Bucket><Name>two</Name></Bucket></Buckets><ContinuationToken>t\
         </ContinuationToken></ListAllMyBucketsResult>",
    ),
];

const INVENTORY: &str = "<InventoryConfiguration xmlns=\"x\"><Destination><S3BucketDestination><Format>CSV</Format>\
     <Bucket>arn:aws:s3:::dst</Bucket><Prefix>p</Prefix></S3BucketDestination></Destination><IsEnabled>true</IsEnabled>\
     <Filter><Prefix>f</Prefix></Filter><Id>i</Id><IncludedObjectVersions>All</IncludedObjectVersions><OptionalFields><Field>\
     Size</Field></OptionalFields><Schedule><Frequency>Daily</Frequency></Schedule></InventoryConfiguration>";

/// Entries of lists in which an entry may be there twice, and hints that are not needed.
const DOUBLED: &[&str] = &[
    "InventoryConfiguration/OptionalFields/Field",
    "LifecycleConfiguration/Rule",
    "LifecycleConfiguration/Rule/Filter/And/Tag",
    "ListAllMyBucketsResult/Buckets/Bucket",
    "ListBucketResult/Contents/ETag",
    "ListInventoryConfigurationsResult/InventoryConfiguration",
    "NotificationConfiguration/QueueConfiguration",
    "NotificationConfiguration/QueueConfiguration/Event",
    "NotificationConfiguration/TopicConfiguration",
    "NotificationConfiguration/TopicConfiguration/Event",
    "ReplicationConfiguration/Rule",
    "ReplicationConfiguration/Rule/Filter/And/Not/Or/Prefix",
    "ReplicationConfiguration/Rule/Filter/And/Not/Or/Tag",
    "ReplicationConfiguration/Rule/Filter/And/Tag",
];

/// Where an unknown element does not make the answer unreadable, but one of its entries unsure.
const UNSURE: [&str; 3] =
    ["LifecycleConfiguration/Rule/", "NotificationConfiguration/TopicConfiguration/", "ReplicationConfiguration/"];

/// What may be missing, empty, or have another name, and why: nothing more is deleted for it, or the absence is itself an
/// answer of S3.
const LEFT_OUT: &[(&str, &[&str])] = &[
    (
        "a list without a count: it has one entry less, and no server says how many there are",
        &[
            "DeleteResult/Deleted",
            "DeleteResult/Error",
            "InventoryConfiguration/OptionalFields",
            "InventoryConfiguration/OptionalFields/Field",
            "LifecycleConfiguration/Rule",
            "ListAllMyBucketsResult/Buckets",
            "ListAllMyBucketsResult/Buckets/Bucket",
            "ListInventoryConfigurationsResult/InventoryConfiguration",
            "ListVersionsResult/DeleteMarker",
            "ListVersionsResult/Version",
            "NotificationConfiguration/QueueConfiguration",
            "NotificationConfiguration/QueueConfiguration/Event",
            "NotificationConfiguration/TopicConfiguration",
            "NotificationConfiguration/TopicConfiguration/Event",
            "ReplicationConfiguration/Rule",
            "Tagging/TagSet",
            "Tagging/TagSet/Tag",
        ],
    ),
    (
        "what is not about the version that was requested counts as lost, and success is looked up",
        &[
            "DeleteResult/Deleted/VersionId",
            "DeleteResult/Error/Code",
            "DeleteResult/Error/Message",
            "DeleteResult/Error/VersionId",
        ],
    ),
    (
        "only `doctor` and the search for reports read it",
        &[
            "InventoryConfiguration/Destination/S3BucketDestination/Prefix",
            "InventoryConfiguration/Filter",
            "InventoryConfiguration/Filter/Prefix",
            "InventoryConfiguration/Id",
            "InventoryConfiguration/IncludedObjectVersions",
            "InventoryConfiguration/Schedule/Frequency",
            "ListInventoryConfigurationsResult/InventoryConfiguration/Id",
            "ListInventoryConfigurationsResult/InventoryConfiguration/IncludedObjectVersions",
            "ListInventoryConfigurationsResult/InventoryConfiguration/Schedule/Frequency",
            "NotificationConfiguration/EventBridgeConfiguration",
            "NotificationConfiguration/QueueConfiguration/Filter",
            "NotificationConfiguration/QueueConfiguration/Filter/S3Key",
            "NotificationConfiguration/QueueConfiguration/Queue",
            "NotificationConfiguration/TopicConfiguration/Topic",
            "ObjectLockConfiguration/ObjectLockEnabled",
            "ObjectLockConfiguration/Rule",
            "ObjectLockConfiguration/Rule/DefaultRetention",
            "ServerSideEncryptionConfiguration/Rule/ApplyServerSideEncryptionByDefault/KMSMasterKeyID",
            "ServerSideEncryptionConfiguration/Rule/ApplyServerSideEncryptionByDefault/SSEAlgorithm",
        ],
    ),
    (
        "only a forecast of what becomes of hidden versions",
        &[
            "LifecycleConfiguration/Rule/Expiration",
            "LifecycleConfiguration/Rule/Expiration/Days",
            "LifecycleConfiguration/Rule/Filter",
            "LifecycleConfiguration/Rule/Filter/And",
            "LifecycleConfiguration/Rule/Filter/And/ObjectSizeGreaterThan",
            "LifecycleConfiguration/Rule/Filter/And/Prefix",
            "LifecycleConfiguration/Rule/Filter/And/Tag",
            "LifecycleConfiguration/Rule/Filter/And/Tag/Value",
            "LifecycleConfiguration/Rule/ID",
            "LifecycleConfiguration/Rule/NoncurrentVersionExpiration",
            "LifecycleConfiguration/Rule/NoncurrentVersionExpiration/NewerNoncurrentVersions",
            "LifecycleConfiguration/Rule/NoncurrentVersionExpiration/NoncurrentDays",
            "LifecycleConfiguration/Rule/Prefix",
        ],
    ),
    ("only `doctor --all-buckets` lists buckets", &["ListAllMyBucketsResult/ContinuationToken"]),
    (
        "some servers leave it out: then keys are literal, and there is no ETag to compare",
        &["ListBucketResult/Contents/ETag", "ListBucketResult/EncodingType"],
    ),
    (
        "an annotation without its status is not replicated",
        &[
            "ListObjectAnnotationsOutput/Annotations/AnnotationEntry/AnnotationName",
            "ListObjectAnnotationsOutput/Annotations/AnnotationEntry/ReplicationStatus",
        ],
    ),
    (
        "some servers leave it out, for the version `null` too",
        &[
            "ListVersionsResult/DeleteMarker/VersionId",
            "ListVersionsResult/Version/IsLatest",
            "ListVersionsResult/Version/LastModified",
            "ListVersionsResult/Version/VersionId",
        ],
    ),
    (
        "optional in a rule: what it says is shown, and decides about no delete",
        &[
            "ReplicationConfiguration/Role",
            "ReplicationConfiguration/Rule/Destination/Account",
            "ReplicationConfiguration/Rule/Destination/ReplicationTime",
            "ReplicationConfiguration/Rule/ID",
            "ReplicationConfiguration/Rule/Priority",
            "ReplicationConfiguration/Rule/SourceSelectionCriteria",
            "ReplicationConfiguration/Rule/SourceSelectionCriteria/SseKmsEncryptedObjects",
        ],
    ),
    (
        "S3, and the servers that have it, leave it out where such deletes are not replicated",
        &["ReplicationConfiguration/Rule/DeleteMarkerReplication", "ReplicationConfiguration/Rule/DeleteReplication"],
    ),
    (
        "without it, the rule is for more objects, or may be for any",
        &[
            "ReplicationConfiguration/Rule/Filter",
            "ReplicationConfiguration/Rule/Filter/And",
            "ReplicationConfiguration/Rule/Filter/And/Not",
            "ReplicationConfiguration/Rule/Filter/And/Not/Or",
            "ReplicationConfiguration/Rule/Filter/And/Not/Or/Prefix",
            "ReplicationConfiguration/Rule/Filter/And/Not/Or/Tag",
            "ReplicationConfiguration/Rule/Filter/And/Not/Or/Tag/Value",
            "ReplicationConfiguration/Rule/Filter/And/Prefix",
            "ReplicationConfiguration/Rule/Filter/And/Tag",
            "ReplicationConfiguration/Rule/Filter/And/Tag/Value",
            "ReplicationConfiguration/Rule/Prefix",
        ],
    ),
    ("a tag may be empty", &["Tagging/TagSet/Tag/Value"]),
    (
        "S3 leaves it out where versioning, or MFA delete, was never enabled",
        &["VersioningConfiguration/MfaDelete", "VersioningConfiguration/Status"],
    ),
];

#[test]
fn an_answer_that_is_cut_anywhere_is_refused() {
    let mut cuts = 0;
    for (read, answer) in ANSWERS {
        assert!(read(answer.as_bytes()).is_ok(), "{answer}");
        for (prolog, end) in
            [("", ""), ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", "\n"), ("\u{feff}", " <!-- c -->")]
        {
            let whole = format!("{prolog}{answer}{end}");
            let least = prolog.len() + answer.len();
            for cut in 0..least {
                let found = read(&whole.as_bytes()[..cut]);
                assert!(found.is_err(), "cut at {cut}: {found:?} of {answer}");
                cuts += 1;
            }
            // What was lost is filled with zeros or spaces.
            for (cut, byte) in (0..least).flat_map(|cut| [(cut, b'\0'), (cut, b' ')]) {
                let mut filled = whole.as_bytes()[..cut].to_vec();
                filled.resize(whole.len(), byte);
                assert!(read(&filled).is_err(), "filled from {cut}: {answer}");
            }
        }
        for more in ["x", answer, "<a/>", "\0"] {
            assert!(read(format!("{answer}{more}").as_bytes()).is_err(), "{more} after {answer}");
        }
    }
    assert!(cuts > 10_000, "{cuts} cuts");
}

/// A changed answer: what was done, to which element, and the text.
struct Damaged {
    how: &'static str,
    path: String,
    text: String,
}

fn path(node: Node<'_, '_>) -> String {
    let mut names: Vec<&str> = node.ancestors().filter(Node::is_element).map(|one| one.tag_name().name()).collect();
    names.reverse();
    names.join("/")
}

fn replaced(text: &str, range: Range<usize>, with: &str) -> String {
    format!("{}{with}{}", &text[..range.start], &text[range.end..])
}

/// Every damage to every element.
fn every_damage(answer: &str) -> Vec<Damaged> {
    let document = Document::parse(answer).expect("it is whole");
    let root = document.root_element();
    let mut all = Vec::new();
    for node in root.descendants().filter(|node| node.is_element() && *node != root) {
        let (range, name) = (node.range(), node.tag_name().name());
        let (own, path) = (&answer[range.clone()], path(node));
        let mut add = |how, text| all.push(Damaged { how, path: path.clone(), text });
        add("removed", replaced(answer, range.clone(), ""));
        add("emptied", replaced(answer, range.clone(), &format!("<{name}></{name}>")));
        let begun = own.replacen(name, "New", 1);
        let renamed = begun.strip_suffix(&format!("{name}>")).map_or(begun.clone(), |begin| format!("{begin}New>"));
        add("renamed", replaced(answer, range.clone(), &renamed));
        add("doubled", replaced(answer, range.clone(), &own.repeat(2)));
        add("doubled empty", replaced(answer, range.clone(), &format!("{own}<{name}></{name}>")));
        if let Some(next) = node.next_sibling_element() {
            let after = &answer[next.range()];
            add("moved", replaced(answer, range.start..next.range().end, &format!("{after}{own}")));
        }
        for (how, new) in [
            ("new element before", "<New></New>"),
            ("new word before", "<New>word</New>"),
            ("new entry before", "<New><Key>p/z</Key><Name>z</Name></New>"),
        ] {
            add(how, replaced(answer, range.start..range.start, new));
        }
        add("text before", replaced(answer, range.start..range.start, "text"));
        add("comment inside", replaced(answer, range.clone(), &own.replacen('>', "><!-- c -->", 1)));
    }
    all
}

/// The words of a value, in any order.
fn words(value: &str) -> Vec<&str> {
    let mut words: Vec<&str> = value.split([' ', ',', '[', ']', '{', '}', '(', ')']).collect();
    words.sort_unstable();
    words
}

/// The paths of damages with which an answer is read and says something else.
fn accepted(hows: &[&str]) -> BTreeSet<String> {
    let mut accepted = BTreeSet::new();
    let mut damages = 0;
    for (read, answer) in ANSWERS {
        let whole = read(answer.as_bytes()).expect("it is whole");
        for Damaged { path, text, .. } in every_damage(answer).into_iter().filter(|one| hows.contains(&one.how)) {
            damages += 1;
            if read(text.as_bytes()).is_ok_and(|value| words(&value) != words(&whole)) {
                accepted.insert(path);
            }
        }
    }
    assert!(damages > 150, "{damages} damages");
    accepted
}

fn named<'a>(paths: impl IntoIterator<Item = &'a &'a str>) -> BTreeSet<String> {
    paths.into_iter().map(|path| (*path).to_owned()).collect()
}

#[test]
fn an_answer_with_a_moved_element_a_text_or_a_comment_says_what_the_whole_one_says() {
    assert_eq!(accepted(&["moved", "text before", "comment inside"]), BTreeSet::new());
}

#[test]
fn an_answer_with_an_element_twice_is_refused_unless_it_is_an_entry() {
    assert_eq!(accepted(&["doubled", "doubled empty"]), named(DOUBLED));
}

#[test]
fn an_answer_with_an_unknown_element_is_refused_or_one_of_its_entries_is_unsure() {
    let accepted = accepted(&["new element before", "new word before", "new entry before"]);
    let other: Vec<_> = accepted.iter().filter(|path| !UNSURE.iter().any(|begin| path.starts_with(begin))).collect();
    assert_eq!(other, Vec::<&String>::new());
}

#[test]
fn an_answer_without_an_element_is_refused_unless_s3_leaves_it_out_too() {
    assert_eq!(accepted(&["removed", "emptied", "renamed"]), named(LEFT_OUT.iter().flat_map(|(_, paths)| *paths)));
}
