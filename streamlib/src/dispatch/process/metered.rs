//! Metrics that workers tell, and how many of them are kept.
//!
//! Whoever collects metrics keeps each name with each set of labels for ever. A worker may tell new ones without end, by mistake
//! (a frame's number in a label) or to fill the program's memory; and one that has ended comes again. So it is the
//! program that counts them, by the actor that they are told of, from its start to its end.

use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::{LazyLock, Mutex};

use super::letters::Told;
use super::worker::lock;

/// The most metrics that may be told of one actor: of names and labels, each time that they differ.
pub(super) const MOST: usize = 1000;
/// The most bytes that they may have, of all names and labels together.
pub(super) const MOST_BYTES: usize = 1 << 20;

/// Whether a metric is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    Yes,
    /// It is the first that is not.
    NoMore,
    No,
}

/// What was told of one actor.
#[derive(Default)]
struct Known {
    /// The hashes of the metrics. Two that have the same are let in as one, by chance: the worker does not know the seed.
    metrics: HashSet<u64>,
    bytes: usize,
    has_refused: bool,
}

/// What the program has heard, by the names that its actors have in their graphs.
static HEARD: LazyLock<(RandomState, Mutex<BTreeMap<String, Known>>)> =
    LazyLock::new(Default::default);

/// Whether this metric of `actor`, a name that the program has given, is to be handed on.
pub(super) fn keep(actor: &str, name: &str, labels: &[(String, String)]) -> Kept {
    let (seed, heard) = &*HEARD;
    let metric = seed.hash_one((name, labels));
    let labels: usize = (labels.iter())
        .map(|(name, value)| name.len() + value.len())
        .sum();
    let mut heard = lock(heard);
    if !heard.contains_key(actor) {
        heard.insert(actor.to_owned(), Known::default());
    }
    let Some(known) = heard.get_mut(actor) else {
        return Kept::No;
    };
    let bytes = known.bytes + name.len() + labels;
    match known.metrics.contains(&metric) {
        true => Kept::Yes,
        false if known.metrics.len() < MOST && bytes <= MOST_BYTES => {
            known.metrics.insert(metric);
            known.bytes = bytes;
            Kept::Yes
        }
        false if !std::mem::replace(&mut known.has_refused, true) => Kept::NoMore,
        false => Kept::No,
    }
}

/// A metric, as if it had been told here, with the actor's name as a label.
#[cfg(feature = "metrics")]
pub(super) fn tell(actor: String, name: String, labels: Vec<(String, String)>, told: Told) {
    let mut all: Vec<metrics::Label> = labels
        .into_iter()
        .map(|(name, value)| metrics::Label::new(name, value))
        .collect();
    all.push(metrics::Label::new("actor", actor));
    match told {
        Told::Counted(by) => metrics::counter!(name, all).increment(by),
        Told::Reached(value) => metrics::counter!(name, all).absolute(value),
        Told::Gauge(value) => metrics::gauge!(name, all).set(value),
        Told::Moved(by) => metrics::gauge!(name, all).increment(by),
        Told::Recorded(value) => metrics::histogram!(name, all).record(value),
    }
}

/// Nobody collects metrics.
#[cfg(not(feature = "metrics"))]
pub(super) fn tell(_actor: String, _name: String, _labels: Vec<(String, String)>, _told: Told) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_are_kept_and_the_rest_is_told_once() {
        let frame = |number: usize| [("frame".to_owned(), number.to_string())];
        for number in 0..MOST {
            assert_eq!(keep("camera", "seen", &frame(number)), Kept::Yes);
        }
        assert_eq!(keep("camera", "seen", &frame(MOST)), Kept::NoMore);
        assert_eq!(keep("camera", "seen", &frame(MOST + 1)), Kept::No);
        assert_eq!(keep("camera", "seen", &frame(7)), Kept::Yes, "it is known");
        assert_eq!(keep("other", "seen", &frame(MOST)), Kept::Yes);
        // A few long ones are as many.
        let long = "x".repeat(MOST_BYTES / 2);
        assert_eq!(keep("long", &long, &[]), Kept::Yes);
        assert_eq!(keep("long", &long, &frame(1)), Kept::NoMore);
        assert_eq!(keep("long", "short", &[]), Kept::Yes);
    }
}
