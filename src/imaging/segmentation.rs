//! Segments of a 3D Slicer segmentation (.seg.nrrd): their names, label values and layers, from the header's
//! `SegmentN_Name`, `SegmentN_ID`, `SegmentN_LabelValue` and `SegmentN_Layer`.
//!
//! Source: Slicer's "Segmentations" documentation, file format. Files older than layers have one binary volume a
//! segment: then the layer is the segment's number and the label 1.

use std::collections::BTreeMap;

use super::error::ReadError;
use super::nrrd_header::field;

/// One segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) name: String,
    pub(super) id: String,
    pub(super) label: u32,
    pub(super) layer: usize,
}

/// The segments in the order of their numbers.
pub(super) fn segments(
    pairs: &BTreeMap<String, String>,
    layers: usize,
) -> Result<Vec<Segment>, ReadError> {
    let mut segments = Vec::new();
    // Segments are numbered without gaps; no file has more than it has lines.
    for number in 0..pairs.len() {
        let entry = |what: &str| {
            pairs
                .get(&format!("Segment{number}_{what}"))
                .map(|text| text.trim())
        };
        let (name, id) = (entry("Name"), entry("ID"));
        let Some(shown) = name.or(id) else {
            break;
        };
        let key = |what: &str| format!("Segment{number}_{what}");
        let label = match entry("LabelValue") {
            None => 1,
            Some(text) => text
                .parse()
                .map_err(|_| field(&key("LabelValue"), text, "a whole number"))?,
        };
        let layer = match entry("Layer") {
            None if layers > 1 => number,
            None => 0,
            Some(text) => text
                .parse()
                .map_err(|_| field(&key("Layer"), text, "a whole number"))?,
        };
        if layer >= layers {
            return Err(field(
                &key("Layer"),
                layer,
                &format!("below {layers}, the number of layers"),
            ));
        }
        segments.push(Segment {
            name: shown.to_owned(),
            id: id.unwrap_or(shown).to_owned(),
            label,
            layer,
        });
    }
    Ok(segments)
}

/// The segment of this name or, if none has it, of this id.
pub(super) fn chosen<'a>(segments: &'a [Segment], name: &str) -> Result<&'a Segment, ReadError> {
    segments
        .iter()
        .find(|segment| segment.name == name)
        .or_else(|| segments.iter().find(|segment| segment.id == name))
        .ok_or_else(|| ReadError::NoSegment {
            name: name.to_owned(),
            segments: segments
                .iter()
                .map(|segment| segment.name.clone())
                .collect(),
        })
}
