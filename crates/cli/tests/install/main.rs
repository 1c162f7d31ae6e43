//! The ways to get asynclint and the places that call it, with the real tools from PyPI: maturin
//! packs it, pip installs it, pre-commit runs it as a hook, and the steps of the action run.
//!
//! What is fetched and built lies in Cargo's folder for tests, and later runs take it from there.
//! These tests need `python3` with its module `venv`, `git`, and PyPI when they first run.

mod action;
mod hook;
mod package;
mod program;
mod source;
mod workshop;
