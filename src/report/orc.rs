//! ORC files: the tail, then for one stripe after the other the streams of the columns that the question needs.

use s3_inventory::Unread;
use s3_inventory::orc::{Footer, Script, Stream, StripeColumns, StripeFooter};

use super::ReportError;
use super::columns::{BATCH, Counter, Room};
use super::parts::Parts;

/// Counts the rows of a file.
///
/// # Errors
/// Damage, or the file can't be read.
pub(super) fn read(
    parts: &Parts,
    wanted: &[&str],
    room: &Room<'_>,
    counter: &mut Counter<'_>,
) -> Result<(), ReportError> {
    let broken = |why: Unread| {
        let is_damage = matches!(why, Unread::Damaged(_));
        let why = if is_damage { why.within("its ORC structure is damaged") } else { why };
        ReportError::of(parts.file(), why)
    };
    let bytes = |most: u64| usize::try_from(most).unwrap_or(usize::MAX);
    let (most_tail, most_columns) = (bytes(room.memory.of_one_tail()), bytes(room.memory.of_one_s_columns()));
    // Nothing is read for a claim alone, and no footer grows when it is compressed.
    let most = room.memory.of_one_tail() / 4;
    let read_footer = |(from, to): (u64, u64)| match to.checked_sub(from) {
        Some(length) if to <= parts.size() && length > most => {
            let what = format!("its footer has {length} bytes, and --memory leaves {most} for that: give more");
            Err(broken(Unread::NoRoom(what)))
        }
        _ => parts.read(from, to),
    };
    let (_, end) = parts.tail()?;
    let Script { footer, compression } = Script::of(&end, parts.size()).map_err(broken)?;
    let footer = Footer::of(read_footer(footer)?, compression, most_tail / 2).map_err(broken)?;
    let columns = footer.columns(wanted).map_err(|why| ReportError::of(parts.file(), why))?;
    for (at, stripe) in footer.stripes.iter().enumerate() {
        let broken = |why: Unread| broken(why.within(format_args!("stripe {at}")));
        let torn = |what: String| broken(what.into());
        let place = stripe.footer().ok_or_else(|| broken("its footer is nowhere in the file".into()))?;
        let footer = StripeFooter::of(read_footer(place)?, compression, most_tail / 2).map_err(broken)?;
        let places = footer.streams(stripe, &columns).map_err(torn)?;
        let spans: Vec<(u64, u64)> = places.iter().map(|(_, _, span)| *span).collect();
        let _room = room.take(parts, &spans, compression.one_piece())?;
        let streams =
            places.into_iter().zip(parts.windows(&spans).map_err(torn)?).map(|((column, kind, (from, to)), window)| {
                Stream { column, kind, length: to - from, bytes: Box::new(window) }
            });
        let streams = streams.collect();
        let mut rows =
            StripeColumns::new(&columns, &footer, streams, compression, stripe.number_of_rows(), most_columns)
                .map_err(broken)?;
        while let Some(batch) = rows.next(BATCH).map_err(broken)? {
            counter.count(&batch)?;
        }
    }
    Ok(())
}
