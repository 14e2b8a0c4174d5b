//! The durable half: SQLite holds the tasks, the journal and the ledger of part files.
mod rows;
pub(crate) use rows::*;
