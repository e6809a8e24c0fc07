//! The one time of an image: never the clock.

use mambox_env::Lock;

/// `SOURCE_DATE_EPOCH` if given, else the time of the newest package, else 1970; in seconds.
pub(crate) fn created<'a>(source_date_epoch: Option<i64>, locks: impl IntoIterator<Item = &'a Lock>) -> i64 {
    let newest = || {
        let packages = locks.into_iter().flat_map(Lock::packages);
        packages.filter_map(|package| Some(package.record.timestamp?.timestamp_millis() / 1000)).max()
    };
    source_date_epoch.or_else(newest).unwrap_or(0).max(0)
}

/// RFC 3339 in UTC, to the second, as the image-spec wants it.
pub fn rfc3339(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).unwrap_or_default().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_utc() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(1_735_689_600), "2025-01-01T00:00:00Z");
        assert_eq!(rfc3339(i64::MAX), "1970-01-01T00:00:00Z");
    }
}
