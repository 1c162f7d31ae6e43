//! The documentation site, built by the real tool: docs/site/build.py with `mkdocs`, which is
//! installed below target/ with pip. The tool is strict: a link that leads nowhere is an error.

#[path = "shared/mod.rs"]
#[expect(dead_code, reason = "each test of pages uses its part")]
mod shared;

use std::path::{Path, PathBuf};
use std::process::Command;

use asynclint_lints::LINTS;
use shared::page::{read, root};
use shared::tools;

/// The folder with the Python that has `mkdocs`, or why there is none.
fn python() -> Result<PathBuf, String> {
    let requirements = root().join("docs/site/requirements.txt");
    let wanted = read("docs/site/requirements.txt");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mkdocs");
    let done = folder.join("requirements.txt");
    let python = folder.join("bin/python");
    if std::fs::read_to_string(&done).is_ok_and(|has| has == wanted) {
        return Ok(python);
    }
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    run(Command::new(&python).args(["-m", "pip", "install", "-q", "-r"]).arg(requirements))?;
    std::fs::write(done, wanted).map_err(|error| error.to_string())?;
    Ok(python)
}

fn run(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| error.to_string())?;
    let said = [output.stdout, output.stderr].map(|it| String::from_utf8_lossy(&it).into_owned());
    if output.status.success() { Ok(said.concat()) } else { Err(said.concat()) }
}

#[test]
fn the_site_has_every_page_where_findings_say_it_is() {
    let python = match python() {
        Ok(python) => python,
        Err(reason) => return tools::skip("MkDocs", &reason),
    };
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("site");
    let mut build = Command::new(python);
    build.arg(root().join("docs/site/build.py")).arg("--out").arg(&out);
    build.args(["--asynclint", env!("CARGO_BIN_EXE_asynclint")]);
    let said = run(&mut build).unwrap_or_else(|said| panic!("{said}"));
    assert!(!said.contains("WARNING"), "{said}");

    let home = read("docs/site/mkdocs.yml");
    let home = home.lines().find_map(|line| line.strip_prefix("site_url: ")).expect("an address");
    let page = |address: &str| {
        let path = address.strip_prefix(home).unwrap_or_else(|| panic!("{address} is not there"));
        let path = out.join(path).join("index.html");
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let index = page(&format!("{home}lints/"));
    for lint in LINTS {
        let page = page(&lint.url());
        assert!(page.contains(&format!("Level: {}.", lint.level.as_str())), "{}", lint.name);
        assert!(index.contains(&format!("href=\"{}/\"", lint.name)), "{}", lint.name);
    }
    for entry in std::fs::read_dir(root().join("docs")).expect("the pages").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        match name.strip_suffix(".md") {
            Some("README" | "lints") | None => {}
            Some(name) => drop(page(&format!("{home}{name}/"))),
        }
    }
    assert!(out.join("search/search_index.json").is_file(), "it can be searched");
    assert!(out.join("asynclint.schema.json").is_file(), "editors find the schema");
}

/// The address of the site stands in two files.
#[test]
fn the_site_is_where_the_packages_say() {
    let manifest = read("Cargo.toml");
    let homepage = manifest.lines().find_map(|line| line.strip_prefix("homepage = \""));
    let homepage = homepage.expect("a homepage").trim_end_matches('"');
    assert!(read("docs/site/mkdocs.yml").contains(&format!("site_url: {homepage}/\n")));
    assert!(read("docs/site/build.py").contains(&format!("SITE = \"{homepage}/\"")));
}
