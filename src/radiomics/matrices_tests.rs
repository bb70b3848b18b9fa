//! Raw counts of two cases against the matrices of PyRadiomics 3.0.1: exactly.

use std::path::Path;

use serde_json::Value;

use super::aggregation::Space;
use super::glcm;
use super::gldm;
use super::glrlm::Runs;
use super::glszm;
use super::levels::Levels;
use super::ngtdm;
use super::size_features::Matrix;

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

fn array(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

/// Level, size and count of a matrix `[level][size 1..]` with an index for the last axis, if there is one.
fn entries(matrix: &Value, last: Option<usize>) -> Vec<(u16, usize, f64)> {
    let mut found = Vec::new();
    for (level, row) in array(matrix).iter().enumerate() {
        for (size, count) in array(row).iter().enumerate() {
            let count = number(last.map_or(count, |last| &count[last]));
            if count > 0.0 {
                found.push((level as u16 + 1, size + 1, count));
            }
        }
    }
    found.sort_by_key(|(level, size, _)| (*size, *level));
    found
}

fn counted(matrix: &Matrix) -> Vec<(u16, usize, f64)> {
    matrix
        .entries()
        .iter()
        .map(|entry| (entry.level, entry.size, entry.count))
        .collect()
}

#[test]
fn counts_are_those_of_pyradiomics() {
    let folder = Path::new("../shared/reference/radiomics/pyradiomics/steps");
    if !folder.exists() {
        println!("skipped: {} is not there", folder.display());
        return;
    }
    for case in ["brain1", "breast1"] {
        let text =
            std::fs::read_to_string(folder.join(format!("{case}.step4_matrices.json"))).unwrap();
        let expected: Value = serde_json::from_str(&text).unwrap();
        let image =
            crate::imaging::read_volume(&folder.join(format!("{case}.step3_levels.nii.gz")))
                .unwrap();
        let values: Vec<u16> = image
            .voxels
            .to_f64()
            .iter()
            .map(|level| *level as u16)
            .collect();
        let levels = Levels::new(image.geometry.size, image.geometry.spacing, &values).unwrap();
        assert_eq!(levels.values(), values);
        assert_eq!(f64::from(levels.highest()), number(&expected["Ng"]));

        let steps = levels.directions(&[1], false);
        let angle = |step: [i32; 3], angles: &Value| {
            array(angles)
                .iter()
                .position(|angle| {
                    (0..3).all(|axis| number(&angle[axis]) == f64::from(step[2 - axis]))
                })
                .unwrap()
        };
        let width = levels.present.len() + 1;
        let mut counts = vec![0; width * width];
        let mut runs = Runs::new(&levels);
        for step in steps {
            let place = angle(step, &expected["angles_zyx"]);
            glcm::count(&levels, levels.offset(step), &mut counts);
            let all = &expected["glcm"]["values"];
            let mut pairs = 0;
            for (a, i) in levels.present.iter().enumerate() {
                for (b, j) in levels.present.iter().enumerate() {
                    let count = &all[usize::from(*i) - 1][usize::from(*j) - 1][place];
                    assert_eq!(
                        f64::from(counts[(a + 1) * width + b + 1]),
                        number(count),
                        "{case} pairs of {i} and {j} along {step:?}"
                    );
                    pairs += 1;
                }
            }
            assert_eq!(pairs, levels.present.len() * levels.present.len());

            let place = angle(step, &expected["glrlm"]["angles_zyx"]);
            let mut matrix = Matrix::new(&levels.present);
            runs.count(&levels, step, 1.0, &mut matrix);
            assert_eq!(
                counted(&matrix),
                entries(&expected["glrlm"]["values"], Some(place)),
                "{case} runs along {step:?}"
            );
        }

        let mut matrix = Matrix::new(&levels.present);
        glszm::count(&levels, Space::Volume, &mut matrix);
        let mut zones: Vec<(u16, usize, f64)> = array(&expected["glszm"]["values"])
            .iter()
            .map(|zone| {
                (
                    number(&zone[0]) as u16,
                    number(&zone[1]) as usize,
                    number(&zone[2]),
                )
            })
            .collect();
        zones.sort_by_key(|(level, size, _)| (*size, *level));
        assert_eq!(counted(&matrix), zones, "{case} zones");

        let mut matrix = Matrix::new(&levels.present);
        gldm::count(&levels, &[1], 0, Space::Volume, &mut matrix);
        assert_eq!(
            counted(&matrix),
            entries(&expected["gldm"]["values"], None),
            "{case} dependences"
        );

        let rows = ngtdm::differences(&levels, &[1], Space::Volume);
        let expected = array(&expected["ngtdm"]["values"]);
        for row in &rows {
            let expected = &expected[row.level as usize - 1];
            assert_eq!(number(&expected[2]), row.level);
            assert_eq!(number(&expected[0]), row.count);
            let sum = number(&expected[1]);
            assert!(
                (row.sum - sum).abs() <= 1e-12 * sum.max(1.0),
                "{case} {row:?} {sum}"
            );
        }
        let all = expected.iter().map(|row| number(&row[0])).sum::<f64>();
        assert_eq!(rows.iter().map(|row| row.count).sum::<f64>(), all);
    }
}
