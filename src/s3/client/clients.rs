//! Makes clients of the SDK from client settings: credentials, endpoint, addressing style, retries and timeouts.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_s3::Client;
use aws_sdk_s3::config::{IdentityCache, Region, ResponseChecksumValidation};
use aws_smithy_http_client::tls;
use aws_types::service_config::ServiceConfigKey;

use super::credentials::{credentials, signer};
use super::interceptors::{EveryRequest, SlowDowns};
use super::last_answers::LastAnswers;
use super::settings::{AddressingStyle, ClientSettings};
use super::transport::{http_client, https_client, tls_context};
use super::whole_answers::whole_answers;
use crate::deletion::CONNECTS_WITHIN;
use crate::model::{EndpointFault, Failure, without_userinfo};
use crate::s3::machine::{Machine, SimulatedConnection};

/// Clients of the SDK, one for each Region.
#[derive(Debug, Clone, Default)]
pub(in crate::s3) struct RegionClients(Arc<Mutex<HashMap<String, Client>>>);

impl RegionClients {
    pub(in crate::s3) fn of_region(&self, region: &str, make: impl FnOnce(&str) -> Client) -> Client {
        let mut clients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(region) {
            return client.clone();
        }
        clients.entry(region.to_owned()).or_insert(make(region)).clone()
    }
}

/// The resolved configuration, shared by the clients of all Regions.
#[derive(Debug, Clone)]
pub(in crate::s3) struct Clients {
    sdk: SdkConfig,
    pub(in crate::s3) machine: Machine,
    /// The custom endpoint, if there is one.
    pub(in crate::s3) endpoint: Option<String>,
    pub(in crate::s3) home_region: String,
    /// Whether the environment, a profile or an option names the Region.
    pub(in crate::s3) has_region: bool,
    /// Who signs the requests, as far as the credentials show.
    pub(in crate::s3) signing: String,
    pub(in crate::s3) slow_downs: SlowDowns,
    pub(in crate::s3) path_style: bool,
    /// Has the certificates of a CA bundle.
    tls: Arc<tls::TlsContext>,
    last_answers: Arc<LastAnswers>,
}

impl Clients {
    /// Resolves settings, environment and profile files, and obtains credentials once.
    pub(in crate::s3) async fn resolve(settings: &ClientSettings, machine: &Machine) -> Result<Self, Failure> {
        let given = settings.endpoint_url.as_deref().map(without_userinfo);
        check_endpoint(given.as_deref(), "--endpoint-url")?;
        if let Some(simulated) = &machine.simulated {
            return Ok(Self::simulated(settings, given, simulated, machine));
        }
        let tls = Arc::new(tls_context(settings)?);
        let last_answers = Arc::default();
        let https = https_client(&tls, &last_answers);
        let configured = match &settings.region {
            Some(region) => Some(Region::new(region.clone())),
            None => region_from_environment(settings).await,
        };
        let has_region = configured.is_some();
        let region = configured.unwrap_or(Region::from_static(HOME_REGION));
        check_region(region.as_ref())?;
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(https.clone())
            .region(region.clone())
            .retry_config(retries(settings))
            .timeout_config(timeouts(settings));
        if let Some(profile) = &settings.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(endpoint) = &given {
            loader = loader.endpoint_url(endpoint);
        }
        let mut signing = UNSIGNED.to_owned();
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
        let (home_region, slow_downs, machine) = (region.to_string(), SlowDowns::default(), machine.clone());
        Ok(Self { sdk, machine, endpoint, home_region, has_region, signing, slow_downs, path_style, tls, last_answers })
    }

