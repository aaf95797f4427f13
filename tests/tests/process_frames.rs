//! Pictures and sound that cross to another process and back: all that is told of them, and how many bytes are copied.
#![cfg(target_os = "linux")]

use streamlib::message::{ColorRange, FieldOrder, Metadata, PixelAspect};
use streamlib::prelude::*;
use streamlib::process::Local;
use streamlib_tests::{Log, Seen, status_of};

streamlib::process::before_main!();

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
    let stamp = status_of(&show, "stamp");
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
    let copied = status_of(&show, "stamp").copied;
    show.stop().await?;
    assert_eq!((log.entries().len(), copied), (50, 64 * 36 * 3));
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
    let hoard = status_of(&show, "hoard");
    show.stop().await?;
    let error = hoard.last_error.unwrap_or_default();
    assert!(
        error.contains("240 pictures or sounds, or 2048 MiB of them, are held on the other side"),
        "{error}"
    );
    assert!(log.entries().len() >= 200);
    Ok(())
}
