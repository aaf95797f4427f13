//! What actors in other processes print and tell: it comes out of the program, and holds nothing up.
#![cfg(target_os = "linux")]

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::{Mutex, Once};

use streamlib::prelude::*;
use streamlib_tests::{Numbers, status_of, until};

streamlib::process::before_main!();

/// Says something in every way there is.
#[actor]
struct Talker {
    #[input]
    number: Input<DataMessage<u64>>,
}

impl Actor for Talker {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        println!("said on tick {}", tick.frame_number);
        eprintln!("warned on tick {}", tick.frame_number);
        tracing::info!(number = 7, "told on tick {}", tick.frame_number);
        tracing::trace!("too much");
        // SAFETY: the format takes no argument.
        unsafe { libc::printf(c"kept by C\n".as_ptr()) };
        metrics::counter!("said", "loud" => "no").increment(2);
        metrics::gauge!("level", "of" => "noise").set(0.5);
        metrics::gauge!("level").increment(0.25);
        metrics::gauge!("level").decrement(0.125);
        metrics::histogram!("took").record(2.0);
        let thread = std::thread::spawn(|| {
            println!("said by a thread");
            tracing::info!("told by a thread");
            metrics::counter!("said", "by" => "thread").increment(3);
        });
        thread.join().map_err(|_| "it panicked")?;
        Ok(())
    }
}

/// Collects events.
struct Events;

static EVENTS: Mutex<Vec<String>> = Mutex::new(Vec::new());

impl tracing::Subscriber for Events {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        *metadata.level() <= tracing::Level::INFO
    }
    fn max_level_hint(&self) -> Option<tracing::level_filters::LevelFilter> {
        Some(tracing::level_filters::LevelFilter::INFO)
    }
    fn new_span(&self, _span: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _span: &tracing::span::Id, _values: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _span: &tracing::span::Id, _follows: &tracing::span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        struct Line(String);
        impl tracing::field::Visit for Line {
            fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
                self.0 += &format!("{field}={value:?} ");
            }
        }
        let mut line = Line(format!("{} ", event.metadata().level()));
        event.record(&mut line);
        if let Ok(mut events) = EVENTS.lock() {
            events.push(line.0);
        }
    }
    fn enter(&self, _span: &tracing::span::Id) {}
    fn exit(&self, _span: &tracing::span::Id) {}
}

/// Adds up counters, and writes down what gauges and histograms are told.
struct Counters;

static COUNTED: Mutex<Vec<(String, u64)>> = Mutex::new(Vec::new());

static MEASURED: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Counter(String);

impl Counter {
    fn of(key: &metrics::Key) -> std::sync::Arc<Self> {
        let labels = key
            .labels()
            .map(|label| format!("{}={}", label.key(), label.value()));
        let labels: Vec<_> = labels.collect();
        std::sync::Arc::new(Self(format!("{} {}", key.name(), labels.join(" "))))
    }

    fn measured(&self, told: &str, value: f64) {
        if let Ok(mut measured) = MEASURED.lock() {
            measured.push(format!("{} {told} {value}", self.0));
        }
    }
}

impl metrics::GaugeFn for Counter {
    fn increment(&self, value: f64) {
        self.measured("moved by", value);
    }
    fn decrement(&self, value: f64) {
        self.measured("moved by", -value);
    }
    fn set(&self, value: f64) {
        self.measured("is", value);
    }
}

impl metrics::HistogramFn for Counter {
    fn record(&self, value: f64) {
        self.measured("has", value);
    }
}

impl metrics::CounterFn for Counter {
    fn increment(&self, value: u64) {
        if let Ok(mut counted) = COUNTED.lock() {
            counted.push((self.0.clone(), value));
        }
    }
    fn absolute(&self, _value: u64) {}
}

