//! Every conversion is right, for all formats, matrices, ranges, sizes and strides.

use proptest::prelude::*;
use streamlib::actor::Harness;
use streamlib::message::{ColorMatrix, ColorRange, FieldOrder, Metadata, PixelAspect};
use streamlib::prelude::*;

/// How far a code may be from the exact one. 0.5 is rounding; the rest is the fixed point.
const MOST: f64 = 0.6;

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

/// What the rows are filled with.
#[derive(Clone, Copy, Debug)]
enum Content {
    Random,
    /// Nothing but the lowest and the highest codes.
    Extremes,
    /// One colour.
    Flat,
}

fn picture(
    format: PixelFormat,
    (width, height): (u32, u32),
    gap: usize,
    content: Content,
    noise: &mut Noise,
) -> VideoFrame {
    let plain = VideoFrame::new(format, width, height).expect("a possible size");
    let strides: Vec<usize> = plain.planes().map(|plane| plane.row_len() + gap).collect();
    let mut frame = VideoFrame::default();
    frame
        .reset_with_strides(format, width, height, &strides)
        .expect("possible strides");
    let flat = noise.byte();
    for byte in frame.pixels_mut() {
        *byte = match content {
            Content::Random => noise.byte(),
            Content::Extremes => {
                if noise.byte() < 128 {
                    0
                } else {
                    255
                }
            }
            Content::Flat => flat,
        };
    }
    frame
}

/// `count` bits from bit `at` on, the first the highest.
fn bits(bytes: &[u8], at: usize, count: usize) -> u32 {
    (at..at + count).fold(0, |value, at| {
        value << 1 | u32::from(bytes[at / 8] >> (7 - at % 8) & 1)
    })
}

/// The three codes of a pixel, by the definition of its format.
fn codes(frame: &VideoFrame, x: usize, y: usize) -> [u32; 3] {
    let row = |plane: usize, y: usize| {
        frame
            .plane(plane)
            .and_then(|plane| plane.row(y))
            .expect("a row")
    };
    let at = |plane: usize, y: usize, index: usize| u32::from(row(plane, y)[index]);
    let first = row(0, y);
    match frame.format() {
        PixelFormat::Rgb8 => [0, 1, 2].map(|c| at(0, y, x * 3 + c)),
        PixelFormat::Rgba8 => [0, 1, 2].map(|c| at(0, y, x * 4 + c)),
        PixelFormat::Bgra8 => [2, 1, 0].map(|c| at(0, y, x * 4 + c)),
        PixelFormat::Gray8 => [at(0, y, x), 128, 128],
        PixelFormat::I420 => [at(0, y, x), at(1, y / 2, x / 2), at(2, y / 2, x / 2)],
        PixelFormat::Nv12 => [
            at(0, y, x),
            at(1, y / 2, x / 2 * 2),
            at(1, y / 2, x / 2 * 2 + 1),
        ],
        PixelFormat::Uyvy => {
            let group = x / 2 * 4;
            [
                at(0, y, group + 1 + x % 2 * 2),
                at(0, y, group),
                at(0, y, group + 2),
            ]
        }
        PixelFormat::V210 => {
            // Sample n of a group is in bits 10 (n mod 3) of word n / 3.
            let sample = |n: usize| {
                let word = x / 6 * 16 + n / 3 * 4;
                let word = u32::from_le_bytes(first[word..word + 4].try_into().expect("4 bytes"));
                word >> (n % 3 * 10) & 0x3FF
            };
            let (pixel, pair) = (x % 6, x % 6 / 2);
            [
                sample(pixel * 2 + 1),
                sample(pair * 4),
                sample(pair * 4 + 2),
            ]
        }
        PixelFormat::Uyvp => {
            let sample = |n: usize| bits(first, x / 2 * 40 + n * 10, 10);
            [sample(1 + x % 2 * 2), sample(0), sample(2)]
        }
        other => panic!("what is {other} like?"),
    }
}

/// Black and no colour, and the codes from there to white and from one end of a colour to the other.
fn scale(format: PixelFormat, colorimetry: Colorimetry) -> ([f64; 3], [f64; 3]) {
    let unit = if format.bits() == 10 { 4.0 } else { 1.0 };
    let top = if format.bits() == 10 { 1023.0 } else { 255.0 };
    let full = colorimetry.range == ColorRange::Full;
    let (black, luma, chroma) = if full {
        (0.0, top, top)
    } else {
        (16.0 * unit, 219.0 * unit, 224.0 * unit)
    };
    if format.is_rgb() {
        ([black; 3], [luma; 3])
    } else {
        ([black, 128.0 * unit, 128.0 * unit], [luma, chroma, chroma])
    }
}

