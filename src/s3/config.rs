//! From client settings to clients of the SDK: credentials, endpoint, addressing style, TLS, retries and deadlines.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider};
use aws_config::imds;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, error::CredentialsError, future};
use aws_sdk_s3::Client;
use aws_sdk_s3::config::{IdentityCache, Region, ResponseChecksumValidation};
use aws_smithy_http_client::{Builder, Connector, proxy::ProxyConfig, tls};
use aws_smithy_runtime_api::client::http::{HttpConnectorSettings, SharedHttpClient};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_types::service_config::ServiceConfigKey;
use sha2::{Digest, Sha256};
use tokio::runtime::Handle;

use super::guard::{NoProxyingOfMissingObjects, SlowDowns};
use super::http::{BodyHandlingByOperation, whole_answers};
use crate::deletion::CONNECTS_WITHIN;
use crate::model::{Failure, without_userinfo};

/// A connection that was idle for longer is not used again: servers close it, and who was busy meanwhile has not seen it.
const IDLE: Duration = Duration::from_secs(3);
/// Credentials are good for a request while they last for longer.
const LASTING: Duration = Duration::from_secs(60);

/// How buckets stand in an address.
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
    fn is_path(self, endpoint: Option<&str>) -> bool {
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
    /// Region to start from; each bucket's own is followed from there.
    pub region: Option<String>,
    /// A server other than AWS, with its scheme.
    pub endpoint_url: Option<String>,
    /// PEM file with the certificates to trust in place of the system's.
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
    /// Deadline of making a connection.
    pub connect_timeout: Duration,
    /// Deadline of a whole answer, from the request to its last byte; of an object's data the first byte.
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

/// The resolved configuration: everything that a client of any Region shares.
#[derive(Debug, Clone)]
pub(super) struct Clients {
    sdk: SdkConfig,
    /// The server other than AWS, when there is one.
    pub(super) endpoint: Option<String>,
    pub(super) home_region: String,
    /// Whose signature requests carry, as far as the credentials tell.
    pub(super) signing: String,
    /// Counts answers that ask for fewer requests.
    pub(super) slow_downs: SlowDowns,
    pub(super) path_style: bool,
    /// With all certificates of a CA bundle.
    tls: Arc<tls::TlsContext>,
}

impl Clients {
    /// Resolves settings, environment and profile files, and obtains credentials once.
    pub(super) async fn resolve(settings: &ClientSettings) -> Result<Self, Failure> {
        let given = settings.endpoint_url.as_deref().map(without_userinfo);
        check_endpoint(given.as_deref(), "--endpoint-url")?;
        let tls = Arc::new(tls_context(settings)?);
        let https = https_client(&tls);
        let region = match &settings.region {
            Some(region) => Region::new(region.clone()),
            None => region_from_environment(settings).await,
        };
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(https.clone())
            .region(region.clone())
            .retry_config(
                RetryConfig::adaptive()
                    .with_max_attempts(settings.max_attempts)
                    .with_initial_backoff(Duration::from_millis(200)),
            )
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(settings.connect_timeout)
                    .read_timeout(settings.read_timeout)
                    .build(),
            );
        if let Some(profile) = &settings.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(endpoint) = &given {
            loader = loader.endpoint_url(endpoint);
        }
        let mut signing = "unsigned".to_owned();
        loader = if settings.no_sign_request {
            loader.no_credentials()
        } else {
            let provider = credentials(settings, &https, &region).await?;
            signing = signer(&provider, settings).await?;
            loader.credentials_provider(provider)
        };
        let sdk = loader.load().await;
        let endpoint = given.or_else(|| configured_endpoint(&sdk).as_deref().map(without_userinfo));
        check_endpoint(endpoint.as_deref(), "AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL or the profile's endpoint_url")?;
        let path_style = settings.addressing_style.is_path(endpoint.as_deref());
        let (home_region, slow_downs) = (region.to_string(), SlowDowns::default());
        Ok(Self { sdk, endpoint, home_region, signing, slow_downs, path_style, tls })
    }

    /// The same credentials for another server, or another Region to start from.
    pub(super) fn elsewhere(&self, style: AddressingStyle, region: Option<&str>, endpoint: Option<&str>) -> Self {
        let endpoint = endpoint.map(without_userinfo).or_else(|| self.endpoint.clone());
        Self {
            sdk: self.sdk.clone(),
            signing: self.signing.clone(),
            home_region: region.unwrap_or(&self.home_region).to_owned(),
            path_style: style.is_path(endpoint.as_deref()),
            slow_downs: self.slow_downs.clone(),
            tls: Arc::clone(&self.tls),
            endpoint,
        }
    }

    /// The same with connections of its own.
    pub(super) fn apart(&self) -> Self {
        // Who waits for credentials in one runtime must not wait for a task of another one, which may not be driven.
        let identities = IdentityCache::lazy().build();
        let sdk = self.sdk.to_builder().http_client(https_client(&self.tls)).identity_cache(identities).build();
        Self { sdk, ..self.clone() }
    }

    /// A client that signs for `region` and retries reads.
    pub(super) fn client(&self, region: &str) -> Client {
        Client::from_conf(self.builder(region).build())
    }

    /// A client that signs for `region` and sends everything once: for requests that must not be repeated blindly.
    pub(super) fn client_without_retries(&self, region: &str) -> Client {
        // A request is written as soon as there is a connection, and its check may not become too old meanwhile.
        let timeouts = self.sdk.timeout_config().map_or_else(TimeoutConfig::builder, TimeoutConfig::to_builder);
        let connects = self.sdk.timeout_config().and_then(TimeoutConfig::connect_timeout);
        let timeouts = timeouts.connect_timeout(connects.map_or(CONNECTS_WITHIN, |most| most.min(CONNECTS_WITHIN)));
        let builder = self.builder(region).retry_config(RetryConfig::disabled());
        Client::from_conf(builder.timeout_config(timeouts.build()).build())
    }

    fn builder(&self, region: &str) -> aws_sdk_s3::config::Builder {
        let mut builder = aws_sdk_s3::config::Builder::from(&self.sdk)
            .region(Region::new(region.to_owned()))
            .use_arn_region(true)
            // Reports have MD5 sums of their own; S3's would be another pass over every body, and parts have none.
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            .force_path_style(self.path_style)
            .interceptor(self.slow_downs.clone())
            .interceptor(BodyHandlingByOperation);
        if let Some(endpoint) = &self.endpoint {
            builder = builder.endpoint_url(endpoint).interceptor(NoProxyingOfMissingObjects);
            if endpoint.starts_with("http://") {
                builder = builder.http_client(http_client());
            }
        }
        builder
    }
}

