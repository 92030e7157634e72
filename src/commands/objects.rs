//! Where the objects of `status` and `safe-delete` come from: addresses, a list, or what is under a prefix. They come one
//! by one, so that a list of any length takes no more memory than a short one.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::{Stream, StreamExt, stream};
use tokio::sync::mpsc;

use super::{Context, gzip};
use crate::list::{BadLine, LONGEST_LINE, ListReader};
use crate::model::{Bucket, Failure, ObjectId, sh_quote};
use crate::output::{OutputFiles, Printer, plural};
use crate::s3::{ListedObject, ListingScope, ObjectListing, S3Store};

/// Which objects a command is about.
#[derive(Debug, Clone)]
pub(crate) enum ObjectSelection {
    Named(Vec<ObjectId>),
    From(ListSource),
    /// What S3 lists.
    Under(Vec<ListingScope>),
}

/// Where a list is read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ListSource {
    Stdin,
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

/// The names of standard input as a file.
const STDIN_FILES: [&str; 3] = ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"];

impl ListSource {
    /// Refuses outputs that would replace it, and a standard input that can't be read. `what` it is: "the list of --from", for
    /// example.
    pub(super) fn check(&self, what: &str, outputs: &OutputFiles, context: &Context) -> anyhow::Result<()> {
        match self {
            Self::Stdin => {
                context.needs_stdin()?;
                outputs.spare_stdin(what)?;
            }
            Self::File(path) => {
                if STDIN_FILES.iter().any(|name| path == Path::new(name)) {
                    context.needs_stdin()?;
                }
                // A terminal or a device is not replaced.
                if path.is_file() {
                    outputs.spare(path, what)?;
                }
            }
        }
        Ok(())
    }
}

/// One object to ask about.
#[derive(Debug)]
pub(super) enum RequestedObject {
    /// It was named. If it does not exist, that is an answer.
    Named(ObjectId),
    /// S3 listed it a moment ago. It may not exist any more.
    Listed(ListedObject),
    Marker(ListedObject),
}

/// Why an object could not be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum ObjectSourceError {
    /// A line of a list; the lines after it are read.
    #[error("{list}: {bad}")]
    Line { list: ListSource, bad: BadLine },
    #[error("reading {list}: {error}")]
    Unreadable { list: ListSource, error: io::Error },
    #[error("{0}")]
    Listing(Failure),
    /// One of several prefixes or keys without an object; what is listed after it is read.
    #[error("no object was found under {} (--allow-empty exits 0)", scope_text(.0))]
    Nothing(ListingScope),
    /// The reading thread or task ended without [`SourceMessage::Whole`].
    #[error("reading the list ended early")]
    BrokenOff,
}

impl ObjectSourceError {
    /// Whether no object after it is read.
    pub(super) fn is_end(&self) -> bool {
        match self {
            Self::Line { .. } | Self::Nothing(_) => false,
            Self::Unreadable { .. } | Self::Listing(_) | Self::BrokenOff => true,
        }
    }
}

/// Prints the first bad lines, and counts them all.
#[derive(Debug, Default)]
pub(super) struct BadLines(u64);

/// The number of bad lines that are printed.
const PRINTED: u64 = 20;

impl BadLines {
    pub(super) fn tell(&mut self, broken: &ObjectSourceError, printer: &Printer) {
        match broken {
            ObjectSourceError::Line { .. } => self.tell_line(broken, printer),
            _ => printer.error(broken),
        }
    }

    /// A line that is bad for another reason than its form.
    pub(super) fn tell_line(&mut self, why: impl std::fmt::Display, printer: &Printer) {
        self.0 += 1;
        if self.0 <= PRINTED {
            printer.error(why);
        }
    }

    /// Prints how many there were, unless each was printed.
    pub(super) fn sum_up(&self, printer: &Printer) {
        if self.0 > PRINTED {
            printer.error(format!("{} are invalid", plural(self.0, "line")));
        }
    }
}

/// Is called with the number of objects as soon as it is known.
pub(super) type OnTotal = Box<dyn Fn(u64) + Send>;

/// Objects that wait for their turn: enough to bridge a page of a list.
const BATCHES: usize = 2;
const BATCH: usize = 256;

type RequestBatch = Vec<Result<RequestedObject, ObjectSourceError>>;

/// What the reading thread or task says: nothing but [`SourceMessage::Whole`] is the end. Were it to panic, the channel would close
/// just the same.
enum SourceMessage {
    Batch(RequestBatch),
    Whole,
}

