//! What GitHub reads, against the schemas that it publishes; and the steps of `action.yml` as its
//! runner runs them.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::program::{Outcome, call, run, succeed};
use crate::source::{children, root, wheel};
use crate::workshop::{empty_folder, tool};

const APP: &str = "import time\n\n\nasync def main():\n    time.sleep(1)\n";
const FOUND: &str = "::error title=asynclint (blocking-sleep),file=app.py,line=5,";

/// What the YAML in `file` says.
fn yaml(file: &Path) -> Value {
    let mut python = tool("python", &root());
    let convert = "import json, sys, yaml\n\
                   print(json.dumps(yaml.safe_load(open(sys.argv[1], encoding='utf-8'))))";
    python.args(["-c", convert]).arg(file);
    serde_json::from_str(&succeed(&mut python)).expect("YAML as JSON")
}

/// The action.
fn action() -> Value {
    yaml(&root().join("action.yml"))
}

/// What `${{ inputs.name }}` in `text` stands for: a value that is `given`, or its default.
fn expand(text: &str, action: &Value, given: &[(&str, &str)]) -> String {
    let mut text = text.to_owned();
    for (name, input) in action["inputs"].as_object().expect("inputs") {
        let value = given.iter().find(|(given, _)| given == name).map(|(_, value)| *value);
        let value = value.or(input["default"].as_str()).expect("a value");
        text = text.replace(&format!("${{{{ inputs.{name} }}}}"), value);
    }
    assert!(!text.contains("${{"), "an input that there is not: {text}");
    text
}

/// The action used once in `folder`, below which the wheel is what PyPI has.
struct Use {
    /// Where the steps run.
    work: PathBuf,
    /// The folder that GitHub gives to the steps.
    temp: PathBuf,
}

impl Use {
    /// One over `app.py`.
    fn new(name: &str) -> Self {
        let folder = empty_folder(name);
        let (work, temp) = (folder.join("work"), folder.join("temp"));
        fs::create_dir(&work).expect("a folder");
        fs::create_dir(&temp).expect("a folder");
        fs::write(work.join("app.py"), APP).expect("a file");
        succeed(call("git", &work).args(["init", "-q"]));
        Self { work, temp }
    }

    /// Runs the steps one after the other, until one fails.
    fn run(&self, given: &[(&str, &str)], env: &[(&str, &str)]) -> Outcome {
        let action = action();
        let mut output = String::new();
        for step in action["runs"]["steps"].as_array().expect("steps") {
            assert_eq!(step["shell"], "bash", "the test knows no other shell");
            let script = self.temp.join("script.sh");
            fs::write(&script, step["run"].as_str().expect("a script")).expect("a file");
            // What GitHub calls where a step says `shell: bash`.
            let mut bash = call("bash", &self.work);
            bash.args(["--noprofile", "--norc", "-eo", "pipefail"]).arg(&script);
            bash.env("RUNNER_TEMP", &self.temp).env("GITHUB_PATH", self.temp.join("path"));
            bash.env("PIP_NO_INDEX", "1").env("PIP_FIND_LINKS", wheel());
            bash.envs(env.iter().copied());
            for (name, value) in step["env"].as_object().into_iter().flatten() {
                bash.env(name, expand(value.as_str().expect("a text"), &action, given));
            }
            let outcome = run(&mut bash);
            output += &outcome.output;
            if !outcome.is_success() {
                return Outcome { exit: outcome.exit, output };
            }
        }
        Outcome { exit: Some(0), output }
    }
}

#[test]
fn the_metadata_is_what_the_schema_says() {
    let mut check = tool("check-jsonschema", &root());
    succeed(check.args(["--builtin-schema", "vendor.github-actions", "action.yml"]));
}

/// The forms in which GitHub asks for what a repair needs.
#[test]
fn forms_for_issues_are_what_the_schema_says() {
    let forms = children(&root().join(".github/ISSUE_TEMPLATE"));
    assert!(!forms.is_empty());
    for form in forms {
        let mut check = tool("check-jsonschema", &root());
        succeed(check.args(["--builtin-schema", "vendor.github-issue-forms"]).arg(&form));
        let text = fs::read_to_string(&form).expect("a form");
        assert!(text.contains("`asynclint check --why FILE:LINE`"), "{}", form.display());
        // The commands that it asks for are there.
        let commands = text.split("`asynclint ").skip(1).filter_map(|rest| rest.split('`').next());
        for command in commands {
            let folder = empty_folder("form");
            fs::write(folder.join("app.py"), APP).expect("a file");
            let command = command.replace("FILE:LINE", "app.py:5").replace("FILE", "app.py");
            let words = command.split(' ');
            let outcome = run(call(env!("CARGO_BIN_EXE_asynclint"), &folder).args(words));
            let expected = i32::from(command == "check");
            assert_eq!(outcome.exit, Some(expected), "{command}: {}", outcome.output);
        }
    }
}

