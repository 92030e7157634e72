//! A temporary file of values, one JSON line each: there may be millions of them.

use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;

#[derive(Debug)]
pub(crate) struct Spool<F: Write> {
    out: BufWriter<F>,
}

impl<F: Read + Write + Seek> Spool<F> {
    pub(crate) fn new(file: F) -> Self {
        Self { out: BufWriter::with_capacity(64 << 10, file) }
    }

    pub(crate) fn push(&mut self, value: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, value).map_err(io::Error::from)?;
        self.out.write_all(b"\n")
    }

    /// The whole, from its beginning.
    pub(crate) fn finish(self) -> io::Result<F> {
        let mut file = self.out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        Ok(file)
    }
}

/// The values of a spool that was finished, in their order; ends after the first error.
pub(crate) fn spooled<T: DeserializeOwned>(file: impl Read) -> impl Iterator<Item = io::Result<T>> {
    let mut lines = BufReader::with_capacity(64 << 10, file);
    let (mut line, mut ended) = (Vec::new(), false);
    std::iter::from_fn(move || {
        line.clear();
        if ended {
            return None;
        }
        let value = match lines.read_until(b'\n', &mut line) {
            Ok(0) => return None,
            Ok(_) => serde_json::from_slice(&line).map_err(io::Error::from),
            Err(error) => Err(error),
        };
        ended = value.is_err();
        Some(value)
    })
}
