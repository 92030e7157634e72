//! Which inventory configurations of a bucket are judged: those that say most about it.
//!
//! `inventory` reads the reports of one configuration. So its columns, versions, keys and age are judged together: a bucket
//! cannot be audited with the columns of one configuration and the versions of another.

use s3_answers::InventoryConfiguration;

/// The columns that a report should have. Without the first one, it cannot be audited.
pub(super) const COLUMNS: [&str; 3] = ["ReplicationStatus", "Size", "LastModifiedDate"];

pub(super) fn lacks(one: &InventoryConfiguration) -> Vec<&'static str> {
    COLUMNS.into_iter().filter(|column| !one.fields.iter().any(|field| field == column)).collect()
}

/// Whether `inventory` can use its reports.
pub(crate) fn is_usable(one: &InventoryConfiguration) -> bool {
    one.enabled && !lacks(one).contains(&COLUMNS[0])
}

/// The best enabled configurations: those that can be used, with all keys, with all versions, with all columns, in this order.
/// Several if they are equally good.
pub(crate) fn best_inventories(all: &[InventoryConfiguration]) -> Vec<&InventoryConfiguration> {
    let rank =
        |one: &InventoryConfiguration| (!is_usable(one), one.prefix.is_some(), one.versions != "All", lacks(one).len());
    let enabled = || all.iter().filter(|one| one.enabled);
    let best = enabled().map(rank).min();
    enabled().filter(|one| Some(rank(one)) == best).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(id: &str, prefix: &str, versions: &str, fields: &[&str]) -> InventoryConfiguration {
        InventoryConfiguration {
            id: id.to_owned(),
            enabled: true,
            versions: versions.to_owned(),
            prefix: Some(prefix.to_owned()).filter(|prefix| !prefix.is_empty()),
            frequency: "Daily".to_owned(),
            fields: fields.iter().map(|field| (*field).to_owned()).collect(),
            bucket: "reports".to_owned(),
            bucket_prefix: String::new(),
        }
    }

    #[test]
    fn one_configuration_is_judged_by_all_that_it_has() {
        let disabled = |one| InventoryConfiguration { enabled: false, ..one };
        let table: [(Vec<InventoryConfiguration>, &[&str]); 8] = [
            (vec![], &[]),
            (vec![disabled(one("a", "", "All", &COLUMNS))], &[]),
            (vec![one("a", "", "All", &["Size"]), disabled(one("b", "", "All", &COLUMNS))], &["a"]),
            (
                vec![
                    one("a", "x/", "Current", &COLUMNS),
                    one("b", "y/", "All", &["Size"]),
                    one("c", "", "Current", &["Size"]),
                ],
                &["a"],
            ),
            (vec![one("a", "x/", "All", &COLUMNS), one("b", "", "Current", &COLUMNS[..1])], &["b"]),
            (vec![one("a", "", "Current", &COLUMNS), one("b", "", "All", &COLUMNS[..1])], &["b"]),
            (vec![one("a", "", "All", &COLUMNS[..2]), one("b", "", "All", &COLUMNS)], &["b"]),
            (vec![one("a", "", "All", &COLUMNS), one("b", "", "All", &COLUMNS)], &["a", "b"]),
        ];
        for (all, best) in table {
            let found: Vec<&str> = best_inventories(&all).iter().map(|one| one.id.as_str()).collect();
            assert_eq!(found, best, "{all:?}");
        }
    }
}
