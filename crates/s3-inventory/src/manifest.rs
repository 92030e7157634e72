//! manifest.json and manifest.checksum ("Locating your inventory list" in the S3 User Guide).
//!
//! Lenient where writers differ (numbers or strings, seconds or milliseconds, capitals in MD5), strict where sums depend on it:
//! a file that is listed twice would count twice.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::Deserialize;

use crate::damage::ManifestError;
use crate::error::Damage;
use crate::key::decode_key;
use crate::layout::origin_of_folder;
use crate::text::quoted;

/// The longest manifest.json that should be read: enough for some 300,000 files.
pub const MAX_MANIFEST: usize = 64 << 20;

/// The versions of reports that list a whole bucket: of S3, and of Alibaba Cloud OSS.
const VERSIONS: [&str; 2] = ["2016-11-30", "2019-09-01"];

/// The version of OSS for reports that list changes only.
const INCREMENTAL: &str = "2025-09-30";

/// The format of the data files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    /// Gzipped CSV without a header row.
    Csv,
    /// Apache ORC.
    Orc,
    /// Apache Parquet.
    Parquet,
}

impl FileFormat {
    /// S3's own spelling.
    pub fn word(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Orc => "ORC",
            Self::Parquet => "Parquet",
        }
    }
}

/// A parsed manifest.json.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields have S3's names")]
pub struct Manifest {
    /// The bucket that was scanned.
    pub source_bucket: String,
    /// The name, not the ARN.
    pub destination_bucket: String,
    /// When the scan began.
    pub scanned_at: Timestamp,
    pub format: FileFormat,
    /// The fileSchema.
    pub schema: String,
    pub files: Vec<DataFile>,
    /// The version, quoted, if it is not one of those that list a whole bucket.
    pub unknown_version: Option<String>,
    /// Warnings, in sentences.
    pub remarks: Vec<String>,
}

/// One data file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataFile {
    /// The full key in the manifest's bucket.
    pub key: String,
    /// Size of the stored file in bytes.
    pub size: u64,
    /// MD5 of the stored file.
    pub md5: Option<[u8; 16]>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawManifest {
    source_bucket: String,
    #[serde(default)]
    destination_bucket: String,
    version: Option<serde_json::Value>,
    creation_timestamp: serde_json::Value,
    file_format: String,
    file_schema: String,
    files: Vec<RawFile>,
}

#[derive(Deserialize)]
struct RawFile {
    key: String,
    size: u64,
    #[serde(rename = "MD5checksum")]
    md5: Option<String>,
}

impl Manifest {
    /// Parses manifest.json.
    ///
    /// # Errors
    /// Invalid JSON or fields, an unknown format, a file that is listed twice, or an invalid MD5.
    pub fn parse(json: &[u8]) -> Result<Self, Damage> {
        let raw: RawManifest =
            serde_json::from_slice(json).map_err(|error| Damage::of_manifest(ManifestError::Json(error)))?;
        let format = match raw.file_format.to_ascii_lowercase().as_str() {
            "csv" => FileFormat::Csv,
            "orc" => FileFormat::Orc,
            "parquet" => FileFormat::Parquet,
            _ => {
                let format = quoted(raw.file_format.as_bytes());
                return Err(Damage::of_manifest(ManifestError::Format(format)));
            }
        };
        let version = raw.version.map(|version| bare(&version).trim().to_owned());
        if version.as_deref() == Some(INCREMENTAL) {
            return Err(Damage::of_manifest(ManifestError::Incremental));
        }
        let unknown_version = version.filter(|version| !VERSIONS.contains(&version.as_str()));
        let unknown_version = unknown_version.map(|version| quoted(version.as_bytes()));
        let text = quoted(bare(&raw.creation_timestamp).as_bytes());
        let scanned_at = timestamp(&raw.creation_timestamp);
        let (scanned_at, unit) =
            scanned_at.ok_or_else(|| Damage::of_manifest(ManifestError::CreationTimestamp(text.clone())))?;
        let in_seconds = (unit == Unit::Seconds).then(|| {
            format!("creationTimestamp {text} has 10 digits, and S3 writes 13: it is taken as seconds, {scanned_at}")
        });
        if raw.source_bucket.is_empty() {
            return Err(Damage::of_manifest(ManifestError::NoSourceBucket));
        }
        let files: Vec<DataFile> = raw.files.into_iter().map(DataFile::try_from).collect::<Result<_, _>>()?;
        check_once(&files)?;
        let remarks = in_seconds.into_iter().collect();
        let destination_bucket = match raw.destination_bucket.split_once(":s3:::") {
            Some((_, name)) => name.to_owned(),
            None => raw.destination_bucket,
        };
        Ok(Self {
            source_bucket: raw.source_bucket,
            destination_bucket,
            scanned_at,
            format,
            schema: raw.file_schema,
            files,
            unknown_version,
            remarks,
        })
    }

