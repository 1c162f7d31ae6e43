use std::fmt::Write;
use std::path::Path;

use asynclint_catalog::BlockKind;
use asynclint_lints::Library;

use crate::config::keys::TOP;
use crate::config::{Config, ConfigErrors, Options};
use crate::selection::test_lints::LINTS;

/// One line a mistake: place, what is marked, message, label and help.
fn shown(errors: &ConfigErrors) -> String {
    let mut out = String::new();
    for diagnostic in &errors.diagnostics {
        let place = errors.source.position(diagnostic.primary.span.start);
        let marked = errors.source.slice(diagnostic.primary.span);
        write!(out, "{}:{} {marked}: {}", place.line, place.column, diagnostic.message).unwrap();
        for extra in
            [&diagnostic.primary.message, diagnostic.help.as_ref().unwrap_or(&String::new())]
        {
            if !extra.is_empty() {
                write!(out, " | {extra}").unwrap();
            }
        }
        out.push('\n');
    }
    out.trim_end().to_owned()
}

fn config(text: &str) -> Config {
    Config::from_toml_text("asynclint.toml", text, "/p", LINTS)
        .unwrap_or_else(|errors| panic!("{}", shown(&errors)))
}

#[track_caller]
fn check(text: &str, expected: &str) {
    let errors = Options::parse("asynclint.toml", text, LINTS).expect_err("a mistake");
    assert_eq!(shown(&errors), expected);
}

#[test]
fn every_key_is_read() {
    let text = "target-version = '3.12'
library = 'trio'
exclude = ['gen', '*_pb2.py']
extend-exclude = ['old/']
select = ['ALL']
extend-select = ['ASYNC2']
ignore = ['blocking', 'RUF006']
respect-gitignore = false
respect-noqa = false
max-file-size = 20_000_000
baseline = 'ci/known.json'
src = ['lib']
unsafe-fixes = true
extend-safe-fixes = ['missing-await']
extend-unsafe-fixes = ['blocking', 'RUF006']
lints.missing-await = 'warning'
lints.tasks = 'note'
[per-file-ignores]
'tests/*' = ['missing-await']
[blocking]
max-chain = 7
through-helpers = ['cpu']
sinks = { 'app.*' = 'use' }
[decorators]
preserving = ['app.traced']
[catalog.gives]
coroutine = ['vendor.pull']
[tasks]
keeps-reference = ['app.tasks.spawn', 'self.spawn']
";
    for key in TOP.iter().filter(|key| key.name != "extend") {
        assert!(text.contains(key.name), "this test lacks {}", key.name);
    }
    let config = config(text);
    assert_eq!(config.target_version.minor(), 12);
    assert_eq!(config.library, Some(Library::Trio));
    assert!(config.exclude.covers("/p/a/gen/x.py".as_ref(), false));
    assert!(!config.exclude.covers("/p/.venv/x.py".as_ref(), false));
    assert!(config.extend_exclude.covers("/p/old/x.py".as_ref(), false));
    assert_eq!(config.selection.select.unwrap().len(), 1);
    assert_eq!(config.selection.extend_select[0].as_str(), "ASYNC2");
    assert_eq!(config.selection.ignore.len(), 2);
    assert!(!config.respect_gitignore && !config.respect_noqa);
    assert_eq!(config.max_file_size, 20_000_000);
    assert_eq!(config.baseline.unwrap(), Path::new("/p/ci/known.json"));
    assert_eq!(config.src, [Path::new("/p/lib")]);
    assert!(config.fixes.with_unsafe);
    assert_eq!((config.fixes.extend_safe.len(), config.fixes.extend_unsafe.len()), (1, 2));
    assert_eq!(config.selection.lint_levels.len(), 1);
    assert_eq!(config.selection.group_levels.len(), 1);
    assert_eq!(config.per_file_ignores.ignored("/p/tests/a.py".as_ref()).count(), 1);
    assert_eq!(config.blocking.max_chain, 7);
    assert_eq!(config.blocking.through_helpers, [BlockKind::Cpu]);
    assert!(config.added.sink("app.query").is_some());
    assert_eq!(config.added.preserving, ["app.traced"]);
    assert!(config.catalog.unwrap().catalog.call("vendor.pull").is_some());
    assert_eq!(config.keeps_reference, ["app.tasks.spawn", "self.spawn"]);
}

#[test]
fn an_empty_config_is_the_default() {
    let config = config("# nothing\n");
    assert_eq!(config.target_version.to_string(), "3.10");
    assert_eq!((config.library, config.max_file_size), (None, 10_000_000));
    assert_eq!(config.blocking.max_chain, 4);
    assert!(config.respect_gitignore && config.respect_noqa);
    for folder in [".venv", "node_modules", "site-packages", "dist", ".git"] {
        let path = format!("/p/src/{folder}/x.py");
        assert!(config.exclude.covers(path.as_ref(), false), "{folder}");
    }
    assert!(!config.exclude.covers("/p/src/x.py".as_ref(), false));
}

