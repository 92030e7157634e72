//! What the address of a report tells of its origin: S3 puts reports into
//! `<prefix>/<source>/<configuration>/<time>/manifest.json` ("Locating your inventory list" in the S3 User Guide).

use super::folders::is_dated;

/// Source bucket and inventory configuration of a manifest's address; `None` where it has another form.
#[must_use]
pub fn origin_of_manifest(address: &str) -> Option<(&str, &str)> {
    let (folder, time) = address.strip_suffix("/manifest.json")?.rsplit_once('/')?;
    if is_dated(time) { origin_of_folder(folder) } else { None }
}

/// The name of the dated folder that a manifest lies in; `None` where it lies elsewhere.
#[must_use]
pub fn folder_of_manifest(address: &str) -> Option<&str> {
    let folder = address.strip_suffix("/manifest.json")?;
    let name = folder.rsplit_once('/').map_or(folder, |(_, name)| name);
    is_dated(name).then_some(name)
}

/// Source bucket and inventory configuration of the folder that dated folders are directly under.
#[must_use]
pub fn origin_of_folder(address: &str) -> Option<(&str, &str)> {
    let mut parts = address.strip_suffix('/').unwrap_or(address).rsplit('/');
    let (configuration, source) = (parts.next()?, parts.next()?);
    (!configuration.is_empty() && !source.is_empty()).then_some((source, configuration))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_tell_what_they_are_of() {
        let table = [
            ("s3://reports/inv/src/daily/2026-11-21T01-00Z/manifest.json", Some(("src", "daily"))),
            ("src/daily/2026-11-21T01-00Z/manifest.json", Some(("src", "daily"))),
            ("s3://reports/inv/src/daily/manifest.json", None),
            ("s3://reports/inv/src/daily/2026-11-21T01-00Z/manifest.checksum", None),
            ("s3://reports/inv/src/daily/2026-11-21/manifest.json", None),
            ("/daily/2026-11-21T01-00Z/manifest.json", None),
            ("manifest.json", None),
            ("", None),
        ];
        for (address, told) in table {
            assert_eq!(origin_of_manifest(address), told, "{address}");
        }
        let folder = folder_of_manifest;
        assert_eq!(folder("s3://b/x/2026-11-21T01-00Z/manifest.json"), Some("2026-11-21T01-00Z"));
        assert_eq!(folder("2026-11-21T01-00Z/manifest.json"), Some("2026-11-21T01-00Z"));
        assert_eq!(
            (folder("2026-11-21T01-00Z/x.json"), folder("x/manifest.json"), folder("manifest.json")),
            (None, None, None)
        );
        assert_eq!(origin_of_folder("inv/src/daily/"), Some(("src", "daily")));
        assert_eq!(origin_of_folder("src/daily"), Some(("src", "daily")));
        assert_eq!((origin_of_folder("daily/"), origin_of_folder("//"), origin_of_folder("")), (None, None, None));
    }
}
