//! What it adds up to: the closing summary of a survey, and the report.
//!
//! [`report`] counts what [`Judged`] surveys hold, in one pass over the verdicts, straight from the
//! Arrow arrays: [`Report`] has every number, and `terminal`, `csv` and [`Report::json`] only show
//! them. [`Output`] is a file that is there whole or not at all.

mod by;
mod change;
mod change_list;
mod columns;
mod compare;
mod countries;
mod counts;
pub mod csv;
mod figures;
mod groups;
pub mod html;
mod judged;
mod leaders;
mod make;
mod operators;
mod output;
mod page;
mod points;
mod population;
mod reasons;
mod share;
mod side;
mod summary;
mod tally;
pub mod terminal;
mod versions;

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod shown_tests;
#[cfg(test)]
mod tests;

pub use by::By;
pub use change_list::ChangeList;
pub use compare::{Line, Log};
pub use figures::Report;
pub use judged::Judged;
pub use make::report;
pub use output::{Output, STANDARD};
pub use summary::Summary;
pub use tally::Request;
