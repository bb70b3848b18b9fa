//! Objects: bytes named by their SHA-256. Reading one checks it.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use super::error::during;
use super::{Damage, DamageKind, Digest, Found, Store, StoreError, Stored};

impl Store {
    /// Where the object with this digest is, relative to the store.
    pub fn object_path(digest: Digest) -> PathBuf {
        let name = digest.to_string();
        PathBuf::from("objects").join(&name[..2]).join(name)
    }

    /// Stores bytes. An object that is there already is kept if its bytes are these, else set aside: then the damage is
    /// told.
    pub fn put(&self, bytes: &[u8]) -> Result<(Stored, Option<Damage>), StoreError> {
        let stored = Stored {
            sha256: Digest::of(bytes),
            size: bytes.len() as u64,
        };
        let damage = match self.get(stored.sha256)? {
            Found::Present(_) => return Ok((stored, None)),
            Found::Missing => None,
            Found::Damaged(damage) => self.set_aside(&damage)?.map(|_| damage),
        };
        self.write(
            &self.root.join(Self::object_path(stored.sha256)),
            bytes,
            true,
        )?;
        Ok((stored, damage))
    }

    /// Is the object there, with the length that it had? Its bytes are not read.
    pub fn holds(&self, object: &Stored) -> Result<Found<()>, StoreError> {
        let file = Self::object_path(object.sha256);
        let path = self.root.join(&file);
        match fs::metadata(&path) {
            Ok(metadata) if metadata.len() == object.size => Ok(Found::Present(())),
            Ok(metadata) => Ok(Found::Damaged(Damage {
                file,
                kind: DamageKind::Length {
                    expected: object.size,
                    found: metadata.len(),
                },
            })),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Found::Missing),
            Err(source) => Err(during("read", &path)(source)),
        }
    }

    /// The bytes with this digest, checked.
    pub fn get(&self, digest: Digest) -> Result<Found<Vec<u8>>, StoreError> {
        let file = Self::object_path(digest);
        let path = self.root.join(&file);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Found::Missing),
            Err(source) => return Err(during("read", &path)(source)),
        };
        let found = Digest::of(&bytes);
        if found == digest {
            Ok(Found::Present(bytes))
        } else {
            let kind = DamageKind::Content { found };
            Ok(Found::Damaged(Damage { file, kind }))
        }
    }
}
