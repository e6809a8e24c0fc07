//! Which failures are worth another try, and when.

use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};

/// The longest pause that a registry may ask for; beyond it the answer counts as final.
const LONGEST_PAUSE: Duration = Duration::from_secs(120);

/// How often, and after which pause.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Retry {
    pub(crate) retries: u32,
    pub(crate) backoff: Duration,
}

impl Retry {
    /// The pause before repetition `attempt` (from 0); `None` when there have been enough.
    pub(crate) fn pause(self, attempt: u32) -> Option<Duration> {
        let pause = self.backoff.saturating_mul(2u32.saturating_pow(attempt)).min(LONGEST_PAUSE);
        (attempt < self.retries).then_some(pause)
    }

    /// The pause before asking again after an answer; `None` if the answer is final.
    pub(crate) fn pause_after(
        self,
        status: StatusCode,
        headers: &HeaderMap,
        attempt: u32,
    ) -> Option<Duration> {
        let pause = self.pause(attempt).filter(|_| may_pass(status))?;
        match retry_after(headers) {
            Some(wanted) => (wanted <= LONGEST_PAUSE).then_some(wanted),
            None => Some(pause),
        }
    }
}

/// The answers that another try may change.
fn may_pass(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 425 | 429 | 500 | 502 | 503 | 504)
}

/// `Retry-After` in seconds; its other form, a date, is rare and would need a clock.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_and_obey_the_registry() {
        let retry = Retry { retries: 3, backoff: Duration::from_millis(500) };
        let plain = HeaderMap::new();
        let pauses: Vec<_> = (0..4)
            .map(|attempt| retry.pause_after(StatusCode::BAD_GATEWAY, &plain, attempt).map(|p| p.as_millis()))
            .collect();
        assert_eq!(pauses, [Some(500), Some(1000), Some(2000), None]);
        let asking = |seconds: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, reqwest::header::HeaderValue::from_static(seconds));
            retry.pause_after(StatusCode::TOO_MANY_REQUESTS, &headers, 0).map(|p| p.as_millis())
        };
        assert_eq!(asking("7"), Some(7000));
        assert_eq!(asking("3600"), None, "nobody waits an hour");
        assert_eq!(asking("Wed, 21 Oct 2026 07:28:00 GMT"), Some(500));
        assert_eq!(retry.pause_after(StatusCode::NOT_FOUND, &plain, 0), None);
    }
}