    /// The inventory configuration that S3 made the report for: it is in the keys of the data files,
    /// `<prefix>/<source bucket>/<configuration>/data/<file>` ("Locating your inventory list" in the S3 User Guide). `None` if one
    /// of them has another form.
    pub fn configuration(&self) -> Option<&str> {
        let mut all = self.files.iter().map(|file| {
            let (folder, _) = file.key.rsplit_once("/data/").filter(|(_, name)| !name.contains('/'))?;
            let (source, configuration) = origin_of_folder(folder)?;
            (source == self.source_bucket).then_some(configuration)
        });
        let first = all.next()??;
        all.all(|other| other == Some(first)).then_some(first)
    }

    /// The size of all stored data files in bytes.
    ///
    /// # Errors
    /// The sum overflows.
    pub fn bytes(&self) -> Result<u64, Damage> {
        let sum = self.files.iter().try_fold(0u64, |sum, file| sum.checked_add(file.size));
        sum.ok_or_else(|| Damage::of_manifest(ManifestError::Sizes))
    }
}

impl TryFrom<RawFile> for DataFile {
    type Error = Damage;

    fn try_from(raw: RawFile) -> Result<Self, Damage> {
        let md5 = match raw.md5.as_deref().map(str::trim) {
            None | Some("") => None,
            Some(hex) => Some(
                parse_md5(hex)
                    .ok_or_else(|| Damage::of_file(&raw.key, None, ManifestError::FileMd5(quoted(hex.as_bytes()))))?,
            ),
        };
        Ok(Self { key: raw.key, size: raw.size, md5 })
    }
}

/// Checks that no file is listed twice: its rows would count twice. Servers that normalize keys know one object under several
/// spellings.
fn check_once(files: &[DataFile]) -> Result<(), Damage> {
    let mut seen: HashMap<String, &DataFile> = HashMap::with_capacity(files.len());
    for file in files {
        let Some(before) = seen.insert(tidy(&file.key), file) else { continue };
        if before.key == file.key {
            return Err(Damage::of_file(&file.key, None, ManifestError::FileTwice { also: None }));
        }
        // Two spellings may also be two objects with different contents.
        if before.size == file.size && before.md5 == file.md5 {
            let also = Some(quoted(file.key.as_bytes()));
            return Err(Damage::of_file(&before.key, None, ManifestError::FileTwice { also }));
        }
    }
    Ok(())
}

/// The key as a server may normalize it: decoded, without empty parts and single dots.
fn tidy(key: &str) -> String {
    let decoded = decode_key(key.as_bytes());
    let decoded = String::from_utf8_lossy(decoded.as_deref().unwrap_or(key.as_bytes()));
    let parts: Vec<&str> = decoded.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    parts.join("/")
}

/// Compares the MD5 of manifest.json with the text of manifest.checksum: 32 hex digits and a newline.
///
/// # Errors
/// An invalid text, or another MD5.
pub fn check_checksum(checksum: &[u8], md5: [u8; 16]) -> Result<(), Damage> {
    let text = std::str::from_utf8(checksum).unwrap_or_default().trim();
    let Some(expected) = parse_md5(text) else {
        return Err(Damage::of_manifest(ManifestError::Checksum(quoted(checksum))));
    };
    if expected == md5 { Ok(()) } else { Err(Damage::of_manifest(ManifestError::Md5)) }
}

