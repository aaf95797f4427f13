//! Actors in processes of their own: what crosses, what it costs, and what happens when they end.
#![cfg(target_os = "linux")]

use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use streamlib::actor::ActorStatus;
use streamlib::message::{ColorRange, FieldOrder, Metadata, PixelAspect};
use streamlib::prelude::*;
use streamlib::process::Local;
use streamlib_tests::{Collect, Items, Log, Numbers, until};

streamlib::process::before_main!();

/// Writes down what it sees.
#[actor]
struct Seen<T: Message + Clone> {
    #[input(every = 8)]
    item: Input<T>,
    log: Log<T>,
}

impl<T: Message + Clone> Actor for Seen<T> {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        while let Some(item) = self.item.next() {
            self.log.push(item.clone());
        }
        Ok(())
    }
}

fn of(show: &Pipeline, name: &str) -> ActorStatus {
    let status = show.status();
    status.actor(name).expect("it is in the graph").clone()
}

/// Adds to what comes, and tells in which process it is.
#[actor]
struct Add {
    #[input]
    number: Input<DataMessage<u64>>,
    #[output]
    sum: Output<DataMessage<u64>>,
    #[output]
    place: Output<DataMessage<u32>>,
    by: u64,
}

impl Actor for Add {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if let Some(number) = self.number.latest() {
            self.sum.send(DataMessage::new(**number + self.by), tick);
        }
        self.place.send(DataMessage::new(std::process::id()), tick);
        Ok(())
    }

    fn summary(&self) -> String {
        format!("adds {}", self.by)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_works_in_another_process_and_misses_nothing_on_a_virtual_clock() -> Result<()> {
    let (log, places) = (Log::new(), Log::new());
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        items = Items::up_to(99) @ house;
        add   = Add::new(1000) on process;

        items >> add.number;
        add.sum >> Collect::new(log.clone());
        add.place >> Seen::new(places.clone());
    }?;
    clock.advance(110).await?;
    let add = of(&show, "add");
    show.stop().await?;
    let sums: Vec<_> = log.entries().iter().map(|&(_, sum)| sum).collect();
    assert_eq!(sums, (1000..1100).collect::<Vec<_>>());
    let here = std::process::id();
    assert!(places.entries().iter().all(|place| **place != here));
    assert_eq!(
        (add.dispatcher, &add.summary[..], add.copied),
        ("process", "adds 1000", 0)
    );
    Ok(())
}

/// Where two actors run that share workers, and one that does not.
#[tokio::test(flavor = "multi_thread")]
async fn a_worker_of_its_own_is_shared_with_nobody() -> Result<()> {
    let places: Vec<_> = (0..5).map(|_| Log::new()).collect();
    let [a, b, c, d, e] = &places[..] else {
        unreachable!("there are five");
    };
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        numbers = Numbers::new(u64::MAX) @ house;
        first   = Add::new(1) on process;
        second  = Add::new(2) on process;
        third   = Add::new(3) on process;
        alone   = Add::new(4) on process.alone();
        limited = Add::new(5) on process.memory(1 << 30);

        numbers >> [first.number, second.number, third.number, alone.number, limited.number];
        first.place >> Seen::new(a.clone());
        second.place >> Seen::new(b.clone());
        third.place >> Seen::new(c.clone());
        alone.place >> Seen::new(d.clone());
        limited.place >> Seen::new(e.clone());
    }?;
    clock.advance(3).await?;
    show.stop().await?;
    let place = |log: &Log<DataMessage<u32>>| *log.entries()[0];
    let mut shared = [place(a), place(b), place(c)];
    assert!(!shared.contains(&place(d)) && !shared.contains(&place(e)));
    assert_ne!(place(d), place(e));
    shared.sort_unstable();
    // Two workers, of which others of these tests may have one more actor.
    assert!(
        shared[0] == shared[1] || shared[1] == shared[2],
        "{shared:?}"
    );
    Ok(())
}

/// Hands pictures on with a word more, and counts by itself.
#[actor]
struct Stamp {
    #[input]
    video: Input<VideoFrame>,
    #[input(optional)]
    sound: Input<AudioBuffer>,
    #[output]
    stamped: Output<VideoFrame>,
    #[output]
    louder: Output<AudioBuffer>,
    seen: Local<u64>,
}

