//! The card that `on gpu` means, and its streams, which actors share.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{Device, Place, Stream};
use crate::{Error, Result};

/// Streams of the card unless it is said otherwise.
const STREAMS: usize = 4;

/// How long anybody waits for a card, in nanoseconds, unless it is said otherwise: less than `stop` waits for its actors.
static PATIENCE: AtomicU64 = AtomicU64::new(5_000_000_000);

/// Names a card in place of card 0: its number, `cuda` (which is card 0), or `simulated`.
const VARIABLE: &str = "STREAMLIB_GPU";

struct Card {
    device: Option<Device>,
    streams: Vec<Stream>,
    most: usize,
    next: usize,
}

static CARD: Mutex<Card> = Mutex::new(Card {
    device: None,
    streams: Vec::new(),
    most: STREAMS,
    next: 0,
});

fn card() -> MutexGuard<'static, Card> {
    CARD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The card of actors that start from now on.
pub(crate) fn use_device(device: Device) {
    let mut card = card();
    card.device = Some(device);
    card.streams.clear();
}

/// How many streams the actors share that start from now on.
pub(crate) fn use_streams(most: usize) {
    card().most = most.max(1);
}

/// How long anybody waits for a card from now on.
pub(crate) fn use_patience(patience: Duration) {
    let nanos = u64::try_from(patience.as_nanos()).unwrap_or(u64::MAX);
    // Relaxed: a number by itself.
    PATIENCE.store(nanos, Ordering::Relaxed);
}

/// How long anybody waits for a card.
pub(crate) fn patience() -> Duration {
    // Relaxed: as above.
    Duration::from_nanos(PATIENCE.load(Ordering::Relaxed))
}

/// The card, opened if need be.
///
/// # Errors
/// What is missing.
pub(crate) fn device() -> Result<Device> {
    card().device()
}

/// A place on the card: the next of its streams.
///
/// # Errors
/// What is missing.
pub(crate) fn place() -> Result<Place> {
    card().place()
}

/// Whether kernels can be compiled, if there is a card; where there is none, or the asking actor is not to work on it, nobody needs
/// them.
///
/// # Errors
/// What is missing.
pub(crate) fn check_compiler() -> Result<()> {
    match Place::here() {
        Ok(Place::Processor) => Ok(()),
        _ => device().map_or(Ok(()), |device| device.check_compiler()),
    }
}

/// Whether all of a graph can work on the card: there is one, and kernels can be compiled for it.
///
/// # Errors
/// What is missing.
pub(crate) fn check_usable() -> Result<()> {
    device()?.check_compiler()
}

/// Whether the card's name, if it was given one, is a name.
///
/// # Errors
/// What it is, and what it could be.
pub(crate) fn check_name() -> Result<()> {
    match &card().device {
        Some(_) => Ok(()),
        None => Named::of(asked_for().as_deref()).map(drop),
    }
}

fn asked_for() -> Option<String> {
    std::env::var(VARIABLE).ok()
}

impl Card {
    fn device(&mut self) -> Result<Device> {
        if let Some(device) = &self.device {
            return Ok(device.clone());
        }
        let device = open(asked_for().as_deref())?;
        self.device = Some(device.clone());
        Ok(device)
    }

    fn place(&mut self) -> Result<Place> {
        let device = self.device()?;
        if self.streams.len() < self.most
            && let Ok(stream) = device.stream()
        {
            self.streams.push(stream);
        }
        let turn = self.next % self.streams.len().max(1);
        self.next += 1;
        match self.streams.get(turn) {
            Some(stream) => Ok(Place::Card(stream.clone())),
            None => device.stream().map(Place::Card), // which says why there is none
        }
    }
}

/// The card that was asked for.
pub(super) fn open(named: Option<&str>) -> Result<Device> {
    match Named::of(named)? {
        Named::Number(number) => Device::open(number),
        Named::Simulated => Device::simulated(0),
    }
}

/// What a name means.
enum Named {
    Number(usize),
    Simulated,
}

impl Named {
    fn of(name: Option<&str>) -> Result<Self> {
        match name.map(str::trim) {
            None | Some("" | "cuda") => Ok(Self::Number(0)),
            Some("simulated") => Ok(Self::Simulated),
            Some(number) => number.parse().map(Self::Number).map_err(|_| {
                Error::invalid(
                    VARIABLE,
                    format_args!("{number:?}"),
                    "the number of a card, from 0, `cuda`, which is card 0, or `simulated`",
                )
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_places_are_on_streams_of_their_own() -> Result<()> {
        let mut card = Card {
            device: Some(Device::simulated(0)?),
            streams: Vec::new(),
            most: 4,
            next: 0,
        };
        let mut streams = Vec::new();
        for _ in 0..8 {
            if let Place::Card(stream) = card.place()? {
                streams.push(stream.index());
            }
        }
        assert_eq!(streams[..4], streams[4..]);
        streams.truncate(4);
        streams.sort_unstable();
        streams.dedup();
        assert_eq!(streams.len(), 4);
        Ok(())
    }

    #[test]
    fn a_card_is_named_by_its_number() -> Result<()> {
        assert_eq!(open(Some("simulated"))?.name(), "simulated card");
        let told = open(Some("first")).err().map(|error| error.to_string());
        assert_eq!(
            told.as_deref(),
            Some(
                "STREAMLIB_GPU is \"first\"; expected the number of a card, from 0, `cuda`, which is card 0, or `simulated`"
            )
        );
        Ok(())
    }
}
