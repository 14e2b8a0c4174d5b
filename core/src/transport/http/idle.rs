//! The next piece of a body, or the news that nothing came for too long.
//!
//! The hot path of a download runs through here: as long as bytes are there, no timer is touched.

use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, Sleep, sleep};

use super::classify;
use super::stop::{End, Stop};

/// One answer's body, with the time that it may go without a byte.
pub(super) struct IdleBody {
    response: reqwest::Response,
    timeout: Duration,
    last_byte: Instant,
    /// Fires at the earliest moment that could be too late; is then set to the next one.
    alarm: Pin<Box<Sleep>>,
}

impl IdleBody {
    pub fn new(response: reqwest::Response, timeout: Duration) -> IdleBody {
        IdleBody {
            response,
            timeout,
            last_byte: Instant::now(),
            alarm: Box::pin(sleep(timeout)),
        }
    }

    /// Waits for bytes; none at the end of the body.
    pub async fn next(&mut self, stop: &mut Stop) -> Result<Option<Bytes>, End> {
        loop {
            tokio::select! {
                biased;
                () = stop.raised() => return Err(End::Stopped),
                chunk = self.response.chunk() => {
                    self.last_byte = Instant::now();
                    return chunk.map_err(|error| classify::of_body(error).into());
                }
                () = self.alarm.as_mut() => {
                    let due = self.last_byte + self.timeout;
                    if due <= Instant::now() {
                        return Err(classify::silence(self.timeout).into());
                    }
                    self.alarm.as_mut().reset(due);
                }
            }
        }
    }

    /// When the last bytes came.
    pub fn last_byte(&self) -> Instant {
        self.last_byte
    }

    /// We did not listen for a while: the silence was ours.
    pub fn forgive(&mut self) {
        self.last_byte = Instant::now();
    }
}
