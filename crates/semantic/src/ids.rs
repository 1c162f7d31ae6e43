//! Numbers by which the parts of a body refer to each other.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

/// A body of a file; 0 is the module's own code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BodyId(pub u32);

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident,)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(NonZeroU32);

        impl $name {
            /// The id of the element at `index`.
            pub(crate) const fn at(index: u32) -> Self {
                // Ids count from one, so that an optional id takes no more room.
                Self(NonZeroU32::MIN.saturating_add(index))
            }

            /// The place of the element in its array.
            pub(crate) const fn index(self) -> u32 {
                self.0.get() - 1
            }
        }
    )*};
}

ids! {
    /// An expression of one body.
    ExprId,
    /// A statement of one body.
    StmtId,
}

/// The module's own body.
pub const MODULE: BodyId = BodyId(0);

/// Some expressions in a row; see [`Body::list`]. The default is the empty list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct List(pub(crate) u32);

/// A run of statements in [`Body`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    pub(crate) start: u32,
    pub(crate) len: u32,
}

impl List {
    /// Whether it holds nothing.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl Block {
    /// Whether it holds nothing, as an absent `else` does.
    pub const fn is_empty(self) -> bool {
        self.len == 0
    }
}
