//! HTTP connections: certificates, TLS, proxies, and how long an idle connection is kept.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use aws_smithy_http_client::{Builder, Connector, proxy::ProxyConfig, tls};
use aws_smithy_runtime_api::client::http::{HttpConnectorSettings, SharedHttpClient};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

use super::last_answers::LastAnswers;
use super::settings::ClientSettings;
use super::whole_answers::whole_answers;
use crate::model::Failure;

/// A connection that was idle for longer is not reused: servers close it, and a busy thread may not notice that.
const IDLE: Duration = Duration::from_secs(3);

pub(super) fn tls_context(settings: &ClientSettings) -> Result<tls::TlsContext, Failure> {
    let bundle = settings.ca_bundle.clone().or_else(|| std::env::var_os("AWS_CA_BUNDLE").map(PathBuf::from));
    match bundle.filter(|path| !path.as_os_str().is_empty()) {
        None => Ok(tls::TlsContext::default()),
        Some(path) => {
            let invalid = |message: String| {
                Failure::new("InvalidCaBundle", message, Some("name a PEM file with the certificates to trust"))
            };
            let shown = path.display();
            let pem =
                std::fs::read(&path).map_err(|error| invalid(format!("reading the CA bundle {shown}: {error}")))?;
            if !pem.windows(27).any(|at| at == b"-----BEGIN CERTIFICATE-----") {
                return Err(invalid(format!("the CA bundle {shown} holds no PEM certificate")));
            }
            let store = tls::TrustStore::empty().with_pem_certificate(pem);
            let context = tls::TlsContext::builder().with_trust_store(store).build();
            context.map_err(|error| invalid(format!("the CA bundle {shown}: {error}")))
        }
    }
}

pub(super) fn https_client(tls: &Arc<tls::TlsContext>, last_answers: &Arc<LastAnswers>) -> SharedHttpClient {
    let tls = Arc::clone(tls);
    let client = Builder::new().pool_idle_timeout(IDLE).build_with_connector_fn(move |http, components| {
        connector(http, components)
            .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
            .tls_context(tls::TlsContext::clone(&tls))
            .build()
    });
    whole_answers(client, last_answers)
}

/// Without TLS, because loading the certificates takes longer than a request.
pub(super) fn http_client(last_answers: &Arc<LastAnswers>) -> SharedHttpClient {
    let client = Builder::new().pool_idle_timeout(IDLE);
    let client = client.build_with_connector_fn(|http, components| connector(http, components).build_http());
    whole_answers(client, last_answers)
}

/// The parts that both clients share: the timeouts, and the proxy variables that the AWS CLI uses too.
fn connector(
    http: Option<&HttpConnectorSettings>,
    components: Option<&RuntimeComponents>,
) -> aws_smithy_http_client::ConnectorBuilder {
    let mut builder = Connector::builder().proxy_config(ProxyConfig::from_env());
    builder.set_connector_settings(http.cloned());
    builder.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
    builder
}
