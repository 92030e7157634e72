//! Credentials: found once, kept until they expire, and never shown.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::imds;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, error::CredentialsError, future};
use aws_sdk_s3::config::Region;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use sha2::{Digest, Sha256};
use tokio::runtime::Handle;

use super::error::chain;
use super::settings::ClientSettings;
use crate::model::{Failure, hex};

/// Credentials are renewed if they expire within this time.
const LASTING: Duration = Duration::from_secs(60);

/// Returns the credentials obtained at the start, and asks the chain again when they expire: an SSO or process provider is
/// not run twice, and missing credentials are one message instead of one per object.
#[derive(Debug)]
struct CachedCredentials {
    latest: Arc<tokio::sync::Mutex<Credentials>>,
    chain: SharedCredentialsProvider,
    /// The runtime of the chain's connections. A request for credentials may come from another runtime.
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

pub(super) async fn credentials(
    settings: &ClientSettings,
    https: &SharedHttpClient,
    region: &Region,
) -> Result<SharedCredentialsProvider, Failure> {
    let provider = ProviderConfig::without_region().with_http_client(https.clone()).with_region(Some(region.clone()));
    let chain = match &settings.profile {
        // As in the AWS CLI, a profile on the command line comes before the environment.
        Some(profile) => SharedCredentialsProvider::new(
            ProfileFileCredentialsProvider::builder().configure(&provider).profile_name(profile).build(),
        ),
        None => {
            // First in the chain. The chain is not built for them, because it loads the certificates for every provider that
            // uses TLS.
            if let Ok(found) = EnvironmentVariableCredentialsProvider::new().provide_credentials().await {
                return Ok(SharedCredentialsProvider::new(found));
            }
            // Two attempts of one second: without a metadata service, the error comes soon.
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

/// Who signs the requests: the account, if the credentials have it; else the access key, if it is permanent; else the
/// profile of the session.
///
/// The key of a session changes with each renewal, so a journal can't be bound to it. A permanent key is stored as a hash,
/// because it is only compared.
pub(super) async fn signer(provider: &SharedCredentialsProvider, settings: &ClientSettings) -> Result<String, Failure> {
    let credentials = provider.provide_credentials().await;
    let credentials = credentials.map_err(|error| no_credentials(&error, settings.profile.as_deref()))?;
    if let Some(account) = credentials.account_id() {
        return Ok(format!("account {}", account.as_str()));
    }
    if credentials.session_token().is_none() {
        let hash = Sha256::digest(credentials.access_key_id());
        return Ok(format!("key {}", hex(&hash[..8])));
    }
    let profile = settings.profile.clone().or_else(|| std::env::var("AWS_PROFILE").ok());
    Ok(format!("session of {}", profile.as_deref().unwrap_or("the default chain")))
}

/// The profile that the environment names: a wrong name is a frequent cause.
fn from_variable() -> String {
    std::env::var("AWS_PROFILE").map_or_else(|_| String::new(), |name| format!(" (AWS_PROFILE is {name:?})"))
}

fn no_credentials(error: &CredentialsError, profile: Option<&str>) -> Failure {
    let message = match (profile, error) {
        // The error of the chain then only describes the SDK's own structure.
        (Some(name), CredentialsError::CredentialsNotLoaded(_)) => {
            format!("looking for credentials: the AWS configuration files have no profile {name:?} with credentials")
        }
        (Some(name), _) => format!("looking for credentials for profile {name:?}: {}", chain(error)),
        // The error of the chain names its five providers, and not what is missing.
        (None, CredentialsError::CredentialsNotLoaded(_)) => format!("no credentials were found{}", from_variable()),
        (None, _) => {
            let why = chain(error);
            format!("no credentials could be loaded{}: {}", from_variable(), why.trim_end_matches('.'))
        }
    };
    let hint = match profile {
        // With --profile, the keys in the environment are not read.
        Some(_) => {
            "check the name of the profile (`aws configure list-profiles`), log in with `aws sso login --profile NAME`, or leave the profile out to use the environment"
        }
        None => {
            "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a --profile, log in with `aws sso login`, or use --no-sign-request for a public bucket"
        }
    };
    Failure::new("NoCredentials", message, Some(hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the name of the current thread as the access key.
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
