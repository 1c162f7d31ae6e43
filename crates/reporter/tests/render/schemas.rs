//! Reports held against the schemas that their readers publish; `tests/schemas/README.md` says
//! where these are from.

use roxmltree::{Document, Node};
use serde_json::Value;

const SARIF: &str = include_str!("../schemas/sarif-2.1.0.json");
const RDFORMAT: &str = include_str!("../schemas/rdformat.json");
const GITLAB: &str = include_str!("../schemas/gitlab-code-quality.json");
const JUNIT: &str = include_str!("../schemas/junit-10.xsd");

/// The namespace of XML Schema.
const XS: &str = "http://www.w3.org/2001/XMLSchema";

/// What is wrong with `text` as the format of that name, if it has a schema.
pub(crate) fn errors(format: &str, text: &str) -> Vec<String> {
    match format {
        // A pattern in it has a bracket that not every engine takes for itself.
        "sarif" => json_errors(&SARIF.replace("{2}]?$", r"{2}\\]?$"), text),
        "rdjson" => json_errors(RDFORMAT, text),
        "gitlab" => json_errors(GITLAB, text),
        "junit" => junit_errors(text),
        _ => Vec::new(),
    }
}

fn json_errors(schema: &str, text: &str) -> Vec<String> {
    let schema: Value = serde_json::from_str(schema).expect("a schema");
    let schema = jsonschema::options().should_validate_formats(true).build(&schema);
    match serde_json::from_str(text) {
        Ok(value) => {
            let schema = schema.expect("a schema");
            schema.iter_errors(&value).map(|e| format!("{}: {e}", e.instance_path())).collect()
        }
        Err(error) => vec![error.to_string()],
    }
}

/// As far as Jenkins' schema goes, which is flat: what each element may hold, and which attributes
/// it has and must have.
pub(crate) fn junit_errors(text: &str) -> Vec<String> {
    let schema = Document::parse(JUNIT).expect("a schema");
    match Document::parse(text) {
        Ok(document) => {
            let nodes = document.descendants().filter(Node::is_element);
            nodes.flat_map(|node| element_errors(node, schema.root_element())).collect()
        }
        Err(error) => vec![error.to_string()],
    }
}

fn element_errors(node: Node<'_, '_>, schema: Node<'_, '_>) -> Vec<String> {
    let name = node.tag_name().name();
    let is_definition = |rule: &Node<'_, '_>| rule.attribute("name") == Some(name);
    let Some(rule) = schema.children().find(is_definition) else {
        return vec![format!("no element <{name}>")];
    };
    let below = |tag: &'static str, key: &'static str| {
        let found = rule.descendants().filter(move |part| part.has_tag_name((XS, tag)));
        found.filter_map(move |part| part.attribute(key)).collect::<Vec<_>>()
    };
    let mut errors = Vec::new();
    let parts = below("element", "ref");
    for child in node.children() {
        let tag = child.tag_name().name();
        let is_text = child.is_text() && !child.text().unwrap_or_default().trim().is_empty();
        let takes_text = rule.attribute("type") == Some("xs:string")
            || rule.children().any(|part| part.attribute("mixed") == Some("true"));
        if child.is_element() && !parts.contains(&tag) || is_text && !takes_text {
            errors.push(format!("<{name}> holds {child:?}"));
        }
    }
    let known = below("attribute", "name");
    let unknown = node.attributes().filter(|attribute| !known.contains(&attribute.name()));
    errors.extend(unknown.map(|attribute| format!("<{name}> has {attribute:?}")));
    let required = rule.descendants().filter(|part| part.attribute("use") == Some("required"));
    let missing = required.filter_map(|part| part.attribute("name"));
    let missing = missing.filter(|&key| node.attribute(key).is_none());
    errors.extend(missing.map(|key| format!("<{name}> lacks {key}")));
    errors
}

/// The schemas are looked into at all: reports with something wrong in them do not pass.
#[test]
fn wrong_reports_are_found_out() {
    let wrong = [
        ("sarif", r#"{ "version": "2.1.0" }"#),
        ("sarif", r#"{ "version": "2.1.0", "runs": [{ "tool": { "driver": {} } }] }"#),
        (
            "sarif",
            r#"{ "version": "2.1.0", "runs": [{ "tool": { "driver": { "name": "a" } }, "x": 1 }] }"#,
        ),
        ("rdjson", r#"{ "diagnostics": [{ "message": "a" }] }"#),
        ("rdjson", r#"{ "diagnostics": [], "unknown": 1 }"#),
        ("gitlab", r#"[{ "description": "a" }]"#),
        ("gitlab", "{}"),
        ("junit", "<testsuites><testsuite name=\"a\"/></testsuites>"),
        ("junit", "<testsuites><testcase name=\"a\"/></testsuites>"),
        ("junit", "<testsuites x=\"a\"/>"),
        ("junit", "<testsuites>text</testsuites>"),
        ("junit", "<testsuites>"),
        ("junit", "<report/>"),
    ];
    for (format, text) in wrong {
        assert!(!errors(format, text).is_empty(), "{format}: {text}");
    }
}
