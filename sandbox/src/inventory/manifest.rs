//! The manifest, printed as AWS prints it: a space before every colon, numbers in strings
//! where AWS has them so. A reader that works by lines rather than as JSON should notice.

pub(super) struct DataFile {
    pub(super) key: String,
    pub(super) size: usize,
    pub(super) md5: String,
}

pub(super) struct Manifest<'a> {
    pub(super) source: &'a str,
    pub(super) destination: &'a str,
    /// Milliseconds since 1970.
    pub(super) scanned: i64,
    pub(super) format: &'a str,
    pub(super) schema: &'a str,
    pub(super) files: &'a [DataFile],
}

impl Manifest<'_> {
    pub(super) fn to_json(&self) -> String {
        let files: Vec<String> = self
            .files
            .iter()
            .map(|file| {
                format!(
                    "{{\n    \"key\" : {},\n    \"size\" : {},\n    \"MD5checksum\" : {}\n  }}",
                    quoted(&file.key),
                    file.size,
                    quoted(&file.md5)
                )
            })
            .collect();
        let fields = [
            ("sourceBucket", quoted(self.source)),
            ("destinationBucket", quoted(&format!("arn:aws:s3:::{}", self.destination))),
            ("version", quoted("2016-11-30")),
            ("creationTimestamp", quoted(&self.scanned.to_string())),
            ("fileFormat", quoted(self.format)),
            ("fileSchema", quoted(self.schema)),
            ("files", format!("[ {} ]", files.join(", "))),
        ];
        let lines: Vec<String> = fields.iter().map(|(name, value)| format!("  \"{name}\" : {value}")).collect();
        format!("{{\n{}\n}}", lines.join(",\n"))
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
