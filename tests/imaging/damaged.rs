//! Damaged, truncated and lying files: an error each, no panic, and no more memory than the file bears out.

use prereg::imaging::{Mask, ReadError, labels_from_bytes, volume_from_bytes};
use proptest::prelude::*;

use super::headers::{Nifti, gzip, nrrd};

const NRRD_HEADER: &str = "type: short\ndimension: 3\nspace: left-posterior-superior\nsizes: 3 2 1\n\
    space directions: (1,0,0) (0,1,0) (0,0,1)\nkinds: domain domain domain\nendian: little\nencoding: raw\n\
    space origin: (0,0,0)\n";

const SEGMENTATION: &str = "type: uchar\ndimension: 4\nspace: left-posterior-superior\nsizes: 2 3 2 1\n\
    space directions: none (1,0,0) (0,1,0) (0,0,1)\nkinds: list domain domain domain\nencoding: raw\n\
    space origin: (0,0,0)\nSegment0_ID:=a\nSegment0_LabelValue:=1\nSegment0_Layer:=1\nSegment0_Name:=tumour\n";

#[track_caller]
fn message(file: &[u8]) -> String {
    volume_from_bytes(file).unwrap_err().to_string()
}

#[test]
fn lying_headers_are_told() {
    let data = [0_u8; 12];
    let good = Nifti::default().file(&data);
    assert!(volume_from_bytes(&good).is_ok());
    let with = |place: usize, bytes: &[u8]| {
        let mut file = good.clone();
        file[place..place + bytes.len()].copy_from_slice(bytes);
        message(&file)
    };
    assert_eq!(
        with(42, &30_000_i16.to_le_bytes()),
        "the header promises 120000 bytes of voxels, the file ends after 12; copy or export it again"
    );
    assert_eq!(
        with(42, &(-3_i16).to_le_bytes()),
        "the NIfTI header says `dim[1]` is -3, but it must be above 0"
    );
    assert!(with(42, &2_i16.to_le_bytes()).contains("goes on after them"));
    assert!(with(40, &9_i16.to_le_bytes()).contains("`dim[0]` is 9"));
    assert!(with(40, &4_i16.to_le_bytes()).contains("`dim[4]` is 0"));
    assert!(with(70, &128_i16.to_le_bytes()).contains("datatype 128"));
    assert!(with(70, &3_i16.to_le_bytes()).contains("`datatype` is 3"));
    assert!(with(72, &8_i16.to_le_bytes()).contains("`bitpix` is 8, but it must be 16"));
    assert!(with(80, &(-1.0_f32).to_le_bytes()).contains("`pixdim[1]` is -1"));
    assert!(with(80, &f32::NAN.to_le_bytes()).contains("`pixdim[1]` is NaN"));
    for offset in [0.0_f32, 1e9, f32::NAN, -352.0, 353.5] {
        assert!(
            with(108, &offset.to_le_bytes()).contains("vox_offset"),
            "{offset}"
        );
    }
    assert!(with(112, &f32::INFINITY.to_le_bytes()).contains("`scl_slope` is inf"));
    assert!(with(344, b"ni1\0").contains(".hdr and .img"));
    assert!(with(344, b"abcd").contains("`magic`"));
    assert!(with(0, &7_i32.to_le_bytes()).starts_with("neither NIfTI nor NRRD"));
    assert!(message(&good[..200]).contains("ends within its NIfTI header, after 200 bytes"));
    assert!(message(&good[..360]).contains("the file ends after 8"));
    assert!(message(b"").contains("it is empty"));
    assert!(message(b"\x89PNG\r\n").starts_with("neither NIfTI nor NRRD"));
}

#[test]
fn damaged_compression_is_told() {
    let good = gzip(&Nifti::default().file(&[1; 12]));
    let mut checksum = good.clone();
    let place = checksum.len() - 8;
    checksum[place] ^= 1;
    assert!(message(&checksum).starts_with("the compressed data are damaged"));
    let mut length = good.clone();
    let place = length.len() - 1;
    length[place] ^= 1;
    assert!(message(&length).starts_with("the compressed data are damaged"));
    for end in 2..good.len() {
        assert!(volume_from_bytes(&good[..end]).is_err(), "cut after {end}");
    }
    let nrrd_file = nrrd(&NRRD_HEADER.replace("raw", "gzip"), &gzip(&[1; 12]));
    assert!(volume_from_bytes(&nrrd_file).is_ok());
    let mut damaged = nrrd_file.clone();
    let place = damaged.len() - 6;
    damaged[place] ^= 0x40;
    assert!(message(&damaged).starts_with("the compressed data are damaged"));
}

