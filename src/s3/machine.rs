//! What requests need of the machine: its clock, and its way to S3. A simulation brings its own.

use aws_config::SdkConfig;
use aws_sdk_s3::config::retry::RetryPartition;

use super::freshness::machine_clock;
use crate::deletion::Clock;

/// A clock and a connection.
#[derive(Debug, Clone)]
pub struct Machine {
    /// What every age goes by.
    pub clock: Clock,
    /// Replaces the environment, the profile files and the network.
    pub simulated: Option<SimulatedConnection>,
}

/// A connection that a test answers. Requests are not signed.
#[derive(Debug, Clone)]
pub struct SimulatedConnection {
    /// Has the HTTP client, the time source, and how the SDK sleeps.
    pub sdk: SdkConfig,
    /// The SDK's account of retries, which a process shares otherwise.
    pub retries: RetryPartition,
}

impl Machine {
    /// The machine that runs this process.
    pub(crate) fn real() -> Self {
        Self { clock: Clock(machine_clock), simulated: None }
    }
}
