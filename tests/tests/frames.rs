//! What must hold of rates, frames and sound, for whatever numbers they are given.

use std::time::Duration;

use proptest::prelude::*;
use streamlib::Error;
use streamlib::message::{
    AudioBuffer, ColorRange, Colorimetry, DataMessage, FieldOrder, Message, Metadata, PixelAspect,
    PixelFormat, VideoFrame,
};
use streamlib::time::{ClockId, Rate, TimedTick, Timestamp};

fn formats() -> impl Strategy<Value = PixelFormat> {
    prop::sample::select(PixelFormat::ALL)
}

/// The bytes of a row and the rows of each plane, by the definition of the format.
fn shape(format: PixelFormat, width: u32, height: u32) -> Vec<(usize, usize)> {
    let (width, height) = (width as usize, height as usize);
    let pairs = width.div_ceil(2);
    match format {
        PixelFormat::Rgb8 => vec![(width * 3, height)],
        PixelFormat::Rgba8 | PixelFormat::Bgra8 => vec![(width * 4, height)],
        PixelFormat::Gray8 => vec![(width, height)],
        PixelFormat::I420 => {
            let chroma = (pairs, height.div_ceil(2));
            vec![(width, height), chroma, chroma]
        }
        PixelFormat::Nv12 => vec![(width, height), (pairs * 2, height.div_ceil(2))],
        PixelFormat::Uyvy => vec![(pairs * 4, height)],
        PixelFormat::V210 => vec![(width.div_ceil(6) * 16, height)],
        PixelFormat::Uyvp => vec![(pairs * 5, height)],
        other => panic!("what is {other} like?"),
    }
}

/// All bytes of a picture when nobody asked for other strides.
fn size(format: PixelFormat, width: u32, height: u32) -> usize {
    let planes = shape(format, width, height).into_iter();
    planes
        .map(|(row, rows)| match format {
            PixelFormat::V210 => row.next_multiple_of(128) * rows,
            _ => row * rows,
        })
        .sum()
}

fn is_invalid(error: &Error) -> bool {
    matches!(error, Error::Invalid { .. })
}

/// A rate that can be, NTSC ones among them.
fn rates() -> impl Strategy<Value = Rate> {
    let ntsc = (1_u32..=480).prop_map(|nominal| (nominal * 1000, 1001));
    prop_oneof![ntsc, (1..=120_u32, Just(1)), (any::<u32>(), any::<u32>())]
        .prop_filter_map("a rate that can be", |(num, den)| Rate::new(num, den).ok())
}

/// Mostly sizes near the limits, where sums go wrong.
fn sizes() -> impl Strategy<Value = u32> {
    prop_oneof![
        0..=3_u32,
        16_383..=16_386_u32,
        (u32::MAX - 2)..=u32::MAX,
        any::<u32>()
    ]
}

