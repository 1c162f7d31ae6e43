//! The command line, with its help.

use std::path::{Path, PathBuf};

use asynclint_diagnostics::Level;
use asynclint_engine::config::TargetVersion;
use asynclint_lints::Library;
use asynclint_reporter::Format;
use clap::builder::styling::{AnsiColor, Styles};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// Finds async pitfalls in Python
#[derive(Parser)]
#[command(name = "asynclint", version, styles = STYLES, infer_long_args = false)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Check files and folders
    Check(Box<CheckArguments>),
    /// Show the page of a lint
    Explain {
        /// Name of the lint, or another tool's code for it
        lint: String,
        /// When to use colour
        #[arg(long, value_enum, default_value_t, value_name = "WHEN")]
        color: ColorChoice,
    },
    /// List every lint
    Lints {
        /// How to show them
        #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
        output_format: ListFormat,
    },
    /// Show the keys of the config
    Config {
        /// Show this key only, and those below it
        key: Option<String>,
        /// How to show them
        #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
        output_format: KeyFormat,
    },
    /// Write the script that lets a shell complete our commands, flags and values
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: Shell,
    },
    /// Take away what runs have kept, at and below the working directory
    Clean {
        /// The folder that `--cache-dir` names for `check`
        #[arg(long, value_name = "FOLDER")]
        cache_dir: Option<PathBuf>,
    },
    /// Show the version
    Version,
}

#[derive(Args)]
pub(crate) struct CheckArguments {
    /// Files and folders to check; `-` is standard input [default: .]
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) selection: SelectionArguments,
    #[command(flatten)]
    pub(crate) known: KnownArguments,
    #[command(flatten)]
    pub(crate) fixing: FixArguments,
    #[command(flatten)]
    pub(crate) files: FileArguments,
    #[command(flatten)]
    pub(crate) config: ConfigArguments,
    #[command(flatten)]
    pub(crate) cache: CacheArguments,
    #[command(flatten)]
    pub(crate) output: OutputArguments,
    /// Show how each call in a line was resolved, and check nothing
    ///
    /// A file, a colon and a line; another colon and a column for the calls that begin there.
    #[arg(long, value_name = "FILE:LINE", conflicts_with = "paths")]
    pub(crate) why: Option<String>,
}

/// What is reported.
#[derive(Args)]
#[command(next_help_heading = "Lints")]
pub(crate) struct SelectionArguments {
    /// Run these lints and no others: names, groups, codes, or ALL, separated by commas
    #[arg(long, value_name = "LINTS")]
    pub(crate) select: Vec<String>,
    /// Run these lints as well
    #[arg(long, value_name = "LINTS")]
    pub(crate) extend_select: Vec<String>,
    /// Leave these lints out
    #[arg(long, value_name = "LINTS")]
    pub(crate) ignore: Vec<String>,
    /// Leave a lint out in the files of a glob: `tests/*:blocking`
    #[arg(long, value_name = "GLOB:LINT", value_delimiter = ',')]
    pub(crate) per_file_ignores: Vec<String>,
    /// The oldest Python that the code must run on
    #[arg(long, value_name = "VERSION", value_parser = target_version)]
    pub(crate) target_version: Option<TargetVersion>,
    /// The async library of the code
    #[arg(long, value_name = "LIBRARY", value_parser = library())]
    pub(crate) library: Option<Library>,
}

/// What is known and not reported.
#[derive(Args)]
#[command(next_help_heading = "Known findings")]
pub(crate) struct KnownArguments {
    /// Do not report the findings that this file knows
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Write the baseline anew: all that is found is known from then on
    #[arg(long, conflicts_with = "why")]
    pub(crate) update_baseline: bool,
    /// Write a comment for each finding that silences it, with a reason if one is given
    #[arg(
        long,
        value_name = "REASON",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "",
        conflicts_with_all = ["why", "update_baseline", "show_settings"],
    )]
    pub(crate) add_ignore: Option<String>,
}

