//! Every plane of a scaled picture is the weighted sum that its filter says.

use proptest::prelude::*;
use streamlib::actor::Harness;
use streamlib::message::{FieldOrder, Metadata, PixelAspect};
use streamlib::prelude::*;

/// How far a code may be from the exact one. 0.5 is rounding; the rest is the fixed point.
const MOST: f64 = 0.7;
/// The same of a code of 10 bits, which are four times as fine.
const MOST_OF_TEN_BITS: f64 = 1.0;

/// Numbers that look random and are the same on every run.
struct Noise(u64);

impl Noise {
    fn byte(&mut self) -> u8 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as u8
    }
}

fn picture(
    format: PixelFormat,
    (width, height): (u32, u32),
    hard: bool,
    noise: &mut Noise,
) -> VideoFrame {
    let plain = VideoFrame::new(format, width, height).expect("a possible size");
    let strides: Vec<usize> = plain.planes().map(|plane| plane.row_len() + 5).collect();
    let mut frame = VideoFrame::default();
    frame
        .reset_with_strides(format, width, height, &strides)
        .expect("possible strides");
    for byte in frame.pixels_mut() {
        let value = noise.byte();
        *byte = if !hard {
            value
        } else if value < 128 {
            0
        } else {
            255
        };
    }
    if matches!(format, PixelFormat::Rgba8 | PixelFormat::Bgra8) {
        // None, some or all of the upper rows are opaque.
        let opaque = usize::from(noise.byte() % 3) * height as usize / 2;
        for row in frame.rows_mut().take(opaque) {
            row.iter_mut()
                .skip(3)
                .step_by(4)
                .for_each(|alpha| *alpha = 255);
        }
    }
    frame
}

/// One kind of sample of a picture.
struct Channel {
    width: usize,
    height: usize,
    values: Vec<f64>,
}

/// The samples of a picture, kind by kind.
fn channels(frame: &VideoFrame) -> Vec<Channel> {
    let (width, height) = (frame.width() as usize, frame.height() as usize);
    let (half_width, half_height) = (width.div_ceil(2), height.div_ceil(2));
    let channel = |width: usize, height: usize, plane: usize, at: &dyn Fn(&[u8], usize) -> u32| {
        let plane = frame.plane(plane).expect("a plane");
        let values = plane
            .rows()
            .flat_map(|row| (0..width).map(move |x| f64::from(at(row, x))))
            .collect();
        Channel {
            width,
            height,
            values,
        }
    };
    let bytes = |width: usize, height: usize, plane: usize, step: usize, at: usize| {
        channel(width, height, plane, &move |row, x| {
            row[x * step + at].into()
        })
    };
    match frame.format() {
        PixelFormat::Rgb8 => (0..3).map(|at| bytes(width, height, 0, 3, at)).collect(),
        PixelFormat::Rgba8 | PixelFormat::Bgra8 => {
            (0..4).map(|at| bytes(width, height, 0, 4, at)).collect()
        }
        PixelFormat::Gray8 => vec![bytes(width, height, 0, 1, 0)],
        PixelFormat::I420 => vec![
            bytes(width, height, 0, 1, 0),
            bytes(half_width, half_height, 1, 1, 0),
            bytes(half_width, half_height, 2, 1, 0),
        ],
        PixelFormat::Nv12 => vec![
            bytes(width, height, 0, 1, 0),
            bytes(half_width, half_height, 1, 2, 0),
            bytes(half_width, half_height, 1, 2, 1),
        ],
        PixelFormat::Uyvy => vec![
            bytes(width, height, 0, 2, 1),
            bytes(half_width, height, 0, 4, 0),
            bytes(half_width, height, 0, 4, 2),
        ],
        PixelFormat::V210 => {
            let sample = |row: &[u8], n: usize| {
                let word = n / 3 * 4;
                let word = u32::from_le_bytes(row[word..word + 4].try_into().expect("4 bytes"));
                word >> (n % 3 * 10) & 0x3FF
            };
            vec![
                channel(width, height, 0, &|row, x| sample(row, 2 * x + 1)),
                channel(half_width, height, 0, &|row, x| sample(row, 4 * x)),
                channel(half_width, height, 0, &|row, x| sample(row, 4 * x + 2)),
            ]
        }
        PixelFormat::Uyvp => {
            let sample = |row: &[u8], n: usize| {
                let bit = |at: usize| u32::from(row[at / 8] >> (7 - at % 8) & 1);
                (n * 10..n * 10 + 10).fold(0, |value, at| value << 1 | bit(at))
            };
            vec![
                channel(width, height, 0, &|row, x| sample(row, 2 * x + 1)),
                channel(half_width, height, 0, &|row, x| sample(row, 4 * x)),
                channel(half_width, height, 0, &|row, x| sample(row, 4 * x + 2)),
            ]
        }
        other => panic!("what is {other} like?"),
    }
}