fn shares(colorimetry: Colorimetry) -> (f64, f64) {
    match colorimetry.matrix {
        ColorMatrix::Bt601 => (0.299, 0.114),
        ColorMatrix::Bt2020 => (0.2627, 0.0593),
        _ => (0.2126, 0.0722),
    }
}

/// A pixel of `from` as the codes of the format of `to`, in double precision and not limited.
fn exact(from: &VideoFrame, to: &VideoFrame, x: usize, y: usize) -> [f64; 3] {
    let (zero, span) = scale(from.format(), from.colorimetry());
    let given = codes(from, x, y);
    let mut pixel = [0, 1, 2].map(|c| (f64::from(given[c]) - zero[c]) / span[c]);
    let gray = [from, to]
        .iter()
        .any(|frame| frame.format() == PixelFormat::Gray8);
    let luma_to_luma = !from.format().is_rgb() && !to.format().is_rgb();
    if !(gray && luma_to_luma) {
        if !from.format().is_rgb() {
            let (red, blue) = shares(from.colorimetry());
            let [luma, u, v] = pixel;
            let (r, b) = (luma + v * 2.0 * (1.0 - red), luma + u * 2.0 * (1.0 - blue));
            pixel = [r, (luma - red * r - blue * b) / (1.0 - red - blue), b];
        }
        if !to.format().is_rgb() {
            let (red, blue) = shares(to.colorimetry());
            let [r, g, b] = pixel;
            let luma = red * r + (1.0 - red - blue) * g + blue * b;
            pixel = [
                luma,
                (b - luma) / 2.0 / (1.0 - blue),
                (r - luma) / 2.0 / (1.0 - red),
            ];
        }
    }
    let (zero, span) = scale(to.format(), to.colorimetry());
    [0, 1, 2].map(|c| zero[c] + pixel[c] * span[c])
}

fn limits(from: &VideoFrame, to: &VideoFrame) -> (f64, f64) {
    let ten = to.format().bits() == 10;
    let moved = from.format().bits() == 10 && from.colorimetry() == to.colorimetry();
    match (ten, to.colorimetry().range) {
        (true, ColorRange::Limited) if !moved => (4.0, 1019.0),
        (true, _) => (0.0, 1023.0),
        (false, _) => (0.0, 255.0),
    }
}

/// The pixels whose mean is the colour of this one, as (x, y).
fn sharing(frame: &VideoFrame, x: usize, y: usize) -> Vec<(usize, usize)> {
    let (columns, rows) = frame.format().subsampling();
    let (width, height) = (frame.width() as usize, frame.height() as usize);
    let (columns, rows) = (columns as usize, rows as usize);
    let (left, right) = (x - x % columns, (x - x % columns + columns).min(width));
    let (top, bottom) = (y - y % rows, (y - y % rows + rows).min(height));
    (top..bottom)
        .flat_map(|y| (left..right).map(move |x| (x, y)))
        .collect()
}

/// The largest distance of a code of `to` from the exact one.
fn largest_error(from: &VideoFrame, to: &VideoFrame) -> f64 {
    let (low, high) = limits(from, to);
    let mut most = 0.0_f64;
    for y in 0..to.height() as usize {
        for x in 0..to.width() as usize {
            let given = codes(to, x, y);
            let mut expected = exact(from, to, x, y);
            if !to.format().is_rgb() {
                let pixels = sharing(to, x, y);
                for (c, expected) in expected.iter_mut().enumerate().skip(1) {
                    let sum: f64 = pixels.iter().map(|&(x, y)| exact(from, to, x, y)[c]).sum();
                    *expected = sum / pixels.len() as f64;
                }
            }
            let compared = if to.format() == PixelFormat::Gray8 {
                1
            } else {
                3
            };
            for (given, expected) in given.iter().zip(expected).take(compared) {
                most = most.max((f64::from(*given) - expected.clamp(low, high)).abs());
            }
        }
    }
    most
}

fn converted(
    from: &VideoFrame,
    format: PixelFormat,
    colorimetry: Colorimetry,
    gap: usize,
) -> VideoFrame {
    let (width, height) = from.dimensions();
    let plain = VideoFrame::new(format, width, height).expect("a possible size");
    let strides: Vec<usize> = plain.planes().map(|plane| plane.row_len() + gap).collect();
    let mut to = VideoFrame::default();
    to.reset_with_strides(format, width, height, &strides)
        .expect("possible strides");
    to.set_colorimetry(colorimetry);
    to.pixels_mut().fill(77);
    Converter::new()
        .convert(from, &mut to)
        .expect("it can be converted");
    if gap > 0 {
        for plane in to.planes() {
            let gaps = plane
                .bytes()
                .chunks(plane.stride())
                .flat_map(|row| &row[plane.row_len()..]);
            assert!(
                gaps.into_iter().all(|&byte| byte == 77),
                "a gap between rows was written to"
            );
        }
    }
    to
}

