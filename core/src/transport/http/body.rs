//! A body on its way into the part file: the hot loop.
//!
//! For each chunk: compare with the declared end, write, hash, look at the clock. No allocation, no lock, no
//! event (progress is told at most every 100 ms). Must never write a byte past the declared end (rules R8, T5).

use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, sleep_until};

use super::attempt::Attempt;
use super::idle::IdleBody;
use super::stop::End;
use crate::error::{Error, ErrorKind};
use crate::transport::TransferEvent;

/// Rule E2: at most ten a second.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(100);

/// How the comparison of an overlap ended (rules R3, R5).
pub(super) enum Overlap {
    /// Every byte sent again is the one that is here. What came behind them in the same chunk.
    Same(Bytes),
    /// The body ended within the overlap.
    Ended,
    Differs,
}

impl Attempt {
    /// Reads the first `overlap` bytes of a body, which are to be the last ones of the part file.
    pub(super) async fn compare_overlap(
        &mut self,
        body: &mut IdleBody,
        mut overlap: u64,
    ) -> Result<Overlap, End> {
        while overlap > 0 {
            let Some(mut chunk) = body.next(&mut self.stop).await? else {
                return Ok(Overlap::Ended);
            };
            self.meter.network_bytes += chunk.len() as u64;
            let take = usize::try_from(overlap)
                .unwrap_or(usize::MAX)
                .min(chunk.len());
            let again = chunk.split_to(take);
            if !self.held.has_at(self.held.len() - overlap, &again)? {
                return Ok(Overlap::Differs);
            }
            overlap -= take as u64;
            if overlap == 0 {
                // Counted again with the rest of the body.
                self.meter.network_bytes -= chunk.len() as u64;
                return Ok(Overlap::Same(chunk));
            }
        }
        Ok(Overlap::Same(Bytes::new()))
    }

    /// Appends `first` and the rest of the body, up to its end.
    pub(super) async fn receive(
        &mut self,
        body: &mut IdleBody,
        first: Bytes,
        end: Option<u64>,
    ) -> Result<(), End> {
        let mut chunk = first;
        let mut told_at = Instant::now();
        loop {
            self.take_chunk(body, &chunk, end).await?;
            let now = body.last_byte();
            let mut is_told = now.duration_since(told_at) >= PROGRESS_INTERVAL;
            if is_told {
                told_at = now;
                self.tell_progress();
            }
            let next = loop {
                tokio::select! {
                    biased;
                    next = body.next(&mut self.stop) => break self.unless_whole(next, end)?,
                    // A body that pauses: what came before is not kept back. No timer is touched
                    // while bytes are there.
                    () = sleep_until(told_at + PROGRESS_INTERVAL), if !is_told => {
                        told_at = Instant::now();
                        is_told = true;
                        self.tell_progress();
                    }
                }
            };
            match next {
                Some(next) => chunk = next,
                None => return Ok(()),
            }
        }
    }

    /// A body that breaks off behind its last byte has kept its word: only the framing's own end is
    /// missing.
    fn unless_whole(
        &self,
        next: Result<Option<Bytes>, End>,
        end: Option<u64>,
    ) -> Result<Option<Bytes>, End> {
        match next {
            Err(End::Failed { error, .. }) if end == Some(self.held.len()) => {
                log::debug!("a body was not ended in good order, and is whole: {error}");
                Ok(None)
            }
            next => next,
        }
    }

    async fn take_chunk(
        &mut self,
        body: &mut IdleBody,
        chunk: &[u8],
        end: Option<u64>,
    ) -> Result<(), End> {
        self.meter.network_bytes += chunk.len() as u64;
        if end.is_some_and(|end| self.held.len() + chunk.len() as u64 > end) {
            return Err(too_long().into());
        }
        let slot_bytes = match &self.running.shared.limiter {
            Some(limiter) => limiter.slot_bytes(),
            None => usize::MAX,
        };
        for piece in chunk.chunks(slot_bytes) {
            self.held.append(piece)?;
            if self.held.checkpoint_is_due() {
                self.held.checkpoint().await?;
            }
            self.pace(body, piece.len()).await?;
        }
        Ok(())
    }

    /// Waits for this transfer's share of the session's bandwidth.
    async fn pace(&mut self, body: &mut IdleBody, bytes: usize) -> Result<(), End> {
        let Some(limiter) = &self.running.shared.limiter else {
            return Ok(());
        };
        let wait = limiter.take(std::time::Instant::now(), bytes);
        if !wait.is_zero() {
            self.stop.or(tokio::time::sleep(wait)).await?;
            body.forgive();
        }
        Ok(())
    }

    fn tell_progress(&self) {
        self.running.emit(TransferEvent::Progressed {
            received: self.held.len(),
            total: self.held.record.total,
            network_bytes: self.meter.network_bytes,
        });
    }
}

pub(super) fn too_long() -> Error {
    Error::new(
        ErrorKind::ResponseTooLarge,
        "the server sends more bytes than it declared, or than are expected",
    )
}
