//! The answer that a caller of the store waits for: with `.await`, or by blocking its thread.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

use tokio::sync::oneshot;

use super::fault;
use crate::error::Result;

/// Arrives when the transaction is durable. Dropping it does not undo the request.
#[must_use = "the request may have failed"]
pub(crate) struct Reply<T>(oneshot::Receiver<Result<T>>);

impl<T> Reply<T> {
    pub(super) fn new(receiver: oneshot::Receiver<Result<T>>) -> Reply<T> {
        Reply(receiver)
    }

    /// Blocks this thread until the answer is in. Works on any thread, also on one that runs a
    /// tokio task, where tokio's own blocking receive would panic.
    pub fn wait(self) -> Result<T> {
        let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
        let mut context = Context::from_waker(&waker);
        // Without this a task that used up tokio's budget would never see its answer.
        let mut answer = pin!(tokio::task::coop::unconstrained(self));
        loop {
            match answer.as_mut().poll(&mut context) {
                Poll::Ready(answer) => return answer,
                Poll::Pending => std::thread::park(),
            }
        }
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

/// Wakes the thread that waits.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
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
