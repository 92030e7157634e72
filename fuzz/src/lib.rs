//! The readers of the root package, from its own sources, without the AWS SDK: a sanitizer build of that takes many times
//! as long as all the rest.
//!
//! The modules stand in the same places as there, so nothing in them knows. Only [`s3`] is another one: a store that can't
//! exist.

#[path = "../../src/audit/mod.rs"]
pub mod audit;
#[path = "../../src/exit.rs"]
pub mod exit;
#[path = "../../src/export/mod.rs"]
pub mod export;
#[path = "../../src/inventory/mod.rs"]
pub mod inventory;
#[path = "../../src/model/mod.rs"]
pub mod model;
#[path = "../../src/reader/mod.rs"]
pub mod reader;
#[path = "../../src/rules/mod.rs"]
pub mod rules;
#[path = "../../src/status/mod.rs"]
pub mod status;

/// What the readers ask of a store, by a store of which there is none.
pub mod s3 {
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

    /// A page of that list.
    pub struct ListPage {
        pub keys: Vec<String>,
        pub prefixes: Vec<String>,
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
}
