//! Remembers the content of each data file that was read first. A later reading, for example for `--confirm`, refuses another
//! content.

use std::fs::File;
use std::sync::{Arc, OnceLock};

use s3_inventory::{Damage, DataFile};

use super::error::FileDamage;
use crate::platform::state_of;

/// For each data file, the ETag or the state of the local file that was seen first.
#[derive(Debug, Clone)]
pub(super) struct FirstSeen(Arc<[OnceLock<String>]>);

impl FirstSeen {
    pub(super) fn of(files: usize) -> Self {
        Self((0..files).map(|_| OnceLock::new()).collect())
    }

    /// `at` is the index in the manifest.
    pub(super) fn get(&self, at: usize) -> Option<&str> {
        self.0[at].get().map(String::as_str)
    }

    /// Refuses a file whose ETag or state differs from the first one.
    pub(super) fn check(&self, at: usize, file: &DataFile, found: &str) -> Result<(), Damage> {
        match self.0[at].get_or_init(|| found.to_owned()) == found {
            true => Ok(()),
            false => Err(FileDamage::Changed.of(file)),
        }
    }

    /// The same for an open local file.
    pub(super) fn check_local(&self, at: usize, file: &DataFile, opened: &File) -> Result<(), Damage> {
        let found = opened.metadata().map_err(|error| FileDamage::Unreadable(error).of(file))?;
        self.check(at, file, &state_of(&found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_the_one_that_was_seen_first() {
        let file = DataFile { key: "data/1.csv.gz".to_owned(), size: 1, md5: None };
        let seen = FirstSeen::of(2);
        assert_eq!(seen.get(0), None);
        seen.check(0, &file, "one").unwrap();
        seen.clone().check(0, &file, "one").unwrap();
        seen.check(1, &file, "other").unwrap();
        let damage = seen.check(0, &file, "other").unwrap_err().to_string();
        assert!(damage.contains("data/1.csv.gz") && damage.contains("changed"), "{damage}");
        assert_eq!(seen.get(0), Some("one"));
    }

    #[test]
    fn a_local_file_that_is_written_to_is_another() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        std::fs::write(&path, "one").unwrap();
        let file = DataFile { key: "file".to_owned(), size: 3, md5: None };
        let (seen, opened) = (FirstSeen::of(1), File::open(&path).unwrap());
        seen.check_local(0, &file, &opened).unwrap();
        seen.check_local(0, &file, &File::open(&path).unwrap()).unwrap();
        // Longer than the steps of the file system's clock.
        std::thread::sleep(std::time::Duration::from_millis(20));
        std::fs::write(&path, "two").unwrap();
        assert!(seen.check_local(0, &file, &opened).is_err());
    }
}
