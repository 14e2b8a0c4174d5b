//! The answer that a caller of the store waits for: with `.await`, or by blocking its thread.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::sync::oneshot;

use super::fault;
use crate::block_on::block_on;
use crate::error::Result;

/// Arrives when the transaction is durable. Dropping it does not undo the request.
#[must_use = "the request may have failed"]
pub(crate) struct Reply<T>(oneshot::Receiver<Result<T>>);

impl<T> Reply<T> {
    pub(super) fn new(receiver: oneshot::Receiver<Result<T>>) -> Reply<T> {
        Reply(receiver)
    }

    /// Lets the request go its way: it is written, and nobody waits for that.
    pub fn detach(self) {}

    /// Blocks this thread until the answer is in. Works on any thread, also on one that runs a
    /// tokio task.
    pub fn wait(self) -> Result<T> {
        block_on(self)
    }
}

impl<T> Future for Reply<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<T>> {
        Pin::new(&mut self.0)
            .poll(context)
            .map(|answer| answer.unwrap_or_else(|_| Err(fault::closed())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn a_dropped_answer_is_an_error_and_no_hang() {
        let (sender, receiver) = oneshot::channel::<Result<()>>();
        drop(sender);
        let error = Reply::new(receiver).wait().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Store);
    }

    #[test]
    fn blocking_works_inside_a_task_however_often() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(async {
            for number in 0..1_000 {
                let (sender, receiver) = oneshot::channel();
                let answer = std::thread::spawn(move || sender.send(Ok(number)));
                assert_eq!(Reply::new(receiver).wait().unwrap(), number);
                answer.join().unwrap().unwrap();
            }
        });
    }
}
