//! Scripts against the engine: one rule each.