proptest! {
    #[test]
    fn frame_at_is_the_inverse_of_time_of(rate in rates(), frame in 0..1_u64 << 40) {
        let due = rate.time_of(frame);
        prop_assert_eq!(rate.frame_at(due), frame);
        prop_assert!(rate.time_of(frame + 1) > due);
        if frame > 0 {
            prop_assert_eq!(rate.frame_at(due - Duration::from_nanos(1)), frame - 1);
        }
    }

    #[test]
    fn the_frame_at_a_time_is_the_last_one_due(rate in rates(), secs in 0..=604_800_u64, nanos in 0..1_000_000_000_u32) {
        let now = Duration::new(secs, nanos);
        let frame = rate.frame_at(now);
        prop_assert!(rate.time_of(frame) <= now && now < rate.time_of(frame + 1));
    }

    #[test]
    fn a_rate_never_drifts(rate in rates(), times in 0..1_000_000_u64) {
        // `numerator` frames take `denominator` seconds, however often.
        let frames = times * u64::from(rate.numerator());
        prop_assert_eq!(rate.time_of(frames), Duration::from_secs(times * u64::from(rate.denominator())));
    }

    #[test]
    fn no_rate_panics(num: u32, den: u32, float: f64, frame: u64, secs: u64, nanos in 0..1_000_000_000_u32) {
        let elapsed = Duration::new(secs, nanos);
        for rate in [Rate::fps(num), Rate::fps(num as i32), Rate::fps(float), Rate::fps(float as f32)]
            .into_iter()
            .chain(Rate::new(num, den).ok())
        {
            let _ = (rate.time_of(frame), rate.frame_at(elapsed), rate.period(), rate.to_string());
            let _ = Timestamp::from_nanos(frame) + elapsed;
            match rate.check() {
                Ok(rate) => prop_assert!(rate.period() >= Duration::from_micros(1)),
                Err(error) => prop_assert!(is_invalid(&error)),
            }
        }
    }

    #[test]
    fn a_float_rate_is_the_one_that_was_meant(num in 1..=240_000_u32, den in 1..=1001_u32) {
        let exact = f64::from(num) / f64::from(den);
        let rate = Rate::fps(exact);
        // NTSC names are short, so a rate next to one becomes it; all others stay what they are.
        prop_assert!((rate.as_f64() / exact - 1.0).abs() < 2e-4, "{} for {}", rate, exact);
    }

    #[test]
    fn media_units_are_within_half_of_one(nanos: u64, clock_rate in 1..=1_000_000_u32) {
        let units = u128::from(Timestamp::from_nanos(nanos).media(clock_rate)) * 1_000_000_000;
        let exact = u128::from(nanos) * u128::from(clock_rate);
        prop_assert!(units.abs_diff(exact) <= 500_000_000);
    }

    #[test]
    fn a_size_that_cannot_be_is_an_error(format in formats(), width in sizes(), height in sizes()) {
        let can_be = (1..=16_384).contains(&width) && (1..=16_384).contains(&height);
        if can_be && width > 64 && height > 64 {
            return Ok(()); // a gigabyte for each case would take long
        }
        let mut slot = VideoFrame::from_pixels(PixelFormat::Rgb8, 1, 1, [1, 2, 3])?;
        match slot.reset(format, width, height) {
            Ok(()) => {
                prop_assert!(can_be);
                prop_assert_eq!(slot.pixels().len(), size(format, width, height));
            }
            Err(error) => {
                prop_assert!(!can_be);
                prop_assert!(error.to_string().contains("expected 1 to 16384 pixels"), "{}", error);
                prop_assert_eq!(slot.pixels(), [1, 2, 3]);
            }
        }
    }

    #[test]
    fn bytes_of_another_number_are_refused(format in formats(), width in 1..40_u32, height in 1..40_u32, given in 0..8_000_usize) {
        let expected = size(format, width, height);
        let bytes: Vec<u8> = (0..given).map(|at| at as u8).collect();
        match VideoFrame::from_pixels(format, width, height, &bytes) {
            Ok(frame) => prop_assert_eq!((frame.pixels(), given), (&*bytes, expected)),
            Err(error) => {
                prop_assert_ne!(given, expected);
                let message = error.to_string();
                prop_assert!(message.contains(&given.to_string()) && message.contains(&expected.to_string()), "{}", message);
            }
        }
    }

    #[test]
    fn all_faces_of_a_picture_show_the_same_bytes(format in formats(), width in 1..40_u32, height in 1..40_u32, seed: u8) {
        let mut frame = VideoFrame::new(format, width, height)?;
        for (at, byte) in frame.pixels_mut().iter_mut().enumerate() {
            *byte = (at as u8).wrapping_mul(31).wrapping_add(seed);
        }
        let (row_len, _) = shape(format, width, height)[0];
        prop_assert_eq!(frame.rows().len(), height as usize);
        prop_assert!(frame.rows().all(|row| row.len() == row_len));
        prop_assert!(frame.view().iter().eq(frame.rows().flatten()));
        if frame.is_contiguous() {
            prop_assert_eq!(frame.stride(), row_len);
            prop_assert!(frame.planes().flat_map(|plane| plane.bytes()).eq(frame.pixels()));
        }
        if format == PixelFormat::Rgb8 {
            prop_assert_eq!(frame.view().dim(), (height as usize, width as usize, 3));
        }
        for (y, row) in frame.rows().enumerate() {
            prop_assert_eq!(frame.row(y as u32), Some(row));
            prop_assert_eq!(frame.view()[[y, 0, 0]], row[0]);
        }
        prop_assert_eq!(frame.row(height), None);
        prop_assert_eq!(frame.row(u32::MAX), None);

        let copy = frame.clone();
        frame.pixels_mut().fill(6);
        frame.view_mut().fill(7);
        for row in frame.rows_mut() {
            row[0] = 8;
        }
        prop_assert_eq!(frame.pixels().iter().filter(|&&byte| byte == 7).count(), (row_len - 1) * height as usize);
        prop_assert_eq!(frame.pixels().iter().filter(|&&byte| byte == 8).count(), height as usize);
        prop_assert_ne!(copy.pixels(), frame.pixels());
    }

    /// Rows are where the strides say, planes do not overlap, and what lies in a gap is nobody's.
    #[test]
    fn any_stride_shows_the_same_picture(
        format in formats(),
        width in 1..100_u32,
        height in 1..20_u32,
        gaps in prop::collection::vec(0..70_usize, 3),
        seed: u8,
    ) {
        let shape = shape(format, width, height);
        let strides: Vec<usize> = shape.iter().zip(&gaps).map(|((row, _), gap)| row + gap).collect();
        let mut spaced = VideoFrame::default();
        spaced.reset_with_strides(format, width, height, &strides)?;
        let mut plain = VideoFrame::new(format, width, height)?;
        spaced.pixels_mut().fill(255);
        for frame in [&mut spaced, &mut plain] {
            let mut value = seed;
            for mut plane in frame.planes_mut() {
                for byte in plane.rows_mut().flatten() {
                    value = value.wrapping_mul(31).wrapping_add(7);
                    *byte = value / 2; // never 255
                }
            }
        }

        prop_assert_eq!(spaced.planes().len(), format.plane_count());
        prop_assert_eq!(spaced.pixels().len(), strides.iter().zip(&shape).map(|(stride, (_, rows))| stride * rows).sum::<usize>());
        prop_assert_eq!(spaced.is_contiguous(), shape.iter().zip(&strides).all(|((row, _), stride)| row == stride));
        let gap_bytes: usize = shape.iter().zip(&gaps).map(|((_, rows), gap)| rows * gap).sum();
        prop_assert_eq!(spaced.pixels().iter().filter(|&&byte| byte == 255).count(), gap_bytes);
        for (index, ((one, other), (row, rows))) in spaced.planes().zip(plain.planes()).zip(shape).enumerate() {
            prop_assert_eq!((one.row_len(), one.rows().len(), one.stride()), (row, rows, strides[index]));
            prop_assert!(one.rows().eq(other.rows()));
            prop_assert_eq!(one.row(rows - 1), one.rows().next_back());
            prop_assert_eq!((one.row(rows), one.row(usize::MAX)), (None, None));
            prop_assert_eq!(spaced.plane(index).map(|plane| plane.bytes()), Some(one.bytes()));
        }
        prop_assert!(spaced.view().iter().eq(plain.view().iter()));
        prop_assert!(spaced.rows().eq(plain.rows()));
        prop_assert!(spaced.plane(format.plane_count()).is_none());

        let mut copy = VideoFrame::default();
        copy.copy_from(&spaced)?;
        prop_assert_eq!(copy.pixels(), spaced.pixels());
        prop_assert_eq!(copy.stride(), spaced.stride());
    }

    #[test]
    fn a_stride_that_cannot_be_is_an_error(format in formats(), width in 1..50_u32, strides in prop::collection::vec(prop_oneof![0..400_usize, any::<usize>()], 0..5)) {
        let shape = shape(format, width, 2);
        let can_be = strides.len() == shape.len()
            && strides.iter().zip(&shape).all(|(stride, (row, _))| (*row..=1 << 20).contains(stride));
        let mut frame = VideoFrame::from_pixels(PixelFormat::Rgb8, 1, 1, [1, 2, 3])?;
        match frame.reset_with_strides(format, width, 2, &strides) {
            Ok(()) => prop_assert!(can_be),
            Err(error) => {
                prop_assert!(!can_be && is_invalid(&error));
                prop_assert_eq!(frame.pixels(), [1, 2, 3]);
            }
        }
    }

    #[test]
    fn sound_that_cannot_be_is_an_error(rate in sizes(), channels in 0..70_usize, len in prop_oneof![0..5_000_usize, any::<usize>()]) {
        let can_be = (1..=1_536_000).contains(&rate)
            && (1..=64).contains(&channels)
            && len.checked_mul(channels).is_some_and(|values| values <= 1 << 28);
        if can_be && len > 5_000 {
            return Ok(());
        }
        match AudioBuffer::new(rate, channels, len) {
            Ok(sound) => {
                prop_assert!(can_be);
                prop_assert_eq!(sound.samples().len(), len * channels);
                prop_assert_eq!(sound.view().dim(), (len, channels));
                let seconds = len as f64 / f64::from(rate);
                prop_assert!((sound.duration().as_secs_f64() - seconds).abs() < 2e-9);
            }
            Err(error) => prop_assert!(!can_be && is_invalid(&error)),
        }
    }

    #[test]
    fn sound_keeps_its_samples(channels in 1..=64_usize, samples in prop::collection::vec(-1.0_f32..=1.0, 0..500)) {
        match AudioBuffer::from_samples(48_000, channels, &samples) {
            Ok(sound) => {
                prop_assert_eq!(sound.samples(), &*samples);
                prop_assert_eq!((sound.len(), sound.channels()), (samples.len() / channels, channels));
                prop_assert!(sound.view().iter().eq(&samples));
            }
            Err(_) => prop_assert!(samples.len() % channels != 0),
        }
    }
}

