//! A body on its way into the part file.
//!
//! Must never write a byte past the declared end (rules R8, T5).

use std::sync::Arc;

use super::Inner;
use super::attempt::{Attempt, Next};
use super::ending::{self, End};
use crate::engine::resume::{self, BodyEnd, RestartReason, Verdict};
use crate::error::{Error, ErrorKind};
use crate::response::Response;
use crate::sim::content::Content;
use crate::sim::net::Failure;
use crate::transport::TransferEvent;

/// Rule E2: at most ten a second.
const PROGRESS_INTERVAL_MS: i64 = 100;

/// An answer that is being received.
pub(super) struct Body {
    head: Response,
    verdict: Verdict,
    /// One past the last byte of the file that this answer brings, if it says so.
    end: Option<u64>,
    /// What is still to be compared, and not written.
    overlap: u64,
    told_at_ms: i64,
}

impl Attempt {
    /// Takes an answer as the one whose bytes follow.
    pub fn receive(
        &mut self,
        inner: &Inner,
        head: Response,
        verdict: Verdict,
        overlap: u64,
    ) -> Result<Next, End> {
        let plan = verdict.body_plan(&self.expectations());
        self.body = Some(Body {
            head,
            end: plan.and_then(|plan| plan.end),
            verdict,
            overlap,
            told_at_ms: inner.world.elapsed_ms(),
        });
        if overlap == 0 {
            self.begin_body(inner);
        }
        Ok(Next::Wait)
    }

    /// Every byte that was sent again is the one that is here.
    fn begin_body(&mut self, inner: &Inner) {
        let Some(body) = &self.body else { return };
        if let Verdict::Append { validator_weak, .. } = body.verdict {
            self.is_spliced = true;
            self.held.record.validator_weak |= validator_weak;
            self.held.record.restarts_in_a_row = 0;
        }
        let head = body.head.clone();
        self.respond(inner, &head);
    }

    /// Bytes came.
    pub fn piece(mut self: Box<Self>, inner: &Arc<Inner>, piece: &Content) -> Option<Box<Attempt>> {
        let next = self.take_piece(inner, piece);
        self.go_on(inner, next)
    }

    fn take_piece(&mut self, inner: &Inner, piece: &Content) -> Result<Next, End> {
        self.meter.network_bytes += piece.len();
        let Some(body) = &mut self.body else {
            return Ok(Next::Wait);
        };
        let again = body.overlap.min(piece.len());
        if again > 0 {
            if !self.held.ends_with(body.overlap, &piece.part(0, again))? {
                return self.ask_whole(inner, RestartReason::OverlapDiffers);
            }
            body.overlap -= again;
            if body.overlap == 0 {
                self.begin_body(inner);
            }
        }
        self.take_fresh(inner, &piece.part(again, u64::MAX))
    }

    fn take_fresh(&mut self, inner: &Inner, fresh: &Content) -> Result<Next, End> {
        let Some(body) = &mut self.body else {
            return Ok(Next::Wait);
        };
        if body.overlap > 0 || fresh.is_empty() {
            return Ok(Next::Wait);
        }
        if body
            .end
            .is_some_and(|end| self.held.len() + fresh.len() > end)
        {
            return Err(too_long().into());
        }
        self.held.append(fresh)?;
        let now_ms = inner.world.elapsed_ms();
        if now_ms - body.told_at_ms >= PROGRESS_INTERVAL_MS {
            body.told_at_ms = now_ms;
            let event = TransferEvent::Progressed {
                received: self.held.len(),
                total: self.held.record.total,
                network_bytes: self.meter.network_bytes,
            };
            inner.emit(self.transfer.id, event);
        }
        Ok(Next::Wait)
    }

    /// The answer is over.
    pub fn body_ended(
        mut self: Box<Self>,
        inner: &Arc<Inner>,
        result: Result<(), Failure>,
    ) -> Option<Box<Attempt>> {
        let next = self.judge_end(inner, result);
        self.go_on(inner, next)
    }

    fn judge_end(&mut self, inner: &Inner, result: Result<(), Failure>) -> Result<Next, End> {
        let position = self.held.len();
        let Some(body) = self.body.take() else {
            let failure = result.err().unwrap_or(Failure::Broken);
            return Err(ending::of_network(failure, &self.transfer.url).into());
        };
        // A body that breaks off behind its last byte has kept its word.
        let is_all = body.overlap == 0 && body.end == Some(position);
        match result {
            Err(failure) if !is_all => {
                return Err(ending::of_network(failure, &self.transfer.url).into());
            }
            _ if body.overlap > 0 => return Err(ended_early().into()),
            _ => {}
        }
        let expectations = self.expectations();
        let Some(plan) = body.verdict.body_plan(&expectations) else {
            return Err(ended_early().into());
        };
        // Simulated servers always declare a length.
        match plan.judge_end(position, true) {
            BodyEnd::Complete => self.judge_whole(inner, body.head),
            BodyEnd::LengthUnverified => {
                self.held.record.length_unverified = true;
                self.judge_whole(inner, body.head)
            }
            BodyEnd::MoreToAsk => {
                let state = self.held.state();
                Ok(Next::Ask(resume::ask(state.as_ref(), &expectations)))
            }
            BodyEnd::Early => Err(ended_early().into()),
            BodyEnd::TooLong => Err(too_long().into()),
        }
    }
}

fn ended_early() -> Error {
    Error::new(
        ErrorKind::ConnectionLost,
        "the connection ended before the end of the file",
    )
}

fn too_long() -> Error {
    Error::new(
        ErrorKind::ResponseTooLarge,
        "the server sends more bytes than it declared, or than are expected",
    )
}
