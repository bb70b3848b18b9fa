//! What is a graph and what is not; parameters that can be part of a key and those that cannot.

use std::collections::BTreeMap;

use prereg::engine::{Graph, GraphError, JsonError, Outputs, Source, Step, parameters};
use serde_json::{Value, json};

use super::study::{empty_folder, json_outputs, run, step};

fn plain(id: &str, inputs: &[&str]) -> Step {
    let sources: Vec<String> = inputs
        .iter()
        .map(|input| format!("{input} = {input}#value"))
        .collect();
    let sources: Vec<&str> = sources.iter().map(String::as_str).collect();
    step(id, "plain", json!({}), &sources, |_| {
        json_outputs(&[("value", json!(1))])
    })
}

fn ids(graph: &Graph) -> Vec<&str> {
    graph.steps().iter().map(|step| step.id.as_str()).collect()
}

#[test]
fn the_order_is_kept_where_it_can_be() {
    let graph = Graph::new(
        "s",
        vec![plain("a", &[]), plain("b", &[]), plain("c", &["a", "b"])],
    )
    .unwrap();
    assert_eq!((graph.name(), ids(&graph)), ("s", vec!["a", "b", "c"]));
    let graph = Graph::new(
        "s",
        vec![plain("c", &["b"]), plain("a", &[]), plain("b", &["a"])],
    )
    .unwrap();
    assert_eq!(ids(&graph), ["a", "b", "c"]);
    assert_eq!(
        ids(&Graph::new("s", Vec::new()).unwrap()),
        Vec::<&str>::new()
    );
}

#[test]
fn an_empty_graph_runs() {
    let folder = empty_folder();
    let store = prereg::store::Store::open(folder.path()).unwrap();
    assert!(
        run(&Graph::new("s", Vec::new()).unwrap(), &store, 0)
            .steps
            .is_empty()
    );
}

#[test]
fn what_is_not_a_graph() {
    let cases: [(Vec<Step>, &str); 5] = [
        (
            vec![plain("a", &[]), plain("a", &[])],
            "two steps have the id a",
        ),
        (
            vec![plain("a", &[]), plain("b", &["a", "a"])],
            "step b has two inputs named a",
        ),
        (
            vec![plain("a", &["b"])],
            "step a takes its input b from the step b, which is not there",
        ),
        (
            vec![plain("a", &["a"])],
            "steps depend on themselves: a → a",
        ),
        (
            vec![
                plain("after", &["c"]),
                plain("a", &["start", "c"]),
                plain("b", &["a"]),
                plain("c", &["b"]),
                plain("start", &[]),
            ],
            "steps depend on themselves: a → b → c → a",
        ),
    ];
    for (steps, message) in cases {
        assert_eq!(Graph::new("s", steps).unwrap_err().to_string(), message);
    }
}

#[test]
fn parameters_are_brought_into_one_form() {
    let with = |parameters: Value| {
        let mut step = plain("a", &[]);
        step.parameters = parameters;
        Graph::new("s", vec![step]).map(|graph| graph.steps()[0].parameters.to_string())
    };
    let one = with(json!({ "b": 1.0, "a": -0.0, "c": 1e21 })).unwrap();
    assert_eq!(one, r#"{"a":0,"b":1,"c":1e+21}"#);
    assert_eq!(with(json!({ "a": 0, "c": 1e21, "b": 1 })).unwrap(), one);
    let mut deep = json!(1);
    for _ in 0..120 {
        deep = json!([deep]);
    }
    let GraphError::Parameters { step, source } = with(deep).unwrap_err() else {
        panic!("it is taken")
    };
    assert_eq!(step, "a");
    assert!(matches!(source, JsonError::TooDeep { .. }));
}

#[derive(Clone, serde::Serialize)]
enum Shape {
    Line(f64),
    Curve(Option<f64>, u64),
    Area { sides: BTreeMap<u8, Vec<f64>> },
    Point,
}

#[test]
fn what_json_cannot_hold_is_refused_with_its_place() {
    let message = |value: &dyn Fn(&mut Outputs) -> Result<(), prereg::engine::OutputError>| {
        let error = value(&mut Outputs::new()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the result fit cannot be written as JSON"
        );
        error.source.to_string()
    };
    let of = |shapes: &[Shape]| message(&|outputs| outputs.json("fit", &json_of(shapes)));
    assert_eq!(
        of(&[Shape::Point, Shape::Line(f64::NAN)]),
        "shapes[1].Line is NaN, a number that JSON does not hold"
    );
    assert_eq!(
        of(&[Shape::Curve(None, 1), Shape::Curve(Some(f64::INFINITY), 1)]),
        "shapes[1].Curve[0] is inf, a number that JSON does not hold"
    );
    assert_eq!(
        of(&[Shape::Curve(Some(1.0), (1 << 53) + 1)]),
        "shapes[0].Curve[1] is 9007199254740993, a number that JSON does not hold"
    );
    let sides = BTreeMap::from([(3, vec![1.0]), (7, vec![0.0, f64::NEG_INFINITY])]);
    assert_eq!(
        of(&[Shape::Area { sides }]),
        "shapes[0].Area.sides.7[1] is -inf, a number that JSON does not hold"
    );
    assert_eq!(
        message(&|outputs| outputs.json("fit", &f64::NAN)),
        "the value is NaN, a number that JSON does not hold"
    );
    assert_eq!(
        message(&|outputs| outputs.json("fit", &i64::MIN)),
        "the value is -9223372036854775808, a number that JSON does not hold"
    );
    let held = [
        Shape::Point,
        Shape::Line(-0.0),
        Shape::Curve(None, 1 << 53),
        Shape::Area {
            sides: BTreeMap::from([(3, vec![f64::MAX, f64::MIN_POSITIVE])]),
        },
    ];
    Outputs::new().json("fit", &json_of(&held)).unwrap();
}

fn json_of(shapes: &[Shape]) -> BTreeMap<&'static str, Vec<Shape>> {
    BTreeMap::from([("shapes", shapes.to_vec())])
}

#[test]
fn parameters_of_plain_data() {
    assert_eq!(
        parameters(&[Shape::Line(0.5), Shape::Curve(None, 10)]).unwrap(),
        json!([{ "Line": 0.5 }, { "Curve": [null, 10] }])
    );
    assert!(matches!(
        parameters(&[f64::NAN]),
        Err(JsonError::Number { .. })
    ));
    assert!(matches!(
        parameters(&[u64::MAX]),
        Err(JsonError::Number { .. })
    ));
}

#[test]
fn a_source_has_a_place() {
    let file = Source::File {
        path: "/somewhere/clinical.csv".into(),
        label: "clinical.csv".to_owned(),
    };
    assert_eq!(file.place(), "clinical.csv");
    assert_eq!(plain("b", &["a"]).inputs[0].source.place(), "a");
}
