//! Puts a stage below the one that feeds it: into its type, or beside it as a task.

use super::branch::{Branch, Fed, Followers};
use super::builder::{GraphBuilder, Join};
use super::node::{Edge, Stage};
use super::runner::Runner;
use crate::actor::{Actor, At, FromInputs, NoClock, OwnClock};
use crate::dispatch::{Detached, Nested, Placement};

impl<A: Actor, F: Followers, D: Placement, C> Stage<A, F, D, C> {
    /// Feeds a node that nothing else feeds, through these edges.
    #[allow(clippy::type_complexity, reason = "the graph is the type")]
    pub fn then<B: Actor, G: Followers, D2: Placement, C2, const N: usize>(
        self,
        graph: &mut GraphBuilder,
        target: Stage<B, G, D2, C2>,
        edges: [Edge; N],
    ) -> Stage<A, <Effective<D2, C2> as Nest>::Followers<F, B, G>, D, C>
    where
        C2: Settle<D2>,
    {
        let mask = graph.edges(
            self.branch.runner.stats(),
            target.branch.runner.stats(),
            &edges,
        );
        let Self {
            branch: Branch {
                mut runner,
                followers,
            },
            clock,
            place,
        } = self;
        runner.feeds_others();
        let followers = Effective::<D2, C2>::nest(graph, &mut runner, followers, target, mask);
        Stage {
            branch: Branch { runner, followers },
            clock,
            place,
        }
    }

    /// Feeds a node that others feed too.
    #[must_use]
    pub fn feeds<const N: usize>(
        mut self,
        graph: &mut GraphBuilder,
        join: &Join,
        edges: [Edge; N],
    ) -> Self {
        let mask = graph.edges(self.branch.runner.stats(), &join.stats, &edges);
        self.branch.runner.feeds_others();
        graph.feed(&mut self.branch.runner, join, mask);
        self
    }
}

type Effective<D, C> = <C as Settle<D>>::Nesting;

/// Whether an actor becomes a part of what feeds it, by its dispatcher and its clock.
pub trait Settle<D> {
    type Nesting: Nest;
}

impl<D: Placement<Nesting: Nest>> Settle<D> for NoClock {
    type Nesting = D::Nesting;
}

impl<D: Placement<Nesting: Nest>> Settle<D> for FromInputs {
    type Nesting = D::Nesting;
}

// What its own clock ticks can't be run by what feeds it.
impl<D> Settle<D> for OwnClock {
    type Nesting = Detached;
}

impl<D> Settle<D> for At {
    type Nesting = Detached;
}

/// Puts a stage below the one that feeds it.
pub trait Nest {
    type Followers<F: Followers, B: Actor, G: Followers>: Followers;
    fn nest<A: Actor, F: Followers, B: Actor, G: Followers, D: Placement, C>(
        graph: &mut GraphBuilder,
        runner: &mut Runner<A>,
        followers: F,
        target: Stage<B, G, D, C>,
        mask: u64,
    ) -> Self::Followers<F, B, G>;
}

impl Nest for Nested {
    type Followers<F: Followers, B: Actor, G: Followers> = (F, Fed<Branch<B, G>>);

    fn nest<A: Actor, F: Followers, B: Actor, G: Followers, D: Placement, C>(
        graph: &mut GraphBuilder,
        _runner: &mut Runner<A>,
        followers: F,
        target: Stage<B, G, D, C>,
        mask: u64,
    ) -> Self::Followers<F, B, G> {
        graph.add(target.branch.runner.stats(), target.clock);
        (
            followers,
            Fed {
                branch: target.branch,
                mask,
            },
        )
    }
}

impl Nest for Detached {
    type Followers<F: Followers, B: Actor, G: Followers> = F;

    fn nest<A: Actor, F: Followers, B: Actor, G: Followers, D: Placement, C>(
        graph: &mut GraphBuilder,
        runner: &mut Runner<A>,
        followers: F,
        target: Stage<B, G, D, C>,
        mask: u64,
    ) -> Self::Followers<F, B, G> {
        let join = graph.join(target);
        graph.feed(runner, &join, mask);
        followers
    }
}
