//! Questions asked of the embedded knowledge, and the checks that keep its files right.

mod data;
mod lookups;
mod own;
