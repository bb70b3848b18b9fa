//! What files hold: number types, byte orders, scaling, grids as ITK reads them, NRRD's ways, segmentations.

use std::io::Write;

use prereg::imaging::{
    Geometry, Mask, NiftiNumber, PixelType, Volume, Voxels, detached_data_file, labels_from_bytes,
    nifti_bytes, nifti_gz_bytes, read_labels, read_volume, volume_from_bytes,
};

use super::headers::{Nifti, gzip, nrrd};

#[test]
fn every_number_type_in_both_byte_orders() {
    type Bytes = fn(f64, bool) -> Vec<u8>;
    macro_rules! bytes {
        ($number:ty) => {
            |value, big| {
                let value = value as $number;
                if big {
                    value.to_be_bytes().to_vec()
                } else {
                    value.to_le_bytes().to_vec()
                }
            }
        };
    }
    let types: [(i16, i16, &str, PixelType, Bytes); 10] = [
        (2, 8, "uint8", PixelType::Uint8, bytes!(u8)),
        (256, 8, "signed char", PixelType::Int8, bytes!(i8)),
        (4, 16, "short", PixelType::Int16, bytes!(i16)),
        (512, 16, "unsigned short", PixelType::Uint16, bytes!(u16)),
        (8, 32, "int", PixelType::Int32, bytes!(i32)),
        (768, 32, "uint32_t", PixelType::Uint32, bytes!(u32)),
        (1024, 64, "long long int", PixelType::Int64, bytes!(i64)),
        (1280, 64, "ulonglong", PixelType::Uint64, bytes!(u64)),
        (16, 32, "float", PixelType::Float32, bytes!(f32)),
        (64, 64, "double", PixelType::Float64, bytes!(f64)),
    ];
    let expected = [0.0, 1.0, 2.0, 100.0, 7.0, 3.0];
    for (datatype, bits, name, pixel_type, bytes) in types {
        for big_endian in [false, true] {
            let data: Vec<u8> = expected
                .iter()
                .flat_map(|value| bytes(*value, big_endian))
                .collect();
            let nifti = Nifti {
                datatype,
                bits,
                big_endian,
                ..Nifti::default()
            };
            let endian = if big_endian { "big" } else { "little" };
            let header = format!(
                "type: {name}\ndimension: 3\nsizes: 3 2 1\nendian: {endian}\nencoding: raw\n"
            );
            for file in [
                nifti.file(&data),
                gzip(&nifti.file(&data)),
                nrrd(&header, &data),
            ] {
                let volume = volume_from_bytes(&file).unwrap();
                assert_eq!(volume.pixel_type(), pixel_type);
                assert_eq!(volume.voxels.to_f64(), expected);
                assert_eq!(volume.geometry.size, [3, 2, 1]);
            }
            let second = nifti.file_of_version_2(&data);
            assert_eq!(
                volume_from_bytes(&second).unwrap(),
                volume_from_bytes(&nifti.file(&data)).unwrap()
            );
        }
    }
}

/// Values, types and grids as SimpleITK 2.5.7 reads the same headers.
#[test]
fn slope_and_intercept_are_applied_as_itk_does() {
    let read = |datatype, bits, slope, intercept, data: &[u8]| {
        let nifti = Nifti {
            size: [3, 1, 1],
            datatype,
            bits,
            slope,
            intercept,
            ..Nifti::default()
        };
        volume_from_bytes(&nifti.file(data)).unwrap().voxels
    };
    let shorts = [1, 0, 2, 0, 101, 0];
    let single = Voxels::Float32(vec![3.1, 3.2, 13.1]);
    assert_eq!(read(4, 16, 0.1, 3.0, &shorts), single);
    assert_eq!(read(2, 8, 0.1, 3.0, &[1, 2, 101]), single);
    assert_eq!(
        read(4, 16, 0.0, 3.0, &shorts),
        Voxels::Int16(vec![1, 2, 101])
    );
    assert_eq!(
        read(4, 16, f32::NAN, f32::NAN, &shorts),
        Voxels::Int16(vec![1, 2, 101])
    );
    assert_eq!(
        read(4, 16, 1.0, 0.0, &shorts),
        Voxels::Int16(vec![1, 2, 101])
    );
    let doubles: Vec<u8> = [1.0_f64, 2.0, 101.0]
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    let expected = vec![
        3.100_000_001_490_116,
        3.200_000_002_980_232_2,
        13.100_000_150_501_728,
    ];
    assert_eq!(read(64, 64, 0.1, 3.0, &doubles), Voxels::Float64(expected));
}

