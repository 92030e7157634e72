//! Parses addresses of reports: S3 writes `<prefix>/<source>/<configuration>/<time>/manifest.json` ("Locating your inventory
//! list" in the S3 User Guide).

use jiff::Timestamp;
use jiff::civil::DateTime;

/// Whether this is a folder name of the form `YYYY-MM-DDTHH-MMZ`.
fn is_dated(name: &str) -> bool {
    const PATTERN: &[u8] = b"0000-00-00T00-00Z";
    let fits = |(byte, pattern): (u8, &u8)| if *pattern == b'0' { byte.is_ascii_digit() } else { byte == *pattern };
    name.len() == PATTERN.len()
        && name.bytes().zip(PATTERN).all(fits)
        && DateTime::strptime("%Y-%m-%dT%H-%MZ", name).is_ok()
}

/// Parses the name of a report's folder; `None` for another name.
pub fn folder_time(name: &str) -> Option<Timestamp> {
    let time = DateTime::strptime("%Y-%m-%dT%H-%MZ", name).ok().filter(|_| is_dated(name))?;
    time.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

/// The folder name of a report whose scan began at this time.
pub fn folder_name(scanned_at: Timestamp) -> String {
    scanned_at.strftime("%Y-%m-%dT%H-%MZ").to_string()
}

/// Source bucket and inventory configuration from a manifest's address; `None` for another form.
pub fn origin_of_manifest(address: &str) -> Option<(&str, &str)> {
    let (folder, time) = address.strip_suffix("/manifest.json")?.rsplit_once('/')?;
    if is_dated(time) { origin_of_folder(folder) } else { None }
}

/// The name of a manifest's dated folder; `None` if it is in another folder.
pub fn folder_of_manifest(address: &str) -> Option<&str> {
    let folder = address.strip_suffix("/manifest.json")?;
    let name = folder.rsplit_once('/').map_or(folder, |(_, name)| name);
    is_dated(name).then_some(name)
}

/// Source bucket and inventory configuration from the address of the folder that contains dated folders.
pub fn origin_of_folder(address: &str) -> Option<(&str, &str)> {
    let mut parts = address.strip_suffix('/').unwrap_or(address).rsplit('/');
    let (configuration, source) = (parts.next()?, parts.next()?);
    (!configuration.is_empty() && !source.is_empty()).then_some((source, configuration))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_parsed() {
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
        for (address, origin) in table {
            assert_eq!(origin_of_manifest(address), origin, "{address}");
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

    #[test]
    fn only_times_are_dated() {
        for name in ["2026-11-21T01-00Z", "2024-02-29T23-59Z"] {
            assert!(is_dated(name), "{name}");
        }
        for name in [
            "",
            "data",
            "hive",
            "2026-11-21T01:00Z",
            "2026-11-21T01-00",
            "2026-11-21T01-00Z ",
            "2026-11-21t01-00z",
            "2026-13-21T01-00Z",
            "2026-02-29T01-00Z",
            "2026-11-21T24-00Z",
            "+026-11-21T01-00Z",
            "2026-11-21T1 -00Z",
            "２026-11-21T01-00Z",
        ] {
            assert!(!is_dated(name), "{name:?}");
        }
    }

    #[test]
    fn a_folder_is_named_for_the_minute_of_its_scan() {
        let scan: Timestamp = "2026-11-21T01:00:59.9Z".parse().unwrap();
        assert_eq!(folder_name(scan), "2026-11-21T01-00Z");
        assert_eq!(folder_time("2026-11-21T01-00Z"), Some("2026-11-21T01:00:00Z".parse().unwrap()));
        assert_eq!((folder_time("2026-11-21"), folder_time("2026-13-21T01-00Z")), (None, None));
        assert!(is_dated(&folder_name(scan)));
    }
}