/// Parses 32 hex digits, in upper or lower case.
pub fn parse_md5(hex: &str) -> Option<[u8; 16]> {
    if hex.len() != 32 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    u128::from_str_radix(hex, 16).ok().map(u128::to_be_bytes)
}

/// A value without the quotes of a string.
fn bare(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The unit of a creationTimestamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    /// S3 writes these.
    Milliseconds,
    Seconds,
}

/// S3 writes epoch milliseconds as a string; others write numbers, fractions and seconds. The number of digits distinguishes
/// them for the years 2001 to 2286; any other number is refused.
fn timestamp(value: &serde_json::Value) -> Option<(Timestamp, Unit)> {
    let number: f64 = match value {
        serde_json::Value::String(text) => text.trim().parse().ok()?,
        serde_json::Value::Number(number) => number.as_f64()?,
        _ => return None,
    };
    let (unit, milliseconds) = match number {
        1e9..1e10 => (Unit::Seconds, number * 1000.0),
        1e12..1e13 => (Unit::Milliseconds, number),
        _ => return None,
    };
    let time = Timestamp::from_millisecond(milliseconds.round() as i64).ok()?;
    Some((time, unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(edit: impl FnOnce(&mut serde_json::Value)) -> Result<Manifest, Damage> {
        let mut json = serde_json::json!({
            "sourceBucket": "src",
            "destinationBucket": "arn:aws:s3:::dst",
            "version": "2016-11-30",
            "creationTimestamp": "1715043600000",
            "fileFormat": "CSV",
            "fileSchema": "Bucket, Key",
            "files": [{"key": "data/a.csv.gz", "size": 331, "MD5checksum": "c473bcc2407d0a5cec5229b21d967e59"}]
        });
        edit(&mut json);
        Manifest::parse(json.to_string().as_bytes())
    }

    #[test]
    fn s3s_own_manifest_is_read() {
        let read = manifest(|_| {}).unwrap();
        assert_eq!((read.source_bucket.as_str(), read.destination_bucket.as_str()), ("src", "dst"));
        assert_eq!(read.scanned_at.to_string(), "2024-05-07T01:00:00Z");
        assert_eq!((read.files[0].size, read.files[0].md5.unwrap()[0]), (331, 0xc4));
        assert_eq!(read.bytes().unwrap(), 331);
    }

    #[test]
    fn manifests_of_other_writers_are_read() {
        for (time, remarks) in [
            (serde_json::json!(1715043600000u64), 0),
            (serde_json::json!("1715043600"), 1),
            (serde_json::json!(1715043600), 1),
            (serde_json::json!(1715043600.0), 1),
        ] {
            let read = manifest(|m| m["creationTimestamp"] = time.clone()).unwrap();
            assert_eq!(read.scanned_at.to_string(), "2024-05-07T01:00:00Z", "{time}");
            assert_eq!(read.remarks.len(), remarks, "{time}");
        }
        let loud = manifest(|m| m["files"][0]["MD5checksum"] = "C473BCC2407D0A5CEC5229B21D967E59".into()).unwrap();
        assert!(loud.files[0].md5.is_some());
        assert_eq!(manifest(|m| m["destinationBucket"] = "bare".into()).unwrap().destination_bucket, "bare");
        assert_eq!(manifest(|m| m["fileFormat"] = "PARQUET".into()).unwrap().format, FileFormat::Parquet);
        assert_eq!(
            manifest(|m| drop(m["files"][0].as_object_mut().unwrap().remove("MD5checksum"))).unwrap().files[0].md5,
            None
        );
    }

    #[test]
    fn damage_is_named() {
        let twice = |m: &mut serde_json::Value| {
            let file = m["files"][0].clone();
            m["files"].as_array_mut().unwrap().push(file);
        };
        type Edit = Box<dyn FnOnce(&mut serde_json::Value)>;
        let table: Vec<(&str, Edit)> = vec![
            ("not an inventory manifest", Box::new(|m| *m = serde_json::json!([]))),
            ("not an inventory manifest", Box::new(|m| drop(m.as_object_mut().unwrap().remove("files")))),
            ("not an inventory manifest", Box::new(|m| m["files"][0]["size"] = (-1).into())),
            ("not CSV, ORC or Parquet", Box::new(|m| m["fileFormat"] = "TSV".into())),
            ("not a time", Box::new(|m| m["creationTimestamp"] = "yesterday".into())),
            ("not a time", Box::new(|m| m["creationTimestamp"] = 12.into())),
            ("not a time", Box::new(|m| m["creationTimestamp"] = "171504360000".into())),
            ("not a time", Box::new(|m| m["creationTimestamp"] = 17_150_436_000_000u64.into())),
            ("lists changes only", Box::new(|m| m["version"] = "2025-09-30".into())),
            ("sourceBucket is empty", Box::new(|m| m["sourceBucket"] = "".into())),
            ("lists this file twice", Box::new(twice)),
            ("invalid MD5checksum", Box::new(|m| m["files"][0]["MD5checksum"] = "c473".into())),
        ];
        for (text, edit) in table {
            let damage = manifest(edit).unwrap_err().to_string();
            assert!(damage.contains(text), "{damage}");
        }
        let huge = manifest(|m| {
            m["files"] = serde_json::json!([{"key": "a", "size": u64::MAX}, {"key": "b", "size": 1}]);
        });
        assert!(huge.unwrap().bytes().is_err());
    }

    #[test]
    fn two_spellings_of_one_key_are_one_file() {
        let with = |key: &str, size: u64| {
            manifest(|m| {
                let mut file = m["files"][0].clone();
                (file["key"], file["size"]) = (key.into(), size.into());
                m["files"].as_array_mut().unwrap().push(file);
            })
        };
        for key in ["data//a.csv.gz", "/data/a.csv.gz", "data/a%2Ecsv.gz", "data/./a.csv.gz"] {
            assert!(with(key, 331).unwrap_err().to_string().contains("twice, also as"), "{key}");
            // With another size, it is another object.
            assert!(with(key, 332).is_ok(), "{key}");
        }
        assert!(with("data/A.csv.gz", 331).is_ok());
    }

    #[test]
    fn the_configuration_is_in_the_keys_of_data_files() {
        let table = [
            (vec!["inv/src/daily/data/1.csv.gz"], Some("daily")),
            (vec!["src/daily/data/1.csv.gz", "src/daily/data/2.csv.gz"], Some("daily")),
            (vec!["a/b/src/data/data/1.csv.gz"], Some("data")),
            (vec!["src/daily/data/1.csv.gz", "src/weekly/data/2.csv.gz"], None),
            (vec!["other/daily/data/1.csv.gz"], None),
            (vec!["src/daily/1.csv.gz"], None),
            (vec!["src/daily/data/more/1.csv.gz"], None),
            (vec!["data/1.csv.gz"], None),
            (vec![], None),
        ];
        for (keys, configuration) in table {
            let read = manifest(|m| {
                let files = keys.iter().enumerate().map(|(size, key)| serde_json::json!({"key": key, "size": size}));
                m["files"] = files.collect();
            });
            assert_eq!(read.unwrap().configuration(), configuration, "{keys:?}");
        }
    }

    #[test]
    fn a_version_that_is_not_known_is_kept() {
        for (version, unknown) in
            [("2016-11-30", None), (" 2019-09-01", None), ("2016-11-31", Some("\"2016-11-31\"")), ("", Some("\"\""))]
        {
            let read = manifest(|m| m["version"] = version.into()).unwrap();
            assert_eq!(read.unknown_version.as_deref(), unknown, "{version}");
        }
        let without = manifest(|m| drop(m.as_object_mut().unwrap().remove("version"))).unwrap();
        assert_eq!(without.unknown_version, None);
        assert!(manifest(|m| m["version"] = " 2025-09-30".into()).is_err());
    }

    #[test]
    fn the_checksum_file_is_compared_without_its_newline() {
        let md5 = parse_md5("aba9b0a905f716a38bb3472b590cf2a5").unwrap();
        assert!(check_checksum(b"aba9b0a905f716a38bb3472b590cf2a5\n", md5).is_ok());
        assert!(check_checksum(b"aba9b0a905f716a38bb3472b590cf2a6\n", md5).is_err());
        assert!(check_checksum(b"", md5).is_err());
        assert!(check_checksum(b"+ba9b0a905f716a38bb3472b590cf2a5", md5).is_err());
    }
}
