//! An actor at work whose memory other processes are to see.

#[cfg(all(feature = "process", target_os = "linux"))]
use crate::memory::{Sharing, share_what_this_thread_makes};

/// What this thread makes while it is held is shared, if `shares` says so.
#[cfg(all(feature = "process", target_os = "linux"))]
#[inline]
pub(super) fn sharing(shares: bool) -> Option<Sharing> {
    shares.then(share_what_this_thread_makes)
}

/// Nothing, as there are no other processes.
#[cfg(not(all(feature = "process", target_os = "linux")))]
#[inline]
pub(super) fn sharing(_shares: bool) -> Option<std::convert::Infallible> {
    None
}
