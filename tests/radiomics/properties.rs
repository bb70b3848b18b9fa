//! Laws of textures on random regions: what must not change, and slow counts that must agree with fast ones.

use prereg::radiomics::classes::{
    GLCM, GLRLM, GLSZM, GlcmOptions, glcm, gldm, gldzm, glrlm, glszm, ngtdm,
};
use prereg::radiomics::{Directions, Levels, Space, Weighting};
use proptest::prelude::*;

#[derive(Clone, Debug)]
struct Box {
    size: [usize; 3],
    levels: Vec<u16>,
}

impl Box {
    fn levels(&self) -> Levels {
        Levels::new(self.size, [1.0; 3], &self.levels).unwrap()
    }

    fn at(&self, place: [i64; 3]) -> u16 {
        let mut index = 0;
        for axis in (0..3).rev() {
            if place[axis] < 0 || place[axis] >= self.size[axis] as i64 {
                return 0;
            }
            index = index * self.size[axis] + place[axis] as usize;
        }
        self.levels[index]
    }

    fn places(&self) -> impl Iterator<Item = [i64; 3]> {
        let [nx, ny, nz] = self.size.map(|n| n as i64);
        (0..nz).flat_map(move |z| (0..ny).flat_map(move |y| (0..nx).map(move |x| [x, y, z])))
    }
}

/// A box of at most 5 × 5 × 5 voxels, about a quarter of them outside, levels 1 to 4.
fn boxes() -> impl Strategy<Value = Box> {
    (1_usize..=5, 1_usize..=5, 1_usize..=5)
        .prop_flat_map(|(x, y, z)| {
            let voxel = prop_oneof![1 => Just(0_u16), 3 => 1_u16..=4];
            (Just([x, y, z]), proptest::collection::vec(voxel, x * y * z))
        })
        .prop_filter("a region has a voxel", |(_, levels)| {
            levels.iter().any(|level| *level != 0)
        })
        .prop_map(|(size, levels)| Box { size, levels })
}

fn options(space: Space, directions: Directions) -> GlcmOptions {
    GlcmOptions {
        distances: vec![1, 2],
        space,
        directions,
        symmetric: true,
    }
}

/// All texture features.
fn all(levels: &Levels, space: Space) -> Vec<f64> {
    let mut values = Vec::new();
    for directions in [Directions::Averaged, Directions::Merged(Weighting::Equal)] {
        values.extend(glcm(levels, &options(space, directions)).unwrap_or([-1.0; GLCM.len()]));
        values.extend(glrlm(levels, space, directions));
    }
    values.extend(glszm(levels, space));
    values.extend(gldm(levels, &[1, 2], 1, space));
    values.extend(ngtdm(levels, &[1], space));
    let inside: Vec<bool> = levels.values().iter().map(|level| *level != 0).collect();
    values.extend(gldzm(levels, &inside, space).unwrap());
    values
}

/// Rounding moves features whose exact value is 0 by roots and differences of it.
#[track_caller]
fn same(a: &[f64], b: &[f64]) -> Result<(), TestCaseError> {
    prop_assert_eq!(a.len(), b.len());
    for (place, (a, b)) in a.iter().zip(b).enumerate() {
        prop_assert!(
            (a - b).abs() <= 1e-10 * a.abs() + 1e-7,
            "feature {}: {} and {}",
            place,
            a,
            b
        );
    }
    Ok(())
}

const SPACES: [Space; 3] = [Space::Volume, Space::Plane, Space::EachSlice];

