//! The readers of S3's answers, from the root package, and a store that can't exist, for the readers of reports.

#[path = "../../../src/s3/xml/mod.rs"]
mod xml;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

use crate::model::{Bucket, Failure};

/// No bucket is ever reached.
#[derive(Debug)]
pub enum S3Store {}

impl S3Store {
    pub async fn get(self: &Arc<Self>, _: &Bucket, _: &str, _: &'static str) -> Result<Option<Body>, Failure> {
        match **self {}
    }

    pub fn apart(&self) -> Self {
        match *self {}
    }

    pub async fn list(&self, _: ListQuestion<'_>, _: impl FnMut(ListPage)) -> Result<(), Failure> {
        match *self {}
    }

    pub async fn etags<'a>(
        &self,
        _: &Bucket,
        _: &str,
        _: impl Iterator<Item = &'a str>,
        _: usize,
    ) -> Result<HashMap<&'a str, String>, Failure> {
        match *self {}
    }

    pub fn has_custom_endpoint(&self) -> bool {
        match *self {}
    }

    pub fn region_of(&self, _: &Bucket) -> String {
        match *self {}
    }

    pub async fn get_part(
        self: &Arc<Self>,
        _: &Bucket,
        _: &str,
        _: Range<u64>,
        _: Option<&str>,
        _: &'static str,
    ) -> Result<Option<Body>, Failure> {
        match **self {}
    }
}

/// What a list is asked for.
pub struct ListQuestion<'a> {
    pub bucket: &'a Bucket,
    pub prefix: &'a str,
    pub delimiter: Option<&'a str>,
    pub why: &'static str,
}

/// A body of that store.
#[derive(Debug)]
pub struct Body {
    pub object_size: Option<u64>,
    pub etag: Option<String>,
    never: std::convert::Infallible,
}

impl Body {
    pub async fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        match self.never {}
    }

    pub async fn read_to_end(self, _: usize) -> Result<Vec<u8>, Failure> {
        match self.never {}
    }
}
pub use xml::ListPage;

/// A kind of answer that decides.
#[derive(Debug, Clone, Copy)]
pub enum Answer {
    Objects,
    Versions,
    Tags,
    Versioning,
    Replication,
    Deleted,
    Annotations,
    Lifecycle,
    InventoryConfiguration,
    InventoryConfigurations,
}

impl Answer {
    pub const ALL: [Self; 10] = [
        Self::Objects,
        Self::Versions,
        Self::Tags,
        Self::Versioning,
        Self::Replication,
        Self::Deleted,
        Self::Annotations,
        Self::Lifecycle,
        Self::InventoryConfiguration,
        Self::InventoryConfigurations,
    ];

    /// What the reader makes of the bytes, as text to compare, and how many entries it found where entries count.
    pub fn read(self, bytes: &[u8]) -> Option<(String, Option<usize>)> {
        let bucket = Bucket::new("src").ok()?;
        let expected = xml::Expected { bucket: &bucket, prefix: "", delimiter: None };
        let shown = |value: &dyn std::fmt::Debug| format!("{value:?}");
        Some(match self {
            Self::Objects => {
                let page = xml::objects(bytes, &expected).ok()?;
                (shown(&page), Some(page.keys.len()))
            }
            Self::Versions => {
                let page = xml::versions(bytes, &expected).ok()?;
                (shown(&page), Some(page.entries.len()))
            }
            Self::Tags => {
                let tags = xml::tags(bytes).ok()?;
                (shown(&tags), Some(tags.len()))
            }
            Self::Versioning => (shown(&xml::versioning(bytes).ok()?), None),
            Self::Replication => {
                let rules = xml::replication(bytes).ok()?;
                (shown(&rules), Some(rules.rules.len()))
            }
            Self::Deleted => {
                let answers = xml::delete_result(bytes).ok()?;
                (shown(&answers), Some(answers.len()))
            }
            Self::Annotations => {
                let annotations = xml::all_annotations(vec![xml::annotations(bytes, "k").ok()?]).ok()?;
                (shown(&annotations), Some(annotations.len()))
            }
            Self::Lifecycle => (shown(&xml::lifecycle(bytes).ok()?), None),
            Self::InventoryConfiguration => (shown(&xml::inventory_configuration(bytes).ok()?), None),
            Self::InventoryConfigurations => (shown(&xml::inventory_configurations(bytes).ok()?), None),
        })
    }

    /// The elements that are entries.
    pub fn entries(self) -> &'static [&'static str] {
        match self {
            Self::Objects => &["Contents"],
            Self::Versions => &["Version", "DeleteMarker"],
            Self::Tags => &["Tag"],
            Self::Replication => &["Rule"],
            Self::Deleted => &["Deleted", "Error"],
            Self::Annotations => &["AnnotationEntry"],
            Self::Versioning | Self::Lifecycle | Self::InventoryConfiguration | Self::InventoryConfigurations => &[],
        }
    }
}
