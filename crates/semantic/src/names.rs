//! Identifiers of one file, each stored once.

use std::hash::BuildHasher;
use std::num::NonZeroU32;

use rustc_hash::FxBuildHasher;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An identifier or short string of one file; equal names are equal texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Name(NonZeroU32);

impl Name {
    /// The name with the number `number` in its file.
    pub(crate) const fn at(number: u32) -> Self {
        // As with ids, an optional name takes no more room.
        Self(NonZeroU32::MIN.saturating_add(number))
    }

    /// Its number in its file.
    pub(crate) const fn number(self) -> u32 {
        self.0.get() - 1
    }
}

/// The table behind [`Name`]. A project holds one a file, so it is kept small: all texts in one
/// string, and a hash table of numbers.
#[derive(Clone, Debug, Default)]
pub struct Names {
    text: String,
    /// Where the text of each name ends; it begins where the one before it ends.
    ends: Vec<u32>,
    /// Numbers of names by the hash of their texts, with linear probing; the length is a power of
    /// two and at least a third more than the number of names.
    slots: Vec<u32>,
}

/// A slot without a name.
const EMPTY: u32 = u32::MAX;

impl Names {
    /// The name of `text`, entered if new.
    pub(crate) fn intern(&mut self, text: &str) -> Name {
        if (self.ends.len() + 1) * 4 > self.slots.len() * 3 {
            self.grow();
        }
        let slot = self.slot(text);
        if self.slots[slot] == EMPTY {
            self.slots[slot] = self.ends.len() as u32;
            self.text.push_str(text);
            self.ends.push(self.text.len() as u32);
        }
        Name::at(self.slots[slot])
    }

    /// The name of `text`, if the file has it.
    pub fn get(&self, text: &str) -> Option<Name> {
        if self.slots.is_empty() {
            return None;
        }
        let number = self.slots[self.slot(text)];
        (number != EMPTY).then_some(Name::at(number))
    }

    /// Every name, in the order in which the file has them.
    pub fn iter(&self) -> impl Iterator<Item = Name> + use<> {
        (0..self.ends.len() as u32).map(Name::at)
    }

    /// The text of `name`.
    pub fn text(&self, name: Name) -> &str {
        let index = name.number() as usize;
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.text[start as usize..self.ends[index] as usize]
    }

    /// Every name.
    pub fn all(&self) -> impl Iterator<Item = Name> + use<> {
        (0..self.ends.len() as u32).map(Name::at)
    }

    /// The slot that holds `text`, or the empty one where it belongs.
    fn slot(&self, text: &str) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = FxBuildHasher.hash_one(text) as usize & mask;
        while self.slots[slot] != EMPTY && self.text(Name::at(self.slots[slot])) != text {
            slot = (slot + 1) & mask;
        }
        slot
    }

    fn grow(&mut self) {
        let room = (self.slots.len() * 2).max(16);
        self.slots = vec![EMPTY; room];
        for number in 0..self.ends.len() as u32 {
            let slot = self.slot(self.text(Name::at(number)));
            self.slots[slot] = number;
        }
    }

    /// Gives back the room that was kept for more.
    pub(crate) fn close(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
    }
}

/// Stored as the texts alone: the hash table is made anew, so that none that is stored can lead astray.
impl Serialize for Names {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (&self.text, &self.ends).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (text, ends) = <(String, Vec<u32>)>::deserialize(deserializer)?;
        let is_end = |&end: &u32| text.is_char_boundary(end as usize);
        if !ends.is_sorted() || !ends.iter().all(is_end) {
            return Err(D::Error::custom("names that overlap"));
        }
        let room = (ends.len() * 4 / 3 + 2).next_power_of_two().max(16);
        let mut names = Self { text, ends, slots: vec![EMPTY; room] };
        for number in 0..names.ends.len() as u32 {
            let slot = names.slot(names.text(Name::at(number)));
            names.slots[slot] = number;
        }
        Ok(names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_one_name() {
        let mut names = Names::default();
        let words: Vec<String> = (0..1_000).map(|n| format!("name_{n}")).collect();
        let given: Vec<Name> = words.iter().map(|word| names.intern(word)).collect();
        for (word, &name) in words.iter().zip(&given) {
            assert_eq!(names.intern(word), name);
            assert_eq!(names.get(word), Some(name));
            assert_eq!(names.text(name), word);
        }
        assert_eq!(names.get("other"), None);
        assert_eq!(Names::default().get("other"), None);
        let empty = names.intern("");
        assert_eq!(names.text(empty), "");
    }
}
