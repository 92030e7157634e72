//! GetBucketInventoryConfiguration and ListBucketInventoryConfigurations.
//!
//! Fields are S3's own words, kept as they came: a word that is not known is never taken for one that is.

use crate::element::{Fields, document};
use crate::error::AnswerError;

const ONE: &str = "InventoryConfiguration";

/// One inventory configuration of a bucket (API Reference, [InventoryConfiguration]).
///
/// [InventoryConfiguration]: https://docs.aws.amazon.com/AmazonS3/latest/API/API_InventoryConfiguration.html
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InventoryConfiguration {
    /// Unique in the bucket.
    pub id: String,
    /// Whether S3 makes reports.
    pub enabled: bool,
    /// `All` or `Current`.
    pub versions: String,
    /// Only keys under it are reported.
    pub prefix: Option<String>,
    /// `Daily` or `Weekly`.
    pub frequency: String,
    /// The optional columns.
    pub fields: Vec<String>,
    /// The bucket that S3 delivers the reports to.
    pub bucket: String,
    /// The prefix of their keys there.
    pub bucket_prefix: String,
}

impl InventoryConfiguration {
    /// Whether S3 makes a report every Sunday only.
    #[must_use]
    pub fn is_weekly(&self) -> bool {
        self.frequency == "Weekly"
    }

    /// The prefix of the folders of its reports, in the bucket they are delivered to ("Locating your inventory list" in the
    /// S3 User Guide). S3 puts a slash after `bucket_prefix` also if that ends in one.
    #[must_use]
    pub fn folder(&self, source: &str) -> String {
        match self.bucket_prefix.as_str() {
            "" => format!("{source}/{}/", self.id),
            prefix => format!("{prefix}/{source}/{}/", self.id),
        }
    }
}

/// A page of inventory configurations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InventoryConfigurationPage {
    /// In the order of the answer.
    pub configurations: Vec<InventoryConfiguration>,
    /// Where the next page begins; opaque.
    pub next: Option<String>,
}

/// Reads the answer of [GetBucketInventoryConfiguration].
///
/// # Errors
/// The answer is not whole.
///
/// [GetBucketInventoryConfiguration]: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketInventoryConfiguration.html
pub fn read_inventory_configuration(answer: &[u8]) -> Result<InventoryConfiguration, AnswerError> {
    document(answer, &[ONE], |root| configuration(&root))
}

/// Reads one page of [ListBucketInventoryConfigurations].
///
/// # Errors
/// The answer is not whole.
///
/// [ListBucketInventoryConfigurations]: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBucketInventoryConfigurations.html
pub fn read_inventory_configurations(answer: &[u8]) -> Result<InventoryConfigurationPage, AnswerError> {
    document(answer, &["ListInventoryConfigurationsResult"], |root| {
        root.no_other_entries(&[ONE])?;
        let all = root.all(ONE).map(|one| configuration(&one.fields()?));
        Ok(InventoryConfigurationPage {
            configurations: all.collect::<Result<_, _>>()?,
            next: root.next_page(root.maybe_word("NextContinuationToken")?)?,
        })
    })
}

fn configuration(fields: &Fields<'_>) -> Result<InventoryConfiguration, AnswerError> {
    let destination = fields.one("Destination")?.fields()?.one("S3BucketDestination")?.fields()?;
    let prefix = match fields.maybe("Filter")? {
        None => None,
        Some(filter) => {
            let filter = filter.fields()?;
            // Another element would leave out more.
            filter.only(&["Prefix"])?;
            filter.maybe_text("Prefix")?.filter(|prefix| !prefix.is_empty())
        }
    };
    let mut columns = Vec::new();
    if let Some(optional) = fields.maybe("OptionalFields")? {
        for field in optional.fields()?.all("Field") {
            columns.push(field.word()?.into_owned());
        }
    }
    Ok(InventoryConfiguration {
        id: fields.one("Id")?.text()?.into_owned(),
        enabled: fields.one("IsEnabled")?.flag()?,
        versions: fields.one("IncludedObjectVersions")?.word()?.into_owned(),
        prefix,
        frequency: fields.one("Schedule")?.fields()?.one("Frequency")?.word()?.into_owned(),
        fields: columns,
        bucket: destination.one("Bucket")?.bucket_of_arn()?,
        bucket_prefix: destination.maybe_text("Prefix")?.unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "<InventoryConfiguration xmlns=\"x\"><Id>daily</Id><IsEnabled>true</IsEnabled><Destination><S3BucketDestination><Bucket>arn:aws:s3:::reports</Bucket><Prefix>in/</Prefix><Format>Parquet</Format></S3BucketDestination></Destination><Filter><Prefix>logs/</Prefix></Filter><IncludedObjectVersions>All</IncludedObjectVersions><OptionalFields><Field>Size</Field><Field>ReplicationStatus</Field></OptionalFields><Schedule><Frequency>Daily</Frequency></Schedule></InventoryConfiguration>";

    #[test]
    fn a_configuration_is_read_whole() {
        let expected = InventoryConfiguration {
            id: "daily".into(),
            enabled: true,
            versions: "All".into(),
            prefix: Some("logs/".into()),
            frequency: "Daily".into(),
            fields: vec!["Size".into(), "ReplicationStatus".into()],
            bucket: "reports".into(),
            bucket_prefix: "in/".into(),
        };
        assert_eq!(read_inventory_configuration(WHOLE.as_bytes()), Ok(expected.clone()));
        let list = format!(
            "<ListInventoryConfigurationsResult><IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>{WHOLE}</ListInventoryConfigurationsResult>"
        );
        let page = InventoryConfigurationPage { configurations: vec![expected], next: Some("t".into()) };
        assert_eq!(read_inventory_configurations(list.as_bytes()), Ok(page));
    }

    #[test]
    fn what_is_missing_is_not_guessed() {
        for part in [
            "<Id>daily</Id>",
            "<IsEnabled>true</IsEnabled>",
            "<Bucket>arn:aws:s3:::reports</Bucket>",
            "<IncludedObjectVersions>All</IncludedObjectVersions>",
            "<Schedule><Frequency>Daily</Frequency></Schedule>",
        ] {
            assert!(read_inventory_configuration(WHOLE.replace(part, "").as_bytes()).is_err(), "without {part}");
            assert!(
                read_inventory_configuration(WHOLE.replace(part, &part.repeat(2)).as_bytes()).is_err(),
                "twice {part}"
            );
        }
        let other = WHOLE.replace("<Prefix>logs/</Prefix>", "<Tag><Key>a</Key></Tag>");
        assert!(read_inventory_configuration(other.as_bytes()).is_err());
        assert!(read_inventory_configurations(b"<ListInventoryConfigurationsResult/>").is_err());
    }

    #[test]
    fn reports_are_where_s3_delivers_them() {
        let configuration = read_inventory_configuration(WHOLE.as_bytes()).unwrap();
        for (prefix, folder) in
            [("inv", "inv/src/daily/"), ("", "src/daily/"), ("inv/", "inv//src/daily/"), ("x/y", "x/y/src/daily/")]
        {
            let configuration = InventoryConfiguration { bucket_prefix: prefix.into(), ..configuration.clone() };
            assert_eq!(configuration.folder("src"), folder);
        }
    }
}
