//! The model's client: does what the verdicts say to a part file in memory, and crashes.

use std::fmt;

use super::server::{Reply, Server};
use crate::engine::resume::{
    Answer, Ask, BodyEnd, Expectations, MAX_DIGEST_RESTARTS, MAX_RESTARTS_IN_A_ROW, PartState,
    RestartReason, ResumePolicy, Verdict, ask, judge,
};
use crate::protocol::validator::Validator;

const MAX_REQUESTS: usize = 16;

#[derive(Debug)]
pub(super) enum Outcome {
    Success(File),
    /// The object changed too often in a row.
    Unstable,
    Failed,
    /// The model's deadline.
    Unfinished,
}

pub(super) struct File {
    pub(super) bytes: Vec<u8>,
    pub(super) validator_weak: bool,
    pub(super) length_unverified: bool,
}

#[derive(Debug)]
pub(super) struct Run {
    pub(super) outcome: Outcome,
    pub(super) policy: ResumePolicy,
    pub(super) digest: bool,
    pub(super) size: Option<u64>,
    pub(super) appended: usize,
}

/// A transfer between two requests: what a restart of the app finds.
struct Client<'a> {
    part: Option<PartState>,
    bytes: Vec<u8>,
    validator_weak: bool,
    /// What the digest will compare equal with, the caller's or the server's.
    digest_of: Option<&'a [u8]>,
    caller_digest: bool,
    exp: Expectations,
    changes_in_a_row: u32,
    digest_restarts: u32,
    appended: usize,
}

pub(super) fn download(rng: &mut fastrand::Rng, server: &mut Server<'_>) -> Run {
    let policy = if rng.u8(..3) == 0 {
        ResumePolicy::Lenient
    } else {
        ResumePolicy::Strict
    };
    let caller_digest = rng.u8(..3) == 0;
    let digest_of = caller_digest.then(|| server.current_data());
    let size = (rng.u8(..4) == 0).then(|| server.current_data().len() as u64);
    let exp = Expectations {
        size,
        digest: caller_digest,
        policy,
    };
    let mut client = Client {
        part: None,
        bytes: Vec::new(),
        validator_weak: false,
        digest_of,
        caller_digest,
        exp,
        changes_in_a_row: 0,
        digest_restarts: 0,
        appended: 0,
    };
    let mut next = None;
    let mut outcome = Outcome::Unfinished;
    for _ in 0..MAX_REQUESTS {
        let asked = next
            .take()
            .unwrap_or_else(|| ask(client.part.as_ref(), &client.exp));
        let reply = server.answer(rng, &asked);
        match client.take(rng, server, &asked, &reply) {
            Step::AskNext(ask) => next = Some(ask),
            Step::Interrupted => client.crash(rng),
            Step::End(end) => {
                outcome = end;
                break;
            }
        }
        server.pass_time(rng);
    }
    Run {
        outcome,
        policy,
        digest: client.exp.digest,
        size,
        appended: client.appended,
    }
}

enum Step {
    AskNext(Ask),
    Interrupted,
    End(Outcome),
}

