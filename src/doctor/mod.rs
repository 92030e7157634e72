//! Is replication, and its audit, set up correctly? The checks of `doctor`: what was read of a bucket in, findings out.
//!
//! [`CHECKS`] is the only table of checks. Documentation, schema and tests come from it.
//!
//! | file, folder | what it is for |
//! |---|---|
//! | `facts` | what was read of a bucket, its destinations and their inventories |
//! | `best_inventory` | which inventory configurations are judged |
//! | `check` | one check: its texts, the permissions it needs, and its function |
//! | `checks/` | the functions, by what they look at |
//! | `findings`, `needs`, `location` | how a function says what it found, what was missing, and what to do next |
//! | `table` | all checks, and the rows that they make of the facts |
//! | `row` | the result of one check, and the counts over all |
//! | `page` | the page of the documentation |

mod best_inventory;
mod check;
mod checks;
mod facts;
mod findings;
mod location;
mod needs;
mod page;
mod row;
mod scope;
mod state;
mod table;

pub(crate) use best_inventory::{best_inventories, is_usable};
pub(crate) use facts::{
    DeliveredReport, DestinationFacts, InventoryFacts, NewestDelivery, OpenedReport, SampleObjects, SetUpFacts,
    SourceFacts, is_that_version,
};
pub(crate) use location::BucketLocation;
pub use page::checks_page;
pub(crate) use row::{CheckRow, DoctorSummary};
pub(crate) use state::CheckState;
pub(crate) use table::{CHECKS, examine};
