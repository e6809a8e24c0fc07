//! Packages that are released far more often than others.

/// Data that follows the world (certificates, time zones), what is fixed for security's sake at once, and Python's
/// packaging tools. Whoever changes the list changes the order of layers: images before and after share fewer of them.
const RELEASED_OFTEN: [&str; 9] =
    ["ca-certificates", "certifi", "openssl", "pip", "python-tzdata", "pytz", "setuptools", "tzdata", "uv"];

/// Whether this package is one of them.
pub(super) fn is_released_often(name: &str) -> bool {
    RELEASED_OFTEN.contains(&name)
}