impl<'a> Client<'a> {
    fn take(
        &mut self,
        rng: &mut fastrand::Rng,
        server: &Server<'a>,
        asked: &Ask,
        reply: &Reply<'a>,
    ) -> Step {
        let answer = Answer {
            status: reply.status,
            headers: &reply.headers,
        };
        let verdict = judge(asked, self.part.as_ref(), &self.exp, &answer);
        match &verdict {
            Verdict::Append {
                at,
                overlap,
                total,
                validator_weak,
                ..
            } => {
                let (at, overlap) = (*at as usize, *overlap as usize);
                let Some((again, fresh)) = self.delivered(rng, reply).split_at_checked(overlap)
                else {
                    return Step::Interrupted;
                };
                assert_eq!(at, self.bytes.len());
                if again != &self.bytes[at - overlap..] {
                    return self.restart(RestartReason::OverlapDiffers);
                }
                self.bytes.extend_from_slice(fresh);
                self.appended += fresh.len();
                self.validator_weak |= validator_weak;
                if let Some(part) = &mut self.part {
                    part.total = part.total.or(*total);
                }
                self.body_ended(&verdict, reply, overlap + fresh.len())
            }
            Verdict::Replace { reason, total } => {
                if let Some(step) = reason.and_then(|reason| self.count(reason)) {
                    return step;
                }
                self.validator_weak = false;
                self.part = Some(PartState {
                    offset: 0,
                    total: *total,
                    validator: Validator::from_headers(&reply.headers),
                });
                if !self.caller_digest {
                    self.digest_of = server.gives_repr_digest().then(|| server.current_data());
                    self.exp.digest = self.digest_of.is_some();
                }
                let body = self.delivered(rng, reply);
                self.bytes = body.to_vec();
                self.body_ended(&verdict, reply, body.len())
            }
            Verdict::RetryPlainRange => Step::AskNext(asked.plain()),
            Verdict::AskWhole { reason } => self.restart(*reason),
            Verdict::Complete => self.finish(false),
            Verdict::Failed(_) => Step::End(Outcome::Failed),
            Verdict::NotOk { .. } => Step::Interrupted,
        }
    }

    /// The part of a body that arrives before the connection breaks, if it does.
    fn delivered(&self, rng: &mut fastrand::Rng, reply: &Reply<'a>) -> &'a [u8] {
        let end = if rng.u8(..4) > 0 {
            rng.usize(..=reply.body.len())
        } else {
            reply.body.len()
        };
        &reply.body[..end]
    }

    fn body_ended(&mut self, verdict: &Verdict, reply: &Reply<'_>, received: usize) -> Step {
        let plan = verdict.body_plan(&self.exp).unwrap();
        if let Some(part) = &mut self.part {
            part.offset = self.bytes.len() as u64;
        }
        let broken = reply.framed && received < reply.body.len();
        match plan.judge_end(plan.first + received as u64, reply.framed) {
            _ if broken => Step::Interrupted,
            BodyEnd::Complete => self.finish(false),
            BodyEnd::LengthUnverified => self.finish(true),
            BodyEnd::Early | BodyEnd::MoreToAsk => Step::Interrupted,
            BodyEnd::TooLong => Step::End(Outcome::Failed),
        }
    }

    fn finish(&mut self, length_unverified: bool) -> Step {
        if self.digest_of.is_some_and(|data| data != self.bytes) {
            return self.restart(RestartReason::DigestMismatch);
        }
        let bytes = std::mem::take(&mut self.bytes);
        let validator_weak = self.validator_weak;
        Step::End(Outcome::Success(File {
            bytes,
            validator_weak,
            length_unverified,
        }))
    }

    fn restart(&mut self, reason: RestartReason) -> Step {
        self.part = None;
        self.bytes.clear();
        self.count(reason).unwrap_or(Step::AskNext(Ask::Whole))
    }

    fn count(&mut self, reason: RestartReason) -> Option<Step> {
        if reason == RestartReason::DigestMismatch {
            self.digest_restarts += 1;
        }
        self.changes_in_a_row = if reason.counts_as_change() {
            self.changes_in_a_row + 1
        } else {
            0
        };
        if self.digest_restarts > MAX_DIGEST_RESTARTS {
            return Some(Step::End(Outcome::Failed));
        }
        (self.changes_in_a_row > MAX_RESTARTS_IN_A_ROW).then_some(Step::End(Outcome::Unstable))
    }

    /// Bytes that were not recorded are gone (rule D3).
    fn crash(&mut self, rng: &mut fastrand::Rng) {
        if let Some(part) = self.part.as_mut().filter(|_| rng.u8(..4) == 0) {
            let kept = rng.usize(..=self.bytes.len());
            self.bytes.truncate(kept);
            part.offset = kept as u64;
        }
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            bytes,
            validator_weak,
            length_unverified,
        } = self;
        write!(
            f,
            "{} bytes, {validator_weak:?} {length_unverified:?}",
            bytes.len()
        )
    }
}
