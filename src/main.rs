//! Starts the command line.

fn main() -> std::process::ExitCode {
    prereg::cli::run(std::env::args_os())
}
