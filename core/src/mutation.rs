//! Rules that tests break on purpose, one at a time, to see that somebody notices.
//!
//! Outside tests nothing is ever broken, and the questions cost nothing.

/// A rule that can be broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mutation {
    /// A task ends without its journal entry (rule D4).
    SkipJournal,
    /// A wake is given back a second time (rule W3).
    #[cfg(feature = "testkit")]
    CompleteTwice,
    /// The body of a 200 is appended to what is here (rules R3, R4).
    AppendWhole,
    /// A task that waits does not say why (rule P1).
    ForgetReason,
    /// Mobile networks are taken for allowed (rule P2).
    IgnoreCellular,
}

#[cfg(test)]
thread_local! {
    static BROKEN: std::cell::Cell<Option<Mutation>> = const { std::cell::Cell::new(None) };
}

/// Whether this rule is broken on this thread.
#[cfg(test)]
pub(crate) fn is_broken(mutation: Mutation) -> bool {
    BROKEN.get() == Some(mutation)
}

/// Whether this rule is broken: never.
#[cfg(not(test))]
pub(crate) const fn is_broken(_: Mutation) -> bool {
    false
}

/// Breaks a rule while `work` runs on this thread.
#[cfg(all(test, feature = "testkit"))]
pub(crate) fn with_broken<T>(mutation: Mutation, work: impl FnOnce() -> T) -> T {
    BROKEN.set(Some(mutation));
    let done = work();
    BROKEN.set(None);
    done
}
