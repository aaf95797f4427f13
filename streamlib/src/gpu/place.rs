//! Where an actor works: what its dispatcher has given it, found by the actor when it starts.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::pin;

use super::Stream;
use crate::{Error, Result};

/// Where an actor that is `on gpu` works.
#[derive(Clone, Debug)]
pub enum Place {
    /// On a card, in this stream of it.
    Card(Stream),
    /// On the processor: there is no card, and the graph says `on gpu.or(…)`.
    Processor,
}

/// An actor for a card that works on the processor too: it asks [`Place::here`] when it starts, and where that is
/// [`Place::Processor`], its frames are [pictures of the processor](crate::message::GpuFrame::on_processor). Only
/// such an actor can be `on gpu.or(threads)`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` works on a card only",
    label = "`gpu.or(…)` says that it works elsewhere too",
    note = "write `on gpu`; or have its `process` do the work where `gpu::Place::here()` is `Place::Processor`, and say so: \
            `impl gpu::OnProcessor for {Self} {{}}`"
)]
pub trait OnProcessor {}

thread_local! {
    static HERE: RefCell<Option<Place>> = const { RefCell::new(None) };
}

impl Place {
    /// Where the running actor works.
    ///
    /// # Errors
    /// When it is not `on gpu`.
    pub fn here() -> Result<Self> {
        HERE.with_borrow(Clone::clone).ok_or_else(|| {
            Error::graph(
                "this actor works on a card, and was not placed on one: write `on gpu` after it",
            )
        })
    }

    /// The stream in which the running actor works, for one that works on a card only.
    ///
    /// # Errors
    /// When it is not `on gpu`, or there is no card.
    pub fn stream() -> Result<Stream> {
        match Self::here()? {
            Self::Card(stream) => Ok(stream),
            Self::Processor => Err(Error::graph(
                "this actor works on a card only, and there is none",
            )),
        }
    }

    /// Runs `work` as if it were here: for an actor in a [`Harness`](crate::actor::Harness), which has no dispatcher.
    ///
    /// ```
    /// use streamlib::actor::Harness;
    /// use streamlib::gpu::Place;
    /// use streamlib::prelude::*;
    ///
    /// let mut harness = Harness::new(GpuTestPattern::new(Pattern::White).size(8, 8))?;
    /// let mut video = harness.probe(|pattern| &mut pattern.video);
    /// Place::Processor.run(|| harness.tick())?;
    /// let frame = video.latest().expect("a pattern sends a frame on every tick");
    /// assert_eq!(frame.dimensions(), (8, 8));
    /// # Ok::<(), streamlib::Error>(())
    /// ```
    pub fn run<R>(&self, work: impl FnOnce() -> R) -> R {
        let mut here = Some(self.clone());
        swap(&mut here);
        let _back = Back(here);
        work()
    }

    /// Runs a future here, on whatever threads it is polled.
    pub(crate) async fn carry<F: Future>(self, work: F) -> F::Output {
        let mut work = pin!(work);
        let mut here = Some(self);
        poll_fn(move |cx| {
            swap(&mut here);
            let back = Lent(&mut here);
            let polled = work.as_mut().poll(cx);
            drop(back);
            polled
        })
        .await
    }
}

fn swap(place: &mut Option<Place>) {
    HERE.with_borrow_mut(|here| std::mem::swap(here, place));
}

/// Puts back what was here before, also when the work panics.
struct Back(Option<Place>);

impl Drop for Back {
    fn drop(&mut self) {
        swap(&mut self.0);
    }
}

/// The same for a place that is lent for a poll.
struct Lent<'a>(&'a mut Option<Place>);

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        swap(self.0);
    }
}
