//! The header of an NRRD file: `field: value` and `key:=value` lines up to an empty line.
//!
//! Source: teem.sourceforge.net/nrrd/format.html. Fields that say nothing about voxels or grid are passed over.

use std::collections::BTreeMap;
use std::io::BufRead;

use super::error::{Format, ReadError};
use super::geometry::{Geometry, determinant, length};
use super::voxels::PixelType;

/// A header longer than this is none; a segmentation with a thousand segments takes about a third of it.
const MOST_BYTES: usize = 1 << 20;

/// The fields that say something about voxels or grid, without blanks.
const FIELDS: [&str; 13] = [
    "type",
    "dimension",
    "sizes",
    "space",
    "spacedirections",
    "spaceorigin",
    "spacings",
    "kinds",
    "encoding",
    "endian",
    "datafile",
    "lineskip",
    "byteskip",
];

const SEGMENT_KEYS: [&str; 4] = ["_Name", "_ID", "_LabelValue", "_Layer"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Raw,
    Gzip,
}

/// What the header says of voxels and grid.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct NrrdHeader {
    pub(super) pixel_type: PixelType,
    pub(super) big_endian: bool,
    pub(super) encoding: Encoding,
    pub(super) geometry: Geometry,
    /// Numbers stored for each voxel, next to each other: the layers of a segmentation.
    pub(super) layers: usize,
    pub(super) data_file: Option<String>,
    pub(super) line_skip: u64,
    /// None is −1: the voxels are the last bytes of the file.
    pub(super) byte_skip: Option<u64>,
    /// `key:=value` lines.
    pub(super) pairs: BTreeMap<String, String>,
}

/// Reads up to the empty line, or to the end of a detached header.
pub(super) fn read_header(reader: &mut dyn BufRead) -> Result<NrrdHeader, ReadError> {
    let mut left = MOST_BYTES;
    let first = read_line(reader, &mut left)?.unwrap_or_default();
    let version = first
        .strip_prefix("NRRD000")
        .and_then(|digit| digit.trim_end().parse::<u8>().ok());
    if !version.is_some_and(|version| (1..=5).contains(&version)) {
        return Err(field("magic", &first, "NRRD0001 to NRRD0005"));
    }
    let mut fields = BTreeMap::new();
    let mut pairs = BTreeMap::new();
    while let Some(line) = read_line(reader, &mut left)? {
        if line.is_empty() {
            break;
        }
        if line.starts_with('#') {
            continue;
        }
        let separator = line
            .find(':')
            .ok_or_else(|| field("line", &line, "`field: value`"))?;
        let (name, rest) = line.split_at(separator);
        let value = rest.strip_prefix(':').unwrap_or_default();
        // Only what is used is kept, so that a long header does not take many times its own memory.
        if let Some(value) = value.strip_prefix('=') {
            if name.starts_with("Segment") && SEGMENT_KEYS.iter().any(|key| name.ends_with(key)) {
                pairs.insert(name.to_owned(), value.to_owned());
            }
        } else {
            let name = plain(name);
            if FIELDS.contains(&name.as_str()) {
                fields.insert(name, value.trim().to_owned());
            }
        }
    }
    interpret(&fields, pairs)
}

/// Field names without blanks and in lower case: `data file` and `datafile` are the same.
fn plain(name: &str) -> String {
    name.chars()
        .filter(|c| *c != ' ')
        .collect::<String>()
        .to_lowercase()
}

