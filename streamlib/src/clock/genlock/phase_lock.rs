//! From edges to frames: finds the train, follows it, notices that it has gone, and lays the frames along it.

use std::time::Duration;

use super::rates;
use super::ratio::{Pulses, Rates, every, times};
use super::search::{Found, Search};
use super::track::{Edge, Track};
use crate::clock::ClockState;
use crate::clock::line::{Line, Phase, nanos_between};
use crate::time::{Rate, Timestamp};
use crate::{Error, Result};

/// The frames approach the train by no more than this share of a period a frame.
pub(super) const SLEW: f64 = 500e-6;
/// A train has gone after so many periods without an edge. One alone may be missing: the next is due two periods after the
/// last that came, and may be late by its jitter. Counted from when the first that is missing was due it is a period less, and so within
/// two.
const GONE: f64 = 2.5;
/// How long frames that go on by themselves are good for anything.
pub(super) const HOLDOVER: Duration = Duration::from_secs(60);
/// Frames are in phase when they are nearer to the train than this share of a frame.
const IN_PHASE: f64 = 0.05;
/// Nanoseconds over which a small distance to the train is made up.
const APPROACH: f64 = 0.25e9;
/// Edges come, for who reads of them, while the newest is no older than so many nanoseconds, or than a few periods.
const COME: f64 = 0.5e9;
/// Nanoseconds by which an edge may come before its instant: a display's blank is told as it begins, and
/// stamped with its end.
const AHEAD: f64 = 20e6;
/// Nanoseconds after which an edge is no longer heard of: its stamp is of another clock, or says nothing any more.
const BEHIND: f64 = 60e9;

/// The phase-locked loop of a genlock clock, on instants that are given to it.
#[derive(Debug)]
pub(super) struct PhaseLock {
    frames: Option<Rate>,
    pulses: Pulses,
    search: Search,
    track: Option<Track>,
    rates: Option<Rates>,
    /// Somebody counts on the rates: they stay as they are.
    settled: bool,
    /// The rate of a train that is there but isn't the one to follow.
    other: Option<Rate>,
    /// The newest edge, and the newest that was a pulse of the train.
    edge: Option<Timestamp>,
    pulse: Option<Timestamp>,
    strays: u64,
    /// How many edges were stamped in the future or long ago, and how many nanoseconds ahead the newest of them was.
    misstamped: (u64, f64),
    line: Option<Line>,
    /// When frame 0 was due.
    start: Timestamp,
    /// What is to be added to the frames that the train's pulses make, and to the numbers of its pulses.
    shift: (i64, i128),
}

impl PhaseLock {
    pub(super) fn new() -> Self {
        Self {
            frames: None,
            pulses: Pulses::PerFrame(1),
            search: Search::default(),
            track: None,
            rates: None,
            settled: false,
            other: None,
            edge: None,
            pulse: None,
            strays: 0,
            misstamped: (0, 0.0),
            line: None,
            start: Timestamp::ZERO,
            shift: (0, 0),
        }
    }

    /// All that the state and its words are made of, quickly.
    pub(super) fn without_search(&self) -> Self {
        Self {
            search: Search::default(),
            track: self.track.clone(),
            line: self.line.clone(),
            ..*self
        }
    }

    /// The frame rate is said, and need not be found; whether that could still be said.
    pub(super) fn set_frames(&mut self, frames: Rate) -> bool {
        self.set(Some(frames), self.pulses)
    }

    /// What the pulses are is said; whether that could still be said.
    pub(super) fn set_pulses(&mut self, pulses: Pulses) -> bool {
        self.set(self.frames, pulses)
    }

    fn set(&mut self, frames: Option<Rate>, pulses: Pulses) -> bool {
        let rates = stated(frames, pulses);
        if self.settled {
            // Ticks come by these rates, and are numbered and stamped by them.
            if rates.is_some() && rates != self.rates {
                return false;
            }
            if rates.is_none() && (frames, pulses) != (self.frames, self.pulses) {
                return false;
            }
        } else {
            self.rates = rates;
            self.other = None;
        }
        (self.frames, self.pulses) = (frames, pulses);
        true
    }

    /// The rates, if they are known; from now on they stay as they are.
    pub(super) fn settle(&mut self) -> Option<Rates> {
        self.settled |= self.rates.is_some();
        self.rates
    }

