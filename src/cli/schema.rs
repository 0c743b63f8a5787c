//! `schema`: the data dictionary.

use super::flags::SchemaFlags;
use super::print;
use crate::error::{Error, Result};
use crate::table::dictionary;
use crate::table::rows::TableName;

/// Prints the schema of one table or of all.
pub fn run(flags: &SchemaFlags) -> Result<u8> {
    let tables: Vec<_> = match &flags.table {
        None => TableName::ALL.to_vec(),
        Some(name) => TableName::ALL
            .into_iter()
            .filter(|table| table.as_str() == name)
            .collect(),
    };
    if tables.is_empty() {
        let names: Vec<_> = TableName::ALL.iter().map(|table| table.as_str()).collect();
        let problem = format!(
            "there is no table {}; the tables are {}",
            flags.table.as_deref().unwrap_or_default(),
            names.join(", ")
        );
        return Err(Error::Usage(problem));
    }
    let text = dictionary::print(&tables, flags.format);
    print(text.as_bytes())?;
    Ok(0)
}
