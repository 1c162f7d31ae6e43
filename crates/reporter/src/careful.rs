//! JSON that is safe to print.

use std::io;

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

use crate::escape;

/// Compact, with hostile characters as `\u001b` even where JSON would take them raw.
struct Careful;

impl Formatter for Careful {
    fn write_string_fragment<W>(&mut self, out: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + io::Write,
    {
        let mut rest = fragment;
        while let Some(at) = rest.find(escape::is_hostile) {
            out.write_all(&rest.as_bytes()[..at])?;
            let mut tail = rest[at..].chars();
            for unit in tail.next().into_iter().flat_map(|c| c.encode_utf16(&mut [0; 2]).to_vec()) {
                write!(out, "\\u{unit:04x}")?;
            }
            rest = tail.as_str();
        }
        out.write_all(rest.as_bytes())
    }
}

/// `value` on one line, without a line end.
pub(crate) fn json(value: &impl Serialize) -> String {
    let mut out = Vec::new();
    let written = value
        .serialize(&mut Serializer::with_formatter(&mut out, Careful))
        .map(|()| String::from_utf8(out));
    match written {
        Ok(Ok(text)) => text,
        // Structs of strings and numbers always serialise, and the serialiser writes UTF-8.
        Ok(Err(_)) | Err(_) => unreachable!("plain data did not become JSON"),
    }
}

/// The array of `values`, one a line, with a final line end.
pub(crate) fn array(values: impl IntoIterator<Item = impl Serialize>) -> String {
    let mut out = String::from("[");
    for (n, value) in values.into_iter().enumerate() {
        out.push_str(if n == 0 { "\n" } else { ",\n" });
        out.push_str(&json(&value));
    }
    out.push_str(if out.len() > 1 { "\n]\n" } else { "]\n" });
    out
}
