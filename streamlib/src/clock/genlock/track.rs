//! Follows a train that was found: a second-order loop whose bandwidth narrows while it settles.

use super::rates::{self, TOLERANCE};
use super::search::Found;
use crate::clock::line::{later, nanos_between};
use crate::time::{Rate, Timestamp};

/// Nanoseconds of edges that the settled loop remembers, about.
const MEMORY: f64 = 3e9;
/// It remembers at least as many edges, and at most so many.
const MEMORY_EDGES: (f64, f64) = (16.0, 1024.0);
/// An edge this many times the mean jitter from its place is none of the train's.
const FAR: f64 = 6.0;
/// Nanoseconds from its place within which an edge is of the train, however little jitter there was.
const NEAR: f64 = 50_000.0;
/// The share of a period beyond which it is not, however much there was.
const FARTHEST: f64 = 0.2;
/// How much the train may have drifted for each nanosecond without an edge.
const DRIFT: f64 = 10e-6;
/// A train is given up when this many points are reached: an outlier, an extra edge and a gap give two,
/// and a good edge takes one.
const GIVE_UP: u32 = 16;

/// What an edge was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edge {
    /// The pulse of this number.
    Pulse(u64),
    /// Something else.
    Stray,
    /// Something else, and so often that the train is gone or has changed.
    GivenUp,
}

/// A train that is followed.
#[derive(Clone, Debug)]
pub(super) struct Track {
    rate: Rate,
    /// The newest pulse.
    number: u64,
    /// When it was, as the loop says: nanoseconds after an instant.
    at: (Timestamp, f64),
    period: f64,
    /// How many edges the loop has settled over.
    settled: f64,
    jitter: f64,
    distrust: u32,
}

impl Track {
    pub(super) fn new(found: &Found) -> Self {
        Self {
            rate: found.rate,
            number: 0,
            at: (found.at, 0.0),
            period: found.period,
            settled: found.edges as f64,
            jitter: found.jitter,
            distrust: 0,
        }
    }

    /// Takes the next edge.
    pub(super) fn push(&mut self, edge: Timestamp) -> Edge {
        let passed = nanos_between(self.at.0, edge) - self.at.1;
        let pulses = (passed / self.period).round().max(0.0);
        let error = passed - pulses * self.period;
        let alone = (passed - self.period).max(0.0);
        let far = (self.jitter * FAR).max(NEAR).min(self.period * FARTHEST) + alone * DRIFT;
        if pulses < 1.0 || error.abs() > far {
            return self.doubt().unwrap_or(Edge::Stray);
        }
        if pulses > 1.0 {
            if let Some(given_up) = self.doubt() {
                return given_up;
            }
        } else {
            self.distrust = self.distrust.saturating_sub(1);
        }
        let (low, high) = MEMORY_EDGES;
        let memory = (MEMORY / self.period).clamp(low, high);
        self.settled = (self.settled + 1.0).min(memory);
        // The gains of a line fitted to the last n edges.
        let n = self.settled;
        let phase_gain = 2.0 * (2.0 * n - 1.0) / (n * (n + 1.0));
        let period_gain = 6.0 / (n * (n + 1.0));
        let offset = self.at.1 + pulses * self.period + phase_gain * error;
        let whole = offset.floor();
        self.at = (later(self.at.0, whole), offset - whole);
        self.number += pulses as u64;
        self.period += period_gain * error / pulses;
        self.jitter += (error.abs() - self.jitter) / n.max(16.0);
        // A little more than what is found, so that a train at the edge of it is not lost at once.
        if (self.period / rates::nanos(self.rate) - 1.0).abs() > TOLERANCE * 1.25 {
            return Edge::GivenUp;
        }
        Edge::Pulse(self.number)
    }

    fn doubt(&mut self) -> Option<Edge> {
        self.distrust += 2;
        (self.distrust >= GIVE_UP).then_some(Edge::GivenUp)
    }

    /// Nanoseconds from one pulse to the next.
    pub(super) fn period(&self) -> f64 {
        self.period
    }

    /// How far edges lie from their places in the mean, in nanoseconds.
    pub(super) fn jitter(&self) -> f64 {
        self.jitter
    }

    /// The newest pulse, and how many pulses have passed since at an instant.
    pub(super) fn pulses(&self, at: Timestamp) -> (u64, f64) {
        let passed = nanos_between(self.at.0, at) - self.at.1;
        (self.number, passed / self.period)
    }

    /// By how much the train is quicker than its rate, in millionths.
    pub(super) fn ppm(&self) -> f64 {
        (rates::nanos(self.rate) / self.period - 1.0) * 1e6
    }
}
