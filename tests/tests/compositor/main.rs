//! The compositor: it really blends, each layer where and how it is set, and does not work twice.

mod formats;
mod opaque;
mod placed;
mod silent;

use std::time::Duration;

use proptest::prelude::{Strategy, any, prop, proptest};
use streamlib::actor::{Harness, Probe, Source};
use streamlib::message::{ColorRange, Colorimetry, FieldOrder, PixelAspect};
use streamlib::prelude::*;
use streamlib_tests::Log;

struct Mix {
    harness: Harness<Compositor>,
    control: CompositorControl,
    layers: Vec<Source<VideoFrame>>,
    video: Probe<VideoFrame>,
}

impl Mix {
    fn new(width: u32, height: u32, layers: usize) -> Self {
        Self::of(Compositor::new(width, height), layers)
    }

    fn of(mix: Compositor, layers: usize) -> Self {
        let control = mix.control();
        let mut harness = Harness::new(mix).expect("a possible size");
        let layers = (0..layers)
            .map(|_| harness.feed(|mix| &mut mix.layers))
            .collect();
        let video = harness.probe(|mix| &mut mix.video);
        Self {
            harness,
            control,
            layers,
            video,
        }
    }

    fn picture(&mut self) -> VideoFrame {
        self.harness.tick().expect("a tick");
        self.video.fresh().expect("a picture a tick").clone()
    }
}

fn frame(format: PixelFormat, width: u32, height: u32, pixel: &[u8]) -> VideoFrame {
    let pixels = pixel.repeat((width * height) as usize);
    VideoFrame::from_pixels(format, width, height, pixels).expect("a possible frame")
}

/// The red of each pixel of row `y`.
fn reds(picture: &VideoFrame, y: u32) -> Vec<u8> {
    let row = picture.row(y).expect("a row");
    let pixels = row.chunks_exact(picture.format().channels());
    pixels.map(|pixel| pixel[0]).collect()
}

fn grey(width: u32, height: u32, level: u8) -> VideoFrame {
    frame(PixelFormat::Rgb8, width, height, &[level; 3])
}

/// A picture of one colour in another format.
fn converted(format: PixelFormat, width: u32, height: u32, rgb: [u8; 3]) -> VideoFrame {
    let mut out = VideoFrame::new(format, width, height).expect("a possible size");
    let from = frame(PixelFormat::Rgb8, width, height, &rgb);
    Converter::new().convert(&from, &mut out).expect("one size");
    out
}

#[test]
fn the_bottom_layer_shines_through() {
    let mut mix = Mix::new(16, 9, 2);
    mix.layers[0].send(frame(PixelFormat::Rgb8, 16, 9, &[200, 100, 0]));
    mix.layers[1].send(frame(PixelFormat::Rgba8, 16, 9, &[0, 0, 255, 51]));
    let picture = mix.picture();
    assert_eq!(picture.format(), PixelFormat::Rgba8);
    assert!(
        picture
            .pixels()
            .chunks_exact(4)
            .all(|pixel| pixel == [160, 80, 51, 255])
    );
}

#[test]
fn black_is_under_the_lowest_layer() {
    let mut mix = Mix::new(16, 9, 1);
    assert_eq!(
        mix.picture().pixels(),
        [0; 16 * 9 * 3],
        "no layer has a picture yet"
    );
    mix.layers[0].send(frame(PixelFormat::Rgba8, 16, 9, &[200, 100, 50, 128]));
    assert!(
        mix.picture()
            .pixels()
            .chunks_exact(4)
            .all(|pixel| pixel == [100, 50, 25, 255])
    );
}