/// What a program does with a few handles, beside what it should see.
#[derive(Clone, Debug)]
enum Step {
    Clone { from: usize, to: usize },
    Copy { from: usize, to: usize },
    Fill { at: usize, value: u8 },
    Reset { at: usize, width: u32, value: u8 },
    Stamp { at: usize, frame_number: u64 },
}

const HANDLES: usize = 4;

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let at = 0..HANDLES;
    let step = prop_oneof![
        (at.clone(), at.clone()).prop_map(|(from, to)| Step::Clone { from, to }),
        (at.clone(), at.clone()).prop_map(|(from, to)| Step::Copy { from, to }),
        (at.clone(), any::<u8>()).prop_map(|(at, value)| Step::Fill { at, value }),
        (at.clone(), 1..5_u32, any::<u8>()).prop_map(|(at, width, value)| Step::Reset {
            at,
            width,
            value
        }),
        (at, any::<u64>()).prop_map(|(at, frame_number)| Step::Stamp { at, frame_number }),
    ];
    prop::collection::vec(step, 0..60)
}

proptest! {
    /// Handles behave as if each had pixels of its own.
    #[test]
    fn copy_on_write_is_never_seen(steps in steps()) {
        let mut frames: [VideoFrame; HANDLES] = Default::default();
        let mut model: [(Vec<u8>, u32, u64); HANDLES] = Default::default();
        for step in steps {
            match step {
                Step::Clone { from, to } => {
                    frames[to] = frames[from].clone();
                    model[to] = model[from].clone();
                    prop_assert!(frames[to].is_empty() || frames[to].shares_pixels_with(&frames[from]));
                }
                Step::Copy { from, to } => {
                    let source = frames[from].clone();
                    frames[to].copy_from(&source)?;
                    model[to] = model[from].clone();
                    prop_assert!(!frames[to].shares_pixels_with(&source));
                }
                Step::Fill { at, value } => {
                    frames[at].pixels_mut().fill(value);
                    model[at].0.fill(value);
                }
                Step::Reset { at, width, value } => {
                    frames[at].reset(PixelFormat::Rgb8, width, 2)?;
                    frames[at].pixels_mut().fill(value);
                    model[at] = (vec![value; width as usize * 6], width, model[at].2);
                }
                Step::Stamp { at, frame_number } => {
                    frames[at].stamp(TimedTick { timestamp: Timestamp::ZERO, frame_number, clock_id: ClockId::default() });
                    model[at].2 = frame_number;
                }
            }
            for (frame, (pixels, width, frame_number)) in frames.iter().zip(&model) {
                prop_assert_eq!(frame.pixels(), &**pixels);
                prop_assert_eq!((frame.width(), frame.frame_number()), (*width, *frame_number));
            }
        }
    }
}

