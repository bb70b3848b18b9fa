//! What a name stands for in a plan: its label, its type, its levels.

use super::{Analysis, Column, ColumnKind, Cutoff, Derived, Level, Plan, Unit};

/// Labels of a yes_no value.
pub const NO: &str = "No";
pub const YES: &str = "Yes";
/// Levels of a risk group.
pub const LOW: &str = "low";
pub const HIGH: &str = "high";

impl Plan {
    /// The column of this name and the table that has it.
    pub fn column(&self, name: &str) -> Option<(&str, &Column)> {
        self.tables
            .iter()
            .find_map(|(table, declared)| Some((table.as_str(), declared.columns.get(name)?)))
    }

    /// The type of a value: a column, a derived value, a binary endpoint, a score or a risk group.
    pub fn kind(&self, name: &str) -> Option<ColumnKind> {
        if let Some((_, column)) = self.column(name) {
            return Some(column.kind.clone());
        }
        if let Some(Derived { kind, .. }) = self.derived.get(name) {
            return Some(kind.clone());
        }
        if self.endpoints.contains_key(name) {
            return Some(ColumnKind::YesNo { coding: None });
        }
        if self.is_score(name) {
            return Some(ColumnKind::Number { unit: None });
        }
        self.cutoffs
            .contains_key(name)
            .then(|| ColumnKind::Category {
                levels: [(LOW, "Low risk"), (HIGH, "High risk")]
                    .map(|(name, label)| Level {
                        name: name.to_owned(),
                        label: label.to_owned(),
                        code: name.to_owned(),
                    })
                    .to_vec(),
                ordered: true,
            })
    }

    /// Is this the score of a signature or a model?
    pub fn is_score(&self, name: &str) -> bool {
        self.signatures.contains_key(name)
            || self.models.contains_key(name)
            || self.locked_models.contains_key(name)
    }

    /// Is this the score of a model or signature that is a probability? A support vector machine's is not.
    pub fn is_probability(&self, name: &str) -> bool {
        let other = |signature: &super::Signature| {
            matches!(
                signature.learner,
                super::Learner::SupportVectorMachine { .. }
            )
        };
        self.is_score(name) && !self.signatures.get(name).is_some_and(other)
    }

    /// What the report calls a declared thing; the name itself if it has no label.
    pub fn label<'a>(&'a self, name: &'a str) -> &'a str {
        if let Some((_, column)) = self.column(name) {
            return &column.label;
        }
        None.or_else(|| self.derived.get(name).map(|d| d.label.as_str()))
            .or_else(|| self.endpoints.get(name).map(|e| e.label.as_str()))
            .or_else(|| self.signatures.get(name).map(|s| s.label.as_str()))
            .or_else(|| self.models.get(name).map(|m| m.label.as_str()))
            .or_else(|| self.locked_models.get(name).map(|m| m.label.as_str()))
            .or_else(|| {
                self.cutoffs
                    .get(name)
                    .map(|Cutoff { label, .. }| label.as_str())
            })
            .or_else(|| self.analyses.get(name).map(Analysis::title))
            .unwrap_or(name)
    }

    /// "Training set", "Whole cohort".
    pub fn set_label(&self, set: &str) -> String {
        if set == self.cohort.name {
            return "Whole cohort".to_owned();
        }
        let mut words = set.replace('_', " ");
        if let Some(first) = words.get(..1).map(str::to_uppercase) {
            words.replace_range(..1, &first);
        }
        format!("{words} set")
    }

    /// The unit of a number, as shown.
    pub fn unit(&self, name: &str) -> Option<Unit> {
        match self.kind(name)? {
            ColumnKind::Number { unit } => unit,
            _ => None,
        }
    }

    /// Names and labels of the levels of a category or yes_no value, in order.
    pub fn levels(&self, name: &str) -> Vec<(String, String)> {
        match self.kind(name) {
            Some(ColumnKind::Category { levels, .. }) => levels
                .into_iter()
                .map(|level| (level.name, level.label))
                .collect(),
            Some(ColumnKind::YesNo { .. }) => {
                vec![
                    ("no".to_owned(), NO.to_owned()),
                    ("yes".to_owned(), YES.to_owned()),
                ]
            }
            _ => Vec::new(),
        }
    }

    /// The label of one level.
    pub fn level_label(&self, name: &str, level: &str) -> String {
        self.levels(name)
            .into_iter()
            .find(|(known, _)| known == level)
            .map_or_else(|| level.to_owned(), |(_, label)| label)
    }
}

impl Analysis {
    pub fn title(&self) -> &str {
        match self {
            Self::Characteristics(a) => &a.title,
            Self::Performance(a) => &a.title,
            Self::KaplanMeier(a) => &a.title,
            Self::Cox(a) => &a.title,
            Self::Subgroup(a) => &a.title,
        }
    }

    /// The study's sentence where an evaluation touches patients that a fit has seen.
    pub fn allowed_leakage(&self) -> Option<&str> {
        match self {
            Self::Characteristics(_) => None,
            Self::Performance(a) => a.allow_leakage.as_deref(),
            Self::KaplanMeier(a) => a.allow_leakage.as_deref(),
            Self::Cox(a) => a.allow_leakage.as_deref(),
            Self::Subgroup(a) => a.allow_leakage.as_deref(),
        }
    }
}
