//! The compositor: it really blends, passes on what it can, and says which layer is wrong.

use proptest::prelude::{Strategy, any, prop, proptest};
use streamlib::actor::{Harness, Probe, Source};
use streamlib::prelude::*;

struct Mix {
    harness: Harness<Compositor>,
    layers: Vec<Source<VideoFrame>>,
    video: Probe<VideoFrame>,
}

impl Mix {
    fn new(width: u32, height: u32, layers: usize) -> Self {
        let mut harness = Harness::new(Compositor::new(width, height)).expect("a possible size");
        let layers = (0..layers)
            .map(|_| harness.feed(|mix| &mut mix.layers))
            .collect();
        let video = harness.probe(|mix| &mut mix.video);
        Self {
            harness,
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
fn opaque_layers_are_passed_on_without_a_copy() {
    let mut mix = Mix::new(320, 180, 3);
    let top = frame(PixelFormat::Rgb8, 320, 180, &[7, 8, 9]);
    mix.layers[0].send(frame(PixelFormat::Rgb8, 320, 180, &[1, 2, 3]));
    mix.layers[1].send(top.clone());
    assert!(mix.picture().shares_pixels_with(&top));
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
fn a_layer_of_another_size_is_named_with_both_sizes() {
    let mut mix = Mix::new(320, 180, 3);
    mix.layers[0].send(frame(PixelFormat::Rgb8, 320, 180, &[0; 3]));
    mix.layers[2].send(frame(PixelFormat::Rgb8, 320, 181, &[0; 3]));
    let message = mix
        .harness
        .tick()
        .expect_err("a layer of another size")
        .to_string();
    assert_eq!(
        message,
        "layer 3 (the lowest is 1) is 320 × 181 pixels; \
         expected 320 × 180 pixels, as all layers; scale it before"
    );
    mix.layers[2].send(frame(PixelFormat::Rgb8, 320, 180, &[9; 3]));
    assert!(
        mix.picture().pixels().iter().all(|&byte| byte == 9),
        "it goes on after the error"
    );
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
        let any_alpha = layers.iter().any(|(format, _)| format.has_alpha());
        assert_eq!(picture.format().has_alpha(), any_alpha);
        for (pixel, exact) in picture.pixels().chunks_exact(channels).zip(exact.chunks_exact(3)) {
            assert!(pixel.get(3).is_none_or(|&alpha| alpha == 255));
            for (&level, &exact) in pixel.iter().zip(exact) {
                assert!((f64::from(level) - exact).abs() <= 1.0, "{level} for {exact}");
            }
        }
    }
}
