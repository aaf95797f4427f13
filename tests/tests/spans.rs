//! Whoever collects `tracing` finds every actor's work in a span of its own.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use streamlib::prelude::*;
use streamlib_tests::{AddOne, Collect, Log, Numbers};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Counts how often each span of an actor was entered and left.
#[derive(Clone, Default)]
struct Counter(Arc<Mutex<Counts>>);

#[derive(Default)]
struct Counts {
    names: Vec<String>,
    /// For each name how often it was entered, and how often more than left.
    entered: BTreeMap<String, (u64, i64)>,
}

impl Counts {
    fn of(&mut self, span: &Id) -> &mut (u64, i64) {
        let name = self.names.get(span.into_u64() as usize - 1).cloned();
        self.entered.entry(name.unwrap_or_default()).or_default()
    }
}

impl Subscriber for Counter {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "streamlib::actor"
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut name = String::new();
        span.record(
            &mut |field: &tracing::field::Field, value: &dyn std::fmt::Debug| {
                if field.name() == "name" {
                    name = format!("{value:?}").replace('"', "");
                }
            },
        );
        let mut counts = self.0.lock().expect("no panic");
        counts.names.push(name);
        Id::from_u64(counts.names.len() as u64)
    }

    fn enter(&self, span: &Id) {
        let mut counts = self.0.lock().expect("no panic");
        let (entered, open) = counts.of(span);
        *entered += 1;
        *open += 1;
    }

    fn exit(&self, span: &Id) {
        self.0.lock().expect("no panic").of(span).1 -= 1;
    }

    fn record(&self, _span: &Id, _values: &Record<'_>) {}
    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}
    fn event(&self, _event: &Event<'_>) {}
}

#[tokio::test(flavor = "multi_thread")]
async fn every_tick_of_an_actor_is_in_its_span() -> Result<()> {
    let counter = Counter::default();
    tracing::subscriber::set_global_default(counter.clone()).expect("the only one");
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        source = Numbers::new(u64::MAX) @ house;
        near   = AddOne::new() on inline;
        end    = Collect::new(Log::new()) on threads;
        source >> near >> end;
    }?;
    clock.advance(100).await?;
    show.stop().await?;
    assert!(show.profile().is_none(), "a subscriber asks for no profile");
    let mut counts = counter.0.lock().expect("no panic");
    counts.names.sort_unstable();
    assert_eq!(counts.names, ["end", "near", "source"]);
    for name in ["source", "near", "end"] {
        assert_eq!(counts.entered.get(name), Some(&(100, 0)), "{name}");
    }
    Ok(())
}