/// In the matrix that the format can have.
fn colours(format: PixelFormat, matrix: ColorMatrix, range: ColorRange) -> Colorimetry {
    let matrix = if format.is_rgb() {
        ColorMatrix::Rgb
    } else {
        matrix
    };
    Colorimetry {
        matrix,
        range,
        ..Colorimetry::BT709
    }
}

fn formats() -> impl Strategy<Value = PixelFormat> {
    prop::sample::select(PixelFormat::ALL)
}

fn matrices() -> impl Strategy<Value = ColorMatrix> {
    prop::sample::select(&[ColorMatrix::Bt601, ColorMatrix::Bt709, ColorMatrix::Bt2020])
}

fn ranges() -> impl Strategy<Value = ColorRange> {
    prop::sample::select(&[ColorRange::Limited, ColorRange::Full])
}

fn contents() -> impl Strategy<Value = Content> {
    prop::sample::select(&[Content::Random, Content::Extremes, Content::Flat])
}

#[test]
fn all_pairs_of_formats_are_right_to_0_6_of_a_code() {
    let mut noise = Noise(1);
    let mut most = 0.0_f64;
    for &from_format in PixelFormat::ALL {
        for &to_format in PixelFormat::ALL {
            for (size, content) in [
                ((1, 1), Content::Random),
                ((101, 5), Content::Random),
                ((96, 4), Content::Extremes),
            ] {
                let mut from = picture(from_format, size, 0, content, &mut noise);
                from.set_colorimetry(Colorimetry::default_for(from_format, 1080));
                let to = converted(
                    &from,
                    to_format,
                    Colorimetry::default_for(to_format, 1080),
                    0,
                );
                let error = largest_error(&from, &to);
                assert!(
                    error <= MOST,
                    "{from_format} to {to_format}, {size:?}, {content:?}: off by {error}"
                );
                most = most.max(error);
            }
        }
    }
    println!("the largest error of all pairs of formats is {most:.3} of a code");
}

proptest! {
    #[test]
    fn any_conversion_is_right_to_0_6_of_a_code(
        (from_format, to_format) in (formats(), formats()),
        (from_matrix, to_matrix) in (matrices(), matrices()),
        (from_range, to_range) in (ranges(), ranges()),
        size in (1..70_u32, 1..8_u32),
        gaps in (0..40_usize, 0..40_usize),
        content in contents(),
        seed in 1..u64::MAX,
    ) {
        let mut from = picture(from_format, size, gaps.0, content, &mut Noise(seed));
        from.set_colorimetry(colours(from_format, from_matrix, from_range));
        let to = converted(&from, to_format, colours(to_format, to_matrix, to_range), gaps.1);
        let error = largest_error(&from, &to);
        prop_assert!(error <= MOST, "off by {}", error);
    }

    /// Pictures that are too narrow for vectors are converted to the same bits as wide ones, tile borders
    /// included.
    #[test]
    fn vectors_and_plain_code_agree(
        (from_format, to_format) in (formats(), formats()),
        width in prop_oneof![1..200_u32, 950..1100_u32],
        height in 1..4_u32,
        content in contents(),
        seed in 1..u64::MAX,
    ) {
        const PIECE: u32 = 6;
        let mut from = picture(from_format, (width, height), 0, content, &mut Noise(seed));
        from.set_colorimetry(Colorimetry::default_for(from_format, 1080));
        let colorimetry = Colorimetry::default_for(to_format, 1080);
        let whole = converted(&from, to_format, colorimetry, 0);
        for left in (0..width).step_by(PIECE as usize) {
            let size = (PIECE.min(width - left), height);
            let mut piece = picture(from_format, size, 0, Content::Flat, &mut Noise(1));
            piece.set_colorimetry(from.colorimetry());
            copy_columns(&from, left as usize, &mut piece);
            let piece = converted(&piece, to_format, colorimetry, 0);
            for (x, y) in (0..size.0 as usize).flat_map(|x| (0..height as usize).map(move |y| (x, y))) {
                let at = left as usize + x;
                prop_assert_eq!(codes(&whole, at, y), codes(&piece, x, y), "column {}, row {}", at, y);
            }
        }
    }

    /// What has as many bits and is coded alike only moves.
    #[test]
    fn nothing_is_lost_between_formats_that_hold_the_same(size in (1..70_u32, 1..5_u32), seed in 1..u64::MAX) {
        use PixelFormat::{Bgra8, I420, Nv12, Rgba8, Uyvp, V210};
        for (one, other) in [(V210, Uyvp), (Uyvp, V210), (I420, Nv12), (Nv12, I420), (Rgba8, Bgra8), (Bgra8, Rgba8)] {
            let from = picture(one, size, 0, Content::Random, &mut Noise(seed));
            let there = converted(&from, other, from.colorimetry(), 0);
            let back = converted(&there, one, from.colorimetry(), 3);
            for (x, y) in (0..size.0 as usize).flat_map(|x| (0..size.1 as usize).map(move |y| (x, y))) {
                prop_assert_eq!(codes(&from, x, y), codes(&there, x, y));
                prop_assert_eq!(codes(&from, x, y), codes(&back, x, y));
            }
            if one.has_alpha() {
                let alphas = |frame: &VideoFrame| frame.rows().flatten().skip(3).step_by(4).copied().collect::<Vec<u8>>();
                prop_assert_eq!(alphas(&from), alphas(&there));
            }
        }
    }
}

