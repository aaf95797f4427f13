//! Metrics in a worker: what its actors tell is told to the program.

use std::sync::Arc;

use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString, Unit,
};

use super::super::letters::{Letter, Told};
use super::{seat, tell};

/// Forwards metrics from here on.
pub(super) fn forward() {
    // Err: it does already, or the actors' own code has set another one.
    let _ = metrics::set_global_recorder(Forward);
}

struct Forward;

/// One metric.
struct Meter(Key);

impl Meter {
    fn tell(&self, told: Told) {
        let labels = self.0.labels();
        tell(&Letter::Metric {
            actor: seat::name().to_string(),
            name: self.0.name().to_owned(),
            labels: labels
                .map(|label| (label.key().to_owned(), label.value().to_owned()))
                .collect(),
            told,
        });
    }
}

impl CounterFn for Meter {
    fn increment(&self, value: u64) {
        self.tell(Told::Counted(value));
    }

    fn absolute(&self, value: u64) {
        self.tell(Told::Reached(value));
    }
}

impl GaugeFn for Meter {
    fn increment(&self, value: f64) {
        self.tell(Told::Moved(value));
    }

    fn decrement(&self, value: f64) {
        self.tell(Told::Moved(-value));
    }

    fn set(&self, value: f64) {
        self.tell(Told::Gauge(value));
    }
}

impl HistogramFn for Meter {
    fn record(&self, value: f64) {
        self.tell(Told::Recorded(value));
    }
}

impl Recorder for Forward {
    fn describe_counter(&self, _key: KeyName, _unit: Option<Unit>, _description: SharedString) {}

    fn describe_gauge(&self, _key: KeyName, _unit: Option<Unit>, _description: SharedString) {}

    fn describe_histogram(&self, _key: KeyName, _unit: Option<Unit>, _description: SharedString) {}

    fn register_counter(&self, key: &Key, _metadata: &Metadata<'_>) -> Counter {
        Counter::from_arc(Arc::new(Meter(key.clone())))
    }

    fn register_gauge(&self, key: &Key, _metadata: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(Arc::new(Meter(key.clone())))
    }

    fn register_histogram(&self, key: &Key, _metadata: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(Arc::new(Meter(key.clone())))
    }
}
