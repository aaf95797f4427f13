//! Finds the period and the phase of a train in the edges of the last seconds, some of which are
//! missing, and some of which are not of the train.

use std::collections::VecDeque;

use super::rates;
use crate::clock::line::{later, nanos_between};
use crate::time::{Rate, Timestamp};

/// The most edges that are looked at.
const MOST: usize = 256;
/// How long an edge is looked at, when there are enough of them.
const WINDOW: f64 = 4e9;
/// Nanoseconds without an edge after which older ones say nothing, if that was also so many periods.
const FORGET: f64 = 4e9;
const FORGET_PERIODS: f64 = 4.0;
/// As many edges are looked at even if they are older.
const ENOUGH: usize = 16;
/// The fewest edges that make a train; of a slow one whose rate was said, three do.
const FEWEST: usize = 8;
/// Nanoseconds between the pulses of a slow train.
const SLOW: f64 = 0.25e9;
/// How far an edge may be from its place, as a share of a period, to be of the train.
const NEAR: f64 = 0.2;
/// The share of that by which it moves where the next ones are looked for.
const PULL: f64 = 0.3;
/// The share of the edges that must be of the train.
const OF_THE_TRAIN: f64 = 0.7;
/// How well the period must be known (three standard errors, as a share of it) to tell a broadcast rate,
/// or to measure another one.
const SURE: f64 = 250e-6;
const SURE_OF_ANY: f64 = 60e-6;

/// A train that was found.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// What it is called.
    pub(super) rate: Rate,
    /// When the newest of its pulses came, as the whole train says.
    pub(super) at: Timestamp,
    /// Nanoseconds from one pulse to the next.
    pub(super) period: f64,
    /// Over how many edges that was measured.
    pub(super) edges: usize,
    /// How far the edges lie from their places in the mean, in nanoseconds.
    pub(super) jitter: f64,
}

/// The edges among which a train is looked for.
#[derive(Debug, Default)]
pub(super) struct Search {
    edges: VecDeque<Timestamp>,
}

impl Search {
    /// Takes an edge, later than all before it; gives the train if there is one now. If the rate was
    /// `stated`, only pulses of that rate need less than eight edges.
    pub(super) fn push(&mut self, edge: Timestamp, stated: Option<Rate>) -> Option<Found> {
        self.edges.push_back(edge);
        while self.edges.len() > MOST
            || (self.edges.len() > ENOUGH
                && self
                    .edges
                    .front()
                    .is_some_and(|&first| nanos_between(first, edge) > WINDOW))
        {
            self.edges.pop_front();
        }
        self.forget(stated);
        self.train(stated)
    }

    /// Drops the edges before a long silence.
    fn forget(&mut self, stated: Option<Rate>) {
        let pairs = self.edges.iter().zip(self.edges.iter().skip(1));
        let all: Vec<f64> = pairs.map(|(&from, &to)| nanos_between(from, to)).collect();
        if all.iter().all(|interval| *interval <= FORGET) {
            return;
        }
        // Of two, the shorter: a silence, and then the train.
        let period = stated.map(rates::nanos).unwrap_or_else(|| {
            let mut sorted = all.clone();
            sorted.sort_unstable_by(f64::total_cmp);
            sorted.get((sorted.len() - 1) / 2).copied().unwrap_or(0.0)
        });
        let silent = FORGET.max(FORGET_PERIODS * period);
        if let Some(silence) = all.iter().rposition(|interval| *interval > silent) {
            self.edges.drain(..=silence);
        }
    }

    pub(super) fn clear(&mut self) {
        self.edges.clear();
    }

