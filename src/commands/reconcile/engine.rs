//! The same comparison by an engine: `--print-sql`, `--engine` and `--figures`.

use anyhow::{Context as _, Result};
use jiff::Timestamp;

use super::super::Context;
use super::super::engines::{
    AthenaQuestion, AthenaTask, FiguresInput, FolderExport, figures, run_name, run_spark, spark_program,
};
use super::super::reports::footers;
use super::options::ReconcileOptions;
use super::sides::{OpenSide, OpenSides};
use crate::engine::AthenaSettings;
use crate::export::ExportedRows;
use crate::reconcile::{PairClass, PairExpected, PairFigureSums, PairFigures, SideExpected};
use crate::sql::{Dialect, FilePlace, SqlPair, Statements, compared_columns, pair_hash, pair_statements};

/// Two reports that an engine compares.
pub(super) struct EnginePair<'a> {
    sides: [&'a OpenSide; 2],
    files: [Vec<FilePlace>; 2],
    options: &'a ReconcileOptions,
    judged_before: Timestamp,
}

impl<'a> EnginePair<'a> {
    pub(super) fn of(sides: &'a OpenSides, options: &'a ReconcileOptions, judged_before: Timestamp) -> Result<Self> {
        let places = |side: &OpenSide, word: &str| {
            side.report.places().with_context(|| format!("the {word} report {}", side.report.name))
        };
        let files = [places(&sides.source, "source")?, places(&sides.destination, "destination")?];
        Ok(Self { sides: [&sides.source, &sides.destination], files, options, judged_before })
    }

    fn sql(&self) -> SqlPair<'_> {
        let [source, destination] = self.sides;
        SqlPair {
            source: source.report.sql_report(&self.files[0]),
            destination: destination.report.sql_report(&self.files[1]),
            prefix: self.options.prefix.as_deref(),
            by: &self.options.by,
            judged_before: self.judged_before,
        }
    }

    /// The statements, after what can't be asked was refused, and the columns of all files were checked.
    pub(super) async fn statements(&self, dialect: Dialect, context: &Context) -> Result<Statements> {
        let statements = pair_statements(&self.sql(), dialect, None, None)?;
        if dialect == Dialect::Athena {
            self.check_symlinks().await?;
        }
        self.footers(context).await?;
        Ok(statements)
    }

    /// Has Spark compare the reports, and export objects; `command` runs it, if it was given.
    pub(super) async fn by_spark(
        &self,
        command: Option<&str>,
        exporting: Option<&FolderExport<Vec<PairClass>>>,
        context: &Context,
    ) -> Result<(PairFigures, u64)> {
        let program = spark_program(command)?;
        let order = exporting.map(FolderExport::order);
        let statements = pair_statements(&self.sql(), Dialect::Spark, None, order)?.to_string();
        let sums = ExportedRows::new(self.empty_sums(context).await?, exporting.is_some());
        if let Some(exporting) = exporting {
            exporting.begin();
        }
        check(run_spark(&program, &statements, sums, context).await?, exporting)
    }

    /// Has Athena compare the reports, and export objects.
    pub(super) async fn by_athena(
        &self,
        settings: &AthenaSettings,
        exporting: Option<&FolderExport<Vec<PairClass>>>,
        task: &AthenaTask<EnginePairFigures>,
        context: &Context,
    ) -> Result<(PairFigures, u64)> {
        let order = exporting.map(FolderExport::order);
        let statements = pair_statements(&self.sql(), Dialect::Athena, Some(&run_name()?), order)?;
        let reports = self.sides.map(|side| side.report.as_ref());
        let asked = AthenaQuestion::new(settings, statements, &reports).await?;
        self.check_symlinks().await?;
        let sums = ExportedRows::new(self.empty_sums(context).await?, exporting.is_some());
        if let Some(exporting) = exporting {
            exporting.begin();
        }
        check(asked.ask(sums, task, context).await?, exporting)
    }

    async fn check_symlinks(&self) -> Result<()> {
        for (side, word) in self.sides.into_iter().zip(["source", "destination"]) {
            let checked = side.report.check_symlink().await;
            checked.with_context(|| format!("the {word} report {}", side.report.name))?;
        }
        Ok(())
    }

    /// Reads figures that an engine computed before.
    pub(super) async fn by_figures(&self, input: &FiguresInput, context: &Context) -> Result<PairFigures> {
        figures(input, self.empty_sums(context).await?).await
    }

    /// Sums that take figures, which must be those of the footers.
    async fn empty_sums(&self, context: &Context) -> Result<PairFigureSums> {
        let sides = self.footers(context).await?;
        let has_prefix = self.options.prefix.is_some();
        let expected = PairExpected { mark: pair_hash(&self.sql()), sides, has_prefix };
        let groups = self.sides[0].report.empty_groups(&self.options.by);
        Ok(PairFigureSums::new(expected, &self.options.by, groups))
    }

    /// What the footers of both reports say.
    async fn footers(&self, context: &Context) -> Result<[SideExpected; 2]> {
        let [source, destination] = self.sides;
        Ok([side_footers(source, "source", context).await?, side_footers(destination, "destination", context).await?])
    }
}

/// Figures, and the number of exported lines.
pub(super) type EnginePairFigures = (PairFigures, Option<u64>);

/// Checks an export by the figures.
fn check(
    (figures, lines): EnginePairFigures,
    exporting: Option<&FolderExport<Vec<PairClass>>>,
) -> Result<(PairFigures, u64)> {
    if let Some(exporting) = exporting {
        // A class may be named twice.
        let classes = PairClass::ALL.into_iter().filter(|class| exporting.order().classes.contains(class));
        let expected = classes.map(|class| figures.sums.of(class).count.objects).sum();
        exporting.check(Some(expected), lines)?;
    }
    Ok((figures, lines.unwrap_or_default()))
}

async fn side_footers(side: &OpenSide, word: &str, context: &Context) -> Result<SideExpected> {
    let report = &side.report;
    let read = footers(report, &compared_columns(&report.columns), context).await;
    let read = read.with_context(|| format!("the {word} report {}", report.name))?;
    Ok(SideExpected {
        files: read.map_or(report.manifest.files.len() as u64, |footers| footers.files),
        rows: read.map(|footers| footers.rows),
    })
}