impl Actor for Stamp {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        *self.seen += 1;
        if let Some(frame) = self.video.next() {
            let mut out = self.stamped.slot();
            out.copy_from(&frame)?;
            assert!(!frame.is_empty());
            out.pixels_mut()[0] = *self.seen as u8;
            out.publish(tick);
        }
        if let Some(sound) = self.sound.next() {
            let mut out = self.louder.slot();
            out.copy_from(&sound)?;
            out.samples_mut().iter_mut().for_each(|value| *value *= 2.0);
            out.publish(tick);
        }
        Ok(())
    }
}

/// Sends a picture with all that can be told of one, and some sound.
#[actor]
struct Told {
    #[output]
    video: Output<VideoFrame>,
    #[output]
    sound: Output<AudioBuffer>,
}

impl Actor for Told {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let mut frame = self.video.slot();
        // Now and then of another size.
        let width = 64 + tick.frame_number as u32 / 20 * 2;
        let strides = [width as usize + 64, width as usize, width as usize];
        frame.reset_with_strides(PixelFormat::I420, width, 36, &strides)?;
        frame.pixels_mut().fill(tick.frame_number as u8);
        frame.set_colorimetry(Colorimetry {
            range: ColorRange::Full,
            ..Colorimetry::BT2100_HLG
        });
        frame.set_field_order(FieldOrder::BottomFirst);
        frame.set_pixel_aspect(PixelAspect::new(64, 45)?);
        let metadata = Metadata::new()
            .with("camera", 3)
            .with("at", tick.frame_number as i64 / 7);
        frame.set_metadata(std::sync::Arc::new(metadata));
        frame.publish(tick);
        let mut sound = self.sound.slot();
        sound.reset(48_000, 2, 800)?;
        sound.samples_mut().fill(0.25);
        sound.publish(tick);
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_and_sound_cross_with_all_that_is_told_of_them_and_no_byte_is_copied() -> Result<()>
{
    let (before, after, sounds) = (Log::new(), Log::new(), Log::new());
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        told  = Told::new() @ house;
        stamp = Stamp::new(Local::default()) on process;

        told.video >> [stamp.video, Seen::new(before.clone())];
        told.sound >> stamp.sound;
        stamp.stamped >> Seen::new(after.clone());
        stamp.louder >> Seen::new(sounds.clone());
    }?;
    clock.advance(60).await?;
    let stamp = of(&show, "stamp");
    show.stop().await?;
    let (before, after) = (before.entries(), after.entries());
    assert_eq!(
        (before.len(), after.len(), stamp.errors),
        (60, 60, 0),
        "{stamp:?}"
    );
    for (number, (before, after)) in before.iter().zip(&after).enumerate() {
        assert_eq!(format!("{before:?}"), format!("{after:?}"));
        assert_eq!(
            (before.stride(), after.pixels()[0]),
            (after.stride(), number as u8 + 1)
        );
        assert_eq!(before.pixels()[1..], after.pixels()[1..]);
    }
    assert!(
        sounds
            .entries()
            .iter()
            .all(|sound| sound.samples() == [0.5; 1600])
    );
    assert_eq!(stamp.copied, 0);
    Ok(())
}

/// Sends the same picture again and again, which it has made before anybody asked.
#[actor]
struct Still {
    #[output]
    video: Output<VideoFrame>,
    frame: VideoFrame,
}

impl Actor for Still {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        self.video.send(self.frame.clone(), tick);
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_of_the_heap_is_copied_once_and_that_is_counted() -> Result<()> {
    let log = Log::new();
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        still = Still::new(VideoFrame::new(PixelFormat::Rgb8, 64, 36)?) @ house;
        stamp = Stamp::new(Local::default()) on process;
        still >> stamp.video;
        stamp.stamped >> Seen::new(log.clone());
    }?;
    clock.advance(50).await?;
    let copied = of(&show, "stamp").copied;
    show.stop().await?;
    assert_eq!((log.entries().len(), copied), (50, 64 * 36 * 3));
    Ok(())
}

/// What an actor of these tests does on a certain item.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
enum Fault {
    Nothing,
    Abort,
    Exit(i32),
    Wild,
    Hang,
    Greed,
    Error,
    Panic,
}

