//! A worker that writes over all the shared memory that it can reach, from a thread of its own, while the program reads it.
#![cfg(target_os = "linux")]

use std::sync::atomic::{AtomicU64, Ordering};

use streamlib::prelude::*;
use streamlib_tests::pictures::{Grey, Look};
use streamlib_tests::{Collect, Log, Numbers, Seen, status_of};

streamlib::process::before_main!();

/// A piece of shared memory of this process, as `/proc/self/maps` has it.
struct Mapped {
    from: usize,
    len: usize,
    is_writable: bool,
}

fn mapped() -> Vec<Mapped> {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
    let ours = maps.lines().filter(|line| line.contains("memfd:streamlib"));
    let parse = |line: &str| {
        let mut words = line.split(' ');
        let (from, to) = words.next()?.split_once('-')?;
        let from = usize::from_str_radix(from, 16).ok()?;
        let to = usize::from_str_radix(to, 16).ok()?;
        Some(Mapped {
            from,
            len: to - from,
            is_writable: words.next()?.starts_with("rw"),
        })
    };
    ours.filter_map(parse).collect()
}

/// How many pieces of memory there are that are for reading only, and how many of them can be made writable.
fn broken_open() -> (u64, u64) {
    let mut read_only = mapped();
    read_only.retain(|piece| !piece.is_writable);
    let opened = read_only.iter().filter(|piece| {
        let start = std::ptr::with_exposed_provenance_mut(piece.from);
        // SAFETY: it only asks for more rights to pages that are mapped.
        unsafe { libc::mprotect(start, piece.len, libc::PROT_READ | libc::PROT_WRITE) == 0 }
    });
    (read_only.len() as u64, opened.count() as u64)
}

/// Writes anything anywhere into what can be written, for ever.
fn scribble() {
    let mut noise = 0x9e37_79b9_7f4a_7c15_u64;
    loop {
        for piece in mapped().iter().filter(|piece| piece.is_writable) {
            for _ in 0..200 {
                noise ^= noise << 13;
                noise ^= noise >> 7;
                noise ^= noise << 17;
                // Mostly where it hurts: the first bytes say what is to be read.
                let most = if noise & 3 == 0 {
                    piece.len
                } else {
                    piece.len.min(128)
                };
                let at = piece.from + ((noise >> 8) as usize % (most / 8)) * 8;
                let word = std::ptr::with_exposed_provenance_mut::<u64>(at);
                // SAFETY: it lies in a page that was mapped for writing, and may not be by now: this process is there to crash.
                unsafe { AtomicU64::from_ptr(word) }.store(noise, Ordering::Relaxed);
            }
        }
        std::thread::yield_now();
    }
}

/// Sends pictures and texts, while a thread of it scribbles from its fifth tick on.
#[actor(deadline = 10)]
struct Hostile {
    #[input]
    number: Input<DataMessage<u64>>,
    #[input]
    video: Input<VideoFrame>,
    #[output]
    painted: Output<VideoFrame>,
    #[output]
    text: Output<DataMessage<String>>,
    #[output]
    opened: Output<DataMessage<(u64, u64)>>,
    ticks: streamlib::process::Local<u64>,
}

impl Actor for Hostile {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        *self.ticks += 1;
        if *self.ticks == 4 {
            self.opened.send(DataMessage::new(broken_open()), tick);
        }
        if *self.ticks == 5 {
            std::thread::spawn(scribble);
        }
        self.number.latest();
        if let Some(frame) = self.video.latest() {
            let mut painted = self.painted.slot();
            painted.copy_from(&frame)?;
            painted.publish(tick);
        }
        let text = "bars ".repeat(tick.frame_number as usize % 100);
        self.text.send(DataMessage::new(text), tick);
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_scribbles_garbles_its_own_and_nothing_else() -> Result<()> {
    const TICKS: usize = 400;
    let (beside, own, painted) = (Log::new(), Log::new(), Log::new());
    let (texts, opened) = (Log::new(), Log::<DataMessage<(u64, u64)>>::new());
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        numbers = Numbers::new(u64::MAX) @ house;
        grey    = Grey::new(PixelFormat::Gray8, 64, 64) @ house;
        hostile = Hostile::new(Default::default()) on process.alone();

        numbers >> [hostile.number, Collect::new(beside.clone())];
        grey >> [hostile.video, Look::new(false, own.clone())];
        hostile.painted >> Look::new(false, painted.clone());
        hostile.text >> Seen::<DataMessage<String>>::new(texts.clone());
        hostile.opened >> Seen::new(opened.clone());
    }?;
    clock.advance(TICKS as u64).await?;
    let hostile = status_of(&show, "hostile");
    show.stop().await?;
    // It was told apart from one that works, again and again, and what is the program's was never touched.
    assert!(hostile.restarts >= 2, "{hostile:?}");
    assert_eq!(
        (beside.entries().len(), own.entries().len()),
        (TICKS, TICKS)
    );
    assert!(own.entries().iter().all(|&(_, is_whole)| is_whole));
    // Before it scribbles, what it sends is right; and what it sees, it cannot write to.
    assert!(
        painted
            .entries()
            .iter()
            .filter(|&&(_, is_whole)| is_whole)
            .count()
            >= 3
    );
    let opened: Vec<_> = opened.entries().iter().map(|opened| **opened).collect();
    let is_kept_out = |&(read_only, opened): &(u64, u64)| read_only > 0 && opened == 0;
    assert!(!opened.is_empty(), "{hostile:?}");
    assert!(opened.iter().all(is_kept_out), "{opened:?}");
    Ok(())
}
