//! An actor at work whose memory other processes are to see.

use std::future::Future;

use crate::Result;

/// `work`, whose new memory is shared while it is polled, if `shares` says so.
#[cfg(all(feature = "process", target_os = "linux"))]
#[inline]
pub(super) async fn sharing(
    shares: bool,
    work: impl Future<Output = Result<()>> + Send,
) -> Result<()> {
    let mut work = std::pin::pin!(work);
    std::future::poll_fn(|cx| {
        let _shared = shares.then(crate::memory::share_what_this_thread_makes);
        work.as_mut().poll(cx)
    })
    .await
}

/// `work`, as there are no other processes.
#[cfg(not(all(feature = "process", target_os = "linux")))]
#[inline]
pub(super) fn sharing(
    _shares: bool,
    work: impl Future<Output = Result<()>> + Send,
) -> impl Future<Output = Result<()>> + Send {
    work
}
