//! The questions of `inventory` and `reconcile` as SQL, for engines that read the data files of reports themselves.
//!
//! One generator writes the query; a [`Dialect`] writes what differs between engines. Every engine reads the rows once. The
//! result has the columns of `inventory -o csv`, and rows that show whether it is complete: see
//! [`FigureWord`](crate::audit::FigureWord). Nothing here runs a statement.

mod contributions;
mod dialect;
mod error;
mod export;
mod figure_rows;
mod figures_text;
mod pair;
mod query;
mod question_hash;
mod result_rows;
mod row;
mod statements;
mod table;

pub(crate) use dialect::{Dialect, symlink_folder};
pub(crate) use error::SqlError;
pub(crate) use export::SqlExport;
pub(crate) use figure_rows::FigureRows;
pub(crate) use figures_text::{FiguresError, read_figures};
pub(crate) use pair::{SqlPair, pair_hash, pair_statements};
pub(crate) use question_hash::question_hash;
pub(crate) use row::{compared_columns, needed_columns};
pub(crate) use statements::{Statements, statements};
pub(crate) use table::{FilePlace, SqlReport, TableStatements};
