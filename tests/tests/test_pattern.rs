//! The test patterns: what is where, at which level, and what a still one costs.

use streamlib::actor::{Harness, Probe};
use streamlib::prelude::*;

fn started(pattern: TestPattern) -> (Harness<TestPattern>, Probe<VideoFrame>) {
    let mut harness = Harness::new(pattern).expect("a possible pattern");
    let video = harness.probe(|pattern| &mut pattern.video);
    (harness, video)
}

fn first_frame(pattern: TestPattern) -> VideoFrame {
    let (mut harness, mut video) = started(pattern);
    harness.tick().expect("a tick");
    video.latest().expect("a picture a tick").clone()
}

#[test]
fn a_still_pattern_that_starts_again_draws_in_the_memory_that_it_has() {
    let (mut harness, mut video) = started(TestPattern::new(Pattern::SmpteBars).size(700, 100));
    harness.tick().expect("a tick");
    let first = video.latest().expect("a picture").clone();
    let (address, pixels) = (first.pixels().as_ptr(), first.pixels().to_vec());
    drop((first, video));
    let (mut harness, mut video) = started(harness.stop().expect("no failure"));
    harness.tick().expect("a tick");
    let again = video.latest().expect("a picture");
    assert_eq!(again.pixels().as_ptr(), address);
    assert_eq!(again.pixels(), pixels);
}

fn pixel(frame: &VideoFrame, x: u32, y: u32) -> Vec<u8> {
    let view = frame.view();
    (0..frame.format().channels())
        .map(|c| view[[y as usize, x as usize, c]])
        .collect()
}

/// The colours along row `y`, each once as long as it lasts, with the column where it starts.
fn runs(frame: &VideoFrame, y: u32) -> Vec<(u32, Vec<u8>)> {
    let mut runs: Vec<(u32, Vec<u8>)> = Vec::new();
    for x in 0..frame.width() {
        let colour = pixel(frame, x, y);
        if runs.last().is_none_or(|(_, last)| *last != colour) {
            runs.push((x, colour));
        }
    }
    runs
}

fn starting_at(starts: [u32; 7], colours: [[u8; 3]; 7]) -> Vec<(u32, Vec<u8>)> {
    starts.into_iter().zip(colours.map(Vec::from)).collect()
}

const GREY: [u8; 3] = [191, 191, 191];
const YELLOW: [u8; 3] = [191, 191, 0];
const CYAN: [u8; 3] = [0, 191, 191];
const GREEN: [u8; 3] = [0, 191, 0];
const MAGENTA: [u8; 3] = [191, 0, 191];
const RED: [u8; 3] = [191, 0, 0];
const BLUE: [u8; 3] = [0, 0, 191];
const BLACK: [u8; 3] = [0, 0, 0];

#[test]
fn smpte_bars_have_the_standards_geometry_and_levels() {
    let frame = first_frame(TestPattern::new(Pattern::SmpteBars));
    assert_eq!(
        (frame.width(), frame.height(), frame.format()),
        (1920, 1080, PixelFormat::Rgb8)
    );

    let sevenths = [0, 274, 549, 823, 1097, 1371, 1646];
    let bars = starting_at(sevenths, [GREY, YELLOW, CYAN, GREEN, MAGENTA, RED, BLUE]);
    let castellations = starting_at(sevenths, [BLUE, BLACK, MAGENTA, BLACK, CYAN, BLACK, GREY]);
    // −I, white and +Q are 5/28 of the width each; +4 IRE is the third third of the sixth bar.
    let lower = starting_at(
        [0, 343, 686, 1029, 1554, 1646, 1920],
        [
            [0, 63, 105],
            [255; 3],
            [65, 0, 120],
            BLACK,
            [10; 3],
            BLACK,
            BLACK,
        ],
    );
    for (rows, expected) in [
        (0..720, &bars[..]),
        (720..810, &castellations[..]),
        (810..1080, &lower[..6]),
    ] {
        for y in [rows.start, rows.start + 1, rows.end - 1] {
            assert_eq!(runs(&frame, y), expected, "row {y}");
        }
    }
}

