//! What the arguments ask of the engine.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use asynclint_engine::config::{ConfigErrors, ConfigFinder, Globs, Options, PerFileIgnore, keys};
use asynclint_engine::discovery::DiscoveryOptions;
use asynclint_engine::selection::{CommandLine, Selector};
use asynclint_engine::{Caching, Environment, Python};
use asynclint_lints::LINTS;
use asynclint_reporter::{self as reporter, Format};

use crate::args::{
    CacheArguments, CheckArguments, FileArguments, OutputArguments, SelectionArguments,
};
use crate::output;
use crate::refusal::{self, Refusal};

/// What is checked.
pub(crate) enum Input<'a> {
    /// What these paths stand for.
    Paths(Vec<PathBuf>),
    /// Standard input, as the file of this name.
    Stdin(&'a Path),
}

/// What is checked: as with ruff, `--stdin-filename` alone means standard input, too.
pub(crate) fn input(arguments: &CheckArguments) -> Result<Input<'_>, Refusal> {
    let name = arguments.files.stdin_filename.as_deref();
    let (dashes, paths): (Vec<PathBuf>, Vec<PathBuf>) =
        arguments.paths.iter().cloned().partition(|path| path.as_os_str() == "-");
    match (name.is_some() || !dashes.is_empty(), paths.first()) {
        (true, None) => Ok(Input::Stdin(name.unwrap_or(Path::new("<stdin>")))),
        (true, Some(path)) => Err(Refusal::usage(
            &format!("cannot check standard input and `{}` in one run", reporter::path(path)),
            "run it once for each",
        )),
        (false, None) => Ok(Input::Paths(vec![PathBuf::from(".")])),
        (false, Some(_)) => Ok(Input::Paths(paths)),
    }
}

/// How findings are shown: by the flag, the environment, or the default.
pub(crate) fn format(arguments: &OutputArguments) -> Result<Format, Refusal> {
    const VARIABLE: &str = "ASYNCLINT_OUTPUT_FORMAT";
    let names = |wanted: fn(Format) -> bool| {
        let known = Format::ALL.iter().filter(|&&format| wanted(format));
        let known: Vec<_> = known.map(|format| format.as_str()).collect();
        format!("the formats are {}", known.join(", "))
    };
    let format = match (arguments.output_format, output::variable(VARIABLE)) {
        (Some(format), _) => format,
        (None, None) => Format::FULL,
        (None, Some(name)) => {
            let name = name.to_string_lossy();
            Format::parse(&name).ok_or_else(|| {
                let message = format!("unknown format `{name}` in `{VARIABLE}`");
                let known = Format::ALL.iter().map(|format| format.as_str());
                let help = match keys::nearest(&name, known) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => names(|_| true),
                };
                Refusal::usage(&message, &help)
            })?
        }
    };
    if arguments.statistics && !reporter::has_statistics(format) {
        let message = format!("`--statistics` cannot be shown as {}", format.as_str());
        return Err(Refusal::usage(&message, &names(reporter::has_statistics)));
    }
    Ok(format)
}

/// What is reported. Every unknown name is shown, with its flag.
pub(crate) fn selection(arguments: &SelectionArguments) -> Result<CommandLine, Refusal> {
    let mut unknown = String::new();
    let mut list = |flag: &str, texts: &[String]| {
        Selector::parse_list(&texts.join(","), LINTS).unwrap_or_else(|errors| {
            for error in errors {
                let message = format!("{error} in `{flag}`");
                unknown.push_str(&refusal::error(&message, &error.help()));
            }
            Vec::new()
        })
    };
    let select = list("--select", &arguments.select);
    let extend_select = list("--extend-select", &arguments.extend_select);
    let ignore = list("--ignore", &arguments.ignore);
    if !unknown.is_empty() {
        return Err(Refusal::Usage(unknown));
    }
    let has_select = !arguments.select.is_empty();
    if has_select && select.is_empty() {
        // A variable that is unset by mistake must not make everything pass.
        return Err(Refusal::usage(
            "`--select` names no lint",
            "`asynclint lints` shows every lint",
        ));
    }
    Ok(CommandLine { select: has_select.then_some(select), extend_select, ignore })
}

/// Which files are read.
pub(crate) fn discovery(
    arguments: &FileArguments,
    here: &Path,
) -> Result<DiscoveryOptions, Refusal> {
    let globs = |flag: &str, globs: &Option<Vec<String>>| {
        let Some(globs) = globs else { return Ok(None) };
        match globs.iter().find_map(|glob| Globs::check(glob).err()) {
            Some(bad) => Err(Refusal::usage(&format!("{bad} in `{flag}`"), "")),
            None => Ok(Some(Globs::new(here, globs))),
        }
    };
    Ok(DiscoveryOptions {
        exclude: globs("--exclude", &arguments.exclude)?,
        extend_exclude: globs("--extend-exclude", &arguments.extend_exclude)?,
        force_exclude: arguments.force_exclude,
        respect_gitignore: arguments.no_respect_gitignore.then_some(false),
    })
}

