//! A wake: one period of run time that the platform lent the app (rules S5, W3), and how the next one
//! is asked for (rules P6, P8).
//!
//! A ticket is completed exactly once, whatever becomes of the session, the delegate or the process's
//! threads. Nothing here moves bytes or decides what runs.

mod budget;
mod desk;
mod request;
mod ticket;

pub(crate) use budget::WakeBudget;
pub(crate) use desk::{Desks, WakeDesk};
pub use request::{WakeConstraints, WakeRequest, WakeScheduler};
pub use ticket::WakeTicket;
pub(crate) use ticket::{Completion, Period};
