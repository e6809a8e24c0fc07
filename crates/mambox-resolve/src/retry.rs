//! Repeats requests that failed for a reason that may pass.

use std::time::Duration;

use async_trait::async_trait;
use http::Extensions;
use reqwest::{Request, Response, StatusCode, header::RETRY_AFTER};
use reqwest_middleware::{Error, Middleware, Next, Result};

use crate::network_error::has_certificate_problem;

/// The longest pause that a server may ask for; beyond it the answer counts as final.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Repeats a request after 429, 5xx and connection errors, waiting longer each time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Retry {
    pub(crate) retries: u32,
    pub(crate) backoff: Duration,
}

impl Retry {
    /// The pause before repetition `attempt` (from 0), unless the server names one.
    pub(crate) fn pause(&self, attempt: u32) -> Duration {
        self.backoff.saturating_mul(2u32.saturating_pow(attempt)).min(LONGEST_PAUSE)
    }

    /// How long to wait before trying again; `None` if that is of no use.
    fn decide(&self, outcome: &Result<Response>, attempt: u32) -> Option<Duration> {
        if attempt >= self.retries {
            return None;
        }
        match outcome {
            Ok(response) if is_passing(response.status()) => match retry_after(response) {
                Some(pause) if pause > LONGEST_PAUSE => None,
                Some(pause) => Some(pause),
                None => Some(self.pause(attempt)),
            },
            Ok(_) => None,
            Err(Error::Reqwest(error)) if may_pass(error) => Some(self.pause(attempt)),
            Err(_) => None,
        }
    }
}

/// The answers that another try may change.
pub(crate) fn is_passing(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 425 | 429 | 500 | 502 | 503 | 504)
}

fn may_pass(error: &reqwest::Error) -> bool {
    (error.is_connect() || error.is_timeout() || error.is_request()) && !has_certificate_problem(error)
}

/// `Retry-After` in seconds; its other form, a date, is rare and would need a clock.
fn retry_after(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

#[async_trait]
impl Middleware for Retry {
    async fn handle(
        &self,
        request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> Result<Response> {
        let mut attempt = 0;
        loop {
            let Some(again) = request.try_clone() else {
                // A streamed body cannot be sent twice; ours have none.
                return next.run(request, extensions).await;
            };
            let outcome = next.clone().run(again, extensions).await;
            let Some(pause) = self.decide(&outcome, attempt) else { return outcome };
            tracing::debug!(attempt, ?pause, "repeating a request");
            drop(outcome);
            tokio::time::sleep(pause).await;
            attempt += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_minute() {
        let retry = Retry { retries: 9, backoff: Duration::from_millis(500) };
        let pauses: Vec<u128> = (0..9).map(|attempt| retry.pause(attempt).as_millis()).collect();
        assert_eq!(pauses, [500, 1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000]);
        assert_eq!(retry.pause(u32::MAX), LONGEST_PAUSE);
    }
}
