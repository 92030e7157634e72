//! A store that can't exist, for the readers of reports.

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
pub use s3_answers::ListPage;
