//! What a step of a study was made of when it was last asked for. Only reasons are drawn from it, so one that cannot be
//! read is as good as none.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::receipt::pretty;
use super::{Description, Digest, Origin, Store, StoreError};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Last {
    pub study: String,
    pub step: String,
    pub key: Digest,
    pub description: Description,
    pub origins: BTreeMap<String, Origin>,
}

impl Store {
    pub fn last(&self, study: &str, step: &str) -> Option<Last> {
        let text = fs::read(self.root.join(last_path(study, step))).ok()?;
        let last: Last = serde_json::from_slice(&text).ok()?;
        // On a file system that does not tell capitals, two steps may share a file.
        (last.study == study && last.step == step).then_some(last)
    }

    pub fn write_last(&self, last: &Last) -> Result<(), StoreError> {
        let path = self.root.join(last_path(&last.study, &last.step));
        self.write(&path, &pretty(last), false)
    }
}

fn last_path(study: &str, step: &str) -> PathBuf {
    PathBuf::from("last")
        .join(file_name(study))
        .join(format!("{}.json", file_name(step)))
}

/// A name that every file system takes: other characters than `A-Z a-z 0-9 . _ -` as %XX, a long name cut and told apart
/// by its digest.
fn file_name(name: &str) -> String {
    const LONGEST: usize = 180;
    let mut escaped = String::new();
    for (position, byte) in name.bytes().enumerate() {
        match byte {
            b'.' if position == 0 => escaped.push_str("%2E"),
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-' => {
                escaped.push(char::from(byte))
            }
            _ => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    if escaped.len() > LONGEST {
        escaped.truncate(LONGEST - 65);
        escaped.push_str(&format!("-{}", Digest::of(name.as_bytes())));
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn names_of_files() {
        assert_eq!(file_name("model.cpr"), "model.cpr");
        assert_eq!(
            file_name("image.adc.Meier, Ä/1"),
            "image.adc.Meier%2C%20%C3%84%2F1"
        );
        assert_eq!(file_name("../up"), "%2E.%2Fup");
        let long = [file_name(&"x".repeat(300)), file_name(&"x".repeat(301))];
        assert_ne!(long[0], long[1]);
        assert!(long.iter().all(|name| name.len() == 180));
    }
}
