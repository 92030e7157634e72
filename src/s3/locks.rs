//! Object Lock in the headers of HEAD: only a known harmless word does not lock.
//!
//! `x-amz-object-lock-legal-hold` and `-event-hold` are `ON` or `OFF`; `-mode` comes with `-retain-until-date` ("Locking
//! objects with Object Lock" in the S3 User Guide). A date that can't be read would make the SDK drop the whole answer, so
//! it is taken out before the SDK reads it, and a mark is left.

use aws_sdk_s3::config::interceptors::BeforeDeserializationInterceptorContextMut;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::BoxError;
use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::primitives::{DateTime, DateTimeFormat};
use jiff::Timestamp;

use super::head::timestamp;

const MODE: &str = "x-amz-object-lock-mode";
const UNTIL: &str = "x-amz-object-lock-retain-until-date";

/// What is left of Object Lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct ObjectLocks {
    pub(super) retain_until: Option<Timestamp>,
    /// There is retention, and no date of its end.
    pub(super) retention_unclear: bool,
    pub(super) legal_hold: bool,
    pub(super) event_hold: bool,
}

pub(super) fn read(output: &HeadObjectOutput) -> ObjectLocks {
    let holds = |word: Option<&str>| word.is_some_and(|word| word != "OFF");
    let retain_until = output.object_lock_retain_until_date().and_then(timestamp);
    ObjectLocks {
        retain_until,
        retention_unclear: output.object_lock_mode().is_some() && retain_until.is_none(),
        legal_hold: holds(output.object_lock_legal_hold_status().map(|word| word.as_str())),
        event_hold: holds(output.object_lock_event_hold().map(|word| word.as_str())),
    }
}

/// Takes a date of retention out that can't be read; a mode stays, or is added, so that [`read`] sees that there is one.
#[derive(Debug)]
pub(super) struct ReadableRetention;

impl Intercept for ReadableRetention {
    fn name(&self) -> &'static str {
        "ReadableRetention"
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let headers = context.response_mut().headers_mut();
        let is_date = |bytes: &[u8]| {
            let text = std::str::from_utf8(bytes);
            text.is_ok_and(|text| DateTime::from_str(text, DateTimeFormat::DateTimeWithOffset).is_ok())
        };
        let dates: Vec<&[u8]> = headers.get_all_bytes(UNTIL).collect();
        if dates.len() > 1 || !dates.into_iter().all(is_date) {
            headers.remove(UNTIL);
            if !headers.contains_key(MODE) {
                headers.insert(MODE, "UNCLEAR");
            }
        }
        Ok(())
    }
}