#[test]
fn an_empty_frame_has_no_pixels_and_no_panics() -> Result<(), Error> {
    let mut empty = VideoFrame::default();
    assert!(empty.is_empty() && empty.pixels().is_empty() && empty.pixels_mut().is_empty());
    assert_eq!(empty.dimensions(), (0, 0));
    assert_eq!(empty.rows().len(), 0);
    assert_eq!(empty.rows_mut().len(), 0);
    assert_eq!(empty.planes().len(), 0);
    assert_eq!(empty.planes_mut().len(), 0);
    assert!(empty.plane(0).is_none());
    assert_eq!(empty.row(0), None);
    assert!(empty.view().is_empty() && empty.view_mut().is_empty());

    let mut slot = VideoFrame::new(PixelFormat::Rgba8, 4, 4)?;
    slot.copy_from(&empty)?;
    assert!(slot.is_empty() && slot.view().is_empty());

    let mut silence = AudioBuffer::default();
    assert!(silence.is_empty() && silence.view().is_empty() && silence.view_mut().is_empty());
    assert_eq!(silence.duration(), Duration::ZERO);
    silence.copy_from(&AudioBuffer::default())?;
    Ok(())
}

#[test]
fn the_largest_picture_can_be_and_one_more_cannot() {
    // Pages that nobody touches cost nothing.
    assert!(VideoFrame::new(PixelFormat::Rgba8, 16_384, 16_384).is_ok());
    let message = VideoFrame::new(PixelFormat::Rgba8, 1920, 16_385)
        .unwrap_err()
        .to_string();
    assert_eq!(
        message,
        "height is 16385 pixels; expected 1 to 16384 pixels; the picture was to be 1920 × 16385"
    );
}

