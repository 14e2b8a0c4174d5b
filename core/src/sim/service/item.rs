//! One transfer as the service keeps it. Pure: no clock, no network, no other transfer.

use crate::conditions::{AppState, Network, SystemConditions};
use crate::protocol::content_range::ContentRange;
use crate::protocol::validator::{Agreement, Validator};
use crate::response::Response;
use crate::sim::content::Content;
use crate::transport::{Transfer, TransferEvent};

/// What is here of a file, and what makes it safe to go on from there.
#[derive(Clone, Debug, Default)]
pub(super) struct Kept {
    pub content: Content,
    validator: Validator,
}

impl Kept {
    pub fn len(&self) -> u64 {
        self.content.len()
    }

    /// Without a strong validator the bytes are of no use once the connection is gone.
    pub fn if_resumable(self) -> Option<Kept> {
        (self.validator.is_strong() && self.len() > 0).then_some(self)
    }

    pub fn if_range(&self) -> Option<String> {
        self.validator.if_range()
    }

    /// Whether an answer goes on exactly where this ends, in the same version.
    fn is_continued_by(&self, answer: &Response) -> bool {
        let starts_here = match ContentRange::from_headers(answer.headers()) {
            Some(ContentRange::Bytes { first, .. }) => first == self.len(),
            _ => false,
        };
        let theirs = Validator::from_headers(answer.headers());
        starts_here && self.validator.agreement(&theirs) == Agreement::Strong
    }
}

/// A transfer that the service holds.
pub(super) struct Item {
    pub transfer: Transfer,
    /// The platform chooses the time: as asked, or because the app was not in front.
    pub is_discretionary: bool,
    /// The launch limiter's word, in true time.
    pub not_before_ms: i64,
    pub asked_at_ms: i64,
    pub kept: Kept,
    pub stage: Stage,
    /// Counts stages: what was scheduled for an earlier one no longer counts.
    pub epoch: u64,
    /// Exchanges in a row that brought nothing.
    pub breaks: u32,
    pub network_bytes: u64,
}

/// Where it is.
pub(super) enum Stage {
    /// Not before its time, not under these conditions.
    Waiting,
    /// About to ask.
    Starting,
    /// Asked; no answer yet.
    Asking {
        connection: u64,
    },
    Receiving(Incoming),
    /// Over. The last event is kept until a process has heard it.
    Ended(TransferEvent),
}

/// An answer that comes in.
pub(super) struct Incoming {
    pub connection: u64,
    pub response: Response,
    /// The body that explains a status; none if it is the file.
    pub explanation: Option<Content>,
    /// The length of the whole body, as far as the server says it: of the file for a file.
    pub total: Option<u64>,
}

/// What to do with an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The body is the file, or goes on from what is here.
    File,
    /// It says why there is no file.
    Explanation,
    /// What is here does not fit: from zero, in a new request.
    StartAgain,
}

impl Item {
    pub fn is_ended(&self) -> bool {
        matches!(self.stage, Stage::Ended(_))
    }

    pub fn next_stage(&mut self, stage: Stage) -> u64 {
        self.stage = stage;
        self.epoch += 1;
        self.epoch
    }

    pub fn connection(&self) -> Option<u64> {
        match &self.stage {
            Stage::Asking { connection } => Some(*connection),
            Stage::Receiving(incoming) => Some(incoming.connection),
            Stage::Waiting | Stage::Starting | Stage::Ended(_) => None,
        }
    }

    /// Whether it may use the network now, by what the app allows and by the system's own ease.
    pub fn may_run(&self, now: &SystemConditions) -> bool {
        if now.network == Network::None {
            return false;
        }
        let is_allowed = (self.transfer.allows_cellular || now.network != Network::Cellular)
            && (self.transfer.allows_expensive || !now.expensive)
            && (self.transfer.allows_constrained || !now.constrained);
        let is_easy = now.charging
            && matches!(now.network, Network::Wifi | Network::Wired)
            && !now.expensive
            && !now.constrained
            && !now.low_power;
        is_allowed && (is_easy || !self.is_discretionary)
    }

    /// Judges an answer. A service appends only what goes on in the very version that is here: it
    /// asks with `If-Range`, and looks at what comes (rule R9).
    pub fn judge(&mut self, response: &Response) -> Verdict {
        match response.status() {
            206 if self.kept.is_continued_by(response) => Verdict::File,
            206 => self.start_again(),
            416 if self.kept.len() > 0 => self.start_again(),
            200..=299 => {
                self.kept = Kept {
                    content: Content::default(),
                    validator: Validator::from_headers(response.headers()),
                };
                Verdict::File
            }
            _ => Verdict::Explanation,
        }
    }

    fn start_again(&mut self) -> Verdict {
        self.kept = Kept::default();
        Verdict::StartAgain
    }

    /// Takes an answer in.
    pub fn receive(&mut self, connection: u64, response: Response, is_file: bool) {
        let length: Option<u64> = response
            .headers()
            .get("content-length")
            .and_then(|text| text.parse().ok());
        let before = if is_file { self.kept.len() } else { 0 };
        let total = length.map(|length| length + before);
        self.next_stage(Stage::Receiving(Incoming {
            connection,
            response,
            explanation: (!is_file).then(Content::default),
            total,
        }));
    }

    /// Puts a piece where it belongs.
    pub fn add(&mut self, piece: &Content) {
        self.network_bytes += piece.len();
        let Stage::Receiving(incoming) = &mut self.stage else {
            return;
        };
        match &mut incoming.explanation {
            Some(body) => body.append(piece),
            None => self.kept.content.append(piece),
        }
    }

    /// What has come in full: the answer, its body, and whether that is all that was announced.
    pub fn take_whole(&mut self) -> Option<Received> {
        let Stage::Receiving(incoming) = std::mem::replace(&mut self.stage, Stage::Waiting) else {
            return None;
        };
        self.epoch += 1;
        let is_file = incoming.explanation.is_none();
        let body = incoming
            .explanation
            .unwrap_or_else(|| self.kept.content.clone());
        Some(Received {
            is_short: incoming.total.is_some_and(|total| body.len() < total),
            response: incoming.response,
            body,
            is_file,
        })
    }
}

/// A body whose end was seen.
pub(super) struct Received {
    pub response: Response,
    pub body: Content,
    pub is_file: bool,
    /// Less came than the head said.
    pub is_short: bool,
}

/// Whether a process gets events in this state.
pub(super) fn hears(app: AppState) -> bool {
    app.is_in_front() || app == AppState::Background
}
