//! The bindings as another language uses them: the foreign traits are implemented here, in Rust.

mod scenarios;
mod simulated_phone;
mod support;