/// Hands on what comes, but has a fault on item number 10.
#[actor(deadline = 20)]
struct Faulty {
    #[input]
    number: Input<DataMessage<u64>>,
    #[output]
    sum: Output<DataMessage<u64>>,
    fault: Fault,
}

/// The same, and is closed and opened again.
#[actor(on_error = restart, deadline = 20)]
struct Restarted {
    #[input]
    number: Input<DataMessage<u64>>,
    #[output]
    sum: Output<DataMessage<u64>>,
    fault: Fault,
}

/// The same, and stops.
#[actor(on_error = stop)]
struct Stopped {
    #[input]
    number: Input<DataMessage<u64>>,
    #[output]
    sum: Output<DataMessage<u64>>,
    fault: Fault,
}

macro_rules! faulty {
    ($actor:ident) => {
        impl Actor for $actor {
            async fn process(&mut self, tick: TimedTick) -> Result<()> {
                let Some(number) = self.number.next() else {
                    return Ok(());
                };
                if **number == 10 {
                    fail(self.fault)?;
                }
                self.sum.send(DataMessage::new(**number), tick);
                Ok(())
            }
        }
    };
}

faulty!(Faulty);
faulty!(Restarted);
faulty!(Stopped);

fn fail(fault: Fault) -> Result<()> {
    match fault {
        Fault::Nothing => {}
        Fault::Abort => std::process::abort(),
        Fault::Exit(code) => {
            eprintln!("leaving early");
            std::process::exit(code)
        }
        // SAFETY: none; it is a test of what happens then, in a process that is there for it.
        Fault::Wild => unsafe { std::ptr::without_provenance_mut::<u8>(64).write_volatile(1) },
        Fault::Hang => loop {
            std::thread::sleep(Duration::from_secs(1));
        },
        Fault::Greed => {
            let mut all = Vec::new();
            loop {
                all.push(vec![1_u8; 16 << 20]);
                std::thread::sleep(Duration::from_millis(2));
            }
        }
        Fault::Error => return Err("a bad ten".into()),
        Fault::Panic => panic!("a worse ten"),
    }
    Ok(())
}

/// The numbers from 0, with these left out.
fn all_but(left_out: impl Fn(u64) -> bool, below: u64) -> Vec<u64> {
    (0..below).filter(|&number| !left_out(number)).collect()
}

