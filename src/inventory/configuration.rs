//! Which of a bucket's inventory configurations can answer questions about replication.

use s3_answers::InventoryConfiguration;

/// Why a configuration can't be used; empty for one that fits.
fn obstacles(configuration: &InventoryConfiguration) -> Vec<&'static str> {
    let selected = configuration.fields.iter().any(|field| field == "ReplicationStatus");
    let table = [(!selected, "ReplicationStatus is not selected"), (!configuration.enabled, "disabled")];
    table.into_iter().filter_map(|(is_so, obstacle)| is_so.then_some(obstacle)).collect()
}

/// One line: why it can't be used, what its reports leave out, where they are delivered.
pub(crate) fn describe(configuration: &InventoryConfiguration, source: &str) -> String {
    let mut parts: Vec<String> = obstacles(configuration).into_iter().map(str::to_owned).collect();
    if parts.is_empty() {
        parts.push("usable".to_owned());
    }
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
    #[error(
        "bucket {0} has no inventory configuration: `replaudit doctor {0}` prints the command that creates one; or name the report"
    )]
    Nothing(String),
    #[error("bucket {source_bucket} has no inventory configuration {id:?}: use {option} with one that it has")]
    NoSuchId { source_bucket: String, id: String, option: &'static str },
    #[error(
        "no inventory configuration of bucket {0} can be used: it must be enabled and select ReplicationStatus; `replaudit doctor {0}` says what to change, and the next report then has the column; or name another report"
    )]
    NoneFits(String),
    /// Their reports may differ.
    #[error("{fitting} inventory configurations of bucket {source_bucket} can be used: choose one with {option}")]
    Several { source_bucket: String, fitting: usize, option: &'static str },
}

impl NoChoice {
    pub(crate) fn no_such_id(source: &str, id: &str, all: &[InventoryConfiguration], option: &'static str) -> Self {
        match all {
            [] => Self::Nothing(source.to_owned()),
            _ => Self::NoSuchId { source_bucket: source.to_owned(), id: id.to_owned(), option },
        }
    }
}

/// Returns the only configuration that fits. Several are an error; `option` chooses among them.
pub(crate) fn choose(
    source: &str,
    configurations: &[InventoryConfiguration],
    option: &'static str,
) -> Result<InventoryConfiguration, NoChoice> {
    let fitting: Vec<&InventoryConfiguration> = configurations.iter().filter(|one| obstacles(one).is_empty()).collect();
    match (fitting.as_slice(), configurations) {
        ([one], _) => Ok((*one).clone()),
        ([], []) => Err(NoChoice::Nothing(source.to_owned())),
        ([], _) => Err(NoChoice::NoneFits(source.to_owned())),
        (several, _) => Err(NoChoice::Several { source_bucket: source.to_owned(), fitting: several.len(), option }),
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
    fn a_configuration_that_does_not_fit_says_why() {
        type Edit = fn(&mut InventoryConfiguration);
        let table: [(Edit, bool, &str); 8] = [
            (|_| {}, true, "a: usable, daily to s3://reports/inv/src/a/"),
            (|c| c.enabled = false, false, "a: disabled, daily to"),
            (|c| c.fields.clear(), false, "a: ReplicationStatus is not selected, daily"),
            (
                |c| (c.enabled, c.fields) = (false, vec!["Size".into()]),
                false,
                "a: ReplicationStatus is not selected, disabled, daily",
            ),
            // Only S3's exact word selects the column.
            (|c| c.fields = vec!["['ReplicationStatus']".into()], false, "a: ReplicationStatus is not selected, daily"),
            (|c| c.versions = "Current".into(), true, "a: usable, current versions only, daily"),
            (|c| c.prefix = Some("logs/\n".into()), true, "a: usable, only keys under \"logs/\\n\", daily"),
            (|c| c.frequency = "Weekly".into(), true, "a: usable, weekly to"),
        ];
        for (edit, fits, text) in table {
            let mut configuration = good("a");
            edit(&mut configuration);
            assert_eq!(obstacles(&configuration).is_empty(), fits, "{text}");
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
            (
                vec![good("a"), unfit("b"), good("c")],
                Err(NoChoice::Several { source_bucket: source(), fitting: 2, option: "--id" }),
            ),
            // A narrower report is a choice of its own.
            (
                vec![good("a"), InventoryConfiguration { prefix: Some("x".into()), ..good("b") }],
                Err(NoChoice::Several { source_bucket: source(), fitting: 2, option: "--id" }),
            ),
        ];
        for (configurations, chosen) in table {
            assert_eq!(choose("src", &configurations, "--id"), chosen);
        }
    }
}
