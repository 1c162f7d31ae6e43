//! What the configuration of pytest says about async tests. The file is found as pytest finds it:
//! the closest folder at or above the tests that has one.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use asynclint_lints::{AsyncioMode, Pytest};
use rustc_hash::FxHashMap;
use toml::de::{DeTable, DeValue};

use super::{ConfigFinder, files, ini};
use crate::reading;

/// Files of pytest's own, strongest first.
const TOML_FILES: [&str; 2] = ["pytest.toml", ".pytest.toml"];
const INI_FILES: [&str; 2] = ["pytest.ini", ".pytest.ini"];

/// Files of others in which its configuration may stand as well.
const TOX: &str = "tox.ini";
const SETUP_CFG: &str = "setup.cfg";

/// Whether the configuration of pytest may stand in a file of this name.
pub(super) fn may_hold(name: &OsStr) -> bool {
    let others = [files::PYPROJECT, TOX, SETUP_CFG];
    TOML_FILES.iter().chain(&INI_FILES).chain(&others).any(|&known| name == known)
}

/// Finds the configuration of pytest for files. Shared by threads.
pub(crate) struct PytestFinder<'a> {
    /// Knows of folders that nothing in them is about tests.
    configs: &'a ConfigFinder<'a>,
    /// What holds for the files in each folder that was asked for, and in those around it.
    folders: Mutex<FxHashMap<PathBuf, Option<Pytest>>>,
}

/// Plugins that leave it to others how async tests run.
const HARMLESS_PLUGINS: &[&str] = &[
    "anyio",
    "asyncio",
    "benchmark",
    "cov",
    "mock",
    "pytest_asyncio",
    "pytest_cov",
    "pytest_mock",
    "pytester",
    "randomly",
    "rerunfailures",
    "timeout",
    "xdist",
];

/// Plugins that run async tests which nothing marks.
const RUN_UNMARKED: &[&str] = &[
    "aiomisc-pytest",
    "aiomisc_pytest",
    "alt-pytest-asyncio",
    "alt_pytest_asyncio",
    "pytest-aiohttp",
    "pytest-sanic",
    "pytest-tornado",
    "pytest-tornasync",
    "pytest-twisted",
];

impl<'a> PytestFinder<'a> {
    pub(crate) fn new(configs: &'a ConfigFinder<'a>) -> Self {
        Self { configs, folders: Mutex::default() }
    }

    /// What holds for `file`; `None` where no configuration of pytest is found.
    pub(crate) fn for_file(&self, file: &Path) -> Option<Pytest> {
        let file = files::absolute(file);
        let mut known = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = file.parent()?;
        let unknown: Vec<&Path> =
            folder.ancestors().take_while(|at| !known.contains_key(*at)).collect();
        let above = folder.ancestors().nth(unknown.len());
        let mut holds = above.and_then(|at| known[at]);
        for at in unknown.into_iter().rev() {
            if self.configs.is_plain(at) {
                // What is around holds.
            } else if let Some(own) = of_folder(at) {
                holds = Some(own);
            } else if at.join(".git").exists() {
                // What is around the repository is about something else.
                holds = None;
            }
            known.insert(at.to_owned(), holds);
        }
        holds
    }
}

/// What the file in `folder` says that pytest takes, in its order.
fn of_folder(folder: &Path) -> Option<Pytest> {
    let read = |name: &str| {
        let path = folder.join(name);
        reading::is_as_named(&path).then(|| reading::text(&path).ok())?
    };
    let toml_file = TOML_FILES.into_iter().find_map(|name| {
        let text = read(name)?;
        Some(of_toml(&text, &["pytest"]).unwrap_or_default())
    });
    let ini_file = || {
        let text = INI_FILES.into_iter().find_map(read)?;
        Some(of_ini(&text, "pytest"))
    };
    let pyproject = || {
        let text = read(files::PYPROJECT).filter(|text| text.contains("pytest"))?;
        of_toml(&text, &["tool", "pytest", "ini_options"])
            .or_else(|| of_toml(&text, &["tool", "pytest"]))
    };
    let section = |name: &str, section: &str| {
        let text = read(name)?;
        ini::has_section(&text, section).then(|| of_ini(&text, section))
    };
    let own = toml_file
        .or_else(ini_file)
        .or_else(pyproject)
        .or_else(|| section(TOX, "pytest"))
        .or_else(|| section(SETUP_CFG, "tool:pytest"))?;
    // What tests need and how they are called stands in any of these.
    let around = [files::PYPROJECT, SETUP_CFG, "setup.py", TOX].into_iter();
    Some(around.filter_map(read).fold(own, |own, text| mentioned(own, &text)))
}

fn of_ini(text: &str, section: &str) -> Pytest {
    of_values(|key| ini::value(text, section, key))
}

fn of_toml(text: &str, path: &[&str]) -> Option<Pytest> {
    let document = DeTable::parse(text).ok()?;
    let mut table = document.get_ref();
    for name in path {
        let DeValue::Table(inner) = table.get(*name)?.get_ref() else { return None };
        table = inner;
    }
    Some(of_values(|key| words(table.get(key)?.get_ref())))
}