impl ObjectSelection {
    /// The message for a selection without objects.
    pub(super) fn nothing(&self) -> String {
        match self {
            Self::Named(_) => "no address given: write s3://bucket/key".to_owned(),
            Self::From(list) => format!("{list}: the list contains no object"),
            Self::Under(under) => {
                format!("no object was found under {}", under.iter().map(scope_text).collect::<Vec<_>>().join(", "))
            }
        }
    }

    /// What to do if an address was meant to name a version. Its key may really contain `?versionId=`, so this is only said
    /// when the answer is not yes.
    pub(super) fn version_hint(&self) -> Option<String> {
        let Self::Named(objects) = self else { return None };
        objects.iter().find_map(|object| {
            let (key, version) = object.key.split_once("?versionId=")?;
            Some(format!(
                "?versionId= is part of the key in s3://{}/{}: for that version, write {} --version-id {}",
                object.bucket,
                object.key,
                sh_quote(&format!("s3://{}/{key}", object.bucket)),
                sh_quote(version)
            ))
        })
    }

    /// The buckets that are known before anything is read.
    pub(super) fn buckets(&self) -> HashSet<Bucket> {
        match self {
            Self::Named(objects) => objects.iter().map(|object| object.bucket.clone()).collect(),
            Self::From(_) => HashSet::new(),
            Self::Under(under) => under.iter().map(|at| at.bucket.clone()).collect(),
        }
    }

    pub(super) fn list(&self) -> Option<&ListSource> {
        match self {
            Self::From(list) => Some(list),
            Self::Named(_) | Self::Under(_) => None,
        }
    }

    /// Refuses outputs that would replace the list, and a standard input that can't be read.
    pub(super) fn check_list(&self, outputs: &OutputFiles, context: &Context) -> anyhow::Result<()> {
        self.list().map_or(Ok(()), |list| list.check("the list of --from", outputs, context))
    }

    /// Whether there is at most one object.
    pub(super) fn is_one(&self) -> bool {
        matches!(self, Self::Named(objects) if objects.len() < 2)
    }

