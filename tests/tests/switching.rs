//! Switching, mixing, other frame rates, delays and probes, in graphs on virtual time.

use std::time::Duration;

use streamlib::actor::Harness;
use streamlib::prelude::*;
use streamlib_tests::{Log, Numbers};

/// Writes down what it gets, with the number of the tick.
#[actor]
struct Write {
    #[input]
    numbers: Input<DataMessage<u64>>,
    log: Log<(u64, u64)>,
}

impl Actor for Write {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if let Some(number) = self.numbers.next() {
            self.log.push((tick.frame_number, **number));
        }
        Ok(())
    }
}

fn grey(level: u8) -> Result<VideoFrame> {
    VideoFrame::from_pixels(PixelFormat::Rgb8, 4, 2, [level; 24])
}

#[tokio::test]
async fn a_switch_cuts_between_two_ticks_and_loses_none() -> Result<()> {
    let log = Log::new();
    let clock = VirtualClock::fps(50);
    let switch = Switch::<DataMessage<u64>>::new();
    let control = switch.control();
    let show = pipeline! {
        clock house = clock.clone();
        one = Numbers::new(1000) @ house;
        two = Numbers::new(1000) @ house;
        plus = AddThousand::new();
        one >> switch.sources;
        two >> plus;
        plus >> switch.sources;
        switch >> Write::new(log.clone());
    }?;
    clock.advance(3).await?;
    control.cut(1);
    clock.advance(3).await?;
    control.cut(7); // there is none: the program stays as it is
    clock.advance(2).await?;
    control.cut(0);
    assert_eq!(control.source(), 0);
    clock.advance(2).await?;
    show.stop().await?;
    let expected = [
        (0, 0),
        (1, 1),
        (2, 2),
        (3, 1003),
        (4, 1004),
        (5, 1005),
        (8, 8),
        (9, 9),
    ];
    assert_eq!(log.entries(), expected);
    Ok(())
}

/// Adds 1000.
#[actor]
struct AddThousand {
    #[input]
    number: Input<DataMessage<u64>>,
    #[output]
    sum: Output<DataMessage<u64>>,
}

impl Actor for AddThousand {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if let Some(number) = self.number.latest() {
            self.sum.send(DataMessage::new(**number + 1000), tick);
        }
        Ok(())
    }
}

#[test]
fn a_still_picture_comes_back_when_it_is_cut_to_again() -> Result<()> {
    let switch = Switch::new();
    let control = switch.control();
    let mut harness = Harness::new(switch)?;
    let mut sources = [0; 2].map(|_| harness.feed(|switch| &mut switch.sources));
    let mut program = harness.probe(|switch| &mut switch.program);
    sources[0].send(grey(10)?);
    sources[1].send(grey(20)?);
    let mut seen = Vec::new();
    for source in [0, 1, 0, 0] {
        control.cut(source);
        harness.tick()?;
        seen.push(program.fresh().map(|frame| frame.pixels()[0]));
    }
    assert_eq!(seen, [Some(10), Some(20), Some(10), None]);
    Ok(())
}

struct Fade {
    harness: Harness<Crossfade>,
    control: CrossfadeControl,
    sources: Vec<streamlib::actor::Source<VideoFrame>>,
    program: streamlib::actor::Probe<VideoFrame>,
}

impl Fade {
    fn new(sources: usize) -> Result<Self> {
        let fade = Crossfade::new(4, 2);
        let control = fade.control();
        let mut harness = Harness::new(fade)?;
        let sources = (0..sources)
            .map(|_| harness.feed(|fade| &mut fade.sources))
            .collect();
        let program = harness.probe(|fade| &mut fade.program);
        Ok(Self {
            harness,
            control,
            sources,
            program,
        })
    }

    fn picture(&mut self) -> Result<VideoFrame> {
        self.harness.tick()?;
        Ok(self.program.latest().expect("a picture a tick").clone())
    }

    fn level(&mut self) -> Result<u8> {
        Ok(self.picture()?.pixels()[0])
    }
}

#[test]
fn a_mix_goes_on_from_what_is_seen_and_between_mixes_nothing_is_copied() -> Result<()> {
    let mut fade = Fade::new(3)?;
    let pictures = [grey(0)?, grey(200)?, grey(100)?];
    for (source, picture) in fade.sources.iter_mut().zip(&pictures) {
        source.send(picture.clone());
    }
    assert!(fade.picture()?.shares_pixels_with(&pictures[0]));
    fade.control.mix(1, 4);
    assert_eq!([fade.level()?, fade.level()?], [50, 100]);
    fade.control.mix(2, 2); // from half of 0 and half of 200
    assert_eq!([fade.level()?, fade.level()?], [100, 100]);
    assert!(fade.picture()?.shares_pixels_with(&pictures[2]));
    fade.control.cut(1);
    assert!(fade.picture()?.shares_pixels_with(&pictures[1]));
    assert_eq!(fade.control.source(), 1);
    fade.control.cut(9); // there is none
    assert_eq!(fade.level()?, 0);
    Ok(())
}

#[test]
fn a_mix_before_the_first_tick_begins_with_source_0() -> Result<()> {
    let mut fade = Fade::new(2)?;
    for (source, level) in fade.sources.iter_mut().zip([100, 200]) {
        source.send(grey(level)?);
    }
    fade.control.mix(1, 4);
    assert_eq!([fade.level()?, fade.level()?], [125, 150]);
    Ok(())
}

