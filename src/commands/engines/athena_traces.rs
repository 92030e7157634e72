//! What a run of Athena may leave, and what is said about it.

use anyhow::{Result, anyhow};
use tokio::task::JoinError;

use super::super::Context;
use crate::engine::{AthenaEnd, QueryEnd, TableEnd, list_price};
use crate::model::human_bytes;
use crate::sql::TableStatements;

/// What a run creates, and where.
#[derive(Clone)]
pub(super) struct AthenaTraces {
    /// The names of all tables begin with it, and the query contains it.
    pub(super) name: String,
    pub(super) tables: Vec<TableStatements>,
    pub(super) database: String,
    pub(super) workgroup: String,
    pub(super) region: String,
}

impl AthenaTraces {
    /// Said after a signal, before everything has ended.
    pub(super) fn waiting(&self) -> String {
        let (tables, all) = if self.tables.len() == 1 { ("table", "both") } else { ("tables", "all of them") };
        let drops: Vec<String> = self.tables.iter().map(|table| format!("{:?}", table.drop)).collect();
        let Self { name, database, workgroup, region, .. } = self;
        format!(
            "waiting for Athena to stop the query and to drop the {tables}; a second signal ends at once and may leave {all}: then run {} in Region {region}, in the database {database}, and look for {name} in the history of the workgroup {workgroup}",
            drops.join(" and ")
        )
    }

    /// Says what was scanned, what may be left and what may still be running, and passes the end on.
    pub(super) fn told<T>(&self, ended: Result<AthenaEnd<T>, JoinError>, context: &Context) -> Result<AthenaEnd<T>> {
        let end = match ended {
            Ok(end) => end,
            Err(why) => {
                for table in &self.tables {
                    context.printer.error(format!(
                        "the table {} may be left: {why}; {}",
                        table.name,
                        self.again(table)
                    ));
                }
                context.printer.error(self.unnamed_query());
                return Err(anyhow!("a defect of replaudit, see the message above"));
            }
        };
        if let Some(scanned) = scanned(&end) {
            context.printer.note(scanned);
        }
        if let Some(running) = self.running(&end.query) {
            context.printer.error(running);
        }
        for (table, ended) in self.tables.iter().zip(&end.tables) {
            if let Some(left) = self.left(table, ended) {
                context.printer.error(left);
            }
        }
        Ok(end)
    }

    /// That the query may still be running.
    fn running(&self, query: &QueryEnd) -> Option<String> {
        match query {
            QueryEnd::NotStarted | QueryEnd::Ended => None,
            QueryEnd::MayRun { id, why } => Some(format!(
                "the query {id} may still be running, which costs money: {why}; run this to stop it: aws athena stop-query-execution --region {} --query-execution-id {id}",
                self.region
            )),
            QueryEnd::MayRunUnnamed => Some(self.unnamed_query()),
        }
    }

    fn unnamed_query(&self) -> String {
        let Self { name, workgroup, region, .. } = self;
        format!(
            "the query may be running, which costs money, and its ID is not known: look for {name} in the history of the workgroup {workgroup}, and run this to stop it: aws athena stop-query-execution --region {region} --query-execution-id ID"
        )
    }

    /// That a table may be left.
    fn left(&self, table: &TableStatements, ended: &TableEnd) -> Option<String> {
        let (name, again) = (&table.name, self.again(table));
        Some(match ended {
            TableEnd::NotCreated | TableEnd::Dropped | TableEnd::NotThere => return None,
            TableEnd::MayAppear => {
                format!("Athena did not answer whether it creates the table {name}, and it may appear later; {again}")
            }
            TableEnd::Left(why) => format!("the table {name} is left: {why}; {again}"),
            TableEnd::MayBeLeft { why, may_appear: false } => format!("the table {name} may be left: {why}; {again}"),
            TableEnd::MayBeLeft { why, may_appear: true } => format!(
                "the table {name} may be left, and may appear later, since Athena did not answer whether it creates it: {why}; {again}"
            ),
        })
    }

    fn again(&self, table: &TableStatements) -> String {
        let Self { region, database, .. } = self;
        format!("run this in Region {region}, in the database {database}, to drop it: {}", table.drop)
    }
}

/// What the query has scanned, if it was started.
fn scanned<T>(end: &AthenaEnd<T>) -> Option<String> {
    let price = |bytes| {
        let price = list_price(bytes);
        format!("{} (list price: {price}, at 5 USD for each TB and at least 10 MB for each query)", human_bytes(bytes))
    };
    match (end.scanned, &end.query) {
        (Some(bytes), QueryEnd::NotStarted | QueryEnd::Ended) => Some(format!("Athena has scanned {}", price(bytes))),
        (Some(bytes), QueryEnd::MayRun { .. } | QueryEnd::MayRunUnnamed) => {
            Some(format!("when it was last asked, Athena had scanned {}", price(bytes)))
        }
        (None, QueryEnd::NotStarted) => None,
        (None, _) => Some("Athena did not say how much it has scanned".to_owned()),
    }
}
