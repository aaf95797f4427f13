//! A program that may open no more files: what a worker sends is lost, and that is not the worker's fault. By itself, since
//! it takes the files of its whole process.
#![cfg(target_os = "linux")]

use std::fs::File;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use streamlib::prelude::*;
use streamlib_tests::{Log, Numbers, Seen, status_of};

streamlib::process::before_main!();

/// Sends a picture in another block of memory each time.
#[actor]
struct Grow {
    #[input]
    number: Input<DataMessage<u64>>,
    #[output]
    video: Output<VideoFrame>,
}

impl Actor for Grow {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let width = 64 * (tick.frame_number as u32 + 1);
        let frame = VideoFrame::new(PixelFormat::Gray8, width, 64)?;
        self.video.send(frame, tick);
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_program_is_short_of_is_not_put_down_to_the_worker() -> Result<()> {
    let log = Log::new();
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        numbers = Numbers::new(u64::MAX) @ house;
        grow    = Grow::new() on process;
        numbers >> grow >> Seen::new(log.clone());
    }?;
    clock.advance(5).await?;
    let limit = getrlimit(Resource::Nofile);
    let few = Rlimit {
        current: Some(200),
        ..limit
    };
    setrlimit(Resource::Nofile, few).map_err(Error::other)?;
    let mut all = Vec::new();
    while let Ok(file) = File::open("/dev/null") {
        all.push(file);
    }
    clock.advance(1).await?;
    drop(all);
    setrlimit(Resource::Nofile, limit).map_err(Error::other)?;
    let told = status_of(&show, "grow").last_error.unwrap_or_default();
    clock.advance(10).await?;
    show.stop().await?;
    assert!(
        told.contains("this program could not take what it sent: Too many open files"),
        "{told}"
    );
    assert_eq!(log.entries().len(), 15, "it begins anew on the next tick");
    Ok(())
}
