//! A registration: a plan frozen in a file that people and programs can read, meant for a public registry.
//!
//! `digest` is SHA-256 of the canonical JSON (RFC 8785) of everything but `digest` and `signature`; an Ed25519 signature
//! (RFC 8032) is made over those same bytes.

use std::collections::BTreeMap;
use std::fmt;

use ed25519_dalek::{Signature as Ed25519, Signer, SigningKey, Verifier, VerifyingKey};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::statements::Statement;
use crate::plan::{self, Plan};
use crate::store::Digest;

const FORMAT: u32 = 1;
const ALGORITHM: &str = "Ed25519";

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    pub format: u32,
    /// RFC 3339, UTC, by the clock of the machine: a registry's own time is the better witness.
    pub registered: String,
    pub prereg_version: String,
    /// The name of the study's file.
    pub study_file: String,
    /// SHA-256 of the canonical plan.
    pub plan_digest: String,
    /// No data file was there.
    pub before_data: bool,
    pub files: Vec<RegisteredFile>,
    pub statements: BTreeMap<String, Statement>,
    pub plan: Plan,
    pub digest: Digest,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub signature: Option<Signature>,
}

/// A data file of the study; without a digest it was not there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisteredFile {
    pub file: String,
    pub sha256: Option<Digest>,
}

/// Hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    pub algorithm: String,
    pub public_key: String,
    pub signature: String,
}

/// A pair of keys as it is kept in a file: who has it can sign.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    pub algorithm: String,
    pub public_key: String,
    pub secret_key: String,
}

