//! Canonical JSON (RFC 8785) of plain data, and what JSON cannot hold: numbers that are not finite, integers beyond 2⁵³.
//!
//! serde_json writes NaN as null, and the canonical form rounds large integers to the nearest double. Both would change
//! a result without a word, so every value is looked through before it is written.

use std::fmt::{self, Display};

use serde::Serialize;
use serde::ser::{
    self, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};
use serde_json::Value;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JsonError {
    /// A number that JSON does not hold, and where: `coefficients[2].lower`.
    Number { path: String, number: String },
    /// JSON of more than 128 levels is not read back, and a receipt adds some.
    TooDeep { path: String },
    /// Most often a map whose keys are not texts.
    Other { reason: String },
}

/// So many levels may a value have.
const DEEPEST: usize = 100;

/// Up to here JSON's numbers hold every integer.
const EXACT: u64 = 1 << 53;

pub(super) fn to_vec(value: &impl Serialize) -> Result<Vec<u8>, JsonError> {
    value.serialize(&mut Walk { path: Vec::new() })?;
    serde_json_canonicalizer::to_vec(value).map_err(|error| JsonError::Other {
        reason: error.to_string(),
    })
}

/// As read back from canonical JSON: one form for 1 and 1.0, for 0 and −0.
pub(super) fn value(value: &impl Serialize) -> Result<Value, JsonError> {
    serde_json::from_slice(&to_vec(value)?).map_err(|error| JsonError::Other {
        reason: error.to_string(),
    })
}

/// Where in a value.
#[derive(Clone)]
pub(super) enum Place {
    Field(String),
    Index(usize),
}

/// `tune.folds`, `candidates[2].name`.
pub(super) fn path(places: &[Place]) -> String {
    let mut text = String::new();
    for place in places {
        match place {
            Place::Field(name) => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(name);
            }
            Place::Index(index) => text.push_str(&format!("[{index}]")),
        }
    }
    text
}

/// A serializer that writes nothing and refuses what JSON cannot hold.
struct Walk {
    path: Vec<Place>,
}

impl Walk {
    fn number(&self, number: &impl Display, held: bool) -> Result<(), JsonError> {
        match held {
            true => Ok(()),
            false => Err(JsonError::Number {
                path: path(&self.path),
                number: number.to_string(),
            }),
        }
    }

    fn at<T: Serialize + ?Sized>(&mut self, place: Place, value: &T) -> Result<(), JsonError> {
        self.path.push(place);
        if self.path.len() > DEEPEST {
            return Err(JsonError::TooDeep {
                path: path(&self.path),
            });
        }
        value.serialize(&mut *self)?;
        self.path.pop();
        Ok(())
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), JsonError> {
        self.at(Place::Field(name.to_owned()), value)
    }
}

/// An array on the way.
struct Items<'a> {
    walk: &'a mut Walk,
    index: usize,
    /// The places to leave at its end: a variant has its name around it.
    outer: usize,
}

impl Items<'_> {
    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), JsonError> {
        self.walk.at(Place::Index(self.index), value)?;
        self.index += 1;
        Ok(())
    }

    fn leave(self) -> Result<(), JsonError> {
        self.walk.path.truncate(self.walk.path.len() - self.outer);
        Ok(())
    }
}

/// An object on the way.
struct Fields<'a> {
    walk: &'a mut Walk,
    key: String,
    outer: usize,
}

impl Fields<'_> {
    fn leave(self) -> Result<(), JsonError> {
        self.walk.path.truncate(self.walk.path.len() - self.outer);
        Ok(())
    }
}

macro_rules! integers {
    ($($method:ident: $type:ty),*) => {
        $(fn $method(self, value: $type) -> Result<(), JsonError> {
            let held = u64::try_from(value.unsigned_abs()).is_ok_and(|magnitude| magnitude <= EXACT);
            self.number(&value, held)
        })*
    };
}

macro_rules! naturals {
    ($($method:ident: $type:ty),*) => {
        $(fn $method(self, value: $type) -> Result<(), JsonError> {
            let held = u64::try_from(value).is_ok_and(|value| value <= EXACT);
            self.number(&value, held)
        })*
    };
}

