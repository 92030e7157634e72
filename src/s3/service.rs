//! Requests to another service of AWS, with the credentials, connections, retries and trace of S3's.

use std::future::Future;

use aws_config::SdkConfig;
use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::RequestId;

use super::store::S3Store;
use super::trace::RequestInfo;
use crate::model::{Bucket, Failure};

/// How one service is reached.
#[derive(Debug, Clone)]
pub(crate) struct ServiceConnection {
    store: S3Store,
    service: &'static str,
    pub(crate) sdk: SdkConfig,
    pub(crate) region: String,
    /// Attempts of one request, the first included.
    pub(crate) max_attempts: u32,
}

impl S3Store {
    /// A connection to a service in the configured Region, or else in the Region of a bucket.
    pub(crate) async fn service(&self, service: &'static str, near: &Bucket) -> Result<ServiceConnection, Failure> {
        let region = if self.clients.has_region {
            self.clients.home_region.clone()
        } else {
            let known = self.bucket_head(near).await.0;
            known.unwrap_or_else(|| self.clients.home_region.clone())
        };
        let (sdk, endpoint) = self.clients.for_service(service, &region)?;
        let mut store = self.clone();
        // Messages name the endpoint that was asked.
        store.clients.endpoint = endpoint;
        Ok(ServiceConnection { store, service, sdk, region, max_attempts: self.max_attempts })
    }
}

impl ServiceConnection {
    /// The custom endpoint, if there is one.
    pub(crate) fn endpoint(&self) -> Option<&str> {
        self.store.endpoint()
    }

    /// Sends a request. A failure has the code of the service, and no hint.
    pub(crate) async fn send<T, E>(
        &self,
        asked: RequestInfo<'_>,
        request: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<T, Failure>
    where
        T: RequestId,
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let attempt = format!("{} ({})", asked.operation, asked.why);
        self.store.traced(asked, request).await.map_err(|error| error.failure_of(self.service, &attempt))
    }
}
