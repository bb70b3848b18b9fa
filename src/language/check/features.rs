//! Images, regions, features, repeatability, harmonising and standardising.

use crate::plan::{
    Convention, Discretization, FeatureExtraction, FeatureTable, FeatureTransform, Filter, Image,
    Interpolation, Normalization, Region, Repeatability, Reread, Unit,
};

use super::super::diagnostic::Diagnostic;
use super::super::nearest::nearest;
use super::super::parse::{Kind, Node};
use super::declarations::texts;
use super::expression::{Type, unquoted};
use super::{Checker, Symbol};

const CLASSES: [&str; 8] = [
    "first_order",
    "shape",
    "shape_2d",
    "glcm",
    "glrlm",
    "glszm",
    "gldm",
    "ngtdm",
];

fn value(node: &Node) -> f64 {
    node.text.parse().unwrap_or(f64::NAN)
}

impl Checker<'_> {
    pub(super) fn imaging(&mut self) {
        for node in self.statements(Kind::image) {
            let name = node.children[0].text.clone();
            let rule = &node.children[1];
            let image = if rule.kind == Kind::image_file {
                self.patient_path(rule.only())
                    .map(|path| Image::File { path })
            } else {
                self.adc(rule)
            };
            if let Some(image) = image {
                self.plan.images.insert(name, image);
            }
        }
        self.maps_of_files();
        for node in self.statements(Kind::region) {
            let Some(path) = self.patient_path(&node.children[1]) else {
                continue;
            };
            let mut region = Region {
                path,
                label: None,
                segment: None,
                resample_to_image: false,
            };
            for option in node.all(Kind::region_option).map(Node::only) {
                match option.kind {
                    Kind::region_label => region.label = Some(value(option.only()) as u32),
                    Kind::region_segment => region.segment = Some(unquoted(&option.only().text)),
                    _ => region.resample_to_image = true,
                }
            }
            self.plan
                .regions
                .insert(node.children[0].text.clone(), region);
        }
        for node in self.statements(Kind::features) {
            self.features(node);
        }
        for node in self.statements(Kind::repeatability) {
            self.repeatability(node);
        }
        // In the order of the text: a later transform works on what an earlier one gave.
        let transforms: Vec<&Node> = self
            .nodes
            .iter()
            .filter(|node| matches!(node.kind, Kind::harmonize | Kind::standardize))
            .collect();
        for node in transforms {
            self.transform(node);
        }
    }

    fn patient_path(&mut self, node: &Node) -> Option<String> {
        let path = unquoted(&node.text);
        if path.contains("{patient}") {
            return Some(path);
        }
        self.report(
            Diagnostic::error(
                "missing-patient",
                node.span.clone(),
                "the path does not say where the patient's name stands",
            )
            .hint("write `{patient}` in the path, such as \"images/{patient}/adc.nii.gz\""),
        );
        None
    }

    fn adc(&mut self, node: &Node) -> Option<Image> {
        let expected = Unit::parse("s/mm2").ok()?;
        let mut from = Vec::new();
        for b in node.all(Kind::b_value) {
            self.resolve(&b.children[0], |symbol| symbol == Symbol::Image, "an image");
            let unit = self.unit(&b.children[2])?;
            let Some((numerator, denominator)) = unit.conversion(&expected) else {
                self.report(
                    Diagnostic::error(
                        "unit-mismatch",
                        b.children[2].span.clone(),
                        format!(
                            "a b-value is a time per area, not {}",
                            unit.dimension().describe()
                        ),
                    )
                    .hint("write `1000 s/mm2`"),
                );
                return None;
            };
            from.push((
                b.children[0].text.clone(),
                value(&b.children[1]) * numerator / denominator,
            ));
        }
        let mut values: Vec<f64> = from.iter().map(|(_, b)| *b).collect();
        values.sort_by(f64::total_cmp);
        values.dedup();
        if values.len() != from.len() {
            self.report(Diagnostic::error(
                "bad-number",
                node.span.clone(),
                "the b-values must differ",
            ));
            return None;
        }
        Some(Image::Adc { from })
    }

    /// What a map is made of are files, not maps.
    fn maps_of_files(&mut self) {
        let mut found = Vec::new();
        for node in self.statements(Kind::image) {
            for b in node.children[1].all(Kind::b_value) {
                let name = &b.children[0];
                if matches!(self.plan.images.get(&name.text), Some(Image::Adc { .. })) {
                    found.push((name.span.clone(), name.text.clone()));
                }
            }
        }
        for (span, name) in found {
            self.report(
                Diagnostic::error(
                    "map-of-a-map",
                    span,
                    format!("an ADC is made of images from files, but `{name}` is a map itself"),
                )
                .hint("name the image of each b-value: `image b0 from \"…\"`"),
            );
        }
    }

    fn features(&mut self, node: &Node) {
        let name = node.children[0].text.clone();
        let rule = &node.children[1];
        let table = if rule.kind == Kind::features_file {
            let key = rule
                .child(Kind::name)
                .map(|key| key.text.clone())
                .unwrap_or_default();
            Some(FeatureTable::File {
                file: unquoted(&rule.children[0].text),
                key,
                columns: rule
                    .child(Kind::feature_columns)
                    .and_then(|columns| columns.child(Kind::strings))
                    .map(texts)
                    .unwrap_or_default(),
                transforms: Vec::new(),
            })
        } else {
            self.extraction(rule)
                .map(|extraction| FeatureTable::Extracted {
                    extraction,
                    transforms: Vec::new(),
                })
        };
        if let Some(table) = table {
            self.plan.features.insert(name, table);
        }
    }

    fn extraction(&mut self, node: &Node) -> Option<FeatureExtraction> {
        let names: Vec<&Node> = node.all(Kind::name).collect();
        let image = self.resolve(names[0], |symbol| symbol == Symbol::Image, "an image");
        let region = self.resolve(names[1], |symbol| symbol == Symbol::Region, "a region");
        let mut extraction = FeatureExtraction {
            image: names[0].text.clone(),
            region: names[1].text.clone(),
            convention: Convention::Pyradiomics,
            resample: None,
            normalize: None,
            resegment_range: None,
            resegment_sigma: None,
            discretize: Discretization::BinWidth(25.0),
            filters: vec![Filter::Original],
            classes: CLASSES
                .iter()
                .filter(|class| **class != "shape_2d")
                .map(|class| (*class).to_owned())
                .collect(),
            also: Vec::new(),
        };
        for item in node.all(Kind::extraction).map(Node::only) {
            match item.kind {
                Kind::convention => {
                    match self.choice(item.only(), &["pyradiomics", "ibsi"])?.as_str() {
                        "ibsi" => extraction.convention = Convention::Ibsi,
                        _ => extraction.convention = Convention::Pyradiomics,
                    }
                }
                Kind::resample => extraction.resample = self.resample(item),
                Kind::normalize => {
                    let numbers: Vec<f64> = item.all(Kind::number).map(value).collect();
                    let has_scale = item.text.contains("scale");
                    extraction.normalize = Some(Normalization {
                        scale: if has_scale { numbers[0] } else { 1.0 },
                        remove_outliers: if item.text.contains("remove_outliers") {
                            numbers.last().copied()
                        } else {
                            None
                        },
                    });
                }
                Kind::resegment => {
                    let rule = item.only();
                    if rule.kind == Kind::resegment_range {
                        extraction.resegment_range =
                            Some((value(&rule.children[0]), value(&rule.children[1])));
                    } else {
                        extraction.resegment_sigma = Some(value(rule.only()));
                    }
                }
                Kind::discretize => {
                    let rule = item.only();
                    let number = value(rule.only());
                    if !(number > 0.0) {
                        self.report(Diagnostic::error(
                            "bad-number",
                            rule.span.clone(),
                            "the bins must be wider than 0",
                        ));
                    }
                    extraction.discretize = if rule.kind == Kind::bin_width {
                        Discretization::BinWidth(number)
                    } else {
                        Discretization::BinCount(number as usize)
                    };
                }
                Kind::filters => {
                    extraction.filters = item
                        .all(Kind::filter)
                        .map(Node::only)
                        .filter_map(|filter| self.filter(filter))
                        .collect();
                }
                Kind::classes => {
                    extraction.classes = item
                        .listed()
                        .into_iter()
                        .filter_map(|class| self.choice(class, &CLASSES))
                        .collect();
                }
                _ => extraction.also = item.listed().iter().map(|name| name.text.clone()).collect(),
            }
        }
        image.and(region).map(|_| extraction)
    }

    fn filter(&mut self, node: &Node) -> Option<Filter> {
        match node.kind {
            Kind::filter_original => Some(Filter::Original),
            Kind::filter_log => Some(Filter::LaplacianOfGaussian {
                sigma_mm: self.millimetres(&node.children[0], &node.children[1])?,
            }),
            _ => Some(Filter::Wavelet {
                name: self.choice(node.only(), &["coif1"])?,
            }),
        }
    }

    fn resample(&mut self, node: &Node) -> Option<([f64; 3], Interpolation)> {
        let numbers: Vec<&Node> = node.all(Kind::number).collect();
        let unit = node.child(Kind::unit)?;
        let mut spacing = [0.0; 3];
        for (axis, number) in numbers.iter().enumerate().take(3) {
            spacing[axis] = self.millimetres(number, unit)?;
        }
        let interpolation = match self
            .choice(node.child(Kind::name)?, &["nearest", "linear", "bspline"])?
            .as_str()
        {
            "nearest" => Interpolation::Nearest,
            "linear" => Interpolation::Linear,
            _ => Interpolation::Bspline,
        };
        Some((spacing, interpolation))
    }

    fn millimetres(&mut self, number: &Node, unit: &Node) -> Option<f64> {
        let found = self.unit(unit)?;
        match found.conversion(&Unit::parse("mm").ok()?) {
            Some((numerator, denominator)) if value(number) > 0.0 => {
                Some(value(number) * numerator / denominator)
            }
            Some(_) => {
                self.report(Diagnostic::error(
                    "bad-number",
                    number.span.clone(),
                    "a length must be above 0",
                ));
                None
            }
            None => {
                self.report(
                    Diagnostic::error(
                        "unit-mismatch",
                        unit.span.clone(),
                        format!("expected a length, found {}", found.dimension().describe()),
                    )
                    .hint("write `1 mm`"),
                );
                None
            }
        }
    }

    /// One of a few words.
    pub(super) fn choice(&mut self, node: &Node, allowed: &[&str]) -> Option<String> {
        if allowed.contains(&node.text.as_str()) {
            return Some(node.text.clone());
        }
        let mut diagnostic = Diagnostic::error(
            "unknown-choice",
            node.span.clone(),
            format!("`{}` is not known here", node.text),
        )
        .hint(format!("choose {}", allowed.join(", ")));
        if let Some(near) = nearest(&node.text, allowed.iter().copied()) {
            diagnostic = diagnostic.hint(format!("did you mean `{near}`?"));
        }
        self.report(diagnostic);
        None
    }

    fn repeatability(&mut self, node: &Node) {
        let names: Vec<&Node> = node.all(Kind::name).collect();
        self.resolve(
            names[1],
            |symbol| symbol == Symbol::Features,
            "a feature table",
        );
        if let Some(FeatureTable::File { .. }) = self.plan.features.get(&names[1].text) {
            self.report(
                Diagnostic::error(
                    "no-images",
                    names[1].span.clone(),
                    format!(
                        "`{}` is read from a file: there are no images whose regions could be read again",
                        names[1].text
                    ),
                )
                .hint("repeatability is of features that are extracted: `features … of IMAGE in REGION { … }`"),
            );
        }
        let mut rereads = Vec::new();
        for reread in node.all(Kind::reread) {
            let strings: Vec<&Node> = reread.all(Kind::string).collect();
            let model = reread.child(Kind::name).and_then(|name| {
                self.choice(name, &["two_way_mixed", "two_way_random", "one_way_random"])
            });
            let (Some(path), Some(model)) = (self.patient_path(strings[1]), model) else {
                continue;
            };
            rereads.push(Reread {
                name: unquoted(&strings[0].text),
                path,
                model,
                agreement: reread
                    .child(Kind::agreement)
                    .is_some_and(|a| a.text.starts_with("agreement")),
            });
        }
        let minimum = node
            .child(Kind::keep_when)
            .and_then(|keep| keep.child(Kind::number))
            .map(value);
        let Some(minimum_icc) = minimum.filter(|icc| (0.0..1.0).contains(icc)) else {
            self.report(
                Diagnostic::error(
                    "bad-number",
                    names[0].span.clone(),
                    "the statement does not say which features are repeatable",
                )
                .hint("write `keep when icc > 0.75 in both`"),
            );
            return;
        };
        self.plan.repeatability.insert(
            names[0].text.clone(),
            Repeatability {
                features: names[1].text.clone(),
                rereads,
                minimum_icc,
            },
        );
    }

    fn transform(&mut self, node: &Node) {
        let names: Vec<&Node> = node.all(Kind::name).collect();
        let features = self.resolve(
            names[0],
            |symbol| symbol == Symbol::Features,
            "a feature table",
        );
        let what = if node.kind == Kind::harmonize {
            "harmonising"
        } else {
            "standardising"
        };
        let fit_on = self.fit_on_of(node, what);
        let transform = if node.kind == Kind::harmonize {
            match self.type_of(names[1]) {
                Some(Type::Category { .. } | Type::YesNo) | None => {}
                Some(found) => self.report(Diagnostic::error(
                    "type-mismatch",
                    names[1].span.clone(),
                    format!(
                        "batches are a category, but `{}` is {}",
                        names[1].text,
                        found.describe()
                    ),
                )),
            }
            let mut covariates = Vec::new();
            let mut reference = None;
            for option in node.all(Kind::combat_option).map(Node::only) {
                if option.kind == Kind::preserving {
                    covariates = self.values(&option.listed());
                } else {
                    reference = Some(option.only().text.trim_matches('"').to_owned());
                }
            }
            fit_on.map(|fit_on| FeatureTransform::Combat {
                batch: names[1].text.clone(),
                covariates,
                reference,
                fit_on,
            })
        } else {
            fit_on.map(|fit_on| FeatureTransform::ZScore { fit_on })
        };
        if let (Some(transform), Some(_)) = (transform, features)
            && let Some(
                FeatureTable::Extracted { transforms, .. } | FeatureTable::File { transforms, .. },
            ) = self.plan.features.get_mut(&names[0].text)
        {
            transforms.push(transform);
        }
    }
}
