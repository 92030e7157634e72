//! Damage to one kind of answer that a careful reader can see: a body that is not well-formed any more, or that contradicts
//! itself, and headers that hold anything.

use fastrand::Rng;
use replaudit_sandbox::Fault;

use crate::elements::ElementDamage;

#[derive(Clone, Debug)]
pub(crate) struct Damage {
    pub(crate) operation: &'static str,
    pub(crate) skip: u32,
    /// None: every time.
    pub(crate) times: Option<u32>,
    pub(crate) way: Way,
}

#[derive(Clone, Debug)]
pub(crate) enum Way {
    /// The body ends after this share, in thousandths.
    Cut(u32),
    /// The body ends after this many bytes.
    CutAt(usize),
    /// Something happens to one of its elements.
    Element(ElementDamage, usize),
    /// The last bytes are missing.
    CutEnd(usize),
    /// Bytes are changed, put in, taken out and doubled until the body is not well-formed.
    Bytes(u64),
    /// What no server says.
    Contradiction(Edit),
    /// Status, content type and body of some other server.
    Page(u16, &'static str),
    /// More elements inside each other than a stack has room for.
    Deep(usize),
    /// The body never ends.
    Endless,
    /// A header of HEAD.
    Header(&'static str, &'static [u8]),
}

/// A change of text that makes an answer contradict itself or the question.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Edit {
    Replace(&'static str, &'static str),
    /// The first element of that name is missing.
    Without(&'static str),
    /// The first element of that name is there twice.
    Twice(&'static str),
    /// Put in after the start of the first element of that name.
    Into(&'static str, &'static str),
}

const OBJECTS: &[Edit] = &[
    Edit::Replace("ListBucketResult", "ListAllMyBucketsResult"),
    Edit::Replace("<KeyCount>", "<KeyCount>1"),
    Edit::Replace("IsTruncated>false", "IsTruncated>true"),
    Edit::Replace("<IsTruncated>", "<IsTruncated>un"),
    Edit::Without("Contents"),
    Edit::Without("Key"),
    Edit::Without("IsTruncated"),
    Edit::Twice("Contents"),
    Edit::Twice("Key"),
    Edit::Twice("IsTruncated"),
    Edit::Twice("NextContinuationToken"),
    Edit::Into("ListBucketResult", "<CommonPrefixes><Prefix>zz/</Prefix></CommonPrefixes>"),
    Edit::Into("ListBucketResult", "<Object><Key>k</Key></Object>"),
];
const VERSIONS: &[Edit] = &[
    Edit::Replace("ListVersionsResult", "ListBucketResult"),
    Edit::Replace("IsTruncated>false", "IsTruncated>true"),
    Edit::Without("Key"),
    Edit::Without("IsTruncated"),
    Edit::Twice("Version"),
    Edit::Twice("Key"),
    Edit::Twice("VersionId"),
    Edit::Twice("IsTruncated"),
    Edit::Twice("NextKeyMarker"),
    Edit::Into("ListVersionsResult", "<CommonPrefixes><Prefix>zz/</Prefix></CommonPrefixes>"),
    Edit::Into("ListVersionsResult", "<Object><Key>k</Key></Object>"),
];
const TAGS: &[Edit] = &[
    Edit::Replace("Tagging", "Tags"),
    Edit::Without("TagSet"),
    Edit::Without("Key"),
    Edit::Without("Value"),
    Edit::Twice("TagSet"),
    Edit::Twice("Tag"),
    Edit::Twice("Key"),
    Edit::Twice("Value"),
    Edit::Into("Tag", "copies=1"),
];
const VERSIONING: &[Edit] = &[
    Edit::Replace("VersioningConfiguration", "Configuration"),
    Edit::Replace("Suspended", "enabled"),
    Edit::Replace("Suspended", "Enabledd"),
    Edit::Replace("<Status>Suspended", "<Status>Enabled</Status><Status>Suspended"),
    Edit::Twice("Status"),
    Edit::Into("Status", "<Enabled/>"),
];
const REPLICATION: &[Edit] = &[
    Edit::Replace("ReplicationConfiguration", "Configuration"),
    Edit::Replace("<Rule>", "<Rule><Unknown><Prefix>zz</Prefix></Unknown>"),
    Edit::Without("Destination"),
    Edit::Without("Bucket"),
    Edit::Twice("Destination"),
    Edit::Twice("Bucket"),
    Edit::Twice("Filter"),
    Edit::Twice("DeleteMarkerReplication"),
    Edit::Into("Filter", "<ObjectSizeGreaterThan>1</ObjectSizeGreaterThan>"),
    Edit::Into("Filter", "<Not><Size>1</Size></Not>"),
    Edit::Into("Destination", "<Bucket>arn:aws:s3:::dst</Bucket>"),
];
const DELETED: &[Edit] = &[
    Edit::Replace("DeleteResult", "Result"),
    // A server that says so of what it refused: the look afterwards tells.
    Edit::Replace("Error>", "Deleted>"),
    Edit::Without("Error"),
    Edit::Without("Key"),
    Edit::Without("Code"),
    Edit::Without("VersionId"),
    Edit::Twice("Error"),
    Edit::Twice("Key"),
];
const LIFECYCLE: &[Edit] = &[Edit::Without("Status"), Edit::Twice("NoncurrentDays"), Edit::Into("NoncurrentDays", "x")];

const ANNOTATIONS: &[Edit] = &[
    Edit::Replace("<AnnotationCount>", "<AnnotationCount>1"),
    Edit::Without("AnnotationEntry"),
    Edit::Without("AnnotationName"),
    Edit::Twice("AnnotationEntry"),
    Edit::Twice("Annotations"),
    Edit::Twice("ReplicationStatus"),
    Edit::Into("Annotations", "<Annotation><AnnotationName>c</AnnotationName></Annotation>"),
];

const PAGES: &[(u16, &str)] = &[
    (200, ""),
    (200, "<html><body>Please log in.</body></html>"),
    (200, "<!DOCTYPE html><html><head><meta charset=utf-8><title>Sorry</title></head><body><p>Busy</body></html>"),
    (200, "{\"message\":\"ok\"}"),
    (200, "<?xml version=\"1.0\"?><Error><Code>InternalError</Code><Message>late</Message></Error>"),
    (200, "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b \"cccccccccc\">]><a>&b;&b;&b;</a>"),
    (200, "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-16\"?><a/>"),
    (204, ""),
    (302, "<html>moved</html>"),
    (500, "<html>bad gateway</html>"),
    (503, ""),
];

const HEADERS: &[(&str, &[u8])] = &[
    ("expires", b"\xff"),
    ("expires", b"yesterday"),
    ("last-modified", b"\xfe\xff"),
    ("last-modified", b"Thu, 99 Jan 99999 99:99:99 GMT"),
    ("etag", b""),
    ("etag", b"\""),
    ("etag", b"\"\xff\""),
    ("x-amz-version-id", b"\xff"),
    ("x-amz-version-id", b""),
    ("x-amz-replication-status", b""),
    ("x-amz-replication-status", b"FAILE"),
    ("x-amz-replication-status", b"COMPLETED, FAILED"),
    ("x-amz-replication-status", b"COMPLETED\xff"),
    ("x-amz-object-lock-mode", b"\xff"),
    ("x-amz-object-lock-retain-until-date", b"never"),
    ("x-amz-object-lock-legal-hold", b"\xff"),
    ("x-amz-object-lock-event-hold-duration-days", b"-1"),
    ("x-amz-server-side-encryption", b"\xff"),
    ("x-amz-storage-class", b"\xff"),
    ("x-amz-checksum-sha256", b"\xff"),
    ("x-amz-missing-meta", b"many"),
    ("x-amz-mp-parts-count", b"\xff"),
    ("x-amz-tagging-count", b"\xff"),
    ("x-amz-delete-marker", b"\xff"),
    ("x-amz-meta-name", b"\xff"),
    ("x-amz-restore", b"\xff"),
    ("x-amz-request-id", b"\xff"),
    ("x-amz-bucket-region", b"\xff"),
    ("content-type", b"\xff"),
    ("content-encoding", b"gzip"),
    ("date", b"\xff"),
];

fn edits(operation: &str) -> &'static [Edit] {
    match operation {
        "ListObjectsV2" => OBJECTS,
        "ListObjectVersions" => VERSIONS,
        "GetObjectTagging" => TAGS,
        "GetBucketVersioning" => VERSIONING,
        "GetBucketReplication" => REPLICATION,
        "DeleteObjects" => DELETED,
        "GetBucketLifecycleConfiguration" => LIFECYCLE,
        "ListObjectAnnotations" => ANNOTATIONS,
        _ => &[],
    }
}

impl Way {
    pub(crate) fn of(rng: &mut Rng, operation: &str) -> Self {
        if operation == "HeadObject" {
            let (name, value) = HEADERS[rng.usize(0..HEADERS.len())];
            return Self::Header(name, value);
        }
        let edits = edits(operation);
        match rng.u32(0..20) {
            0..5 => Self::Cut(rng.u32(0..1000)),
            5..7 => Self::CutEnd(rng.usize(1..60)),
            7..12 => Self::Bytes(rng.u64(..)),
            12..17 if !edits.is_empty() => Self::Contradiction(edits[rng.usize(0..edits.len())]),
            // Another document says that a server does not know annotations.
            17 | 18 if operation != "ListObjectAnnotations" => {
                let (status, body) = PAGES[rng.usize(0..PAGES.len())];
                Self::Page(status, body)
            }
            19 if rng.u32(0..4) == 0 => Self::Endless,
            19 => Self::Deep([100, 10_000, 200_000][rng.usize(0..3)]),
            _ => Self::Bytes(rng.u64(..)),
        }
    }
}

impl Damage {
    /// To every answer of one operation.
    pub(crate) fn every(operation: &'static str, way: Way) -> Self {
        Self { operation, skip: 0, times: None, way }
    }