#[test]
fn rgba_has_the_same_colours_and_full_alpha() {
    for pattern in [Pattern::SmpteBars, Pattern::Gradient, Pattern::MovingBox] {
        let rgb = first_frame(TestPattern::new(pattern).size(70, 36));
        let rgba = first_frame(
            TestPattern::new(pattern)
                .size(70, 36)
                .format(PixelFormat::Rgba8),
        );
        for (rgb, rgba) in rgb
            .pixels()
            .chunks_exact(3)
            .zip(rgba.pixels().chunks_exact(4))
        {
            assert_eq!((rgb, 255), (&rgba[..3], rgba[3]));
        }
    }
}

#[test]
fn plain_ones_are_plain() {
    let size = |pattern| first_frame(TestPattern::new(pattern).size(33, 7));
    assert!(size(Pattern::Black).pixels().iter().all(|&byte| byte == 0));
    assert!(
        size(Pattern::White)
            .pixels()
            .iter()
            .all(|&byte| byte == 255)
    );
    assert_eq!(
        runs(&size(Pattern::Gradient), 3).first(),
        Some(&(0, vec![0; 3]))
    );
    assert_eq!(
        runs(&size(Pattern::Gradient), 3).last(),
        Some(&(32, vec![255; 3]))
    );
}

#[test]
fn a_still_one_is_sent_again_without_a_copy() {
    let (mut harness, mut video) = started(TestPattern::new(Pattern::SmpteBars).size(320, 180));
    let mut first: Option<VideoFrame> = None;
    for number in 0..10 {
        harness.tick().expect("a tick");
        let frame = video.fresh().expect("a new picture on every tick").clone();
        assert_eq!(frame.frame_number(), number);
        if let Some(first) = &first {
            assert!(
                frame.shares_pixels_with(first),
                "picture {number} has pixels of its own"
            );
            assert_ne!(frame.timestamp(), first.timestamp());
        }
        first.get_or_insert(frame);
    }
}

#[test]
fn the_box_moves_and_leaves_earlier_pictures_alone() {
    let (mut harness, mut video) = started(TestPattern::new(Pattern::MovingBox).size(160, 90));
    let mut kept = Vec::new();
    for _ in 0..6 {
        harness.tick().expect("a tick");
        let frame = video.fresh().expect("a new picture on every tick").clone();
        kept.push((frame.pixels().to_vec(), frame));
    }
    for (pixels, frame) in &kept {
        assert_eq!(
            pixels,
            frame.pixels(),
            "picture {} has changed",
            frame.frame_number()
        );
    }
    assert!(kept.windows(2).all(|pair| pair[0].0 != pair[1].0));
}

#[test]
fn it_ends_after_as_many_pictures_as_it_was_told() {
    let (mut harness, mut video) = started(TestPattern::new(Pattern::White).size(8, 8).frames(3));
    for _ in 0..3 {
        harness.tick().expect("a tick");
        assert!(video.fresh().is_some());
    }
    assert!(harness.tick().is_err_and(|error| error.is_end_of_stream()));
    assert!(video.fresh().is_none());
}

#[test]
fn impossible_sizes_are_refused_and_say_so() {
    for (width, height) in [
        (0, 180),
        (320, 0),
        (0, 0),
        (16_385, 1),
        (u32::MAX, u32::MAX),
    ] {
        let pattern = TestPattern::new(Pattern::SmpteBars).size(width, height);
        let message = Harness::new(pattern)
            .expect_err("an impossible size")
            .to_string();
        let expected =
            format!("size is {width} × {height} pixels; expected 1 to 16384 pixels a side");
        assert_eq!(message, expected);
    }
}

#[test]
fn settings_can_come_before_and_after_the_clock() {
    fn clocked(_: Clocked<TestPattern>) {}
    let pattern = || TestPattern::new(Pattern::MovingBox);
    clocked(
        pattern()
            .size(64, 36)
            .format(PixelFormat::Rgba8)
            .frames(9)
            .fps(60),
    );
    clocked(
        pattern()
            .fps(60)
            .size(64, 36)
            .format(PixelFormat::Rgba8)
            .frames(9),
    );
    clocked(
        pattern()
            .clocked(VirtualClock::new(Rate::fps(60)))
            .size(64, 36),
    );
}