    fn train(&self, stated: Option<Rate>) -> Option<Found> {
        let slow = stated.is_some_and(|rate| rates::nanos(rate) >= SLOW);
        let fewest = if slow { 3 } else { FEWEST };
        let first = *self.edges.front()?;
        if self.edges.len() < fewest {
            return None;
        }
        let times: Vec<f64> = self
            .edges
            .iter()
            .map(|&edge| nanos_between(first, edge))
            .collect();
        let mut intervals: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let middle = intervals.len() / 2;
        let (_, period, _) = intervals.select_nth_unstable_by(middle, f64::total_cmp);
        let period = *period;
        // The first edge may be none of the train's.
        let places = (0..times.len().min(4))
            .map(|start| places(times.get(start..).unwrap_or_default(), period))
            .max_by_key(Vec::len)?;
        let fit = fit_without_outliers(places)?;
        let of_the_train = fit.edges as f64 / times.len() as f64;
        if fit.edges < fewest || of_the_train < OF_THE_TRAIN || fit.deviation > NEAR * fit.period {
            return None;
        }
        let error = 3.0 * fit.error / fit.period;
        let rate = if let Some(stated) = stated
            && rates::is(stated, fit.period)
        {
            (slow || error <= SURE).then_some(stated)?
        } else if fit.edges < FEWEST || error > SURE {
            return None;
        } else if let Some(rate) = rates::broadcast(fit.period) {
            rate
        } else if error <= SURE_OF_ANY {
            rates::measured(fit.period)
        } else {
            return None;
        };
        rate.check().ok()?;
        Some(Found {
            rate,
            at: later(first, fit.last),
            period: fit.period,
            edges: fit.edges,
            jitter: fit.deviation * 0.8,
        })
    }
}

/// The edges that lie where a train of about `period` would have them, seen from the first, each with
/// its number.
fn places(times: &[f64], period: f64) -> Vec<(f64, f64)> {
    let mut places: Vec<(f64, f64)> = Vec::with_capacity(times.len());
    // Where the newest pulse was. Each edge moves it a little, so that an inexact period does not add up, and two extra
    // edges in a row do not lead away from the train.
    let mut pulse = 0.0;
    for &time in times {
        let Some(&(number, _)) = places.last() else {
            places.push((0.0, time));
            pulse = time;
            continue;
        };
        let passed = (time - pulse) / period;
        let pulses = passed.round();
        let off = passed - pulses;
        if pulses >= 1.0 && off.abs() <= NEAR {
            places.push((number + pulses, time));
            pulse += (pulses + PULL * off) * period;
        }
    }
    places
}

struct Fit {
    period: f64,
    /// The instant of the newest pulse.
    last: f64,
    edges: usize,
    /// Standard deviation of the edges from their places.
    deviation: f64,
    /// Standard error of the period.
    error: f64,
}

/// A straight line through the edges, again and again without those that lie far off it: one alone can bend
/// the first so much that it seems near.
fn fit_without_outliers(mut places: Vec<(f64, f64)>) -> Option<Fit> {
    loop {
        let line = fit(&places)?;
        let mut distances: Vec<f64> = places.iter().map(|place| line.distance(*place)).collect();
        let middle = distances.len() / 2;
        let (_, median, _) = distances.select_nth_unstable_by(middle, f64::total_cmp);
        let far = (*median * 6.0).max(1_000.0);
        let before = places.len();
        places.retain(|place| line.distance(*place) <= far);
        if places.len() == before {
            return Some(line.fit);
        }
    }
}

struct Straight {
    fit: Fit,
    middle: (f64, f64),
}

impl Straight {
    fn distance(&self, (number, at): (f64, f64)) -> f64 {
        (at - self.middle.1 - (number - self.middle.0) * self.fit.period).abs()
    }
}

fn fit(places: &[(f64, f64)]) -> Option<Straight> {
    let count = places.len() as f64;
    let (last, _) = *places.last()?;
    if places.len() < 3 {
        return None;
    }
    let sum = |of: &dyn Fn(f64, f64) -> f64| places.iter().map(|&(x, y)| of(x, y)).sum::<f64>();
    let middle = (sum(&|x, _| x) / count, sum(&|_, y| y) / count);
    let spread = sum(&|x, _| (x - middle.0).powi(2));
    let period = sum(&|x, y| (x - middle.0) * (y - middle.1)) / spread;
    let squares = sum(&|x, y| (y - middle.1 - (x - middle.0) * period).powi(2));
    let deviation = (squares / (count - 2.0)).sqrt();
    let fit = Fit {
        period,
        last: middle.1 + (last - middle.0) * period,
        edges: places.len(),
        deviation,
        error: deviation / spread.sqrt(),
    };
    (period > 0.0).then_some(Straight { fit, middle })
}
