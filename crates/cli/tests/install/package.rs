//! The package that pip installs.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::program::{Outcome, call, run, succeed};
use crate::source::{BUILD, archive, wheel};
use crate::workshop::{build_fast, empty_folder, environment, program, tool};

const APP: &str = "import time\n\n\nasync def main():\n    time.sleep(1)\n";

/// An environment into which pip installed the wheel.
fn installed() -> &'static Path {
    static INSTALLED: OnceLock<PathBuf> = OnceLock::new();
    INSTALLED.get_or_init(|| {
        let folder = environment("installed");
        let mut pip = call(program(&folder, "pip"), &folder);
        pip.args(["install", "-q", "--no-index", "--find-links"]).arg(wheel()).arg("asynclint");
        succeed(&mut pip);
        folder
    })
}

/// Runs the module that pip installed.
fn module(folder: &Path, args: &[&str]) -> Outcome {
    run(call(program(installed(), "python"), folder).args(["-m", "asynclint"]).args(args))
}

/// An interpreter beside which there is no such program, and which reads modules from `packages`.
fn bare_python(folder: &Path, packages: &Path) -> Command {
    let mut python = tool("python", folder);
    python.env("PYTHONPATH", packages).env("PYTHONUSERBASE", folder);
    python
}

#[test]
fn pip_installs_the_program_and_the_module() {
    let folder = empty_folder("checked");
    std::fs::write(folder.join("app.py"), APP).expect("a file");
    let binary = program(installed(), "asynclint");
    for args in [
        &["version"] as &[&str],
        &["check", "--output-format", "concise"],
        &["check", "nope.py"],
        &["check", "--exit-zero", "app.py"],
    ] {
        let by_name = run(call(&binary, &folder).args(args));
        let by_module = module(&folder, args);
        assert_eq!(by_name.exit, by_module.exit, "{args:?}");
        assert_eq!(by_name.output, by_module.output, "{args:?}");
    }
    let find = "import asynclint; print(asynclint.find_binary())";
    let found = succeed(call(program(installed(), "python"), &folder).args(["-c", find]));
    assert_eq!(Path::new(found.trim()), binary);
    let version = format!("asynclint {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(module(&folder, &["version"]).output, version);
    let found = module(&folder, &["check", "--output-format", "concise"]);
    assert_eq!(found.exit, Some(1), "{found:?}");
    assert!(found.output.starts_with("app.py:5:5: error[blocking-sleep] "), "{found:?}");
}

#[test]
fn the_package_says_what_it_is() {
    let show = "from importlib.metadata import metadata\n\
                m = metadata('asynclint')\n\
                print(m['Version'], m['License-Expression'], m['Requires-Python'])\n\
                print(*sorted(m.get_all('License-File')))\n\
                print(m['Description-Content-Type'].split(';')[0], '# asynclint' in m.get_payload())";
    let folder = empty_folder("shown");
    let shown = succeed(call(program(installed(), "python"), &folder).args(["-c", show]));
    let expected = format!(
        "{} MIT OR Apache-2.0 >=3.8\nLICENSE-APACHE LICENSE-MIT\ntext/markdown True\n",
        env!("CARGO_PKG_VERSION")
    );
    assert_eq!(shown, expected);
}

#[test]
fn the_module_finds_the_program_of_every_kind_of_installation() {
    let folder = empty_folder("elsewhere");
    let python = program(installed(), "python");
    for (flag, packages) in [("--target", "target"), ("--prefix", "prefix")] {
        let mut pip = call(program(installed(), "pip"), &folder);
        pip.args(["install", "-q", "--no-index", "--ignore-installed", "--find-links"]);
        succeed(pip.arg(wheel()).args([flag, packages, "asynclint"]));
        let packages = folder.join(packages);
        let find = "import sysconfig, sys\n\
                    p = sys.argv[1]\n\
                    print(sysconfig.get_path('purelib', vars={'base': p}))";
        let packages = if flag == "--prefix" {
            let found = succeed(call(&python, &folder).args(["-c", find]).arg(&packages));
            PathBuf::from(found.trim())
        } else {
            packages
        };
        let shown = succeed(bare_python(&folder, &packages).args(["-m", "asynclint", "version"]));
        assert!(shown.starts_with("asynclint "), "{flag}: {shown}");
    }
}

#[test]
fn a_module_without_its_program_says_where_it_looked() {
    let folder = empty_folder("bare");
    let source = archive().join("crates/cli/python");
    let outcome = run(bare_python(&folder, &source).args(["-m", "asynclint", "version"]));
    assert_eq!(outcome.exit, Some(1), "{outcome:?}");
    assert!(outcome.output.contains("cannot find the binary `asynclint"), "{outcome:?}");
}

#[test]
fn cargo_installs_the_program() {
    let _guard = BUILD.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let folder = empty_folder("cargo-installed");
    let mut cargo = call(env!("CARGO"), archive());
    build_fast(&mut cargo);
    cargo.args(["install", "--locked", "--debug", "--path", "crates/cli", "--root"]).arg(&folder);
    succeed(&mut cargo);
    let shown = succeed(call(program(&folder, "asynclint"), &folder).arg("version"));
    assert_eq!(shown, format!("asynclint {}\n", env!("CARGO_PKG_VERSION")));
}