#[test]
fn lying_nrrd_headers_are_told() {
    let with = |from: &str, to: &str| message(&nrrd(&NRRD_HEADER.replace(from, to), &[0; 12]));
    assert!(volume_from_bytes(&nrrd(NRRD_HEADER, &[0; 12])).is_ok());
    assert!(with("sizes: 3 2 1", "sizes: 3 2 0").contains("3 numbers above 0"));
    assert!(with("sizes: 3 2 1", "sizes: 3 2").contains("3 numbers above 0"));
    assert!(with("sizes: 3 2 1", "sizes: 3 2 900").contains("promises 10800 bytes"));
    assert!(with("sizes: 3 2 1", "sizes: 1 2 1").contains("goes on after them"));
    assert!(with("sizes: 3 2 1", "sizes: 9999999999 9999999999 99999").contains("fit into memory"));
    assert!(with("type: short", "type: block").contains("does not read"));
    assert!(with("type: short", "type: tiny").contains("a number type of NRRD"));
    assert!(with("encoding: raw", "encoding: bzip2").contains("bzip2"));
    assert!(with("endian: little\n", "").contains("no field `endian`"));
    assert!(with("(0,1,0)", "(0,nan,0)").contains("one vector"));
    assert!(with("(0,1,0)", "(2,0,0)").contains("span space"));
    assert!(with("(0,1,0)", "(0,0,0)").contains("length above 0"));
    assert!(with("dimension: 3", "dimension: 2").contains("the dimension 2"));
    assert!(with("type: short\n", "no colon here\n").contains("`field: value`"));
    assert!(matches!(
        volume_from_bytes(&[b"NRRD0004\n".as_slice(), &vec![b'#'; 3 << 20]].concat()),
        Err(ReadError::HeaderTooLong { .. })
    ));
    let file = nrrd(&SEGMENTATION.replace("Layer:=1", "Layer:=5"), &[0; 12]);
    let told = labels_from_bytes(&file, Some("tumour"))
        .unwrap_err()
        .to_string();
    assert!(
        told.contains("`Segment0_Layer` is 5, but it must be below 2"),
        "{told}"
    );
}

/// What must hold of any bytes: no panic, and a volume that comes out is whole.
fn survives(file: &[u8]) {
    for segment in [None, Some("tumour")] {
        if let Ok(labels) = labels_from_bytes(file, segment) {
            let volume = labels.volume;
            assert_eq!(volume.voxels.len(), volume.geometry.voxels());
            assert!(volume.geometry.spacing.iter().all(|spacing| *spacing > 0.0));
            let _ = Mask::from_labels(&volume, labels.label);
        }
    }
    let _ = volume_from_bytes(file);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mutated_nifti_never_panics(
        changes in prop::collection::vec((0_usize..400, any::<u8>()), 1..12),
        cut in prop::option::of(0_usize..400),
        version_2: bool,
        zipped: bool,
    ) {
        let nifti = Nifti::default();
        let mut file = if version_2 { nifti.file_of_version_2(&[1; 12]) } else { nifti.file(&[1; 12]) };
        for (place, byte) in changes {
            // Header fields more often than voxels.
            let place = place % file.len();
            file[place] = byte;
        }
        if let Some(cut) = cut {
            file.truncate(cut);
        }
        survives(&if zipped { gzip(&file) } else { file });
    }

    #[test]
    fn mutated_gzip_never_panics(changes in prop::collection::vec((any::<usize>(), any::<u8>()), 1..6)) {
        let mut file = gzip(&Nifti::default().file(&[1; 12]));
        for (place, byte) in changes {
            let place = place % file.len();
            file[place] = byte;
        }
        survives(&file);
    }

    #[test]
    fn mutated_nrrd_never_panics(
        changes in prop::collection::vec((any::<usize>(), prop::sample::select(b"0123456789-(),: \n:=abcdefnone%/".to_vec())), 0..10),
        removed in prop::collection::vec(any::<usize>(), 0..4),
        segmentation: bool,
    ) {
        let header = if segmentation { SEGMENTATION } else { NRRD_HEADER };
        let mut file = nrrd(header, &[1; 12]);
        for (place, byte) in changes {
            let place = 5 + place % (file.len() - 5);
            file[place] = byte;
        }
        for place in removed {
            let place = 5 + place % (file.len() - 5);
            file.remove(place);
        }
        survives(&file);
    }

    #[test]
    fn any_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..600), as_nrrd: bool) {
        let mut file = if as_nrrd { b"NRRD0004\n".to_vec() } else { Vec::new() };
        file.extend(bytes);
        survives(&file);
    }
}