    fn simulated(
        settings: &ClientSettings,
        endpoint: Option<String>,
        simulated: &SimulatedConnection,
        machine: &Machine,
    ) -> Self {
        let mut sdk = simulated.sdk.to_builder().retry_config(retries(settings)).timeout_config(timeouts(settings));
        let last_answers = Arc::default();
        sdk.set_http_client(simulated.sdk.http_client().map(|client| whole_answers(client, &last_answers)));
        Self {
            sdk: sdk.build(),
            machine: machine.clone(),
            home_region: settings.region.clone().unwrap_or_else(|| HOME_REGION.to_owned()),
            has_region: settings.region.is_some(),
            signing: UNSIGNED.to_owned(),
            slow_downs: SlowDowns::default(),
            path_style: settings.addressing_style.is_path(endpoint.as_deref()),
            endpoint,
            tls: Arc::default(),
            last_answers,
        }
    }

    pub(in crate::s3) fn is_signing(&self) -> bool {
        self.signing != UNSIGNED
    }

    /// The same credentials for another endpoint, or with another initial Region.
    pub(in crate::s3) fn elsewhere(
        &self,
        style: AddressingStyle,
        region: Option<&str>,
        endpoint: Option<&str>,
    ) -> Result<Self, Failure> {
        let endpoint = endpoint.map(without_userinfo).or_else(|| self.endpoint.clone());
        let home_region = region.unwrap_or(&self.home_region).to_owned();
        check_region(&home_region)?;
        Ok(Self { home_region, path_style: style.is_path(endpoint.as_deref()), endpoint, ..self.clone() })
    }

    /// The same configuration with its own connections.
    pub(in crate::s3) fn apart(&self) -> Self {
        // A task must not wait for credentials from another runtime, which may not be polled.
        let mut sdk = self.sdk.to_builder().identity_cache(IdentityCache::lazy().build());
        if self.machine.simulated.is_none() {
            sdk = sdk.http_client(https_client(&self.tls, &self.last_answers));
        }
        Self { sdk: sdk.build(), ..self.clone() }
    }

    /// A client that signs for `region` and retries reads.
    pub(in crate::s3) fn client(&self, region: &str) -> Client {
        Client::from_conf(self.builder(region).build())
    }

    /// A client that signs for `region` and sends every request once: for requests that must not be repeated blindly.
    pub(in crate::s3) fn client_without_retries(&self, region: &str) -> Client {
        // A request is written as soon as there is a connection, and its check must still be fresh then.
        let timeouts = self.sdk.timeout_config().map_or_else(TimeoutConfig::builder, TimeoutConfig::to_builder);
        let connects = self.sdk.timeout_config().and_then(TimeoutConfig::connect_timeout);
        let timeouts = timeouts.connect_timeout(connects.map_or(CONNECTS_WITHIN, |most| most.min(CONNECTS_WITHIN)));
        let builder = self.builder(region).retry_config(RetryConfig::disabled());
        Client::from_conf(builder.timeout_config(timeouts.build()).build())
    }

    /// The configuration for another service of AWS, and its endpoint if that is a custom one.
    pub(in crate::s3) fn for_service(
        &self,
        service: &str,
        region: &str,
    ) -> Result<(SdkConfig, Option<String>), Failure> {
        let endpoint = endpoint_of_service(&self.sdk, service).map(|url| without_userinfo(&url));
        let variable = format!("AWS_ENDPOINT_URL_{}", service.to_uppercase());
        if endpoint.is_none() && self.endpoint.is_some() {
            // Otherwise, credentials for that server would go to AWS, or those for AWS to that server.
            let message = format!("the endpoint of S3 is a custom one, and there is none for {service}");
            let hint =
                format!("set {variable} to its URL (for AWS, for example https://athena.eu-central-1.amazonaws.com)");
            return Err(Failure::new("InvalidEndpoint", message, Some(&hint)));
        }
        check_endpoint(endpoint.as_deref(), &format!("{variable}, AWS_ENDPOINT_URL or the profile's endpoint_url"))?;
        let mut sdk = self.sdk.to_builder().region(Region::new(region.to_owned()));
        if let Some(endpoint) = &endpoint {
            sdk = sdk.endpoint_url(endpoint);
            if endpoint.starts_with("http://") {
                sdk = sdk.http_client(http_client(&self.last_answers));
            }
        }
        Ok((sdk.build(), endpoint))
    }

