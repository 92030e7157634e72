//! Where S3 puts reports: `<prefix>/<source>/<configuration>/<time>/manifest.json` (S3 User Guide, "Locating your
//! inventory list").

/// Source bucket and inventory configuration that the address of a report tells; `None` where it has another form.
#[must_use]
pub fn source_and_configuration(address: &str) -> Option<(&str, &str)> {
    let mut parts = address.rsplit('/');
    if parts.next()? != "manifest.json" || !is_scan_time(parts.next()?) {
        return None;
    }
    let (configuration, source) = (parts.next()?, parts.next()?);
    (!configuration.is_empty() && !source.is_empty()).then_some((source, configuration))
}

/// `2026-11-21T01-00Z`.
fn is_scan_time(name: &str) -> bool {
    const FORM: &[u8] = b"0000-00-00T00-00Z";
    let fits = |(byte, form): (u8, u8)| if form == b'0' { byte.is_ascii_digit() } else { byte == form };
    name.len() == FORM.len() && name.bytes().zip(FORM.iter().copied()).all(fits)
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
            assert_eq!(source_and_configuration(address), told, "{address}");
        }
    }
}
