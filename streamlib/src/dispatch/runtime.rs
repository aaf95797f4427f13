//! The tokio runtime that actors find: the surrounding one, or one of streamlib's own.

use std::sync::OnceLock;

use tokio::runtime::{Handle, Runtime};

use crate::{Error, Result};

/// The surrounding tokio runtime, or streamlib's own when none is there.
///
/// # Errors
///
/// [`Error::Io`] if the operating system gives no threads for a runtime.
pub fn handle() -> Result<Handle> {
    match Handle::try_current() {
        Ok(current) => Ok(current),
        Err(_) => own(),
    }
}

/// streamlib's own runtime, which is sure to have timers and signals.
///
/// # Errors
///
/// [`Error::Io`] if the operating system gives no threads for a runtime.
pub fn own() -> Result<Handle> {
    static OWN: OnceLock<std::io::Result<Runtime>> = OnceLock::new();
    let own = OWN.get_or_init(|| {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("streamlib tokio")
            .enable_all()
            .build()
    });
    match own {
        Ok(runtime) => Ok(runtime.handle().clone()),
        Err(error) => Err(Error::Io(std::io::Error::new(
            error.kind(),
            error.to_string(),
        ))),
    }
}
