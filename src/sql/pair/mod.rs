//! The question of `reconcile` as SQL: two reports, compared row by row.

mod contributions;
mod query;
mod question;

pub(crate) use self::question::SqlPair;

use self::query::{ComparedRows, pair_query};
use super::dialect::Dialect;
use super::error::SqlError;
use super::export::{SqlExport, export_statements, pair_export_query};
use super::question_hash::QuestionHash;
use super::row::compared_columns;
use super::statements::Statements;
use super::table::{SqlReport, TableStatements};
use crate::reconcile::PairClass;

/// A hash of the reports and the options, in hexadecimal digits.
pub(crate) fn pair_hash(pair: &SqlPair<'_>) -> String {
    /// Changes with the meaning of a row of figures.
    const FORM: &str = "replaudit.sql-pair/1";
    let mut hash = QuestionHash::new(FORM);
    hash.add_report(&pair.source);
    hash.add_report(&pair.destination);
    hash.add(&pair.judged_before.to_string());
    hash.add(pair.prefix.unwrap_or_default());
    pair.by.iter().for_each(|by| hash.add(&by.to_string()));
    hash.finish()
}

/// Writes the statements that compare two reports. What is created has the name of the question, and of the run if there is
/// one.
pub(crate) fn pair_statements(
    pair: &SqlPair<'_>,
    dialect: Dialect,
    run: Option<&str>,
    export: Option<&SqlExport<Vec<PairClass>>>,
) -> Result<Statements, SqlError> {
    let hash = pair_hash(pair);
    let engine = dialect.engine();
    let name = run.map_or_else(|| format!("replaudit_{hash}"), |run| format!("replaudit_{hash}_{run}"));
    let table = |report: &SqlReport<'_>, side: &str| match report.files.is_empty() {
        true => Err(SqlError::NoFiles),
        false => engine.table(report, &compared_columns(report.columns), &format!("{name}_{side}")),
    };
    let (source, destination) = (table(&pair.source, "source")?, table(&pair.destination, "destination")?);
    let compared = ComparedRows::of(engine, pair, [&source, &destination])?;
    let query = pair_query(engine, pair, &compared, &format!("{}/{hash}", dialect.word()))?;
    let mut tables: Vec<TableStatements> = source.created.into_iter().chain(destination.created).collect();
    let export = match export {
        Some(SqlExport { classes, folder }) => {
            let lines = pair_export_query(engine, &pair.source, &compared.tables, classes);
            Some(export_statements(engine, &lines, folder, &name, &mut tables)?)
        }
        None => None,
    };
    let mut before = source.before;
    // The settings of the engine are the same.
    before.extend(destination.before.into_iter().filter(|statement| !before.contains(statement)).collect::<Vec<_>>());
    Ok(Statements { before, tables, query, export, name })
}

#[cfg(test)]
mod tests {
    use s3_inventory::{Columns, Manifest};

    use super::super::table::FilePlace;
    use super::*;
    use crate::audit::Dimension;

    fn manifest(bucket: &str, format: &str, schema: &str) -> Manifest {
        let json = serde_json::json!({
            "sourceBucket": bucket, "destinationBucket": "arn:aws:s3:::r", "version": "2016-11-30",
            "creationTimestamp": "1715043600000", "fileFormat": format, "fileSchema": schema,
            "files": [{"key": "d/1", "size": 1, "MD5checksum": "00000000000000000000000000000000"}],
        });
        Manifest::parse(json.to_string().as_bytes()).unwrap()
    }

    const CSV: &str =
        "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ETag, ReplicationStatus";
    const ORC: &str =
        "struct<bucket:string,key:string,size:bigint,last_modified_date:timestamp,replication_status:string>";

    /// The statements for a pair of reports in S3.
    fn written(schemas: [(&str, &str); 2], prefix: Option<&str>, dialect: Dialect) -> Statements {
        let manifests = [("src", schemas[0]), ("dst", schemas[1])]
            .map(|(bucket, (format, schema))| manifest(bucket, format, schema));
        let columns = manifests.each_ref().map(|of| Columns::of(of.format, &of.schema).unwrap());
        let files =
            ["src", "dst"].map(|name| vec![FilePlace::S3 { bucket: "r".to_owned(), key: format!("{name}/d/1") }]);
        let names = ["src", "dst"].map(|name| format!("s3://r/{name}/daily/2024-05-07T01-00Z/manifest.json"));
        let report = |at: usize| SqlReport {
            name: &names[at],
            manifest: &manifests[at],
            columns: &columns[at],
            files: &files[at],
        };
        let by = [Dimension::Prefix(2)];
        let judged_before = "2024-05-07T00:00:00Z".parse().unwrap();
        let pair = SqlPair { source: report(0), destination: report(1), prefix, by: &by, judged_before };
        pair_statements(&pair, dialect, Some("run"), None).unwrap()
    }

    #[test]
    fn both_reports_have_a_table_and_one_query_reads_them() {
        let found = written([("CSV", CSV), ("CSV", CSV)], None, Dialect::Athena);
        let tables = ["source", "destination"].map(|side| format!("{}_{side}", found.name));
        for (statements, table) in found.tables.iter().zip(&tables) {
            assert_eq!(&statements.name, table);
            assert!(statements.create.starts_with(&format!("CREATE EXTERNAL TABLE {table} (")), "{found}");
            assert!(statements.drop.ends_with(table), "{found}");
            assert_eq!(found.query.matches(table).count(), 1, "{found}");
        }
        assert_eq!((found.before.len(), found.tables.len()), (0, 2));
        let spark = written([("CSV", CSV), ("ORC", ORC)], None, Dialect::Spark);
        assert_eq!(spark.before.iter().filter(|text| text.starts_with("SET spark.sql.ansi")).count(), 1, "{spark}");
        assert_eq!(spark.before.iter().filter(|text| text.starts_with("CREATE OR REPLACE")).count(), 2, "{spark}");
        // Without version IDs, every object may be replaced by another, and there are no ETags to tell.
        let (_, destination) = spark.query.split_once("destination_rows AS").unwrap();
        assert!(destination.contains("CAST('' AS STRING) AS object_version"), "{spark}");
        assert!(destination.contains("CAST(NULL AS STRING) AS content"), "{spark}");
    }

    #[test]
    fn a_prefix_is_a_literal_and_changes_the_question() {
        let prefix = "'); DROP TABLE t; --\n${env:HOME}";
        for (dialect, literal) in [
            (Dialect::Spark, r"'\u0027)\u003B DROP TABLE t\u003B --\u000A\u0024{env:HOME}'"),
            (Dialect::DuckDb, "('''); DROP TABLE t; --' || chr(10) || '${env:HOME}')"),
            (
                Dialect::Athena,
                "from_utf8(from_hex('27293B2044524F50205441424C4520743B202D2D0A247B656E763A484F4D457D'))",
            ),
        ] {
            let [whole, part] =
                [None, Some(prefix)].map(|prefix| written([("CSV", CSV), ("CSV", CSV)], prefix, dialect));
            assert_eq!(part.query.matches(literal).count(), 2, "{part}");
            assert_ne!(whole.name, part.name);
            assert!(part.query.contains(&format!("'{}/", dialect.word())), "{part}");
        }
    }
}