#[test]
fn every_mistake_is_shown_at_its_place() {
    check(
        "exclud = ['x']\nselect = ['missing-awiat', 'blocking', 'E501']\nrespect-noqa = 'yes'\n",
        "1:1 exclud: unknown key `exclud` | no such key | did you mean `exclude`?
2:11 'missing-awiat': unknown lint `missing-awiat` | no lint, group or code | did you mean `missing-await`?
2:40 'E501': unknown lint `E501` | no lint, group or code | `asynclint lints` shows every lint, group and code
3:16 'yes': `respect-noqa` must be `true` or `false` | this is a string | write `respect-noqa = true`, without quotes",
    );
}

#[test]
fn keys_are_told_apart_from_lints_and_tables() {
    check(
        "target_version = '3.11'",
        "1:1 target_version: unknown key `target_version` | no such key | did you mean `target-version`?",
    );
    check(
        "missing-await = 'off'",
        "1:1 missing-await: unknown key `missing-await` | no such key | levels of lints stand in `[lints]`: `lints.missing-await`",
    );
    check(
        "[lints]\nselect = ['missing-await']",
        "2:1 select: unknown lint `select` | no lint or group | `select` is a key of its own, outside `[lints]`",
    );
    check(
        "[tool.asynclint]\nselect = []",
        "1:2 tool: unknown key `tool` | no such key | only `pyproject.toml` has `[tool.asynclint]`; here its keys stand at the top",
    );
    check(
        "blocking = 'off'",
        "1:12 'off': `blocking` must be a table | this is a string | the level of a group stands in `[lints]`: `lints.blocking`",
    );
    check(
        "[blocking]\nmax_chain = 3\nwhatever = 1",
        "2:1 max_chain: unknown key `max_chain` in `[blocking]` | no such key | did you mean `max-chain`?
3:1 whatever: unknown key `whatever` in `[blocking]` | no such key | the keys are `max-chain`, `sinks`, `through-helpers`",
    );
    check(
        "[tasks]\nkeep-reference = []\nkeeps-reference = 'spawn'",
        "2:1 keep-reference: unknown key `keep-reference` in `[tasks]` | no such key | did you mean `keeps-reference`?
3:19 'spawn': `keeps-reference` must be a list of names of functions | this is a string | write `keeps-reference = [\"spawn\"]`",
    );
    check(
        "tasks.keeps-reference = ['app.spawn()', 3]",
        "1:26 'app.spawn()': `app.spawn()` is no name of a function | write `package.module.function`, or the call as the code has it without its brackets, such as `self.spawn`
1:41 3: `keeps-reference` must be a list of names of functions | this is an integer",
    );
    check("lints = 3", "1:9 3: `lints` must be a table | this is an integer");
}

#[test]
fn versions_are_strings_in_range() {
    check(
        "target-version = 3.10",
        "1:18 3.10: `target-version` must be a string such as `\"3.11\"` | this is a float | write it in quotes: `target-version = \"3.10\"`",
    );
    check(
        "target-version = 'py311'",
        "1:18 'py311': unknown Python version `py311` | did you mean `3.11`?",
    );
    check(
        "target-version = '>=3.9.2'",
        "1:18 '>=3.9.2': unknown Python version `>=3.9.2` | did you mean `3.9`?",
    );
    check(
        "target-version = '3.7'",
        "1:18 '3.7': unknown Python version `3.7` | it is one of `3.8` to `3.15`",
    );
    check(
        "target-version = true",
        "1:18 true: `target-version` must be a version | this is a boolean | write it in quotes: `target-version = \"3.11\"`",
    );
}

#[test]
fn levels_are_words() {
    check(
        "lints.missing-await = 'warn'\nlints.tasks = 'of'\nlints.blocking = false\nlints.taks = 'purple'",
        "1:23 'warn': unknown level `warn` | did you mean `warning`?
2:15 'of': unknown level `of` | did you mean `off`?
3:18 false: `blocking` must be a level | this is a boolean | write it in quotes: `blocking = \"warning\"`
4:7 taks: unknown lint `taks` | no lint or group | did you mean `tasks`?
4:14 'purple': unknown level `purple` | it is one of `off`, `note`, `warning`, `error`",
    );
    check(
        "lints.ASYNC251 = 'off'\nlints.ALL = 'off'\nlints.S7497 = 'off'",
        "1:7 ASYNC251: `[lints]` takes lints and groups, not `ASYNC251` | no lint or group | write `blocking-sleep` instead
2:7 ALL: `[lints]` takes lints and groups, not `ALL` | no lint or group | write the lints or their group instead
3:7 S7497: `[lints]` takes lints and groups, not `S7497` | no lint or group | write `cancelled-error-not-raised`, `swallowed-cancellation` instead",
    );
}

