//! What comes and goes, is drawn and is converted on a card has the pixels that it has on the processor.

use streamlib::actor::Harness;
use streamlib::message::{ColorRange, FieldOrder};
use streamlib::prelude::*;
use streamlib_tests::cards::apart;

use crate::{Bench, FORMATS, noise};

#[test]
fn pictures_come_back_from_a_card_as_they_were() -> Result<()> {
    for (seed, &format) in (0..).zip(PixelFormat::ALL) {
        let bench = Bench::new(GpuConvert::to(PixelFormat::Nv12), seed)?;
        let mut frame = noise(format, 37, 21, seed)?;
        frame.set_field_order(FieldOrder::TopFirst);
        let back = bench.down(&bench.up(&frame)?)?;
        assert_eq!(back.pixels(), frame.pixels(), "{format}");
        assert_eq!(back.field_order(), FieldOrder::TopFirst);
        assert_eq!(back.colorimetry(), frame.colorimetry());
    }
    let mut spaced = VideoFrame::default();
    spaced.reset_with_strides(PixelFormat::Nv12, 10, 6, &[32, 16])?;
    spaced.pixels_mut().fill(9);
    let bench = Bench::new(GpuConvert::to(PixelFormat::Nv12), 1)?;
    let back = bench.down(&bench.up(&spaced)?)?;
    assert_eq!((back.pixels(), back.stride()), (spaced.pixels(), 32));
    Ok(())
}

#[test]
fn patterns_have_the_same_pixels_on_a_card() -> Result<()> {
    let patterns = [
        Pattern::SmpteHdBars,
        Pattern::ZonePlate,
        Pattern::MovingBox,
        Pattern::Noise,
    ];
    for (seed, pattern) in (0..).zip(patterns) {
        for (width, height) in [(64, 48), (61, 7), (1, 1)] {
            let actor = GpuTestPattern::new(pattern).size(width, height);
            let mut bench = Bench::new(actor, seed)?;
            let mut there = bench.harness.probe(|pattern| &mut pattern.video);
            let twin = TestPattern::new(pattern)
                .size(width, height)
                .format(PixelFormat::Rgba8);
            let mut harness = Harness::new(twin)?;
            let mut here = harness.probe(|pattern| &mut pattern.video);
            for _ in 0..3 {
                bench.tick()?;
                harness.tick()?;
                let there = there.latest().expect("a picture a tick").clone();
                let here = here.latest().expect("a picture a tick");
                assert_eq!(apart(&bench.down(&there)?, &here), 0, "{pattern}");
            }
        }
    }
    Ok(())
}

/// Converts on the card, and with `Convert`.
pub fn converted(
    frame: &VideoFrame,
    to: PixelFormat,
    seed: u64,
) -> Result<(VideoFrame, VideoFrame)> {
    let mut bench = Bench::new(GpuConvert::to(to), seed)?;
    let mut video = bench.harness.feed(|convert| &mut convert.video);
    let mut there = bench.harness.probe(|convert| &mut convert.converted);
    video.send(bench.up(frame)?);
    bench.tick()?;
    let there = bench.down(&there.latest().expect("a picture"))?;

    let mut harness = Harness::new(Convert::to(to))?;
    let mut video = harness.feed(|convert| &mut convert.video);
    let mut here = harness.probe(|convert| &mut convert.converted);
    video.send(frame.clone());
    harness.tick()?;
    let here = here.latest().expect("a picture").clone();
    Ok((there, here))
}

#[test]
fn conversions_are_to_one_code_what_they_are_on_the_processor() -> Result<()> {
    let mut pairs = 0;
    for from in FORMATS {
        for to in FORMATS {
            for (seed, (width, height)) in (1..).zip([(64, 32), (37, 21), (1, 1)]) {
                let mut frame = noise(from, width, height, seed)?;
                if seed == 1 {
                    frame.set_field_order(FieldOrder::BottomFirst);
                }
                if seed == 2 && !from.is_rgb() {
                    frame.set_colorimetry(Colorimetry {
                        range: ColorRange::Full,
                        ..Colorimetry::BT2020
                    });
                }
                let (there, here) = converted(&frame, to, seed)?;
                assert!(
                    apart(&there, &here) <= 1,
                    "{from} to {to}, {width} × {height}"
                );
                assert_eq!(there.colorimetry(), here.colorimetry());
                pairs += 1;
            }
        }
    }
    assert_eq!(pairs, 75);
    Ok(())
}

#[test]
fn formats_that_a_card_does_not_know_are_told() {
    let told = Harness::new(GpuConvert::to(PixelFormat::V210)).err();
    assert_eq!(
        told.map(|error| error.to_string()).as_deref(),
        Some(
            "format on a card is V210; expected Rgb8, Rgba8, Bgra8, Nv12 or Uyvy; `Convert` knows the others, \
             before `Upload` or after `Download`"
        )
    );
}
