//! Runs an actor's code so that an error, an end and a panic are all values.

use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use crate::error::message_of;
use crate::{Error, Result};

/// How a call into an actor ended. It is one word, which is handed up in a register: what went by way of memory would be
/// waited for on every tick of every actor.
pub(super) type Outcome = Result<(), Box<Unusual>>;

/// How few calls end.
pub(super) enum Unusual {
    Ended,
    Failed(Error),
    Panicked(Box<str>),
}

/// Settles an actor so that a panic in it is a value, wherever in the future it happens.
#[cfg(feature = "gpu")]
pub(super) async fn unwinding(work: impl Future<Output = Result<()>> + Send) -> Outcome {
    watched(move || work, crate::actor::clear_moment, || {}).await
}

/// Runs an actor's code so that a panic in it is a value. What `enter` returns, called when a thread takes it up, is held
/// meanwhile; `leave` is called when it waits.
#[inline]
pub(super) async fn watched<F: Future<Output = Result<()>> + Send, H>(
    make: impl FnOnce() -> F + Send,
    enter: impl Fn() -> H + Send,
    leave: impl Fn() + Send,
) -> Outcome {
    let mut make = to_make(make);
    let mut work = pin!(None);
    let outcome = poll_fn(|cx| {
        let _held = enter();
        let polled = caught(|| made(&mut make, work.as_mut(), cx));
        if polled.is_pending() {
            leave();
        }
        polled
    })
    .await;
    if outcome.is_err() {
        gone(work);
    }
    outcome
}

/// What `made` is to make.
#[inline]
pub(super) fn to_make<F, M: FnOnce() -> F>(make: M) -> Option<M> {
    Some(make)
}

/// Polls what `make` makes, in the place where it is to be: what is made elsewhere is copied there on every tick.
#[inline]
pub(super) fn made<F: Future<Output = Result<()>>>(
    make: &mut Option<impl FnOnce() -> F>,
    mut place: Pin<&mut Option<F>>,
    cx: &mut Context<'_>,
) -> Poll<Result<()>> {
    if let Some(make) = make.take() {
        place.set(Some(make()));
    }
    let Some(work) = place.as_mut().as_pin_mut() else {
        unreachable!("a future is not polled after it was ready");
    };
    let polled = work.poll(cx);
    if polled.is_ready() {
        place.set(None); // here, where a panic in its drop is caught
    }
    polled
}

/// Drops what has panicked, which may panic again.
#[cold]
pub(super) fn gone<F>(mut place: Pin<&mut Option<F>>) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| place.set(None))) {
        discard(panic);
    }
}

/// Polls an actor's code so that a panic in it is a value.
#[inline]
pub(super) fn caught(poll: impl FnOnce() -> Poll<Result<()>>) -> Poll<Outcome> {
    match catch_unwind(AssertUnwindSafe(poll)) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(Ok(()))) => Poll::Ready(Ok(())),
        Ok(Poll::Ready(Err(error))) => Poll::Ready(Err(failed(error))),
        Err(panic) => Poll::Ready(Err(panicked(panic))),
    }
}

#[cold]
fn failed(error: Error) -> Box<Unusual> {
    Box::new(if error.is_end_of_stream() {
        Unusual::Ended
    } else {
        Unusual::Failed(error)
    })
}

/// A panic as a value.
#[cold]
pub(super) fn panicked(panic: Box<dyn Any + Send>) -> Box<Unusual> {
    let message = message_of(&*panic);
    discard(panic);
    Box::new(Unusual::Panicked(message.into()))
}

/// Drops what a panic has carried. If that panics as well, what that one carries is left where it is.
#[cold]
fn discard(panic: Box<dyn Any + Send>) {
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
        std::mem::forget(again);
    }
}

/// What an error says, whose words may be the user's and panic.
#[cold]
pub(super) fn words_of(error: Error) -> Result<String, Box<Unusual>> {
    catch_unwind(AssertUnwindSafe(move || error.to_string())).map_err(panicked)
}
