//! What survival curves and subgroup analyses show, in sentences.

use crate::plan::{KaplanMeier, Plan, SubgroupBenefit, places};
use crate::report::assemble::collector::{AssembleError, Collector, Place, words};
use crate::report::assemble::display::Display;
use crate::report::assemble::subgroup::{level_place, levels, ratio};
use crate::report::assemble::{flow, notes};
use crate::report::{Chart, Figure, Part};

pub(super) fn kaplan_meier(plan: &Plan, analysis: &KaplanMeier, figure: &Figure) -> Vec<Vec<Part>> {
    let mut paragraphs = Vec::new();
    for panel in &figure.panels {
        let Chart::KaplanMeier(chart) = &panel.chart else {
            continue;
        };
        let mut text = vec![words(format!(
            "{}, {}: median ",
            panel.title,
            flow::set_phrase(plan, &analysis.on)
        ))];
        for (index, group) in chart.groups.iter().enumerate() {
            text.push(words(format!(
                "{}{} ",
                if index == 0 { "" } else { ", " },
                group.label
            )));
            text.extend(group.median.iter().cloned());
        }
        for line in &chart.legend {
            text.push(words("; "));
            text.extend(line.iter().cloned());
        }
        text.push(words("."));
        paragraphs.push(text);
    }
    paragraphs
}

pub(super) fn subgroup(
    plan: &Plan,
    name: &str,
    analysis: &SubgroupBenefit,
    collector: &mut Collector,
) -> Result<Vec<Vec<Part>>, AssembleError> {
    let mut paragraphs = Vec::new();
    let display = Display::PValue {
        alpha: plan.study.alpha,
    };
    for endpoint in &analysis.endpoints {
        for within in &analysis.within {
            let result = Place::new(places::subgroup(name, endpoint, within), "result");
            let mut text = vec![words(format!(
                "{} and {} within {}: hazard ratio ({} CI) ",
                plan.label(&analysis.treatment),
                plan.label(endpoint),
                plan.label(within),
                notes::confidence(plan)
            ))];
            for (index, (level, label)) in levels(plan, within).iter().enumerate() {
                let place = level_place(&result, level, collector)?;
                let n = place.at(&["n"]);
                let id = format!("{name}.{within}.{endpoint}.{level}");
                if index > 0 {
                    text.push(words(", "));
                }
                text.extend(ratio(
                    &format!("{id}.hazard_ratio"),
                    &place.at(&["hazard_ratio"]),
                    &n,
                    collector,
                )?);
                text.push(words(format!(" in {label}")));
                if !collector.is_null(&place.at(&["log_rank"])) {
                    let place = place.at(&["log_rank", "p"]);
                    let p = collector.value(
                        &format!("{id}.log_rank.p"),
                        &place,
                        display,
                        None,
                        Some(&n),
                    )?;
                    text.extend([words(" (log-rank p = "), p, words(")")]);
                }
            }
            let interaction = result.at(&["interaction"]);
            if analysis.interaction && !collector.is_null(&interaction) {
                let id = format!("{name}.{within}.{endpoint}.interaction.p");
                let p = collector.value(
                    &id,
                    &interaction.at(&["p"]),
                    display,
                    None,
                    Some(&result.at(&["n"])),
                )?;
                let differs = match p {
                    Part::Significant(_) => {
                        "; the effect differed between the groups (p for interaction = "
                    }
                    _ => {
                        "; there is no evidence that the effect differs between the groups (p for interaction = "
                    }
                };
                text.extend([words(differs), p, words(")")]);
            }
            text.push(words("."));
            paragraphs.push(text);
        }
    }
    Ok(paragraphs)
}