fn check_endpoint(endpoint: Option<&str>, source: &str) -> Result<(), Failure> {
    match endpoint {
        Some(url) if !url.starts_with("http://") && !url.starts_with("https://") => Err(Failure::new(
            "InvalidEndpoint",
            format!("{source}: {url:?} is not an endpoint"),
            Some("write the scheme too, such as http://localhost:9000"),
        )),
        _ => Ok(()),
    }
}

/// The endpoint that environment or profile give for S3; the SDK resolves it but does not tell.
fn configured_endpoint(sdk: &SdkConfig) -> Option<String> {
    let key =
        ServiceConfigKey::builder().service_id("S3").env("AWS_ENDPOINT_URL").profile("endpoint_url").build().ok()?;
    sdk.service_config()
        .and_then(|config| config.load_config(key))
        .or_else(|| sdk.endpoint_url().map(str::to_owned))
        .filter(|url| !url.is_empty())
}

/// Without a Region anywhere: us-east-1, as the AWS CLI does for S3. A wrong one costs one request per bucket. The
/// instance metadata service is not asked: it would add seconds wherever there is none.
async fn region_from_environment(settings: &ClientSettings) -> Region {
    let mut files = ProfileFileRegionProvider::builder();
    if let Some(name) = &settings.profile {
        files = files.profile_name(name);
    }
    let chain = RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new()).or_else(files.build());
    chain.region().await.unwrap_or_else(|| Region::from_static("us-east-1"))
}