fn kernel(filter: Filter, x: f64) -> f64 {
    let x = x.abs();
    let sinc = |x: f64| {
        if x == 0.0 {
            1.0
        } else {
            (std::f64::consts::PI * x).sin() / std::f64::consts::PI / x
        }
    };
    match filter {
        Filter::Bilinear => (1.0 - x).max(0.0),
        Filter::Bicubic if x < 1.0 => 1.5 * x.powi(3) - 2.5 * x.powi(2) + 1.0,
        Filter::Bicubic if x < 2.0 => -0.5 * x.powi(3) + 2.5 * x.powi(2) - 4.0 * x + 2.0,
        Filter::Lanczos if x < 3.0 => sinc(x) * sinc(x / 3.0),
        _ => 0.0,
    }
}

/// In double precision, along one axis: which samples count for each of `to`, and how much.
fn weights(filter: Filter, from: usize, to: usize) -> Vec<Vec<(usize, f64)>> {
    let ratio = from as f64 / to as f64;
    let of = |index: usize| {
        if from == to {
            return vec![(index, 1.0)];
        }
        let weight = |at: usize| {
            if filter == Filter::Box {
                // What of the pixel lies under that of the result.
                let start = (index as f64 * ratio).max(at as f64);
                let end = ((index + 1) as f64 * ratio).min((at + 1) as f64);
                return (end - start).max(0.0);
            }
            kernel(
                filter,
                (at as f64 + 0.5 - (index as f64 + 0.5) * ratio) / ratio.max(1.0),
            )
        };
        let all = (0..from)
            .map(|at| (at, weight(at)))
            .filter(|(_, weight)| *weight != 0.0);
        let all: Vec<_> = all.collect();
        let total: f64 = all.iter().map(|(_, weight)| weight).sum();
        all.into_iter()
            .map(|(at, weight)| (at, weight / total))
            .collect()
    };
    (0..to).map(of).collect()
}