/// What is changed.
#[derive(Args)]
#[command(next_help_heading = "Fixing")]
#[expect(clippy::struct_excessive_bools, reason = "one for each flag")]
pub(crate) struct FixArguments {
    /// Make the fixes that leave a correct program as it is, and show what is left
    #[arg(long, conflicts_with_all = ["why", "show_settings", "update_baseline", "add_ignore"])]
    pub(crate) fix: bool,
    /// Make those that change what runs as well, such as adding `await`
    #[arg(long)]
    pub(crate) unsafe_fixes: bool,
    /// Make fixes and show nothing that is left; implies `--fix`
    #[arg(long, conflicts_with_all = ["why", "show_settings", "update_baseline", "add_ignore"])]
    pub(crate) fix_only: bool,
    /// Show what fixes would change as a diff, and change nothing; implies `--fix-only`
    #[arg(long, conflicts_with_all = ["why", "show_settings", "update_baseline", "add_ignore"])]
    pub(crate) diff: bool,
    /// List what was fixed
    #[arg(long)]
    pub(crate) show_fixes: bool,
    /// Exit with 1 if anything was fixed, even if nothing is left
    #[arg(long)]
    pub(crate) exit_non_zero_on_fix: bool,
}

/// Which files are read.
#[derive(Args)]
#[command(next_help_heading = "Files")]
pub(crate) struct FileArguments {
    /// Leave out what these globs match, instead of the usual folders
    #[arg(long, value_name = "GLOB", value_delimiter = ',')]
    pub(crate) exclude: Option<Vec<String>>,
    /// Leave out what these globs match as well
    #[arg(long, value_name = "GLOB", value_delimiter = ',')]
    pub(crate) extend_exclude: Option<Vec<String>>,
    /// Leave out what is excluded even where it is named
    #[arg(long)]
    pub(crate) force_exclude: bool,
    /// Check files that git ignores
    #[arg(long)]
    pub(crate) no_respect_gitignore: bool,
    /// The Python environment whose packages are read: its folder or its interpreter
    ///
    /// Where it is not given, it is the active one (`VIRTUAL_ENV`, `CONDA_PREFIX`), else `.venv` or
    /// `venv` beside the project.
    #[arg(long, value_name = "PATH")]
    pub(crate) python: Option<PathBuf>,
    /// Show which files would be checked, and check nothing
    #[arg(long, conflicts_with_all = [
        "why", "show_settings", "fix", "fix_only", "diff", "update_baseline", "add_ignore",
    ])]
    pub(crate) show_files: bool,
    /// The file that standard input stands for
    #[arg(long, value_name = "PATH")]
    pub(crate) stdin_filename: Option<PathBuf>,
}

/// Where settings come from.
#[derive(Args)]
#[command(next_help_heading = "Configuration")]
pub(crate) struct ConfigArguments {
    /// A config file, or a setting such as `target-version = "3.12"`
    ///
    /// May be given several times, with one file at most. Where none is given, `ASYNCLINT_CONFIG`
    /// of the environment may name it; else the config closest to each file holds.
    #[arg(long, value_name = "FILE_OR_SETTING")]
    pub(crate) config: Vec<String>,
    /// Read no config file
    #[arg(long)]
    pub(crate) isolated: bool,
    /// Show the settings that hold for a file, and check nothing
    #[arg(long)]
    pub(crate) show_settings: bool,
}

/// What is kept from run to run.
#[derive(Args)]
#[command(next_help_heading = "Cache")]
pub(crate) struct CacheArguments {
    /// Read everything anew, and keep nothing for the next run
    ///
    /// `ASYNCLINT_NO_CACHE` of the environment says so, too, unless it is `0` or `false`.
    #[arg(long)]
    pub(crate) no_cache: bool,
    /// Keep what was read in this folder, instead of `.asynclint_cache` at the root of the project
    ///
    /// Where it is not given, `ASYNCLINT_CACHE_DIR` of the environment may name it.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) cache_dir: Option<PathBuf>,
}