impl<'a> Serializer for &'a mut Walk {
    type Ok = ();
    type Error = JsonError;
    type SerializeSeq = Items<'a>;
    type SerializeTuple = Items<'a>;
    type SerializeTupleStruct = Items<'a>;
    type SerializeTupleVariant = Items<'a>;
    type SerializeMap = Fields<'a>;
    type SerializeStruct = Fields<'a>;
    type SerializeStructVariant = Fields<'a>;

    integers!(serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64, serialize_i128: i128);
    naturals!(serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, serialize_u128: u128);

    fn serialize_f32(self, value: f32) -> Result<(), JsonError> {
        self.number(&value, value.is_finite())
    }

    fn serialize_f64(self, value: f64) -> Result<(), JsonError> {
        self.number(&value, value.is_finite())
    }

    fn serialize_bool(self, _: bool) -> Result<(), JsonError> {
        Ok(())
    }

    fn serialize_char(self, _: char) -> Result<(), JsonError> {
        Ok(())
    }

    fn serialize_str(self, _: &str) -> Result<(), JsonError> {
        Ok(())
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), JsonError> {
        Ok(())
    }

    fn serialize_none(self) -> Result<(), JsonError> {
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), JsonError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), JsonError> {
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), JsonError> {
        Ok(())
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
    ) -> Result<(), JsonError> {
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), JsonError> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), JsonError> {
        self.field(variant, value)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items<'a>, JsonError> {
        Ok(Items {
            walk: self,
            index: 0,
            outer: 0,
        })
    }

    fn serialize_tuple(self, _: usize) -> Result<Items<'a>, JsonError> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Items<'a>, JsonError> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Items<'a>, JsonError> {
        self.path.push(Place::Field(variant.to_owned()));
        Ok(Items {
            walk: self,
            index: 0,
            outer: 1,
        })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Fields<'a>, JsonError> {
        Ok(Fields {
            walk: self,
            key: String::new(),
            outer: 0,
        })
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Fields<'a>, JsonError> {
        self.serialize_map(None)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Fields<'a>, JsonError> {
        self.path.push(Place::Field(variant.to_owned()));
        Ok(Fields {
            walk: self,
            key: String::new(),
            outer: 1,
        })
    }
}

macro_rules! items {
    ($($trait:ident $method:ident),*) => {
        $(impl $trait for Items<'_> {
            type Ok = ();
            type Error = JsonError;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), JsonError> {
                self.item(value)
            }

            fn end(self) -> Result<(), JsonError> {
                self.leave()
            }
        })*
    };
}

items!(
    SerializeSeq serialize_element,
    SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field
);

macro_rules! fields {
    ($($trait:ident),*) => {
        $(impl $trait for Fields<'_> {
            type Ok = ();
            type Error = JsonError;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), JsonError> {
                self.walk.field(name, value)
            }

            fn end(self) -> Result<(), JsonError> {
                self.leave()
            }
        })*
    };
}

fields!(SerializeStruct, SerializeStructVariant);

impl SerializeMap for Fields<'_> {
    type Ok = ();
    type Error = JsonError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), JsonError> {
        let text = serde_json::to_string(key).map_err(ser::Error::custom)?;
        self.key = text.trim_matches('"').to_owned();
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), JsonError> {
        let key = std::mem::take(&mut self.key);
        self.walk.at(Place::Field(key), value)
    }

    fn end(self) -> Result<(), JsonError> {
        self.leave()
    }
}

impl ser::Error for JsonError {
    fn custom<T: Display>(message: T) -> Self {
        Self::Other {
            reason: message.to_string(),
        }
    }
}

impl Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number { path, number } => {
                let place = if path.is_empty() { "the value" } else { path };
                write!(f, "{place} is {number}, a number that JSON does not hold")
            }
            Self::TooDeep { path } => write!(f, "{path} is nested more than {DEEPEST} levels deep"),
            Self::Other { reason } => f.write_str(reason),
        }
    }
}

impl std::error::Error for JsonError {}
