//! A finished report as a Workflow Run RO-Crate (profile 0.5): the study is the workflow, the run is the action, the
//! report its results. Data files are named by digest and number of rows and stay where they are: no patient leaves the
//! data folder.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::record::RunRecord;
use crate::report::Results;
use crate::store::Digest;

const PROFILES: [&str; 3] = [
    "https://w3id.org/ro/wfrun/process/0.5",
    "https://w3id.org/ro/wfrun/workflow/0.5",
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0",
];
const PARAMETER: &str = "https://bioschemas.org/profiles/FormalParameter/1.0-RELEASE";
const WORKFLOW: &str = "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE";

/// The name of the study in the crate.
pub const STUDY: &str = "study.study";

/// What the metadata say of the crate besides what the report holds.
#[derive(Clone, Copy, Debug)]
pub struct CrateDetails<'a> {
    /// An address of a licence, or words.
    pub license: &'a str,
}

/// `ro-crate-metadata.json` of a crate that holds these files of the report and the study.
pub fn crate_metadata(
    results: &Results,
    record: &RunRecord,
    files: &BTreeMap<String, Vec<u8>>,
    details: CrateDetails<'_>,
) -> Value {
    let reference = |id: &str| json!({ "@id": id });
    let mut graph: Vec<Value> = Vec::new();
    let license_is_address =
        details.license.starts_with("https://") || details.license.starts_with("http://");
    let license = if license_is_address {
        details.license
    } else {
        "#license"
    };
    let held: Vec<Value> = files.keys().map(|name| reference(name)).collect();
    let profiles: Vec<Value> = PROFILES.iter().map(|id| reference(id)).collect();
    graph.push(json!({
        "@id": "ro-crate-metadata.json",
        "@type": "CreativeWork",
        "about": reference("./"),
        "conformsTo": [
            reference("https://w3id.org/ro/crate/1.1"),
            reference("https://w3id.org/workflowhub/workflow-ro-crate/1.0"),
        ],
    }));
    graph.push(json!({
        "@id": "./",
        "@type": "Dataset",
        "name": results.study.title,
        "description": format!(
            "Study {}, version {}, run with prereg {}: its text, its report, and the record of the run. Plan SHA-256 {}.",
            results.study.name, results.study.version, record.prereg_version, record.plan_digest
        ),
        "datePublished": record.written,
        "license": reference(license),
        "conformsTo": profiles,
        "mainEntity": reference(STUDY),
        "mentions": reference("#run"),
        "hasPart": held,
    }));
    for profile in PROFILES {
        let (name, version) = match profile {
            "https://w3id.org/ro/wfrun/process/0.5" => ("Process Run Crate", "0.5"),
            "https://w3id.org/ro/wfrun/workflow/0.5" => ("Workflow Run Crate", "0.5"),
            _ => ("Workflow RO-Crate", "1.0"),
        };
        graph.push(
            json!({ "@id": profile, "@type": "CreativeWork", "name": name, "version": version }),
        );
    }
    graph.push(json!({
        "@id": license,
        "@type": "CreativeWork",
        "name": details.license,
        "description": "The terms on which the authors give this crate to others.",
    }));
    graph.push(json!({
        "@id": "#prereg-language",
        "@type": "ComputerLanguage",
        "name": "prereg study",
        "alternateName": "prereg",
        "version": record.prereg_version,
        "identifier": reference("urn:prereg:language"),
        "url": reference("urn:prereg:language"),
    }));
    graph.push(json!({
        "@id": "#prereg",
        "@type": "SoftwareApplication",
        "name": "prereg",
        "softwareVersion": record.prereg_version,
        "url": "urn:prereg:software",
    }));
    let inputs: Vec<String> = (1..=record.files.len())
        .map(|number| format!("#input-{number}"))
        .collect();
    let data: Vec<String> = (1..=record.files.len())
        .map(|number| format!("#data-{number}"))
        .collect();
    for ((input, id), file) in inputs.iter().zip(&data).zip(&record.files) {
        graph.push(json!({
            "@id": input,
            "@type": "FormalParameter",
            "conformsTo": reference(PARAMETER),
            "additionalType": "Text",
            "name": file.file,
            "workExample": reference(id),
            "valueRequired": true,
        }));
        graph.push(json!({
            "@id": id,
            "@type": "PropertyValue",
            "name": format!("SHA-256 of {}", file.file),
            "description": format!(
                "Data of patients, not part of this crate{}.",
                file.rows.map_or(String::new(), |rows| format!(": {rows} rows"))
            ),
            "value": file.sha256,
            "exampleOfWork": reference(input),
        }));
    }
    graph.push(json!({
        "@id": "#output-results",
        "@type": "FormalParameter",
        "conformsTo": reference(PARAMETER),
        "additionalType": "File",
        "name": "results.json",
        "workExample": reference("results.json"),
    }));
    for (name, bytes) in files {
        let mut file = json!({
            "@id": name,
            "@type": "File",
            "name": name,
            "contentSize": bytes.len().to_string(),
            "sha256": Digest::of(bytes),
            "encodingFormat": format_of(name),
        });
        if name == STUDY {
            file = json!({
                "@id": name,
                "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow"],
                "conformsTo": reference(WORKFLOW),
                "name": results.study.title,
                "version": results.study.version,
                "contentSize": bytes.len().to_string(),
                "sha256": Digest::of(bytes),
                "encodingFormat": format_of(name),
                "license": reference(license),
                "programmingLanguage": reference("#prereg-language"),
                "input": inputs.iter().map(|id| reference(id)).collect::<Vec<_>>(),
                "output": [reference("#output-results")],
            });
        } else if name == "results.json" {
            file["exampleOfWork"] = reference("#output-results");
        }
        graph.push(file);
    }
    let result: Vec<Value> = files
        .keys()
        .filter(|name| *name != STUDY && *name != "registration.json" && *name != "prov.json")
        .map(|name| reference(name))
        .collect();
    let started = record
        .steps
        .iter()
        .map(|step| step.started.as_str())
        .min()
        .unwrap_or(&record.written);
    graph.push(json!({
        "@id": "#run",
        "@type": "CreateAction",
        "name": format!("Run of {} with prereg {}", results.study.name, record.prereg_version),
        "startTime": started,
        "endTime": record.written,
        "actionStatus": "http://schema.org/CompletedActionStatus",
        "instrument": reference(STUDY),
        "agent": reference("#prereg"),
        "object": data.iter().map(|id| reference(id)).collect::<Vec<_>>(),
        "result": result,
    }));
    json!({
        "@context": [
            "https://w3id.org/ro/crate/1.1/context",
            { "sha256": "https://w3id.org/ro/terms/workflow-run#sha256" },
        ],
        "@graph": graph,
    })
}

fn format_of(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("json") => "application/json",
        Some("html") => "text/html",
        Some("md") => "text/markdown",
        Some("csv") => "text/csv",
        Some("svg") => "image/svg+xml",
        _ => "text/plain",
    }
}
