//! One attempt: ask, judge, receive, until the file is whole or something stands in the way.
//!
//! What an answer means for the bytes we hold is decided by the resume ladder; this module carries its
//! verdicts out, in the order that the ladder asks for. Must never report a file whose digest is wrong.

use super::body::{self, Overlap};
use super::classify;
use super::exchange::Exchange;
use super::held::{Found, Held};
use super::meter::Meter;
use super::running::Running;
use super::stop::{End, Stop};
use crate::clock;
use crate::configuration::StatusPolicy;
use crate::engine::refused;
use crate::engine::resume::{
    self, Answer, Ask, BodyEnd, Expectations, MAX_DIGEST_RESTARTS, MAX_RESTARTS_IN_A_ROW,
    RestartReason, Verdict,
};
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::digest::Digest;
use crate::response::Response;
use crate::transport::{FinishedTransfer, ReceivedBody, Transfer, TransferEvent};

/// An attempt while it runs.
pub(super) struct Attempt {
    pub running: Running,
    pub transfer: Transfer,
    pub stop: Stop,
    pub held: Held,
    pub meter: Meter,
    /// `Responded` was sent for the bytes that are being received.
    has_responded: bool,
    /// The part file has bytes of more than one answer.
    is_spliced: bool,
    digest_restarts: u32,
}

/// What follows from an answer.
enum Next {
    Ask(Ask),
    /// Every byte is here, and judged right.
    Whole(Response),
}

/// Makes an attempt, from the first look at the disk to the last event.
pub(super) async fn run(running: Running, transfer: Transfer, stop: Stop) {
    let held = match Found::open(&transfer).await {
        Ok(Found::Part(held)) => *held,
        Ok(Found::InPlace { len, record }) => {
            return running.end(TransferEvent::Finished(Box::new(FinishedTransfer {
                body: ReceivedBody::AlreadyFiled,
                len,
                leaves_sidecar: true,
                response: record.remembered_response(),
                metrics: Meter::default().metrics(),
                validator_weak: record.validator_weak,
                length_unverified: record.length_unverified,
            })));
        }
        Err(error) => {
            return running.end(TransferEvent::Failed {
                error,
                retry_after_ms: None,
                metrics: Meter::default().metrics(),
                received: 0,
            });
        }
    };
    let mut attempt = Attempt {
        is_spliced: held.len() > 0,
        running,
        transfer,
        stop,
        held,
        meter: Meter::default(),
        has_responded: false,
        digest_restarts: 0,
    };
    match attempt.drive().await {
        Ok(response) => attempt.hand_over(response).await,
        Err(end) => attempt.wind_down(end).await,
    }
}

impl Attempt {
    async fn drive(&mut self) -> std::result::Result<Response, End> {
        self.hash_if_judged().await?;
        let mut ask = resume::ask(self.held.state().as_ref(), &self.expectations());
        loop {
            let exchange = self.exchange(&ask).await?;
            match self.obey(&ask, exchange).await? {
                Next::Ask(next) => ask = next,
                Next::Whole(response) => return Ok(response),
            }
        }
    }

