//! Where the objects of `status` and `safe-delete` come from: addresses, a list, or what is under a prefix. They come one
//! by one, so that a list of any length takes no more memory than a short one.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::{Stream, StreamExt, stream};
use tokio::sync::mpsc;

use crate::list::{BadLine, LONGEST_LINE, ListReader};
use crate::model::{Bucket, ObjectId};
use crate::output::{Printer, plural};
use crate::s3::{ListedObject, ListingScope, ObjectListing, S3Store};

/// Which objects a command is about.
#[derive(Debug, Clone)]
pub(crate) enum Objects {
    /// These.
    Named(Vec<ObjectId>),
    /// Those of a list.
    From(ListSource),
    /// What S3 lists.
    Under(Vec<ListingScope>),
}

/// Where a list is read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ListSource {
    /// Standard input.
    Stdin,
    /// A file.
    File(PathBuf),
}

impl std::fmt::Display for ListSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Stdin => f.write_str("standard input"),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

/// One object to ask about.
#[derive(Debug)]
pub(super) enum Found {
    /// It was named: that it is not there is an answer.
    Named(ObjectId),
    /// S3 listed it a moment ago: that it is gone by now is no news.
    Listed(ObjectId),
    /// S3 listed a delete marker.
    Marker(ListedObject),
}

/// What was no object.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    /// A line of a list; the rest goes on.
    #[error("{list}: {bad}")]
    Line { list: ListSource, bad: BadLine },
    /// There is no rest: what it would have held is not known.
    #[error("{0}")]
    End(String),
}

/// Tells what was no object, line by line up to a point.
#[derive(Debug, Default)]
pub(super) struct BadLines(u64);

/// Bad lines that are told one by one.
const TOLD: u64 = 20;

impl BadLines {
    pub(super) fn tell(&mut self, broken: &Broken, printer: &Printer) {
        match broken {
            Broken::Line { .. } => self.tell_line(broken, printer),
            Broken::End(_) => printer.error(broken),
        }
    }

    /// A line that is bad for another reason than its form.
    pub(super) fn tell_line(&mut self, why: impl std::fmt::Display, printer: &Printer) {
        self.0 += 1;
        if self.0 <= TOLD {
            printer.error(why);
        }
    }

    /// Says how many there were, where not all were told.
    pub(super) fn sum_up(&self, printer: &Printer) {
        if self.0 > TOLD {
            printer.error(format!("{} name no object", plural(self.0, "line")));
        }
    }
}

/// How many objects there are is told as soon as it is known.
pub(super) type OnTotal = Box<dyn Fn(u64) + Send>;

/// Objects that wait for their turn: enough to bridge a page of a list.
const BATCHES: usize = 2;
const BATCH: usize = 256;

type Batch = Vec<Result<Found, Broken>>;

/// What the reading thread or task says: nothing but [`Piece::Whole`] is the end. Were it to panic, the channel would close
/// just the same.
enum Piece {
    Batch(Batch),
    Whole,
}

impl Objects {
    /// What is asked about, for messages.
    pub(super) fn nothing(&self) -> String {
        match self {
            Self::Named(_) => "no address given: write s3://bucket/key".to_owned(),
            Self::From(list) => format!("{list}: the list names no object"),
            Self::Under(under) => {
                let shown: Vec<String> = under.iter().map(|at| format!("s3://{}/{}", at.bucket, at.prefix)).collect();
                format!("there is no object under {}", shown.join(", "))
            }
        }
    }

    /// The buckets that are known before anything is read.
    pub(super) fn buckets(&self) -> HashSet<Bucket> {
        match self {
            Self::Named(objects) => objects.iter().map(|object| object.bucket.clone()).collect(),
            Self::From(_) => HashSet::new(),
            Self::Under(under) => under.iter().map(|at| at.bucket.clone()).collect(),
        }
    }

    /// The file of a list; in it, `None` is stdin.
    pub(super) fn list(&self) -> Option<Option<&Path>> {
        match self {
            Self::From(ListSource::Stdin) => Some(None),
            Self::From(ListSource::File(path)) => Some(Some(path)),
            Self::Named(_) | Self::Under(_) => None,
        }
    }

