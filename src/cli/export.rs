//! `export`: the copy of a survey that anybody may have.

use std::path::Path;

use super::finished;
use super::flags::ExportFlags;
use super::print_lines;
use crate::error::Result;
use crate::table::public::{PublicManifest, export};
use crate::table::rows::TableName;
use crate::text::count;

/// Copies the tables of a finished survey without the columns that may hold personal data.
pub fn run(flags: &ExportFlags) -> Result<u8> {
    let dir = &flags.survey;
    let (store, manifest) = finished::open(dir, "export it")?;
    let made = export(&store, &manifest, &flags.public)?;
    print_lines(&format!("{}\n", told(&flags.public, &made)))?;
    Ok(0)
}

fn told(out: &Path, made: &PublicManifest) -> String {
    let mut text = format!("{}:", out.display());
    for table in TableName::ALL {
        let folder = format!("{table}/");
        let files = made.files.iter();
        let files = files.filter(|file| file.file.starts_with(&folder));
        let rows = files.map(|file| file.rows).sum();
        text.push_str(&format!("\n  {:>13}  {table}", count(rows)));
    }
    text.push_str(&format!(
        "\nLeft out, because they may hold personal data: {}",
        made.left_out.join(", ")
    ));
    text
}
