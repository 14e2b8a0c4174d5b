//! One attempt: ask, judge, receive, until the file is whole or something stands in the way.
//!
//! Carries out the verdicts of the resume ladder in the order that the real transport does, and must
//! never report a file whose digest is wrong.

use std::sync::Arc;

use super::body::Body;
use super::ending::{End, Meter};
use super::held::{Held, of_disk};
use super::{Ear, Inner};
use crate::clock::duration_ms;
use crate::configuration::StatusPolicy;
use crate::engine::resume::{
    self, Answer, Ask, Expectations, MAX_DIGEST_RESTARTS, MAX_RESTARTS_IN_A_ROW, RestartReason,
    Verdict,
};
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::Digest;
use crate::response::Response;
use crate::sim::disk::{Found, Record};
use crate::sim::net::Request;
use crate::transport::{Transfer, TransferEvent};

/// An attempt while it runs.
pub(super) struct Attempt {
    pub transfer: Transfer,
    pub held: Held,
    pub meter: Meter,
    /// The answer that is being received.
    pub body: Option<Body>,
    asked: Ask,
    connection: Option<u64>,
    /// `Responded` was sent for the bytes that are being received.
    has_responded: bool,
    /// The part file has bytes of more than one answer.
    pub is_spliced: bool,
    digest_restarts: u32,
}

/// What follows.
pub(super) enum Next {
    /// More of this answer is to come.
    Wait,
    Ask(Ask),
    /// Every byte is here, and judged right.
    Whole(Response),
}

impl Attempt {
    /// Looks at the disk, and asks. None if it has ended.
    pub fn open(inner: &Arc<Inner>, transfer: Transfer) -> Option<Box<Attempt>> {
        let id = transfer.id;
        let held = match inner.disk.open_part(&transfer.paths) {
            Ok(Found::Part { file, record }) => {
                Held::new(inner.disk.clone(), transfer.paths.clone(), file, record)
            }
            Ok(Found::InPlace { len, record }) => {
                inner.end(id, super::ending::in_place(&transfer.url, len, &record));
                return None;
            }
            Err(error) => {
                let error = of_disk(error, None);
                inner.end(id, super::ending::failed(error));
                return None;
            }
        };
        let attempt = Box::new(Attempt {
            is_spliced: held.len() > 0,
            transfer,
            held,
            meter: Meter::new(inner.world.elapsed_ms()),
            body: None,
            asked: Ask::Whole,
            connection: None,
            has_responded: false,
            digest_restarts: 0,
        });
        let ask = resume::ask(attempt.held.state().as_ref(), &attempt.expectations());
        attempt.go_on(inner, Ok(Next::Ask(ask)))
    }

    /// Whether this is the connection that it waits for.
    pub fn listens_to(&self, connection: u64) -> bool {
        self.connection == Some(connection)
    }

    pub fn durable(&self) -> u64 {
        self.held.durable()
    }

    /// Does what follows. None if it has ended.
    pub fn go_on(
        mut self: Box<Self>,
        inner: &Arc<Inner>,
        next: std::result::Result<Next, End>,
    ) -> Option<Box<Attempt>> {
        let next = match next {
            Ok(Next::Ask(ask)) => self.ask(inner, ask).map(|()| Next::Wait),
            next => next,
        };
        match next {
            Ok(Next::Wait | Next::Ask(_)) => Some(self),
            Ok(Next::Whole(head)) => {
                self.hand_over(inner, head);
                None
            }
            Err(end) => {
                self.wind_down(inner, end);
                None
            }
        }
    }

    fn ask(&mut self, inner: &Arc<Inner>, ask: Ask) -> std::result::Result<(), End> {
        self.hang_up(inner);
        let mut headers = self.transfer.headers.clone();
        ask.set_headers(&mut headers).map_err(|source| {
            let message = "the request has no room for another header field";
            Error::new(ErrorKind::InvalidHeader, message).with_source(source)
        })?;
        if !inner.life.act() {
            return Err(End::Stopped);
        }
        let request = Request {
            url: self.transfer.url.clone(),
            headers,
            patience_ms: duration_ms(self.transfer.timeout_for_request),
        };
        let ear = Arc::new(Ear {
            inner: Arc::downgrade(inner),
            id: self.transfer.id,
        });
        self.connection = Some(inner.net.fetch(request, ear, Some(&inner.life)));
        self.asked = ask;
        Ok(())
    }

    /// Wants nothing more of the answer that is under way.
    pub fn hang_up(&mut self, inner: &Inner) {
        self.body = None;
        if let Some(connection) = self.connection.take() {
            inner.net.close(connection);
        }
    }

    /// What is known of the object beforehand.
    pub fn expectations(&self) -> Expectations {
        Expectations {
            size: self.transfer.expected_size,
            digest: self.judging_digest().is_some(),
            policy: self.transfer.resume_policy,
        }
    }

    /// The digest that judges the whole file: the caller's, else the server's.
    fn judging_digest(&self) -> Option<&Digest> {
        let ours = self.transfer.expected_digest.as_ref();
        ours.or(self.held.record.digest.as_ref())
    }

