//! Workers that are killed at any moment: what is lent comes back, and nobody else notices.
#![cfg(target_os = "linux")]

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use streamlib::prelude::*;
use streamlib_tests::pictures::{Grey, Invert, Look};
use streamlib_tests::workers::{kill, workers};
use streamlib_tests::{Log, until};

streamlib::process::before_main!();

/// How many pieces of shared memory this process has open.
fn shared() -> usize {
    let files = std::fs::read_dir("/proc/self/fd")
        .into_iter()
        .flatten()
        .flatten();
    let links = files.filter_map(|file| std::fs::read_link(file.path()).ok());
    links
        .filter(|link| link.to_string_lossy().contains("memfd:streamlib"))
        .count()
}

const KILLS: usize = 400;

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_it_holds_nothing_and_nobody_else_notices() -> Result<()> {
    let (inverted, beside) = (Log::new(), Log::new());
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        grey   = Grey::new(PixelFormat::Gray8, 128, 128) @ house;
        invert = Invert::new() on process;
        grey   >> [invert.video, Look::new(false, beside.clone())];
        invert >> Look::new(true, inverted.clone());
    }?;
    let done = AtomicBool::new(false);
    clock.advance(50).await?; // what cannot start at all has failed
    let mut ticks = 50;
    let kills = std::thread::scope(|scope| {
        let killer = scope.spawn(|| {
            let (mut kills, mut pause) = (0, 7_u64);
            while !done.load(Ordering::Relaxed) {
                // Anything from at once to three milliseconds, the same on every run.
                pause = pause
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                std::thread::sleep(
                    Duration::from_micros(pause >> 33 & 0xfff).min(Duration::from_millis(3)),
                );
                for worker in workers(std::process::id()) {
                    kill(worker);
                    kills += 1;
                }
            }
            kills
        });
        let runtime = tokio::runtime::Handle::current();
        let start = Instant::now();
        let advance = tokio::task::block_in_place(|| {
            runtime.block_on(async {
                // A rest is 256 ticks at most.
                while ticks < 100_000 && start.elapsed() < Duration::from_secs(60) {
                    clock.advance(50).await?;
                    ticks += 50;
                    let restarts = show
                        .status()
                        .actor("invert")
                        .map_or(0, |invert| invert.restarts);
                    if restarts as usize >= KILLS {
                        break;
                    }
                }
                Ok::<_, Error>(())
            })
        });
        done.store(true, Ordering::Relaxed);
        (advance, killer.join())
    });
    kills.0?;
    let kills: u64 = kills.1.expect("no panic");
    // With nobody after it, it goes on.
    let before = inverted.entries().len();
    clock.advance(600).await?;
    ticks += 600;
    let after = inverted.entries().len();
    let invert = show.status().actor("invert").expect("it is there").clone();
    // A few blocks for each ring, a segment, a configuration: not what hundreds of workers have had.
    let open = shared();
    show.stop().await?;
    let told = format!("{kills} kills, {ticks} ticks, {open} open: {invert:?}");
    assert!(kills >= 100 && invert.restarts >= 50, "{told}");
    assert!(after - before >= 300, "{told}");
    assert!(open < 40, "{told}");
    assert_eq!(beside.entries().len() as u64, ticks, "{told}");
    let all = inverted.entries().into_iter().chain(beside.entries());
    assert!(all.into_iter().all(|(_, whole)| whole), "{told}");
    drop(show);
    assert!(
        until(|| shared() == 0 && workers(std::process::id()).is_empty()).await,
        "{} open",
        shared()
    );
    Ok(())
}
