//! Closures that run between a request and its answer, to stage races. They get no sandbox argument, because the
//! closure has its own.

use crate::operation::Call;

/// When a hook runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The request has arrived, nothing is done yet.
    Before,
    /// Everything is done, the answer is not sent yet.
    After,
}

/// A request at one of its moments, as [`crate::Sandbox::watch`] shows it.
#[derive(Clone, Debug)]
pub struct WatchedRequest {
    /// Which moment.
    pub moment: Moment,
    /// S3's name of the operation.
    pub operation: &'static str,
    /// Bucket in the path.
    pub bucket: Option<String>,
    /// Key in the path, decoded.
    pub key: Option<String>,
    /// [`crate::Request::arrived`] of its entry in the log; 0 where nothing is logged.
    pub arrived: u64,
}

pub(crate) type Watcher = std::sync::Arc<dyn Fn(&WatchedRequest) + Send + Sync>;

pub(crate) type Action = Box<dyn FnOnce() + Send>;

pub(crate) struct Hook {
    pub(crate) moment: Moment,
    pub(crate) operation: String,
    pub(crate) key: Option<String>,
    pub(crate) action: Action,
}

/// Takes out every hook that this request sets off.
pub(crate) fn take(hooks: &mut Vec<Hook>, moment: Moment, call: &Call) -> Vec<Action> {
    let (due, later): (Vec<Hook>, Vec<Hook>) = std::mem::take(hooks).into_iter().partition(|hook| {
        hook.moment == moment
            && (hook.operation == "*" || hook.operation == call.operation)
            && (hook.key.is_none() || hook.key == call.key)
    });
    *hooks = later;
    due.into_iter().map(|hook| hook.action).collect()
}