/// The next line without its end; none at the end of the stream.
fn read_line(reader: &mut dyn BufRead, left: &mut usize) -> Result<Option<String>, ReadError> {
    let mut line = Vec::new();
    loop {
        let bytes = reader.fill_buf().map_err(|error| ReadError::Damaged {
            reason: error.to_string(),
        })?;
        if bytes.is_empty() {
            if line.is_empty() {
                return Ok(None);
            }
            break;
        }
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let taken = end.map_or(bytes.len(), |end| end + 1);
        if taken > *left {
            return Err(ReadError::HeaderTooLong {
                format: Format::Nrrd,
                most: MOST_BYTES,
            });
        }
        *left -= taken;
        line.extend_from_slice(&bytes[..end.unwrap_or(taken)]);
        reader.consume(taken);
        if end.is_some() {
            break;
        }
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Ok(Some(String::from_utf8_lossy(&line).into_owned()))
}

fn interpret(
    fields: &BTreeMap<String, String>,
    pairs: BTreeMap<String, String>,
) -> Result<NrrdHeader, ReadError> {
    let needed = |name: &str| {
        fields
            .get(name)
            .map(String::as_str)
            .ok_or_else(|| ReadError::FieldMissing {
                format: Format::Nrrd,
                field: name.to_owned(),
            })
    };
    let pixel_type = pixel_type(needed("type")?)?;
    let dimension: usize = number("dimension", needed("dimension")?, "3 or 4")?;
    if !(3..=4).contains(&dimension) {
        return Err(unsupported("the dimension", &dimension.to_string()));
    }
    let sizes: Vec<usize> = needed("sizes")?
        .split_whitespace()
        .take(dimension + 1)
        .map(|size| number("sizes", size, "whole numbers above 0"))
        .collect::<Result<_, _>>()?;
    if sizes.len() != dimension || sizes.contains(&0) {
        return Err(field(
            "sizes",
            needed("sizes")?,
            &format!("{dimension} numbers above 0"),
        ));
    }
    let (vectors, list) = axes(fields, &sizes)?;
    let layers = list.map_or(1, |axis| sizes[axis]);
    if list.is_some_and(|axis| axis != 0 && sizes[axis] > 1) {
        return Err(unsupported(
            "several volumes behind each other:",
            &layers.to_string(),
        ));
    }
    let spatial: Vec<usize> = (0..dimension).filter(|axis| Some(*axis) != list).collect();
    let geometry = geometry(
        fields,
        [sizes[spatial[0]], sizes[spatial[1]], sizes[spatial[2]]],
        vectors,
    )?;
    let encoding = match needed("encoding")?.to_lowercase().as_str() {
        "raw" => Encoding::Raw,
        "gzip" | "gz" => Encoding::Gzip,
        other => return Err(unsupported("the encoding", other)),
    };
    let big_endian = match fields
        .get("endian")
        .map(|endian| endian.to_lowercase())
        .as_deref()
    {
        Some("big") => true,
        Some("little") => false,
        None if pixel_type.bytes() == 1 => false,
        None => needed("endian").map(|_| false)?,
        Some(other) => return Err(field("endian", other, "`little` or `big`")),
    };
    let data_file = fields
        .get("datafile")
        .map(|name| data_file(name))
        .transpose()?;
    Ok(NrrdHeader {
        pixel_type,
        big_endian,
        encoding,
        geometry,
        layers,
        data_file,
        line_skip: skipped(fields, "lineskip")?.unwrap_or(0),
        byte_skip: match fields.get("byteskip").map(String::as_str) {
            Some("-1") if encoding == Encoding::Raw => None,
            _ => Some(skipped(fields, "byteskip")?.unwrap_or(0)),
        },
        pairs,
    })
}

fn skipped(fields: &BTreeMap<String, String>, name: &str) -> Result<Option<u64>, ReadError> {
    fields
        .get(name)
        .map(|value| number(name, value, "0 or more"))
        .transpose()
}

/// One file beside the header. Other folders are refused: what a volume is made of must be plain to see.
fn data_file(name: &str) -> Result<String, ReadError> {
    if name.starts_with("LIST") || name.contains('%') {
        return Err(unsupported("its voxels in several files:", name));
    }
    if name.is_empty() || name.contains(['/', '\\']) || name == ".." {
        return Err(field(
            "data file",
            name,
            "the name of a file in the same folder",
        ));
    }
    Ok(name.to_owned())
}

type Axes = (Option<[[f64; 3]; 3]>, Option<usize>);

/// The vectors of the spatial axes, if the header has them, and which axis of four is none.
fn axes(fields: &BTreeMap<String, String>, sizes: &[usize]) -> Result<Axes, ReadError> {
    let list_by_kind = || {
        let kinds: Vec<String> = fields
            .get("kinds")
            .map(|kinds| {
                kinds
                    .split_whitespace()
                    .take(5)
                    .map(str::to_lowercase)
                    .collect()
            })
            .unwrap_or_default();
        let spatial = |kind: &String| kind == "domain" || kind == "space";
        (kinds.len() == sizes.len())
            .then(|| kinds.iter().position(|kind| !spatial(kind)))
            .flatten()
    };
    let Some(text) = fields.get("spacedirections") else {
        let list = (sizes.len() == 4)
            .then(|| list_by_kind().or_else(|| sizes.iter().position(|size| *size == 1)));
        return match list {
            None => Ok((None, None)),
            Some(Some(axis)) => Ok((None, Some(axis))),
            Some(None) => Err(unsupported(
                "four dimensions, of sizes",
                &format!("{sizes:?}"),
            )),
        };
    };
    let wrong = || {
        field(
            "space directions",
            text,
            "one vector (x,y,z) an axis, or `none`",
        )
    };
    let mut vectors = Vec::new();
    let mut list = None;
    let mut axis = 0;
    let mut rest = text.trim();
    while !rest.is_empty() {
        if axis == sizes.len() {
            return Err(wrong());
        }
        if let Some(after) = rest.strip_prefix("none") {
            if list.replace(axis).is_some() {
                return Err(wrong());
            }
            rest = after.trim_start();
        } else {
            let end = rest.find(')').ok_or_else(wrong)?;
            vectors.push(vector(&rest[..=end]).ok_or_else(wrong)?);
            rest = rest[end + 1..].trim_start();
        }
        axis += 1;
    }
    let vectors: [[f64; 3]; 3] = vectors.try_into().map_err(|_| wrong())?;
    if axis != sizes.len() {
        return Err(wrong());
    }
    Ok((Some(vectors), list))
}

/// `(x,y,z)`.
fn vector(text: &str) -> Option<[f64; 3]> {
    let inner = text.trim().strip_prefix('(')?.strip_suffix(')')?;
    let numbers: Vec<f64> = inner
        .split(',')
        .take(4)
        .map(|number| {
            number
                .trim()
                .parse()
                .ok()
                .filter(|number: &f64| number.is_finite())
        })
        .collect::<Option<_>>()?;
    numbers.try_into().ok()
}

fn geometry(
    fields: &BTreeMap<String, String>,
    size: [usize; 3],
    vectors: Option<[[f64; 3]; 3]>,
) -> Result<Geometry, ReadError> {
    let signs = match fields
        .get("space")
        .map(|space| space.to_lowercase())
        .as_deref()
    {
        Some("right-anterior-superior" | "ras") => [-1.0, -1.0, 1.0],
        Some("left-anterior-superior" | "las") => [1.0, -1.0, 1.0],
        // Other spaces have no defined relation to the patient; like ITK, their axes are taken as they are.
        _ => [1.0; 3],
    };
    let Some(vectors) = vectors else {
        return plain_geometry(fields, size);
    };
    let mut spacing = [1.0; 3];
    let mut direction = [0.0; 9];
    for axis in 0..3 {
        let norm = length(vectors[axis]);
        if !(norm > 0.0 && norm.is_finite()) {
            return Err(field(
                "space directions",
                format!("{:?}", vectors[axis]),
                "vectors of a length above 0",
            ));
        }
        spacing[axis] = norm;
        for row in 0..3 {
            direction[3 * row + axis] = signs[row] * vectors[axis][row] * (1.0 / norm);
        }
    }
    if !(determinant(&direction).abs() > 1e-6) {
        return Err(field(
            "space directions",
            format!("{vectors:?}"),
            "three vectors that span space",
        ));
    }
    let mut origin = [0.0; 3];
    if let Some(text) = fields.get("spaceorigin") {
        let found = vector(text).ok_or_else(|| field("space origin", text, "(x,y,z)"))?;
        origin = std::array::from_fn(|axis| signs[axis] * found[axis]);
    }
    Ok(Geometry {
        size,
        spacing,
        origin,
        direction,
    })
}

/// Without space directions: `spacings`, axes along x, y and z, the first voxel at 0.
fn plain_geometry(
    fields: &BTreeMap<String, String>,
    size: [usize; 3],
) -> Result<Geometry, ReadError> {
    let mut spacing = [1.0; 3];
    if let Some(text) = fields.get("spacings") {
        let wrong = || field("spacings", text, "numbers above 0");
        let found: Vec<f64> = text
            .split_whitespace()
            .take(5)
            .map(|number| number.parse::<f64>().map_err(|_| wrong()))
            .filter(|number| !matches!(number, Ok(value) if value.is_nan()))
            .collect::<Result<_, _>>()?;
        spacing = found.try_into().map_err(|_| wrong())?;
        if !spacing
            .iter()
            .all(|spacing| *spacing > 0.0 && spacing.is_finite())
        {
            return Err(wrong());
        }
    }
    Ok(Geometry {
        size,
        spacing,
        origin: [0.0; 3],
        direction: [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0],
    })
}

fn pixel_type(name: &str) -> Result<PixelType, ReadError> {
    Ok(match name.to_lowercase().as_str() {
        "signed char" | "int8" | "int8_t" => PixelType::Int8,
        "uchar" | "unsigned char" | "uint8" | "uint8_t" => PixelType::Uint8,
        "short" | "short int" | "signed short" | "signed short int" | "int16" | "int16_t" => {
            PixelType::Int16
        }
        "ushort" | "unsigned short" | "unsigned short int" | "uint16" | "uint16_t" => {
            PixelType::Uint16
        }
        "int" | "signed int" | "int32" | "int32_t" => PixelType::Int32,
        "uint" | "unsigned int" | "uint32" | "uint32_t" => PixelType::Uint32,
        "longlong"
        | "long long"
        | "long long int"
        | "signed long long"
        | "signed long long int"
        | "int64"
        | "int64_t" => PixelType::Int64,
        "ulonglong" | "unsigned long long" | "unsigned long long int" | "uint64" | "uint64_t" => {
            PixelType::Uint64
        }
        "float" => PixelType::Float32,
        "double" => PixelType::Float64,
        "block" => return Err(unsupported("voxels of type", "block")),
        _ => return Err(field("type", name, "a number type of NRRD")),
    })
}

fn number<T: std::str::FromStr>(name: &str, text: &str, expected: &str) -> Result<T, ReadError> {
    text.trim().parse().map_err(|_| field(name, text, expected))
}

pub(super) fn field(name: &str, value: impl ToString, expected: &str) -> ReadError {
    let mut value = value.to_string();
    if value.chars().count() > 200 {
        value = value.chars().take(200).chain("…".chars()).collect();
    }
    ReadError::Field {
        format: Format::Nrrd,
        field: name.to_owned(),
        value,
        expected: expected.to_owned(),
    }
}

pub(super) fn unsupported(what: &str, found: &str) -> ReadError {
    ReadError::Unsupported {
        format: Format::Nrrd,
        what: what.to_owned(),
        found: found.chars().take(200).collect(),
    }
}