/// Zones by filling each from its first voxel.
fn slow_zones(b: &Box, in_plane: bool) -> Vec<usize> {
    let mut left = b.clone();
    let mut sizes = Vec::new();
    for start in b.places() {
        let level = left.at(start);
        if level == 0 {
            continue;
        }
        let (mut open, mut size) = (vec![start], 0);
        while let Some(place) = open.pop() {
            if left.at(place) != level {
                continue;
            }
            let [x, y, z] = place;
            let index = (x + left.size[0] as i64 * (y + left.size[1] as i64 * z)) as usize;
            left.levels[index] = 0;
            size += 1;
            for dz in if in_plane { 0..=0 } else { -1..=1 } {
                for dy in -1..=1 {
                    for dx in -1..=1 {
                        open.push([x + dx, y + dy, z + dz]);
                    }
                }
            }
        }
        sizes.push(size);
    }
    sizes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(20_220_818), ..ProptestConfig::default() })]

    #[test]
    fn an_empty_border_changes_nothing(b in boxes()) {
        let size = b.size.map(|n| n + 3);
        let mut levels = vec![0; size.iter().product()];
        for place in b.places() {
            let [x, y, z] = place.map(|n| n as usize);
            levels[x + 1 + size[0] * (y + 2 + size[1] * (z + 1))] = b.at(place);
        }
        let wide = Box { size, levels };
        for space in SPACES {
            same(&all(&b.levels(), space), &all(&wide.levels(), space))?;
        }
    }

    #[test]
    fn turning_a_volume_changes_nothing(b in boxes()) {
        let levels = b.levels();
        for axis in 0..3 {
            same(&all(&levels, Space::Volume), &all(&levels.sliced_along(axis), Space::Volume))?;
        }
    }

    #[test]
    fn mirroring_changes_nothing(b in boxes()) {
        let mirrored = Box { levels: b.levels.iter().rev().copied().collect(), ..b.clone() };
        for space in SPACES {
            same(&all(&b.levels(), space), &all(&mirrored.levels(), space))?;
        }
    }

    #[test]
    fn spreading_levels_keeps_what_only_tells_them_apart(b in boxes()) {
        let spread = Box { levels: b.levels.iter().map(|level| level * level * 7).collect(), ..b.clone() };
        let (before, after) = (b.levels(), spread.levels());
        let merged = options(Space::Volume, Directions::Averaged);
        for (x, y) in glcm(&before, &merged).into_iter().flatten().zip(glcm(&after, &merged).into_iter().flatten()).zip(GLCM).filter(|(_, name)| ["JointEnergy", "JointEntropy", "Imc1", "Imc2", "MCC", "MaximumProbability"].contains(name)).map(|(pair, _)| pair) {
            same(&[x], &[y])?;
        }
        let runs = |levels: &Levels| glrlm(levels, Space::Volume, Directions::Averaged);
        let kept = |names: &[&str], values: &[f64]| -> Vec<f64> {
            names.iter().zip(values).filter(|(name, _)| !name.contains("GrayLevel") || name.starts_with("GrayLevelNon")).map(|(_, value)| *value).collect()
        };
        same(&kept(&GLRLM, &runs(&before)), &kept(&GLRLM, &runs(&after)))?;
        same(&kept(&GLSZM, &glszm(&before, Space::Volume)), &kept(&GLSZM, &glszm(&after, Space::Volume)))?;
    }

    #[test]
    fn zones_are_those_of_filling(b in boxes()) {
        for space in [Space::Volume, Space::Plane] {
            let sizes = slow_zones(&b, space == Space::Plane);
            let zones = sizes.len() as f64;
            let large = sizes.iter().map(|size| (size * size) as f64).sum::<f64>() / zones;
            let found = glszm(&b.levels(), space);
            let feature = |name: &str| found[GLSZM.iter().position(|n| *n == name).unwrap()];
            same(&[feature("LargeAreaEmphasis")], &[large])?;
            same(&[feature("ZonePercentage")], &[zones / b.levels().count() as f64])?;
        }
    }

    #[test]
    fn pairs_are_those_of_asking_every_voxel(b in boxes()) {
        let (mut pairs, mut squares, mut products) = (0.0, 0.0, 0.0);
        for place in b.places() {
            for dz in -2..=2_i64 {
                for dy in -2..=2_i64 {
                    for dx in -2..=2_i64 {
                        let (i, j) = (b.at(place), b.at([place[0] + dx, place[1] + dy, place[2] + dz]));
                        if (dx, dy, dz) != (0, 0, 0) && i != 0 && j != 0 {
                            let (i, j) = (f64::from(i), f64::from(j));
                            pairs += 1.0;
                            squares += (i - j) * (i - j);
                            products += i * j;
                        }
                    }
                }
            }
        }
        let merged = options(Space::Volume, Directions::Merged(Weighting::Equal));
        match glcm(&b.levels(), &merged) {
            None => prop_assert_eq!(pairs, 0.0),
            Some(found) => {
                let feature = |name: &str| found[GLCM.iter().position(|n| *n == name).unwrap()];
                same(&[feature("Contrast"), feature("Autocorrelation")], &[squares / pairs, products / pairs])?;
            }
        }
    }

    /// MCC is the largest correlation that functions of the two levels can have.
    #[test]
    fn the_maximal_correlation_is_no_less_than_the_correlation(b in boxes()) {
        let merged = options(Space::Volume, Directions::Merged(Weighting::Equal));
        if let Some(found) = glcm(&b.levels(), &merged) {
            let feature = |name: &str| found[GLCM.iter().position(|n| *n == name).unwrap()];
            if feature("JointEnergy") < 1.0 {
                prop_assert!(feature("MCC") >= feature("Correlation").abs() - 1e-9);
            }
        }
    }

    #[test]
    fn shares_and_coefficients_stay_in_their_ranges(b in boxes()) {
        let levels = b.levels();
        for space in SPACES {
            if let Some(found) = glcm(&levels, &options(space, Directions::Averaged)) {
                let feature = |name: &str| found[GLCM.iter().position(|n| *n == name).unwrap()];
                for name in ["JointEnergy", "MaximumProbability", "Id", "Idm", "Idn", "Idmn", "Imc2", "MCC"] {
                    prop_assert!((-1e-9..=1.0 + 1e-9).contains(&feature(name)), "{} {}", name, feature(name));
                }
                prop_assert!(feature("Correlation").abs() <= 1.0 + 1e-9);
            }
            let gaps = all(&levels, space).iter().filter(|value| value.is_nan()).count();
            prop_assert_eq!(gaps, 0);
        }
    }
}
