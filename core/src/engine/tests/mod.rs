//! Scripts against the engine: stories of one rule each, in a pure world of a model store, a
//! scripted transport and a virtual clock; and random histories in the same world.
//!
//! No I/O, no threads, no clock: a week passes in a microsecond.

mod commands;
mod conditions;
mod deadlines;
mod deferral;
mod dependencies;
mod ending;
mod exploration;
mod limits;
mod order;
mod platform;
mod retrying;
mod starting;
mod timers;
mod world;
