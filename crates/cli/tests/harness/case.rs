//! What a case may say.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

/// One file of `tests/cases` or `tests/robustness`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Case {
    /// What the machine must offer; elsewhere the case is passed over.
    #[serde(default)]
    pub(crate) needs: Vec<Need>,
    /// The files to lay out. `\xff` in a name is that byte.
    #[serde(default)]
    pub(crate) files: BTreeMap<String, Entry>,
    /// The runs, one after another, over the same files.
    pub(crate) run: Vec<Run>,
}

/// What not every machine has.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Need {
    /// Links, pipes, names that are not UTF-8.
    Unix,
    /// `/dev/full`.
    Linux,
    /// A user whom permissions stop.
    NotRoot,
}

/// A file to lay out: its text, or something special.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Entry {
    Text(String),
    Special(Special),
}

/// A file that is more than text.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(crate) struct Special {
    /// Bytes, spelled as `\xff`, `\n`, `\r`, `\t` and `\\`.
    pub(crate) bytes: Option<String>,
    /// Texts one after another; `[text, 3]` is a text three times.
    pub(crate) parts: Option<Vec<Part>>,
    /// A line again and again, with `{n}` and `{n+1}` counted from 0.
    pub(crate) counted: Option<(String, usize)>,
    /// What stands before the counted lines.
    pub(crate) start: String,
    /// What stands behind them.
    pub(crate) end: String,
    /// A line again and again, each one level deeper, and `pass` in the last.
    pub(crate) nested: Option<(String, usize)>,
    /// Bytes that look random and are the same everywhere.
    pub(crate) random: Option<usize>,
    /// A link to this path.
    pub(crate) link: Option<String>,
    /// A named pipe.
    pub(crate) fifo: bool,
    /// An empty folder.
    pub(crate) folder: bool,
    /// Permissions.
    pub(crate) mode: Option<u32>,
}

impl Entry {
    /// The bytes of a file that is text or bytes.
    pub(crate) fn content(&self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.clone().into_bytes(),
            Self::Special(special) => bytes(special.bytes.as_deref().unwrap_or_default()),
        }
    }
}

/// A piece of a file.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Part {
    Once(String),
    Times(String, usize),
}

/// One call of the program. What it says nothing of on a stream must be empty there.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Run {
    /// Its arguments. `\xff` is that byte.
    pub(crate) args: Vec<String>,
    /// The folder it runs in.
    #[serde(default)]
    pub(crate) folder: String,
    /// The file whose bytes are its standard input; else that is empty.
    pub(crate) stdin: Option<String>,
    /// Its environment, besides what every program needs.
    #[serde(default)]
    pub(crate) env: BTreeMap<String, String>,
    /// A file that takes its standard output.
    pub(crate) stdout_to: Option<String>,
    /// How many lines are read before the reader closes the pipe.
    pub(crate) reads: Option<usize>,
    /// Seconds it may take.
    #[serde(default = "patience")]
    pub(crate) seconds: u64,
    /// The exit code.
    pub(crate) exit: i32,
    /// All of standard output.
    pub(crate) stdout: Option<String>,
    /// All of standard output, each finding of the concise format without its message.
    pub(crate) brief: Option<String>,
    /// The findings of the JSON format, each as the concise format has it, without its message.
    pub(crate) json: Option<Vec<String>>,
    /// Texts in it.
    #[serde(default)]
    pub(crate) stdout_has: Vec<String>,
    /// Texts that are not in it.
    #[serde(default)]
    pub(crate) stdout_lacks: Vec<String>,
    /// All of standard error.
    pub(crate) stderr: Option<String>,
    /// Texts in it.
    #[serde(default)]
    pub(crate) stderr_has: Vec<String>,
    /// Texts that are not in it.
    #[serde(default)]
    pub(crate) stderr_lacks: Vec<String>,
    /// The files that it makes or changes, with all that is in each afterwards.
    #[serde(default)]
    pub(crate) writes: BTreeMap<String, Entry>,
    /// The same with texts in each.
    #[serde(default)]
    pub(crate) writes_with: BTreeMap<String, Vec<String>>,
    /// Files and folders that it takes away.
    #[serde(default)]
    pub(crate) removes: Vec<String>,
    /// An earlier run, from 1, of which this one is to be a repetition.
    pub(crate) same_as: Option<usize>,
    /// Why it does not do this yet. It is checked that it still does not, so that a repair shows.
    pub(crate) known_wrong: Option<String>,
    /// Whether the output has colours; none may otherwise hold an escape character.
    #[serde(default)]
    pub(crate) color: bool,
}

fn patience() -> u64 {
    60
}

impl Case {
    /// The case in `file`.
    pub(crate) fn read(file: &Path) -> Self {
        let text = std::fs::read_to_string(file).expect("a case is UTF-8");
        toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
    }

    /// Whether the machine offers what the case needs.
    pub(crate) fn can_run_here(&self) -> bool {
        self.needs.iter().all(|need| match need {
            Need::Unix => cfg!(unix),
            Need::Linux => cfg!(target_os = "linux"),
            Need::NotRoot => !reads_everything(),
        })
    }
}

/// Whether no permission stops this user.
fn reads_everything() -> bool {
    let file = tempfile::NamedTempFile::new().expect("a file to try it on");
    super::tree::set_mode(file.path(), 0);
    std::fs::File::open(file.path()).is_ok()
}

/// The bytes of a text in which `\xff`, `\n`, `\r`, `\t` and `\\` stand for others.
pub(crate) fn bytes(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((plain, escape)) = rest.split_once('\\') {
        out.extend(plain.as_bytes());
        let (byte, length) = match escape.as_bytes() {
            [b'n', ..] => (b'\n', 1),
            [b'r', ..] => (b'\r', 1),
            [b't', ..] => (b'\t', 1),
            [b'\\', ..] => (b'\\', 1),
            [b'x', _, _, ..] => {
                (u8::from_str_radix(&escape[1..3], 16).expect("two hexadecimal digits"), 3)
            }
            _ => panic!("no such escape: \\{escape}"),
        };
        out.push(byte);
        rest = &escape[length..];
    }
    out.extend(rest.as_bytes());
    out
}
