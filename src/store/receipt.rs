//! Receipts: how bytes came about.
//!
//! The name of a receipt is its key, SHA-256 of the canonical JSON (RFC 8785) of `description`; its seal is that of the
//! text before the seal's own line. Both can be checked by hand: `jq -cjS .description FILE | sha256sum` and
//! `head -n -2 FILE | sha256sum`.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::during;
use super::{Damage, DamageKind, Digest, Found, Store, StoreError};

/// Everything that decides the result of a step. Two steps with the same description have the same result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Description {
    pub kind: String,
    /// Of the step's behaviour.
    pub version: u32,
    /// In canonical form: as read back from canonical JSON.
    pub parameters: Value,
    /// Only of a step that draws.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub stream: Option<Stream>,
    /// The content of each input.
    pub inputs: BTreeMap<String, Digest>,
}

/// The random stream of a step: named by the study's seed and the step's id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stream {
    /// As text: a JSON number is exact only up to 2⁵³.
    #[serde(with = "as_text")]
    pub seed: u64,
    pub step: String,
}

/// Where an input comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Origin {
    Output {
        step: String,
        output: String,
    },
    /// As the study wrote it, not where it was on this machine.
    File {
        file: String,
    },
}

/// An object that a receipt names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    pub sha256: Digest,
    pub size: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    pub os: String,
    pub arch: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    pub key: Digest,
    /// The id of the step in the study that computed it.
    pub step: String,
    pub description: Description,
    pub origins: BTreeMap<String, Origin>,
    pub outputs: BTreeMap<String, Stored>,
    /// RFC 3339, UTC.
    pub started: String,
    pub finished: String,
    pub machine: Machine,
    pub threads: usize,
    /// The version of prereg.
    pub prereg: String,
}

impl Description {
    /// The key of a step: SHA-256 of the canonical form.
    pub fn key(&self) -> Digest {
        let text = serde_json_canonicalizer::to_vec(self)
            .expect("it holds texts, digests and JSON read from JSON");
        Digest::of(&text)
    }
}

impl Store {
    /// Where the receipt with this key is, relative to the store.
    pub fn receipt_path(key: Digest) -> PathBuf {
        PathBuf::from("receipts").join(format!("{key}.json"))
    }

    /// Writes a receipt; its objects must be there.
    pub fn write_receipt(&self, receipt: &Receipt) -> Result<(), StoreError> {
        let path = self.root.join(Self::receipt_path(receipt.key));
        self.write(&path, &sealed(pretty(receipt)), true)
    }

    /// The receipt with this key, checked.
    pub fn receipt(&self, key: Digest) -> Result<Found<Receipt>, StoreError> {
        let file = Self::receipt_path(key);
        let path = self.root.join(&file);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Found::Missing),
            Err(source) => return Err(during("read", &path)(source)),
        };
        Ok(match unsealed(&text) {
            Ok(receipt) if receipt.key == key => Found::Present(receipt),
            Ok(receipt) => {
                let kind = DamageKind::OtherKey { found: receipt.key };
                Found::Damaged(Damage { file, kind })
            }
            Err(kind) => Found::Damaged(Damage { file, kind }),
        })
    }
}

/// The text with its seal as the last field.
fn sealed(mut text: Vec<u8>) -> Vec<u8> {
    text.truncate(text.len() - END.len());
    text.extend(b",\n");
    let seal = seal(&text);
    text.extend(seal);
    text
}

/// How a text of JSON for people ends.
const END: &[u8] = b"\n}\n";

/// The lines of the seal that follow a text.
fn seal(text: &[u8]) -> Vec<u8> {
    format!("  \"seal\": \"{}\"\n}}\n", Digest::of(text)).into_bytes()
}

/// The receipt, if its seal fits everything before it.
fn unsealed(text: &[u8]) -> Result<Receipt, DamageKind> {
    let length = seal(b"").len();
    let (before, after) = text.split_at(text.len().saturating_sub(length));
    if after != seal(before) {
        return Err(DamageKind::Seal);
    }
    serde_json::from_slice(text).map_err(|error| DamageKind::Unreadable {
        reason: error.to_string(),
    })
}

/// JSON for people, with a newline at its end.
pub(super) fn pretty(value: &impl Serialize) -> Vec<u8> {
    let mut text =
        serde_json::to_vec_pretty(value).expect("it holds texts, digests and JSON read from JSON");
    text.push(b'\n');
    text
}

/// "output scores of signature.rad_score", "file clinical.csv".
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Output { step, output } => write!(f, "output {output} of {step}"),
            Self::File { file } => write!(f, "file {file}"),
        }
    }
}

mod as_text {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(number: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(number)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(D::Error::custom)
    }
}
