//! Bytes to text, the way CPython's tokenizer does it: byte order mark, PEP 263 cookie, UTF-8.

use encoding_rs::Encoding as Charset;
use thiserror::Error;

/// How a file is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// What a PEP 263 cookie names; the name is that of `encoding_rs`.
    Cookie(&'static str),
}

/// Why bytes are not Python source text. Offsets are 0-based bytes of the file.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// Neither valid UTF-8 nor a cookie that says otherwise.
    #[error("not valid UTF-8 at byte {0}")]
    NotUtf8(usize),
    /// The cookie names an encoding that is not known.
    #[error("unknown encoding `{0}` in the coding cookie")]
    UnknownCookie(String),
    /// The bytes are invalid in the encoding that the cookie names.
    #[error("not valid {0}, which the coding cookie names")]
    NotInCookieEncoding(&'static str),
    /// UTF-16 or UTF-32, which Python does not read.
    #[error("stored as {0}, which Python does not read as source")]
    WideEncoding(&'static str),
    /// A NUL byte, which Python refuses in source.
    #[error("holds a NUL byte at byte {0}")]
    Nul(usize),
}

pub(crate) struct Decoded {
    pub(crate) text: String,
    pub(crate) encoding: Encoding,
    pub(crate) bom: bool,
}

/// Decodes a whole file; a lone `\r` becomes `\n`.
pub(crate) fn decode(bytes: Vec<u8>) -> Result<Decoded, DecodeError> {
    let decoded = decode_as_stored(bytes)?;
    Ok(Decoded { text: lone_cr_to_lf(decoded.text), ..decoded })
}

/// Decodes a whole file and leaves its line ends as they are.
pub(crate) fn decode_as_stored(mut bytes: Vec<u8>) -> Result<Decoded, DecodeError> {
    refuse_wide(&bytes)?;
    let bom = bytes.starts_with(b"\xEF\xBB\xBF");
    if bom {
        bytes.drain(..3);
    }
    if let Some(at) = memchr::memchr(0, &bytes) {
        return Err(DecodeError::Nul(at + if bom { 3 } else { 0 }));
    }
    let charset = if bom { None } else { cookie(&bytes)? };
    let (text, encoding) = match charset {
        None => {
            let offset = if bom { 3 } else { 0 };
            let text = String::from_utf8(bytes)
                .map_err(|e| DecodeError::NotUtf8(e.utf8_error().valid_up_to() + offset))?;
            (text, Encoding::Utf8)
        }
        Some(charset) => {
            let text = charset
                .decode_without_bom_handling_and_without_replacement(&bytes)
                .ok_or(DecodeError::NotInCookieEncoding(charset.name()))?;
            (text.into_owned(), Encoding::Cookie(charset.name()))
        }
    };
    Ok(Decoded { text, encoding, bom })
}

/// The bytes that `text` is stored as; `None` if the encoding has no bytes for some character.
pub(crate) fn encode(text: &str, encoding: Encoding, bom: bool) -> Option<Vec<u8>> {
    let mut bytes = if bom { b"\xEF\xBB\xBF".to_vec() } else { Vec::new() };
    match encoding {
        Encoding::Utf8 => bytes.extend(text.as_bytes()),
        Encoding::Cookie(name) => {
            let charset = Charset::for_label(name.as_bytes())?;
            let (encoded, _, has_unmappable) = charset.encode(text);
            if has_unmappable {
                return None;
            }
            bytes.extend(&*encoded);
        }
    }
    Some(bytes)
}

fn refuse_wide(bytes: &[u8]) -> Result<(), DecodeError> {
    let name = match bytes {
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] => "UTF-32",
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => "UTF-16",
        _ => return Ok(()),
    };
    Err(DecodeError::WideEncoding(name))
}

/// The encoding that a comment in one of the first two lines names (PEP 263). `None` is UTF-8.
fn cookie(bytes: &[u8]) -> Result<Option<&'static Charset>, DecodeError> {
    for line in bytes.split(|&b| b == b'\n' || b == b'\r').take(2) {
        let blank = line.iter().take_while(|b| matches!(b, b' ' | b'\t' | b'\x0C')).count();
        match line.get(blank) {
            Some(b'#') => {
                if let Some(name) = cookie_name(&line[blank..]) {
                    return charset(&name);
                }
            }
            // Only blank lines and comments may stand before the cookie.
            Some(_) => return Ok(None),
            None => {}
        }
    }
    Ok(None)
}

