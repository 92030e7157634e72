//! Clients of the SDK: how they are configured, how they sign, what happens to every request and answer, and what errors
//! mean.

mod aimd_limit;
mod clients;
mod credentials;
mod error;
mod interceptors;
mod limiter;
mod settings;
mod transport;
mod whole_answers;

pub(super) use clients::{Clients, RegionClients};
pub(super) use error::{ErrorAnswer, RequestError, TransportError, chain};
pub(super) use interceptors::RawBody;
pub(super) use limiter::Limiter;
pub use settings::{AddressingStyle, ClientSettings};