#[test]
fn a_frame_carries_its_tick_and_its_metadata() -> Result<(), Error> {
    let tick = TimedTick {
        timestamp: Timestamp::from_nanos(5),
        frame_number: 7,
        clock_id: ClockId::new_unique(),
    };
    let mut frame = VideoFrame::new(PixelFormat::Rgb8, 2, 2)?;
    frame.set_metadata(std::sync::Arc::new(
        Metadata::new().with("source", "camera 1"),
    ));
    frame.stamp(tick);

    let colorimetry = Colorimetry {
        range: ColorRange::Full,
        ..Colorimetry::BT2100_HLG
    };
    frame.set_colorimetry(colorimetry);
    frame.set_field_order(FieldOrder::BottomFirst);
    frame.set_pixel_aspect(PixelAspect::new(64, 45)?);

    let mut copy = VideoFrame::default();
    copy.copy_from(&frame)?;
    for handle in [&frame.clone(), &copy] {
        assert_eq!(handle.colorimetry(), colorimetry);
        assert_eq!(handle.field_order(), FieldOrder::BottomFirst);
        assert_eq!(handle.pixel_aspect().to_string(), "64:45");
        assert_eq!(
            (handle.timestamp(), handle.frame_number()),
            (tick.timestamp, tick.frame_number)
        );
        assert_eq!(handle.metadata(), frame.metadata());
    }
    copy.reset(PixelFormat::Rgb8, 2, 2)?;
    assert_eq!(
        copy.metadata(),
        None,
        "a slot that is drawn anew tells nothing of the frame before"
    );
    assert_eq!(copy.colorimetry(), Colorimetry::SRGB);
    assert_eq!(copy.field_order(), FieldOrder::Progressive);
    assert_eq!(copy.pixel_aspect(), PixelAspect::SQUARE);

    let mut sound = AudioBuffer::new(48_000, 1, 10)?;
    sound.stamp(tick);
    assert_eq!(
        (sound.timestamp(), sound.frame_number()),
        (tick.timestamp, tick.frame_number)
    );
    Ok(())
}

#[test]
fn sound_that_is_no_number_is_refused() {
    for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let message = AudioBuffer::from_samples(48_000, 2, [0.0, 0.0, 0.0, value])
            .unwrap_err()
            .to_string();
        assert_eq!(
            message,
            format!(
                "sample 1 of channel 1 is {value}; expected a finite number, nominally from -1 to 1"
            )
        );
    }
}

#[test]
fn any_value_is_a_message_when_wrapped() {
    fn name<M: Message>(_: &M) -> &'static str {
        M::NAME
    }
    struct Lease(DataMessage<f64>);
    impl std::ops::Deref for Lease {
        type Target = DataMessage<f64>;
        fn deref(&self) -> &DataMessage<f64> {
            &self.0
        }
    }
    let value = Lease(DataMessage::new(0.25));
    assert_eq!(format!("{:.3}", **value), "0.250");
    assert_eq!(name(&*value), "DataMessage");
    assert_eq!(*DataMessage::from("text"), "text");
}

#[test]
fn messages_cross_threads_and_handles_are_small() {
    fn is_message<M: Message>() {}
    is_message::<VideoFrame>();
    is_message::<AudioBuffer>();
    is_message::<streamlib::message::KeyEvent>();
    is_message::<streamlib::message::MouseEvent>();
    assert!(
        size_of::<VideoFrame>() <= 256,
        "{}",
        size_of::<VideoFrame>()
    );
    assert_eq!(size_of::<DataMessage<f64>>(), 8);
}
