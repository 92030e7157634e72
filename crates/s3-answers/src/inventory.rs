//! GetBucketInventoryConfiguration and ListBucketInventoryConfigurations.
//!
//! Fields are S3's own words, unchanged.

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
    /// Whether S3 writes reports.
    pub enabled: bool,
    /// `All` or `Current`.
    pub versions: String,
    /// Only keys with this prefix are reported.
    pub prefix: Option<String>,
    /// `Daily` or `Weekly`.
    pub frequency: String,
    /// The optional columns.
    pub fields: Vec<String>,
    /// The bucket that S3 delivers the reports to.
    pub bucket: String,
    /// The prefix of the reports' keys.
    pub bucket_prefix: String,
}

impl InventoryConfiguration {
    /// Whether S3 writes a report only on Sundays.
    pub fn is_weekly(&self) -> bool {
        self.frequency == "Weekly"
    }

    /// The prefix of the folders of its reports ("Locating your inventory list" in the S3 User Guide). S3 adds a slash to
    /// `bucket_prefix` even if that ends in one.
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
    /// Token of the next page.
    pub next: Option<String>,
}

/// Reads the answer of [GetBucketInventoryConfiguration].
///
/// [GetBucketInventoryConfiguration]: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketInventoryConfiguration.html
pub fn read_inventory_configuration(answer: &[u8]) -> Result<InventoryConfiguration, AnswerError> {
    document(answer, &[ONE], |root| configuration(&root))
}

/// Reads one page of [ListBucketInventoryConfigurations].
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
            // Another element would exclude more objects.
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
        let weekly = read_inventory_configuration(WHOLE.replace("Daily", "Weekly").as_bytes()).unwrap();
        assert_eq!((expected.is_weekly(), weekly.is_weekly()), (false, true));
        let list = format!(
            "<ListInventoryConfigurationsResult><IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>{WHOLE}</ListInventoryConfigurationsResult>"
        );
        let page = InventoryConfigurationPage { configurations: vec![expected], next: Some("t".into()) };
        assert_eq!(read_inventory_configurations(list.as_bytes()), Ok(page));
    }

    #[test]
    fn every_part_is_required_once() {
        for part in [
            "<Id>daily</Id>",
            "<IsEnabled>true</IsEnabled>",
            "<Bucket>arn:aws:s3:::reports</Bucket>",
            "<IncludedObjectVersions>All</IncludedObjectVersions>",
            "<Schedule><Frequency>Daily</Frequency></Schedule>",
        ] {
            for count in [0, 2] {
                let xml = WHOLE.replace(part, &part.repeat(count));
                assert!(read_inventory_configuration(xml.as_bytes()).is_err(), "{count} times {part}");
            }
        }
        let other = WHOLE.replace("<Prefix>logs/</Prefix>", "<Tag><Key>a</Key></Tag>");
        assert!(read_inventory_configuration(other.as_bytes()).is_err());
        assert!(read_inventory_configurations(b"<ListInventoryConfigurationsResult/>").is_err());
    }

    #[test]
    fn the_folder_is_the_one_that_s3_writes() {
        let configuration = read_inventory_configuration(WHOLE.as_bytes()).unwrap();
        for (prefix, folder) in
            [("inv", "inv/src/daily/"), ("", "src/daily/"), ("inv/", "inv//src/daily/"), ("x/y", "x/y/src/daily/")]
        {
            let configuration = InventoryConfiguration { bucket_prefix: prefix.into(), ..configuration.clone() };
            assert_eq!(configuration.folder("src"), folder);
        }
    }
}
