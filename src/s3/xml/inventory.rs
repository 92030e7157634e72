//! GetBucketInventoryConfiguration and ListBucketInventoryConfigurations.

use super::element::{Fields, document};
use super::page::next;
use super::replication::bucket_of_arn;
use super::unreadable::Unreadable;
use crate::inventory::Configuration;

const ONE: &str = "InventoryConfiguration";

/// A page of inventory configurations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::s3) struct ConfigurationPage {
    pub(in crate::s3) configurations: Vec<Configuration>,
    /// Where the next page begins; opaque.
    pub(in crate::s3) next: Option<String>,
}

/// One inventory configuration.
pub(in crate::s3) fn inventory_configuration(answer: &[u8]) -> Result<Configuration, Unreadable> {
    document(answer, &[ONE], |root| configuration(&root))
}

/// A page of them.
pub(in crate::s3) fn inventory_configurations(answer: &[u8]) -> Result<ConfigurationPage, Unreadable> {
    document(answer, &["ListInventoryConfigurationsResult"], |root| {
        root.no_other_entries(&[ONE])?;
        let all = root.all(ONE).map(|one| configuration(&one.fields()?));
        Ok(ConfigurationPage {
            configurations: all.collect::<Result<_, _>>()?,
            next: next(&root, root.maybe_word("NextContinuationToken")?)?,
        })
    })
}

fn configuration(fields: &Fields<'_>) -> Result<Configuration, Unreadable> {
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
    Ok(Configuration {
        id: fields.one("Id")?.text()?.into_owned(),
        enabled: fields.one("IsEnabled")?.flag()?,
        versions: fields.one("IncludedObjectVersions")?.word()?.into_owned(),
        prefix,
        frequency: fields.one("Schedule")?.fields()?.one("Frequency")?.word()?.into_owned(),
        fields: columns,
        bucket: bucket_of_arn(&destination.one("Bucket")?.word()?).to_owned(),
        bucket_prefix: destination.maybe_text("Prefix")?.unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "<InventoryConfiguration xmlns=\"x\"><Id>daily</Id><IsEnabled>true</IsEnabled><Destination><S3BucketDestination><Bucket>arn:aws:s3:::reports</Bucket><Prefix>in/</Prefix><Format>Parquet</Format></S3BucketDestination></Destination><Filter><Prefix>logs/</Prefix></Filter><IncludedObjectVersions>All</IncludedObjectVersions><OptionalFields><Field>Size</Field><Field>ReplicationStatus</Field></OptionalFields><Schedule><Frequency>Daily</Frequency></Schedule></InventoryConfiguration>";

    #[test]
    fn a_configuration_is_read_whole() {
        let expected = Configuration {
            id: "daily".into(),
            enabled: true,
            versions: "All".into(),
            prefix: Some("logs/".into()),
            frequency: "Daily".into(),
            fields: vec!["Size".into(), "ReplicationStatus".into()],
            bucket: "reports".into(),
            bucket_prefix: "in/".into(),
        };
        assert_eq!(inventory_configuration(WHOLE.as_bytes()), Ok(expected.clone()));
        let list = format!(
            "<ListInventoryConfigurationsResult><IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>{WHOLE}</ListInventoryConfigurationsResult>"
        );
        let page = ConfigurationPage { configurations: vec![expected], next: Some("t".into()) };
        assert_eq!(inventory_configurations(list.as_bytes()), Ok(page));
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
            assert!(inventory_configuration(WHOLE.replace(part, "").as_bytes()).is_err(), "without {part}");
            assert!(inventory_configuration(WHOLE.replace(part, &part.repeat(2)).as_bytes()).is_err(), "twice {part}");
        }
        let other = WHOLE.replace("<Prefix>logs/</Prefix>", "<Tag><Key>a</Key></Tag>");
        assert!(inventory_configuration(other.as_bytes()).is_err());
        assert!(inventory_configurations(b"<ListInventoryConfigurationsResult/>").is_err());
    }
}
