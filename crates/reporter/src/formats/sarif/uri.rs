//! Paths as URIs.

use std::path::Path;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use serde_json::{Value, json};

use crate::Report;

/// What is not written as it is: all but unreserved characters and the slash. A colon must go, for
/// in a first part without a slash it would end a scheme.
const SPECIAL: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// The `artifactLocation` of a path.
pub(super) fn of(path: &Path, report: &Report<'_>) -> Value {
    let path = report.root.relative(path);
    let uri = encoded(&path);
    if path.is_absolute() {
        json!({ "uri": format!("file://{}{uri}", if uri.starts_with('/') { "" } else { "/" }) })
    } else {
        json!({ "uri": uri, "uriBaseId": "%SRCROOT%" })
    }
}

/// Bytes that are not UTF-8 are encoded as they are: no two paths have one URI.
fn encoded(path: &Path) -> String {
    let bytes = path.as_os_str().as_encoded_bytes();
    if cfg!(windows) {
        let slashes: Vec<u8> =
            bytes.iter().map(|&byte| if byte == b'\\' { b'/' } else { byte }).collect();
        return percent_encode(&slashes, SPECIAL).to_string();
    }
    percent_encode(bytes, SPECIAL).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_characters_stay() {
        let uri = |path: &str| encoded(Path::new(path));
        assert_eq!(uri("src/app-1_2~3.py"), "src/app-1_2~3.py");
        assert_eq!(uri("my files/ü 字.py"), "my%20files/%C3%BC%20%E5%AD%97.py");
        assert_eq!(uri("a:b?c#d%20[e]<f>.py"), "a%3Ab%3Fc%23d%2520%5Be%5D%3Cf%3E.py");
    }

    #[cfg(unix)]
    #[test]
    fn bytes_that_are_not_utf8_stay_what_they_are() {
        let path: &std::ffi::OsStr = std::os::unix::ffi::OsStrExt::from_bytes(b"caf\xe9.py");
        assert_eq!(encoded(Path::new(path)), "caf%E9.py");
    }
}