/// A frame of FFmpeg's source of that name, as bytes of the format that FFmpeg calls so: drawn in the format `drawn`, and converted.
fn ffmpeg(source: &str, (width, height): (u32, u32), drawn: &str, format: &str) -> Vec<u8> {
    let matrix = if height >= 720 { "bt709" } else { "bt601" };
    let graph = format!(
        "{source}=size={width}x{height},format={drawn},\
         scale=in_color_matrix={matrix}:out_color_matrix={matrix}:flags=accurate_rnd+full_chroma_int,format={format}"
    );
    let output = std::process::Command::new("ffmpeg")
        .args(["-loglevel", "error", "-f", "lavfi", "-i", &graph])
        .args(["-frames:v", "1", "-f", "rawvideo", "-pix_fmt", format, "-"])
        .output()
        .expect("ffmpeg is installed by `cargo xtask test`");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}");
    output.stdout
}

/// The same as codes in the order in which `format` has them, and by how many they may differ for what FFmpeg does: it draws in
/// 8 bits of luma and colour differences, of which red, green and blue are made of 8 bits with up to 1.64 of rounding.
fn codes_of_ffmpeg(source: &str, size: (u32, u32), format: PixelFormat) -> (Vec<u32>, u32) {
    let (drawn, name, most) = match format {
        PixelFormat::Rgb8 => ("yuv444p", "rgb24", 3),
        PixelFormat::Rgba8 => ("yuv444p", "rgba", 3),
        PixelFormat::Bgra8 => ("yuv444p", "bgra", 3),
        PixelFormat::Gray8 => ("yuv444p", "gray", 1),
        PixelFormat::I420 => ("yuv420p", "yuv420p", 0),
        PixelFormat::Nv12 => ("yuv420p", "nv12", 0),
        PixelFormat::Uyvy => ("yuv422p", "uyvy422", 0),
        PixelFormat::V210 | PixelFormat::Uyvp => ("yuv422p", "yuv422p10le", 2),
        other => panic!("what is {other} in FFmpeg?"),
    };
    let bytes = ffmpeg(source, size, drawn, name);
    if format.bits() == 8 {
        return (bytes.into_iter().map(u32::from).collect(), most);
    }
    let codes = bytes.as_chunks::<2>().0.iter();
    let codes: Vec<u32> = codes.map(|code| u16::from_le_bytes(*code).into()).collect();
    let (luma, colour) = codes.split_at(codes.len() / 2);
    let (cb, cr) = colour.split_at(colour.len() / 2);
    let pairs = luma.as_chunks::<2>().0.iter().zip(cb.iter().zip(cr));
    let groups = pairs.flat_map(|([left, right], (cb, cr))| [*cb, *left, *cr, *right]);
    (groups.collect(), most)
}

/// The codes of a row, in the order in which they are written down.
fn codes(format: PixelFormat, width: usize, row: &[u8]) -> Vec<u32> {
    let codes: Vec<u32> = match format {
        PixelFormat::V210 => {
            let words = row.as_chunks::<4>().0.iter();
            let words = words.map(|word| u32::from_le_bytes(*word));
            words
                .flat_map(|word| [0, 10, 20].map(|shift| word >> shift & 1023))
                .collect()
        }
        PixelFormat::Uyvp => {
            let groups = row.as_chunks::<5>().0.iter();
            let groups = groups.map(|group| {
                group
                    .iter()
                    .fold(0, |bits, &byte| bits << 8 | u64::from(byte))
            });
            groups
                .flat_map(|bits| [30, 20, 10, 0].map(|shift| (bits >> shift & 1023) as u32))
                .collect()
        }
        _ => return row.iter().map(|&byte| byte.into()).collect(),
    };
    // The last group of V210 may be of more pixels than there are.
    codes[..2 * width].to_vec()
}

