//! One arm for each effect, and for each answer of the store.

use std::sync::Arc;
use std::time::Duration;

use crate::driver::mail::Mail;
use crate::driver::waiting_store::Resolved;
use crate::driver::{Driver, Ending};
use crate::engine::{Command, CommandToken, Effect, EventKind, Input, StartTransfer};
use crate::error::{Error, ErrorKind, Result};
use crate::store::{Change, Claim, Committed, Counts, Origin, Phase, Provenance, TaskRow};
use crate::task_id::TaskId;
use crate::task_state::WaitReason;
use crate::transport::{Transfer, TransferEvent};

/// How long after a commit that failed it is tried again.
const COMMIT_PAUSE: Duration = Duration::from_secs(2);

impl Driver {
    pub(super) fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Claim(request) => {
                let reply = self.store.claim(self.session, request);
                self.waiting
                    .push(async move { Resolved::Claimed(reply.await) });
            }
            Effect::Commit { changes, then } => self.commit(changes, then),
            Effect::Start(start) => self.start(*start),
            Effect::Stop(id) => self.transport.stop(id),
            Effect::Finish(id) => self.finish(id),
            Effect::RemovePart(part) | Effect::ForgetSidecar(part) => self.remove_part(&part),
            Effect::Notify(event) => {
                let wants_credentials =
                    matches!(event.kind, EventKind::Waiting(WaitReason::Authentication));
                if wants_credentials {
                    self.flush();
                }
                self.dispatcher.tell(*event);
            }
            // Handled where its commit is resolved: it needs the entry that the commit wrote.
            Effect::Deliver(task, _) => {
                log::error!("task {} was to be delivered without a commit", task.id)
            }
            Effect::Reply(token, result) => self.reply(token, result),
            Effect::Wake(next) => self.wants_wake(next),
        }
    }

    fn start(&mut self, start: StartTransfer) {
        match self.transfer(&start) {
            Ok(transfer) => self.transport.start(transfer),
            Err(error) => self.feed(Input::Transfer(
                start.id,
                TransferEvent::Failed {
                    error,
                    retry_after_ms: None,
                    metrics: Default::default(),
                    received: 0,
                },
            )),
        }
    }

    fn transfer(&self, start: &StartTransfer) -> Result<Transfer> {
        let (row, settings) = (&start.row, &self.settings);
        let options = &row.options;
        let paths = self.places.paths(row.id, &row.base, &row.path)?;
        if let Some(old) = row.options.adopts {
            let old = self
                .places
                .paths(TaskId::from_i64(old), &row.base, &row.path)?;
            self.machine.disk().adopt_part(&old, &paths);
        }
        let mut headers = row.options.headers.clone();
        for (name, value) in settings.additional_headers.iter() {
            if row.options.headers.get(name).is_none() {
                headers.append(name, value).map_err(|source| {
                    Error::new(
                        ErrorKind::InvalidHeader,
                        "the request and the session have too many headers together",
                    )
                    .with_source(source)
                })?;
            }
        }
        Ok(Transfer {
            id: start.id,
            url: row.url.parse().map_err(|source: url::ParseError| {
                Error::new(ErrorKind::StoreCorrupt, "a stored URL cannot be read")
                    .with_source(source)
            })?,
            headers,
            secret_headers: settings.secret_headers.clone(),
            expected_size: row.options.expected_size,
            expected_digest: row.options.expected_digest.clone(),
            timeout_for_request: settings.timeout_for_request,
            status_policy: settings.status_policy,
            resume_policy: settings.resume_policy,
            asks_about_redirects: settings.identifier.is_none(),
            is_discretionary: row.options.is_discretionary(settings.is_discretionary)
                || row.record.started_in_background,
            allows_cellular: settings.allows_cellular && options.allows_cellular.unwrap_or(true),
            allows_expensive: settings.allows_expensive && options.allows_expensive.unwrap_or(true),
            allows_constrained: settings.allows_constrained
                && options.allows_constrained.unwrap_or(true),
            paths,
            provenance: self.provenance(start),
        })
    }

    /// What makes the task again if the store is lost (rule D6). A session without an identifier ends
    /// with the process; and its requests may hold secrets, which must not lie beside the file (T2).
    fn provenance(&self, start: &StartTransfer) -> Option<Arc<Provenance>> {
        let identifier = self.settings.identifier.as_deref()?;
        let list = Arc::clone(self.store.place_list()?);
        let origin = Origin::of(identifier, &start.row, start.id);
        Some(Arc::new(Provenance { origin, list }))
    }

    fn reply(&mut self, token: CommandToken, result: Result<()>) {
        if let Some(answer) = self.callers.remove(&token) {
            // A caller that no longer waits needs no answer.
            let _ = answer.send(result);
        }
    }

    pub(super) fn resolved(&mut self, resolved: Resolved) {
        match resolved {
            Resolved::Claimed(claim) => self.claimed(claim),
            Resolved::Committed {
                committed,
                changes,
                then,
            } => self.committed(committed, changes, then),
            Resolved::Loaded {
                id,
                command,
                token,
                rows,
            } => self.loaded(id, command, token, rows),
            Resolved::InHand(rows) => self.in_hand_claimed(rows),
            Resolved::Adopted {
                transfer,
                rows,
                has_ended,
                event,
            } => self.adopted(transfer, rows, has_ended, event),
            Resolved::CancelPage(rows) => self.cancel_rows(rows),
            Resolved::Task { row, answer } => self.answer_task(row, answer),
            Resolved::Tasks { rows, answer } => self.answer_tasks(rows, answer),
            Resolved::MetadataSet {
                result,
                ids,
                text,
                answer,
            } => self.metadata_set(result, ids, &text, answer),
            Resolved::Counts { counts, changes } => self.counted(counts, changes),
            Resolved::Found {
                id,
                command,
                token,
                phase,
            } => self.found(id, command, token, phase),
            Resolved::Late(id, event) => self.known_transfer_event(id, event),
            Resolved::WhyWaiting { held, ready } => self.waiting_counted(held, ready),
        }
    }

    fn claimed(&mut self, claim: Result<Claim>) {
        let claim = claim.unwrap_or_else(|error| {
            // A claim writes, so a full volume is enough for this: it is asked again later.
            log::error!("the queue could not be read, and is asked again: {error}");
            self.post_later(Mail::Enqueued);
            Claim::default()
        });
        self.counts_stale = true;
        self.feed(Input::Claimed(claim));
    }

    fn committed(&mut self, committed: Result<Committed>, changes: Vec<Change>, then: Vec<Effect>) {
        let (marks, moves_others) = match committed {
            Ok(committed) => (committed.journal, committed.moves_others),
            Err(error) => return self.commit_failed(&error, changes, then),
        };
        self.counts_stale = true;
        for effect in then {
            match effect {
                Effect::Deliver(task, outcome) => {
                    let Some(mark) = marks.iter().find(|mark| mark.task == task.id) else {
                        log::error!("task {} ended without a journal entry", task.id);
                        continue;
                    };
                    self.shared.update(|status| status.undelivered += 1);
                    self.transport.forget(task.id);
                    self.dispatcher.end(*task, mark.entry(*outcome));
                }
                effect => self.carry_out(effect),
            }
        }
        // The store has them: they come with the next claim.
        if moves_others {
            self.feed(Input::MoreReady);
        }
    }

    /// What a failed transaction was to record did not happen: nothing that follows it may either.
    /// A volume that is full may have room later, so it is tried again; the rows are claimed, nobody
    /// else touches them meanwhile. If the process ends first, the next launch claims them again.
    fn commit_failed(&mut self, error: &Error, changes: Vec<Change>, then: Vec<Effect>) {
        let may_pass = matches!(error.kind(), ErrorKind::NoSpace | ErrorKind::Store);
        if may_pass && self.ending == Ending::Not {
            log::warn!("a change could not be written, and is tried again: {error}");
            self.post_later(Mail::CommitAgain { changes, then });
            return;
        }
        log::error!("a change could not be written, its task goes on at the next launch: {error}");
        for effect in then {
            if let Effect::Reply(token, _) = effect {
                self.reply(token, Err(Error::from(error.to_record())));
            }
        }
    }

    pub(super) fn post_later(&self, mail: Mail) {
        let mailbox = self.mailbox.clone();
        self.machine
            .later(COMMIT_PAUSE, Box::new(move || mailbox.post(mail)));
    }

    pub(super) fn commit(&mut self, changes: Vec<Change>, then: Vec<Effect>) {
        let reply = self.store.commit(self.session, changes.clone());
        self.counts_stale = true;
        self.waiting.push(async move {
            let committed = reply.await;
            Resolved::Committed {
                committed,
                changes,
                then,
            }
        });
    }

    fn loaded(
        &mut self,
        id: TaskId,
        command: Command,
        token: CommandToken,
        rows: Result<Vec<TaskRow>>,
    ) {
        let row = match rows {
            Ok(rows) => rows.into_iter().next(),
            Err(error) => return self.reply(token, Err(error)),
        };
        match row {
            Some(row) => {
                self.feed(Input::Loaded(vec![row]));
                self.feed(Input::Command(id, command));
            }
            None if self.engine.contains(id) => self.feed(Input::Command(id, command)),
            None => self.look_for_ended(id, command, token),
        }
    }

    /// Ended tasks are not claimed: nothing is left to do for them.
    fn look_for_ended(&mut self, id: TaskId, command: Command, token: CommandToken) {
        let reply = self.store.task(self.session, id);
        self.waiting.push(async move {
            Resolved::Found {
                id,
                command,
                token,
                phase: reply.await.map(|row| row.map(|row| row.phase)),
            }
        });
    }

    fn found(
        &mut self,
        id: TaskId,
        command: Command,
        token: CommandToken,
        phase: Result<Option<Phase>>,
    ) {
        match phase {
            Ok(Some(Phase::Completed)) => self.reply(token, Ok(())),
            // Another command had it in the window, and has given it back.
            Ok(Some(_)) => self.command(id, command, token),
            Ok(None) => self.reply(token, Err(unknown_task(id))),
            Err(error) => self.reply(token, Err(error)),
        }
    }

    fn cancel_rows(&mut self, rows: Result<Vec<TaskRow>>) {
        let rows = match rows {
            Ok(rows) => rows,
            Err(error) => {
                log::error!("tasks could not be read to cancel them, and are read again: {error}");
                return self.post_later(Mail::Invalidate { cancel: true });
            }
        };
        let Some(last) = rows.last().map(|row| row.id) else {
            return;
        };
        for row in rows.iter().filter(|row| row.phase != Phase::Completed) {
            let token = CommandToken(self.next_token);
            self.next_token += 1;
            self.command(row.id, Command::Cancel(token), token);
        }
        self.cancel_page(Some(last));
    }

    fn counted(&mut self, counts: Result<Counts>, changes: u64) {
        if changes != self.shared.changes() {
            self.counts_stale = true;
            return;
        }
        let counts = match counts {
            Ok(counts) => counts,
            Err(error) => return log::error!("tasks could not be counted: {error}"),
        };
        self.wakes.all_ended = counts.ready + counts.held + counts.claimed == 0;
        self.shared.update(|status| {
            status.active = counts.ready + counts.held + counts.claimed;
            status.suspended = counts.suspended;
            status.undelivered = counts.unacknowledged;
        });
    }

    fn waiting_counted(
        &mut self,
        held: Result<Vec<(WaitReason, u64)>>,
        ready: Result<Vec<(i64, u64)>>,
    ) {
        let (held, ready) = match (held, ready) {
            (Ok(held), Ok(ready)) => (held, ready),
            (Err(error), _) | (_, Err(error)) => {
                return log::error!("waiting tasks could not be counted: {error}");
            }
        };
        let mut waiting = self.engine.waiting_counts(&ready);
        waiting.extend(held);
        self.shared.update(|status| status.waiting = waiting);
    }
}

/// The error for an id that this session does not have.
pub(crate) fn unknown_task(id: TaskId) -> Error {
    Error::new(
        ErrorKind::UnknownTask,
        format!("there is no task {id} in this session; list the tasks to see which there are"),
    )
}
