//! The descent of a whole report as W3C PROV-JSON (member submission of 24 April 2013): files and outputs are entities,
//! steps are activities, prereg is their agent, the study's text is their plan, and each reported value is derived from
//! the output that it was read from.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::record::RunRecord;
use crate::report::Results;
use crate::store::Origin;

/// The document. Names follow the store: `output:STEP/NAME` has the SHA-256 under which its bytes are stored.
pub fn prov_json(results: &Results, record: &RunRecord) -> Value {
    let mut entities = Map::new();
    let mut activities = Map::new();
    let mut used = Map::new();
    let mut generated = Map::new();
    let mut associated = Map::new();
    let mut derived = Map::new();
    let agent = format!("software:prereg-{}", record.prereg_version);
    let study = "study:text";
    entities.insert(
        study.to_owned(),
        json!({
            "prov:type": { "$": "prov:Plan", "type": "xsd:QName" },
            "prov:label": record.study.path,
            "prereg:sha256": record.study.sha256,
            "prereg:plan_sha256": record.plan_digest,
        }),
    );
    for file in &record.files {
        entities.insert(
            file_name(&file.file),
            json!({ "prov:label": file.file, "prereg:sha256": file.sha256, "prereg:rows": file.rows }),
        );
    }
    for step in &record.steps {
        let activity = format!("step:{}", step.id);
        activities.insert(
            activity.clone(),
            json!({
                "prov:startTime": step.started,
                "prov:endTime": step.finished,
                "prereg:kind": step.kind,
                "prereg:version": step.version,
                "prereg:key": step.key,
                "prereg:parameters": step.parameters.to_string(),
                "prereg:seed": step.stream.as_ref().map(|stream| stream.seed.to_string()),
            }),
        );
        associated.insert(
            format!("_:association{}", associated.len() + 1),
            json!({ "prov:activity": activity, "prov:agent": agent, "prov:plan": study }),
        );
        // Inputs of one step that are one output are one use.
        let mut uses: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for (name, input) in &step.inputs {
            uses.entry(place(&input.from)).or_default().push(name);
        }
        for (entity, names) in uses {
            used.insert(
                format!("_:use{}", used.len() + 1),
                json!({ "prov:activity": activity, "prov:entity": entity, "prov:role": names.join(", ") }),
            );
        }
        for (output, stored) in &step.outputs {
            let entity = format!("output:{}/{output}", step.id);
            entities.insert(
                entity.clone(),
                json!({ "prereg:sha256": stored.sha256, "prereg:bytes": stored.size }),
            );
            generated.insert(
                format!("_:generation{}", generated.len() + 1),
                json!({ "prov:entity": entity, "prov:activity": activity, "prov:time": step.finished }),
            );
        }
    }
    for value in &results.values {
        let entity = format!("value:{}", value.id);
        let (output, pointer) = value.field.split_once('#').unwrap_or((&value.field, ""));
        entities.insert(
            entity.clone(),
            json!({
                "prov:value": value.value,
                "prereg:display": value.display,
                "prereg:unit": value.unit,
                "prereg:patients": value.n,
                "prereg:pointer": pointer,
            }),
        );
        derived.insert(
            format!("_:derivation{}", derived.len() + 1),
            json!({
                "prov:generatedEntity": entity,
                "prov:usedEntity": format!("output:{}/{output}", value.step),
            }),
        );
    }
    let mut document = json!({
        "prefix": {
            "xsd": "http://www.w3.org/2001/XMLSchema#",
            "prereg": "urn:prereg:term:",
            "study": "urn:prereg:study:",
            "file": "urn:prereg:file:",
            "step": "urn:prereg:step:",
            "output": "urn:prereg:output:",
            "value": "urn:prereg:value:",
            "software": "urn:prereg:software:",
        },
        "entity": entities,
        "activity": activities,
        "agent": {
            agent: {
                "prov:type": { "$": "prov:SoftwareAgent", "type": "xsd:QName" },
                "prov:label": format!("prereg {}", record.prereg_version),
            },
        },
        "used": used,
        "wasGeneratedBy": generated,
        "wasAssociatedWith": associated,
        "wasDerivedFrom": derived,
    });
    without_nulls(&mut document);
    document
}

fn file_name(file: &str) -> String {
    format!("file:{file}")
}

fn place(origin: &Origin) -> String {
    match origin {
        Origin::Output { step, output } => format!("output:{step}/{output}"),
        Origin::File { file } => file_name(file),
    }
}

/// PROV-JSON has no null: what is not known is not said.
fn without_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, field| !field.is_null());
            fields.values_mut().for_each(without_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(without_nulls),
        _ => {}
    }
}
