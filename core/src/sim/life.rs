//! Whether a simulated process lives, and when it dies.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// No fuse burns.
const NONE: u64 = u64::MAX;

/// The life of one process. Everything that it does to the outside asks [`act`](Life::act) first: a
/// dead process's handles are inert, whoever still holds them.
#[derive(Clone, Debug)]
pub(crate) struct Life(Arc<State>);

#[derive(Debug)]
struct State {
    alive: AtomicBool,
    /// Acts until it dies, so that a kill can fall between any two of them.
    fuse: AtomicU64,
    acts: AtomicU64,
    /// Somebody looks from outside: what that does is no act of the process.
    is_looked_at: AtomicBool,
}

impl Life {
    pub fn new() -> Life {
        Life(Arc::new(State {
            alive: AtomicBool::new(true),
            fuse: AtomicU64::new(NONE),
            acts: AtomicU64::new(0),
            is_looked_at: AtomicBool::new(false),
        }))
    }

    pub fn is_alive(&self) -> bool {
        self.0.alive.load(Ordering::Relaxed)
    }

    pub fn end(&self) {
        self.0.alive.store(false, Ordering::Relaxed);
    }

    /// Whether both are the life of one process.
    pub fn is(&self, other: &Life) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// It dies before its `acts`-th act from now.
    pub fn light_fuse(&self, acts: u64) {
        self.0.fuse.store(acts, Ordering::Relaxed);
    }

    /// Whether the process may do this one thing to the outside. False for a dead one, which it may
    /// just have become.
    pub fn act(&self) -> bool {
        if !self.is_alive() {
            return false;
        }
        if self.0.is_looked_at.load(Ordering::Relaxed) {
            return true;
        }
        self.0.acts.fetch_add(1, Ordering::Relaxed);
        match self.0.fuse.load(Ordering::Relaxed) {
            NONE => {}
            0 => self.end(),
            left => self.0.fuse.store(left - 1, Ordering::Relaxed),
        }
        self.is_alive()
    }

    /// Looks into the process without bringing its death nearer.
    pub fn unobserved<T>(&self, look: impl FnOnce() -> T) -> T {
        self.0.is_looked_at.store(true, Ordering::Relaxed);
        let seen = look();
        self.0.is_looked_at.store(false, Ordering::Relaxed);
        seen
    }

    /// What it has done so far.
    #[cfg(test)]
    pub fn acts(&self) -> u64 {
        self.0.acts.load(Ordering::Relaxed)
    }
}
