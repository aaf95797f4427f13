//! Runs an actor's code so that an error, an end and a panic are all values.

use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use crate::{Error, Result};

/// How a call into an actor ended; small, since nearly all of them are `Done`.
pub(super) enum Outcome {
    Done,
    Ended,
    Failed(Box<Error>),
    Panicked(Box<str>),
}

/// Settles an actor so that a panic in it is a value, wherever in the future it happens.
#[cfg(feature = "gpu")]
pub(super) async fn unwinding(work: impl Future<Output = Result<()>> + Send) -> Outcome {
    watched(work, crate::actor::clear_moment, || {}).await
}

/// Runs an actor's code so that a panic in it is a value, and calls `enter` when a thread takes it up and `leave` when it
/// waits.
#[inline]
pub(super) async fn watched(
    work: impl Future<Output = Result<()>> + Send,
    enter: impl Fn() + Send,
    leave: impl Fn() + Send,
) -> Outcome {
    let mut work = pin!(work);
    poll_fn(|cx| {
        enter();
        let polled = caught(|| work.as_mut().poll(cx));
        if polled.is_pending() {
            leave();
        }
        polled
    })
    .await
}

/// Polls an actor's code so that a panic in it is a value.
#[inline]
pub(super) fn caught(poll: impl FnOnce() -> Poll<Result<()>>) -> Poll<Outcome> {
    match catch_unwind(AssertUnwindSafe(poll)) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(Ok(()))) => Poll::Ready(Outcome::Done),
        Ok(Poll::Ready(Err(error))) => Poll::Ready(failure(error)),
        Err(panic) => Poll::Ready(Outcome::Panicked(message_of(&*panic).into())),
    }
}

#[cold]
fn failure(error: Error) -> Outcome {
    if error.is_end_of_stream() {
        Outcome::Ended
    } else {
        Outcome::Failed(Box::new(error))
    }
}

#[cold]
pub(super) fn message_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic with no message".to_owned())
}
