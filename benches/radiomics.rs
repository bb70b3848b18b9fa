//! How long each class of radiomic features takes, from an image and a mask in memory, on one thread.
//!
//! `radiomics IMAGE MASK --bin-width 25 --repeats 20 --warm-up 3`: one JSON object with the best wall time (seconds) and
//! the best CPU time (where the system tells) of each class, of the levels that the texture classes share, and of all
//! together. `benches/radiomics/run` compares them with other programs.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark reads the clock and prints"
)]

use std::error::Error;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use prereg::imaging::{Mask, read_volume, region_of_interest};
use prereg::radiomics::classes::{
    GlcmOptions, first_order, glcm, gldm, glrlm, glszm, ngtdm, shape,
};
use prereg::radiomics::{Directions, Region, Space, Weighting};
use serde_json::{Map, Value, json};

struct Options {
    bin_width: f64,
    repeats: usize,
    warm_up: usize,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut files = Vec::new();
    let mut options = Options {
        bin_width: 25.0,
        repeats: 20,
        warm_up: 3,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            // What cargo adds.
            "--bench" => {}
            "--bin-width" => options.bin_width = value()?.parse()?,
            "--repeats" => options.repeats = value()?.parse()?,
            "--warm-up" => options.warm_up = value()?.parse()?,
            _ => files.push(argument),
        }
    }
    let [image, mask] = files.as_slice() else {
        println!("usage: radiomics IMAGE MASK [--bin-width W] [--repeats N] [--warm-up N]");
        return Ok(());
    };
    let image = read_volume(Path::new(image))?;
    let mask = Mask::from_labels(&read_volume(Path::new(mask))?, Some(1))?;
    let prepared = || -> Result<Region, Box<dyn Error>> {
        let found = region_of_interest(&image, &mask, None)?;
        Ok(Region {
            size: found.bounds.size,
            spacing: found.spacing,
            inside: found.inside,
            intensities: found.intensities,
        })
    };
    let region = prepared()?;
    println!("{:#}", timings(&region, &options)?);
    Ok(())
}

fn timings(region: &Region, options: &Options) -> Result<Value, Box<dyn Error>> {
    let width = options.bin_width;
    let levels = region
        .levels_by_width(width)
        .map_err(|error| format!("{error:?}"))?;
    let glcm_options = GlcmOptions {
        distances: vec![1],
        space: Space::Volume,
        directions: Directions::Averaged,
        symmetric: true,
    };
    let space = Space::Volume;
    let merged = Directions::Merged(Weighting::Equal);
    let merged_options = GlcmOptions {
        directions: merged,
        ..glcm_options.clone()
    };
    let mut classes = Map::new();
    let mut add = |name: &str, work: &dyn Fn()| {
        classes.insert(name.to_owned(), best(options, work));
    };
    add("levels", &|| {
        black_box(region.levels_by_width(width).is_ok());
    });
    add("firstorder", &|| {
        black_box(first_order(region, &levels, 0.0).is_ok());
    });
    add("shape", &|| {
        black_box(shape(region).is_ok());
    });
    add("glcm", &|| {
        black_box(glcm(&levels, &glcm_options));
    });
    add("glcm, merged", &|| {
        black_box(glcm(&levels, &merged_options));
    });
    add("glrlm", &|| {
        black_box(glrlm(&levels, space, Directions::Averaged));
    });
    add("glrlm, merged", &|| {
        black_box(glrlm(&levels, space, merged));
    });
    add("glszm", &|| {
        black_box(glszm(&levels, space));
    });
    add("gldm", &|| {
        black_box(gldm(&levels, &[1], 0, space));
    });
    add("ngtdm", &|| {
        black_box(ngtdm(&levels, &[1], space));
    });
    add("all", &|| {
        let Ok(levels) = region.levels_by_width(width) else {
            return;
        };
        black_box(first_order(region, &levels, 0.0).is_ok());
        black_box(shape(region).is_ok());
        black_box(glcm(&levels, &glcm_options));
        black_box(glrlm(&levels, space, Directions::Averaged));
        black_box(glszm(&levels, space));
        black_box(gldm(&levels, &[1], 0, space));
        black_box(ngtdm(&levels, &[1], space));
    });
    Ok(json!({
        "program": format!("prereg {}", env!("CARGO_PKG_VERSION")),
        "voxels": region.values().count(),
        "repeats": options.repeats,
        "classes": classes,
    }))
}

fn best(options: &Options, work: &dyn Fn()) -> Value {
    for _ in 0..options.warm_up {
        work();
    }
    let (mut wall, mut cpu) = (f64::INFINITY, None);
    for _ in 0..options.repeats.max(1) {
        let (start, start_cpu) = (Instant::now(), cpu_seconds());
        work();
        wall = wall.min(start.elapsed().as_secs_f64());
        let used = cpu_seconds().zip(start_cpu).map(|(end, start)| end - start);
        cpu = match (cpu, used) {
            (Some(best), Some(used)) => Some(f64::min(best, used)),
            (best, used) => best.or(used),
        };
    }
    json!({ "wall": wall, "cpu": cpu })
}

/// Of this thread; Linux only.
fn cpu_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds: f64 = text.split_whitespace().next()?.parse().ok()?;
    Some(nanoseconds / 1e9)
}
