//! Reports in the file system: where data files may be, and that no key or link leads out of there.
//!
//! A manifest has full keys of a bucket. People copy reports in two ways: everything into one folder, or the bucket's tree
//! as it is. Both work. Keys are untrusted: they must not lead anywhere else.

use std::collections::HashMap;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Component, Path, PathBuf};

use s3_inventory::{Damage, DataFile};

use super::error::{FileDamage, ReportError};
use crate::platform::identity_of;

/// How many folders above the manifest's own are tried: S3 writes `prefix/source/config/date/`.
const PARENTS: usize = 4;

pub(super) struct LocalManifest {
    pub(super) path: PathBuf,
    pub(super) json: Vec<u8>,
    /// The text of manifest.checksum; `None` if it is missing or was not asked for.
    pub(super) checksum: Option<Vec<u8>>,
}

/// Reads manifest.json, of at most `longest` bytes, and manifest.checksum beside it.
pub(super) fn read_manifest(path: &Path, with_checksum: bool, longest: usize) -> Result<LocalManifest, ReportError> {
    let path = if path.is_dir() { path.join("manifest.json") } else { path.to_owned() };
    let json = read_up_to(&path, longest).map_err(|error| ReportError::io("reading", &path, error))?;
    let beside = path.with_file_name("manifest.checksum");
    let checksum = match with_checksum.then(|| read_up_to(&beside, 4096)) {
        None => None,
        Some(Ok(text)) => Some(text),
        Some(Err(error)) if error.kind() == ErrorKind::NotFound => None,
        Some(Err(error)) => return Err(ReportError::io("reading", &beside, error)),
    };
    Ok(LocalManifest { path, json, checksum })
}

fn read_up_to(path: &Path, limit: usize) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > limit {
        let what = format!("it is longer than {limit} bytes, and a manifest may take a part of --memory: give more");
        return Err(std::io::Error::other(what));
    }
    Ok(bytes)
}

/// The folders in which data files may be, as canonical paths.
#[derive(Debug, Clone)]
pub(super) struct LocalFolders {
    beside: PathBuf,
    data_dir: Option<PathBuf>,
}

impl LocalFolders {
    pub(super) fn around(manifest: &Path, data_dir: Option<&Path>) -> Result<Self, ReportError> {
        let resolve = |path: &Path| path.canonicalize().map_err(|error| ReportError::io("looking at", path, error));
        let folder = match manifest.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        Ok(Self { beside: resolve(folder)?, data_dir: data_dir.map(resolve).transpose()? })
    }

    /// The name of the manifest's folder.
    pub(super) fn name(&self) -> Option<String> {
        Some(self.beside.file_name()?.to_str()?.to_owned())
    }

    /// Checks that every data file exists, and that no two keys lead to one file: its rows would count twice.
    pub(super) fn find_all(&self, files: &[DataFile]) -> Result<(), Damage> {
        let mut seen = HashMap::with_capacity(files.len());
        for file in files {
            let path = self.find(&file.key).map_err(|damage| damage.of(file))?;
            let found = identity_of(&path).map_err(|error| FileDamage::Look { path, error }.of(file))?;
            if let Some(other) = seen.insert(found, &file.key) {
                return Err(FileDamage::SameFile(other.clone()).of(file));
            }
        }
        Ok(())
    }

