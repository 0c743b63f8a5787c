//! `man`: the manual, a page for the program and one for each of its commands.

use std::path::Path;

use clap::CommandFactory;
use clap_mangen::Man;

use super::flags::{Flags, ManFlags};
use super::print;
use crate::error::{Error, Result};

/// Prints the pages one after the other, or writes them to a folder.
///
/// # Errors
/// When a page cannot be written.
pub fn run(flags: &ManFlags) -> Result<u8> {
    for (name, page) in pages()? {
        match &flags.out {
            None => print(&page)?,
            Some(dir) => write(dir, &name, &page)?,
        }
    }
    Ok(0)
}

/// Names of files, and what is in them.
fn pages() -> Result<Vec<(String, Vec<u8>)>> {
    let mut program = Flags::command();
    // Gives each command its whole name.
    program.build();
    let mut pages = vec![page(program.clone())?];
    for command in program.get_subcommands() {
        if command.get_name() != "help" {
            pages.push(page(command.clone())?);
        }
    }
    Ok(pages)
}

fn page(command: clap::Command) -> Result<(String, Vec<u8>)> {
    let source = concat!("mailcensus ", env!("CARGO_PKG_VERSION"));
    let man = Man::new(command).source(source).manual("User Commands");
    let mut page = Vec::new();
    man.render(&mut page)
        .map_err(|err| Error::Internal(format!("man: {err}")))?;
    Ok((man.get_filename(), page))
}

fn write(dir: &Path, name: &str, page: &[u8]) -> Result<()> {
    std::fs::create_dir_all(dir).map_err(Error::io("create", dir))?;
    let path = dir.join(name);
    std::fs::write(&path, page).map_err(Error::io("write", &path))
}
