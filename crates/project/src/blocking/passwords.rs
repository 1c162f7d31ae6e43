//! How much a call that hashes a password is told to cost.

use asynclint_catalog::Argument;
use asynclint_semantic::{ArgumentKind, BindingKind, ExprId};

use crate::resolver::{ExprRef, Resolver};

/// What serves protocols as well, where a few thousand rounds are usual: SCRAM, WPA.
const PBKDF2: &str = "hashlib.pbkdf2_hmac";

/// Where its rounds stand, by position and by name.
const ROUNDS: (u8, &str) = (3, "iterations");

/// Rounds of PBKDF2 that take some hundredths of a second: OpenSSL does about two million a second.
const MANY_ROUNDS: u64 = 50_000;

/// What says how often something is done that doubles with each step, and what makes a salt for it.
const DOUBLED: &[&str] = &["log_rounds", "rounds"];
const SALTS: &str = "gensalt";

/// Steps below which that takes less than a few hundredths of a second: ten are 50 ms of bcrypt.
const FEW_STEPS: u64 = 10;

/// What scrypt is told, and below which it is done in a few milliseconds: 16,384 are usual.
const SCRYPT: (&str, u64) = ("n", 4_096);

impl Resolver<'_> {
    /// Whether a hash takes long enough to matter, as far as the call says.
    pub(super) fn is_costly_hash(&self, at: ExprRef, sink: &str) -> bool {
        let facts = self.project.facts(at.module);
        let body = facts.body(at.body);
        if sink == PBKDF2 {
            let (place, name) = ROUNDS;
            let slot = Argument { position: Some(place), keyword: Some(name.into()) };
            return self
                .argument_in(&slot, at)
                .and_then(|id| self.whole_number(ExprRef { id, ..at }))
                .is_some_and(|rounds| rounds >= MANY_ROUNDS);
        }
        let is_below = |id: ExprId, least: u64| {
            self.whole_number(ExprRef { id, ..at }).is_some_and(|number| number < least)
        };
        // `hashpw(password, gensalt(4))`
        let is_cheap = |call: ExprId| {
            let makes_salt =
                body.called_name(call).is_some_and(|name| facts.outline.text(name) == SALTS);
            body.arguments(call).iter().any(|argument| match argument.kind {
                ArgumentKind::Positional => makes_salt && is_below(argument.value, FEW_STEPS),
                ArgumentKind::Keyword(name) => match facts.outline.text(name) {
                    name if DOUBLED.contains(&name) => is_below(argument.value, FEW_STEPS),
                    name if name == SCRYPT.0 => is_below(argument.value, SCRYPT.1),
                    _ => false,
                },
                _ => false,
            })
        };
        !body.exprs_below(at.id).any(is_cheap)
    }

    /// The whole number at `at`, which may stand under a name that is bound once.
    fn whole_number(&self, at: ExprRef) -> Option<u64> {
        let facts = self.project.facts(at.module);
        facts.whole_number(facts.body(at.body), at.id).or_else(|| {
            let binding = self.only_binding(at.module, at.body, at.id)?;
            let BindingKind::Assigned(id) = binding.kind else { return None };
            facts.whole_number(facts.body(binding.body), id)
        })
    }
}