    /// Finds the data file of a key: by name beside the manifest, by path under up to four parent folders, and both under
    /// the data folder.
    pub(super) fn find(&self, key: &str) -> Result<PathBuf, FileDamage> {
        let plain = !key.is_empty()
            && key.split('/').all(|part| !part.is_empty())
            && Path::new(key).components().all(|part| matches!(part, Component::Normal(_)))
            && key.split('/').count() == Path::new(key).components().count();
        if !plain {
            return Err(FileDamage::NotPlain);
        }
        let name = Path::new(key.rsplit('/').next().unwrap_or(key));
        let above = self.beside.ancestors().take(PARENTS + 1).map(|folder| (folder, Path::new(key)));
        let given = self.data_dir.iter().flat_map(|folder| [(folder.as_path(), Path::new(key)), (folder, name)]);
        for (folder, path) in std::iter::once((self.beside.as_path(), name)).chain(above).chain(given) {
            let candidate = folder.join(path);
            // A file directly in a canonical folder is its own canonical path, unless it is a link.
            if path.as_os_str() == name && candidate.symlink_metadata().is_ok_and(|found| found.is_file()) {
                return Ok(candidate);
            }
            match candidate.canonicalize() {
                Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
                Err(error) => return Err(FileDamage::Look { path: candidate, error }),
                Ok(found) if !found.starts_with(folder) => {
                    return Err(FileDamage::LeadsOut { link: candidate, folder: folder.to_owned() });
                }
                Ok(found) if found.is_file() => return Ok(found),
                Ok(_) => {}
            }
        }
        Err(FileDamage::NotInFolders { beside: self.beside.clone(), has_data_dir: self.data_dir.is_some() })
    }
}

/// Finds a file that a local manifest names by its key: beside the manifest, in its folder `within`, or at the key's path
/// under a parent folder; `None` if it is in none of these places.
pub(crate) fn find_beside(manifest: &Path, within: &str, key: &str) -> Result<Option<PathBuf>, ReportError> {
    let within = manifest.with_file_name(within);
    let within = Some(within.as_path()).filter(|folder| folder.is_dir());
    let file = DataFile { key: key.to_owned(), size: 0, md5: None };
    match LocalFolders::around(manifest, within)?.find(key) {
        Ok(found) => Ok(Some(found)),
        Err(FileDamage::NotInFolders { .. }) => Ok(None),
        Err(damage) => Err(damage.of(&file).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn touch(path: &Path) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "x").unwrap();
    }

    #[test]
    fn files_are_found_beside_above_and_in_the_data_folder() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().canonicalize().unwrap();
        let dated = dir.join("bucket/inv/src/daily/2024-05-07T01-00Z");
        touch(&dated.join("manifest.json"));
        touch(&dated.join("flat.csv.gz"));
        touch(&dir.join("bucket/inv/src/daily/data/a.csv.gz"));
        touch(&dir.join("five/up.csv.gz"));
        touch(&dir.join("elsewhere/b.csv.gz"));
        let folders = LocalFolders::around(&dated.join("manifest.json"), Some(&dir.join("elsewhere"))).unwrap();
        let find = |key: &str| folders.find(key).map(|path| path.strip_prefix(&dir).unwrap().display().to_string());
        assert_eq!(find("x/y/flat.csv.gz").unwrap(), "bucket/inv/src/daily/2024-05-07T01-00Z/flat.csv.gz");
        assert_eq!(find("inv/src/daily/data/a.csv.gz").unwrap(), "bucket/inv/src/daily/data/a.csv.gz");
        assert_eq!(find("any/where/b.csv.gz").unwrap(), "elsewhere/b.csv.gz");
        assert!(find("five/up.csv.gz").unwrap_err().to_string().contains("missing"), "five folders up is too far");
    }

    #[test]
    fn keys_and_links_lead_nowhere_else() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().canonicalize().unwrap();
        touch(&dir.join("secret.csv.gz"));
        touch(&dir.join("a/b/c/d/e/f/manifest.json"));
        let folders = LocalFolders::around(&dir.join("a/b/c/d/e/f/manifest.json"), None).unwrap();
        for key in ["../secret.csv.gz", "/etc/passwd", "a//b", "", "/", "x/", "./x", "x/./y", "x/../y", ".."] {
            assert!(folders.find(key).unwrap_err().to_string().contains("not looked up"), "{key:?}");
        }
        std::os::unix::fs::symlink(dir.join("secret.csv.gz"), dir.join("a/b/c/d/e/f/link.csv.gz")).unwrap();
        assert!(folders.find("link.csv.gz").unwrap_err().to_string().contains("leads out of"));
    }
}
