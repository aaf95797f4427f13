//! How evenly the ticks of a clock come: on its own thread, to an actor, and as pictures.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use streamlib::clock::{Subscriber, Subscription, Timeline};
use streamlib::dispatch::Threads;
use streamlib::prelude::*;

use crate::cyclictest;
use crate::figures::{Figures, monotonic_ns};
use crate::stopped::{Stop, Watch};

/// How many seconds of ticks, of which the first tenth is not counted.
const SECONDS: f64 = 10.0;
/// How many there are beside cyclictest, at least: a thousandth of them are several.
const TICKS_BESIDE: usize = 2_000;

/// When each tick came, in nanoseconds of the monotonic clock; 0 for one that was merged into the next.
#[derive(Clone)]
struct Came(Arc<[AtomicU64]>);

impl Came {
    fn up_to(last: u64) -> Self {
        Self((0..=last).map(|_| AtomicU64::new(0)).collect())
    }

    fn now(&self, tick: TimedTick) {
        let now = monotonic_ns();
        if let Some(came) = self.0.get(tick.frame_number as usize) {
            // Relaxed: read when the graph has stopped.
            came.store(now, Ordering::Relaxed);
        }
    }

    /// The times by which the intervals between ticks differ from the period. Where ticks were merged,
    /// the interval is longer by a period and counts as that.
    fn jitter(&self, period: u64) -> Vec<u64> {
        self.jitter_from(0, period)
    }

    /// The same of the ticks that came at `begin` or later.
    fn jitter_from(&self, begin: u64, period: u64) -> Vec<u64> {
        let seen: Vec<u64> = (self.0.iter())
            .map(|at| at.load(Ordering::Relaxed))
            .filter(|&at| at != 0 && at >= begin)
            .collect();
        let intervals = seen.windows(2).map(|pair| pair[1] - pair[0]);
        intervals
            .map(|interval| interval.abs_diff(period).max(1))
            .collect()
    }
}

impl Came {
    /// The jitter between two ticks neither of which a stopped core can have held up, and how many others there were.
    fn jitter_without(
        &self,
        stops: &[Stop],
        timeline: &dyn Timeline,
        period: u64,
    ) -> (Vec<u64>, usize) {
        let due = |tick: usize| timeline.due(tick as u64).map_or(0, Timestamp::as_nanos);
        let held_up = |begin, end| stops.iter().any(|stop| stop.meets(begin, end));
        let came = self
            .0
            .iter()
            .map(|at| at.load(Ordering::Relaxed))
            .enumerate();
        let seen: Vec<_> = came.filter(|&(_, at)| at != 0).collect();
        let (mut jitter, mut left_out) = (Vec::new(), 0);
        for pair in seen.windows(2) {
            let [(tick, at), (_, next_at)] = pair else {
                continue;
            };
            // Those between the two, which were merged, are the second's.
            if held_up(due(*tick), *at) || held_up(due(tick + 1), *next_at) {
                left_out += 1;
            } else {
                jitter.push((next_at - at).abs_diff(period).max(1));
            }
        }
        (jitter, left_out)
    }
}

/// Notes ticks on the clock's own thread.
impl Subscriber for Came {
    fn tick(&mut self, tick: TimedTick) {
        self.now(tick);
    }
}

/// Notes ticks where an actor gets them.
#[actor]
struct Metronome {
    #[output]
    beat: Output<DataMessage<u64>>,
    came: Came,
    last: u64,
}

impl Actor for Metronome {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        self.came.now(tick);
        if tick.frame_number >= self.last {
            return Err(Error::EndOfStream);
        }
        self.beat.send(DataMessage::new(tick.frame_number), tick);
        Ok(())
    }
}

/// Microseconds by which the time between two ticks differs from the period, on the clock's thread and, as
/// `actor_…`, where an actor on `threads` gets them.
///
/// # Errors
/// When the words name no rate and precision, or the graph can't be started.
pub async fn ticks(rate: &str, precision: &str) -> Result<Figures> {
    let clock = clock(
        Rate::fps(rate.parse::<f64>().unwrap_or_default()),
        precision_named(precision)?,
    );
    let last = (clock.rate().as_f64() * SECONDS) as u64;
    let metronome = Metered::start(&clock, last)?;
    metronome.show.finished().await;
    let Metered { ticks, actor, .. } = metronome.stop(&clock).await?;
    let period = clock.rate().period().as_nanos() as u64;
    Ok(Figures::quantiles(&ticks.jitter(period)).and_at_an_actor(&actor.jitter(period)))
}

/// The same at `realtime`, and as `cyclictest_…` what cyclictest has on the same core at the same time.
///
/// # Errors
/// When the words name no rate, the graph can't be started, or cyclictest can't be run.
pub async fn beside_cyclictest(rate: &str) -> Result<Figures> {
    let period = cyclictest::interval_us(Rate::fps(rate.parse::<f64>().unwrap_or_default()));
    // So both keep the same time.
    let clock = clock(Rate::new(1_000_000, period)?, Precision::Realtime);
    let per_second = clock.rate().as_f64();
    let loops = TICKS_BESIDE.max((per_second * SECONDS) as usize);
    // It starts when we have, and stops before we do.
    let last = loops as u64 + (per_second * 5.0) as u64;
    let metered = Metered::start(&clock, last)?;
    let here = clock.clone();
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || tell.send(cyclictest::beside(&here, loops)));
    metered.show.finished().await;
    let Metered { ticks, actor, .. } = metered.stop(&clock).await?;
    let theirs = told.recv().unwrap_or(Err(Error::EndOfStream))?;
    let period = clock.rate().period().as_nanos() as u64;
    let mut ours = ticks.jitter_from(theirs.begin, period);
    ours.truncate(theirs.jitter.len());
    Ok(Figures::quantiles(&ours)
        .and_at_an_actor(&actor.jitter_from(theirs.begin, period))
        .and_of_cyclictest(&theirs.jitter))
}

