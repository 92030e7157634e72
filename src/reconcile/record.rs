//! What is kept of one row: 26 bytes, in memory or on disk, or 34 if its content decides too.

use super::identity::Identity;

/// Bytes of a record without content.
pub(crate) const SHORT_RECORD: usize = 26;
/// Bytes of a record with content.
pub(crate) const LONG_RECORD: usize = 34;

/// One row of a report, as it is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ObjectRecord {
    pub(crate) identity: Identity,
    /// Bytes of the object; 0 for a delete marker.
    pub(crate) size: u64,
    /// A hash of the ETag where it decides, 0 where there is none or it does not.
    pub(crate) content: u64,
    /// The index of its status in [`super::StatusWords`].
    pub(crate) status: u8,
    pub(crate) flags: RowFlags,
}

/// What else the comparison asks of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct RowFlags {
    pub(crate) is_marker: bool,
    pub(crate) is_latest: bool,
    /// Its id does not name one version for ever: the null version, or a report without version IDs.
    pub(crate) is_replaceable: bool,
    /// Written so long before both scans that both must list it.
    pub(crate) is_old: bool,
}

impl RowFlags {
    #[inline]
    fn bits(self) -> u8 {
        u8::from(self.is_marker)
            | u8::from(self.is_latest) << 1
            | u8::from(self.is_replaceable) << 2
            | u8::from(self.is_old) << 3
    }

    #[inline]
    fn of_bits(bits: u8) -> Self {
        let has = |at: u8| bits >> at & 1 == 1;
        Self { is_marker: has(0), is_latest: has(1), is_replaceable: has(2), is_old: has(3) }
    }
}

impl ObjectRecord {
    /// Its bytes, if it has no content.
    #[inline(always)]
    pub(crate) fn short_bytes(self) -> [u8; SHORT_RECORD] {
        let mut bytes = [0; SHORT_RECORD];
        bytes[..16].copy_from_slice(&self.identity.bits().to_le_bytes());
        bytes[16..24].copy_from_slice(&self.size.to_le_bytes());
        bytes[24] = self.status;
        bytes[25] = self.flags.bits();
        bytes
    }

    #[inline(always)]
    pub(crate) fn long_bytes(self) -> [u8; LONG_RECORD] {
        let mut bytes = [0; LONG_RECORD];
        bytes[..SHORT_RECORD].copy_from_slice(&self.short_bytes());
        bytes[SHORT_RECORD..].copy_from_slice(&self.content.to_le_bytes());
        bytes
    }

    /// Reads a record of `SHORT_RECORD` or `LONG_RECORD` bytes.
    #[inline]
    pub(super) fn of_bytes<const N: usize>(bytes: &[u8; N]) -> Self {
        let number = |at: usize| {
            let mut part = [0; 8];
            part.copy_from_slice(&bytes[at..at + 8]);
            u64::from_le_bytes(part)
        };
        Self {
            identity: Identity::of_bits(u128::from(number(0)) | u128::from(number(8)) << 64),
            size: number(16),
            content: if N < LONG_RECORD { 0 } else { number(SHORT_RECORD) },
            status: bytes[24],
            flags: RowFlags::of_bits(bytes[25]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_survives_its_bytes() {
        for bits in 0..16u8 {
            let record = ObjectRecord {
                identity: Identity::of_bits(u128::MAX - u128::from(bits) * 8),
                size: u64::MAX - 1,
                content: 7 << 40,
                status: 250,
                flags: RowFlags::of_bits(bits),
            };
            assert_eq!(ObjectRecord::of_bytes(&record.long_bytes()), record);
            assert_eq!(ObjectRecord::of_bytes(&record.short_bytes()), ObjectRecord { content: 0, ..record });
            assert_eq!(record.flags.bits(), bits);
        }
    }
}
