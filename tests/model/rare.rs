//! States that chance alone seldom leads to.

use fastrand::Rng;
use replaudit_sandbox::{Dialect, Moment, Versioning};

use crate::arguments::{Asked, Input, Named, Proof};
use crate::history::{Action, Event, History, How, Wrong};
use crate::world::{Lock, Made, Object, Replica, Rules};

/// Everything is replicated and may be hidden: what is judged comes afterwards.
pub(crate) fn make_good(history: &mut History) {
    history.world.denied.clear();
    for source in &mut history.world.sources {
        (source.versioning, source.rules) = (Versioning::Enabled, Rules::Plain);
        for made in source.keys.iter_mut().flat_map(|key| &mut key.versions) {
            if let Made::Object(object) = made {
                object.status = Some("COMPLETED");
            }
        }
    }
    let arguments = &mut history.arguments;
    (arguments.proof, arguments.max_delete, arguments.allow_unconditional) = (Proof::Status, None, true);
}

/// One object, and what chance alone seldom does to it.
pub(crate) fn make_rare(history: &mut History, rng: &mut Rng) {
    make_good(history);
    (history.world.dialect, history.runs, history.torn) = (Dialect::default(), 1, 0);
    (history.faults, history.events) = (Vec::new(), Vec::new());
    let nth = rng.u32(0..3);
    let (source, arguments) = (&mut history.world.sources[0], &mut history.arguments);
    let object = Object {
        null: nth == 1,
        body: 1,
        status: Some("COMPLETED"),
        lock: Lock::None,
        replica: Replica::Present,
        tagged: false,
    };
    source.keys.truncate(1);
    (source.keys[0].versions, source.object_lock) = (vec![Made::Object(object)], false);
    (arguments.permanent, arguments.input) = (nth > 0, Input::Manifest);
    (arguments.allow_unconditional, arguments.allow_marker_replication) = (nth == 0, false);
    // Without a lookup, the word of the server counts.
    arguments.verify_deleted = None;
    arguments.orders = vec![Asked { source: 0, key: 0, version: Named::Nth(0) }];
    let mut happens = |operation, nth, action| {
        let event = Event { moment: Moment::Before, operation: Some(operation), nth, place: None, action };
        history.events.push((0, event));
    };
    match nth {
        // The server names a delete marker that it did not create. AWS, whose word counts, is not suspected of that.
        0 => {
            history.world.dialect.annotations_unknown = true;
            let how = How::Header("x-amz-version-id", "another-marker");
            history.faults.push((0, Wrong { operation: "DeleteObject", skip: 0, times: 2, how }));
        }
        // The null version is another one when it is checked again.
        1 => {
            happens("HeadObject", 1, Action::Suspend);
            happens("HeadObject", 1, Action::Overwrite { body: 2, status: Some("COMPLETED") });
            happens("HeadObject", 1, Action::Enable);
        }
        _ => {
            (source.rules, arguments.proof) = (Rules::Both, Proof::Replica);
            happens("GetBucketReplication", 1, Action::FewerDestinations);
        }
    }
}
