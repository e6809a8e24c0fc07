//! Work that would hold up the other tasks of its thread.

/// Runs `work` on a thread of its own. A panic in it goes on here.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(value) => value,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // Only a runtime that shuts down cancels such a task; then nobody polls us again.
            Err(_) => std::future::pending().await,
        },
    }
}