#[test]
fn a_layer_without_a_picture_is_left_out() {
    let mut mix = Mix::new(4, 4, 3);
    mix.layers[0].send(frame(PixelFormat::Rgb8, 4, 4, &[10, 20, 30]));
    mix.layers[2].send(frame(PixelFormat::Rgba8, 4, 4, &[255, 255, 255, 0]));
    assert!(
        mix.picture()
            .pixels()
            .chunks_exact(4)
            .all(|pixel| pixel == [10, 20, 30, 255])
    );
    mix.layers[1].send(frame(PixelFormat::Rgb8, 4, 4, &[1, 2, 3]));
    assert!(
        mix.picture()
            .pixels()
            .chunks_exact(4)
            .all(|pixel| pixel == [1, 2, 3, 255])
    );
}

#[test]
fn each_blend_mode_does_what_it_says() -> Result<()> {
    let mut mix = Mix::new(20, 1, 2);
    mix.layers[0].send(grey(20, 1, 100));
    mix.layers[1].send(grey(20, 1, 200));
    for (blend, opacity, expected) in [
        (Blend::Over, 0.5, 150),
        (Blend::Add, 0.5, 200),
        (Blend::Add, 1.0, 255),
        (Blend::Multiply, 1.0, 78), // 100 · 200 / 255
        (Blend::Multiply, 0.5, 89),
        (Blend::Screen, 1.0, 222), // 255 − 155 · 55 / 255
        (Blend::Screen, 0.0, 100),
    ] {
        let layer = Layer::new().blend(blend).opacity(opacity);
        mix.control.set(1, layer)?;
        let red = reds(&mix.picture(), 0)[19];
        assert!(red.abs_diff(expected) <= 1, "{blend} at {opacity}: {red}");
    }
    mix.control
        .change(1, |layer| layer.opacity(1.0).visible(false))?;
    assert_eq!(reds(&mix.picture(), 0), [100; 20]);
    Ok(())
}

#[test]
fn a_background_lies_under_the_lowest_layer() -> Result<()> {
    let sky = Background::vertical([0, 0, 255], [255, 0, 0]);
    let mut mix = Mix::of(Compositor::new(2, 3).background(sky), 1);
    assert_eq!(
        mix.picture()
            .pixels()
            .chunks(6)
            .map(|row| [row[0], row[2]])
            .collect::<Vec<_>>(),
        [[0, 255], [128, 128], [255, 0]]
    );
    mix.layers[0].send(frame(PixelFormat::Rgba8, 1, 1, &[0, 255, 0, 102])); // 40 %
    mix.control.set(0, Layer::new().own_size())?;
    assert_eq!(
        mix.picture().pixels()[..8],
        [0, 102, 153, 255, 0, 0, 255, 255]
    );
    mix.control.background(Background::color([50; 3]));
    assert_eq!(reds(&mix.picture(), 2), [50; 2]);
    Ok(())
}

#[test]
fn the_layers_own_pictures_stay_as_they_are() {
    let mut mix = Mix::new(8, 8, 2);
    let (below, above) = (
        frame(PixelFormat::Rgb8, 8, 8, &[50; 3]),
        frame(PixelFormat::Rgba8, 8, 8, &[250; 4]),
    );
    mix.layers[0].send(below.clone());
    mix.layers[1].send(above.clone());
    let first = mix.picture();
    let pixels = first.pixels().to_vec();
    for _ in 0..5 {
        mix.picture();
    }
    assert_eq!(first.pixels(), pixels);
    assert!(below.pixels().iter().all(|&byte| byte == 50));
    assert!(above.pixels().iter().all(|&byte| byte == 250));
}

#[test]
fn impossible_sizes_are_refused_and_say_so() {
    for (width, height) in [(0, 180), (320, 0), (16_385, 1)] {
        let message = Harness::new(Compositor::new(width, height))
            .expect_err("a size")
            .to_string();
        assert!(
            message.contains(&format!("size is {width} × {height} pixels")),
            "{message}"
        );
    }
}

