//! Whether the settings fit the study: names, types, levels, totals. Everything that is wrong is told at once.

use std::collections::{BTreeMap, BTreeSet};

use crate::data::nearest;
use crate::plan::{ColumnKind, Plan};

use super::error::{SettingsError, SettingsProblem as Problem};
use super::settings::{Effect, OutcomeSettings, SettingsFile, TEXTURE};

const CATEGORY: &str = "a category or yes_no";
const YES_NO: &str = "yes_no";
const NUMBER: &str = "a number or count";
const DATE: &str = "a date";

struct Check<'a> {
    plan: &'a Plan,
    file: &'a SettingsFile,
    errors: Vec<SettingsError>,
    /// Patients who stay after the exclusions.
    included: usize,
}

/// The patients who stay after the exclusions. Errors: everything that does not fit.
pub(super) fn check(plan: &Plan, file: &SettingsFile) -> Result<usize, Vec<SettingsError>> {
    let excluded = file
        .settings
        .exclusion
        .iter()
        .fold(0_usize, |total, exclusion| {
            total.saturating_add(exclusion.count)
        });
    let mut check = Check {
        plan,
        file,
        errors: Vec::new(),
        included: file.settings.patients.saturating_sub(excluded),
    };
    if check.included < 10 || file.settings.patients > 10_000 {
        check.push(
            &["patients"],
            Problem::OutOfRange {
                found: format!(
                    "{} patients, of whom {} stay",
                    file.settings.patients, check.included
                ),
                expected: "at least 10 who stay and at most 10000 in all",
            },
        );
    }
    check.exclusions();
    check.columns();
    check.joints();
    check.drawn_once();
    if let Some(outcome) = &file.settings.outcome {
        check.outcome(outcome);
    }
    check.images();
    if check.errors.is_empty() {
        Ok(check.included)
    } else {
        check.errors.sort_by_key(|error| error.line);
        Err(check.errors)
    }
}