/// Runs `Faulty`, with a branch beside it; what both have seen, and how the first is.
async fn with_fault(fault: Fault) -> Result<(Vec<u64>, usize, ActorStatus)> {
    let (log, other) = (Log::new(), Log::new());
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        items  = Items::up_to(39) @ house;
        faulty = Faulty::new(fault) on process.alone();
        items  >> [faulty.number, Collect::new(other.clone())];
        faulty >> Collect::new(log.clone());
    }?;
    clock.advance(41).await?;
    let status = of(&show, "faulty");
    show.stop().await?;
    let seen = log.entries().iter().map(|&(_, number)| number).collect();
    Ok((seen, other.entries().len(), status))
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_ends_it_costs_it_one_tick_and_others_none_and_is_told() -> Result<()> {
    for (fault, told) in [
        (Fault::Abort, "was killed by signal 6 (SIGABRT"),
        (Fault::Wild, "was killed by signal 11 (SIGSEGV"),
        (
            Fault::Exit(3),
            "ended with exit code 3; its last words: leaving early",
        ),
        (Fault::Exit(0), "ended with exit code 0"),
    ] {
        let (seen, other, status) = with_fault(fault).await?;
        assert_eq!(
            seen,
            all_but(|number| number == 10, 40),
            "{fault:?}: {status:?}"
        );
        assert_eq!(other, 40, "{fault:?}");
        assert_eq!((status.errors, status.restarts), (1, 1), "{fault:?}");
        let error = status.last_error.unwrap_or_default();
        assert!(
            error.contains(told) && error.contains("(faulty)"),
            "{error}"
        );
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_and_a_panic_are_what_they_are_anywhere() -> Result<()> {
    for (fault, told, counts) in [
        (Fault::Error, "a bad ten", (1, 0)),
        (Fault::Panic, "a worse ten", (0, 1)),
    ] {
        let (seen, other, status) = with_fault(fault).await?;
        assert_eq!((seen, other), (all_but(|number| number == 10, 40), 40));
        assert_eq!((status.errors, status.panics), counts);
        assert_eq!(
            (status.last_error.as_deref(), status.restarts),
            (Some(told), 0)
        );
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_restarted_or_stopped_as_on_error_says() -> Result<()> {
    let (log, other) = (Log::new(), Log::new());
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        numbers = Numbers::new(u64::MAX) @ house;
        restart = Restarted::new(Fault::Abort) on process.alone();
        stop    = Stopped::new(Fault::Exit(1)) on process.alone();
        numbers >> [restart.number, stop.number];
        restart >> Collect::new(log.clone());
        stop    >> Collect::new(other.clone());
    }?;
    clock.advance(30).await?;
    let (restart, stop) = (of(&show, "restart"), of(&show, "stop"));
    assert!(show.stop().await.is_err(), "one has failed");
    // It rests for two ticks.
    let seen: Vec<_> = log.entries().iter().map(|&(_, number)| number).collect();
    assert_eq!(seen, all_but(|number| (10..12).contains(&number), 30));
    assert_eq!((restart.errors, restart.restarts), (1, 1));
    assert_eq!(other.entries().len(), 10);
    assert_eq!(stop.state, streamlib::actor::ActorState::Failed);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_hangs_is_ended_at_its_deadline() -> Result<()> {
    let (log, other) = (Log::new(), Log::new());
    let show = pipeline! {
        clock house = SoftwareClock::fps(40);
        numbers = Numbers::new(u64::MAX) @ house;
        hang    = Restarted::new(Fault::Hang) on process.alone();
        numbers >> [hang.number, Collect::new(other.clone())];
        hang    >> Collect::new(log.clone());
    }?;
    let goes_on = || log.entries().iter().any(|&(_, number)| number > 30);
    let went_on = until(goes_on).await;
    let hang = of(&show, "hang");
    show.stop().await?;
    assert!(went_on, "{hang:?}");
    let error = hang.last_error.unwrap_or_default();
    assert!(
        error.contains("had not answered for 500.0ms, its deadline"),
        "{error}"
    );
    assert!(hang.restarts >= 1 && hang.missed > 10, "{}", hang.restarts);
    // While it hung, the others went on.
    let numbers: Vec<_> = other.entries().iter().map(|&(_, number)| number).collect();
    assert!(
        numbers
            .iter()
            .filter(|&&number| (11..30).contains(&number))
            .count()
            >= 10,
        "{numbers:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_takes_too_much_memory_is_ended() -> Result<()> {
    let log = Log::new();
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        numbers = Numbers::new(u64::MAX) @ house;
        greedy  = Faulty::new(Fault::Greed) on process.memory(400 << 20);
        numbers >> greedy >> Collect::new(log.clone());
    }?;
    clock.advance(20).await?;
    let greedy = of(&show, "greedy");
    show.stop().await?;
    let error = greedy.last_error.unwrap_or_default();
    assert!(error.contains("its limit is 400 MiB"), "{error}");
    assert_eq!((log.entries().len(), greedy.restarts), (19, 1));
    Ok(())
}

/// Keeps all that it is given.
#[actor]
struct Hoard {
    #[input]
    video: Input<VideoFrame>,
    #[output]
    kept: Output<DataMessage<u64>>,
    all: Local<Vec<VideoFrame>>,
}

impl Actor for Hoard {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if let Some(frame) = self.video.next() {
            self.all.push(frame.clone());
            if self.all.len() == 300 {
                self.all.clear();
            }
            let kept = self.all.len() as u64;
            self.kept.send(DataMessage::new(kept), tick);
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_gives_nothing_back_is_told_and_harms_nobody() -> Result<()> {
    let log = Log::new();
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        told  = Told::new() @ house;
        hoard = Hoard::new(Local::default()) on process;
        told.video >> hoard >> Seen::new(log.clone());
    }?;
    clock.advance(260).await?;
    let hoard = of(&show, "hoard");
    show.stop().await?;
    let error = hoard.last_error.unwrap_or_default();
    assert!(
        error.contains("240 pictures or sounds are held on the other side"),
        "{error}"
    );
    assert!(log.entries().len() >= 200);
    Ok(())
}

/// Sends long texts.
#[actor]
struct Texts {
    #[output]
    text: Output<DataMessage<String>>,
}

impl Actor for Texts {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let text = "bars ".repeat(1 << tick.frame_number);
        self.text.send(DataMessage::new(text), tick);
        Ok(())
    }
}

/// Turns texts to upper case.
#[actor(dispatcher = process)]
fn shout(#[input] text: &DataMessage<String>, end: &str) -> DataMessage<String> {
    DataMessage::new(text.to_uppercase() + end)
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_of_any_length_cross_and_a_function_can_be_placed_so() -> Result<()> {
    let log = Log::new();
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        texts = Texts::new() @ house;
        loud  = shout("!");
        texts >> loud >> Seen::new(log.clone());
    }?;
    clock.advance(20).await?;
    let loud = of(&show, "loud");
    show.stop().await?;
    assert_eq!(loud.dispatcher, "process");
    let lens: Vec<_> = log.entries().iter().map(|text| text.len()).collect();
    assert_eq!(
        lens,
        (0..20).map(|power| (5 << power) + 1).collect::<Vec<_>>()
    );
    assert!(log.entries()[19].ends_with("BARS !"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_spawned_can_run_there_too() -> Result<()> {
    let texts = spawn(Texts::new().clocked(SoftwareClock::fps(100)))?;
    let loud = spawn(shout("?"))?;
    let log = Log::new();
    let seen = spawn(Seen::new(log.clone()))?;
    (&texts.text >> &loud.text)?;
    (&loud.output >> &seen.item)?;
    assert!(until(|| log.entries().len() >= 3).await);
    texts.stop().await?;
    loud.stop().await?;
    seen.stop().await
}

/// The source ends, and its reader hears of it there.
#[actor]
struct Ends {
    #[input]
    number: Input<DataMessage<u64>>,
    #[output]
    last: Output<DataMessage<bool>>,
}

impl Actor for Ends {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let ended = self.number.has_ended();
        self.last.send(DataMessage::new(ended), tick);
        match self.number.next() {
            Some(number) if **number == 7 => Err(Error::EndOfStream),
            _ => Ok(()),
        }
    }

    async fn on_stop(&mut self) -> Result<()> {
        println!("flushed");
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_there_is_an_end_here() -> Result<()> {
    let log = Log::new();
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        numbers = Numbers::new(u64::MAX) @ house;
        ends    = Ends::new() on process;
        numbers >> ends >> Seen::new(log.clone());
    }?;
    clock.advance(20).await?;
    assert_eq!(
        of(&show, "ends").state,
        streamlib::actor::ActorState::Stopped
    );
    show.finished().await;
    show.stop().await?;
    assert_eq!(log.entries(), vec![DataMessage::new(false); 8]);
    Ok(())
}

/// Cannot be what it is asked to be.
#[actor]
struct Unfit {
    #[input]
    number: Input<DataMessage<u64>>,
    says: bool,
}

impl Actor for Unfit {
    fn check(&self) -> Result<()> {
        if self.says {
            return Err(Error::invalid("says", true, "false"));
        }
        Ok(())
    }

    async fn on_start(&mut self) -> Result<()> {
        Err("no such device".into())
    }

    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_start_is_told_as_anywhere() -> Result<()> {
    let refused = pipeline! {
        numbers = Numbers::new(u64::MAX).fps(60);
        unfit   = Unfit::new(true) on process;
        numbers >> unfit;
    };
    let error = refused.map(drop).unwrap_err().to_string();
    assert_eq!(error, "`unfit`: says is true; expected false");
    let show = pipeline! {
        numbers = Numbers::new(u64::MAX).fps(60);
        unfit   = Unfit::new(false) on process;
        numbers >> unfit;
    }?;
    show.finished().await;
    let error = show.stop().await.unwrap_err().to_string();
    assert_eq!(error, "actor `unfit` failed: no such device");
    Ok(())
}

/// Sends one number, once.
#[actor]
struct Once {
    #[output]
    number: Output<DataMessage<u64>>,
}

impl Actor for Once {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if tick.frame_number == 0 {
            self.number.send(DataMessage::new(7), tick);
        }
        Ok(())
    }
}

/// Hands on the latest number, and goes down on two of its ticks; one that comes after the first cannot be opened while the
/// file is there.
#[actor]
struct Frail {
    #[input]
    number: Input<DataMessage<u64>>,
    /// What ticks it.
    #[input]
    beat: Input<DataMessage<u64>>,
    #[output]
    same: Output<DataMessage<u64>>,
    busy: std::path::PathBuf,
    is_open: Local<bool>,
}

impl Actor for Frail {
    async fn on_start(&mut self) -> Result<()> {
        if self.busy.exists() {
            return Err("the device is busy".into());
        }
        *self.is_open = true;
        Ok(())
    }

    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        assert!(*self.is_open, "ticked without having been opened");
        match tick.frame_number {
            5 => {
                std::fs::write(&self.busy, "")?;
                std::process::abort()
            }
            20 => std::process::abort(),
            _ => {}
        }
        self.beat.latest();
        if let Some(number) = self.number.latest() {
            self.same.send(DataMessage::new(**number), tick);
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_restart_it_reads_what_is_there_and_is_ticked_only_once_open() -> Result<()> {
    let folder = std::env::temp_dir().join(format!("streamlib-frail-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let busy = folder.join("busy");
    let log = Log::new();
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        once  = Once::new() @ house;
        beats = Numbers::new(u64::MAX) @ house;
        frail = Frail::new(busy.clone(), Local::new(false)) on process.alone();
        once >> frail.number;
        beats >> frail.beat;
        frail >> Collect::new(log.clone());
    }?;
    clock.advance(10).await?;
    let down = of(&show, "frail");
    assert!(busy.exists(), "{down:?}");
    std::fs::remove_file(&busy)?;
    clock.advance(30).await?;
    let status = of(&show, "frail");
    show.stop().await?;
    std::fs::remove_dir_all(&folder)?;
    assert_eq!(status.panics, 0, "{:?}", status.last_error);
    assert!(down.errors >= 2, "{down:?}");
    let ticks: Vec<_> = log.entries().iter().map(|&(tick, _)| tick).collect();
    let after = |crash: u64| ticks.iter().any(|&tick| tick > crash);
    assert!(after(5) && after(20), "{ticks:?}");
    assert!(ticks.len() > 20, "{ticks:?}");
    Ok(())
}

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
        metrics::counter!("said", "loud" => "no").increment(2);
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

/// Adds up counters.
struct Counters;

static COUNTED: Mutex<Vec<(String, u64)>> = Mutex::new(Vec::new());

struct Counter(String);

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
        let labels: Vec<_> = key
            .labels()
            .map(|label| format!("{}={}", label.key(), label.value()))
            .collect();
        metrics::Counter::from_arc(std::sync::Arc::new(Counter(format!(
            "{} {}",
            key.name(),
            labels.join(" ")
        ))))
    }
    fn register_gauge(&self, _: &metrics::Key, _: &metrics::Metadata<'_>) -> metrics::Gauge {
        metrics::Gauge::noop()
    }
    fn register_histogram(
        &self,
        _: &metrics::Key,
        _: &metrics::Metadata<'_>,
    ) -> metrics::Histogram {
        metrics::Histogram::noop()
    }
}

/// Run by itself, and by the next one, which reads what it prints.
#[tokio::test(flavor = "multi_thread")]
async fn events_and_metrics_come_with_the_name_of_the_actor() -> Result<()> {
    metrics::set_global_recorder(Counters).expect("the only one here");
    tracing::subscriber::set_global_default(Events).expect("the only one here");
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        numbers = Numbers::new(u64::MAX) @ house;
        talker  = Talker::new() on process.alone();
        numbers >> talker;
    }?;
    clock.advance(2).await?;
    show.stop().await?;
    let told = "INFO message=told on tick 1 number=7 actor=\"talker\" from=\"process\" ";
    let has = || {
        EVENTS
            .lock()
            .is_ok_and(|events| events.iter().any(|event| event == told))
    };
    assert!(until(has).await, "{:?}", EVENTS.lock());
    let said = ("said loud=no actor=talker".to_owned(), 2);
    let has = || {
        COUNTED
            .lock()
            .is_ok_and(|counted| counted.iter().filter(|one| **one == said).count() == 2)
    };
    assert!(until(has).await, "{:?}", COUNTED.lock());
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
        out.contains("[talker] said on tick 0\n[talker] said on tick 1\n"),
        "{out}"
    );
    assert!(
        err.contains("[talker] warned on tick 0\n[talker] warned on tick 1\n"),
        "{err}"
    );
}