    /// The head of an answer came.
    pub fn head(mut self: Box<Self>, inner: &Arc<Inner>, head: Response) -> Option<Box<Attempt>> {
        self.meter.answered(inner.world.elapsed_ms(), &head);
        let next = self.obey(inner, head);
        self.go_on(inner, next)
    }

    /// Judges an answer and does what the verdict says.
    fn obey(&mut self, inner: &Inner, head: Response) -> std::result::Result<Next, End> {
        let answer = Answer {
            status: head.status(),
            headers: head.headers(),
        };
        let (state, expectations) = (self.held.state(), self.expectations());
        let mut verdict = resume::judge(&self.asked, state.as_ref(), &expectations, &answer);
        if let Verdict::NotOk { status } = verdict {
            if !self.is_file(status) {
                return Err(refused(inner, head));
            }
            // The body is the whole file, as that of a 200 is.
            let answer = Answer {
                status: 200,
                ..answer
            };
            verdict = resume::judge(&Ask::Whole, state.as_ref(), &expectations, &answer);
        }
        match verdict {
            Verdict::Append { overlap, total, .. } => {
                self.held.record.total = total;
                if let Some(total) = total {
                    self.held.reserve(total)?;
                }
                self.receive(inner, head, verdict, overlap)
            }
            Verdict::Replace { reason, total } => {
                let total = total.or(expectations.size);
                let record = self.held.record.begun_with(&head, total);
                self.begin_again(inner, reason, record)?;
                if let Some(total) = total {
                    self.held.reserve(total)?;
                }
                self.receive(inner, head, verdict, 0)
            }
            Verdict::RetryPlainRange => Ok(Next::Ask(self.asked.plain())),
            Verdict::AskWhole { reason } => self.ask_whole(inner, reason),
            Verdict::Complete => {
                self.respond(inner, &head);
                self.judge_whole(inner, head)
            }
            Verdict::Failed(error) => {
                let kind = match error {
                    resume::ResumeError::ContentEncoded { .. } => ErrorKind::UnexpectedEncoding,
                    resume::ResumeError::SizeMismatch { .. } => ErrorKind::SizeMismatch,
                    resume::ResumeError::UnaskedRange => ErrorKind::InvalidResponse,
                };
                Err(Error::new(kind, error.to_string()).into())
            }
            Verdict::NotOk { .. } => Err(refused(inner, head)),
        }
    }

    /// Whether the body of an answer with this status is the file (rule H5).
    fn is_file(&self, status: u16) -> bool {
        (200..300).contains(&status) || self.transfer.status_policy == StatusPolicy::Any
    }

    /// Every byte is here. Is it the right file (rule H6)?
    pub fn judge_whole(&mut self, inner: &Inner, head: Response) -> std::result::Result<Next, End> {
        let Some(expected) = self.judging_digest().cloned() else {
            return Ok(Next::Whole(head));
        };
        let found = self.held.digest(expected.algorithm())?;
        if found == expected {
            return Ok(Next::Whole(head));
        }
        if self.is_spliced && self.digest_restarts < MAX_DIGEST_RESTARTS {
            self.digest_restarts += 1;
            return self.ask_whole(inner, RestartReason::DigestMismatch);
        }
        let message = format!("the file's digest is {found}; {expected} was expected");
        Err(Error::new(ErrorKind::DigestMismatch, message).into())
    }

    /// Gives up what is held, and asks for all of it.
    pub fn ask_whole(
        &mut self,
        inner: &Inner,
        reason: RestartReason,
    ) -> std::result::Result<Next, End> {
        let record = self.held.record.emptied();
        self.begin_again(inner, Some(reason), record)?;
        Ok(Next::Ask(Ask::Whole))
    }

    /// Empties the part file for what `record` tells of, and says what that costs (rule R7).
    fn begin_again(
        &mut self,
        inner: &Inner,
        reason: Option<RestartReason>,
        mut record: Record,
    ) -> Result<()> {
        if let Some(reason) = reason {
            record.count_restart(reason);
            if record.restarts_in_a_row > MAX_RESTARTS_IN_A_ROW {
                return Err(Error::new(
                    ErrorKind::ValidatorUnstable,
                    "the file on the server changes faster than it can be downloaded; try again when it is at rest",
                ));
            }
        }
        let discarded = self.held.len();
        self.held.start_over(record)?;
        self.is_spliced = false;
        self.has_responded = false;
        if let Some(reason) = reason {
            self.meter.discarded += discarded;
            let event = TransferEvent::Restarted { reason, discarded };
            inner.emit(self.transfer.id, event);
        }
        Ok(())
    }

    /// Tells which answer's bytes follow; once, unless it begins again.
    pub fn respond(&mut self, inner: &Inner, head: &Response) {
        if !self.has_responded {
            self.has_responded = true;
            let event = TransferEvent::Responded {
                response: head.clone(),
                offset: self.held.len(),
                total: self.held.record.total,
            };
            inner.emit(self.transfer.id, event);
        }
    }
}

/// An answer that is a failure.
fn refused(inner: &Inner, head: Response) -> End {
    // A date is compared with the clock of this device, whatever somebody set it to (rule H2).
    let refusal = crate::engine::refused(&head, inner.world.now().wall_ms);
    End::Failed {
        error: refusal.error,
        retry_after_ms: refusal.retry_after_ms,
    }
}
