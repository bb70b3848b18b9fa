//! `prereg method`: runs one method on one case, for people who validate us.

use std::io::Read;
use std::path::PathBuf;

use super::{Failure, say};
use crate::validation::{Case, CaseFiles, find, methods};

/// Run one statistical method on a case and print its figures
///
/// Reads a case (JSON with `data` and `args`, see docs/validation.md) from standard input and prints what a case calls
/// `expected`, at full precision.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The method, as --list names it
    #[arg(value_name = "NAME", required_unless_present = "list")]
    name: Option<String>,
    /// List the methods
    #[arg(long)]
    list: bool,
    /// The folder that the tables of the case are relative to
    #[arg(long, value_name = "DIR", default_value = ".")]
    root: PathBuf,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Some(name) = arguments.name.as_deref().filter(|_| !arguments.list) else {
        let methods = methods();
        let width = methods
            .iter()
            .map(|method| method.name.len())
            .max()
            .unwrap_or(0);
        for method in methods {
            say(&format!("{:width$}  {}\n", method.name, method.summary));
        }
        return Ok(());
    };
    let method = find(name).ok_or_else(|| {
        Failure::Usage(format!(
            "there is no method `{name}`: `prereg method --list` names them"
        ))
    })?;
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .map_err(|error| Failure::file("standard input", "read the case from", error))?;
    let wrong = |error| Failure::file("standard input", "run the case from", error);
    let case = Case::parse(&text, CaseFiles::Folder(arguments.root.clone())).map_err(wrong)?;
    let figures = (method.run)(&case).map_err(wrong)?;
    say(&format!("{figures:#}\n"));
    Ok(())
}
