//! A cohort of small volumes: two images of different b-values, a region, and for some patients the region read again.

use std::path::{Path, PathBuf};
use std::process::Command;

use prereg::imaging::{Geometry, NiftiNumber, Volume, nifti_gz_bytes};
use prereg::numerics::Random;

pub(super) const SIZE: [usize; 3] = [12, 12, 6];

const STUDY: &str = r#"
study images "Small volumes" {
  version "1.0"
  seed 7
  alpha 0.05
  evidence simulated "Drawn for a test."
}
table clinical from "clinical.csv" key patient {
  scanner category [a "Maker A", b "Maker B"] "Scanner"
  age     number in years "Age"
  poor    yes_no "Image quality poor"
  relapse yes_no "Relapse"
}
cohort patients from clinical { exclude "Image quality poor" when poor }
endpoint relapsed "Relapse" = relapse
image b0    from "images/{patient}/b0.nii.gz"
image b1000 from "images/{patient}/b1000.nii.gz"
image adc   = adc(b0 at 0 s/mm2, b1000 at 1000 s/mm2)
region tumor from "images/{patient}/roi.nii.gz"
features radiomics of adc in tumor {
  resample   1 x 1 x 1 mm using bspline
  normalize  zscore scale 100
  discretize bin_width 16
  classes    first_order, glcm, glrlm, glszm, gldm, ngtdm
}
repeatability stable of radiomics {
  reread "intra" from "rereads/{patient}/again.nii.gz" model two_way_mixed agreement
  keep when icc > 0.5 in all
}
harmonize   radiomics with combat by scanner fit on patients
standardize radiomics by zscore fit on patients
signature rad_score "Radiomic signature" from radiomics predicting relapsed fit on patients {
  keep stable
  select mrmr 3
  learn random_forest { trees 20, max_depth 3, features_per_split 2 }
}
model clinical_model "Clinical model" predicting relapsed fit on patients { terms age }
performance table1 of rad_score on patients { auc delong }
report {
  figure 1 = patients flow
  table 1 = table1
  figure 2 = clinical_model nomogram
  table S1 = rad_score
  table S2 = radiomics
  table S3 = stable
}
"#;

pub(super) struct Cohort {
    folder: tempfile::TempDir,
    patients: Vec<String>,
}

pub(super) struct Run {
    pub(super) code: Option<i32>,
    pub(super) printed: String,
    pub(super) results: Option<String>,
}

impl Cohort {
    /// So many patients, P01 on; the first six are read again.
    pub(super) fn new(patients: usize) -> Self {
        let mut cohort = Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
            patients: Vec::new(),
        };
        cohort.write("images.study", STUDY.as_bytes());
        for number in 1..=patients {
            cohort.add(number);
        }
        cohort
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder is made");
        std::fs::write(path, bytes).expect("the file is written");
    }

    pub(super) fn edit_study(&self, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.path("images.study")).expect("the study is there");
        assert!(text.contains(from), "the study does not hold {from:?}");
        self.write("images.study", text.replacen(from, to, 1).as_bytes());
    }

    /// Writes the images of a patient and the table with one row more.
    pub(super) fn add(&mut self, number: usize) {
        let key = format!("P{number:02}");
        let random = Random::new(41, "patient").substream(number as u64);
        let heterogeneity = 20.0 + 12.0 * number as f64;
        let mut noise = Noise(random);
        let radius = 3.0 + (number % 3) as f64 * 0.6;
        let inside = |index: usize, radius: f64| {
            let [x, y, z] = [index % 12, index / 12 % 12, index / 144];
            let along = |at: usize, centre: f64, scale: f64| {
                let offset = (at as f64 - centre) / scale;
                offset * offset
            };
            along(x, 5.5, 1.0) + along(y, 5.5, 1.0) + along(z, 2.5, 0.6) <= radius * radius
        };
        let b0: Vec<f64> = (0..864)
            .map(|_| 900.0 + heterogeneity * noise.next())
            .collect();
        let b1000 = (0..864).map(|index| {
            let base = if inside(index, radius) { 420.0 } else { 250.0 };
            base + heterogeneity * noise.next()
        });
        let region = |radius: f64| {
            (0..864)
                .map(|i| f64::from(u8::from(inside(i, radius))))
                .collect()
        };
        self.image(
            &format!("images/{key}/b1000.nii.gz"),
            b1000.collect(),
            [1.2, 1.2, 2.0],
        );
        self.image(&format!("images/{key}/b0.nii.gz"), b0, [1.2, 1.2, 2.0]);
        self.image(
            &format!("images/{key}/roi.nii.gz"),
            region(radius),
            [1.2, 1.2, 2.0],
        );
        if number <= 6 {
            let again = region(radius + 0.25);
            self.image(
                &format!("rereads/{key}/again.nii.gz"),
                again,
                [1.2, 1.2, 2.0],
            );
        }
        self.patients.push(key);
        self.patients.sort();
        self.table(&[]);
    }

    /// Writes the table; these patients have poor images.
    pub(super) fn table(&self, poor: &[&str]) {
        let mut text = "patient,scanner,age,poor,relapse\n".to_owned();
        for key in &self.patients {
            let number: usize = key[1..].parse().expect("a number");
            let scanner = if number.is_multiple_of(2) { "a" } else { "b" };
            let age = 40 + number * 7 % 23;
            let relapse = usize::from(number % 4 > 1 || number > 9);
            let poor = usize::from(poor.contains(&key.as_str()));
            text.push_str(&format!("{key},{scanner},{age},{poor},{relapse}\n"));
        }
        self.write("clinical.csv", text.as_bytes());
    }

    pub(super) fn image(&self, name: &str, values: Vec<f64>, spacing: [f64; 3]) {
        let geometry = Geometry {
            size: SIZE,
            spacing,
            origin: [0.0; 3],
            direction: [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0],
        };
        let volume = Volume::new(geometry, values).expect("a value a voxel");
        let bytes = nifti_gz_bytes(&volume, NiftiNumber::Int16).expect("a volume can be written");
        self.write(name, &bytes);
    }

    pub(super) fn run(&self, store: &str, threads: &str) -> Run {
        run(
            &self.path("images.study"),
            self.folder.path(),
            store,
            threads,
        )
    }
}

/// Runs a study in a folder.
pub(super) fn run(study: &Path, folder: &Path, store: &str, threads: &str) -> Run {
    let output = Command::new(env!("CARGO_BIN_EXE_prereg"))
        .arg("run")
        .arg(study)
        .args(["--out", "out", "--store", store, "--threads", threads])
        .current_dir(folder)
        .output()
        .expect("the program runs");
    Run {
        code: output.status.code(),
        printed: String::from_utf8_lossy(&output.stderr).into_owned(),
        results: std::fs::read_to_string(folder.join("out/results.json")).ok(),
    }
}

struct Noise(Random);

impl Noise {
    /// Uniform from −1 to 1.
    fn next(&mut self) -> f64 {
        2.0 * self.0.unit() - 1.0
    }
}