/// The byte of a row of a plane at which column `left` begins.
fn offset(format: PixelFormat, plane: usize, left: usize) -> usize {
    match (format, plane) {
        (PixelFormat::Rgb8, _) => left * 3,
        (PixelFormat::Rgba8 | PixelFormat::Bgra8, _) => left * 4,
        (PixelFormat::Uyvy, _) => left * 2,
        (PixelFormat::V210, _) => left / 6 * 16,
        (PixelFormat::Uyvp, _) => left / 2 * 5,
        (PixelFormat::I420, 1 | 2) => left / 2,
        _ => left,
    }
}

fn copy_columns(from: &VideoFrame, left: usize, to: &mut VideoFrame) {
    let format = from.format();
    for (index, (from, mut to)) in from.planes().zip(to.planes_mut()).enumerate() {
        for (from, to) in from.rows().zip(to.rows_mut()) {
            let start = offset(format, index, left);
            to.copy_from_slice(&from[start..start + to.len()]);
        }
    }
}

#[test]
fn alpha_is_made_and_kept_and_dropped() -> Result<()> {
    let rgba: Vec<u8> = (0..33 * 4).map(|value| value as u8).collect();
    let from = VideoFrame::from_pixels(PixelFormat::Rgba8, 33, 1, &rgba)?;
    let limited = colours(PixelFormat::Rgba8, ColorMatrix::Rgb, ColorRange::Limited);
    for (format, colorimetry) in [
        (PixelFormat::Bgra8, Colorimetry::SRGB),
        (PixelFormat::Rgba8, limited),
    ] {
        let to = converted(&from, format, colorimetry, 0);
        let kept = to.pixels().iter().zip(&rgba).skip(3).step_by(4);
        assert!(kept.clone().all(|(kept, given)| kept == given), "{format}");
    }
    let without = converted(&from, PixelFormat::Rgb8, Colorimetry::SRGB, 0);
    for opaque in [
        without,
        converted(&from, PixelFormat::V210, Colorimetry::BT709, 0),
    ] {
        let to = converted(&opaque, PixelFormat::Rgba8, Colorimetry::SRGB, 0);
        assert!(
            to.pixels()
                .iter()
                .skip(3)
                .step_by(4)
                .all(|&alpha| alpha == 255)
        );
    }
    Ok(())
}

/// Rows of one field are not mixed with those of the other.
#[test]
fn fields_are_converted_each_by_itself() {
    for (from_format, to_format) in [
        (PixelFormat::Uyvy, PixelFormat::I420),
        (PixelFormat::I420, PixelFormat::Uyvy),
        (PixelFormat::Rgb8, PixelFormat::Nv12),
        (PixelFormat::Nv12, PixelFormat::Rgb8),
    ] {
        let mut from = picture(from_format, (20, 8), 0, Content::Random, &mut Noise(3));
        from.set_field_order(FieldOrder::TopFirst);
        let to = converted(&from, to_format, Colorimetry::default_for(to_format, 8), 0);
        assert_eq!(to.field_order(), FieldOrder::TopFirst);
        for first in 0..2 {
            // A field as a picture of its own.
            let field = |frame: &VideoFrame| {
                let mut half = VideoFrame::new(frame.format(), 20, 4).expect("a possible size");
                for (plane, mut out) in frame.planes().zip(half.planes_mut()) {
                    let rows = plane.rows().skip(first).step_by(2);
                    rows.zip(out.rows_mut())
                        .for_each(|(row, out)| out.copy_from_slice(row));
                }
                half.set_colorimetry(frame.colorimetry());
                half
            };
            let alone = converted(&field(&from), to_format, to.colorimetry(), 0);
            assert_eq!(
                field(&to).pixels(),
                alone.pixels(),
                "{from_format} to {to_format}, field {first}"
            );
        }
    }
}

