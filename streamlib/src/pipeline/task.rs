//! A task: takes what its inbox brings, tick by tick, until the end.

use std::sync::Arc;
use std::task::Poll;

use super::branch::{Branch, Followers};
use super::inbox::{Event, Inbox};
use super::run::Gate;
use super::runner::Context;
use crate::actor::Actor;
use crate::dispatch::handoff_waits;

/// Runs `branch` on the ticks of `inbox`. The clocks start once every task has come past `gate`.
pub(super) async fn drive<A: Actor + 'static, F: Followers>(
    mut branch: Branch<(), A, F>,
    mut inbox: Inbox,
    gate: Arc<Gate>,
    context: Context,
) {
    let arrival = Arrival(gate);
    branch.start(&context).await;
    drop(arrival);
    let stats = Arc::clone(branch.runner.stats());
    let mut end = None;
    while branch.is_live() {
        match inbox.next().await {
            Event::Tick { tick, missed, late } => {
                stats.missed(missed);
                if late {
                    stats.late();
                }
                branch.work(tick, true).await;
            }
            Event::Pass(frame_number) => {
                // What was linked since waits for this tick as well.
                branch.runner.take_up();
                branch.pass(frame_number, inbox.follows());
            }
            Event::Cut => branch.runner.let_go(),
            Event::End(tick) => {
                end = tick;
                break;
            }
        }
        if handoff_waits() && inbox.is_ready() {
            yield_now().await;
        }
    }
    branch.end(end).await;
}

/// Comes past the gate when it is dropped, which also a task is that was never to start.
struct Arrival(Arc<Gate>);

impl Drop for Arrival {
    fn drop(&mut self) {
        self.0.arrive();
    }
}

/// Lets the task run that this one has just woken.
async fn yield_now() {
    let mut yielded = false;
    std::future::poll_fn(|cx| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