impl Check<'_> {
    fn push(&mut self, path: &[&str], problem: Problem) {
        self.errors.push(self.file.error(path, problem));
    }

    fn exclusions(&mut self) {
        let settings = &self.file.settings;
        if settings.exclusion.is_empty() {
            return;
        }
        let known: Vec<String> = self
            .plan
            .cohort
            .rules
            .iter()
            .map(|r| r.label.clone())
            .collect();
        for (index, exclusion) in settings.exclusion.iter().enumerate() {
            let index = index.to_string();
            if !known.contains(&exclusion.rule) {
                self.push(
                    &["exclusion", &index, "rule"],
                    Problem::UnknownRule {
                        label: exclusion.rule.clone(),
                        known: known.clone(),
                    },
                );
            }
            for (name, range) in &exclusion.set {
                let path = ["exclusion", &index, "set", name];
                self.column(&path, name, NUMBER);
                self.increasing(&path, &range[..]);
            }
        }
        for label in known {
            let times = settings
                .exclusion
                .iter()
                .filter(|e| e.rule == label)
                .count();
            if times != 1 {
                self.push(&["exclusion"], Problem::RuleCount { label, times });
            }
        }
    }

    fn columns(&mut self) {
        let settings = &self.file.settings;
        for (name, column) in &settings.category {
            let path = ["category", name, "counts"];
            if let Some(kind) = self.column(&["category", name], name, CATEGORY) {
                let levels = levels(&kind);
                for level in column.counts.keys().filter(|level| !levels.contains(level)) {
                    self.push(
                        &[path[0], path[1], path[2], level],
                        Problem::UnknownLevel {
                            level: level.clone(),
                            known: levels.clone(),
                        },
                    );
                }
                let total = column
                    .counts
                    .values()
                    .fold(0_usize, |a, b| a.saturating_add(*b));
                let open = levels.len().saturating_sub(column.counts.len());
                if total > self.included || open > 1 || (open == 0 && total != self.included) {
                    self.total(&path, total);
                }
            }
            self.effects(&["category", name, "with"], &column.with);
        }
        for (name, column) in &settings.number {
            let path = ["number", name, "at"];
            self.column(&["number", name], name, NUMBER);
            let places: Vec<f64> = column.at.iter().map(|(place, _)| *place as f64).collect();
            let values: Vec<f64> = column.at.iter().map(|(_, value)| *value).collect();
            self.increasing(&path, &values);
            self.increasing(&path, &places);
            let ends = (
                column.at.first().map(|p| p.0),
                column.at.last().map(|p| p.0),
            );
            if ends != (Some(0), Some(self.included)) {
                self.push(
                    &path,
                    Problem::OutOfRange {
                        found: format!("runs from patient {:?} to {:?}", ends.0, ends.1)
                            .replace("Some(", "")
                            .replace(')', ""),
                        expected: "points from 0 to the number of patients who stay",
                    },
                );
            }
            if column.scale == super::settings::Scale::Log && values.iter().any(|v| *v <= 0.0) {
                self.push(
                    &path,
                    Problem::OutOfRange {
                        found: "a value that is not above 0".to_owned(),
                        expected: "values above 0 on the log scale",
                    },
                );
            }
            if column.decimals > 6 {
                self.range(
                    &["number", name, "decimals"],
                    f64::from(column.decimals),
                    "0 to 6",
                );
            }
            for (other, bounds) in &column.within {
                let path = ["number", name, "within", other];
                if let Some(kind) = self.column(&path, other, CATEGORY) {
                    let levels = levels(&kind);
                    for (level, bound) in bounds {
                        self.level(&path, level, &levels);
                        self.increasing(&path, &bound[..]);
                    }
                }
            }
            self.effects(&["number", name, "with"], &column.with);
        }
        for (name, column) in &settings.date {
            self.column(&["date", name], name, DATE);
            let days = column.between.each_ref().map(|day| super::days::parse(day));
            match days {
                [Some(first), Some(last)] if first <= last => {}
                _ => self.push(
                    &["date", name, "between"],
                    Problem::OutOfRange {
                        found: column.between.join(" to "),
                        expected: "two days, YYYY-MM-DD, the earlier first",
                    },
                ),
            }
        }
    }

    fn joints(&mut self) {
        for (index, joint) in self.file.settings.joint.iter().enumerate() {
            let index = index.to_string();
            let kinds: Vec<Vec<String>> = joint
                .columns
                .iter()
                .map(|name| {
                    self.column(&["joint", &index, "columns"], name, CATEGORY)
                        .map(|kind| levels(&kind))
                        .unwrap_or_default()
                })
                .collect();
            for (row, entry) in joint.rows.iter().enumerate() {
                let path = ["joint", &index, "rows", &row.to_string()];
                if entry.levels.len() != joint.columns.len() {
                    self.push(
                        &path,
                        Problem::Length {
                            found: entry.levels.len(),
                            expected: joint.columns.len(),
                        },
                    );
                }
                for (level, known) in entry.levels.iter().zip(&kinds) {
                    self.level(&path, level, known);
                }
            }
            let total = joint
                .rows
                .iter()
                .fold(0_usize, |a, b| a.saturating_add(b.count));
            if total != self.included {
                self.total(&["joint", &index, "rows"], total);
            }
            self.effects(&["joint", &index, "with"], &joint.with);
        }
    }

    fn drawn_once(&mut self) {
        let settings = &self.file.settings;
        let mut names: BTreeSet<&str> = BTreeSet::new();
        let mut twice = Vec::new();
        let drawn = settings
            .category
            .keys()
            .chain(settings.number.keys())
            .chain(settings.date.keys())
            .chain(settings.joint.iter().flat_map(|joint| &joint.columns));
        let outcome = settings.outcome.iter().flat_map(OutcomeSettings::columns);
        for name in drawn.map(String::as_str).chain(outcome) {
            if !names.insert(name) {
                twice.push(name.to_owned());
            }
        }
        for name in twice {
            let table = ["category", "number", "date"]
                .into_iter()
                .find(|table| match *table {
                    "category" => settings.category.contains_key(&name),
                    "number" => settings.number.contains_key(&name),
                    _ => settings.date.contains_key(&name),
                });
            let path = table.map_or(vec!["joint"], |table| vec![table, name.as_str()]);
            self.push(&path, Problem::DrawnTwice { name: name.clone() });
        }
    }

    fn outcome(&mut self, outcome: &OutcomeSettings) {
        let yes_no = [
            ("recurrence", &outcome.recurrence),
            ("disease_free", &outcome.disease_free[1]),
            ("overall", &outcome.overall[1]),
        ];
        for (key, name) in yes_no {
            self.column(&["outcome", key], name, YES_NO);
        }
        for (key, name) in [
            ("disease_free", &outcome.disease_free[0]),
            ("overall", &outcome.overall[0]),
        ] {
            self.column(&["outcome", key], name, NUMBER);
        }
        for (key, value) in [
            ("recurrence_shape", outcome.recurrence_shape),
            ("death_shape", outcome.death_shape),
            ("death_median", outcome.death_median),
            ("other_death_median", outcome.other_death_median),
            ("early", outcome.early.within),
        ] {
            if !(value > 0.0 && value.is_finite()) {
                self.range(&["outcome", key], value, "a number above 0");
            }
        }
        if outcome.early.count == 0 || outcome.early.count >= self.included {
            self.range(
                &["outcome", "early", "count"],
                outcome.early.count as f64,
                "at least 1 and fewer than the patients who stay",
            );
        }
        self.increasing(&["outcome", "last_contact"], &outcome.last_contact);
        if outcome.last_contact[0] < outcome.early.within {
            self.range(
                &["outcome", "last_contact"],
                outcome.last_contact[0],
                "last contacts not before `early.within`",
            );
        }
        self.effects(
            &["outcome", "recurrence_effects"],
            &outcome.recurrence_effects,
        );
        self.effects(&["outcome", "death_effects"], &outcome.death_effects);
        if let Some(treatment) = &outcome.treatment {
            let path = ["outcome", "treatment", "column"];
            if let Some(kind) = self.column(&path, &treatment.column, CATEGORY) {
                let levels = levels(&kind);
                for level in &treatment.levels {
                    self.level(&["outcome", "treatment", "levels"], level, &levels);
                }
            }
        }
    }

    fn images(&mut self) {
        let image = &self.file.settings.image;
        if let Some(name) = &image.diameter {
            self.column(&["image", "diameter"], name, NUMBER);
        }
        for (key, name) in [
            ("irregular", &image.irregular),
            ("target", &image.target),
            ("multifocal", &image.multifocal),
        ] {
            if let Some(name) = name {
                self.column(&["image", key], name, YES_NO);
            }
        }
        if image.size.iter().any(|n| *n < 8 || *n > 1024) {
            self.push(
                &["image", "size"],
                Problem::OutOfRange {
                    found: format!("{:?}", image.size),
                    expected: "8 to 1024 voxels along each axis",
                },
            );
        }
        let spacings = image
            .scanners
            .iter()
            .filter_map(|(name, scanner)| Some((vec!["image", "scanners", name], scanner.spacing?)))
            .chain([(vec!["image", "spacing"], image.spacing)]);
        for (path, spacing) in spacings {
            if spacing.iter().any(|mm| !(*mm >= 0.1 && *mm <= 50.0)) {
                self.push(
                    &path,
                    Problem::OutOfRange {
                        found: format!("{spacing:?}"),
                        expected: "0.1 to 50 mm along each axis",
                    },
                );
            }
        }
        let levels = match &image.scanner {
            Some(name) => self
                .column(&["image", "scanner"], name, CATEGORY)
                .map(|kind| levels(&kind)),
            None => None,
        };
        for (name, scanner) in &image.scanners {
            if let Some(levels) = &levels {
                self.level(&["image", "scanners", name], name, levels);
            }
            let sound = scanner.gain > 0.0
                && scanner.adc_scale > 0.0
                && (0.0..=100.0).contains(&scanner.noise)
                && (0.0..=10.0).contains(&scanner.blur)
                && (0.0..1.0).contains(&scanner.shading);
            if !sound {
                self.push(
                    &["image", "scanners", name],
                    Problem::OutOfRange {
                        found: "an effect out of range".to_owned(),
                        expected: "gain and adc_scale above 0, noise 0 to 100, blur 0 to 10 mm, shading 0 to 1",
                    },
                );
            }
        }
        let tumour = &image.tumour;
        let sound = (100.0..=4000.0).contains(&tumour.adc)
            && (0.0..=1000.0).contains(&tumour.heterogeneity)
            && (0.5..=50.0).contains(&tumour.correlation)
            && tumour.adc_spread >= 0.0;
        if !sound {
            self.push(
                &["image", "tumour"],
                Problem::OutOfRange {
                    found: "a texture out of range".to_owned(),
                    expected: "adc 100 to 4000, heterogeneity 0 to 1000 (10⁻⁶ mm²/s), correlation 0.5 to 50 mm",
                },
            );
        }
        let rereads: Vec<String> = self
            .plan
            .repeatability
            .values()
            .flat_map(|r| r.rereads.iter().map(|reread| reread.name.clone()))
            .collect();
        for (name, error) in &image.reader_error {
            if !rereads.contains(name) {
                self.push(
                    &["image", "reader_error", name],
                    Problem::UnknownName {
                        name: name.clone(),
                        what: "reread",
                        known: rereads.clone(),
                    },
                );
            }
            if !(0.0..=20.0).contains(error) {
                self.range(&["image", "reader_error", name], *error, "0 to 20 mm");
            }
        }
    }

    fn effects(&mut self, path: &[&str], effects: &BTreeMap<String, Effect>) {
        for (name, effect) in effects {
            if name == TEXTURE && matches!(effect, Effect::Slope(_)) {
                continue;
            }
            let mut path = path.to_vec();
            path.push(name);
            match effect {
                Effect::Slope(_) => {
                    let what =
                        "a number, count or yes_no (a category needs a number for each level)";
                    self.column(&path, name, what);
                }
                Effect::Levels(slopes) => {
                    if let Some(kind) = self.column(&path, name, CATEGORY) {
                        let levels = levels(&kind);
                        for level in slopes.keys() {
                            self.level(&path, level, &levels);
                        }
                    }
                }
            }
        }
    }

    /// The type of a column, if it is one of the expected.
    fn column(&mut self, path: &[&str], name: &str, expected: &'static str) -> Option<ColumnKind> {
        let Some((_, column)) = self.plan.column(name) else {
            let names = self.plan.tables.values().flat_map(|t| t.columns.keys());
            let known = nearest(name, names.map(String::as_str))
                .map(str::to_owned)
                .into_iter()
                .collect();
            self.push(
                path,
                Problem::UnknownColumn {
                    name: name.to_owned(),
                    known,
                },
            );
            return None;
        };
        let (fits, found) = match &column.kind {
            ColumnKind::Number { .. } => (
                expected == NUMBER || expected.contains("number,"),
                "a number",
            ),
            ColumnKind::Count => (expected == NUMBER || expected.contains("count"), "a count"),
            ColumnKind::YesNo { .. } => (expected.contains(YES_NO), "yes_no"),
            ColumnKind::Category { .. } => (expected == CATEGORY, "a category"),
            ColumnKind::Date => (expected == DATE, "a date"),
            ColumnKind::Text => (false, "text"),
        };
        if fits {
            Some(column.kind.clone())
        } else {
            self.push(path, Problem::WrongType { expected, found });
            None
        }
    }

    fn level(&mut self, path: &[&str], level: &str, known: &[String]) {
        if !known.is_empty() && !known.iter().any(|name| name == level) {
            self.push(
                path,
                Problem::UnknownLevel {
                    level: level.to_owned(),
                    known: known.to_vec(),
                },
            );
        }
    }

    fn total(&mut self, path: &[&str], found: usize) {
        let expected = self.included;
        self.push(path, Problem::Total { found, expected });
    }

    fn range(&mut self, path: &[&str], found: f64, expected: &'static str) {
        self.push(
            path,
            Problem::OutOfRange {
                found: found.to_string(),
                expected,
            },
        );
    }

    fn increasing(&mut self, path: &[&str], values: &[f64]) {
        let sound = values.len() > 1
            && values.iter().all(|value| value.is_finite())
            && values.windows(2).all(|pair| pair[0] <= pair[1]);
        if !sound {
            self.push(
                path,
                Problem::OutOfRange {
                    found: format!("{values:?}"),
                    expected: "two or more finite numbers in increasing order",
                },
            );
        }
    }
}

impl OutcomeSettings {
    /// The columns that it draws.
    pub(super) fn columns(&self) -> [&str; 5] {
        [
            &self.recurrence,
            &self.disease_free[0],
            &self.disease_free[1],
            &self.overall[0],
            &self.overall[1],
        ]
    }
}

/// The names of the levels of a category, of a yes_no `no` and `yes`.
pub(super) fn levels(kind: &ColumnKind) -> Vec<String> {
    match kind {
        ColumnKind::Category { levels, .. } => levels.iter().map(|l| l.name.clone()).collect(),
        ColumnKind::YesNo { .. } => vec!["no".to_owned(), "yes".to_owned()],
        _ => Vec::new(),
    }
}