fn tls_context(settings: &ClientSettings) -> Result<tls::TlsContext, Failure> {
    let bundle = settings.ca_bundle.clone().or_else(|| std::env::var_os("AWS_CA_BUNDLE").map(PathBuf::from));
    match bundle.filter(|path| !path.as_os_str().is_empty()) {
        None => Ok(tls::TlsContext::default()),
        Some(path) => {
            let hint = Some("name a PEM file with the certificates to trust");
            let pem = std::fs::read(&path).map_err(|error| {
                Failure::new("InvalidCaBundle", format!("reading the CA bundle {}: {error}", path.display()), hint)
            })?;
            if !pem.windows(27).any(|at| at == b"-----BEGIN CERTIFICATE-----") {
                let message = format!("the CA bundle {} holds no PEM certificate", path.display());
                return Err(Failure::new("InvalidCaBundle", message, hint));
            }
            let store = tls::TrustStore::empty().with_pem_certificate(pem);
            tls::TlsContext::builder().with_trust_store(store).build().map_err(|error| {
                Failure::new("InvalidCaBundle", format!("the CA bundle {}: {error}", path.display()), hint)
            })
        }
    }
}

fn https_client(tls: &Arc<tls::TlsContext>) -> SharedHttpClient {
    let tls = Arc::clone(tls);
    whole_answers(Builder::new().pool_idle_timeout(IDLE).build_with_connector_fn(move |http, components| {
        connector(http, components)
            .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
            .tls_context(tls::TlsContext::clone(&tls))
            .build()
    }))
}

/// Without TLS there are no certificates to load, which costs more than a request.
fn http_client() -> SharedHttpClient {
    let client = Builder::new().pool_idle_timeout(IDLE);
    whole_answers(client.build_with_connector_fn(|http, components| connector(http, components).build_http()))
}

/// What both share: the deadlines, and the proxy variables that the AWS CLI honours too.
fn connector(
    http: Option<&HttpConnectorSettings>,
    components: Option<&RuntimeComponents>,
) -> aws_smithy_http_client::ConnectorBuilder {
    let mut builder = Connector::builder().proxy_config(ProxyConfig::from_env());
    builder.set_connector_settings(http.cloned());
    builder.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
    builder
}

/// Hands out the credentials obtained at the start, and goes back to the chain when they run out: an SSO or process
/// provider is not run twice, and a missing credential is one message rather than one per object.
#[derive(Debug)]
struct CachedCredentials {
    latest: Arc<tokio::sync::Mutex<Credentials>>,
    chain: SharedCredentialsProvider,
    /// The runtime of the chain's connections: whoever asks may be driven by another one.
    home: Handle,
}

impl ProvideCredentials for CachedCredentials {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            let (latest, chain) = (Arc::clone(&self.latest), self.chain.clone());
            let credentials = self.home.spawn(async move {
                let mut latest = latest.lock().await;
                let lasts = |credentials: &Credentials, time| {
                    credentials.expiry().is_none_or(|end| end > SystemTime::now() + time)
                };
                if !lasts(&latest, LASTING) {
                    match chain.provide_credentials().await {
                        Ok(fresh) => *latest = fresh,
                        Err(_) if lasts(&latest, Duration::ZERO) => {}
                        Err(error) => return Err(error),
                    }
                }
                Ok(latest.clone())
            });
            credentials.await.unwrap_or_else(|ended| Err(CredentialsError::unhandled(ended)))
        })
    }
}