/// A value of TOML as pytest writes it in an ini file.
fn words(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Boolean(value) => Some(value.to_string()),
        DeValue::Array(items) => {
            let items: Vec<_> = items.iter().filter_map(|item| words(item.get_ref())).collect();
            Some(items.join(" "))
        }
        _ => None,
    }
}

fn of_values(value: impl Fn(&str) -> Option<String>) -> Pytest {
    let is = |key: &str, wanted: &[&str]| {
        value(key).is_some_and(|value| wanted.contains(&value.trim().to_lowercase().as_str()))
    };
    let mut settings = Pytest {
        asyncio_mode: value("asyncio_mode").and_then(|mode| mode_of(mode.trim())),
        runs_unmarked: is("anyio_mode", &["auto"]) || is("trio_mode", &["true", "1", "yes", "on"]),
        uses_pytest_asyncio: value("asyncio_default_fixture_loop_scope").is_some(),
        has_legacy_asyncio: false,
    };
    let addopts = value("addopts").unwrap_or_default();
    let mut options = addopts.split_whitespace();
    while let Some(option) = options.next() {
        if let Some(mode) = option.strip_prefix("--asyncio-mode") {
            let mode = mode.strip_prefix('=').or_else(|| options.next());
            settings.asyncio_mode = mode.and_then(mode_of).or(settings.asyncio_mode);
        } else if let Some(plugin) = option.strip_prefix("-p") {
            let plugin = if plugin.is_empty() { options.next() } else { Some(plugin) };
            settings.runs_unmarked |= plugin.is_some_and(|plugin| {
                !plugin.starts_with("no:") && !HARMLESS_PLUGINS.contains(&plugin)
            });
        }
    }
    mentioned(settings, &value("required_plugins").unwrap_or_default())
}

fn mode_of(text: &str) -> Option<AsyncioMode> {
    match text.trim_matches(['"', '\'']) {
        "auto" => Some(AsyncioMode::Auto),
        "strict" => Some(AsyncioMode::Strict),
        _ => None,
    }
}

/// `settings` with what a text shows by the names in it.
fn mentioned(settings: Pytest, text: &str) -> Pytest {
    let has = |names: &[&str]| names.iter().any(|name| text.contains(name));
    Pytest {
        runs_unmarked: settings.runs_unmarked
            || has(RUN_UNMARKED)
            || has(&["asyncio-mode=auto", "asyncio-mode auto", "asyncio_mode=auto"]),
        uses_pytest_asyncio: settings.uses_pytest_asyncio
            || has(&["pytest-asyncio", "pytest_asyncio"]),
        has_legacy_asyncio: settings.has_legacy_asyncio || pins_legacy_asyncio(text),
        ..settings
    }
}

/// The first release of pytest-asyncio, 0.19, in which plain fixtures are only awaited in mode
/// `auto`.
const FIRST_STRICT: u32 = 19;

/// Whether a text asks for a pytest-asyncio before that: `pytest-asyncio = "^0.14.0"`,
/// `pytest-asyncio<0.17`.
fn pins_legacy_asyncio(text: &str) -> bool {
    let mut mentions = ["pytest-asyncio", "pytest_asyncio"]
        .into_iter()
        .flat_map(|name| text.match_indices(name).map(move |(at, _)| &text[at + name.len()..]));
    mentions.any(|rest| {
        let line = rest.lines().next().unwrap_or_default();
        // Another requirement may stand in the same line.
        let own = line.split_once([';', '#']).map_or(line, |(own, _)| own);
        let mut bounds = own.split(',').take_while(|part| {
            !part
                .trim_start_matches(|it: char| !it.is_ascii_alphanumeric())
                .starts_with(|it: char| it.is_ascii_alphabetic())
        });
        bounds.any(is_legacy_bound)
    })
}

/// Whether a bound such as `==0.14.0`, ` = "^0.14.0` or `<0.17` lets in old releases alone.
fn is_legacy_bound(bound: &str) -> bool {
    let Some(at) = bound.find(|it: char| it.is_ascii_digit()) else { return false };
    let operator = bound[..at].trim_end();
    let mut parts = bound[at..].split(|it: char| !it.is_ascii_digit());
    let (Some("0"), Some(Ok(minor))) = (parts.next(), parts.next().map(str::parse::<u32>)) else {
        return false;
    };
    let is_upper = operator.ends_with('<');
    // `>0.17`, `>=0.17`, `!=0.17`
    !operator.trim_end_matches('=').ends_with(['>', '!'])
        && (minor < FIRST_STRICT || is_upper && minor == FIRST_STRICT)
}

#[cfg(test)]
mod tests {
    use super::super::Options;
    use super::super::test_tree::Tree;
    use super::*;

    #[track_caller]
    fn check(files: &[(&str, &str)], wanted: Option<Pytest>) {
        let tree = Tree::new(files);
        let configs = ConfigFinder::new(&[], Options::default());
        let found = PytestFinder::new(&configs).for_file(&tree.path("tests/unit/test_a.py"));
        assert_eq!(found, wanted, "{files:?}");
    }

