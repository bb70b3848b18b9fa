//! What must hold for every region.

use proptest::prelude::*;

use prereg::imaging::{Mask, Volume};
use prereg::radiomics::{Discretize, FeatureClass, Filter, Settings, extract};

use super::{by_name, image, mask};

const SIZE: [usize; 3] = [7, 6, 5];

fn case() -> impl Strategy<Value = (Vec<f64>, Vec<bool>)> {
    let n = SIZE.iter().product::<usize>();
    (
        prop::collection::vec(-50.0..50.0_f64, n),
        prop::collection::vec(prop::bool::weighted(0.7), n),
    )
}

fn index([x, y, z]: [usize; 3]) -> usize {
    x + SIZE[0] * (y + SIZE[1] * z)
}

fn build(values: &[f64], inside: &[bool]) -> (Volume, Mask) {
    (
        image(SIZE, [1.0, 1.0, 1.0], |place| values[index(place)]),
        // Two voxels that make the region large enough for every draw.
        mask(SIZE, [1.0; 3], |place| {
            inside[index(place)] || place == [0, 0, 0] || place == [6, 5, 4]
        }),
    )
}

fn settings() -> Settings {
    Settings {
        discretize: Discretize::BinWidth(10.0),
        ..Settings::default()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Textures look at neighbours in all directions: mirroring and turning the image leaves them.
    #[test]
    fn mirrored_and_turned_images_have_the_same_textures((values, inside) in case()) {
        let (image_, mask_) = build(&values, &inside);
        let settings = Settings { classes: FeatureClass::DEFAULT[2..].to_vec(), ..settings() };
        let found = extract(&image_, &mask_, &settings).unwrap();
        let turned_size = [SIZE[2], SIZE[0], SIZE[1]];
        let turned = |[x, y, z]: [usize; 3]| [SIZE[0] - 1 - y, z, x];
        let other = extract(
            &image(turned_size, [1.0; 3], |place| values[index(turned(place))]),
            &mask(turned_size, [1.0; 3], |place| mask_.contains(turned(place))),
            &settings,
        ).unwrap();
        let other = by_name(&other);
        for (name, value) in by_name(&found) {
            let difference = (value - other[name]).abs();
            prop_assert!(difference <= 1e-9 * value.abs() + 1e-9 || value.is_nan() && other[name].is_nan(), "{name}: {value} {}", other[name]);
        }
    }

    /// With a fixed number of bins only the order and spacing of intensities counts.
    #[test]
    fn a_linear_change_of_intensities_leaves_textures((values, inside) in case()) {
        let (image_, mask_) = build(&values, &inside);
        let settings = Settings {
            discretize: Discretize::BinCount(8),
            classes: FeatureClass::DEFAULT[2..].to_vec(),
            ..Settings::default()
        };
        let found = extract(&image_, &mask_, &settings).unwrap();
        let scaled: Vec<f64> = values.iter().map(|value| 4.0 * value + 64.0).collect();
        let (scaled, _) = build(&scaled, &inside);
        let other = extract(&scaled, &mask_, &settings).unwrap();
        for ((name, value), (_, other)) in found.features.iter().zip(&other.features) {
            prop_assert!((value - other).abs() <= 1e-9 * value.abs() + 1e-12 || value.is_nan() && other.is_nan(), "{name}");
        }
    }

    /// Whatever the image and the settings: an answer or an error.
    #[test]
    fn nothing_panics(
        (values, inside) in case(),
        width in 0.01..200.0_f64,
        filter in 0..3_usize,
        across in prop::option::of(0..3_usize),
        distances in prop::collection::vec(1..4_u32, 1..3),
        alpha in 0..3_u16,
        two_dimensional in any::<bool>(),
    ) {
        let (image_, mask_) = build(&values, &inside);
        let mut settings = Settings {
            discretize: Discretize::BinWidth(width),
            filters: vec![[Filter::Original, Filter::Wavelet, Filter::LaplacianOfGaussian { sigma_mm: 1.0 }][filter]],
            in_plane_across: across,
            distances,
            gldm_alpha: alpha,
            ..Settings::default()
        };
        if two_dimensional {
            settings.classes.push(FeatureClass::Shape2d);
        }
        if let Ok(found) = extract(&image_, &mask_, &settings) {
            prop_assert!(!found.features.is_empty());
        }
    }
}
