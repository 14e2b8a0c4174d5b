//! What a request comes after (rule L6). Only names: whether they exist, and how they ended, the store
//! finds out when the task is made.

use crate::error::{Error, ErrorKind, Result};
use crate::request::Request;
use crate::task_id::TaskId;

/// Tasks that one task may come after.
const AFTER_LIMIT: usize = 1_000;

/// What a task comes after (rule L6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    /// A task of the session.
    Task(TaskId),
    /// The task at this place of the same call, which stands before it.
    Made(usize),
}

impl Request {
    /// The transfer does not begin before this task of the same session has succeeded (rule L6).
    /// Called again, it comes after each of them; at most 1,000. Tasks that are made together come
    /// after each other by a [`Plan`](crate::Plan).
    ///
    /// It goes on in whichever launch or wake the other one ends, without the app saying so. When the
    /// other one fails or is cancelled, or already has, this one ends with
    /// [`ErrorKind::DependencyFailed`], which names it. The wait counts for
    /// [`timeout_for_resource`](crate::SessionConfiguration::timeout_for_resource).
    ///
    /// Making the task fails with [`ErrorKind::UnknownTask`] for a task that was never made or is
    /// forgotten, and with [`ErrorKind::InvalidRequest`] for one of another session.
    #[must_use]
    pub fn after(mut self, task: TaskId) -> Request {
        self.after.push(After::Task(task));
        self
    }

    pub(crate) fn check_after(&self) -> Result<()> {
        if self.after.len() <= AFTER_LIMIT {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::InvalidRequest,
            "a task may come after 1,000 others; put a task between them that gathers some",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_comes_after_a_bounded_number_of_others() {
        // rule L6, rule C2
        let mut request = Request::new("https://host/file").unwrap();
        for number in 0..1_000 {
            request = request.after(TaskId(number));
        }
        assert!(request.check_after().is_ok());
        let error = request.after(TaskId(1_000)).check_after().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    }
}
