//! A file's text as it is stored, for whoever changes it.

use crate::decode::{self, DecodeError, Decoded, Encoding};

/// A decoded file whose line ends are as they are stored. Offsets are those of the text of
/// [`SourceFile`](crate::SourceFile), which differs in nothing but lone carriage returns.
#[derive(Clone, Debug)]
pub struct Stored {
    text: String,
    encoding: Encoding,
    bom: bool,
}

impl Stored {
    /// Decodes `bytes` if the text that comes out is stored as the very same bytes. `None` where
    /// it is not, as with the encodings that have several bytes for one character: a file that was
    /// changed in one place would then differ in others.
    ///
    /// # Errors
    /// [`DecodeError`] when the bytes are no Python source text.
    pub fn decode(bytes: &[u8]) -> Result<Option<Self>, DecodeError> {
        let Decoded { text, encoding, bom } = decode::decode_as_stored(bytes.to_vec())?;
        let stored = Self { text, encoding, bom };
        let is_faithful = stored.encode().is_some_and(|again| again == bytes);
        Ok(is_faithful.then_some(stored))
    }

    /// The text without byte order mark.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The same file with another text.
    pub fn with_text(&self, text: String) -> Self {
        Self { text, ..*self }
    }

    /// The bytes of the file; `None` if its encoding has none for some character.
    pub fn encode(&self) -> Option<Vec<u8>> {
        decode::encode(&self.text, self.encoding, self.bom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(bytes: &[u8], text: &str) -> Option<Vec<u8>> {
        let stored = Stored::decode(bytes).unwrap_or_else(|error| panic!("{error}"))?;
        stored.with_text(stored.text().replace("old", text)).encode()
    }

    #[test]
    fn all_but_the_change_stays_as_it_was() {
        for (before, after) in [
            (&b"\xEF\xBB\xBFold\r\n"[..], &b"\xEF\xBB\xBFnew\r\n"[..]),
            (b"a\rold\r", b"a\rnew\r"),
            (b"# coding: latin-1\n'\xE9\x80' old", b"# coding: latin-1\n'\xE9\x80' new"),
            (b"# coding: shift_jis\n'\x83e' old", b"# coding: shift_jis\n'\x83e' new"),
        ] {
            assert_eq!(changed(before, "new").as_deref(), Some(after));
        }
    }

    #[test]
    fn what_cannot_be_stored_is_refused() {
        assert_eq!(changed(b"# coding: latin-1\nold", "\u{4E2D}"), None);
        // One of two spellings of one character in Shift JIS.
        let twice = b"# coding: shift_jis\n'\xFA\x54' old";
        assert!(Stored::decode(twice).is_ok_and(|stored| stored.is_none()));
    }
}