    /// The objects, in order. Lists and listings are read by a thread or task of their own, a little ahead.
    pub(super) fn stream(
        self,
        store: &Arc<S3Store>,
        on_total: OnTotal,
    ) -> std::pin::Pin<Box<dyn Stream<Item = Result<RequestedObject, ObjectSourceError>> + Send>> {
        match self {
            Self::Named(objects) => {
                on_total(objects.len() as u64);
                Box::pin(stream::iter(objects).map(|object| Ok(RequestedObject::Named(object))))
            }
            Self::From(list) => {
                let (send, receive) = mpsc::channel(BATCHES);
                tokio::task::spawn_blocking(move || read(&list, &send, on_total));
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

fn pieces(receive: mpsc::Receiver<SourceMessage>) -> impl Stream<Item = Result<RequestedObject, ObjectSourceError>> {
    let batches = stream::unfold(Some(receive), async |receive| {
        let mut receive = receive?;
        match receive.recv().await {
            Some(SourceMessage::Batch(batch)) => Some((batch, Some(receive))),
            Some(SourceMessage::Whole) => None,
            None => Some((vec![Err(ObjectSourceError::BrokenOff)], None)),
        }
    });
    batches.flat_map(stream::iter)
}

fn scope_text(at: &ListingScope) -> String {
    format!("s3://{}/{}", at.bucket, at.prefix)
}

async fn walk(under: Vec<ListingScope>, store: Arc<S3Store>, send: mpsc::Sender<SourceMessage>, on_total: OnTotal) {
    let mut total = 0;
    let are_several = under.len() > 1;
    for under in under {
        let mut is_empty = true;
        let mut listing = ObjectListing::new(Arc::clone(&store), under.clone());
        loop {
            let batch: RequestBatch = match listing.next().await {
                Ok(None) if is_empty && are_several => {
                    let nothing = Err(ObjectSourceError::Nothing(under));
                    if send.send(SourceMessage::Batch(vec![nothing])).await.is_err() {
                        return;
                    }
                    break;
                }
                Ok(None) => break,
                Ok(Some(page)) => page.into_iter().map(|listed| Ok(found(listed))).collect(),
                Err(failure) => {
                    let _ = send.send(SourceMessage::Batch(vec![Err(ObjectSourceError::Listing(failure))])).await;
                    let _ = send.send(SourceMessage::Whole).await;
                    return;
                }
            };
            is_empty &= batch.iter().all(|found| matches!(found, Ok(RequestedObject::Marker(_))));
            total += batch.len() as u64;
            if send.send(SourceMessage::Batch(batch)).await.is_err() {
                return;
            }
        }
    }
    on_total(total);
    let _ = send.send(SourceMessage::Whole).await;
}

fn found(listed: ListedObject) -> RequestedObject {
    if listed.delete_marker { RequestedObject::Marker(listed) } else { RequestedObject::Listed(listed) }
}

fn read(list: &ListSource, send: &mpsc::Sender<SourceMessage>, on_total: OnTotal) {
    let read = match list {
        ListSource::Stdin => gzip::plain(BufReader::new(io::stdin())).and_then(|text| read_lines(list, text, send)),
        ListSource::File(path) => File::open(path).and_then(|mut file| {
            if let Some(lines) = count_lines(&mut file)? {
                on_total(lines);
            }
            read_lines(list, gzip::plain(BufReader::with_capacity(LONGEST_LINE, file))?, send)
        }),
    };
    if let Err(error) = read {
        let _ = send.blocking_send(SourceMessage::Batch(vec![Err(ObjectSourceError::Unreadable {
            list: list.clone(),
            error,
        })]));
    }
    let _ = send.blocking_send(SourceMessage::Whole);
}

/// How many lines a file has; `None` for pipes, which can be read only once, and for gzipped files.
fn count_lines(file: &mut File) -> io::Result<Option<u64>> {
    if !file.metadata()?.is_file() {
        return Ok(None);
    }
    let (mut lines, mut buffer) = (0, vec![0; LONGEST_LINE]);
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            read if lines == 0 && gzip::is_gzip(&buffer[..read]) => {
                file.rewind()?;
                return Ok(None);
            }
            read => lines += memchr::memchr_iter(b'\n', &buffer[..read]).count() as u64,
        }
    }
    file.rewind()?;
    Ok(Some(lines))
}

/// Sends what has been read whenever the source pauses, so that a pipe written by hand is answered line by line.
fn read_lines(list: &ListSource, mut source: impl BufRead, send: &mpsc::Sender<SourceMessage>) -> io::Result<()> {
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
            let bad = |bad| ObjectSourceError::Line { list: list.clone(), bad };
            if too_long {
                batch.push(Err(bad(reader.skip())));
            } else {
                batch.extend(
                    reader.read(&line, end.is_some()).map(|read| read.map(RequestedObject::Named).map_err(bad)),
                );
            }
            line.clear();
            too_long = false;
        }
        if (paused || batch.len() >= BATCH)
            && !batch.is_empty()
            && send.blocking_send(SourceMessage::Batch(std::mem::take(&mut batch))).is_err()
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

    /// Gives out a fixed number of bytes at a time.
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
        while let Ok(SourceMessage::Batch(batch)) = receive.try_recv() {
            found.extend(batch.into_iter().map(|one| match one {
                Ok(RequestedObject::Named(object)) => object.to_string(),
                Ok(other) => panic!("{other:?}"),
                Err(broken) => broken.to_string(),
            }));
        }
        found
    }

    #[test]
    fn a_reader_that_breaks_off_is_no_end() {
        let received = |pieces_sent: Vec<SourceMessage>| {
            let (send, receive) = mpsc::channel(8);
            pieces_sent.into_iter().for_each(|piece| send.try_send(piece).map_err(drop).unwrap());
            drop(send);
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime
                .block_on(pieces(receive).map(|found| found.map(drop).map_err(|broken| broken.to_string())).collect())
        };
        let batch = || SourceMessage::Batch(vec![Ok(RequestedObject::Named(ObjectId::parse("s3://src/a").unwrap()))]);
        let whole: Vec<Result<(), String>> = received(vec![batch(), batch(), SourceMessage::Whole]);
        assert_eq!(whole, [Ok(()), Ok(())]);
        assert_eq!(received(vec![batch()]), [Ok(()), Err("reading the list ended early".to_owned())]);
        assert_eq!(received(vec![]).len(), 1);
    }

    #[test]
    fn lines_are_the_same_however_they_arrive() {
        let long = format!("s3://src/{}", "x".repeat(LONGEST_LINE));
        let text = format!("s3://src/a\n\n{long}\ns3://src/b\nno\n{long}\ns3://src/c");
        let expected = [
            "s3://src/a",
            "standard input: line 3: it is longer than 65536 bytes",
            "s3://src/b",
            "standard input: line 5: the first line decides the form of the list (s3:// addresses), and this line has another form",
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