impl metrics::Recorder for Counters {
    fn describe_counter(
        &self,
        _: metrics::KeyName,
        _: Option<metrics::Unit>,
        _: metrics::SharedString,
    ) {
    }
    fn describe_gauge(
        &self,
        _: metrics::KeyName,
        _: Option<metrics::Unit>,
        _: metrics::SharedString,
    ) {
    }
    fn describe_histogram(
        &self,
        _: metrics::KeyName,
        _: Option<metrics::Unit>,
        _: metrics::SharedString,
    ) {
    }
    fn register_counter(&self, key: &metrics::Key, _: &metrics::Metadata<'_>) -> metrics::Counter {
        metrics::Counter::from_arc(Counter::of(key))
    }
    fn register_gauge(&self, key: &metrics::Key, _: &metrics::Metadata<'_>) -> metrics::Gauge {
        metrics::Gauge::from_arc(Counter::of(key))
    }
    fn register_histogram(
        &self,
        key: &metrics::Key,
        _: &metrics::Metadata<'_>,
    ) -> metrics::Histogram {
        metrics::Histogram::from_arc(Counter::of(key))
    }
}

/// Collects both, from the first call on.
fn collect() {
    static COLLECTS: Once = Once::new();
    COLLECTS.call_once(|| {
        metrics::set_global_recorder(Counters).expect("the only one here");
        tracing::subscriber::set_global_default(Events).expect("the only one here");
    });
}

/// Tells of a metric by another name each time, and of one that it has told before.
#[actor]
struct Namer {
    #[input]
    number: Input<DataMessage<u64>>,
    told: u64,
}

