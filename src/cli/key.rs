//! `prereg key new`: makes a pair of keys to sign registrations with.

use std::path::PathBuf;

use super::run::{json, write_new};
use super::{Failure, say, tell};
use crate::provenance::Key;

/// Make a key to sign registrations with
#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Make a new Ed25519 key from the random numbers of the operating system
    ///
    /// The file holds the secret key: who has it can sign as you. The public key is printed: publish it, so that others
    /// know your signature.
    New {
        /// Where to write the key
        #[arg(long, value_name = "FILE", default_value = "prereg.key.json")]
        out: PathBuf,
    },
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Action::New { out } = &arguments.action;
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| {
        Failure::Usage(format!(
            "the operating system gives no random numbers: {error}"
        ))
    })?;
    let key = Key::from_random(&bytes);
    write_new(out, &json(&key)?, true)?;
    tell(&format!(
        "wrote {}: keep it secret; the public key is\n",
        out.display()
    ));
    say(&format!("{}\n", key.public_key));
    Ok(())
}
