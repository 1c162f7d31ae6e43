//! Questions asked of the embedded knowledge, and the checks that keep its files right.

mod blocking;
mod data;
mod lookups;
mod own;
