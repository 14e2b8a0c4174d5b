//! What transfers and the disk say.

use super::{Question, World};
use crate::engine::Input;
use crate::error::{Error, ErrorKind};
use crate::protocol::Headers;
use crate::response::Response;
use crate::task_id::TaskId;
use crate::task_state::TaskMetrics;
use crate::transport::{FinishedTransfer, TransferEvent, TransferId};

/// The length of every file.
pub(crate) const FILE_BYTES: u64 = 1_000;

pub(crate) fn ok() -> Response {
    Response {
        url: "https://a/file".to_owned(),
        status: 200,
        http_version: "HTTP/1.1".to_owned(),
        headers: Headers::default(),
        body: Vec::new(),
    }
}

pub(crate) fn lost() -> Error {
    Error::new(ErrorKind::ConnectionLost, "lost")
}

/// A status that no retry changes.
pub(crate) fn refused() -> Error {
    let answer = Response {
        status: 404,
        ..ok()
    };
    Error::new(ErrorKind::HttpStatus, "not found").with_response(answer)
}

fn is_last(event: &TransferEvent) -> bool {
    matches!(
        event,
        TransferEvent::Finished(_) | TransferEvent::Failed { .. } | TransferEvent::Stopped { .. }
    )
}

impl World {
    /// The transfers that move bytes, oldest task first.
    pub fn running_tasks(&self) -> Vec<TaskId> {
        self.running.keys().map(|transfer| transfer.task).collect()
    }

    /// The transfer of a task, which must run.
    pub fn transfer(&self, id: TaskId) -> TransferId {
        let found = self.running.keys().find(|transfer| transfer.task == id);
        *found.unwrap_or_else(|| panic!("task {id} does not run"))
    }

    pub fn is_running(&self, id: TaskId) -> bool {
        self.running.keys().any(|transfer| transfer.task == id)
    }

    /// Puts an event on its way to the engine.
    pub fn send(&mut self, id: TransferId, event: TransferEvent) {
        self.events.push_back((id, event));
    }

    /// Ends a transfer; the engine has yet to hear of it.
    pub fn end_transfer(&mut self, id: TransferId, event: TransferEvent) {
        self.running.remove(&id);
        self.send(id, event);
    }

    pub(super) fn has_last_event(&self, id: TransferId) -> bool {
        let mut events = self.events.iter();
        events.any(|(of, event)| *of == id && is_last(event))
    }

    /// The engine hears the oldest event. Where it may be of a transfer of an earlier process, its
    /// row is fetched first.
    pub fn hear_event(&mut self) -> bool {
        let Some((id, event)) = self.events.pop_front() else {
            return false;
        };
        if is_last(&event) {
            self.stops_decided.remove(&id);
        }
        let is_stop = matches!(event, TransferEvent::Stopped { .. });
        let is_known = self.engine.contains(id.task) || !self.config.outlives_process;
        if is_known || (is_stop && !self.is_taking_over(id)) {
            self.feed(Input::Transfer(id, event));
        } else {
            self.questions.push_back(Question::Adopt(id, Some(event)));
        }
        true
    }

    pub fn whole_body() -> TransferEvent {
        let path = std::path::PathBuf::new();
        let body = FinishedTransfer::at(path, FILE_BYTES, ok(), TaskMetrics::default());
        TransferEvent::Finished(Box::new(body))
    }

    pub fn failure(error: Error, retry_after_ms: Option<u64>, received: u64) -> TransferEvent {
        TransferEvent::Failed {
            error,
            retry_after_ms,
            metrics: TaskMetrics::default(),
            received,
        }
    }

    /// The last byte of a task arrives; it waits to be filed.
    pub fn receive_all(&mut self, id: TaskId) {
        self.end_transfer(self.transfer(id), World::whole_body());
        self.drive();
    }

    /// The disk has done what it was asked.
    pub fn file(&mut self, id: TaskId, result: Result<(), Error>) {
        assert!(self.filing.remove(&id), "task {id} has nothing to file");
        self.drive_with(Input::Filed(id, result));
    }

    /// A task's transfer goes well to its end.
    pub fn finish(&mut self, id: TaskId) {
        self.receive_all(id);
        self.file(id, Ok(()));
    }

    /// A task's attempt fails without a byte.
    pub fn fail(&mut self, id: TaskId, error: Error) {
        self.fail_after(id, error, None, 0);
    }

    pub fn fail_after(
        &mut self,
        id: TaskId,
        error: Error,
        retry_after_ms: Option<u64>,
        received: u64,
    ) {
        let event = World::failure(error, retry_after_ms, received);
        self.end_transfer(self.transfer(id), event);
        self.drive();
    }

    /// A transfer that was told to stop has stopped, with this many bytes.
    pub fn stopped(&mut self, id: TaskId, received: u64) {
        let transfer = self.transfer(id);
        assert!(self.running[&transfer], "{transfer} was not told to stop");
        self.end_transfer(transfer, World::stop_answer(received));
        self.drive();
    }

    pub fn progress(&mut self, id: TaskId, received: u64) {
        self.send(self.transfer(id), World::progress_event(received));
        self.drive();
    }

    pub fn progress_event(received: u64) -> TransferEvent {
        TransferEvent::Progressed {
            received,
            total: Some(FILE_BYTES),
            network_bytes: received,
        }
    }

    pub fn stop_answer(received: u64) -> TransferEvent {
        TransferEvent::Stopped {
            metrics: TaskMetrics::default(),
            received,
        }
    }

    /// Every transfer goes well, until none is left.
    pub fn finish_all(&mut self) {
        self.drive();
        while let Some(transfer) = self.running.keys().next().copied() {
            self.finish(transfer.task);
        }
    }
}
