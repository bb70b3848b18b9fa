//! The command line: one file a command. Results go to standard output, status and faults to standard error.
//!
//! Exit codes: 0 done, 1 the study or its data is at fault, 2 wrong usage, 3 a fault of prereg.

mod audit;
mod check;
mod demo;
mod diagnostics;
mod diff;
mod export;
mod export_model;
mod failure;
mod failures;
mod features;
mod key;
mod method;
mod plan;
mod predict;
mod progress;
mod register;
mod report_folder;
mod run;
mod simulate;
mod study;
mod templates;
mod trace;
mod validate;
mod verify;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub(crate) use failure::Failure;

/// Declarative, reproducible clinical studies.
///
/// A .study file declares a whole study, the way a methods section tells it. prereg checks it, runs it step by step with
/// a cache, and writes a report in which every number can be traced.
#[derive(Parser)]
#[command(name = "prereg", version, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Check(check::Arguments),
    Plan(plan::Arguments),
    Run(run::Arguments),
    Trace(trace::Arguments),
    Verify(verify::Arguments),
    Audit(audit::Arguments),
    Export(export::Arguments),
    ExportModel(export_model::Arguments),
    Predict(predict::Arguments),
    Register(register::Arguments),
    Diff(diff::Arguments),
    Key(key::Arguments),
    Features(features::Arguments),
    Method(method::Arguments),
    Simulate(simulate::Arguments),
    Validate(validate::Arguments),
    Demo(demo::Arguments),
}

/// Runs the program with its arguments (the first is its name).
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            let usage = error.use_stderr();
            // A closed pipe is no reason to fail a second time.
            let _ = error.print();
            return ExitCode::from(if usage { 2 } else { 0 });
        }
    };
    let result = match arguments.command {
        Command::Check(arguments) => check::run(&arguments),
        Command::Plan(arguments) => plan::run(&arguments),
        Command::Run(arguments) => run::run(&arguments),
        Command::Trace(arguments) => trace::run(&arguments),
        Command::Verify(arguments) => verify::run(&arguments),
        Command::Audit(arguments) => audit::run(&arguments),
        Command::Export(arguments) => export::run(&arguments),
        Command::ExportModel(arguments) => export_model::run(&arguments),
        Command::Predict(arguments) => predict::run(&arguments),
        Command::Register(arguments) => register::run(&arguments),
        Command::Diff(arguments) => diff::run(&arguments),
        Command::Key(arguments) => key::run(&arguments),
        Command::Features(arguments) => features::run(&arguments),
        Command::Method(arguments) => method::run(&arguments),
        Command::Simulate(arguments) => simulate::run(&arguments),
        Command::Validate(arguments) => validate::run(&arguments),
        Command::Demo(arguments) => demo::run(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.report();
            ExitCode::from(failure.exit_code())
        }
    }
}

/// Writes to standard output; a reader who has gone away is no fault.
fn say(text: &str) {
    use std::io::Write;
    let _ = std::io::stdout().write_all(text.as_bytes());
}

/// Writes to standard error.
fn tell(text: &str) {
    use std::io::Write;
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// May this stream be coloured? Only a terminal, and not where NO_COLOR is set.
fn coloured(is_terminal: bool) -> bool {
    is_terminal && std::env::var_os("NO_COLOR").is_none()
}
