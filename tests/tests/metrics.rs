//! What a recorder of the `metrics` crate is told, also of actors that rest, hang or are fed no more.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata,
    SharedString, Unit,
};
use streamlib::prelude::*;
use streamlib::profile::METRICS;
use streamlib_tests::{Numbers, until};

/// Keeps what it is told, by metric and actor.
#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<Values>>);

type Values = BTreeMap<(String, String), Arc<Value>>;

#[derive(Default)]
struct Value(Mutex<f64>);

impl Value {
    fn add(&self, value: f64) {
        *self.0.lock().expect("no panic") += value;
    }
}

impl CounterFn for Value {
    fn increment(&self, value: u64) {
        self.add(value as f64);
    }
    fn absolute(&self, _value: u64) {}
}

impl GaugeFn for Value {
    fn increment(&self, value: f64) {
        self.add(value);
    }
    fn decrement(&self, value: f64) {
        self.add(-value);
    }
    fn set(&self, value: f64) {
        *self.0.lock().expect("no panic") = value;
    }
}

impl HistogramFn for Value {
    fn record(&self, _value: f64) {
        self.add(1.0);
    }
}

impl Recorder {
    fn value(&self, key: &Key) -> Arc<Value> {
        let mut labels = key.labels();
        let actor = labels.find(|label| label.key() == "actor");
        let actor = actor.expect("the label of the actor").value().to_owned();
        let mut values = self.0.lock().expect("no panic");
        values
            .entry((key.name().to_owned(), actor))
            .or_default()
            .clone()
    }

    /// What was told of an actor, by the name without what all names begin with.
    fn told<const N: usize>(&self, actor: &str, names: [&str; N]) -> [Option<f64>; N] {
        let values = self.0.lock().expect("no panic");
        names.map(|name| {
            let value = values.get(&(format!("streamlib_{name}"), actor.to_owned()))?;
            Some(*value.0.lock().expect("no panic"))
        })
    }
}

impl metrics::Recorder for Recorder {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.value(key))
    }
    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.value(key))
    }
    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.value(key))
    }
}

/// Fails on tick 3 for good, after which it rests for long; hangs for a while on tick 3 of its second life.
#[actor(on_error = restart { backoff: Duration::from_secs(3_600) })]
struct Fragile {
    #[input]
    number: Input<DataMessage<u64>>,
}

impl Actor for Fragile {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if tick.frame_number == 3 {
            return Err(Error::graph("unplugged"));
        }
        Ok(())
    }
}

/// Hangs on its third tick until it is told to go on.
#[actor(deadline = 5)]
struct Hangs {
    #[input]
    number: Input<DataMessage<u64>>,
    ticks: Arc<AtomicU64>,
    goes_on: Arc<AtomicBool>,
}

impl Actor for Hangs {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        self.number.latest();
        if self.ticks.fetch_add(1, Ordering::Relaxed) == 2 {
            while !self.goes_on.load(Ordering::Relaxed) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_rests_or_hangs_is_told_of_while_it_does() -> Result<()> {
    let recorder = Recorder::default();
    metrics::set_global_recorder(recorder.clone()).expect("the only one");
    let clock = VirtualClock::fps(10);
    let (ticks, goes_on) = (Arc::<AtomicU64>::default(), Arc::<AtomicBool>::default());
    let show = pipeline! {
        clock house = clock.clone();
        source  = Numbers::new(u64::MAX) @ house;
        fragile = Fragile::new();
        source >> fragile;
    }?;
    let real = pipeline! {
        numbers = Numbers::new(u64::MAX).fps(200);
        hangs   = Hangs::new(ticks.clone(), goes_on.clone());
        numbers >> hangs;
    }?;
    clock.advance(4).await?;
    // Nothing ticks it from here on.
    let counts = [
        "ticks_total",
        "errors_total",
        "panics_total",
        "actor_running",
    ];
    let fragile = || recorder.told("fragile", counts);
    let resting = [Some(4.0), Some(1.0), Some(0.0), Some(1.0)];
    assert!(until(|| fragile() == resting).await, "{:?}", fragile());

    let states = ["stalls_total", "actor_stalled", "actor_running"];
    let hangs = || recorder.told("hangs", states);
    let stalled = [Some(1.0), Some(1.0), Some(0.0)];
    assert!(until(|| hangs() == stalled).await, "{:?}", hangs());
    goes_on.store(true, Ordering::Relaxed);
    let goes_on = [Some(1.0), Some(0.0), Some(1.0)];
    assert!(until(|| hangs() == goes_on).await, "{:?}", hangs());

    // What another of the same name counts is added.
    let again = pipeline! {
        clock house = clock.clone();
        source  = Numbers::new(u64::MAX) @ house;
        fragile = Fragile::new();
        source >> fragile;
    }?;
    clock.advance(4).await?;
    let both = [Some(8.0), Some(1.0), Some(0.0), Some(2.0)];
    assert!(until(|| fragile() == both).await, "{:?}", fragile());

    for show in [show, real, again] {
        show.stop().await?;
    }
    // All is told when it has ended.
    let over = [Some(8.0), Some(1.0), Some(0.0), Some(0.0)];
    assert_eq!(fragile(), over);
    assert_eq!(hangs()[1..], [Some(0.0), Some(0.0)]);
    let worked = ticks.load(Ordering::Relaxed) as f64;
    let told = recorder.told("hangs", ["ticks_total", "process_seconds"]);
    assert_eq!(told, [Some(worked); 2]);
    for (name, _) in METRICS {
        let name = name.trim_start_matches("streamlib_");
        assert!(recorder.told("source", [name])[0].is_some(), "{name}");
    }
    Ok(())
}