#[test]
fn a_mix_in_planes_and_one_of_transparent_pictures() -> Result<()> {
    for format in [PixelFormat::I420, PixelFormat::Rgba8] {
        let mut fade = Fade::new(3)?;
        for (source, level) in fade.sources.iter_mut().zip([0, 200, 100]) {
            let mut picture = VideoFrame::new(format, 4, 2)?;
            if format == PixelFormat::I420 {
                picture.pixels_mut().fill(level);
            } else {
                let half = [level, level, level, 128].repeat(8);
                picture.pixels_mut().copy_from_slice(&half);
            }
            source.send(picture);
        }
        fade.level()?;
        fade.control.mix(1, 2);
        let part = if format == PixelFormat::I420 {
            1.0
        } else {
            128.0 / 255.0
        };
        let expected = [100.0, 150.0, 125.0, 100.0]; // then of three: 50, 50, 0; 25, 25, 50; …
        let mut levels = [fade.level()?, 0, 0, 0];
        fade.control.mix(1, 2);
        levels[1] = fade.level()?;
        fade.control.mix(2, 2);
        levels[2..].copy_from_slice(&[fade.level()?, fade.level()?]);
        for (level, expected) in levels.into_iter().zip(expected) {
            assert!(
                (f64::from(level) - expected * part).abs() <= 1.0,
                "{format}: {levels:?}"
            );
        }
        assert_eq!(fade.picture()?.format(), format);
    }
    Ok(())
}

#[tokio::test]
async fn a_frame_rate_leaves_out_evenly_and_repeats_on_a_faster_clock() -> Result<()> {
    let (slow, fast) = (Log::new(), Log::new());
    let [clock, faster] = [VirtualClock::new(Rate::fps(59.94)), VirtualClock::fps(120)];
    let show = pipeline! {
        clock house = clock.clone();
        clock quick = faster.clone();
        numbers = Numbers::new(10_000) @ house;
        double = FrameRate::new(120) @ quick;
        film = FrameRate::new(23.976);
        numbers >> [film, double];
        film >> Write::new(slow.clone());
        double >> Counts::new(fast.clone());
    }?;
    clock.advance(10).await?;
    faster.advance(3).await?;
    clock.advance(10).await?;
    faster.advance(2).await?;
    show.stop().await?;
    let ticks: Vec<u64> = slow.entries().iter().map(|(tick, _)| *tick).collect();
    assert_eq!(ticks, [0, 3, 5, 8, 10, 13, 15, 18], "2 and 3 in turn");
    assert_eq!(fast.entries(), [9, 9, 9, 19, 19]);
    assert!(Harness::new(FrameRate::<VideoFrame>::new(0)).is_err());
    Ok(())
}

/// Writes down every item that was sent, new or not.
#[actor]
struct Counts {
    #[input(every = 8)]
    numbers: Input<DataMessage<u64>>,
    log: Log<u64>,
}

impl Actor for Counts {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        while let Some(number) = self.numbers.next() {
            self.log.push(**number);
        }
        Ok(())
    }
}

#[tokio::test]
async fn a_delay_is_changed_while_it_runs() -> Result<()> {
    let log = Log::new();
    let clock = VirtualClock::fps(50);
    let delay = Delay::time(Duration::from_millis(40)); // 2 ticks
    let control = delay.control();
    let show = pipeline! {
        clock house = clock.clone();
        numbers = Numbers::new(1000) @ house;
        numbers >> delay;
        delay >> Write::new(log.clone());
    }?;
    clock.advance(4).await?;
    control.ticks(4)?;
    clock.advance(4).await?;
    control.time(Duration::ZERO)?;
    clock.advance(2).await?;
    assert!(control.ticks(3601).is_err());
    assert!(control.time(Duration::MAX).is_err());
    show.stop().await?;
    let expected = [(2, 0), (3, 1), (6, 2), (7, 3), (8, 8), (9, 9)];
    assert_eq!(log.entries(), expected);
    assert!(Harness::new(Delay::<VideoFrame>::ticks(usize::MAX)).is_err());
    Ok(())
}

#[tokio::test]
async fn what_a_delay_has_no_room_for_is_sent_early() -> Result<()> {
    let log = Log::new();
    let clock = VirtualClock::fps(120);
    let show = pipeline! {
        clock house = clock.clone();
        numbers = Numbers::new(10_000) @ house;
        numbers >> Delay::time(Duration::from_secs(60)) >> Write::new(log.clone());
    }?;
    clock.advance(3700).await?;
    show.stop().await?;
    let entries = log.entries();
    assert_eq!((entries.len(), entries[0]), (99, (3601, 0)));
    Ok(())
}

#[tokio::test]
async fn a_probe_sees_all_and_tells_what_was_left_out() -> Result<()> {
    let (log, seen) = (Log::new(), Log::new());
    let clock = VirtualClock::fps(60);
    let probe = {
        let seen = seen.clone();
        Probe::each(move |number: &DataMessage<u64>, _| seen.push(**number))
    };
    let counts = probe.counts();
    assert_eq!(
        (counts.items(), counts.fps(), counts.last()),
        (0, 0.0, None)
    );
    let show = pipeline! {
        clock house = clock.clone();
        numbers = Numbers::new(1000) @ house;
        numbers >> FrameRate::new(20) >> Tee::new() >> probe;
        probe >> Write::new(log.clone());
    }?;
    clock.advance(61).await?;
    show.stop().await?;
    assert_eq!((counts.items(), counts.left_out()), (21, 40));
    assert_eq!(counts.fps(), 20.0);
    assert_eq!(
        counts.last(),
        Some(Timestamp::ZERO + Duration::from_secs(1))
    );
    assert_eq!(seen.entries(), (0..=60).step_by(3).collect::<Vec<_>>());
    assert_eq!(log.entries().len(), 21);
    Ok(())
}