#[test]
fn a_picture_of_another_size_is_refused() -> Result<()> {
    let from = VideoFrame::new(PixelFormat::Rgb8, 4, 2)?;
    let mut to = VideoFrame::new(PixelFormat::I420, 4, 4)?;
    let message = Converter::new()
        .convert(&from, &mut to)
        .unwrap_err()
        .to_string();
    assert_eq!(
        message,
        "picture to be converted is 4 × 2 pixels; expected 4 × 4 pixels, as the one that is written; scale it before"
    );
    Converter::new().convert(&VideoFrame::default(), &mut VideoFrame::default())
}

#[test]
fn the_actor_converts_what_needs_it_and_passes_on_the_rest() -> Result<()> {
    let mut harness = Harness::new(Convert::to(PixelFormat::Uyvy))?;
    let mut input = harness.feed(|convert| &mut convert.video);
    let mut output = harness.probe(|convert| &mut convert.converted);
    harness.tick()?;
    assert!(output.latest().is_none(), "there was no picture");

    let mut red = VideoFrame::from_pixels(PixelFormat::Rgb8, 2, 1, [255, 0, 0, 255, 0, 0])?;
    red.set_metadata(std::sync::Arc::new(
        Metadata::new().with("source", "camera 1"),
    ));
    red.set_pixel_aspect(PixelAspect::new(16, 11)?);
    input.send(red.clone());
    harness.tick()?;
    let uyvy = output.latest().expect("a picture").clone();
    assert_eq!(uyvy.pixels(), [90, 81, 240, 81]); // BT.601: it is one row high
    assert_eq!(uyvy.colorimetry(), Colorimetry::BT601);
    assert_eq!(uyvy.metadata(), red.metadata());
    assert_eq!(uyvy.pixel_aspect(), red.pixel_aspect());

    input.send(uyvy.clone());
    harness.tick()?;
    assert!(
        output
            .latest()
            .expect("a picture")
            .shares_pixels_with(&uyvy)
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_graph_converts_there_and_back() -> Result<()> {
    let clock = VirtualClock::fps(60);
    let log = streamlib_tests::Log::new();
    let show = pipeline! {
        clock house = clock.clone();
        bars = TestPattern::new(Pattern::SmpteBars).size(320, 180) @ house;
        look = Look::new(log.clone());
        bars >> Convert::to(PixelFormat::V210) >> Convert::to(PixelFormat::Rgb8) >> look;
    }?;
    clock.advance(3).await?;
    show.stop().await?;
    assert_eq!(log.entries(), [[191, 191, 191]; 3]);
    Ok(())
}

/// Writes down the first pixel.
#[actor]
struct Look {
    #[input]
    video: Input<VideoFrame>,
    seen: streamlib_tests::Log<[u8; 3]>,
}

impl Actor for Look {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        if let Some(frame) = self.video.latest() {
            let pixel = frame.pixels();
            self.seen.push([pixel[0], pixel[1], pixel[2]]);
        }
        Ok(())
    }
}

#[test]
fn a_picture_that_comes_again_is_not_converted_again() -> Result<()> {
    let mut harness = Harness::new(Convert::to(PixelFormat::I420))?;
    let mut input = harness.feed(|convert| &mut convert.video);
    let mut output = harness.probe(|convert| &mut convert.converted);
    let mut sent = |frame: &VideoFrame| -> Result<VideoFrame> {
        input.send(frame.clone());
        harness.tick()?;
        Ok(output.latest().expect("a picture").clone())
    };
    let noise = &mut Noise(5);
    let mut still = picture(PixelFormat::Rgb8, (62, 34), 0, Content::Random, noise);
    let first = sent(&still)?;
    // The first is held here: whoever wrote to it would do so in other memory.
    let pixels = first.pixels().to_vec();
    for _ in 0..5 {
        assert!(sent(&still)?.shares_pixels_with(&first));
    }
    assert_eq!(first.pixels(), pixels);

    // What is passed on ends it; then it is converted again, and so is another picture.
    let passed = sent(&first)?;
    assert!(passed.shares_pixels_with(&first));
    let again = sent(&still)?;
    assert!(!again.shares_pixels_with(&first));
    assert_eq!(again.pixels(), pixels);
    still.pixels_mut().fill(255);
    assert_eq!(sent(&still)?.pixels()[0], 235);
    Ok(())
}
