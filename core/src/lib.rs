//! Background transfers that survive the death of the app.
#![allow(dead_code, unused_imports)]

mod engine;
mod protocol;