/// Asserts that a picture is FFmpeg's in every format, to `tolerance` codes of luma and colour differences of 8 bits beside what FFmpeg's
/// conversion does, but where `is_other(x, y)` in thousandths of the sides says that they draw different things.
fn assert_like_ffmpeg(
    pattern: Pattern,
    source: &str,
    size: (u32, u32),
    tolerance: u32,
    is_other: impl Fn(usize, usize) -> bool,
) {
    for &format in PixelFormat::ALL {
        let test = TestPattern::new(pattern).size(size.0, size.1);
        let ours = first_frame(test.format(format));
        let (theirs, most) = codes_of_ffmpeg(source, size, format);
        let most = match most {
            0 => tolerance, // what was drawn is compared
            // A code of luma and one of colour difference are 3.3 of blue, and one of 8 bits is four of 10.
            _ => most + 4 * tolerance,
        };
        let mut start = 0;
        let mut compared = 0;
        for plane in ours.planes() {
            let rows = plane.rows().len();
            for (y, row) in plane.rows().enumerate() {
                let ours = codes(format, size.0 as usize, row);
                let theirs = &theirs[start..][..ours.len()];
                let count = ours.len();
                start += count;
                for (x, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
                    if is_other(x * 1000 / count, y * 1000 / rows) {
                        continue;
                    }
                    compared += 1;
                    assert!(
                        ours.abs_diff(*theirs) <= most,
                        "{source} in {format} at {x}, {y} of {rows} rows: {ours} and {theirs}"
                    );
                }
            }
        }
        assert_eq!(start, theirs.len(), "{format}");
        assert!(compared * 10 > start * 6, "most of it is compared");
    }
}

#[test]
fn hd_bars_are_ffmpegs_pixel_for_pixel() {
    // A size at which every edge is a whole and even number of pixels. FFmpeg's −I and +Q are those of BT.601, and its ramp goes
    // from code 0 to code 255.
    assert_like_ffmpeg(
        Pattern::SmpteHdBars,
        "smptehdbars",
        (1792, 1008),
        0,
        |x, y| {
            let second_row = (583..667).contains(&y) && (125..233).contains(&x);
            second_row || (666..750).contains(&y) && (125..875).contains(&x)
        },
    );
}

#[test]
fn bars_are_ffmpegs_pixel_for_pixel() {
    assert_like_ffmpeg(Pattern::EbuBars, "pal75bars", (720, 576), 0, |_, _| false);
    assert_like_ffmpeg(Pattern::Bars100, "pal100bars", (720, 576), 0, |_, _| false);
    // FFmpeg's −I, +Q and PLUGE are rounded otherwise, and its black in the castellations is lifted.
    assert_like_ffmpeg(Pattern::SmpteBars, "smptebars", (672, 504), 0, |_, y| {
        y >= 666
    });
    assert_like_ffmpeg(Pattern::SmpteBars, "smptebars", (672, 504), 3, |_, _| false);
}

#[test]
fn hd_bars_have_the_widths_and_codes_of_the_practice() {
    let test = TestPattern::new(Pattern::SmpteHdBars);
    let frame = first_frame(test.format(PixelFormat::Uyvp));
    assert_eq!(frame.colorimetry().to_string(), "limited:bt709:bt709:bt709");
    // Y, Cb and Cr of 10 bits at a pixel of even number.
    let code = |x: usize, y: u32| {
        let row = frame.row(y).expect("a row");
        let group = row[x / 2 * 5..][..5]
            .iter()
            .fold(0_u64, |bits, &byte| bits << 8 | u64::from(byte));
        [20, 30, 10].map(|shift| group >> shift & 1023)
    };
    let along = |y: u32| {
        let mut edges: Vec<(usize, [u64; 3])> = Vec::new();
        for x in (0..1920).step_by(2) {
            if edges.last().is_none_or(|(_, last)| *last != code(x, y)) {
                edges.push((x, code(x, y)));
            }
        }
        edges
    };
    assert_eq!(
        along(0),
        [
            (0, [414, 512, 512]),
            (240, [721, 512, 512]),
            (446, [674, 176, 543]),
            (652, [581, 589, 176]),
            (858, [534, 253, 207]),
            (1062, [251, 771, 817]),
            (1268, [204, 435, 848]),
            (1474, [111, 848, 481]),
            (1680, [414, 512, 512]),
        ]
    );
    let minus_i = [244, 612, 395];
    assert_eq!(
        along(700),
        [
            (0, [754, 615, 64]),
            (240, minus_i),
            (446, [721, 512, 512]),
            (1680, [127, 960, 471]),
        ]
    );
    let third = along(800);
    assert_eq!(third[0], (0, [877, 64, 553]));
    assert_eq!(third[1], (240, [141, 697, 606]));
    assert_eq!(third.last(), Some(&(1680, [250, 409, 960])));
    assert_eq!(
        (code(446, 800), code(1678, 800)),
        ([64, 512, 512], [939, 512, 512])
    );
    let lumas: Vec<_> = along(1000)
        .into_iter()
        .map(|(x, [luma, ..])| (x, luma))
        .collect();
    assert_eq!(
        lumas,
        [
            (0, 195),
            (240, 64),
            (548, 940),
            (960, 64),
            (1132, 46),
            (1200, 64),
            (1268, 82),
            (1338, 64),
            (1406, 99),
            (1474, 64),
            (1680, 195),
        ]
    );
}

