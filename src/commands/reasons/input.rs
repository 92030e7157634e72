//! What `reasons` reads: files, standard input, objects in S3, and the results files that a manifest names.

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Result, bail};
use bytes::Bytes;
use jiff::Timestamp;
use s3_failures::{CompletionManifest, ResultFile};
use tokio::sync::mpsc;

use super::super::Context;
use crate::model::{Bucket, Failure};
use crate::output::{FileIdentity, OutputFiles};
use crate::report::find_beside;
use crate::s3::{Body, S3Store};

/// One text to read.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum ReasonsInput {
    Stdin,
    Local(PathBuf),
    S3 { bucket: Bucket, key: String },
}

impl fmt::Display for ReasonsInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdin => f.write_str("standard input"),
            Self::Local(path) => path.display().fmt(f),
            Self::S3 { bucket, key } => write!(f, "s3://{bucket}/{key}"),
        }
    }
}

/// Why an input could not be opened.
#[derive(Debug, thiserror::Error)]
pub(super) enum InputError {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("{0}")]
    S3(#[from] Failure),
    #[error(
        "there is no such object: check bucket and key; for a completion report of S3 Batch Operations, name its manifest.json"
    )]
    NotInBucket,
    #[error(
        "the manifest names it as a results file, but it is a manifest itself: download the completion report again"
    )]
    ManifestAsResults,
    #[error(
        "the manifest says that its tasks {named}, but it has tasks that {found}: download the completion report again"
    )]
    OtherTasks { named: &'static str, found: &'static str },
    #[error("it is {0}, which is read already: its failures would count twice")]
    Twice(String),
}

/// A text, opened.
pub(super) struct OpenInput {
    pub(super) bytes: Box<dyn Read + Send>,
    /// What the manifest says of it.
    pub(super) md5: Option<[u8; 16]>,
    pub(super) created_at: Option<Timestamp>,
}

/// One input, or one of its results files.
#[derive(Debug, Clone)]
pub(super) struct QueuedInput {
    from: ReasonsInput,
    md5: Option<[u8; 16]>,
    created_at: Option<Timestamp>,
    /// Of a results file: whether its manifest says that its tasks succeeded, or that they failed.
    succeeded: Option<bool>,
}

impl QueuedInput {
    /// Refuses a results file that is a manifest, or that has tasks with another result than the manifest says.
    pub(super) fn check(&self, is_manifest: bool, succeeded: u64, failed: u64) -> Result<(), InputError> {
        match self.succeeded {
            Some(_) if is_manifest => Err(InputError::ManifestAsResults),
            Some(true) if failed > 0 => Err(InputError::OtherTasks { named: "succeeded", found: "failed" }),
            Some(false) if succeeded > 0 => Err(InputError::OtherTasks { named: "failed", found: "succeeded" }),
            Some(_) | None => Ok(()),
        }
    }
}

impl fmt::Display for QueuedInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.from.fmt(f)
    }
}

/// The inputs that are still to be read.
pub(super) struct Inputs<'a> {
    queue: VecDeque<QueuedInput>,
    outputs: &'a OutputFiles,
    /// What was opened, so that nothing counts twice.
    objects: HashSet<(Bucket, String)>,
    files: Vec<(FileIdentity, String)>,
    store: Option<Arc<S3Store>>,
}

impl<'a> Inputs<'a> {
    /// Refuses an output that is one of the inputs.
    pub(super) fn new(inputs: &[ReasonsInput], outputs: &'a OutputFiles) -> Result<Self> {
        let mut queue = VecDeque::with_capacity(inputs.len());
        for input in inputs {
            let input = match input {
                ReasonsInput::Local(path) if path.is_dir() => ReasonsInput::Local(path.join("manifest.json")),
                other => other.clone(),
            };
            if input == ReasonsInput::Stdin && queue.iter().any(|other: &QueuedInput| other.from == input) {
                bail!("standard input can be read only once: name - once");
            }
            queue.push_back(QueuedInput { from: input, md5: None, created_at: None, succeeded: None });
        }
        let inputs = Self { queue, outputs, objects: HashSet::new(), files: Vec::new(), store: None };
        inputs.spare_outputs()?;
        Ok(inputs)
    }

    pub(super) fn next(&mut self) -> Option<QueuedInput> {
        self.queue.pop_front()
    }