#[test]
fn lists_are_lists_of_strings() {
    check(
        "select = 'missing-await'",
        "1:10 'missing-await': `select` must be a list of lints | this is a string | write `select = [\"missing-await\"]`",
    );
    check(
        "exclude = ['a', 3, 'b[']",
        "1:17 3: `exclude` must be a list of globs | this is an integer
1:20 'b[': invalid glob `b[` | unclosed character class; missing ']'",
    );
    check(
        "[per-file-ignores]\n'tests/*' = 'blocking'\n'a[' = []\n'b' = ['nope-nope']",
        "2:13 'blocking': `tests/*` must be a list of lints | this is a string | write `\"tests/*\" = [\"blocking\"]`
3:1 'a[': invalid glob `a[` | unclosed character class; missing ']'
4:8 'nope-nope': unknown lint `nope-nope` | no lint, group or code | `asynclint lints` shows every lint, group and code",
    );
}

#[test]
fn numbers_have_a_range() {
    check(
        "max-file-size = 0\n[blocking]\nmax-chain = -1",
        "1:17 0: `max-file-size` is out of range | it is a number of bytes from 1 to 4294967295
3:13 -1: `max-chain` is out of range | it is a number of helpers from 0 to 100",
    );
    check(
        "max-file-size = '10 MB'",
        "1:17 '10 MB': `max-file-size` must be a number of bytes | this is a string",
    );
    assert_eq!(config("max-file-size = 0x10").max_file_size, 16);
}

#[test]
fn libraries_are_known() {
    check(
        "library = 'asnycio'",
        "1:11 'asnycio': unknown library `asnycio` | did you mean `asyncio`?",
    );
    check(
        "library = 'twisted'",
        "1:11 'twisted': unknown library `twisted` | it is one of `asyncio`, `anyio`, `trio`",
    );
}

#[test]
fn broken_toml_is_shown_at_its_place() {
    let errors =
        Options::parse("asynclint.toml", "select = ['a'\nignore = []\n", LINTS).unwrap_err();
    assert!(errors.diagnostics[0].message.starts_with("invalid TOML: "), "{}", shown(&errors));
    let errors = Options::parse("asynclint.toml", "x = 1\nselect =\n", LINTS).unwrap_err();
    assert_eq!(errors.source.position(errors.diagnostics[0].primary.span.start).line, 2);
    assert_eq!(errors.diagnostics.len(), 1, "{}", shown(&errors));
    let errors = Options::parse("asynclint.toml", "select = []\nselect = []\n", LINTS).unwrap_err();
    assert_eq!(shown(&errors), "2:1 select: invalid TOML: duplicate key");
    check(
        "select = ['a'\nignore = []\n[lints\nx = = 3",
        "2:1 : invalid TOML: missing comma between array elements, expected `,`",
    );
    check(
        "library = trio\nselect = [missing-await]\nrespect-noqa = False\n",
        "1:11 trio: invalid TOML: a string stands in quotes | write `\"trio\"`
2:11 missing-await: invalid TOML: a string stands in quotes | write `\"missing-await\"`
3:16 False: invalid TOML: a boolean is lower case | write `false`",
    );
}

#[test]
fn columns_count_characters() {
    check(
        "library = 'asyncio' \nexclude = ['é🎈', 1]",
        "2:18 1: `exclude` must be a list of globs | this is an integer",
    );
}

#[test]
fn pyproject_holds_other_tables() {
    let parse = |text| Options::parse_pyproject("pyproject.toml", text, LINTS);
    let text = "[project]\nname = 'x'\n[tool.asynclint]\nselect = ['tasks']\n[tool.other]\nx = 1";
    assert_eq!(parse(text).unwrap().unwrap().select.unwrap().len(), 1);
    assert_eq!(parse("[project]\nname = 'x'\n[tool.other]\nselect = 3").unwrap(), None);
    assert_eq!(parse("tool = 3").unwrap(), None);
    assert_eq!(parse("[tool.asynclint]").unwrap(), Some(Options::default()));
    let errors = parse("[tool]\nasynclint = 3").unwrap_err();
    assert_eq!(shown(&errors), "2:13 3: `tool.asynclint` must be a table | this is an integer");
    let errors = parse("[tool.asynclint]\n\n[tool.asynclint.lint]\nx = 1").unwrap_err();
    assert_eq!(
        shown(&errors),
        "3:17 lint: unknown key `lint` | no such key | did you mean `lints`?"
    );
}

#[test]
fn errors_print_one_line_each() {
    let errors = Options::parse("a.toml", "selct = []\nlibrary = 1", LINTS).unwrap_err();
    assert_eq!(
        errors.to_string(),
        "a.toml:1:1: error[invalid-config]: unknown key `selct`; did you mean `select`?
a.toml:2:11: error[invalid-config]: `library` must be the name of a library; write it in quotes: `library = \"asyncio\"`"
    );
}

#[test]
fn upper_options_win_key_by_key() {
    let parse = |text| Options::parse("x", text, LINTS).unwrap();
    let upper = parse("library = 'trio'\nselect = ['tasks']\nlints.missing-await = 'note'");
    let lower = parse("library = 'anyio'\nrespect-noqa = false\nlints.blocking-sleep = 'off'");
    let both = upper.over(lower);
    assert_eq!((both.library, both.respect_noqa), (Some(Library::Trio), Some(false)));
    assert_eq!(both.lint_levels.len(), 2);
}