/// The name after `coding:` or `coding=`, as PEP 263's `coding[=:]\s*([-\w.]+)` finds it.
fn cookie_name(comment: &[u8]) -> Option<String> {
    let mut rest = comment;
    loop {
        let at = memchr::memmem::find(rest, b"coding")?;
        rest = &rest[at + b"coding".len()..];
        if let [b':' | b'=', tail @ ..] = rest {
            let blank = tail.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
            let name: Vec<u8> = tail[blank..]
                .iter()
                .copied()
                .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
                .collect();
            if !name.is_empty() {
                return String::from_utf8(name).ok();
            }
        }
    }
}

fn charset(name: &str) -> Result<Option<&'static Charset>, DecodeError> {
    // CPython's spellings that the web's label table does not have.
    let label = name.to_ascii_lowercase().replace('_', "-");
    if label == "utf-8" || label.starts_with("utf-8-") || label == "utf8" || label == "ascii" {
        return Ok(None);
    }
    // Codecs of packages that rewrite what they read as UTF-8 for an older Python.
    if matches!(label.as_str(), "future-fstrings" | "future-annotations") {
        return Ok(None);
    }
    let label = match label.as_str() {
        "latin-1" | "latin1" | "iso-latin-1" | "iso8859-1" => "iso-8859-1",
        "shift-jis" | "sjis" | "cp932" | "ms932" => "shift_jis",
        "euc-jp" | "eucjp" | "ujis" => "euc-jp",
        "cp936" => "gbk",
        "cp949" | "uhc" => "euc-kr",
        "mac-roman" | "macroman" => "macintosh",
        "cp866" => "ibm866",
        other => match other.strip_prefix("cp125") {
            Some(digit) => {
                let found = Charset::for_label(format!("windows-125{digit}").as_bytes());
                return found.map(Some).ok_or_else(|| DecodeError::UnknownCookie(name.to_owned()));
            }
            None => other,
        },
    };
    match Charset::for_label(label.as_bytes()) {
        Some(charset) if charset == encoding_rs::UTF_8 => Ok(None),
        Some(charset) if charset.is_ascii_compatible() => Ok(Some(charset)),
        _ => Err(DecodeError::UnknownCookie(name.to_owned())),
    }
}

/// The grammar knows no lone `\r` as a line end; Python's universal newlines do. Same length, so
/// that offsets stay.
fn lone_cr_to_lf(text: String) -> String {
    if memchr::memchr(b'\r', text.as_bytes()).is_none() {
        return text;
    }
    let bytes = text.as_bytes();
    let lone = |at: usize| bytes[at] == b'\r' && bytes.get(at + 1) != Some(&b'\n');
    if !memchr::memchr_iter(b'\r', bytes).any(lone) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        out.push(if c == '\r' && chars.peek() != Some(&'\n') { '\n' } else { c });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> Result<String, DecodeError> {
        decode(bytes.to_vec()).map(|d| d.text)
    }

    #[test]
    fn bom_is_taken_off() {
        let decoded = decode(b"\xEF\xBB\xBFx = 1\n".to_vec()).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!((decoded.text.as_str(), decoded.bom), ("x = 1\n", true));
    }

    #[test]
    fn cookies_are_honoured_in_the_first_two_lines_only() {
        let latin = b"#!/usr/bin/python\n# -*- coding: latin-1 -*-\ns = '\xE9'\n";
        assert!(text(latin).is_ok_and(|t| t.ends_with("s = 'é'\n")));
        let late = b"x = 1\n# coding: latin-1\ns = '\xE9'\n";
        assert_eq!(text(late), Err(DecodeError::NotUtf8(29)));
        assert_eq!(text(b"# coding: klingon\n"), Err(DecodeError::UnknownCookie("klingon".into())));
        assert!(
            text(b"# vim: set fileencoding=cp1252 :\ns = '\x80'\n").is_ok_and(|t| t.contains('€'))
        );
        assert!(text(b"# coding: shift_jis\ns = '\x83e'\n").is_ok_and(|t| t.contains('テ')));
    }

    #[test]
    fn what_python_refuses_is_refused() {
        assert_eq!(text(b"\xFF\xFEx\0"), Err(DecodeError::WideEncoding("UTF-16")));
        assert_eq!(text(b"a\0b"), Err(DecodeError::Nul(1)));
        assert_eq!(text(b"a = '\xFF'"), Err(DecodeError::NotUtf8(5)));
    }

    #[test]
    fn a_lone_carriage_return_ends_a_line() {
        assert_eq!(text(b"a\rb\r\nc\r").as_deref(), Ok("a\nb\r\nc\n"));
    }
}