#[test]
fn every_pattern_comes_in_every_format() {
    let patterns = [
        Pattern::SmpteBars,
        Pattern::SmpteHdBars,
        Pattern::EbuBars,
        Pattern::Bars75,
        Pattern::Bars100,
        Pattern::Gradient,
        Pattern::Black,
        Pattern::White,
        Pattern::Solid([10, 200, 30]),
        Pattern::Checkerboard,
        Pattern::ZonePlate,
        Pattern::MovingBox,
        Pattern::Multiburst,
        Pattern::Noise,
    ];
    for pattern in patterns {
        let rgb = first_frame(TestPattern::new(pattern).size(96, 54));
        let mean = |frame: &VideoFrame| {
            let levels = frame.rows().flatten().map(|&level| f64::from(level));
            levels.sum::<f64>() / f64::from(96 * 54)
        };
        let luma: f64 = rgb
            .pixels()
            .chunks_exact(3)
            .map(|rgb| {
                0.299 * f64::from(rgb[0]) + 0.587 * f64::from(rgb[1]) + 0.114 * f64::from(rgb[2])
            })
            .sum::<f64>()
            / f64::from(96 * 54);
        for &format in PixelFormat::ALL {
            let frame = first_frame(TestPattern::new(pattern).size(96, 54).format(format));
            assert_eq!((frame.format(), frame.dimensions()), (format, (96, 54)));
            let luma_of = match format {
                PixelFormat::Gray8 => mean(&frame),
                PixelFormat::I420 | PixelFormat::Nv12 => (mean(&frame) - 16.0) / 219.0 * 255.0,
                _ => continue,
            };
            assert!(
                (luma_of - luma).abs() < 2.0,
                "{pattern} {format}: {luma_of} and {luma}"
            );
        }
    }
    let solid = first_frame(TestPattern::new(Pattern::Solid([10, 200, 30])).size(5, 5));
    assert_eq!(runs(&solid, 4), [(0, vec![10, 200, 30])]);
}

#[test]
fn a_counter_counts_and_leaves_the_rest_of_the_picture_alone() {
    for format in [PixelFormat::Rgb8, PixelFormat::V210, PixelFormat::I420] {
        let pattern = || {
            TestPattern::new(Pattern::SmpteHdBars)
                .size(480, 270)
                .format(format)
        };
        let plain = first_frame(pattern());
        let (mut harness, mut video) = started(pattern().counter());
        let mut seen: Vec<VideoFrame> = Vec::new();
        for number in 0..12 {
            harness.tick().expect("a tick");
            let frame = video.fresh().expect("a new picture on every tick").clone();
            assert_eq!(frame.frame_number(), number);
            assert!(seen.iter().all(|other| other.pixels() != frame.pixels()));
            let rows = plain.rows().zip(frame.rows());
            let touched: Vec<_> = rows
                .enumerate()
                .filter(|(_, (a, b))| a != b)
                .map(|(y, _)| y)
                .collect();
            assert!(
                touched.first().is_some_and(|&first| first >= 22),
                "{touched:?}"
            );
            assert!(touched.last().is_some_and(|&last| last < 60), "{touched:?}");
            if number % 2 == 0 {
                seen.push(frame); // the others are written on again
            }
        }
        // Frames that somebody holds do not change.
        let kept: Vec<_> = seen.iter().map(|frame| frame.pixels().to_vec()).collect();
        harness.run(20).expect("ticks");
        assert!(
            seen.iter()
                .zip(&kept)
                .all(|(frame, pixels)| frame.pixels() == pixels)
        );
    }
    let refused = Harness::new(TestPattern::new(Pattern::Black).timecode(0)).expect_err("no rate");
    assert!(refused.to_string().starts_with("fps is 0; expected"));
}
