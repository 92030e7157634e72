//! Times: seconds since 2015 in the writer's time zone, and nanoseconds without trailing zeros ("Timestamp Columns" in the ORC
//! specification).

use arrow_array::{ArrayRef, TimestampMillisecondArray, TimestampNanosecondArray};
use arrow_buffer::NullBuffer;
use jiff::Timestamp;
use jiff::civil::date;
use jiff::tz::{TimeZone, TimeZoneDatabase};

use super::blocks::BlockInflater;
use super::error::OrcDamage;
use super::integers::Integers;
use super::nulls::{array, spread, valid};
use crate::fault::Fault;

/// 2015-01-01T00:00:00Z in seconds since 1970.
const BASE: i64 = 1_420_070_400;
const BILLION: i64 = 1_000_000_000;
const MILLION: i64 = 1_000_000;

/// The writer's time zone.
#[derive(Debug, Clone)]
pub(super) struct Zone {
    /// The start of 2015 there, in seconds since 1970.
    base: i64,
    /// `None` for UTC.
    zone: Option<TimeZone>,
}

impl Zone {
    pub(super) const UTC: Self = Self { base: BASE, zone: None };

    pub(super) fn of(name: Option<&str>) -> Result<Self, OrcDamage> {
        const UTC_NAMES: [&str; 7] = ["UTC", "GMT", "Etc/UTC", "Etc/GMT", "Zulu", "Universal", "UCT"];
        let Some(name) = name.filter(|name| !UTC_NAMES.contains(name)) else { return Ok(Self::UTC) };
        let unknown = |_| OrcDamage::TimeZone(name.to_owned());
        let zone = TimeZoneDatabase::bundled().get(name).map_err(unknown)?;
        let base = zone.to_ambiguous_timestamp(date(2015, 1, 1).at(0, 0, 0, 0)).earlier().map_err(unknown)?.as_second();
        Ok(Self { base, zone: Some(zone) })
    }

    /// The local time there, as if it were UTC.
    fn shown(&self, seconds: i64) -> Option<i64> {
        let Some(zone) = &self.zone else { return Some(seconds) };
        let offset = zone.to_offset(Timestamp::from_second(seconds).ok()?);
        seconds.checked_add(i64::from(offset.seconds()))
    }
}

pub(super) struct TimeColumn {
    pub(super) seconds: Integers,
    pub(super) nanos: Integers,
    pub(super) zone: Zone,
    pub(super) scratch: [Vec<i64>; 2],
}

impl TimeColumn {
    /// The next `rows`: in milliseconds if that is exact, otherwise in nanoseconds.
    pub(super) fn read(
        &mut self,
        rows: usize,
        nulls: Option<NullBuffer>,
        inflater: &mut BlockInflater,
    ) -> Result<ArrayRef, Fault> {
        let [values, nanos] = &mut self.scratch;
        let count = valid(rows, nulls.as_ref());
        values.resize(count, 0);
        nanos.resize(count, 0);
        self.seconds.read(values, inflater)?;
        self.nanos.read(nanos, inflater).map_err(|fault| fault.in_stream("SECONDARY"))?;
        let per_second = combine(values, nanos, &self.zone)?;
        let values = match &nulls {
            Some(nulls) => spread(values, nulls, |value| value),
            None => values.clone(),
        };
        Ok(match per_second {
            BILLION => array(TimestampNanosecondArray::new(values.into(), nulls)),
            _ => array(TimestampMillisecondArray::new(values.into(), nulls)),
        })
    }
}

/// Converts stored seconds and nanoseconds to times, and returns the number of their units per second.
fn combine(values: &mut [i64], nanos: &mut [i64], zone: &Zone) -> Result<i64, OrcDamage> {
    let plain = nanos.iter().fold(0, |bits, nanos| bits | nanos) == 0;
    if plain && zone.zone.is_none() {
        // Far below the limit of milliseconds in 64 bits.
        const MOST: i64 = 1 << 52;
        let (least, most) = values.iter().fold((0, 0), |(least, most), value| (*value.min(&least), *value.max(&most)));
        if least < -MOST || most > MOST {
            return Err(OrcDamage::TimeTooFar);
        }
        values.iter_mut().for_each(|value| *value = (*value + zone.base) * 1000);
        return Ok(1000);
    }
    let mut whole = true;
    for nano in nanos.iter_mut() {
        *nano = unfold(*nano).ok_or(OrcDamage::Nanoseconds)?;
        whole &= *nano % MILLION == 0;
    }
    let (per_second, nanos_per_unit) = if whole { (1000, MILLION) } else { (BILLION, 1) };
    for (value, nanos) in values.iter_mut().zip(nanos) {
        let mut seconds = value.checked_add(zone.base).ok_or(OrcDamage::TimeTooFar)?;
        // Before 1970, writers round seconds towards 1970 (ORC-763).
        if seconds < 0 && *nanos > 999_999 {
            seconds -= 1;
        }
        let units = zone.shown(seconds).and_then(|seconds| seconds.checked_mul(per_second));
        *value = units.and_then(|units| units.checked_add(*nanos / nanos_per_unit)).ok_or(OrcDamage::TimeTooFar)?;
    }
    Ok(per_second)
}

/// The lowest three bits are the number of removed zeros minus one, or 0 if none were removed.
const fn unfold(stored: i64) -> Option<i64> {
    const FACTORS: [i64; 8] = [1, 100, 1000, 10_000, 100_000, MILLION, 10_000_000, 100_000_000];
    let digits = stored >> 3;
    if digits < 0 || digits >= BILLION {
        return None;
    }
    let nanos = digits * FACTORS[(stored & 7) as usize];
    if nanos < BILLION { Some(nanos) } else { None }
}
