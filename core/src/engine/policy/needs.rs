//! What must hold for a task to run, as bits: one table of them with their reasons (rule P1).

use std::fmt;
use std::ops::{BitAnd, BitOr, BitOrAssign, Not};

use crate::task_state::WaitReason;

/// What must hold for a task to run: a set of conditions, each with the reason that a task gives
/// while it waits for it.
///
/// ```
/// use backhaul::{Needs, WaitReason};
/// let needs = Needs::NETWORK | Needs::NOT_CELLULAR;
/// assert_eq!(needs.blocked_by(Needs::NOT_CELLULAR), Some(WaitReason::CellularNotAllowed));
/// assert_eq!(needs.blocked_by(Needs::NOT_WARM), None);
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Needs(i64);

/// One line of the table.
struct Need {
    bit: Needs,
    name: &'static str,
    reason: WaitReason,
    /// A platform can be asked for a wake once it holds (rule P6).
    wakes: bool,
}

macro_rules! needs {
    ($($(#[$doc:meta])+ $name:ident = $bit:literal, $reason:ident, wakes: $wakes:literal;)+) => {
        impl Needs {
            $($(#[$doc])+ pub const $name: Needs = Needs(1 << $bit);)+
        }

        /// Every need; what is hardest to change comes first, and is the reason that is told.
        const TABLE: &[Need] = &[$(Need {
            bit: Needs::$name,
            name: stringify!($name),
            reason: WaitReason::$reason,
            wakes: $wakes,
        },)+];
    };
}

// The numbers are stored with the tasks: they are never given to another need.
needs! {
    /// A network that leads anywhere: not none, not one that waits for a sign-in.
    NETWORK = 0, Connectivity, wakes: true;
    /// A device that is not too hot for any work.
    NOT_HOT = 10, Thermal, wakes: false;
    /// Files that are protected while the device is locked can be read and written.
    UNLOCKED = 11, ProtectedData, wakes: false;
    /// Not a mobile network.
    NOT_CELLULAR = 1, CellularNotAllowed, wakes: true;
    /// A network that does not cost money by volume.
    NOT_EXPENSIVE = 2, ExpensiveNotAllowed, wakes: true;
    /// No Data Saver: it keeps apps that are not in front off metered networks.
    NO_DATA_SAVER = 15, ConstrainedNotAllowed, wakes: true;
    /// No Low Data Mode.
    NOT_CONSTRAINED = 3, ConstrainedNotAllowed, wakes: false;
    /// For a transfer that is large for a watch: a charger and Wi-Fi (rule P8).
    SMALL = 14, WakeBudget, wakes: true;
    /// For discretionary work: the volume is not short of room.
    ROOM = 8, Storage, wakes: false;
    /// For discretionary work: a device that is not warm.
    NOT_WARM = 7, Thermal, wakes: false;
    /// For discretionary work: the battery is not being saved.
    NOT_LOW_POWER = 6, LowPower, wakes: false;
    /// For discretionary work: a charger and an unmetered network.
    EASE = 4, Discretionary, wakes: true;
    /// For discretionary work of an app that is rarely used: a charger.
    CHARGER_IF_RARE = 9, Discretionary, wakes: true;
    /// For discretionary work whose deadline nears: a charger or an unmetered network. A platform can
    /// only wait for one of them, the network.
    EASE_HALF = 5, Discretionary, wakes: true;
    /// For work that was started in the background: the launch limiter is open (rule P5).
    RATE = 13, LaunchRateLimit, wakes: false;
    /// The app has run time: it is in front, or the platform lent it a wake.
    AWAKE = 12, WakeBudget, wakes: false;
}

impl Needs {
    /// Nothing: the task may run always.
    pub const NONE: Needs = Needs(0);

    /// The set that has these bits. Bits that mean nothing are never unmet.
    #[must_use]
    pub const fn from_bits(bits: i64) -> Needs {
        Needs(bits)
    }

    /// The set as a number, as the store and other languages keep it. A bit never changes its meaning.
    #[must_use]
    pub const fn bits(self) -> i64 {
        self.0
    }

    /// Whether the set is empty.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether all of `other` is in the set.
    #[must_use]
    pub const fn contains(self, other: Needs) -> bool {
        self.0 & other.0 == other.0
    }

    /// The set, or nothing.
    #[must_use]
    pub const fn when(self, condition: bool) -> Needs {
        if condition { self } else { Needs::NONE }
    }

    /// The set without `other`.
    #[must_use]
    pub const fn without(self, other: Needs) -> Needs {
        Needs(self.0 & !other.0)
    }

    /// Why a task with these needs may not run while `unmet` is not met, if it may not. Of several
    /// reasons it is the one that is hardest to change.
    #[must_use]
    pub fn blocked_by(self, unmet: Needs) -> Option<WaitReason> {
        let blocked = self & unmet;
        TABLE
            .iter()
            .find(|need| blocked.contains(need.bit))
            .map(|need| need.reason)
    }

    /// What a platform can be asked to wait for before it wakes the app.
    pub(crate) fn for_a_wake(self) -> Needs {
        let can_wait = TABLE.iter().filter(|need| need.wakes);
        can_wait.fold(Needs::NONE, |all, need| all | need.bit) & self
    }

    /// How many conditions it holds.
    pub(crate) const fn len(self) -> u32 {
        self.0.count_ones()
    }
}

impl BitOr for Needs {
    type Output = Needs;
    fn bitor(self, other: Needs) -> Needs {
        Needs(self.0 | other.0)
    }
}

impl BitOrAssign for Needs {
    fn bitor_assign(&mut self, other: Needs) {
        self.0 |= other.0;
    }
}

impl BitAnd for Needs {
    type Output = Needs;
    fn bitand(self, other: Needs) -> Needs {
        Needs(self.0 & other.0)
    }
}

impl Not for Needs {
    type Output = Needs;
    fn not(self) -> Needs {
        Needs(!self.0)
    }
}

impl fmt::Debug for Needs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let set = TABLE.iter().filter(|need| self.contains(need.bit));
        f.debug_set().entries(set.map(|need| need.name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_need_is_one_bit_of_its_own() {
        let mut all = Needs::NONE;
        for need in TABLE {
            assert_eq!(need.bit.len(), 1, "{}", need.name);
            assert!((all & need.bit).is_empty(), "{} is taken", need.name);
            all |= need.bit;
        }
    }

    #[test]
    fn every_need_has_a_reason_of_its_own_when_nothing_else_is_missing() {
        // rule P1
        for need in TABLE {
            assert_eq!(need.bit.blocked_by(!Needs::NONE), Some(need.reason));
            assert_eq!(need.bit.blocked_by(!need.bit), None);
        }
    }

    #[test]
    fn of_several_reasons_the_one_that_is_hardest_to_change_is_told() {
        // rule P1
        let all = !Needs::NONE;
        let mut missing = all;
        for need in TABLE {
            assert_eq!(all.blocked_by(missing), Some(need.reason), "{}", need.name);
            missing = missing.without(need.bit);
        }
        assert_eq!(all.blocked_by(missing), None);
    }
}