    pub(crate) fn fault(&self) -> Fault {
        let mut fault = Fault::on(self.operation).skip(self.skip);
        if let Some(times) = self.times {
            fault = fault.times(times);
        }
        match self.way.clone() {
            Way::Cut(share) => fault.rewrite(move |mut body| {
                body.truncate(body.len() * share as usize / 1000);
                body
            }),
            Way::CutAt(bytes) => fault.rewrite(move |mut body| {
                body.truncate(bytes.min(body.len().saturating_sub(1)));
                body
            }),
            Way::Element(damage, at) => {
                fault.rewrite(move |body| damage.apply(&body, at).unwrap_or_else(|| body.clone()))
            }
            Way::CutEnd(bytes) => fault.rewrite(move |mut body| {
                body.truncate(body.len().saturating_sub(bytes));
                body
            }),
            Way::Bytes(seed) => fault.rewrite(move |body| not_well_formed(&body, seed)),
            Way::Contradiction(edit) => fault.rewrite(move |body| {
                let text = String::from_utf8_lossy(&body);
                edit.apply(&text).map_or_else(|| body.clone(), String::into_bytes)
            }),
            Way::Page(status, body) => fault.raw_body(status, "text/html", body),
            Way::Deep(depth) => fault.rewrite(move |body| {
                let text = String::from_utf8_lossy(&body);
                let deep = format!("{}{}", "<deep>".repeat(depth), "</deep>".repeat(depth));
                match text.rfind("</") {
                    Some(end) => format!("{}{deep}{}", &text[..end], &text[end..]).into_bytes(),
                    None => body.clone(),
                }
            }),
            Way::Endless => fault.endless("<?xml version=\"1.0\"?><Result>", b' '),
            Way::Header(name, value) => fault.header(name, value),
        }
    }
}

impl Edit {
    /// None where the answer has no such element.
    fn apply(self, text: &str) -> Option<String> {
        match self {
            Self::Replace(from, to) => text.contains(from).then(|| text.replace(from, to)),
            Self::Without(name) => {
                let (from, to) = element(text, name)?;
                Some(format!("{}{}", &text[..from], &text[to..]))
            }
            Self::Twice(name) => {
                let (from, to) = element(text, name)?;
                Some(format!("{}{}{}", &text[..to], &text[from..to], &text[to..]))
            }
            Self::Into(name, what) => {
                let start = text.find(&format!("<{name}>")).or_else(|| text.find(&format!("<{name} ")))?;
                let inside = start + text[start..].find('>')? + 1;
                Some(format!("{}{what}{}", &text[..inside], &text[inside..]))
            }
        }
    }
}

/// Where the first element of that name begins and ends.
fn element(text: &str, name: &str) -> Option<(usize, usize)> {
    let from = text.find(&format!("<{name}>"))?;
    let end = format!("</{name}>");
    Some((from, from + text[from..].find(&end)? + end.len()))
}

/// The body with some of its bytes changed: damage that every XML parser sees.
fn not_well_formed(body: &[u8], seed: u64) -> Vec<u8> {
    let mut rng = Rng::with_seed(seed);
    for _ in 0..30 {
        let mut changed = body.to_vec();
        for _ in 0..rng.usize(1..=3) {
            change(&mut changed, &mut rng);
        }
        let is_xml = std::str::from_utf8(&changed).is_ok_and(|text| roxmltree::Document::parse(text).is_ok());
        if !is_xml {
            return changed;
        }
    }
    body[..body.len() / 2].to_vec()
}

fn change(body: &mut Vec<u8>, rng: &mut Rng) {
    if body.is_empty() {
        return;
    }
    let at = rng.usize(0..body.len());
    let range = at..(at + rng.usize(1..40)).min(body.len());
    match rng.u32(0..6) {
        0 => body[at] ^= 1 << rng.u32(0..8),
        1 => body.insert(at, rng.u8(..)),
        2 => drop(body.drain(range)),
        3 => {
            let again = body[range].to_vec();
            let to = rng.usize(0..=body.len());
            drop(body.splice(to..to, again));
        }
        4 => body[at] = b"<>&\"'/\0"[rng.usize(0..7)],
        _ => body[range].iter_mut().for_each(|byte| *byte = b' '),
    }
}