/// How findings are shown.
#[derive(Args)]
#[command(next_help_heading = "Output")]
#[expect(clippy::struct_excessive_bools, reason = "one for each flag")]
pub(crate) struct OutputArguments {
    /// How to show findings
    ///
    /// Where it is not given, `ASYNCLINT_OUTPUT_FORMAT` of the environment may name it; else it is
    /// full.
    #[arg(long, value_name = "FORMAT", value_parser = format())]
    pub(crate) output_format: Option<Format>,
    /// Write findings to this file, `-` being standard output, which gets the summary
    ///
    /// The file is replaced at once, when all is checked. Folders that are missing are made.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output_file: Option<PathBuf>,
    /// Show how often each lint was found, instead of the findings
    #[arg(long)]
    pub(crate) statistics: bool,
    /// When to use colour
    #[arg(long, value_enum, default_value_t, value_name = "WHEN")]
    pub(crate) color: ColorChoice,
    /// Show findings and errors, but no summary and no warnings
    #[arg(long, short, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Show errors only; the exit code tells whether there are findings
    #[arg(long, short, conflicts_with_all = ["quiet", "verbose"])]
    pub(crate) silent: bool,
    /// Show how long each part of the run took, and how many awaited calls were resolved
    #[arg(long, short)]
    pub(crate) verbose: bool,
    /// The least level of findings that make the exit code 1
    #[arg(long, value_enum, default_value_t, value_name = "LEVEL")]
    pub(crate) fail_on: FailOn,
    /// Exit with 0 even if there are findings
    #[arg(long)]
    pub(crate) exit_zero: bool,
}

impl OutputArguments {
    /// The file that takes the findings, if it is not standard output.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.output_file.as_deref().filter(|file| file.as_os_str() != "-")
    }

    /// Whether there is neither a summary nor a warning.
    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet || self.silent
    }
}

/// The least level of findings that make the exit code 1.
#[derive(Clone, Copy, Default, ValueEnum)]
pub(crate) enum FailOn {
    /// All findings
    Note,
    /// All but notes
    #[default]
    Warning,
    /// Errors only
    Error,
}

impl FailOn {
    pub(crate) fn level(self) -> Level {
        match self {
            Self::Note => Level::Note,
            Self::Warning => Level::Warning,
            Self::Error => Level::Error,
        }
    }
}

/// When to use colour.
#[derive(Clone, Copy, Default, ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// How lints are listed.
#[derive(Clone, Copy, Default, ValueEnum)]
pub(crate) enum ListFormat {
    /// A table
    #[default]
    Text,
    /// An array of objects
    Json,
    /// The table of docs/lints.md
    Markdown,
}

/// How keys are listed.
#[derive(Clone, Copy, Default, ValueEnum)]
pub(crate) enum KeyFormat {
    /// What each is for, its values and its default
    #[default]
    Text,
    /// An array of objects
    Json,
    /// The table of docs/configuration.md
    Markdown,
    /// The JSON schema of the config
    Schema,
}

/// Not a list of possible values: clap would take `3.7` for a slip of `3.9`.
fn target_version(text: &str) -> Result<TargetVersion, String> {
    TargetVersion::parse(text)
        .ok_or_else(|| format!("expected {} to {}", TargetVersion::OLDEST, TargetVersion::NEWEST))
}

fn library() -> impl TypedValueParser<Value = Library> {
    named(Library::ALL, Library::as_str)
}

fn format() -> impl TypedValueParser<Value = Format> {
    named(Format::ALL, Format::as_str)
}

/// Reads one of `values` by its name; help lists them, and a wrong one is answered with the nearest.
fn named<T: Copy + Send + Sync>(
    values: &'static [T],
    name: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(values.iter().map(|&value| name(value))).try_map(move |given| {
        let found = values.iter().copied().find(|&value| name(value) == given);
        found.ok_or("no such value")
    })
}