async fn credentials(
    settings: &ClientSettings,
    https: &SharedHttpClient,
    region: &Region,
) -> Result<SharedCredentialsProvider, Failure> {
    let provider = ProviderConfig::without_region().with_http_client(https.clone()).with_region(Some(region.clone()));
    let chain = match &settings.profile {
        // As the AWS CLI: a profile named on the command line is meant, whatever the environment holds.
        Some(profile) => SharedCredentialsProvider::new(
            ProfileFileCredentialsProvider::builder().configure(&provider).profile_name(profile).build(),
        ),
        None => {
            // First in the chain, which is not made for them: it would load the certificates for every provider that has
            // to be asked over TLS.
            if let Ok(found) = EnvironmentVariableCredentialsProvider::new().provide_credentials().await {
                return Ok(SharedCredentialsProvider::new(found));
            }
            // Two attempts of a second each: without a metadata service, the answer "no credentials" comes soon.
            let imds = imds::Client::builder()
                .configure(&provider)
                .max_attempts(2)
                .connect_timeout(Duration::from_secs(1))
                .read_timeout(Duration::from_secs(1))
                .build();
            let chain = DefaultCredentialsChain::builder().configure(provider).imds_client(imds).region(region.clone());
            SharedCredentialsProvider::new(chain.build().await)
        }
    };
    match chain.provide_credentials().await {
        Ok(first) => Ok(SharedCredentialsProvider::new(CachedCredentials {
            latest: Arc::new(first.into()),
            chain,
            home: Handle::current(),
        })),
        Err(error) => Err(no_credentials(&error, settings.profile.as_deref())),
    }
}

/// Whose signature requests will carry: the account where the credentials name it; else the access key, where it is one
/// that lasts; else the profile that the session comes from.
///
/// The key of a session is another one after each renewal, so a journal can't be bound to it. A key that lasts is noted as
/// a hash: to be compared is all that it is for.
async fn signer(provider: &SharedCredentialsProvider, settings: &ClientSettings) -> Result<String, Failure> {
    let credentials = provider.provide_credentials().await;
    let credentials = credentials.map_err(|error| no_credentials(&error, settings.profile.as_deref()))?;
    if let Some(account) = credentials.account_id() {
        return Ok(format!("account {}", account.as_str()));
    }
    if credentials.session_token().is_none() {
        let hash = Sha256::digest(credentials.access_key_id());
        return Ok(format!("key {}", hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect::<String>()));
    }
    let profile = settings.profile.clone().or_else(|| std::env::var("AWS_PROFILE").ok());
    Ok(format!("session of {}", profile.as_deref().unwrap_or("the default chain")))
}

fn no_credentials(error: &CredentialsError, profile: Option<&str>) -> Failure {
    let (whose, cause) = match (profile, error) {
        // What the chain says then is about its own making.
        (Some(name), CredentialsError::CredentialsNotLoaded(_)) => {
            (String::new(), format!("there is no profile {name:?} with credentials in the AWS configuration files"))
        }
        (Some(name), _) => (format!(" for profile {name:?}"), super::error::chain(error)),
        (None, _) => (String::new(), super::error::chain(error)),
    };
    Failure::new(
        "NoCredentials",
        format!("looking for credentials{whose}: {cause}"),
        Some(
            "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a --profile, log in with `aws sso login`, or use --no-sign-request for a public bucket",
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Signs with the name of the thread that it is asked on.
    #[derive(Debug)]
    struct Here;

    impl ProvideCredentials for Here {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            future::ProvideCredentials::new(async {
                let thread = std::thread::current().name().unwrap_or_default().to_owned();
                Ok(Credentials::new(thread, "secret", None, None, "test"))
            })
        }
    }

    #[test]
    fn the_chain_is_asked_by_the_runtime_that_has_its_connections() {
        let home = tokio::runtime::Builder::new_multi_thread().worker_threads(1).thread_name("home").build().unwrap();
        let other = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let asked_of = |first: Option<SystemTime>| {
            let first = Credentials::new("first", "secret", None, first, "test");
            let (latest, chain) = (Arc::new(first.into()), SharedCredentialsProvider::new(Here));
            let primed = CachedCredentials { latest, chain, home: home.handle().clone() };
            [(); 2].map(|()| other.block_on(primed.provide_credentials()).unwrap().access_key_id().to_owned())
        };
        let after = |seconds| Some(SystemTime::now() + Duration::from_secs(seconds));
        assert_eq!(asked_of(None), ["first", "first"]);
        assert_eq!(asked_of(after(300)), ["first", "first"]);
        assert_eq!(asked_of(after(30)), ["home", "home"]);
    }
}
