//! What a worker may answer, for the fuzzer: bytes in which any number, length and format may stand.

use super::line::understand;
use super::remote::{Answer, Outcome};
use crate::actor::{Crossing, Elsewhere, Output, Port, PortInfo};
use crate::memory::{Borrower, Lender, Pool};
use crate::message::{AudioBuffer, DataMessage, KeyEvent, Remembered, VideoFrame};
use crate::ring::Policy;

static PORT: PortInfo = PortInfo {
    name: "out",
    index: 0,
    payload: "any",
    doc: "",
    required: false,
    policy: Policy::Latest,
    slots: 0,
};

/// Reads `data` as the answers of a worker that has lent four blocks: after each of them the parent must be as it was, and all
/// pixels and samples that it was given readable.
pub fn answers(data: &[u8]) {
    let (mut lender, mut borrower) = (Lender::new(), Borrower::new());
    let mut remembered = Remembered::default();
    let pool = Pool::new();
    pool.share();
    let blocks: Vec<_> = (0..4).map(|_| pool.take(4096)).collect();
    for block in &blocks {
        let _ = lender.lend(block);
    }
    while let Some((number, mapping)) = lender.news() {
        let file = std::os::fd::AsFd::as_fd(&*mapping).try_clone_to_owned();
        if let Ok(file) = file {
            let _ = borrower.arrived(number, file);
        }
    }
    lender.settle(true);
    let mut pictures = Output::<VideoFrame>::declare(&PORT);
    let mut sounds = Output::<AudioBuffer>::declare(&PORT);
    let mut numbers = Output::<DataMessage<Vec<String>>>::declare(&PORT);
    let mut keys = Output::<KeyEvent>::declare(&PORT);
    let mut rest = data;
    while let Some((len, after)) = rest.split_first() {
        let (bytes, after) = after.split_at(after.len().min(usize::from(*len)));
        rest = after;
        let Ok(mut reading) = understand(bytes, &mut lender, &mut borrower, &mut remembered) else {
            continue;
        };
        let Ok(answer) = reading.value::<Answer>() else {
            continue;
        };
        if matches!(answer.outcome, Outcome::Failed | Outcome::Panicked) {
            let _ = reading.value::<String>();
        }
        type Any = (); // the actor, of which the ports know nothing
        let _ = Crossing::<Any, Elsewhere>::publish(&mut pictures, &mut reading)
            .and_then(|()| Crossing::<Any, Elsewhere>::publish(&mut sounds, &mut reading))
            .and_then(|()| Crossing::<Any, Elsewhere>::publish(&mut numbers, &mut reading))
            .and_then(|()| Crossing::<Any, Elsewhere>::publish(&mut keys, &mut reading));
        let frame = &*pictures.slot();
        let seen: u64 = frame.pixels().iter().map(|&byte| u64::from(byte)).sum();
        let heard: f32 = sounds.slot().samples().iter().sum();
        std::hint::black_box((seen, heard));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::message::{Crosses, PixelFormat, Writing};
    use crate::time::TimedTick;

    /// An answer with one picture in it, as an honest worker gives it.
    fn honest() -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut lender = Lender::new();
        let mut to = Writing {
            is_fresh: false,
            bytes: &mut bytes,
            lender: &mut lender,
        };
        let answer = Answer {
            outcome: Outcome::Done,
            overwritten: 1,
            stale: 2,
            copied: 3,
        };
        let frame = VideoFrame::new(PixelFormat::Rgb8, 32, 32).expect("a possible size");
        let written = to
            .value(&0_u8)
            .and_then(|()| to.value(&answer))
            .and_then(|()| to.value(&true))
            .and_then(|()| to.value(&TimedTick::default()))
            .and_then(|()| Crosses::<(), Elsewhere>::write(&frame, &mut to))
            .and_then(|()| to.value(&[0_u8; 4]));
        assert!(written.is_ok());
        bytes
    }

    proptest! {
        #[test]
        fn whatever_is_answered_the_program_goes_on(data in proptest::collection::vec(any::<u8>(), 0..600)) {
            answers(&data);
        }

        #[test]
        fn an_honest_answer_with_some_bytes_changed_is_read_or_refused(
            changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 0..4),
        ) {
            let mut bytes = honest();
            for (place, byte) in changes {
                let place = place.index(bytes.len());
                bytes[place] = byte;
            }
            let mut data = vec![bytes.len() as u8];
            data.extend(bytes);
            answers(&data);
        }
    }
}