    /// Whether there is one object at the most.
    pub(super) fn is_one(&self) -> bool {
        matches!(self, Self::Named(objects) if objects.len() < 2)
    }

    /// The objects, in order. Lists and listings are read by a thread or task of their own, a little ahead.
    pub(super) fn stream(
        self,
        store: &Arc<S3Store>,
        on_total: OnTotal,
    ) -> std::pin::Pin<Box<dyn Stream<Item = Result<Found, Broken>> + Send>> {
        match self {
            Self::Named(objects) => {
                on_total(objects.len() as u64);
                Box::pin(stream::iter(objects).map(|object| Ok(Found::Named(object))))
            }
            Self::From(list) => {
                let (send, receive) = mpsc::channel(BATCHES);
                std::thread::spawn(move || read(&list, &send, on_total));
                Box::pin(pieces(receive))
            }
            Self::Under(under) => {
                let (send, receive) = mpsc::channel(BATCHES);
                tokio::spawn(walk(under, Arc::clone(store), send, on_total));
                Box::pin(pieces(receive))
            }
        }
    }
}

fn pieces(receive: mpsc::Receiver<Piece>) -> impl Stream<Item = Result<Found, Broken>> {
    let batches = stream::unfold(Some(receive), async |receive| {
        let mut receive = receive?;
        match receive.recv().await {
            Some(Piece::Batch(batch)) => Some((batch, Some(receive))),
            Some(Piece::Whole) => None,
            None => Some((vec![Err(Broken::End("reading the list broke off".to_owned()))], None)),
        }
    });
    batches.flat_map(stream::iter)
}

async fn walk(under: Vec<ListingScope>, store: Arc<S3Store>, send: mpsc::Sender<Piece>, on_total: OnTotal) {
    let mut total = 0;
    for under in under {
        let mut listing = ObjectListing::new(Arc::clone(&store), under);
        loop {
            let batch: Batch = match listing.next().await {
                Ok(None) => break,
                Ok(Some(page)) => page.into_iter().map(|listed| Ok(found(listed))).collect(),
                Err(failure) => {
                    let _ = send.send(Piece::Batch(vec![Err(Broken::End(failure.to_string()))])).await;
                    let _ = send.send(Piece::Whole).await;
                    return;
                }
            };
            total += batch.len() as u64;
            if send.send(Piece::Batch(batch)).await.is_err() {
                return;
            }
        }
    }
    on_total(total);
    let _ = send.send(Piece::Whole).await;
}

fn found(listed: ListedObject) -> Found {
    if listed.delete_marker { Found::Marker(listed) } else { Found::Listed(listed.object) }
}

fn read(list: &ListSource, send: &mpsc::Sender<Piece>, on_total: OnTotal) {
    let read = match list {
        ListSource::Stdin => read_lines(list, BufReader::new(io::stdin()), send),
        ListSource::File(path) => File::open(path).and_then(|mut file| {
            if let Some(lines) = count_lines(&mut file)? {
                on_total(lines);
            }
            read_lines(list, BufReader::with_capacity(LONGEST_LINE, file), send)
        }),
    };
    if let Err(error) = read {
        let _ = send.blocking_send(Piece::Batch(vec![Err(Broken::End(format!("reading {list}: {error}")))]));
    }
    let _ = send.blocking_send(Piece::Whole);
}

/// How many lines a file has; `None` for pipes, which can be read only once.
fn count_lines(file: &mut File) -> io::Result<Option<u64>> {
    if !file.metadata()?.is_file() {
        return Ok(None);
    }
    let (mut lines, mut buffer) = (0, vec![0; LONGEST_LINE]);
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            read => lines += memchr::memchr_iter(b'\n', &buffer[..read]).count() as u64,
        }
    }
    file.rewind()?;
    Ok(Some(lines))
}