/// Where installed packages are looked for: in the environment that is named, in the active one, or
/// beside the project. Conda's base environment is active everywhere and belongs to no project.
pub(crate) fn python(arguments: &FileArguments) -> Result<Python, Refusal> {
    if let Some(path) = &arguments.python {
        return Environment::at(path).map(Python::Environment).ok_or_else(|| {
            Refusal::usage(
                &format!("cannot find Python packages in `{}`", reporter::path(path)),
                "`--python` takes an environment, such as `.venv`, or its interpreter",
            )
        });
    }
    let is_base = output::variable("CONDA_DEFAULT_ENV").is_some_and(|name| name == "base");
    let active = output::variable("VIRTUAL_ENV")
        .or_else(|| output::variable("CONDA_PREFIX").filter(|_| !is_base));
    let environment = active.and_then(|path| Environment::at(Path::new(&path)));
    Ok(environment.map_or(Python::Beside, Python::Environment))
}

/// Where what was read is kept: by the flags, the environment, or the default.
pub(crate) fn caching(arguments: &CacheArguments) -> Caching {
    let off = output::variable("ASYNCLINT_NO_CACHE")
        .is_some_and(|value| !["0", "false"].iter().any(|no| value.eq_ignore_ascii_case(no)));
    if arguments.no_cache || off {
        return Caching::Off;
    }
    cache_folder(arguments.cache_dir.as_deref()).map_or(Caching::Beside, Caching::In)
}

/// The folder for caches that the user names, on the command line or in the environment.
pub(crate) fn cache_folder(given: Option<&Path>) -> Option<PathBuf> {
    given.map(Path::to_owned).or_else(|| output::variable("ASYNCLINT_CACHE_DIR").map(PathBuf::from))
}

/// Where configs come from: a file that is named, the closest one of each file, or nowhere; with
/// the settings of the command line on top.
pub(crate) fn configs(
    arguments: &CheckArguments,
    here: &Path,
) -> Result<ConfigFinder<'static>, Refusal> {
    let CheckArguments { config: arguments, selection, known, fixing, .. } = arguments;
    let (settings, files): (Vec<_>, Vec<_>) =
        arguments.config.iter().partition(|text| is_setting(text));
    let file = config_file(&files, arguments.isolated)?;
    let mut overrides = Options::default();
    for text in settings {
        overrides = Options::parse("--config", text, LINTS).map_err(refuse)?.over(overrides);
    }
    overrides.target_version = selection.target_version.or(overrides.target_version);
    overrides.unsafe_fixes = fixing.unsafe_fixes.then_some(true).or(overrides.unsafe_fixes);
    overrides.library = selection.library.or(overrides.library);
    if !selection.per_file_ignores.is_empty() {
        overrides.per_file_ignores = Some(per_file_ignores(&selection.per_file_ignores, here)?);
    }
    // Elsewhere a baseline counts from the folder of the config.
    overrides.baseline = known.baseline.clone().or(overrides.baseline).map(|path| here.join(path));
    Ok(match file {
        Some(file) => ConfigFinder::with_file(&file, here, LINTS, overrides),
        None if arguments.isolated => ConfigFinder::isolated(here, LINTS, overrides),
        None => ConfigFinder::new(LINTS, overrides),
    })
}

/// The rows of `--per-file-ignores`, whose globs count from the working directory.
fn per_file_ignores(rows: &[String], here: &Path) -> Result<Vec<PerFileIgnore>, Refusal> {
    const FLAG: &str = "--per-file-ignores";
    let row = |text: &String| {
        let Some((glob, lint)) = text.rsplit_once(':') else {
            return Err(Refusal::usage(
                &format!("`{text}` in `{FLAG}` lacks a colon and a lint"),
                "write a glob and a lint: `tests/*:blocking`",
            ));
        };
        let (glob, negated) = glob.strip_prefix('!').map_or((glob, false), |glob| (glob, true));
        Globs::check(glob).map_err(|bad| Refusal::usage(&format!("{bad} in `{FLAG}`"), ""))?;
        let lint = Selector::parse(lint.trim(), LINTS).map_err(|unknown| {
            Refusal::usage(&format!("{unknown} in `{FLAG}`"), &unknown.help())
        })?;
        let (glob, root) = (glob.to_owned(), Some(here.to_owned()));
        Ok(PerFileIgnore { glob, root, negated, lints: vec![lint] })
    };
    rows.iter().map(row).collect()
}

/// As ruff does: a setting holds an equals sign and is no file.
fn is_setting(text: &str) -> bool {
    text.contains('=') && !Path::new(text).exists()
}

/// The one config file for all, if there is one.
fn config_file(files: &[&String], isolated: bool) -> Result<Option<PathBuf>, Refusal> {
    let (file, namer) = match files {
        [] if isolated => return Ok(None),
        [] => match output::variable("ASYNCLINT_CONFIG") {
            Some(file) => (PathBuf::from(file), "ASYNCLINT_CONFIG"),
            None => return Ok(None),
        },
        [_] if isolated => {
            return Err(Refusal::usage(
                "`--config` names a file, and `--isolated` reads none",
                "leave one of them out",
            ));
        }
        [file] => (PathBuf::from(file), "--config"),
        [..] => {
            let files: Vec<_> = files.iter().map(|file| format!("`{file}`")).collect();
            return Err(Refusal::usage(
                &format!("`--config` names more than one file: {}", files.join(", ")),
                "every other one can be a setting such as `target-version = \"3.12\"`",
            ));
        }
    };
    if file.exists() {
        return Ok(Some(file));
    }
    Err(Refusal::usage(
        &format!("cannot find the config file `{}`, named by `{namer}`", reporter::path(&file)),
        "`--config` takes a file, or a setting such as `target-version = \"3.12\"`",
    ))
}

fn refuse(errors: ConfigErrors) -> Refusal {
    Refusal::Configs(vec![Arc::new(errors)])
}