/// What goes into a registration besides the plan.
#[derive(Clone, Debug)]
pub struct Circumstances {
    pub registered: String,
    pub prereg_version: String,
    pub study_file: String,
    pub files: Vec<RegisteredFile>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegistrationError {
    Unreadable {
        reason: String,
    },
    OtherFormat {
        found: u32,
    },
    /// It says something else than it said when it was made.
    Digest {
        stated: Digest,
        found: Digest,
    },
    PlanDigest {
        stated: String,
        found: String,
    },
    Key {
        problem: &'static str,
    },
    Signature {
        public_key: String,
    },
}

impl Key {
    /// The pair of keys that these 32 random bytes make.
    pub fn from_random(bytes: &[u8; 32]) -> Self {
        let secret = SigningKey::from_bytes(bytes);
        Self {
            algorithm: ALGORITHM.to_owned(),
            public_key: hexadecimal(secret.verifying_key().as_bytes()),
            secret_key: hexadecimal(bytes),
        }
    }
}

/// Freezes a plan.
pub fn register(
    plan: &Plan,
    statements: &BTreeMap<String, Statement>,
    circumstances: Circumstances,
    key: Option<&Key>,
) -> Result<Registration, RegistrationError> {
    let mut registration = Registration {
        format: FORMAT,
        registered: circumstances.registered,
        prereg_version: circumstances.prereg_version,
        study_file: circumstances.study_file,
        plan_digest: plan::digest(plan),
        before_data: circumstances
            .files
            .iter()
            .filter(|file| {
                plan.locked_models
                    .values()
                    .all(|model| model.file != file.file)
            })
            .all(|file| file.sha256.is_none()),
        files: circumstances.files,
        statements: statements.clone(),
        plan: plan.clone(),
        digest: Digest::of(&[]),
        signature: None,
    };
    let whole = serde_json::to_value(&registration).expect("a registration is plain data");
    let content = content(whole);
    registration.digest = Digest::of(&content);
    if let Some(key) = key {
        let problem = |problem| RegistrationError::Key { problem };
        if key.algorithm != ALGORITHM {
            return Err(problem("it is not an Ed25519 key"));
        }
        let secret: [u8; 32] = bytes(&key.secret_key)
            .ok_or_else(|| problem("its secret key is not 64 hexadecimal digits"))?;
        let secret = SigningKey::from_bytes(&secret);
        let public_key = hexadecimal(secret.verifying_key().as_bytes());
        if public_key != key.public_key {
            return Err(problem("its two halves do not belong together"));
        }
        registration.signature = Some(Signature {
            algorithm: ALGORITHM.to_owned(),
            public_key,
            signature: hexadecimal(&secret.sign(&content).to_bytes()),
        });
    }
    Ok(registration)
}

/// The registration in a file, if it is what was registered.
pub fn read_registration(text: &[u8]) -> Result<Registration, RegistrationError> {
    let unreadable = |error: serde_json::Error| RegistrationError::Unreadable {
        reason: error.to_string(),
    };
    let whole: Value = serde_json::from_slice(text).map_err(unreadable)?;
    let registration: Registration = serde_json::from_slice(text).map_err(unreadable)?;
    if registration.format != FORMAT {
        return Err(RegistrationError::OtherFormat {
            found: registration.format,
        });
    }
    let content = content(whole);
    let found = Digest::of(&content);
    if found != registration.digest {
        return Err(RegistrationError::Digest {
            stated: registration.digest,
            found,
        });
    }
    let found = plan::digest(&registration.plan);
    if found != registration.plan_digest {
        return Err(RegistrationError::PlanDigest {
            stated: registration.plan_digest,
            found,
        });
    }
    if let Some(signature) = &registration.signature {
        check(signature, &content)?;
    }
    Ok(registration)
}

fn check(signature: &Signature, content: &[u8]) -> Result<(), RegistrationError> {
    let wrong = || RegistrationError::Signature {
        public_key: signature.public_key.clone(),
    };
    if signature.algorithm != ALGORITHM {
        return Err(wrong());
    }
    let key: [u8; 32] = bytes(&signature.public_key).ok_or_else(wrong)?;
    let signed: [u8; 64] = bytes(&signature.signature).ok_or_else(wrong)?;
    let key = VerifyingKey::from_bytes(&key).map_err(|_| wrong())?;
    key.verify(content, &Ed25519::from_bytes(&signed))
        .map_err(|_| wrong())
}

/// What the digest and the signature are made over.
fn content(mut registration: Value) -> Vec<u8> {
    if let Some(fields) = registration.as_object_mut() {
        fields.remove("digest");
        fields.remove("signature");
    }
    serde_json_canonicalizer::to_vec(&registration).expect("it was read from JSON")
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes<const LENGTH: usize>(text: &str) -> Option<[u8; LENGTH]> {
    let mut bytes = [0; LENGTH];
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let digits = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if pairs.len() != LENGTH || !rest.is_empty() || !digits {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(pairs) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

impl fmt::Display for RegistrationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { reason } => write!(f, "it is no registration ({reason})"),
            Self::OtherFormat { found } => {
                write!(
                    f,
                    "its format is {found}; this version reads format {FORMAT}"
                )
            }
            Self::Digest { stated, found } => write!(
                f,
                "it was changed after it was made: its content has the SHA-256 {found}, and it states {stated}"
            ),
            Self::PlanDigest { stated, found } => write!(
                f,
                "its plan has the SHA-256 {found}, and it states {stated}"
            ),
            Self::Key { problem } => write!(f, "the key cannot be used: {problem}"),
            Self::Signature { public_key } => write!(
                f,
                "its signature does not fit its content and the public key {public_key}"
            ),
        }
    }
}

impl std::error::Error for RegistrationError {}

#[cfg(test)]
mod tests {
    use super::{Key, Signature, bytes, check, hexadecimal};

    /// RFC 8032, 7.1, test 2: the one byte 72.
    #[test]
    fn signatures_as_in_rfc_8032() {
        let secret: [u8; 32] =
            bytes("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb").unwrap();
        let key = Key::from_random(&secret);
        assert_eq!(
            key.public_key,
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
        );
        let mut signature = Signature {
            algorithm: "Ed25519".to_owned(),
            public_key: key.public_key,
            signature: "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00".to_owned(),
        };
        assert_eq!(check(&signature, &[0x72]), Ok(()));
        assert!(check(&signature, &[0x73]).is_err());
        signature.signature.replace_range(0..1, "8");
        assert!(check(&signature, &[0x72]).is_err());
    }

    #[test]
    fn hexadecimal_reads_back() {
        assert_eq!(
            bytes::<3>(&hexadecimal(&[0, 171, 255])),
            Some([0, 171, 255])
        );
        assert_eq!(bytes::<3>("00ab"), None);
        assert_eq!(bytes::<1>("+1"), None);
    }
}
