//! Images, regions, features and what was learned from features before a signature.

use crate::plan::{
    Convention, Discretization, FeatureExtraction, FeatureTable, FeatureTransform, Filter, Image,
    Interpolation, Plan,
};

use super::{labels, list, number, on};

pub(super) fn features(plan: &Plan) -> Vec<String> {
    let mut paragraphs = Vec::new();
    for (name, image) in &plan.images {
        if let Image::Adc { from } = image {
            let values: Vec<String> = from.iter().map(|(_, b)| number(*b)).collect();
            paragraphs.push(format!(
                "The apparent diffusion coefficient ({name}) was computed voxel by voxel from the images at b-values of {} \
                 s/mm² with a mono-exponential model, by a least-squares line through the logarithms of the signals; voxels \
                 without a positive signal have none.",
                list(&values)
            ));
        }
    }
    for (name, table) in &plan.features {
        let transforms = match table {
            FeatureTable::Extracted {
                extraction,
                transforms,
            } => {
                paragraphs.push(extracted(plan, extraction));
                transforms
            }
            FeatureTable::File {
                file, transforms, ..
            } => {
                paragraphs.push(format!("The features {name} were taken ready from {file}."));
                transforms
            }
        };
        paragraphs.extend(repeatability(plan, name));
        paragraphs.extend(
            transforms
                .iter()
                .map(|transform| transformed(plan, transform)),
        );
    }
    paragraphs
}

fn extracted(plan: &Plan, extraction: &FeatureExtraction) -> String {
    let region = plan.regions.get(&extraction.region);
    let mut text = format!(
        "Features were taken from the image {} within the region {}",
        extraction.image, extraction.region
    );
    if let Some(label) = region.and_then(|region| region.label) {
        text.push_str(&format!(" (label {label})"));
    }
    if let Some(segment) = region.and_then(|region| region.segment.as_deref()) {
        text.push_str(&format!(" (segment “{segment}”)"));
    }
    text.push_str(match extraction.convention {
        Convention::Pyradiomics => ", by the conventions of PyRadiomics 3.0.1.",
        Convention::Ibsi => ", as the Image Biomarker Standardisation Initiative defines them.",
    });
    if region.is_some_and(|region| region.resample_to_image) {
        text.push_str(" Regions drawn on another grid were resampled onto that of the image by the nearest neighbour.");
    }
    if let Some(normalization) = &extraction.normalize {
        text.push_str(&format!(
            " Intensities were centred on the mean of the image, divided by its standard deviation and multiplied by {}",
            number(normalization.scale)
        ));
        text.push_str(&match normalization.remove_outliers {
            Some(limit) => format!(
                "; values beyond {} standard deviations were brought to that limit.",
                number(limit)
            ),
            None => ".".to_owned(),
        });
    }
    if let Some((spacing, interpolation)) = &extraction.resample {
        let how = match interpolation {
            Interpolation::Nearest => "the nearest neighbour",
            Interpolation::Linear => "linear interpolation",
            Interpolation::Bspline => "B-splines of order 3",
        };
        text.push_str(&format!(
            " Images were resampled to {} mm by {how}.",
            spacing.map(number).join(" × ")
        ));
    }
    if let Some((low, high)) = extraction.resegment_range {
        text.push_str(&format!(
            " Only voxels of the region from {} to {} were kept.",
            number(low),
            number(high)
        ));
    }
    if let Some(sigma) = extraction.resegment_sigma {
        text.push_str(&format!(
            " Only voxels within {} standard deviations of the region's mean were kept.",
            number(sigma)
        ));
    }
    text.push_str(&match extraction.discretize {
        Discretization::BinWidth(width) => {
            format!(" Gray levels have a fixed width of {}.", number(width))
        }
        Discretization::BinCount(count) => {
            format!(" The range of each region was divided into {count} gray levels.")
        }
    });
    let filters: Vec<String> = extraction
        .filters
        .iter()
        .map(|filter| match filter {
            Filter::Original => "unfiltered".to_owned(),
            Filter::LaplacianOfGaussian { sigma_mm } => format!(
                "filtered by the Laplacian of a Gaussian (sigma {} mm)",
                number(*sigma_mm)
            ),
            Filter::Wavelet { name } => {
                format!("in the eight bands of the stationary wavelet transform ({name})")
            }
        })
        .collect();
    if extraction
        .filters
        .iter()
        .any(|filter| *filter != Filter::Original)
    {
        text.push_str(&format!(" The image was used {}.", list(&filters)));
    }
    let classes: Vec<String> = extraction
        .classes
        .iter()
        .map(|class| class_name(class))
        .collect();
    text.push_str(&format!(" Feature classes: {}.", list(&classes)));
    if !extraction.also.is_empty() {
        text.push_str(&format!(" Also: {}.", list(&extraction.also)));
    }
    text
}

fn class_name(class: &str) -> String {
    match class {
        "first_order" => "first-order statistics",
        "shape" => "shape",
        "shape_2d" => "shape in two dimensions",
        "glcm" => "gray-level co-occurrence matrix",
        "glrlm" => "gray-level run-length matrix",
        "glszm" => "gray-level size-zone matrix",
        "gldm" => "gray-level dependence matrix",
        "ngtdm" => "neighbouring gray-tone difference matrix",
        other => other,
    }
    .to_owned()
}

fn repeatability(plan: &Plan, features: &str) -> Vec<String> {
    plan.repeatability
        .values()
        .filter(|rule| rule.features == features)
        .map(|rule| {
            let rereads: Vec<String> = rule
                .rereads
                .iter()
                .map(|reread| {
                    let model = match reread.model.as_str() {
                        "two_way_mixed" => "two-way mixed effects",
                        "two_way_random" => "two-way random effects",
                        _ => "one-way random effects",
                    };
                    let agreement = match reread.agreement {
                        true => "absolute agreement",
                        false => "consistency",
                    };
                    format!("“{}” ({model}, {agreement}, single measurement)", reread.name)
                })
                .collect();
            format!(
                "Regions were read again: {}. Features with an intraclass correlation coefficient above {} in every \
                 re-reading were called repeatable.",
                list(&rereads),
                number(rule.minimum_icc)
            )
        })
        .collect()
}

fn transformed(plan: &Plan, transform: &FeatureTransform) -> String {
    match transform {
        FeatureTransform::Combat {
            batch,
            covariates,
            reference,
            fit_on,
        } => {
            let preserving = match covariates.is_empty() {
                true => String::new(),
                false => format!(
                    ", preserving the effects of {}",
                    list(&labels(plan, covariates))
                ),
            };
            let reference = match reference {
                Some(level) => format!(", with {} as reference", plan.level_label(batch, level)),
                None => String::new(),
            };
            format!(
                "Features were harmonised between the levels of {} by ComBat (parametric empirical Bayes){preserving}{reference}; \
                 its parameters were estimated on {} and applied to all patients.",
                plan.label(batch),
                on(plan, fit_on)
            )
        }
        FeatureTransform::ZScore { fit_on } => format!(
            "Features were standardised by mean and standard deviation of {}.",
            on(plan, fit_on)
        ),
    }
}
