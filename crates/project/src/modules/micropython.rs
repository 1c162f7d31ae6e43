//! Which modules are written for `MicroPython`.

use asynclint_semantic::Facts;

use crate::Project;
use crate::modules::unread::Word;
use crate::types::ModuleId;

/// Modules that only `MicroPython` and its kin have.
const MODULES: &[&str] = &[
    "esp",
    "esp32",
    "machine",
    "micropython",
    "pyb",
    "rp2",
    "uasyncio",
    "uos",
    "usocket",
    "ustruct",
    "utime",
];

/// Functions that `MicroPython` adds to modules of the standard library.
const FUNCTIONS: &[&str] =
    &["sleep_ms", "sleep_us", "ticks_add", "ticks_diff", "ticks_ms", "ticks_us", "wait_for_ms"];

const ASYNCIO: &str = "asyncio";

impl Project<'_> {
    /// Whether a module is for `MicroPython`: it says so itself, or stands among others of which most
    /// that have to do with asyncio do.
    pub fn is_for_micropython(&self, module: ModuleId) -> bool {
        speaks_micropython(self.facts(module)) || self.is_micropython()
    }

    fn is_micropython(&self) -> bool {
        self.reads.note_all();
        *self.micropython.get_or_init(|| {
            let words: Vec<Word> =
                MODULES.iter().chain(FUNCTIONS).map(|name| Word::name(name)).collect();
            let speaks = |&module: &ModuleId| speaks_micropython(self.facts(module));
            let speaking = self.holding(&words).into_iter().filter(speaks).count();
            if speaking == 0 {
                return false;
            }
            let uses = |&module: &ModuleId| self.facts(module).outline.names.get(ASYNCIO).is_some();
            let all = self.modules_naming(ASYNCIO).into_iter().filter(uses).count();
            2 * speaking > all
        })
    }
}

fn speaks_micropython(facts: &Facts) -> bool {
    let outline = &facts.outline;
    let has = |name: &&str| outline.names.get(name).is_some();
    FUNCTIONS.iter().any(has) || MODULES.iter().any(has) && imports_one(facts)
}

fn imports_one(facts: &Facts) -> bool {
    MODULES.iter().any(|module| facts.outline.imports(module))
}
