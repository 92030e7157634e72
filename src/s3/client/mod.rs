//! Clients of the SDK: their configuration and credentials, the handling of every request and answer, and errors.

mod aimd_limit;
mod clients;
mod credentials;
mod error;
mod interceptors;
mod last_answers;
mod limiter;
mod settings;
mod transport;
mod whole_answers;

pub(super) use clients::{Clients, RegionClients};
pub(crate) use error::one_line;
pub(super) use error::{ErrorAnswer, RequestError, TransportError, chain};
pub(super) use interceptors::RawBody;
pub(super) use limiter::Limiter;
pub use settings::{AddressingStyle, ClientSettings};
