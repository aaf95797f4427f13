//! Puts a stage below the one that feeds it: into its type, or beside it as a task.

use std::sync::{Arc, Mutex};

use super::apart::Apart;
use super::branch::{Branch, Followers};
use super::builder::{GraphBuilder, Join};
use super::node::Stage;
use super::open::Outlet;
use super::runner::Runner;
use super::wire::Edge;
use crate::actor::{Actor, At, FromInputs, NoClock, OwnClock};
use crate::dispatch::{Detached, Nested, Placement};

impl<A: Actor + 'static, F: Followers, D: Placement, C> Stage<A, F, D, C> {
    /// Feeds a node that nothing else feeds, through these edges.
    pub fn then<T: Below, const N: usize>(
        self,
        graph: &mut GraphBuilder,
        target: T,
        edges: [Edge; N],
    ) -> T::Above<A, F, D, C> {
        target.below(graph, self, &edges)
    }

    /// Feeds a node that others feed too.
    #[must_use]
    pub fn feeds<J: Joined, const N: usize>(
        mut self,
        graph: &mut GraphBuilder,
        join: &J,
        edges: [Edge; N],
    ) -> Self {
        let runner = &mut self.branch.runner;
        let stats = Arc::clone(runner.stats());
        graph.tie(Some(&stats), join.task(), &edges, |link| runner.link(link));
        self
    }

    /// Puts what hangs on it apart, as one of a long chain.
    #[must_use]
    pub fn apart(self) -> Stage<A, Apart<F>, D, C> {
        let Branch {
            runner, followers, ..
        } = self.branch;
        Stage {
            branch: Branch {
                others: (),
                runner,
                followers: Apart::new(followers),
                mask: u64::MAX,
            },
            clock: self.clock,
            place: self.place,
        }
    }

    /// Its outputs leave the graph through these edges.
    #[must_use]
    pub fn leaves<const N: usize>(mut self, graph: &mut GraphBuilder, edges: [Edge; N]) -> Self {
        let links = Arc::<Mutex<_>>::default();
        self.branch.runner.leads_out(Arc::clone(&links));
        let stats = self.branch.runner.stats();
        for leaves in edges.into_iter().filter_map(|edge| graph.take(edge).leaves) {
            leaves.get_or_init(|| Outlet {
                stats: Arc::clone(stats),
                links: Arc::clone(&links),
            });
        }
        self
    }
}

/// A stage that several nodes feed, or that what comes into the graph feeds: a task, or several.
pub trait Joined {
    /// The task, where it is one.
    fn task(&self) -> Option<&Join>;
}

impl Joined for Join {
    fn task(&self) -> Option<&Join> {
        Some(self)
    }
}

/// A stage that can be put below another.
pub trait Below: Sized {
    /// The one above it, with what it has become.
    type Above<A: Actor + 'static, F: Followers, D: Placement, C>;
    /// What it is as a task of its own.
    type Joined: Joined;
    /// Puts it below the one stage that feeds it.
    fn below<A: Actor + 'static, F: Followers, D: Placement, C>(
        self,
        graph: &mut GraphBuilder,
        above: Stage<A, F, D, C>,
        edges: &[Edge],
    ) -> Self::Above<A, F, D, C>;
    /// Makes it a task of its own.
    fn join(self, graph: &mut GraphBuilder) -> Self::Joined;
}

impl<B: Actor + 'static, G: Followers, D2: Placement, C2: Settle<D2>> Below
    for Stage<B, G, D2, C2>
{
    type Above<A: Actor + 'static, F: Followers, D: Placement, C> =
        Stage<A, <Effective<D2, C2> as Nest>::Followers<F, B, G>, D, C>;
    type Joined = Join;

    fn below<A: Actor + 'static, F: Followers, D: Placement, C>(
        self,
        graph: &mut GraphBuilder,
        above: Stage<A, F, D, C>,
        edges: &[Edge],
    ) -> Self::Above<A, F, D, C> {
        let mask = graph.edges(
            above.branch.runner.stats(),
            self.branch.runner.stats(),
            edges,
        );
        let Stage {
            branch,
            clock,
            place,
        } = above;
        let (mut runner, followers) = (branch.runner, branch.followers);
        let followers = Effective::<D2, C2>::nest(graph, &mut runner, followers, self, mask);
        Stage {
            branch: Branch {
                others: (),
                runner,
                followers,
                mask: u64::MAX,
            },
            clock,
            place,
        }
    }

    fn join(self, graph: &mut GraphBuilder) -> Join {
        graph.task(self)
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
    type Followers<F: Followers, B: Actor + 'static, G: Followers>: Followers;
    fn nest<A: Actor + 'static, F: Followers, B: Actor + 'static, G: Followers, D: Placement, C>(
        graph: &mut GraphBuilder,
        runner: &mut Runner<A>,
        followers: F,
        target: Stage<B, G, D, C>,
        mask: u64,
    ) -> Self::Followers<F, B, G>;
}

impl Nest for Nested {
    type Followers<F: Followers, B: Actor + 'static, G: Followers> = Branch<F, B, G>;

    fn nest<A: Actor + 'static, F: Followers, B: Actor + 'static, G: Followers, D: Placement, C>(
        graph: &mut GraphBuilder,
        _runner: &mut Runner<A>,
        followers: F,
        target: Stage<B, G, D, C>,
        mask: u64,
    ) -> Self::Followers<F, B, G> {
        graph.add(target.branch.runner.stats(), target.clock, B::INFO.deadline);
        Branch {
            others: followers,
            runner: target.branch.runner,
            followers: target.branch.followers,
            mask,
        }
    }
}

impl Nest for Detached {
    type Followers<F: Followers, B: Actor + 'static, G: Followers> = F;

    fn nest<A: Actor + 'static, F: Followers, B: Actor + 'static, G: Followers, D: Placement, C>(
        graph: &mut GraphBuilder,
        runner: &mut Runner<A>,
        followers: F,
        target: Stage<B, G, D, C>,
        mask: u64,
    ) -> Self::Followers<F, B, G> {
        let join = graph.task(target);
        if let Some(link) = graph.feed(runner.stats(), &join, mask) {
            runner.link(link);
        }
        followers
    }
}
