//! GetObjectLockConfiguration.

use crate::element::{Element, document};
use crate::error::AnswerError;

/// Whether a bucket has Object Lock. A bucket without it has no configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ObjectLock {
    /// Whether versions can be locked.
    pub enabled: bool,
    /// Whether new versions are locked for some time unless their writer says otherwise.
    pub default_retention: bool,
}

/// Reads the answer of [GetObjectLockConfiguration].
///
/// [GetObjectLockConfiguration]: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectLockConfiguration.html
pub fn read_object_lock(answer: &[u8]) -> Result<ObjectLock, AnswerError> {
    document(answer, &["ObjectLockConfiguration"], |root| {
        let enabled = root.maybe("ObjectLockEnabled")?.map_or(Ok(false), Element::enabled)?;
        let rule = root.maybe("Rule")?.map(Element::fields).transpose()?;
        let default_retention = rule.map_or(Ok(None), |rule| rule.maybe("DefaultRetention"))?.is_some();
        Ok(ObjectLock { enabled, default_retention })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_read_with_its_default() {
        let read = |inner: &str| {
            let answer = format!("<ObjectLockConfiguration xmlns=\"x\">{inner}</ObjectLockConfiguration>");
            read_object_lock(answer.as_bytes()).map(|lock| (lock.enabled, lock.default_retention))
        };
        let on = "<ObjectLockEnabled>Enabled</ObjectLockEnabled>";
        let rule = "<Rule><DefaultRetention><Mode>GOVERNANCE</Mode><Days>1</Days></DefaultRetention></Rule>";
        assert_eq!(read(""), Ok((false, false)));
        assert_eq!(read(on), Ok((true, false)));
        assert_eq!(read(&format!("{on}{rule}")), Ok((true, true)));
        assert!(read("<ObjectLockEnabled>perhaps</ObjectLockEnabled>").is_err());
        assert!(read_object_lock(b"<html/>").is_err());
    }
}