impl Actor for Namer {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        metrics::counter!("same").increment(1);
        for _ in 0..100 {
            self.told += 1;
            metrics::counter!("differs", "by" => self.told.to_string()).increment(1);
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_have_an_end_and_that_is_told_once() -> Result<()> {
    collect();
    let show = pipeline! {
        clock house = SoftwareClock::fps(100);
        numbers = Numbers::new(u64::MAX) @ house;
        namer   = Namer::new(0) on process.alone();
        numbers >> namer;
    }?;
    let told = |name: &str| {
        let counted = COUNTED.lock().expect("no panic");
        let of_it = counted.iter().filter(|(told, _)| told.starts_with(name));
        of_it
            .filter(|(told, _)| told.ends_with("actor=namer"))
            .count()
    };
    let ends = || {
        let events = EVENTS.lock().expect("no panic");
        let is_it = |event: &&String| event.contains("more than 1000 metrics");
        events.iter().filter(is_it).count()
    };
    assert!(until(|| ends() == 1).await, "{}", told("differs"));
    // The one that was there before goes on, and no other comes.
    let before = told("same");
    assert!(until(|| told("same") > before + 20).await);
    assert_eq!((told("differs"), ends()), (999, 1));
    show.stop().await
}

/// Run by itself, and by the next one, which reads what it prints.
#[tokio::test(flavor = "multi_thread")]
async fn events_and_metrics_come_with_the_name_of_the_actor() -> Result<()> {
    collect();
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        numbers = Numbers::new(u64::MAX) @ house;
        talker  = Talker::new() on process.alone();
        numbers >> talker;
    }?;
    clock.advance(2).await?;
    show.stop().await?;
    let told = "INFO message=told on tick 1 number=7 actor=\"talker\" from=\"process_told\" ";
    let has = || {
        EVENTS
            .lock()
            .is_ok_and(|events| events.iter().any(|event| event == told))
    };
    assert!(until(has).await, "{:?}", EVENTS.lock());
    // A thread that it has started is in its process, if in no actor.
    let told = "INFO message=told by a thread actor=\"talker\" from=\"process_told\" ";
    let has = || {
        EVENTS
            .lock()
            .is_ok_and(|events| events.iter().any(|event| event == told))
    };
    assert!(until(has).await, "{:?}", EVENTS.lock());
    let said = ("said by=thread actor=talker".to_owned(), 3);
    let has = || COUNTED.lock().is_ok_and(|counted| counted.contains(&said));
    assert!(until(has).await, "{:?}", COUNTED.lock());
    let said = ("said loud=no actor=talker".to_owned(), 2);
    let has = || {
        COUNTED
            .lock()
            .is_ok_and(|counted| counted.iter().filter(|one| **one == said).count() == 2)
    };
    assert!(until(has).await, "{:?}", COUNTED.lock());
    for told in [
        "level of=noise actor=talker is 0.5",
        "level actor=talker moved by 0.25",
        "level actor=talker moved by -0.125",
        "took actor=talker has 2",
    ] {
        let is_it = |one: &&String| *one == told;
        let twice = || {
            let measured = MEASURED.lock();
            measured.is_ok_and(|measured| measured.iter().filter(is_it).count() == 2)
        };
        assert!(until(twice).await, "{told}: {:?}", MEASURED.lock());
    }
    assert!(
        !EVENTS
            .lock()
            .is_ok_and(|events| events.iter().any(|event| event.contains("too much")))
    );
    Ok(())
}

#[test]
fn what_is_printed_comes_with_the_name_of_the_actor() {
    let printed = Command::new(std::env::current_exe().expect("this test"))
        .args([
            "--exact",
            "events_and_metrics_come_with_the_name_of_the_actor",
            "--nocapture",
        ])
        .output()
        .expect("it runs");
    let (out, err) = (
        String::from_utf8_lossy(&printed.stdout),
        String::from_utf8_lossy(&printed.stderr),
    );
    assert!(
        out.contains(
            "[talker] said on tick 0\n[talker] said by a thread\n[talker] said on tick 1\n"
        ),
        "{out}"
    );
    // What C keeps of its own output is handed on when the actor is closed.
    assert!(
        out.contains("[talker] kept by C\n[talker] kept by C\n"),
        "{out}"
    );
    assert!(
        err.contains("[talker] warned on tick 0\n[talker] warned on tick 1\n"),
        "{err}"
    );
}

/// Prints more than anybody takes in, starts what prints for ever, and ends its process.
#[actor]
struct Shout {
    #[input]
    number: Input<DataMessage<u64>>,
}

impl Actor for Shout {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if tick.frame_number == 0 {
            for _ in 0..200 {
                println!("{}", "bars".repeat(256));
            }
            return Ok(());
        }
        Command::new("yes").spawn()?;
        eprintln!("that was all");
        std::process::abort()
    }
}

const STALLS: &str = "STREAMLIB_TEST_STALLS";

/// Run by itself it does nothing; the next one runs it, and reads nothing of its standard output.
#[tokio::test(flavor = "multi_thread")]
async fn a_program_whose_output_nobody_reads() -> Result<()> {
    if std::env::var_os(STALLS).is_none() {
        return Ok(());
    }
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        numbers = Numbers::new(u64::MAX) @ house;
        shout   = Shout::new() on process.alone();
        numbers >> shout;
    }?;
    clock.advance(2).await?;
    let shout = status_of(&show, "shout");
    eprintln!("told: {}", shout.last_error.unwrap_or_default());
    show.stop().await
}

#[test]
fn deaths_are_seen_though_nobody_reads_what_is_printed() -> Result<()> {
    let mut program = Command::new(std::env::current_exe()?)
        .args([
            "--exact",
            "a_program_whose_output_nobody_reads",
            "--nocapture",
        ])
        .env(STALLS, "1")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let lines = BufReader::new(program.stderr.take().ok_or("no errors")?).lines();
    let told = lines
        .map_while(std::result::Result::ok)
        .find(|line| line.starts_with("told: "));
    program.kill()?;
    program.wait()?;
    let told = told.unwrap_or_default();
    assert!(
        told.contains("was killed by signal 6") && told.contains("its last words: that was all"),
        "{told}"
    );
    Ok(())
}
