//! Voxels in the number type of their file: a CT of 12 million voxels takes 25 MB rather than 100. Methods take the
//! part they need as double precision.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// The number type of a voxel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PixelType {
    Int8,
    Uint8,
    Int16,
    Uint16,
    Int32,
    Uint32,
    Int64,
    Uint64,
    Float32,
    Float64,
}

/// Voxels, x fastest.
#[derive(Clone, Debug, PartialEq)]
pub enum Voxels {
    Int8(Vec<i8>),
    Uint8(Vec<u8>),
    Int16(Vec<i16>),
    Uint16(Vec<u16>),
    Int32(Vec<i32>),
    Uint32(Vec<u32>),
    Int64(Vec<i64>),
    Uint64(Vec<u64>),
    Float32(Vec<f32>),
    Float64(Vec<f64>),
}

/// A number that a voxel can be; 64-bit integers above 2^53 are rounded.
pub(super) trait Number: Copy + PartialEq {
    fn to_f64(self) -> f64;
    /// The same number in this type, if it has it.
    fn of_label(label: u32) -> Option<Self>;
}

macro_rules! numbers {
    ($($number:ty),*) => {
        $(impl Number for $number {
            fn to_f64(self) -> f64 {
                self as f64
            }

            fn of_label(label: u32) -> Option<Self> {
                let value = label as $number;
                (value as f64 == f64::from(label)).then_some(value)
            }
        })*
    };
}
numbers!(i8, u8, i16, u16, i32, u32, i64, u64, f32, f64);

/// The same expression for every number type.
macro_rules! for_each_type {
    ($voxels:expr, $values:ident => $body:expr) => {
        match $voxels {
            $crate::imaging::Voxels::Int8($values) => $body,
            $crate::imaging::Voxels::Uint8($values) => $body,
            $crate::imaging::Voxels::Int16($values) => $body,
            $crate::imaging::Voxels::Uint16($values) => $body,
            $crate::imaging::Voxels::Int32($values) => $body,
            $crate::imaging::Voxels::Uint32($values) => $body,
            $crate::imaging::Voxels::Int64($values) => $body,
            $crate::imaging::Voxels::Uint64($values) => $body,
            $crate::imaging::Voxels::Float32($values) => $body,
            $crate::imaging::Voxels::Float64($values) => $body,
        }
    };
}
pub(super) use for_each_type;

impl PixelType {
    pub fn bytes(self) -> usize {
        match self {
            PixelType::Int8 | PixelType::Uint8 => 1,
            PixelType::Int16 | PixelType::Uint16 => 2,
            PixelType::Int32 | PixelType::Uint32 | PixelType::Float32 => 4,
            PixelType::Int64 | PixelType::Uint64 | PixelType::Float64 => 8,
        }
    }

    /// A value brought into this type as ITK's filters do: integers are cut towards 0 and held within their range,
    /// single precision is rounded.
    pub(super) fn stored(self, value: f64) -> f64 {
        let whole = |low: f64, high: f64| value.trunc().clamp(low, high);
        match self {
            PixelType::Int8 => whole(-128.0, 127.0),
            PixelType::Uint8 => whole(0.0, 255.0),
            PixelType::Int16 => whole(-32_768.0, 32_767.0),
            PixelType::Uint16 => whole(0.0, 65_535.0),
            PixelType::Int32 => whole(-2_147_483_648.0, 2_147_483_647.0),
            PixelType::Uint32 => whole(0.0, 4_294_967_295.0),
            PixelType::Int64 => whole(i64::MIN as f64, i64::MAX as f64),
            PixelType::Uint64 => whole(0.0, u64::MAX as f64),
            PixelType::Float32 => f64::from(value as f32),
            PixelType::Float64 => value,
        }
    }
}

impl Voxels {
    pub fn pixel_type(&self) -> PixelType {
        match self {
            Voxels::Int8(_) => PixelType::Int8,
            Voxels::Uint8(_) => PixelType::Uint8,
            Voxels::Int16(_) => PixelType::Int16,
            Voxels::Uint16(_) => PixelType::Uint16,
            Voxels::Int32(_) => PixelType::Int32,
            Voxels::Uint32(_) => PixelType::Uint32,
            Voxels::Int64(_) => PixelType::Int64,
            Voxels::Uint64(_) => PixelType::Uint64,
            Voxels::Float32(_) => PixelType::Float32,
            Voxels::Float64(_) => PixelType::Float64,
        }
    }

    pub fn len(&self) -> usize {
        for_each_type!(self, values => values.len())
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One voxel; none beyond the end.
    pub fn get(&self, index: usize) -> Option<f64> {
        for_each_type!(self, values => values.get(index).map(|value| value.to_f64()))
    }

    /// All voxels in double precision.
    pub fn to_f64(&self) -> Vec<f64> {
        for_each_type!(self, values => values.iter().map(|value| value.to_f64()).collect())
    }

    /// Every `step`-th voxel from the first that is named.
    pub(super) fn every(&self, first: usize, step: usize) -> Voxels {
        fn some<T: Copy>(values: &[T], first: usize, step: usize) -> Vec<T> {
            values.iter().skip(first).step_by(step).copied().collect()
        }
        match self {
            Voxels::Int8(values) => Voxels::Int8(some(values, first, step)),
            Voxels::Uint8(values) => Voxels::Uint8(some(values, first, step)),
            Voxels::Int16(values) => Voxels::Int16(some(values, first, step)),
            Voxels::Uint16(values) => Voxels::Uint16(some(values, first, step)),
            Voxels::Int32(values) => Voxels::Int32(some(values, first, step)),
            Voxels::Uint32(values) => Voxels::Uint32(some(values, first, step)),
            Voxels::Int64(values) => Voxels::Int64(some(values, first, step)),
            Voxels::Uint64(values) => Voxels::Uint64(some(values, first, step)),
            Voxels::Float32(values) => Voxels::Float32(some(values, first, step)),
            Voxels::Float64(values) => Voxels::Float64(some(values, first, step)),
        }
    }

    /// The voxels at every combination of the given places along x, y and z of a volume of this size, x fastest.
    pub(super) fn gather(&self, size: [usize; 3], places: [&[usize]; 3]) -> Vec<f64> {
        let [xs, ys, zs] = places;
        let plane = xs.len() * ys.len();
        let mut gathered = vec![0.0; plane * zs.len()];
        if gathered.is_empty() {
            return gathered;
        }
        let adjoining = xs.windows(2).all(|pair| pair[1] == pair[0] + 1);
        for_each_type!(self, values => {
            gathered.par_chunks_mut(plane).zip(zs).for_each(|(chunk, z)| {
                for (row, y) in chunk.chunks_exact_mut(xs.len()).zip(ys) {
                    let start = size[0] * (y + size[1] * z);
                    if adjoining {
                        let from = &values[start + xs[0]..][..xs.len()];
                        for (target, value) in row.iter_mut().zip(from) {
                            *target = value.to_f64();
                        }
                    } else {
                        for (target, x) in row.iter_mut().zip(xs) {
                            *target = values[start + x].to_f64();
                        }
                    }
                }
            });
        });
        gathered
    }
}
