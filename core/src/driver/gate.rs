//! Whether a session may tell its delegate what happened (rules S9–S11, W2, W5, W7). Pure.
//!
//! Behind a closed gate the ends of tasks stay in the journal and nowhere else, and calls that may be
//! lost, progress first, are not made: they are for screens, and there is none.

/// When a background session tells the delegate what happened while the app is not in front.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum DeliveryPolicy {
    /// Together: when every task of the session has ended, when one needs authentication, and at the
    /// end of each wake (rule W2).
    #[default]
    Coalesced,
    /// Each at once, as long as the process has run time.
    Each,
}

/// What the gate depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gate {
    /// The session outlives the process.
    pub is_background: bool,
    pub policy: DeliveryPolicy,
    /// False: nothing is told before the app comes to the front.
    pub sends_launch_events: bool,
    /// What a platform's service did is known. Always so without one.
    pub is_reconciled: bool,
    pub is_in_front: bool,
    /// No task of the session was resumed and has not ended.
    pub all_ended: bool,
    /// The app invalidated the session, and waits for its last call.
    pub is_invalidated: bool,
}

impl Gate {
    /// Everything is told as it comes.
    pub fn is_open(self) -> bool {
        let is_seen = !self.is_background || self.is_in_front || self.is_invalidated;
        let is_each = self.policy == DeliveryPolicy::Each || self.all_ended;
        self.is_reconciled && (is_seen || (self.sends_launch_events && is_each))
    }

    /// What the journal holds is told once: a wake ends, or a task needs authentication.
    pub fn may_flush(self) -> bool {
        self.is_reconciled && (self.sends_launch_events || self.is_open())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In the background, in the middle of its work.
    const BUSY: Gate = Gate {
        is_background: true,
        policy: DeliveryPolicy::Coalesced,
        sends_launch_events: true,
        is_reconciled: true,
        is_in_front: false,
        all_ended: false,
        is_invalidated: false,
    };

    #[test]
    fn every_row_of_the_table() {
        // rule W1, rule W2, rule W5, rule W7, rule S9, rule S10, rule S11
        #[rustfmt::skip]
        let table = [
            ("the background waits", BUSY, false, true),
            ("in front", Gate { is_in_front: true, ..BUSY }, true, true),
            ("a session of this process", Gate { is_background: false, ..BUSY }, true, true),
            ("each", Gate { policy: DeliveryPolicy::Each, ..BUSY }, true, true),
            ("all have ended", Gate { all_ended: true, ..BUSY }, true, true),
            ("invalidated", Gate { is_invalidated: true, ..BUSY }, true, true),
            ("not reconciled", Gate { is_reconciled: false, is_in_front: true, ..BUSY }, false, false),
            ("no launch events", Gate { sends_launch_events: false, ..BUSY }, false, false),
            ("no launch events, all ended",
                Gate { sends_launch_events: false, all_ended: true, ..BUSY }, false, false),
            ("no launch events, each",
                Gate { sends_launch_events: false, policy: DeliveryPolicy::Each, ..BUSY }, false, false),
            ("no launch events, in front",
                Gate { sends_launch_events: false, is_in_front: true, ..BUSY }, true, true),
            ("no launch events, invalidated",
                Gate { sends_launch_events: false, is_invalidated: true, ..BUSY }, true, true),
        ];
        for (row, gate, is_open, may_flush) in table {
            assert_eq!(gate.is_open(), is_open, "{row}");
            assert_eq!(gate.may_flush(), may_flush, "{row}: once");
        }
    }
}