#[test]
fn unchanged_layers_give_the_same_picture_again() -> Result<()> {
    let mut mix = Mix::new(64, 36, 2);
    let above = frame(PixelFormat::Rgba8, 64, 36, &[9, 9, 9, 128]);
    mix.layers[0].send(grey(64, 36, 50));
    mix.layers[1].send(above.clone());
    let first = mix.picture();
    assert!(mix.picture().shares_pixels_with(&first));
    mix.layers[1].send(above.clone()); // the same picture, sent again
    let again = mix.picture();
    assert!(again.shares_pixels_with(&first));
    assert_eq!(
        again.frame_number(),
        first.frame_number() + 2,
        "with the time of its own tick"
    );

    mix.control.change(1, |layer| layer.opacity(0.5))?;
    let other = mix.picture();
    assert!(!other.shares_pixels_with(&first));
    mix.control.background(Background::color([1; 3]));
    mix.layers[1].send(frame(PixelFormat::Rgba8, 64, 36, &[9, 9, 9, 128]));
    assert!(!mix.picture().shares_pixels_with(&other), "another picture");
    Ok(())
}

const WIDTH: u32 = 11; // one whole block of the blend, and a rest
const PIXELS: usize = WIDTH as usize;

fn layers() -> impl Strategy<Value = Vec<(PixelFormat, Vec<u8>)>> {
    let layer = any::<bool>().prop_flat_map(|alpha| {
        let format = if alpha {
            PixelFormat::Rgba8
        } else {
            PixelFormat::Rgb8
        };
        let bytes = prop::collection::vec(any::<u8>(), PIXELS * format.channels());
        bytes.prop_map(move |bytes| (format, bytes))
    });
    prop::collection::vec(layer, 1..8)
}

proptest! {
    #[test]
    fn it_agrees_with_double_precision_to_one_level(layers in layers()) {
        let mut mix = Mix::new(WIDTH, 1, layers.len());
        let mut exact = vec![0.0; PIXELS * 3];
        for (source, (format, bytes)) in mix.layers.iter_mut().zip(&layers) {
            let frame = VideoFrame::from_pixels(*format, WIDTH, 1, bytes).expect("a possible frame");
            source.send(frame);
            for (pixel, exact) in bytes.chunks_exact(format.channels()).zip(exact.chunks_exact_mut(3)) {
                let alpha = pixel.get(3).map_or(1.0, |&alpha| f64::from(alpha) / 255.0);
                for (exact, &level) in exact.iter_mut().zip(pixel) {
                    *exact = f64::from(level) * alpha + *exact * (1.0 - alpha);
                }
            }
        }
        let picture = mix.picture();
        let channels = picture.format().channels();
        // What is under an opaque layer does not count.
        let lowest = layers.iter().rposition(|(format, _)| !format.has_alpha());
        let mut seen = layers[lowest.unwrap_or(0)..].iter();
        let any_alpha = seen.any(|(format, _)| format.has_alpha());
        assert_eq!(picture.format().has_alpha(), any_alpha);
        for (pixel, exact) in picture.pixels().chunks_exact(channels).zip(exact.chunks_exact(3)) {
            assert!(pixel.get(3).is_none_or(|&alpha| alpha == 255));
            for (&level, &exact) in pixel.iter().zip(exact) {
                assert!((f64::from(level) - exact).abs() <= 1.0, "{level} for {exact}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn layers_lie_in_the_order_typed_whatever_else_their_sources_feed() -> Result<()> {
    let seen = Log::new();
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        black = TestPattern::new(Pattern::Black).size(16, 9) @ house;
        white = TestPattern::new(Pattern::White).size(16, 9) @ house;
        over  = Compositor::new(16, 9);
        under = Compositor::new(16, 9);
        // Each source comes first in one of the two.
        black >> over.layers;
        white >> under.layers;
        white >> over.layers;
        black >> under.layers;
        over  >> first(seen.clone());
        under >> first(seen.clone());
    }?;
    clock.advance(1).await?;
    show.stop().await?;
    let mut levels = seen.entries();
    levels.sort_unstable();
    assert_eq!(levels, [0, 255]);
    Ok(())
}

/// Writes down the first byte of what it sees.
#[actor]
fn first(#[input] video: &VideoFrame, seen: &Log<u8>) {
    seen.push(video.pixels()[0]);
}
