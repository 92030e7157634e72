//! `--join FILE`: the lines of an inventory export, each with the reason why its object failed.

use std::io::{BufRead, BufReader, Read};

use anyhow::{Context as _, Result, anyhow, bail};

use super::super::gzip;
use super::input::open_file;
use super::options::{JoinOptions, PAUSE_AFTER};
use crate::output::RowTargets;
use crate::reasons::{JoinSums, JoinTable, JoinedLine, ReasonsReport};

/// No line of an export is longer: its longest column holds an ACL.
const LONGEST_LINE: u64 = 1 << 20;

pub(super) async fn join(
    options: &JoinOptions,
    table: &JoinTable,
    rows: &mut RowTargets<'_, JoinedLine, ReasonsReport>,
) -> Result<JoinSums> {
    let name = options.file.display();
    let reading = || format!("reading {name} (--join)");
    let file = open_file(&options.file).await.with_context(reading)?;
    let mut text = gzip::plain(BufReader::with_capacity(256 << 10, file)).with_context(reading)?;
    let mut sums = JoinSums { file: name.to_string(), ..JoinSums::default() };
    let (mut line, mut number) = (Vec::new(), 0usize);
    loop {
        line.clear();
        number += 1;
        let read = text.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line).with_context(reading)?;
        let at = || format!("{name} (--join): line {number}");
        match line.strip_suffix(b"\n") {
            _ if read == 0 => return Ok(sums),
            None if read as u64 == LONGEST_LINE => bail!("{}: it is longer than {LONGEST_LINE} bytes", at()),
            // Lines are written whole.
            None => bail!("{}: the file ends in the middle of it: it was cut", at()),
            Some(text) if text.trim_ascii().is_empty() => {}
            Some(text) => {
                let text = std::str::from_utf8(text).map_err(|_| anyhow!("{}: it is not UTF-8", at()))?;
                let joined = table.join(text).with_context(at)?;
                sums.count(&joined).with_context(at)?;
                rows.row(&joined)?;
            }
        }
        if number.is_multiple_of(PAUSE_AFTER) {
            // A signal is noticed then.
            tokio::task::yield_now().await;
        }
    }
}