    /// What was said that cannot be.
    pub(super) fn check(&self) -> Result<()> {
        if let Some(frames) = self.frames {
            frames.check()?;
        }
        match (self.pulses, self.frames) {
            (Pulses::Every(period), _) if every(period).is_none() => Err(Error::invalid(
                "every",
                format_args!("{period:?}"),
                "the time from one pulse to the next, from a microsecond to a day, such as `Duration::from_secs(1)`",
            )),
            (Pulses::PerFrame(0), _) => Err(Error::invalid(
                "pulses_per_frame",
                0,
                "1 for a pulse a frame, 2 for a pulse a field",
            )),
            (Pulses::PerFrame(pulses), Some(frames)) if self.rates.is_none() => {
                let rate = frames.as_f64() * f64::from(pulses);
                Err(Error::invalid(
                    "pulses_per_frame",
                    pulses,
                    format!(
                        "fewer of them: at {frames} the pulses would be {rate} a second, and there are 1000000 at most"
                    ),
                ))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn rates(&self) -> Option<Rates> {
        self.rates
    }

    /// How many edges were stamped in the future or long ago.
    pub(super) fn misstamped(&self) -> u64 {
        self.misstamped.0
    }

    /// Takes an edge, at an instant `now` that is no earlier than all that was asked about.
    pub(super) fn push(&mut self, edge: Timestamp, now: Timestamp) {
        let ahead = nanos_between(now, edge);
        if !(-BEHIND..=AHEAD).contains(&ahead) {
            self.misstamped = (self.misstamped.0 + 1, ahead);
            return;
        }
        // Out of order.
        if self.edge.is_some_and(|before| edge <= before) {
            self.strays += 1;
            return;
        }
        self.edge = Some(edge);
        if let Some(track) = &mut self.track {
            match track.push(edge) {
                Edge::Pulse(_) => {
                    self.pulse = Some(edge);
                    self.steer(now);
                    return;
                }
                Edge::Stray => {
                    self.strays += 1;
                    return;
                }
                Edge::GivenUp => self.give_up(now),
            }
        }
        let wanted = self.rates.map(|rates| rates.pulses);
        if let Some(found) = self.search.push(edge, wanted) {
            self.found(&found, edge, now);
        }
    }

    fn give_up(&mut self, now: Timestamp) {
        self.track = None;
        self.search.clear();
        // A train that has changed its rate has drawn the frames along before it was noticed.
        if let (Some(line), Some(rates)) = (&mut self.line, &self.rates) {
            let nominal = rates::nanos(rates.frames);
            if (line.period() / nominal - 1.0).abs() > rates::TOLERANCE {
                let phase = line.phase(now);
                line.steer(now, phase, nominal, 0.0, 1.0);
            }
        }
    }

    fn found(&mut self, found: &Found, edge: Timestamp, now: Timestamp) {
        let rates = match self.rates {
            Some(rates) if rates.pulses != found.rate => {
                self.other = Some(found.rate);
                return;
            }
            Some(rates) => rates,
            None => {
                let Pulses::PerFrame(pulses) = self.pulses else {
                    return;
                };
                let frames = times(found.rate, 1, pulses);
                let Some(rates) = frames.and_then(|frames| Rates::new(found.rate, frames)) else {
                    return;
                };
                *self.rates.insert(rates)
            }
        };
        let track = Track::new(found);
        let (number, part) = track.pulses(now);
        let pulses = number as f64 + part;
        if let Some(line) = &self.line {
            let phase = line.phase(now);
            let (num, den) = rates.ratio;
            let apart = phase.since(Phase::new(0, pulses * rates.frames_a_pulse()));
            self.shift = if den == 1 {
                // Every pulse begins a frame: to the nearest of them.
                (apart.round() as i64, 0)
            } else {
                // To the nearest pulse.
                (0, (apart * den as f64 / num as f64).round() as i128)
            };
        } else {
            // Frame 0 begins with the next pulse.
            let next = pulses.floor() + 1.0;
            self.shift = (0, -(next as i128));
            let period = track.period() / rates.frames_a_pulse();
            let phase = Phase::new(0, (pulses - next) * rates.frames_a_pulse());
            let line = Line::new(now, phase, period);
            self.settled = true;
            self.start = line.due(0);
            self.line = Some(line);
        }
        self.track = Some(track);
        self.other = None;
        self.pulse = Some(edge);
        self.search.clear();
        self.steer(now);
    }

    /// Where the train says that the frames should be.
    fn target(&self, now: Timestamp) -> Option<Phase> {
        let (track, rates) = (self.track.as_ref()?, self.rates.as_ref()?);
        let (num, den) = rates.ratio;
        let (number, part) = track.pulses(now);
        let frames = (i128::from(number) + self.shift.1) * i128::from(num);
        let den_wide = i128::from(den);
        let whole = i64::try_from(frames.div_euclid(den_wide)).ok()?;
        let rest = frames.rem_euclid(den_wide) as f64 / den as f64;
        Some(Phase::new(
            whole.saturating_add(self.shift.0),
            rest + part * rates.frames_a_pulse(),
        ))
    }

    fn steer(&mut self, now: Timestamp) {
        let target = self.target(now);
        if let (Some(target), Some(track), Some(rates), Some(line)) =
            (target, &self.track, &self.rates, &mut self.line)
        {
            let period = track.period() / rates.frames_a_pulse();
            line.steer(now, target, period, SLEW, APPROACH.max(track.period()));
        }
    }

    /// How many frames the train is ahead of ours.
    pub(super) fn apart(&self, now: Timestamp) -> Option<f64> {
        Some(self.target(now)?.since(self.line.as_ref()?.phase(now)))
    }

    /// How long the first lock takes at most, from when the clock begins to listen: with a pulse a second, at the third.
    pub(super) fn locks_within(&self) -> Duration {
        let [unheard, heard] = [Duration::from_secs(2), Duration::from_secs(3)];
        let pulse = self
            .rates
            .map_or(Duration::ZERO, |rates| rates.pulses.period());
        if self.edge.is_some() {
            heard.max(pulse.saturating_mul(4))
        } else {
            unheard.max(pulse.saturating_mul(2))
        }
    }

    pub(super) fn state(&self, now: Timestamp) -> ClockState {
        let (Some(pulse), Some(_)) = (self.pulse, &self.line) else {
            return ClockState::Acquiring;
        };
        let silent = nanos_between(pulse, now);
        match &self.track {
            Some(track) if silent <= GONE * track.period() => {
                if self.apart(now).is_some_and(|apart| apart.abs() > IN_PHASE) {
                    ClockState::Acquiring
                } else {
                    ClockState::Locked
                }
            }
            _ if silent <= HOLDOVER.as_nanos() as f64 => ClockState::Holdover,
            _ => ClockState::Lost,
        }
    }

    /// The state in words.
    pub(super) fn detail(&self, now: Timestamp) -> String {
        let mut words = Vec::new();
        let state = self.state(now);
        let (misstamped, ahead) = self.misstamped;
        match (state, &self.rates, &self.track) {
            (ClockState::Acquiring | ClockState::Locked, Some(rates), Some(track)) => {
                words.push(format!("pulses at {}", rates.pulses));
                words.push(format!("{:+.1} ppm", track.ppm()));
                words.push(format!("jitter {:.0} µs", track.jitter() / 1e3));
                if state == ClockState::Acquiring
                    && let Some(apart) = self.apart(now)
                {
                    let millis = apart.abs() * rates::nanos(rates.frames) / 1e6;
                    words.push(format!("{millis:.1} ms from being in phase"));
                }
            }
            _ => words.extend(self.why_not(now)),
        }
        if misstamped > 0 {
            let seconds = ahead.abs() / 1e9;
            let side = if ahead > 0.0 { "ahead of" } else { "behind" };
            let edges = if misstamped == 1 {
                "edge was"
            } else {
                "edges were"
            };
            words.push(format!(
                "{misstamped} {edges} refused: stamped {seconds:.3} s {side} CLOCK_MONOTONIC, on which they must be"
            ));
        }
        if self.strays > 0 {
            words.push(format!("{} stray edges", self.strays));
        }
        words.join(", ")
    }

    /// Why there is no train that is followed.
    fn why_not(&self, now: Timestamp) -> Option<String> {
        let Some(edge) = self.edge else {
            return (self.misstamped() == 0).then(|| "no pulses yet".to_owned());
        };
        let expected = self.rates.map(|rates| rates.pulses);
        let slowest = [self.other, expected].into_iter().flatten();
        let period = slowest.map(rates::nanos).fold(0.0, f64::max);
        let come = nanos_between(edge, now) <= (GONE * period).max(COME);
        let since = |edge: Timestamp| format!("{:.1} s", (now - edge).as_secs_f64());
        Some(match (self.other, expected, self.pulse) {
            (Some(other), Some(expected), _) if come => {
                format!("the pulses come at {other}, and {expected} was expected")
            }
            (Some(other), Some(expected), _) => {
                let silent = since(edge);
                format!("no pulse for {silent}; they came at {other}, and {expected} was expected")
            }
            (_, _, Some(pulse)) if come && pulse < edge => {
                format!("no pulse in its place for {}", since(pulse))
            }
            (_, _, Some(pulse)) => format!("no pulse for {}", since(pulse)),
            _ if come => "pulses, but no train of them yet".to_owned(),
            _ => format!("no train of pulses yet, and no pulse for {}", since(edge)),
        })
    }

    pub(super) fn newest(&self, now: Timestamp) -> Option<u64> {
        self.line.as_ref()?.newest(now)
    }

    pub(super) fn due(&self, frame_number: u64) -> Option<Timestamp> {
        Some(self.line.as_ref()?.due(frame_number))
    }

    pub(super) fn timestamp(&self, frame_number: u64) -> Timestamp {
        match &self.rates {
            Some(rates) => self.start + rates.frames.time_of(frame_number),
            None => self.start,
        }
    }

    pub(super) fn time(&self, now: Timestamp) -> Timestamp {
        let (Some(line), Some(rates)) = (&self.line, &self.rates) else {
            return now;
        };
        line.time(now, self.start, rates.frames)
    }
}

/// The rates as far as they were said.
fn stated(frames: Option<Rate>, pulses: Pulses) -> Option<Rates> {
    match (pulses, frames) {
        (Pulses::PerFrame(_), None) => None,
        (Pulses::PerFrame(pulses), Some(frames)) => Rates::new(times(frames, pulses, 1)?, frames),
        (Pulses::Every(period), frames) => {
            let pulses = every(period)?;
            Rates::new(pulses, frames.unwrap_or(pulses))
        }
    }
}
