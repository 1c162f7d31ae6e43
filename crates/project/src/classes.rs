//! Classes: what they inherit, what their objects hold, and what entering or walking one runs.

mod accessors;
mod below;
mod declared;
mod filled;
mod handed_up;
pub(crate) mod hierarchy;
mod implied;
mod kept;
mod members;
pub(crate) mod mro;
pub(crate) mod protocols;
mod receivers;
pub(crate) mod replaced;
mod type_arguments;