    /// What is known of the object beforehand.
    fn expectations(&self) -> Expectations {
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

    async fn hash_if_judged(&mut self) -> std::result::Result<(), End> {
        match self.judging_digest().map(Digest::algorithm) {
            Some(algorithm) => self.held.hash(algorithm, &mut self.stop).await,
            None => Ok(()),
        }
    }

    /// Judges an answer to `ask` and does what the verdict says.
    async fn obey(&mut self, ask: &Ask, exchange: Exchange) -> std::result::Result<Next, End> {
        let head = &exchange.head;
        let answer = Answer {
            status: head.status,
            headers: &head.headers,
        };
        let (state, expectations) = (self.held.state(), self.expectations());
        let mut verdict = resume::judge(ask, state.as_ref(), &expectations, &answer);
        if let Verdict::NotOk { status } = verdict {
            if !self.is_file(status) {
                return Err(self.refused(exchange).await?);
            }
            // The body is the whole file, as that of a 200 is.
            let answer = Answer {
                status: 200,
                ..answer
            };
            verdict = resume::judge(&Ask::Whole, state.as_ref(), &expectations, &answer);
        }
        match verdict {
            Verdict::Append { .. } => self.append(verdict, exchange).await,
            Verdict::Replace { reason, total } => {
                let record = self
                    .held
                    .record
                    .begun_with(head, total.or(expectations.size));
                self.begin_again(reason, record).await?;
                self.replace(verdict, exchange).await
            }
            Verdict::RetryPlainRange => Ok(Next::Ask(ask.plain())),
            Verdict::AskWhole { reason } => self.ask_whole(reason).await,
            Verdict::Complete => {
                self.respond(&exchange.head);
                self.judge_whole(exchange.head).await
            }
            Verdict::Failed(error) => Err(classify::of_resume(&error).into()),
            Verdict::NotOk { .. } => Err(self.refused(exchange).await?),
        }
    }

    /// Whether the body of an answer with this status is the file (rule H5).
    fn is_file(&self, status: u16) -> bool {
        (200..300).contains(&status) || self.transfer.status_policy == StatusPolicy::Any
    }

    /// An answer that is a failure, with what it says for itself.
    async fn refused(&mut self, mut exchange: Exchange) -> std::result::Result<End, End> {
        exchange.head.body = self.side_body(&mut exchange.body).await?;
        let refusal = refused(&exchange.head, clock::now().wall_ms);
        Ok(End::Failed {
            retry_after_ms: refusal.retry_after_ms,
            error: refusal.error,
        })
    }

    async fn append(
        &mut self,
        verdict: Verdict,
        mut exchange: Exchange,
    ) -> std::result::Result<Next, End> {
        let Verdict::Append {
            overlap,
            total,
            validator_weak,
            ..
        } = verdict
        else {
            return Err(mixed_up().into());
        };
        self.held.record.total = total;
        if let Some(total) = total {
            self.held.reserve(total).await?;
        }
        let first = match self.compare_overlap(&mut exchange.body, overlap).await? {
            Overlap::Same(first) => first,
            Overlap::Ended => return Err(ended_early().into()),
            Overlap::Differs => return self.ask_whole(RestartReason::OverlapDiffers).await,
        };
        self.is_spliced = true;
        self.held.record.validator_weak |= validator_weak;
        self.held.record.restarts_in_a_row = 0;
        self.hash_if_judged().await?;
        self.respond(&exchange.head);
        self.take_body(verdict, exchange, first).await
    }

    async fn replace(
        &mut self,
        verdict: Verdict,
        exchange: Exchange,
    ) -> std::result::Result<Next, End> {
        self.is_spliced = false;
        self.hash_if_judged().await?;
        if let Some(total) = self.held.record.total {
            self.held.reserve(total).await?;
        }
        self.respond(&exchange.head);
        self.take_body(verdict, exchange, bytes::Bytes::new()).await
    }

    async fn take_body(
        &mut self,
        verdict: Verdict,
        mut exchange: Exchange,
        first: bytes::Bytes,
    ) -> std::result::Result<Next, End> {
        let expectations = self.expectations();
        let plan = verdict.body_plan(&expectations).ok_or_else(mixed_up)?;
        self.receive(&mut exchange.body, first, plan.end).await?;
        let position = self.held.len();
        match plan.judge_end(position, exchange.is_framed) {
            BodyEnd::Complete => self.judge_whole(exchange.head).await,
            BodyEnd::LengthUnverified => {
                self.held.record.length_unverified = true;
                self.judge_whole(exchange.head).await
            }
            BodyEnd::MoreToAsk => Ok(Next::Ask(resume::ask(
                self.held.state().as_ref(),
                &expectations,
            ))),
            BodyEnd::Early => Err(self.early(&verdict, &exchange, position).into()),
            BodyEnd::TooLong => Err(body::too_long().into()),
        }
    }

    /// A body that the server ended in good order, without having declared a length, is all there is: then
    /// it is the expected size that is wrong, and asking for the rest would not help.
    fn early(&self, verdict: &Verdict, exchange: &Exchange, position: u64) -> Error {
        match (verdict, self.transfer.expected_size) {
            (Verdict::Replace { total: None, .. }, Some(expected)) if exchange.is_framed => {
                let message =
                    format!("the server's file is {position} bytes long; {expected} were expected");
                Error::new(ErrorKind::SizeMismatch, message)
            }
            _ => ended_early(),
        }
    }

    /// Every byte is here. Is it the right file (rule H6)?
    async fn judge_whole(&mut self, head: Response) -> std::result::Result<Next, End> {
        let Some(expected) = self.judging_digest().cloned() else {
            return Ok(Next::Whole(head));
        };
        self.hash_if_judged().await?;
        let found = self.held.digest();
        if found.as_ref() == Some(&expected) {
            return Ok(Next::Whole(head));
        }
        if self.is_spliced && self.digest_restarts < MAX_DIGEST_RESTARTS {
            self.digest_restarts += 1;
            return self.ask_whole(RestartReason::DigestMismatch).await;
        }
        let found = found.map(|digest| digest.to_string()).unwrap_or_default();
        let message = format!("the file's digest is {found}; {expected} was expected");
        Err(Error::new(ErrorKind::DigestMismatch, message).into())
    }

    /// Gives up what is held, and asks for all of it.
    async fn ask_whole(&mut self, reason: RestartReason) -> std::result::Result<Next, End> {
        let record = self.held.record.emptied();
        self.begin_again(Some(reason), record).await?;
        Ok(Next::Ask(Ask::Whole))
    }

    /// Empties the part file for what `record` tells of, and says what that costs (rule R7).
    async fn begin_again(
        &mut self,
        reason: Option<RestartReason>,
        mut record: super::record::PartRecord,
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
        self.held.start_over(record).await?;
        self.is_spliced = false;
        self.has_responded = false;
        if let Some(reason) = reason {
            self.meter.discarded += discarded;
            self.running
                .emit(TransferEvent::Restarted { reason, discarded });
        }
        Ok(())
    }

    /// Tells which answer's bytes follow; once, unless it begins again.
    fn respond(&mut self, head: &Response) {
        if !self.has_responded {
            self.has_responded = true;
            self.running.emit(TransferEvent::Responded {
                response: head.clone(),
                offset: self.held.len(),
                total: self.held.record.total,
            });
        }
    }
}

fn ended_early() -> Error {
    Error::new(
        ErrorKind::ConnectionLost,
        "the connection ended before the end of the file",
    )
}

/// Only verdicts with a body get to where this is returned.
fn mixed_up() -> Error {
    Error::new(
        ErrorKind::System,
        "a verdict without a body was taken for one; this is a bug",
    )
}
