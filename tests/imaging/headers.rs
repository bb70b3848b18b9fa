//! Files made by hand, byte by byte, so that the readers are not tested by our own writer alone.

use std::io::Write;

/// A NIfTI header. The default has 3 x 2 x 1 voxels of 16 bits.
#[derive(Clone, Debug)]
pub(super) struct Nifti {
    pub(super) size: [i16; 3],
    pub(super) datatype: i16,
    pub(super) bits: i16,
    pub(super) big_endian: bool,
    pub(super) slope: f32,
    pub(super) intercept: f32,
    pub(super) pixdim: [f32; 4],
    pub(super) codes: [i16; 2],
    pub(super) quaternion: [f32; 3],
    pub(super) offset: [f32; 3],
    pub(super) rows: [[f32; 4]; 3],
}

impl Default for Nifti {
    fn default() -> Nifti {
        Nifti {
            size: [3, 2, 1],
            datatype: 4,
            bits: 16,
            big_endian: false,
            slope: 0.0,
            intercept: 0.0,
            pixdim: [1.0; 4],
            codes: [1, 1],
            quaternion: [0.0; 3],
            offset: [0.0; 3],
            rows: [
                [1.0, 0.0, 0.0, 0.0],
                [0.0, 1.0, 0.0, 0.0],
                [0.0, 0.0, 1.0, 0.0],
            ],
        }
    }
}

struct Fields {
    bytes: Vec<u8>,
    big_endian: bool,
}

impl Fields {
    fn put(&mut self, place: usize, little: &[u8]) {
        let target = &mut self.bytes[place..place + little.len()];
        target.copy_from_slice(little);
        if self.big_endian {
            target.reverse();
        }
    }
}

impl Nifti {
    pub(super) fn file(&self, data: &[u8]) -> Vec<u8> {
        let mut fields = Fields {
            bytes: vec![0; 352],
            big_endian: self.big_endian,
        };
        fields.put(0, &348_i32.to_le_bytes());
        fields.put(40, &3_i16.to_le_bytes());
        for (axis, size) in self.size.iter().enumerate() {
            fields.put(42 + 2 * axis, &size.to_le_bytes());
        }
        fields.put(70, &self.datatype.to_le_bytes());
        fields.put(72, &self.bits.to_le_bytes());
        for (number, value) in self.pixdim.iter().enumerate() {
            fields.put(76 + 4 * number, &value.to_le_bytes());
        }
        for (number, value) in [352.0, self.slope, self.intercept].iter().enumerate() {
            fields.put(108 + 4 * number, &value.to_le_bytes());
        }
        for (number, code) in self.codes.iter().enumerate() {
            fields.put(252 + 2 * number, &code.to_le_bytes());
        }
        for (number, value) in self
            .quaternion
            .iter()
            .chain(&self.offset)
            .chain(self.rows.as_flattened())
            .enumerate()
        {
            fields.put(256 + 4 * number, &value.to_le_bytes());
        }
        fields.bytes[344..348].copy_from_slice(b"n+1\0");
        fields.bytes.extend_from_slice(data);
        fields.bytes
    }

    pub(super) fn file_of_version_2(&self, data: &[u8]) -> Vec<u8> {
        let mut fields = Fields {
            bytes: vec![0; 544],
            big_endian: self.big_endian,
        };
        let double = |value: f32| f64::from(value).to_le_bytes();
        fields.put(0, &540_i32.to_le_bytes());
        fields.put(12, &self.datatype.to_le_bytes());
        fields.put(14, &self.bits.to_le_bytes());
        fields.put(16, &3_i64.to_le_bytes());
        for (axis, size) in self.size.iter().enumerate() {
            fields.put(24 + 8 * axis, &i64::from(*size).to_le_bytes());
        }
        for (number, value) in self.pixdim.iter().enumerate() {
            fields.put(104 + 8 * number, &double(*value));
        }
        fields.put(168, &544_i64.to_le_bytes());
        fields.put(176, &double(self.slope));
        fields.put(184, &double(self.intercept));
        for (number, code) in self.codes.iter().enumerate() {
            fields.put(344 + 4 * number, &i32::from(*code).to_le_bytes());
        }
        for (number, value) in self
            .quaternion
            .iter()
            .chain(&self.offset)
            .chain(self.rows.as_flattened())
            .enumerate()
        {
            fields.put(352 + 8 * number, &double(*value));
        }
        fields.bytes[4..8].copy_from_slice(b"n+2\0");
        fields.bytes.extend_from_slice(data);
        fields.bytes
    }
}

/// An attached NRRD file of these header lines.
pub(super) fn nrrd(header: &str, data: &[u8]) -> Vec<u8> {
    let mut file = format!("NRRD0005\n{header}\n").into_bytes();
    file.extend_from_slice(data);
    file
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