    fn builder(&self, region: &str) -> aws_sdk_s3::config::Builder {
        let mut builder = aws_sdk_s3::config::Builder::from(&self.sdk)
            .region(Region::new(region.to_owned()))
            .use_arn_region(true)
            // Reports have their own MD5 sums. Checksums of S3 would be another pass over every body, and ranges have none.
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            .force_path_style(self.path_style)
            .interceptor(EveryRequest {
                slow_downs: self.slow_downs.clone(),
                has_custom_endpoint: self.endpoint.is_some(),
            });
        if let Some(simulated) = &self.machine.simulated {
            builder = builder.retry_partition(simulated.retries.clone());
        }
        if let Some(endpoint) = &self.endpoint {
            builder = builder.endpoint_url(endpoint);
            if endpoint.starts_with("http://") && self.machine.simulated.is_none() {
                builder = builder.http_client(http_client(&self.last_answers));
            }
        }
        builder
    }
}

fn retries(settings: &ClientSettings) -> RetryConfig {
    let retries = RetryConfig::adaptive().with_max_attempts(settings.max_attempts);
    retries.with_initial_backoff(Duration::from_millis(200))
}

fn timeouts(settings: &ClientSettings) -> TimeoutConfig {
    TimeoutConfig::builder().connect_timeout(settings.connect_timeout).read_timeout(settings.read_timeout).build()
}

fn check_endpoint(endpoint: Option<&str>, source: &str) -> Result<(), Failure> {
    match endpoint.and_then(|url| Some((url, EndpointFault::of(url)?))) {
        Some((url, fault)) => {
            let message = format!("{source}: {url:?} is not an endpoint");
            Err(Failure::new("InvalidEndpoint", message, Some(&fault.to_string())))
        }
        None => Ok(()),
    }
}

/// A Region is part of headers and of the scope of signatures. Servers other than AWS have names of their own.
fn check_region(name: &str) -> Result<(), Failure> {
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'/');
    let hint = "check --region, region= of --destination, AWS_REGION, AWS_DEFAULT_REGION and the configuration files";
    let failure = || Failure::new("InvalidRegion", format!("{name:?} is not the name of a Region"), Some(hint));
    if is_name { Ok(()) } else { Err(failure()) }
}

/// The endpoint that environment or profile give for S3; the SDK resolves it but does not show it. An empty one counts only if
/// there is no other: the SDK would use it.
fn configured_endpoint(sdk: &SdkConfig) -> Option<String> {
    let of_s3 = endpoint_of_service(sdk, "S3");
    let of_all = || sdk.endpoint_url().map(str::to_owned);
    of_s3.clone().filter(|url| !url.is_empty()).or_else(of_all).or(of_s3)
}

/// The endpoint that environment or profile give for a service, or for all.
fn endpoint_of_service(sdk: &SdkConfig, service: &str) -> Option<String> {
    let key = ServiceConfigKey::builder().service_id(service).env("AWS_ENDPOINT_URL").profile("endpoint_url");
    sdk.service_config()?.load_config(key.build().ok()?)
}

/// Who signs, with --no-sign-request.
const UNSIGNED: &str = "unsigned";

/// Without a configured Region.
const HOME_REGION: &str = "us-east-1";

/// Without a configured Region: us-east-1, as the AWS CLI does for S3. A wrong one costs one request per bucket. The instance
/// metadata service is not asked, because that takes seconds on machines without one.
async fn region_from_environment(settings: &ClientSettings) -> Option<Region> {
    let mut files = ProfileFileRegionProvider::builder();
    if let Some(name) = &settings.profile {
        files = files.profile_name(name);
    }
    let chain = RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new()).or_else(files.build());
    chain.region().await
}
