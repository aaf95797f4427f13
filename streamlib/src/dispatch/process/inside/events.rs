//! `tracing` in a worker: every event is told to the program.

use std::fmt::{self, Write};
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use super::super::letters::Letter;
use super::{seat, tell};

/// The longest text of an event; what is longer is cut.
const LONGEST: usize = 16 << 10;

static LEVEL: AtomicU8 = AtomicU8::new(0);

/// Forwards what is as serious as `level` from here on: 1 for errors alone, to 5 for everything.
pub(super) fn forward(level: u8) {
    // Relaxed: a number on its own.
    LEVEL.fetch_max(level, Ordering::Relaxed);
    // Err: the actors' own code has set another one.
    let _ = tracing::subscriber::set_global_default(Forward::default());
    tracing::callsite::rebuild_interest_cache();
}

#[derive(Default)]
struct Forward {
    spans: AtomicU64,
}

fn number_of(level: Level) -> u8 {
    match level {
        Level::ERROR => 1,
        Level::WARN => 2,
        Level::INFO => 3,
        Level::DEBUG => 4,
        Level::TRACE => 5,
    }
}

impl Subscriber for Forward {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        // Relaxed: as in `forward`.
        metadata.is_event() && number_of(*metadata.level()) <= LEVEL.load(Ordering::Relaxed)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(match LEVEL.load(Ordering::Relaxed) {
            0 => LevelFilter::OFF,
            1 => LevelFilter::ERROR,
            2 => LevelFilter::WARN,
            3 => LevelFilter::INFO,
            4 => LevelFilter::DEBUG,
            _ => LevelFilter::TRACE,
        })
    }

    fn new_span(&self, _span: &Attributes<'_>) -> Id {
        // Relaxed: only the count has to be unique.
        Id::from_u64(self.spans.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn record(&self, _span: &Id, _values: &Record<'_>) {}

    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut text = Text::default();
        event.record(&mut text);
        let mut text = text.message + &text.fields;
        if text.len() > LONGEST {
            let end = (0..=LONGEST).rev().find(|&at| text.is_char_boundary(at));
            text.truncate(end.unwrap_or(0));
        }
        tell(&Letter::Event {
            actor: seat::name().to_string(),
            level: number_of(*event.metadata().level()),
            target: event.metadata().target().to_owned(),
            text,
        });
    }

    fn enter(&self, _span: &Id) {}

    fn exit(&self, _span: &Id) {}
}

/// An event as one line: what it says, and its fields.
#[derive(Default)]
struct Text {
    message: String,
    fields: String,
}

impl Visit for Text {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Err: a `Debug` that fails is told as far as it came.
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.fields, " {name}={value:?}"),
        };
    }
}
