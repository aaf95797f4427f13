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