#[test]
fn workflows_are_what_the_schemas_say() {
    for workflow in children(&root().join(".github/workflows")) {
        for schema in ["vendor.github-workflows", "custom.github-workflows-require-timeout"] {
            let mut check = tool("check-jsonschema", &root());
            succeed(check.args(["--builtin-schema", schema]).arg(&workflow));
        }
    }
}

/// Nothing is published under a tag that is not its version.
#[test]
fn a_release_is_tagged_with_its_version() {
    let workflow = yaml(&root().join(".github/workflows/release.yml"));
    let steps = workflow["jobs"]["version"]["steps"].as_array().expect("steps");
    let script = steps.iter().find_map(|step| step["run"].as_str()).expect("a script");
    let good = format!("v{}", env!("CARGO_PKG_VERSION"));
    for (tag, exit) in [(&*good, 0), (env!("CARGO_PKG_VERSION"), 1), ("v98.7.6", 1)] {
        let mut bash = call("bash", &root());
        bash.args(["-e", "-c", script]).env("GITHUB_REF_NAME", tag);
        let outcome = run(&mut bash);
        assert_eq!(outcome.exit, Some(exit), "{tag}: {}", outcome.output);
    }
    for job in ["source", "wheel"] {
        let needs = &workflow["jobs"][job]["needs"];
        assert_eq!(needs, "version", "{job} does not wait for the version to be compared");
    }
}

#[test]
fn findings_become_annotations_and_fail_the_job() {
    let job = Use::new("action");
    let outcome = job.run(&[], &[]);
    assert_eq!(outcome.exit, Some(1), "{}", outcome.output);
    assert!(outcome.output.starts_with(FOUND), "{}", outcome.output);
    // Later steps of the job find the program.
    let path = fs::read_to_string(job.temp.join("path")).expect("what is added to PATH");
    let program =
        call(PathBuf::from(path.trim()).join("asynclint"), &job.work).arg("version").output();
    assert!(program.is_ok_and(|output| output.status.success()), "{path}");

    // The flags and the environment of the job are stronger than the action.
    let brief = "app.py:5:5: error[blocking-sleep] ";
    let args = "check --output-format concise --config \"target-version = '3.12'\"";
    let outcome = job.run(&[("args", args), ("version", env!("CARGO_PKG_VERSION"))], &[]);
    assert!(outcome.output.starts_with(brief), "{}", outcome.output);
    let env = [("ASYNCLINT_OUTPUT_FORMAT", "concise")];
    let outcome = job.run(&[("version", ">=0.1,<99")], &env);
    assert!(outcome.output.starts_with(brief), "{}", outcome.output);

    let outcome = job.run(&[("args", "check --exit-zero")], &[]);
    assert_eq!(outcome.exit, Some(0), "{}", outcome.output);
}

#[test]
fn names_of_files_are_not_run() {
    let job = Use::new("action-names");
    fs::create_dir(job.work.join("my code")).expect("a folder");
    fs::write(job.work.join("my code/b.py"), APP).expect("a file");
    let outcome = job.run(&[("src", "'my code' $(touch${IFS}made) `touch made`")], &[]);
    assert_eq!(outcome.exit, Some(2), "{}", outcome.output);
    assert!(outcome.output.contains("file=my code/b.py,line=5"), "{}", outcome.output);
    assert!(outcome.output.contains("cannot check `$(touch${IFS}made)`"), "{}", outcome.output);
    assert!(!job.work.join("made").exists());
}

#[test]
fn a_version_that_there_is_not_fails_the_job() {
    let outcome = Use::new("action-version").run(&[("version", "98.7")], &[]);
    assert_eq!(outcome.exit, Some(1), "{}", outcome.output);
    assert!(outcome.output.contains("No matching distribution found for asynclint==98.7"));
}

#[test]
fn the_page_shows_how_it_is_used() {
    let page = fs::read_to_string(root().join("docs/ci.md")).expect("the page");
    let blocks = page.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let block = blocks.into_iter().find(|block| block.contains("uses: asynclint/"));
    let file = empty_folder("action-page").join("workflow.yml");
    fs::write(&file, block.expect("the page shows the action")).expect("a file");
    let workflow = yaml(&file);
    let steps = workflow["jobs"]["asynclint"]["steps"].as_array().expect("steps");
    let with = steps.iter().find_map(|step| step["with"].as_object()).expect("inputs");
    let inputs = action()["inputs"].as_object().cloned().expect("inputs");
    assert!(with.keys().eq(inputs.keys()), "the page uses every input, and no other");
    for (name, input) in &inputs {
        let row = page.lines().find(|line| line.starts_with(&format!("| `{name}` |")));
        let row = row.unwrap_or_else(|| panic!("the page lacks {name}"));
        let default = input["default"].as_str().expect("a default");
        assert!(row.ends_with(&format!("| `{default}` |")) || default.is_empty(), "{row}");
    }
    let given = with.iter().map(|(name, value)| (&**name, value.as_str().expect("a text")));
    let outcome = Use::new("action-example").run(&given.collect::<Vec<_>>(), &[]);
    assert_eq!(outcome.exit, Some(1), "{}", outcome.output);
    assert!(outcome.output.starts_with(FOUND), "{}", outcome.output);
}
