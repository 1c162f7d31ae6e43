//! Seeded chance, the same on every machine, and edits of texts that it makes.

/// A source of numbers (xorshift).
pub(crate) struct Chance(u64);

impl Chance {
    /// The numbers of `seed`.
    pub(crate) fn of(seed: u64) -> Self {
        Self((seed + 1).wrapping_mul(0x2545_F491_4F6C_DD1D) | 1)
    }

    /// A number below `end`, which is not 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end
    }

    /// One of `items`, of which there is at least one.
    pub(crate) fn pick<'t, T>(&mut self, items: &'t [T]) -> &'t T {
        &items[self.below(items.len())]
    }
}

/// What stands in Python, and what should not.
const WORDS: &[&str] = &[
    "async ",
    "await ",
    "def ",
    "class ",
    "lambda: ",
    "return ",
    "yield ",
    "import ",
    "from ",
    "with ",
    "for ",
    "in ",
    "try:\n",
    "except:\n",
    "finally:\n",
    "match x:\n",
    "case _:\n",
    "type ",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ":",
    ",",
    ".",
    "=",
    ":=",
    "*",
    "**",
    "@",
    "->",
    ";",
    "\\\n",
    "\n",
    "\r",
    "\r\n",
    "    ",
    "\t",
    "\u{c}",
    "'",
    "\"",
    "'''",
    "\"\"\"",
    "f'{",
    "}'",
    "# noqa",
    "# asynclint: ignore[",
    "]",
    "asyncio",
    "time.sleep(1)",
    "self",
    "...",
    "0x",
    "1e",
    "é",
    "\u{200b}",
    "\u{feff}",
    "🎈",
    "\u{1b}[31m",
    "<<<<<<< a\n",
    "=======\n",
    ">>>>>>> b\n",
];

/// `bytes` after some edits; parts may come from `other`.
pub(crate) fn edited(bytes: &[u8], other: &[u8], chance: &mut Chance) -> Vec<u8> {
    let mut out = bytes.to_vec();
    for _ in 0..=chance.below(6) {
        let at = chance.below(out.len() + 1);
        let end = (at + chance.below(40)).min(out.len());
        match chance.below(8) {
            0 => drop(out.drain(at..end)),
            1 | 2 => drop(out.splice(at..at, chance.pick(WORDS).bytes())),
            3 => drop(out.splice(at..end, chance.pick(WORDS).bytes())),
            4 => {
                let from = chance.below(other.len() + 1);
                let to = (from + chance.below(200)).min(other.len());
                drop(out.splice(at..at, other[from..to].iter().copied()));
            }
            5 => {
                let part = out[at..end].to_vec();
                drop(out.splice(at..at, part));
            }
            6 if at < out.len() => out[at] = chance.below(256) as u8,
            _ => out.truncate(at.max(out.len() / 2)),
        }
    }
    out
}