/// Sends what has been read whenever the source pauses, so that a pipe written by hand is answered line by line.
fn read_lines(list: &ListSource, mut source: impl BufRead, send: &mpsc::Sender<Piece>) -> io::Result<()> {
    let mut reader = ListReader::default();
    let (mut batch, mut line) = (Vec::new(), Vec::new());
    let mut too_long = false;
    loop {
        let read = match source.fill_buf() {
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let ended = read.is_empty();
        let end = memchr::memchr(b'\n', read);
        let piece = &read[..end.unwrap_or(read.len())];
        if line.len() + piece.len() > LONGEST_LINE {
            too_long = true;
            line.clear();
        } else if !too_long {
            line.extend_from_slice(piece);
        }
        let (used, paused) = (piece.len() + usize::from(end.is_some()), end.is_none_or(|end| end + 1 == read.len()));
        source.consume(used);
        if end.is_some() || (ended && (too_long || !line.is_empty())) {
            let bad = |bad| Broken::Line { list: list.clone(), bad };
            if too_long {
                batch.push(Err(bad(reader.skip())));
            } else if let Some(read) = reader.read(&line, end.is_some()) {
                batch.push(read.map(Found::Named).map_err(bad));
            }
            line.clear();
            too_long = false;
        }
        if (paused || batch.len() >= BATCH)
            && !batch.is_empty()
            && send.blocking_send(Piece::Batch(std::mem::take(&mut batch))).is_err()
        {
            return Ok(());
        }
        if ended {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives out so many bytes at a time.
    struct Dripping<'a>(&'a [u8], usize);

    impl Read for Dripping<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let drop = self.1.min(self.0.len()).min(into.len());
            into[..drop].copy_from_slice(&self.0[..drop]);
            self.0 = &self.0[drop..];
            Ok(drop)
        }
    }

    fn keys(text: &[u8], at_a_time: usize) -> Vec<String> {
        let (send, mut receive) = mpsc::channel(1000);
        read_lines(&ListSource::Stdin, BufReader::new(Dripping(text, at_a_time)), &send).unwrap();
        drop(send);
        let mut found = Vec::new();
        while let Ok(Piece::Batch(batch)) = receive.try_recv() {
            found.extend(batch.into_iter().map(|one| match one {
                Ok(Found::Named(object)) => object.to_string(),
                Ok(other) => panic!("{other:?}"),
                Err(broken) => broken.to_string(),
            }));
        }
        found
    }

    #[test]
    fn a_reader_that_breaks_off_is_no_end() {
        let told = |pieces_sent: Vec<Piece>| {
            let (send, receive) = mpsc::channel(8);
            pieces_sent.into_iter().for_each(|piece| send.try_send(piece).map_err(drop).unwrap());
            drop(send);
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime
                .block_on(pieces(receive).map(|found| found.map(drop).map_err(|broken| broken.to_string())).collect())
        };
        let batch = || Piece::Batch(vec![Ok(Found::Named(ObjectId::parse("s3://src/a").unwrap()))]);
        let whole: Vec<Result<(), String>> = told(vec![batch(), batch(), Piece::Whole]);
        assert_eq!(whole, [Ok(()), Ok(())]);
        assert_eq!(told(vec![batch()]), [Ok(()), Err("reading the list broke off".to_owned())]);
        assert_eq!(told(vec![]).len(), 1);
    }

    #[test]
    fn lines_are_the_same_however_they_arrive() {
        let long = format!("s3://src/{}", "x".repeat(LONGEST_LINE));
        let text = format!("s3://src/a\n\n{long}\ns3://src/b\nno\n{long}\ns3://src/c");
        let expected = [
            "s3://src/a",
            "standard input: line 3: it is longer than 65536 bytes",
            "s3://src/b",
            "standard input: line 5: the list began with s3:// addresses, and this is another form (CSV rows)",
            "standard input: line 6: it is longer than 65536 bytes",
            "s3://src/c",
        ];
        for at_a_time in [1, 2, 7, 4096, 1 << 20] {
            assert_eq!(keys(text.as_bytes(), at_a_time), expected, "{at_a_time} at a time");
        }
        assert_eq!(keys(b"", 1), [""; 0]);
        assert_eq!(keys(b"s3://src/a\n", 5), ["s3://src/a"]);
    }
}