fn exact(filter: Filter, from: &Channel, width: usize, height: usize) -> Vec<f64> {
    let sum = |weights: &[(usize, f64)], at: &dyn Fn(usize) -> f64| -> f64 {
        weights
            .iter()
            .map(|&(index, weight)| weight * at(index))
            .sum()
    };
    let columns = weights(filter, from.width, width);
    let rows: Vec<Vec<f64>> = from
        .values
        .chunks(from.width)
        .map(|row| {
            columns
                .iter()
                .map(|weights| sum(weights, &|x| row[x]))
                .collect()
        })
        .collect();
    let all = weights(filter, from.height, height);
    all.iter()
        .flat_map(|weights| {
            (0..width)
                .map(|x| sum(weights, &|y| rows[y][x]))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Colours times their alpha.
fn weighed(channels: &mut [Channel]) {
    if let [red, green, blue, alpha] = channels {
        for colour in [red, green, blue] {
            colour
                .values
                .iter_mut()
                .zip(&alpha.values)
                .for_each(|(value, alpha)| *value *= alpha / 255.0);
        }
    }
}

fn largest_error(filter: Filter, from: &VideoFrame, to: &VideoFrame) -> f64 {
    let (mut given, mut source) = (channels(to), channels(from));
    // What a colour is that can hardly be seen tells nothing: compare what is seen of it.
    weighed(&mut given);
    weighed(&mut source);
    let (low, high) = match from.format().bits() {
        10 => (4.0, 1019.0),
        _ => (0.0, 255.0),
    };
    let (width, height) = to.dimensions();
    let alphas =
        (source.len() == 4).then(|| exact(filter, &source[3], width as usize, height as usize));
    let mut most = 0.0_f64;
    for (index, (given, source)) in given.iter().zip(&source).enumerate() {
        let expected = exact(filter, source, given.width, given.height);
        for (at, (given, mut expected)) in given.values.iter().zip(expected).enumerate() {
            if let Some(alphas) = alphas.as_ref().filter(|_| index < 3) {
                // A filter may make more than opaque of opaque; that changes no colour.
                let alpha = alphas[at] / 255.0;
                let colour = if alpha > 0.0 {
                    (expected / alpha).clamp(0.0, 255.0)
                } else {
                    0.0
                };
                expected = colour * alpha.clamp(0.0, 1.0);
            }
            most = most.max((given - expected.clamp(low, high)).abs());
        }
    }
    most
}

fn scaled(filter: Filter, from: &VideoFrame, size: (u32, u32)) -> VideoFrame {
    scaled_with_gaps(filter, from, size, 0)
}

/// Into a picture with so many bytes between its rows, to which nothing may be written.
fn scaled_with_gaps(
    filter: Filter,
    from: &VideoFrame,
    (width, height): (u32, u32),
    gap: usize,
) -> VideoFrame {
    let plain = VideoFrame::new(from.format(), width, height).expect("a possible size");
    let strides: Vec<usize> = plain.planes().map(|plane| plane.row_len() + gap).collect();
    let mut to = VideoFrame::default();
    to.reset_with_strides(from.format(), width, height, &strides)
        .expect("possible strides");
    to.pixels_mut().fill(77);
    Scaler::new(filter)
        .scale(from, &mut to)
        .expect("it can be scaled");
    for plane in to.planes().filter(|_| gap > 0) {
        let rows = plane.bytes().chunks(plane.stride());
        let mut gaps = rows.flat_map(|row| &row[plane.row_len()..]);
        assert!(
            gaps.all(|&byte| byte == 77),
            "a gap between rows was written to"
        );
    }
    to
}

const FILTERS: [Filter; 4] = [
    Filter::Box,
    Filter::Bilinear,
    Filter::Bicubic,
    Filter::Lanczos,
];

fn filters() -> impl Strategy<Value = Filter> {
    prop::sample::select(&FILTERS)
}

fn sizes() -> impl Strategy<Value = (u32, u32)> {
    (1..80_u32, 1..20_u32)
}

proptest! {
    #[test]
    fn any_scaling_is_as_exact_as_promised(
        format in prop::sample::select(PixelFormat::ALL),
        filter in filters(),
        (from, to) in (sizes(), sizes()),
        gap in 0..40_usize,
        hard: bool,
        seed in 1..u64::MAX,
    ) {
        let mut from = picture(format, from, hard, &mut Noise(seed));
        from.set_colorimetry(Colorimetry::default_for(format, 1080));
        let to = scaled_with_gaps(filter, &from, to, gap);
        let error = largest_error(filter, &from, &to);
        let most = match format {
            PixelFormat::V210 | PixelFormat::Uyvp => MOST_OF_TEN_BITS,
            // Colour and alpha are rounded both.
            _ if format.has_alpha() => 2.0 * MOST,
            _ => MOST,
        };
        prop_assert!(error <= most || from.dimensions() == to.dimensions(), "off by {}", error);
    }

    #[test]
    fn one_colour_stays_what_it_is(
        format in prop::sample::select(PixelFormat::ALL),
        filter in filters(),
        (from, to) in (sizes(), sizes()),
        level in 4..=250_u8,
    ) {
        let grey = VideoFrame::from_pixels(PixelFormat::Gray8, from.0, from.1, vec![level; (from.0 * from.1) as usize])?;
        let mut source = VideoFrame::new(format, from.0, from.1)?;
        Converter::new().convert(&grey, &mut source)?;
        let to = scaled(filter, &source, to);
        for (source, to) in channels(&source).iter().zip(channels(&to)) {
            prop_assert!(to.values.iter().all(|&value| value == source.values[0]));
        }
    }
}

#[test]
fn wide_pictures_are_scaled_across_tiles() {
    let halved = ((2002, 4), (1001, 2));
    for format in [
        PixelFormat::Uyvy,
        PixelFormat::V210,
        PixelFormat::Rgb8,
        PixelFormat::Nv12,
    ] {
        for filter in FILTERS {
            for (from, to) in [
                halved,
                ((2003, 3), (1001, 2)),
                ((999, 2), (2050, 3)),
                ((1920, 4), (1920, 2)),
            ] {
                let mut from = picture(format, from, false, &mut Noise(9));
                from.set_colorimetry(Colorimetry::default_for(format, 1080));
                let to = scaled(filter, &from, to);
                let error = largest_error(filter, &from, &to);
                assert!(error <= MOST, "{format} {filter:?}: off by {error}");
            }
        }
    }
}

#[test]
fn parts_of_the_size_are_right_in_every_format() {
    // Half of both sides, of one, a third and a quarter.
    let sizes = [
        ((202, 20), (101, 10)),
        ((70, 12), (35, 6)),
        ((72, 12), (36, 12)),
        ((204, 18), (68, 6)),
        ((208, 24), (52, 6)),
    ];
    for format in PixelFormat::ALL {
        for (filter, (from, to), hard) in FILTERS
            .into_iter()
            .flat_map(|filter| sizes.map(|sizes| (filter, sizes)))
            .flat_map(|(filter, sizes)| [(filter, sizes, false), (filter, sizes, true)])
        {
            let mut from = picture(*format, from, hard, &mut Noise(7));
            from.set_colorimetry(Colorimetry::default_for(*format, 1080));
            let to = scaled_with_gaps(filter, &from, to, 3);
            let error = largest_error(filter, &from, &to);
            let most = if format.has_alpha() { 2.0 * MOST } else { MOST };
            assert!(error <= most, "{format} {filter:?}: off by {error}");
        }
    }
}

#[test]
fn what_cannot_be_seen_leaves_no_trace() {
    // Opaque red beside transparent green.
    let from = VideoFrame::from_pixels(PixelFormat::Rgba8, 2, 1, [255, 0, 0, 255, 0, 255, 0, 0])
        .expect("it fits");
    let to = scaled(Filter::Bilinear, &from, (1, 1));
    assert_eq!(to.pixels(), [255, 0, 0, 128]);
}

#[test]
fn fields_are_scaled_each_by_itself() {
    // White in one field, black in the other.
    let rows = (0..8).flat_map(|y| [if y % 2 == 0 { 255 } else { 0 }; 4]);
    let mut from = VideoFrame::from_pixels(PixelFormat::Gray8, 4, 8, rows.collect::<Vec<u8>>())
        .expect("it fits");
    from.set_field_order(FieldOrder::BottomFirst);
    let to = scaled(Filter::Bicubic, &from, (3, 4));
    assert_eq!(to.field_order(), FieldOrder::BottomFirst);
    let rows: Vec<_> = to.rows().map(|row| row[0]).collect();
    assert_eq!(rows, [255, 0, 255, 0]);
}

#[test]
fn another_format_is_refused() -> Result<()> {
    let from = VideoFrame::new(PixelFormat::Rgb8, 4, 2)?;
    let mut to = VideoFrame::new(PixelFormat::I420, 4, 4)?;
    let message = Scaler::default()
        .scale(&from, &mut to)
        .unwrap_err()
        .to_string();
    assert_eq!(
        message,
        "picture to be scaled is 4 × 2 pixels of Rgb8; expected a picture of I420, as the one that is written; convert it before"
    );
    assert!(
        Scaler::default()
            .scale(&VideoFrame::default(), &mut to)
            .is_err()
    );
    Ok(())
}

#[test]
fn the_actor_scales_what_needs_it_and_passes_on_the_rest() -> Result<()> {
    let mut harness = Harness::new(Scale::to(64, 36))?;
    let mut input = harness.feed(|scale| &mut scale.video);
    let mut output = harness.probe(|scale| &mut scale.scaled);
    harness.tick()?;
    assert!(output.latest().is_none(), "there was no picture");

    // 4:3 on the full width of 16:9.
    let wide = VideoFrame::new(PixelFormat::Uyvy, 48, 36)?;
    input.send(wide);
    harness.tick()?;
    let first = output.latest().expect("a picture").clone();
    assert_eq!(first.dimensions(), (64, 36));
    assert_eq!(first.pixel_aspect(), PixelAspect::new(3, 4)?);

    input.send(first.clone());
    harness.tick()?;
    assert!(
        output
            .latest()
            .expect("a picture")
            .shares_pixels_with(&first)
    );

    let message = Harness::new(Scale::to(0, 36))
        .expect_err("no such size")
        .to_string();
    assert_eq!(
        message,
        "size is 0 × 36 pixels; expected 1 to 16384 pixels a side"
    );
    Ok(())
}

#[test]
fn a_picture_that_comes_again_is_not_scaled_again() -> Result<()> {
    let mut harness = Harness::new(Scale::to(32, 18))?;
    let mut input = harness.feed(|scale| &mut scale.video);
    let mut output = harness.probe(|scale| &mut scale.scaled);
    let mut sent = |frame: &VideoFrame| -> Result<VideoFrame> {
        input.send(frame.clone());
        harness.tick()?;
        Ok(output.latest().expect("a picture").clone())
    };
    let mut still = picture(PixelFormat::Rgba8, (64, 36), false, &mut Noise(3));
    let first = sent(&still)?;
    // The first is held here: whoever wrote to it would do so in other memory.
    let pixels = first.pixels().to_vec();
    for _ in 0..5 {
        still.set_metadata(std::sync::Arc::new(Metadata::new().with("take", "2")));
        let again = sent(&still)?;
        assert!(again.shares_pixels_with(&first));
        assert_eq!(again.metadata(), still.metadata());
    }
    assert_eq!(first.pixels(), pixels);

    // Told to be of other fields, it is another picture; and so it is with another pixel.
    still.set_field_order(FieldOrder::TopFirst);
    let interlaced = sent(&still)?;
    assert!(!interlaced.shares_pixels_with(&first));
    assert_eq!(interlaced.field_order(), FieldOrder::TopFirst);
    still.pixels_mut().fill(9);
    assert!(sent(&still)?.pixels().iter().all(|&byte| byte == 9));
    Ok(())
}
