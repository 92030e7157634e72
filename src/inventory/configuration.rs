//! Which of a bucket's inventory configurations can answer for its replication.

use std::fmt;

use s3_answers::InventoryConfiguration;

/// What a configuration must have and has not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lack {
    /// The column that everything is about.
    ReplicationStatus,
    /// It is switched off.
    Disabled,
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ReplicationStatus => "ReplicationStatus is not selected",
            Self::Disabled => "disabled",
        })
    }
}

/// Why it can't be used; empty for one that fits.
pub(crate) fn lacks(configuration: &InventoryConfiguration) -> Vec<Lack> {
    let selected = configuration.fields.iter().any(|field| field == "ReplicationStatus");
    let lacks = [(!selected, Lack::ReplicationStatus), (!configuration.enabled, Lack::Disabled)];
    lacks.into_iter().filter_map(|(lacking, lack)| lacking.then_some(lack)).collect()
}

/// All of it in a line: what it lacks, what its reports leave out, where they go.
pub(crate) fn describe(configuration: &InventoryConfiguration, source: &str) -> String {
    let lacks: Vec<String> = lacks(configuration).iter().map(Lack::to_string).collect();
    let mut parts = if lacks.is_empty() { vec!["fits".to_owned()] } else { lacks };
    if configuration.versions == "Current" {
        parts.push("current versions only".to_owned());
    }
    if let Some(prefix) = &configuration.prefix {
        parts.push(format!("only keys under {prefix:?}"));
    }
    let frequency = configuration.frequency.to_ascii_lowercase();
    parts.push(format!("{frequency} to s3://{}/{}", configuration.bucket, configuration.folder(source)));
    format!("{}: {}", configuration.id, parts.join(", "))
}

/// Why no configuration was chosen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoChoice {
    /// There is none.
    #[error(
        "bucket {0} has no inventory configuration: create one with the fields Size, LastModifiedDate and ReplicationStatus, or name the REPORT"
    )]
    Nothing(String),
    /// The one that was asked for is not there.
    #[error("bucket {source_bucket} has no inventory configuration {id:?}: give --id with one that it has")]
    NoSuchId {
        /// The bucket.
        source_bucket: String,
        /// The name asked for.
        id: String,
    },
    /// Not one can answer.
    #[error(
        "no inventory configuration of bucket {0} fits: it must be enabled and select ReplicationStatus; change one (the next report holds the column), or name the REPORT"
    )]
    NoneFits(String),
    /// More than one can, and they need not agree.
    #[error("{fitting} inventory configurations of bucket {source_bucket} fit: give --id with one of them")]
    Several {
        /// The bucket.
        source_bucket: String,
        /// How many.
        fitting: usize,
    },
}

impl NoChoice {
    /// For a name that the bucket, which has `all` of these, does not have.
    pub(crate) fn no_such_id(source: &str, id: &str, all: &[InventoryConfiguration]) -> Self {
        match all {
            [] => Self::Nothing(source.to_owned()),
            _ => Self::NoSuchId { source_bucket: source.to_owned(), id: id.to_owned() },
        }
    }
}

/// Chooses the one configuration that fits; never one of several.
pub(crate) fn choose(
    source: &str,
    configurations: &[InventoryConfiguration],
) -> Result<InventoryConfiguration, NoChoice> {
    let fitting: Vec<&InventoryConfiguration> = configurations.iter().filter(|one| lacks(one).is_empty()).collect();
    match (fitting.as_slice(), configurations) {
        ([one], _) => Ok((*one).clone()),
        ([], []) => Err(NoChoice::Nothing(source.to_owned())),
        ([], _) => Err(NoChoice::NoneFits(source.to_owned())),
        (several, _) => Err(NoChoice::Several { source_bucket: source.to_owned(), fitting: several.len() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good(id: &str) -> InventoryConfiguration {
        InventoryConfiguration {
            id: id.into(),
            enabled: true,
            versions: "All".into(),
            prefix: None,
            frequency: "Daily".into(),
            fields: vec!["Size".into(), "ReplicationStatus".into()],
            bucket: "reports".into(),
            bucket_prefix: "inv".into(),
        }
    }

    #[test]
    fn each_says_what_it_lacks() {
        type Edit = fn(&mut InventoryConfiguration);
        let table: [(Edit, &[Lack], &str); 8] = [
            (|_| {}, &[], "a: fits, daily to s3://reports/inv/src/a/"),
            (|c| c.enabled = false, &[Lack::Disabled], "a: disabled, daily to"),
            (|c| c.fields.clear(), &[Lack::ReplicationStatus], "a: ReplicationStatus is not selected, daily"),
            (
                |c| (c.enabled, c.fields) = (false, vec!["Size".into()]),
                &[Lack::ReplicationStatus, Lack::Disabled],
                "a: ReplicationStatus is not selected, disabled, daily",
            ),
            // What is not S3's word does not select the column.
            (|c| c.fields = vec!["['ReplicationStatus']".into()], &[Lack::ReplicationStatus], "is not selected"),
            (|c| c.versions = "Current".into(), &[], "a: fits, current versions only, daily"),
            (|c| c.prefix = Some("logs/\n".into()), &[], "a: fits, only keys under \"logs/\\n\", daily"),
            (|c| c.frequency = "Weekly".into(), &[], "a: fits, weekly to"),
        ];
        for (edit, lacks, text) in table {
            let mut configuration = good("a");
            edit(&mut configuration);
            assert_eq!(super::lacks(&configuration), lacks, "{text}");
            assert!(describe(&configuration, "src").contains(text), "{}", describe(&configuration, "src"));
        }
    }

    #[test]
    fn only_one_that_fits_is_chosen() {
        let unfit = |id| InventoryConfiguration { enabled: false, ..good(id) };
        let source = || "src".to_owned();
        let table = [
            (vec![], Err(NoChoice::Nothing(source()))),
            (vec![unfit("a"), unfit("b")], Err(NoChoice::NoneFits(source()))),
            (vec![unfit("a"), good("b")], Ok(good("b"))),
            (vec![good("a"), unfit("b"), good("c")], Err(NoChoice::Several { source_bucket: source(), fitting: 2 })),
            // A narrower report is a choice of its own.
            (
                vec![good("a"), InventoryConfiguration { prefix: Some("x".into()), ..good("b") }],
                Err(NoChoice::Several { source_bucket: source(), fitting: 2 }),
            ),
        ];
        for (configurations, chosen) in table {
            assert_eq!(choose("src", &configurations), chosen);
        }
    }
}