    pub(super) async fn open(&mut self, input: &QueuedInput, context: &Context) -> Result<OpenInput, InputError> {
        let bytes: Box<dyn Read + Send> = match &input.from {
            ReasonsInput::Stdin => Box::new(io::stdin()),
            ReasonsInput::Local(path) => {
                let file = open_file(path).await?;
                if file.metadata()?.is_file() {
                    let identity = FileIdentity::of(path)?;
                    if let Some((_, name)) = self.files.iter().find(|(known, _)| *known == identity) {
                        return Err(InputError::Twice(name.clone()));
                    }
                    self.files.push((identity, path.display().to_string()));
                }
                Box::new(file)
            }
            ReasonsInput::S3 { bucket, key } => {
                if !self.objects.insert((bucket.clone(), key.clone())) {
                    return Err(InputError::Twice(input.to_string()));
                }
                let store = self.store(context).await?;
                let body = store.get(bucket, key, "what S3 wrote about failures").await?;
                Box::new(download(body.ok_or(InputError::NotInBucket)?))
            }
        };
        Ok(OpenInput { bytes, md5: input.md5, created_at: input.created_at })
    }

    async fn store(&mut self, context: &Context) -> Result<Arc<S3Store>, Failure> {
        if let Some(store) = &self.store {
            return Ok(Arc::clone(store));
        }
        let store = Arc::new(context.connect().await?);
        self.store = Some(Arc::clone(&store));
        Ok(store)
    }

    /// Refuses an output that is a file which is still to be read.
    pub(super) fn spare_outputs(&self) -> Result<()> {
        let local = self.queue.iter().filter_map(|input| match &input.from {
            ReasonsInput::Local(path) => Some(path),
            ReasonsInput::Stdin | ReasonsInput::S3 { .. } => None,
        });
        Ok(local.into_iter().try_for_each(|path| self.outputs.spare(path, "a file that is read"))?)
    }

    /// Reads the results files of a manifest next: from its bucket, or where the manifest is.
    pub(super) fn add_results(&mut self, of: &QueuedInput, manifest: &CompletionManifest) -> Result<()> {
        let place = |result: &ResultFile| -> Result<ReasonsInput> {
            match &of.from {
                ReasonsInput::S3 { .. } => {
                    Ok(ReasonsInput::S3 { bucket: result.bucket.clone(), key: result.key.clone() })
                }
                ReasonsInput::Local(path) => match find_beside(path, "results", &result.key)? {
                    Some(found) => Ok(ReasonsInput::Local(found)),
                    None => bail!(
                        "its results file {} is missing: it is neither beside it, nor in results/, nor at its path under the folders above",
                        result.key
                    ),
                },
                ReasonsInput::Stdin => bail!("it names results files, and standard input has no folder: give its path"),
            }
        };
        let results = manifest.results.iter().map(place).collect::<Result<Vec<_>>>()?;
        for (from, result) in results.into_iter().zip(&manifest.results).rev() {
            let (md5, succeeded) = (Some(result.md5), Some(result.succeeded));
            self.queue.push_front(QueuedInput { from, md5, created_at: manifest.created_at, succeeded });
        }
        Ok(())
    }
}

/// Opens a file. A pipe without a writer blocks, so another thread opens it: the command can still end after a signal.
pub(super) async fn open_file(path: &Path) -> io::Result<File> {
    let path = path.to_owned();
    tokio::task::spawn_blocking(move || File::open(path)).await.map_err(io::Error::other)?
}

/// Pieces of a body that wait for the reader.
const WAITING: usize = 4;

/// Reads a body ahead, in a task of its own.
fn download(mut body: Body) -> BodyReader {
    let (send, pieces) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        loop {
            let piece = body.next().await;
            let is_last = !matches!(piece, Ok(Some(_)));
            if send.send(piece).await.is_err() || is_last {
                return;
            }
        }
    });
    BodyReader { pieces, piece: Bytes::new(), ended: false }
}

/// A body as a reader, for a thread that may wait.
struct BodyReader {
    pieces: mpsc::Receiver<Result<Option<Bytes>, Failure>>,
    piece: Bytes,
    ended: bool,
}

impl Read for BodyReader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() && !self.ended {
            match self.pieces.blocking_recv() {
                Some(Ok(Some(piece))) => self.piece = piece,
                Some(Ok(None)) => self.ended = true,
                Some(Err(failure)) => return Err(io::Error::other(failure)),
                None => return Err(io::Error::other("the download ended early")),
            }
        }
        let part = self.piece.split_to(self.piece.len().min(into.len()));
        into[..part.len()].copy_from_slice(&part);
        Ok(part.len())
    }
}
