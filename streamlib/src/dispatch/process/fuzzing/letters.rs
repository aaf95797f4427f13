//! What a worker may write to its program beside the ticks: letters, and descriptors that nobody has asked for.

use std::os::fd::AsFd;
use std::sync::{Arc, mpsc};

use super::super::letters::LONGEST;
use super::super::relay::Relay;
use super::super::segment::Segment;
use super::super::socket;
use super::super::worker::{Worker, lock};
use super::Script;
use crate::Result;

/// The actors that are in the worker.
const ACTORS: [&str; 2] = ["camera", "tone"];

/// Has a worker write the letters of the script `data` until one of them has it ended, and says how many were read. What the program
/// keeps of them has an end: all runs of a fuzzer are one program.
///
/// # Panics
/// When this process has no descriptors left, for then the letters' were kept.
pub fn letters(data: &[u8]) -> usize {
    let mut read = 0;
    if let Err(error) = run(&mut Script(data), &mut read) {
        panic!("{error}");
    }
    read
}

fn run(script: &mut Script<'_>, read: &mut usize) -> Result<()> {
    let (control, theirs) = socket::pair()?;
    let worker = Worker::new(control, None);
    for name in ACTORS {
        lock(&worker.life).sit(name, &Arc::new(Segment::new()?));
    }
    let (ready, is_ready) = mpsc::channel();
    let relay = Relay::new(|| {});
    let mut room = vec![0; LONGEST];
    while !script.0.is_empty() && lock(&worker.sentence).is_none() {
        let files = [theirs.as_fd(); 4];
        let files = &files[..usize::from(script.byte() % 5)];
        let len = script.word().into();
        socket::send(&theirs, script.take(len), files)?;
        if worker.hear(&mut room, &ready, &relay).is_none() {
            break; // it has said that it says no more
        }
        *read += 1;
    }
    drop(is_ready);
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::super::letters::{Letter, Told};
    use super::super::tests::is_seed;
    use super::*;

    /// What an honest worker writes.
    fn honest() -> Vec<u8> {
        let metric = |actor: &str, told| Letter::Metric {
            actor: actor.to_owned(),
            name: "seen".to_owned(),
            labels: vec![("side".to_owned(), "left".to_owned())],
            told,
        };
        let event = |actor: &str| Letter::Event {
            actor: actor.to_owned(),
            level: 3,
            target: "camera".to_owned(),
            text: "opened".to_owned(),
        };
        let letters = [
            Letter::Ready,
            event("camera"),
            event(""),
            metric("tone", Told::Counted(2)),
            metric("", Told::Gauge(0.5)),
            Letter::Flushed,
        ];
        let mut script = Vec::new();
        for letter in letters {
            let mut bytes = Vec::new();
            assert!(crate::message::encode(&letter, &mut bytes).is_ok());
            script.push(0);
            script.extend((bytes.len() as u16).to_le_bytes());
            script.extend(bytes);
        }
        script
    }

    #[test]
    fn the_seed_of_the_fuzzer_is_what_an_honest_worker_writes() -> Result<()> {
        assert_eq!(letters(&honest()), 6);
        is_seed("worker_letters", "honest", &honest())
    }

    #[test]
    fn what_is_no_letter_ends_the_worker() {
        let wrong = [0, 2, 0, 9, 9];
        let mut script = wrong.to_vec();
        script.extend(wrong);
        assert_eq!(letters(&script), 1);
        assert_eq!(
            letters(&[4, 1, 0, 0, 4, 1, 0, 0]),
            2,
            "descriptors are closed"
        );
    }

    proptest! {
        #[test]
        fn whatever_is_written_the_program_goes_on(data in proptest::collection::vec(any::<u8>(), 0..600)) {
            letters(&data);
        }

        #[test]
        fn honest_letters_with_some_bytes_changed_are_read_or_refused(
            changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 0..4),
        ) {
            let mut script = honest();
            for (place, byte) in changes {
                let place = place.index(script.len());
                script[place] = byte;
            }
            letters(&script);
        }
    }
}