/// What an actor sees at `realtime` of all ticks, and as `running_…` of those during which every core ran.
///
/// # Errors
/// When the word names no rate, the graph can't be started, or a thread may not be put ahead of all others.
pub async fn while_it_runs(rate: &str) -> Result<Figures> {
    let clock = clock(
        Rate::fps(rate.parse::<f64>().unwrap_or_default()),
        Precision::Realtime,
    );
    let last = (clock.rate().as_f64() * SECONDS) as u64;
    let watch = Watch::start()?;
    let metered = Metered::start(&clock, last)?;
    metered.show.finished().await;
    let Metered { actor, .. } = metered.stop(&clock).await?;
    let (all, running) = all_and_running(&actor, watch, &clock)?;
    Ok(Figures::default()
        .and_at_an_actor(&all)
        .and_while_it_runs(&running))
}

/// The jitter of all that came, and of what came while every core ran.
fn all_and_running(
    came: &Came,
    watch: Watch,
    clock: &SoftwareClock,
) -> Result<(Vec<u64>, Vec<u64>)> {
    let stops = watch.stops()?;
    let timeline = clock.timeline().ok_or(Error::EndOfStream)?;
    let period = clock.rate().period().as_nanos() as u64;
    let (running, left_out) = came.jitter_without(&stops, &*timeline, period);
    let all = came.jitter(period);
    eprintln!(
        "a core stood still {} times: {left_out} of {} intervals left out",
        stops.len(),
        all.len()
    );
    Ok((all, running))
}

/// Microseconds by which the time between two pictures of 1080p60 differs from the period, where an actor on `threads` gets
/// them from another one, which draws each on its tick. A picture that was never drawn makes the interval a period longer.
///
/// # Errors
/// When the word names no precision, or the graph can't be started.
pub async fn pictures(precision: &str) -> Result<Figures> {
    let clock = clock(Rate::fps(60), precision_named(precision)?);
    let came = shown(&clock).await?;
    let period = clock.rate().period().as_nanos() as u64;
    Ok(Figures::quantiles(&came.jitter(period)))
}

/// The same at `realtime` of all pictures, and as `running_…` of those during which every core ran.
///
/// # Errors
/// When the graph can't be started, or a thread may not be put ahead of all others.
pub async fn pictures_while_it_runs() -> Result<Figures> {
    let clock = clock(Rate::fps(60), Precision::Realtime);
    let watch = Watch::start()?;
    let came = shown(&clock).await?;
    let (all, running) = all_and_running(&came, watch, &clock)?;
    Ok(Figures::quantiles(&all).and_while_it_runs(&running))
}

/// When the pictures of this clock's ticks came.
async fn shown(clock: &SoftwareClock) -> Result<Came> {
    let last = (clock.rate().as_f64() * SECONDS) as u64;
    let came = Came::up_to(last);
    let show = pipeline! {
        clock house = clock.clone();
        pattern = TestPattern::new(Pattern::MovingBox).size(1920, 1080).frames(last + 1) @ house on threads;
        viewer = Viewer::new(came.clone()) on threads;
        pattern >> viewer;
    }?;
    show.finished().await;
    show.stop().await?;
    eprintln!("{}", show.status());
    Ok(came)
}

/// Notes when a new picture is there.
#[actor]
struct Viewer {
    #[input]
    video: Input<VideoFrame>,
    came: Came,
}

impl Actor for Viewer {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if self.video.next().is_some() {
            self.came.now(tick);
        }
        Ok(())
    }
}

fn precision_named(word: &str) -> Result<Precision> {
    [Precision::LowPower, Precision::Normal, Precision::Realtime]
        .into_iter()
        .find(|level| level.to_string() == word)
        .ok_or_else(|| Error::invalid("the precision", word, "low_power, normal or realtime"))
}

fn clock(rate: Rate, precision: Precision) -> SoftwareClock {
    Threads::precision(precision);
    SoftwareClock::new(rate).precision(precision)
}

/// A graph whose ticks are noted.
struct Metered {
    show: Pipeline,
    ticks: Came,
    actor: Came,
    subscription: Option<Subscription>,
}

impl Metered {
    fn start(clock: &SoftwareClock, last: u64) -> Result<Self> {
        let (ticks, actor) = (Came::up_to(last), Came::up_to(last));
        let show = pipeline! {
            clock house = clock.clone();
            metronome = Metronome::new(actor.clone(), last) @ house;
            metronome >> Null::new();
        }?;
        let mut subscription = clock.subscribe(vec![Box::new(ticks.clone())])?;
        subscription.start();
        Ok(Self {
            show,
            ticks,
            actor,
            subscription: Some(subscription),
        })
    }

    async fn stop(mut self, clock: &SoftwareClock) -> Result<Self> {
        self.show.stop().await?;
        drop(self.subscription.take());
        eprintln!("clock: {}", clock.status());
        eprintln!("threads: {}", Threads::status());
        Ok(self)
    }
}

/// Keeps one core busy until standard input closes.
pub fn keep_busy() -> ! {
    std::thread::spawn(|| {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        std::process::exit(0);
    });
    loop {
        std::hint::spin_loop();
    }
}
