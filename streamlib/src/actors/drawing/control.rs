//! What can be changed about a drawing while it runs.

use std::fmt;
use std::sync::Arc;

use crossbeam_queue::ArrayQueue;

use super::Canvas;
use super::actor::{Code, DrawContext};

/// Changes a [`Drawing`](super::Drawing) while it runs, from any thread.
///
/// A change is taken over at the next tick; of several before it, the newest. Neither side ever waits.
pub struct DrawingControl<S>(Arc<Changes<S>>);

struct Changes<S> {
    code: ArrayQueue<Code<S>>,
    state: ArrayQueue<S>,
}

impl<S> DrawingControl<S> {
    pub(super) fn new() -> Self {
        Self(Arc::new(Changes {
            code: ArrayQueue::new(1),
            state: ArrayQueue::new(1),
        }))
    }

    /// Draws with this code from the next tick on; the state stays.
    pub fn draw_with(
        &self,
        code: impl FnMut(&mut Canvas, &mut DrawContext<'_, S>) + Send + 'static,
    ) {
        drop(self.0.code.force_push(Box::new(code)));
    }

    /// Gives the code this state on the next tick.
    pub fn set_state(&self, state: S) {
        drop(self.0.state.force_push(state));
    }

    /// What has changed since it was last asked for.
    pub(super) fn take_over(&self, code: &mut Code<S>, state: &mut S) {
        if let Some(new) = self.0.code.pop() {
            *code = new;
        }
        if let Some(new) = self.0.state.pop() {
            *state = new;
        }
    }
}

impl<S> Clone for DrawingControl<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S> fmt::Debug for DrawingControl<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DrawingControl")
    }
}