#[test]
fn grids_are_those_of_itk() {
    let grid = |nifti: Nifti| {
        let nifti = Nifti {
            size: [3, 1, 1],
            datatype: 2,
            bits: 8,
            ..nifti
        };
        volume_from_bytes(&nifti.file(&[1, 2, 3])).map(|volume| volume.geometry)
    };
    let base = || Nifti {
        pixdim: [1.0, 2.0, 3.0, 4.0],
        offset: [10.0, 20.0, 30.0],
        rows: [
            [2.0, 0.0, 0.0, 10.0],
            [0.0, 3.0, 0.0, 20.0],
            [0.0, 0.0, 4.0, 30.0],
        ],
        ..Nifti::default()
    };
    let turned = [
        [0.0, 3.0, 0.0, 1.0],
        [2.0, 0.0, 0.0, 2.0],
        [0.0, 0.0, 4.0, 3.0],
    ];
    let third = 1.0 / 3.0;
    let plain = [-1.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, 1.0];
    let (near, far) = ([-10.0, -20.0, 30.0], [-1.0, -2.0, 3.0]);
    let cases = [
        (base(), near, plain),
        (
            Nifti {
                codes: [0, 0],
                ..base()
            },
            [0.0; 3],
            [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0],
        ),
        (
            Nifti {
                codes: [1, 0],
                quaternion: [0.5; 3],
                ..base()
            },
            near,
            [0.0, 0.0, -1.0, -1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
        ),
        (
            Nifti {
                codes: [1, 0],
                quaternion: [0.5; 3],
                pixdim: [-1.0, 2.0, 3.0, 4.0],
                ..base()
            },
            near,
            [0.0, 0.0, 1.0, -1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
        ),
        (
            Nifti {
                codes: [1, 0],
                quaternion: [0.9; 3],
                ..base()
            },
            near,
            [
                third,
                -2.0 * third,
                -2.0 * third,
                -2.0 * third,
                third,
                -2.0 * third,
                2.0 * third,
                2.0 * third,
                -third,
            ],
        ),
        (
            Nifti {
                codes: [1, 1],
                rows: turned,
                ..base()
            },
            far,
            [0.0, -1.0, 0.0, -1.0, 0.0, 0.0, 0.0, 0.0, 1.0],
        ),
        (
            Nifti {
                codes: [1, 2],
                rows: turned,
                ..base()
            },
            near,
            plain,
        ),
        (
            Nifti {
                codes: [1, 1],
                rows: [
                    [2.0, 0.5, 0.0, 1.0],
                    [0.0, 3.0, 0.0, 2.0],
                    [0.0, 0.0, 4.0, 3.0],
                ],
                ..base()
            },
            near,
            plain,
        ),
        (
            Nifti {
                codes: [0, 1],
                rows: [
                    [4.0, 0.0, 0.0, 1.0],
                    [0.0, 3.0, 0.0, 2.0],
                    [0.0, 0.0, 4.0, 3.0],
                ],
                ..base()
            },
            far,
            plain,
        ),
    ];
    for (number, (nifti, origin, direction)) in cases.into_iter().enumerate() {
        let found = grid(nifti).unwrap();
        assert_eq!(found.spacing, [2.0, 3.0, 4.0], "case {number}");
        assert_eq!(found.origin, origin, "case {number}");
        for (found, expected) in found.direction.iter().zip(direction) {
            assert!(
                (found - expected).abs() < 1e-7,
                "case {number}: {found} against {expected}"
            );
        }
    }
    let sheared = Nifti {
        codes: [0, 1],
        rows: [
            [2.0, 0.5, 0.0, 1.0],
            [0.0, 3.0, 0.0, 2.0],
            [0.0, 0.0, 4.0, 3.0],
        ],
        ..base()
    };
    let message = grid(sheared).unwrap_err().to_string();
    assert!(message.contains("axes at right angles"), "{message}");
}

#[test]
fn nrrd_spaces_and_detached_data() {
    let header = |space: &str| {
        format!(
            "# a comment\ntype: uchar\ndimension: 3\nspace: {space}\nsizes: 2 1 1\n\
             space directions: (0,2,0) (3,0,0) (0,0,4)\nkinds: domain domain domain\nencoding: raw\n\
             space origin: (10,20,30)\nkey:=value\n"
        )
    };
    let read = |space: &str| {
        volume_from_bytes(&nrrd(&header(space), &[5, 6]))
            .unwrap()
            .geometry
    };
    let left = read("left-posterior-superior");
    assert_eq!(left.origin, [10.0, 20.0, 30.0]);
    assert_eq!(left.spacing, [2.0, 3.0, 4.0]);
    assert_eq!(
        left.direction,
        [0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0]
    );
    assert_eq!(left.point([1.0, 0.0, 0.0]), [10.0, 22.0, 30.0]);
    assert_eq!(left.continuous_index([13.0, 20.0, 34.0]), [0.0, 1.0, 1.0]);
    assert_eq!(read("RAS").origin, [-10.0, -20.0, 30.0]);
    assert_eq!(
        read("right-anterior-superior").point([1.0, 0.0, 0.0]),
        [-10.0, -22.0, 30.0]
    );
    assert_eq!(read("LAS").origin, [10.0, -20.0, 30.0]);

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("image.nhdr");
    std::fs::write(folder.path().join("image.raw.gz"), gzip(b"xx\x05\x06")).unwrap();
    let detached = header("LPS").replace(
        "encoding: raw",
        "encoding: gzip\nbyte skip: 2\ndata file: image.raw.gz",
    );
    std::fs::write(&path, format!("NRRD0004\n{detached}")).unwrap();
    assert_eq!(
        detached_data_file(&path).unwrap().as_deref(),
        Some("image.raw.gz")
    );
    let volume = read_volume(&path).unwrap();
    assert_eq!(volume.voxels, Voxels::Uint8(vec![5, 6]));
    assert_eq!(volume.geometry, left);

    std::fs::write(folder.path().join("image.raw"), b"a line\nanything\x05\x06").unwrap();
    let last = header("LPS").replace(
        "encoding: raw",
        "encoding: raw\nline skip: 1\nbyte skip: -1\ndata file: image.raw",
    );
    std::fs::write(&path, format!("NRRD0004\n{last}")).unwrap();
    assert_eq!(read_volume(&path).unwrap(), volume);

    for elsewhere in ["../image.raw", "/etc/passwd", "a\\b", "LIST"] {
        let wrong = header("LPS").replace(
            "encoding: raw",
            &format!("encoding: raw\ndata file: {elsewhere}"),
        );
        std::fs::write(&path, format!("NRRD0004\n{wrong}")).unwrap();
        assert!(read_volume(&path).is_err(), "{elsewhere}");
    }
}

#[test]
fn segments_are_chosen_by_name_across_layers() {
    let header = "type: unsigned char\ndimension: 4\nspace: left-posterior-superior\nsizes: 2 3 1 1\n\
        space directions: none (1,0,0) (0,1,0) (0,0,1)\nkinds: list domain domain domain\nencoding: gzip\n\
        space origin: (0,0,0)\nSegment0_ID:=Segment_1\nSegment0_LabelValue:=1\nSegment0_Layer:=0\nSegment0_Name:=tumour\n\
        Segment1_ID:=Segment_2\nSegment1_LabelValue:=2\nSegment1_Layer:=0\nSegment1_Name:=liver\n\
        Segment2_ID:=Segment_3\nSegment2_LabelValue:=1\nSegment2_Layer:=1\nSegment2_Name:=vessel\n";
    // Two layers, voxel by voxel: (tumour, vessel), (liver, -), (-, vessel).
    let file = nrrd(header, &gzip(&[1, 1, 2, 0, 0, 1]));
    let inside = |name: &str| {
        let labels = labels_from_bytes(&file, Some(name)).unwrap();
        let mask = Mask::from_labels(&labels.volume, labels.label).unwrap();
        (0..3).map(|x| mask.contains([x, 0, 0])).collect::<Vec<_>>()
    };
    assert_eq!(inside("tumour"), [true, false, false]);
    assert_eq!(inside("liver"), [false, true, false]);
    assert_eq!(inside("vessel"), [true, false, true]);
    assert_eq!(inside("Segment_3"), inside("vessel"));
    let message = labels_from_bytes(&file, Some("kidney"))
        .unwrap_err()
        .to_string();
    assert_eq!(
        message,
        "no segment `kidney`; the file has `tumour`, `liver`, `vessel`"
    );
    let message = labels_from_bytes(&file, None).unwrap_err().to_string();
    assert!(
        message.starts_with("the file has several segments"),
        "{message}"
    );

    // One layer and one segment: nothing needs to be chosen.
    let header = "type: unsigned char\ndimension: 3\nsizes: 3 1 1\nencoding: raw\n\
        Segment0_ID:=Segment_1\nSegment0_LabelValue:=7\nSegment0_Layer:=0\nSegment0_Name:=tumour\n";
    let labels = labels_from_bytes(&nrrd(header, &[7, 0, 1]), None).unwrap();
    assert_eq!(labels.label, Some(7));
    // Before layers, each segment was a binary volume of its own.
    let header = "type: unsigned char\ndimension: 4\nsizes: 2 3 1 1\nkinds: list domain domain domain\nencoding: raw\n\
        Segment0_ID:=a\nSegment0_Name:=first\nSegment1_ID:=b\nSegment1_Name:=second\n";
    let labels = labels_from_bytes(&nrrd(header, &[1, 0, 0, 1, 0, 1]), Some("second")).unwrap();
    assert_eq!(labels.volume.voxels, Voxels::Uint8(vec![0, 1, 1]));
}

#[test]
fn a_written_volume_reads_back_and_has_stable_bytes() {
    let half = 0.5_f64.sqrt();
    let geometry = Geometry {
        size: [3, 2, 2],
        spacing: [0.5, 0.75, 2.0],
        origin: [-12.5, 8.0, 100.25],
        // Turned about z, and left-handed.
        direction: [half, half, 0.0, half, -half, 0.0, 0.0, 0.0, 1.0],
    };
    let values = vec![
        0.0,
        1.0,
        2.5,
        -3.0,
        250.0,
        40_000.0,
        -0.4,
        0.5,
        1.5,
        f64::NAN,
        7.0,
        8.0,
    ];
    let volume = Volume::new(geometry.clone(), values).unwrap();
    let bytes = nifti_gz_bytes(&volume, NiftiNumber::Float32).unwrap();
    assert_eq!(
        bytes,
        nifti_gz_bytes(&volume, NiftiNumber::Float32).unwrap()
    );
    assert_eq!(bytes[4..8], [0; 4], "no time in the gzip header");
    let back = volume_from_bytes(&bytes).unwrap();
    assert!(geometry.difference(&back.geometry).is_same_grid());
    assert_eq!(back.voxels.get(5), Some(40_000.0));
    assert!(back.voxels.get(9).unwrap().is_nan());
    let shorts = volume_from_bytes(&nifti_bytes(&volume, NiftiNumber::Int16).unwrap()).unwrap();
    assert_eq!(
        shorts.voxels,
        Voxels::Int16(vec![0, 1, 3, -3, 250, 32_767, 0, 1, 2, 0, 7, 8])
    );
    let small = volume_from_bytes(&nifti_bytes(&volume, NiftiNumber::Uint8).unwrap()).unwrap();
    assert_eq!(
        small.voxels,
        Voxels::Uint8(vec![0, 1, 3, 0, 250, 255, 0, 1, 2, 0, 7, 8])
    );
    // The qform alone holds the same grid: without the sform code it is what counts.
    let mut plain = nifti_bytes(&volume, NiftiNumber::Uint8).unwrap();
    plain[254] = 0;
    let difference = geometry.difference(&volume_from_bytes(&plain).unwrap().geometry);
    assert!(difference.is_same_grid(), "{difference}");
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let message = read_volume(std::path::Path::new("no/such/image.nii"))
        .unwrap_err()
        .to_string();
    assert!(
        message.starts_with("cannot read `no/such/image.nii`"),
        "{message}"
    );
    let folder = tempfile::tempdir().unwrap();
    assert!(read_volume(folder.path()).is_err());
    let path = folder.path().join("mask.nii.gz");
    let mut file = std::fs::File::create(&path).unwrap();
    file.write_all(&gzip(&Nifti::default().file(&[0; 12])))
        .unwrap();
    let message = read_labels(&path, Some("tumour")).unwrap_err().to_string();
    assert_eq!(message, "no segment `tumour`; the file has none");
}
