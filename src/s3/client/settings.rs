//! Client settings: which S3 to ask, and how.

use std::path::PathBuf;
use std::time::Duration;

/// S3 URL style: where the bucket is in a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AddressingStyle {
    /// Path style for a custom endpoint, virtual-hosted otherwise.
    #[default]
    Auto,
    /// `https://host/bucket/key`.
    Path,
    /// `https://bucket.host/key`.
    Virtual,
}

impl AddressingStyle {
    pub(super) fn is_path(self, endpoint: Option<&str>) -> bool {
        match self {
            Self::Auto => endpoint.is_some(),
            Self::Path => true,
            Self::Virtual => false,
        }
    }
}

/// Everything that says which S3 to ask, and how.
///
/// What is `None` comes from the SDK's default chain: environment, profile files, SSO, web identity, ECS, IMDS.
#[derive(Debug, Clone)]
pub struct ClientSettings {
    /// Profile of the AWS configuration files.
    pub profile: Option<String>,
    /// The initial Region. Each bucket's own Region is found from there.
    pub region: Option<String>,
    /// URL of a server other than AWS, with its scheme.
    pub endpoint_url: Option<String>,
    /// PEM file with the certificates to trust instead of the system's.
    pub ca_bundle: Option<PathBuf>,
    /// Send no signature and look for no credentials.
    pub no_sign_request: bool,
    /// See [`AddressingStyle`].
    pub addressing_style: AddressingStyle,
    /// Send `x-amz-request-payer: requester`.
    pub request_payer: bool,
    /// Send `x-amz-expected-bucket-owner`: S3 refuses with 403 when the account is another.
    pub expected_bucket_owner: Option<String>,
    /// Attempts of one read, the first included. Deletes are never retried by the SDK.
    pub max_attempts: u32,
    /// Timeout for making a connection.
    pub connect_timeout: Duration,
    /// Timeout from the request to the last byte of the answer; for an object's data, to the first byte.
    pub read_timeout: Duration,
}

impl Default for ClientSettings {
    fn default() -> Self {
        Self {
            profile: None,
            region: None,
            endpoint_url: None,
            ca_bundle: None,
            no_sign_request: false,
            addressing_style: AddressingStyle::Auto,
            request_payer: false,
            expected_bucket_owner: None,
            max_attempts: 5,
            connect_timeout: Duration::from_secs(5),
            read_timeout: Duration::from_secs(30),
        }
    }
}
