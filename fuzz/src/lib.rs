//! The readers of the root package, from its own sources, without the AWS SDK: a sanitizer build of that takes many times
//! as long as all the rest.
//!
//! The modules have the same places as there. Only [`s3`] is another one: a store that can't exist.

#[path = "../../src/audit/mod.rs"]
pub mod audit;
#[path = "../../src/deletion/mod.rs"]
pub mod deletion;
#[path = "../../src/exit.rs"]
pub mod exit;
#[path = "../../src/export/mod.rs"]
pub mod export;
#[path = "../../src/inventory/mod.rs"]
pub mod inventory;
#[path = "../../src/model/mod.rs"]
pub mod model;
#[path = "../../src/report/mod.rs"]
pub mod report;
#[path = "../../src/status/mod.rs"]
pub mod status;

pub mod s3;