    #[expect(clippy::unnecessary_wraps, reason = "as `check` takes it")]
    fn mode(asyncio_mode: AsyncioMode) -> Option<Pytest> {
        let mode = Some(asyncio_mode);
        Some(Pytest { asyncio_mode: mode, ..Pytest::default() })
    }

    const UNMARKED: Option<Pytest> = Some(Pytest {
        asyncio_mode: None,
        runs_unmarked: true,
        uses_pytest_asyncio: false,
        has_legacy_asyncio: false,
    });

    #[test]
    fn every_file_of_pytest_is_read() {
        let auto = mode(AsyncioMode::Auto);
        check(&[("pytest.ini", "[pytest]\nasyncio_mode = auto\n")], auto);
        check(&[("tests/.pytest.ini", "[pytest]\nasyncio_mode=auto\n")], auto);
        check(&[("pytest.toml", "[pytest]\nasyncio_mode = 'auto'\n")], auto);
        check(&[("tox.ini", "[pytest]\nasyncio_mode = auto\n")], auto);
        check(&[("setup.cfg", "[tool:pytest]\nasyncio_mode = auto\n")], auto);
        let options = "[tool.pytest.ini_options]\nasyncio_mode = 'strict'\n";
        check(&[("pyproject.toml", options)], mode(AsyncioMode::Strict));
        check(&[("pyproject.toml", "[tool.pytest]\nasyncio_mode = 'auto'\n")], auto);
    }

    #[test]
    fn the_closest_file_wins_and_files_without_a_section_do_not_count() {
        let strict = "[pytest]\nasyncio_mode = strict\n";
        let auto = "[pytest]\nasyncio_mode = auto\n";
        check(&[("tests/pytest.ini", strict), ("pytest.ini", auto)], mode(AsyncioMode::Strict));
        check(&[("tests/pytest.ini", ""), ("pytest.ini", auto)], Some(Pytest::default()));
        check(&[("tests/tox.ini", "[tox]\n"), ("pytest.ini", auto)], mode(AsyncioMode::Auto));
        check(&[("pytest.ini", strict), ("tox.ini", auto)], mode(AsyncioMode::Strict));
        check(&[("pyproject.toml", "[project]\nname = 'a'\n"), ("setup.cfg", "[metadata]")], None);
        check(&[(".git/config", ""), ("a.txt", "")], None);
    }

    #[test]
    fn options_and_plugins_are_read() {
        let addopts = |options: &str| format!("[pytest]\naddopts =\n    -ra\n    {options}\n");
        check(&[("pytest.ini", &addopts("--asyncio-mode=auto -q"))], mode(AsyncioMode::Auto));
        check(&[("pytest.ini", &addopts("--asyncio-mode strict"))], mode(AsyncioMode::Strict));
        check(&[("pytest.ini", &addopts("-p no:warnings -p xdist"))], Some(Pytest::default()));
        check(&[("pytest.ini", &addopts("-p tests.plugin"))], UNMARKED);
        check(&[("pytest.ini", "[pytest]\nanyio_mode = auto\n")], UNMARKED);
        check(&[("pytest.ini", "[pytest]\ntrio_mode = true\n")], UNMARKED);
        check(&[("pytest.toml", "[pytest]\naddopts = ['-p', 'own']\n")], UNMARKED);
        check(&[("pytest.ini", "[pytest]\nrequired_plugins = pytest-tornasync\n")], UNMARKED);
    }

    #[test]
    fn what_tests_need_tells_the_plugin() {
        let section = "[tool.pytest.ini_options]\n[dependency-groups]\ndev = ['PLUGIN']\n";
        let uses = |runs_unmarked, uses_pytest_asyncio| {
            Some(Pytest { runs_unmarked, uses_pytest_asyncio, ..Pytest::default() })
        };
        for (plugin, wanted) in [
            ("pytest-asyncio>=0.23", uses(false, true)),
            ("pytest-aiohttp", uses(true, false)),
            ("pytest-cov", uses(false, false)),
        ] {
            check(&[("pyproject.toml", &section.replace("PLUGIN", plugin))], wanted);
        }
        for (pin, is_legacy) in [
            ("pytest-asyncio<0.17", true),
            ("pytest-asyncio ~= 0.16.0", true),
            ("pytest_asyncio>=0.14,<0.19", true),
            ("pytest-asyncio==0.18.3", true),
            ("pytest-asyncio>=0.14", false),
            ("pytest-asyncio", false),
            ("pytest-asyncio==0.23.0", false),
            ("pytest-asyncio', 'pytest-cov==0.1", false),
        ] {
            assert_eq!(pins_legacy_asyncio(&format!("dev = ['{pin}']")), is_legacy, "{pin}");
        }
        assert!(pins_legacy_asyncio("pytest-asyncio = \"^0.14.0\""));
        let tox = "[testenv]\ncommands = pytest --asyncio-mode=auto\n";
        check(&[("pytest.ini", ""), ("tox.ini", tox)], uses(true, false));
    }
}
