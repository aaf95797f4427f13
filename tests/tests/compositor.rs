//! The compositor: it really blends, each layer where and how it is set, and does not work twice.

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

/// As many opaque pixels, but for one alpha.
fn all_opaque_but(alpha: u8, at: usize, format: PixelFormat) -> VideoFrame {
    let mut frame = frame(format, 320, 180, &[9, 8, 7, 255]);
    frame.pixels_mut()[at * 4 + 3] = alpha;
    frame
}

#[test]
fn a_picture_whose_alpha_is_255_everywhere_hides_what_is_under_it() -> Result<()> {
    const LAST: usize = 320 * 180 - 1;
    for beneath in [PixelFormat::I420, PixelFormat::Rgba8] {
        let mut mix = Mix::new(320, 180, 2);
        let opaque = all_opaque_but(255, 0, PixelFormat::Rgba8);
        mix.layers[0].send(converted(beneath, 320, 180, [0, 100, 200]));
        mix.layers[1].send(opaque.clone());
        assert!(mix.picture().shares_pixels_with(&opaque), "{beneath}");
        // Not where it does not cover, nor where it is weak, nor where it is laid otherwise.
        for layer in [
            Layer::new().at(1, 0),
            Layer::new().opacity(0.9),
            Layer::new().blend(Blend::Add),
        ] {
            mix.control.set(1, layer)?;
            assert!(!mix.picture().shares_pixels_with(&opaque), "{layer:?}");
        }
        mix.control.set(1, Layer::new())?;
        assert!(mix.picture().shares_pixels_with(&opaque), "{beneath}");

        // The next one may be clear somewhere, and the one after that not.
        for at in [LAST, 0, 12_345, LAST] {
            mix.layers[1].send(all_opaque_but(0, at, PixelFormat::Rgba8));
            let picture = mix.picture();
            let (x, y) = (at % 320, at / 320);
            let [here, beside] = [x, (x + 160) % 320].map(|x| reds(&picture, y as u32)[x]);
            assert!(here <= 1 && beside == 9, "{beneath}: {here}");
            mix.layers[1].send(opaque.clone());
            assert!(mix.picture().shares_pixels_with(&opaque), "{beneath}");
        }
    }
    Ok(())
}

#[test]
fn an_opaque_picture_hides_under_others_too() -> Result<()> {
    let mut mix = Mix::new(320, 180, 3);
    mix.layers[0].send(grey(320, 180, 200));
    mix.layers[1].send(all_opaque_but(255, 0, PixelFormat::Bgra8));
    mix.layers[2].send(frame(PixelFormat::Rgba8, 320, 180, &[255, 255, 255, 51]));
    mix.control.set(1, Layer::new().size(320, 180))?;
    let picture = mix.picture();
    let expected = [7, 8, 9].map(|level| (f64::from(level) * 0.8 + 51.0) as i16);
    for pixel in picture.pixels().chunks_exact(4) {
        for (&level, expected) in pixel.iter().zip(expected) {
            assert!((i16::from(level) - expected).abs() <= 1, "{pixel:?}");
        }
    }
    // A size that is scaled to stays opaque.
    mix.layers[1].send(frame(PixelFormat::Rgba8, 77, 33, &[9, 8, 7, 255]));
    mix.control.change(2, |layer| layer.visible(false))?;
    assert!(
        mix.picture()
            .pixels()
            .chunks_exact(4)
            .all(|pixel| pixel == [9, 8, 7, 255])
    );
    Ok(())
}

#[test]
fn a_hidden_layers_last_picture_gives_its_memory_back() -> Result<()> {
    let mut mix = Mix::new(320, 180, 2);
    let opaque = all_opaque_but(255, 0, PixelFormat::Rgba8);
    mix.layers[0].send(opaque.clone());
    assert!(mix.picture().shares_pixels_with(&opaque));
    mix.layers[1].send(grey(320, 180, 50));
    mix.picture();
    // The slots of its input have had others by then.
    for level in 0..4 {
        mix.layers[0].send(grey(320, 180, level));
        mix.picture();
    }
    assert!(!opaque.is_shared());
    Ok(())
}

/// An opaque layer is covered for a tick, and is clear when it shows again.
#[test]
fn what_was_found_of_a_layers_picture_is_not_said_of_its_next_one() -> Result<()> {
    let inset = Layer::new().own_size();
    let mut mix = Mix::new(8, 4, 4);
    mix.control.set(2, inset.at(1, 0).visible(false))?;
    mix.control.set(3, inset.at(4, 2))?;
    mix.layers[0].send(frame(PixelFormat::Rgb8, 8, 4, &[255, 0, 0]));
    mix.layers[1].send(frame(PixelFormat::Rgba8, 8, 4, &[0, 255, 0, 255]));
    mix.layers[2].send(converted(PixelFormat::I420, 8, 4, [128; 3]));
    mix.layers[3].send(frame(PixelFormat::Rgba8, 1, 1, &[1, 2, 3, 128]));
    let left = |picture: &VideoFrame| picture.pixels()[..4].to_vec();
    assert_eq!(left(&mix.picture()), [0, 255, 0, 255]);
    // In I420 it would begin at column 0 and hide all; but the highest layer has an alpha.
    mix.control.change(2, |layer| layer.visible(true))?;
    mix.layers[1].send(frame(PixelFormat::Rgba8, 8, 4, &[0, 255, 0, 0]));
    for _ in 0..3 {
        assert_eq!(left(&mix.picture()), [255, 0, 0, 255]);
    }
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

/// The red of each pixel of row `y`.
fn reds(picture: &VideoFrame, y: u32) -> Vec<u8> {
    let row = picture.row(y).expect("a row");
    let pixels = row.chunks_exact(picture.format().channels());
    pixels.map(|pixel| pixel[0]).collect()
}

fn grey(width: u32, height: u32, level: u8) -> VideoFrame {
    frame(PixelFormat::Rgb8, width, height, &[level; 3])
}

#[test]
fn a_layer_lies_where_it_is_put_and_what_is_outside_is_cut_off() -> Result<()> {
    let mut mix = Mix::new(8, 2, 2);
    mix.layers[0].send(grey(8, 2, 10));
    mix.layers[1].send(grey(3, 1, 200));
    for (x, y, row, expected) in [
        (2, 0, 0, [10, 10, 200, 200, 200, 10, 10, 10]),
        (2, 0, 1, [10; 8]),
        (-2, 1, 1, [200, 10, 10, 10, 10, 10, 10, 10]),
        (7, 1, 1, [10, 10, 10, 10, 10, 10, 10, 200]),
        (8, 0, 0, [10; 8]),
        (0, -1, 0, [10; 8]),
        (-1_000_000, 1_000_000, 0, [10; 8]),
    ] {
        mix.control.set(1, Layer::new().own_size().at(x, y))?;
        assert_eq!(reds(&mix.picture(), row), expected, "at {x}, {y}");
    }
    Ok(())
}

#[test]
fn a_crop_shows_a_part_and_one_outside_of_the_picture_nothing() -> Result<()> {
    let mut mix = Mix::new(6, 1, 1);
    let ramp: Vec<u8> = [1, 2, 3, 4, 5, 6].iter().flat_map(|&n| [n; 3]).collect();
    mix.layers[0].send(VideoFrame::from_pixels(PixelFormat::Rgb8, 6, 1, ramp)?);
    let layer = Layer::new().own_size();
    for (layer, expected) in [
        (layer.crop(2, 0, 3, 1), [3, 4, 5, 0, 0, 0]),
        (layer.crop(4, 0, 100, 100).at(1, 0), [0, 5, 6, 0, 0, 0]),
        (layer.crop(6, 0, 1, 1), [0; 6]),
        (layer.crop(u32::MAX, u32::MAX, 1, 1), [0; 6]),
        (layer.crop(0, 0, 1, 1).uncropped(), [1, 2, 3, 4, 5, 6]),
    ] {
        mix.control.set(0, layer)?;
        assert_eq!(reds(&mix.picture(), 0), expected, "{layer:?}");
    }
    Ok(())
}

#[test]
fn layers_of_other_sizes_are_scaled_once() -> Result<()> {
    for format in [
        PixelFormat::Rgb8,
        PixelFormat::Rgba8,
        PixelFormat::I420,
        PixelFormat::Uyvy,
    ] {
        let mut mix = Mix::new(64, 36, 2);
        let level = |picture: &VideoFrame, x: usize, y: u32| match picture.format() {
            PixelFormat::I420 => picture.row(y).map_or(0, |row| row[x]),
            _ => reds(picture, y)[x],
        };
        mix.layers[0].send(converted(format, 20, 10, [60; 3]));
        mix.layers[1].send(converted(format, 128, 72, [180; 3]));
        mix.control
            .set(1, Layer::new().at(32, 18).size(16, 9).crop(64, 36, 30, 30))?;
        let picture = mix.picture();
        assert_eq!(picture.dimensions(), (64, 36));
        let [dark, light] = if picture.format() == PixelFormat::I420 {
            [68, 171]
        } else {
            [60, 180]
        };
        for (x, y, expected) in [
            (0, 0, dark),
            (63, 35, dark),
            (32, 18, light),
            (47, 26, light),
            (48, 18, dark),
            (32, 27, dark),
        ] {
            let level = level(&picture, x, y);
            assert!(
                level.abs_diff(expected) <= 1,
                "{format} at {x}, {y}: {level}"
            );
        }
        assert!(
            mix.picture().shares_pixels_with(&picture),
            "{format}: scaled again"
        );
    }
    Ok(())
}

#[test]
fn a_scaled_layer_shows_its_crop_from_edge_to_edge() -> Result<()> {
    let mut mix = Mix::new(8, 2, 1);
    let ramp: Vec<u8> = [0, 0, 50, 50, 50, 50, 0, 0]
        .repeat(2)
        .iter()
        .flat_map(|&n| [n; 3])
        .collect();
    mix.layers[0].send(VideoFrame::from_pixels(PixelFormat::Rgb8, 8, 2, ramp)?);
    mix.control.set(0, Layer::new().crop(2, 0, 4, 1))?;
    assert_eq!([0, 1].map(|y| reds(&mix.picture(), y)), [[50; 8], [50; 8]]);
    mix.control.set(0, Layer::new().crop(0, 0, 2, 2))?;
    assert_eq!(reds(&mix.picture(), 0), [0; 8]);
    Ok(())
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
fn a_layer_glides_by_ticks_and_from_wherever_it_is() -> Result<()> {
    let mut mix = Mix::of(Compositor::new(10, 1).set(0, Layer::new().own_size()), 1);
    mix.layers[0].send(grey(1, 1, 200));
    let place = |mix: &mut Mix| reds(&mix.picture(), 0).iter().position(|&red| red == 200);
    assert_eq!(place(&mut mix), Some(0));
    mix.control.glide(0, 4, |layer| layer.at(8, 0))?;
    assert_eq!([0; 2].map(|_| place(&mut mix)), [Some(2), Some(4)]);
    mix.control.glide(0, 2, |layer| layer.at(0, 0))?; // back, from 4
    assert_eq!([0; 3].map(|_| place(&mut mix)), [Some(2), Some(0), Some(0)]);
    assert_eq!(mix.control.layer(0).x, 0);

    mix.control.glide(0, 2, |layer| layer.opacity(0.0))?;
    assert_eq!([0; 3].map(|_| reds(&mix.picture(), 0)[0]), [100, 0, 0]);
    Ok(())
}

#[test]
fn a_layer_is_animated_by_the_tick() -> Result<()> {
    let mut mix = Mix::new(4, 1, 1);
    mix.layers[0].send(grey(1, 1, 200));
    mix.control.set(0, Layer::new().own_size())?;
    let opacity = |tick: TimedTick| {
        if tick.frame_number == 2 {
            f32::NAN
        } else {
            7.5
        }
    };
    mix.control.animate(0, move |layer, tick| {
        layer.at(tick.frame_number as i32, 0).opacity(opacity(tick))
    })?;
    let rows = [0; 4].map(|_| reds(&mix.picture(), 0));
    assert_eq!(
        rows,
        [[200, 0, 0, 0], [0, 200, 0, 0], [0; 4], [0, 0, 0, 200]]
    );
    mix.control.rest(0);
    assert_eq!(reds(&mix.picture(), 0), [200, 0, 0, 0]);
    Ok(())
}

#[test]
fn what_cannot_be_set_is_told_and_changes_nothing() -> Result<()> {
    let mix = Compositor::new(4, 4).set(2, Layer::new().opacity(2.0));
    assert_eq!(
        Harness::new(mix).expect_err("an opacity").to_string(),
        "opacity of layer 2 (the lowest is 0) is 2; expected 0 to 1"
    );
    let mix = Compositor::new(4, 4).set(usize::MAX, Layer::new());
    let told = Harness::new(mix).expect_err("a number").to_string();
    assert!(
        told.starts_with("number of a layer is 18446744073709551615; expected 0"),
        "{told}"
    );

    let control = Compositor::new(4, 4).control();
    control.set(0, Layer::new().at(1, 2))?;
    let both = [(0, Layer::new()), (1, Layer::new().opacity(-1.0))];
    assert!(control.set_all(both).is_err());
    assert!(control.change(0, |layer| layer.size(0, 0)).is_err());
    assert!(control.set(1_000_000, Layer::new()).is_err());
    assert_eq!(control.layer(0), Layer::new().at(1, 2));
    Ok(())
}

#[test]
fn a_silent_layer_stays_or_fades_to_black() -> Result<()> {
    let fade = Lost::Fade {
        after: Duration::from_millis(100), // 6 ticks
        over: Duration::from_millis(200),
    };
    let mut mix = Mix::of(
        Compositor::new(1, 1).set(1, Layer::new().when_silent(fade)),
        2,
    );
    mix.layers[0].send(grey(1, 1, 50));
    mix.layers[1].send(grey(1, 1, 200));
    let levels: Vec<u8> = (0..30).map(|_| reds(&mix.picture(), 0)[0]).collect();
    assert!(levels[..=6].iter().all(|&level| level == 200), "{levels:?}");
    assert!(levels[6..18].is_sorted_by(|a, b| a > b), "{levels:?}");
    assert_eq!(levels[12], 100);
    assert!(
        levels[18..].iter().all(|&level| level == 0),
        "not the layer below: {levels:?}"
    );
    mix.layers[1].send(grey(1, 1, 200));
    assert_eq!(reds(&mix.picture(), 0), [200], "it is back");

    mix.control
        .change(1, |layer| layer.when_silent(Lost::Keep))?;
    mix.harness.run(1000)?;
    assert_eq!(reds(&mix.picture(), 0), [200]);
    Ok(())
}

#[test]
fn a_layer_whose_source_has_died_is_left_out_unless_it_is_to_stay() -> Result<()> {
    let mut mix = Mix::new(1, 1, 3);
    for (source, level) in mix.layers.iter_mut().zip([50, 100, 200]) {
        source.send(grey(1, 1, level));
    }
    mix.control.set(1, Layer::new().when_ended(Lost::Keep))?;
    assert_eq!(reds(&mix.picture(), 0), [200]);
    drop(mix.layers.pop());
    assert_eq!(reds(&mix.picture(), 0), [100]);
    drop(mix.layers.pop());
    assert_eq!(reds(&mix.picture(), 0), [100]);
    Ok(())
}

#[test]
fn a_picture_is_shown_when_it_comes_though_its_source_has_died_by_then() -> Result<()> {
    let mut mix = Mix::new(1, 1, 2);
    for source in &mut mix.layers {
        source.send(grey(1, 1, 50));
    }
    assert_eq!(reds(&mix.picture(), 0), [50]);
    if let Some(mut source) = mix.layers.pop() {
        source.send(grey(1, 1, 200));
    }
    assert_eq!(reds(&mix.picture(), 0), [200]);
    assert_eq!(reds(&mix.picture(), 0), [50]);
    Ok(())
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

/// A picture of one colour in another format.
fn converted(format: PixelFormat, width: u32, height: u32, rgb: [u8; 3]) -> VideoFrame {
    let mut out = VideoFrame::new(format, width, height).expect("a possible size");
    let from = frame(PixelFormat::Rgb8, width, height, &rgb);
    Converter::new().convert(&from, &mut out).expect("one size");
    out
}

#[test]
fn layers_of_all_formats_are_mixed() -> Result<()> {
    for &format in PixelFormat::ALL {
        let mut mix = Mix::of(Compositor::new(9, 3).set(1, Layer::new().opacity(0.5)), 2);
        mix.layers[0].send(frame(PixelFormat::Rgba8, 9, 3, &[200, 100, 0, 255]));
        mix.layers[1].send(converted(format, 9, 3, [100, 100, 100]));
        let picture = mix.picture();
        assert_eq!(picture.format(), PixelFormat::Rgba8);
        for pixel in picture.pixels().chunks_exact(4) {
            for (level, expected) in pixel.iter().zip([150_u8, 100, 50, 255]) {
                assert!(level.abs_diff(expected) <= 1, "{format}: {pixel:?}");
            }
        }
        assert!(
            mix.picture().shares_pixels_with(&picture),
            "{format}: converted again"
        );
    }
    Ok(())
}

#[test]
fn layers_that_are_all_planar_stay_planar() -> Result<()> {
    let mut mix = Mix::of(Compositor::new(64, 36), 2);
    mix.layers[0].send(converted(PixelFormat::I420, 64, 36, [200, 0, 0]));
    mix.layers[1].send(converted(PixelFormat::Nv12, 16, 10, [0, 0, 200]));
    let inset = Layer::new().own_size().at(-3, 31).opacity(0.5); // from -4, 30 on
    mix.control.set(1, inset)?;
    let picture = mix.picture();
    assert_eq!(picture.format(), PixelFormat::I420);
    let mut rgb = VideoFrame::new(PixelFormat::Rgb8, 64, 36)?;
    Converter::new().convert(&picture, &mut rgb)?;
    let pixel = |x: usize, y: u32| &rgb.row(y).expect("a row")[3 * x..][..3];
    let is_near = |pixel: &[u8], expected: [u8; 3]| {
        pixel.iter().zip(expected).all(|(a, b)| a.abs_diff(b) <= 3)
    };
    assert!(is_near(pixel(11, 30), [100, 0, 100]), "{:?}", pixel(11, 30));
    assert!(is_near(pixel(12, 30), [200, 0, 0]), "{:?}", pixel(12, 30));
    assert!(is_near(pixel(0, 29), [200, 0, 0]), "{:?}", pixel(0, 29));

    mix.control.set(1, inset.blend(Blend::Screen))?;
    assert_eq!(
        mix.picture().format(),
        PixelFormat::Rgba8,
        "screening is of light"
    );
    mix.layers[1].send(frame(PixelFormat::Rgba8, 16, 10, &[0, 0, 200, 255]));
    assert_eq!(mix.picture().format(), PixelFormat::Rgba8);
    Ok(())
}

#[test]
fn a_planar_layer_fades_to_black_and_not_to_green() -> Result<()> {
    let fade = Lost::Fade {
        after: Duration::ZERO,
        over: Duration::from_millis(100),
    };
    let mut mix = Mix::of(
        Compositor::new(8, 8).set(0, Layer::new().when_silent(fade)),
        1,
    );
    mix.layers[0].send(converted(PixelFormat::I420, 8, 8, [0, 200, 0]));
    let first = mix.picture();
    mix.harness.run(10)?;
    let black = mix.picture();
    assert_ne!(first.pixels(), black.pixels());
    let planes: Vec<_> = black.planes().map(|plane| plane.bytes()[0]).collect();
    assert_eq!(planes, [16, 128, 128]);
    Ok(())
}

#[test]
fn red_green_and_blue_of_limited_range_are_laid_as_full() -> Result<()> {
    let limited = Colorimetry {
        range: ColorRange::Limited,
        ..Colorimetry::SRGB
    };
    for (format, pixel) in [
        (PixelFormat::Rgb8, &[235, 126, 16][..]),
        (PixelFormat::Rgba8, &[235, 126, 16, 255]),
        (PixelFormat::Bgra8, &[16, 126, 235, 255]),
    ] {
        let mut mix = Mix::new(9, 3, 2);
        let mut below = frame(format, 9, 3, pixel);
        below.set_colorimetry(limited);
        mix.layers[0].send(below);
        mix.layers[1].send(frame(PixelFormat::Rgba8, 9, 3, &[0, 0, 255, 51]));
        let picture = mix.picture();
        assert_eq!(picture.colorimetry(), Colorimetry::SRGB);
        for pixel in picture.pixels().chunks_exact(4) {
            for (level, expected) in pixel.iter().zip([204_u8, 102, 51, 255]) {
                assert!(level.abs_diff(expected) <= 1, "{format}: {pixel:?}");
            }
        }
        assert!(
            mix.picture().shares_pixels_with(&picture),
            "{format}: converted again"
        );
    }
    Ok(())
}

#[test]
fn what_is_not_seen_does_not_decide_the_format() -> Result<()> {
    let mut mix = Mix::new(64, 36, 3);
    let planar = converted(PixelFormat::I420, 64, 36, [200, 0, 0]);
    mix.layers[0].send(frame(PixelFormat::Rgba8, 64, 36, &[0, 9, 0, 128]));
    mix.layers[1].send(planar.clone());
    mix.layers[2].send(frame(PixelFormat::Rgba8, 64, 36, &[9, 0, 0, 128]));
    assert_eq!(mix.picture().format(), PixelFormat::Rgba8);
    // The lowest is behind an opaque one; the one above it is switched off, or clear.
    for unseen in [Layer::new().visible(false), Layer::new().opacity(0.0)] {
        mix.control.set(2, unseen)?;
        assert!(mix.picture().shares_pixels_with(&planar), "{unseen:?}");
    }
    // One that shows at its side is seen, and one that is there a little too.
    mix.control.change(1, |layer| layer.at(2, 0))?;
    assert_eq!(mix.picture().format(), PixelFormat::Rgba8);
    mix.control.change(1, |layer| layer.at(0, 0))?;
    mix.control.set(2, Layer::new().opacity(0.01))?;
    assert_eq!(mix.picture().format(), PixelFormat::Rgba8);
    Ok(())
}

#[test]
fn fields_and_the_shape_of_pixels_are_those_of_the_lowest_layer() -> Result<()> {
    let told = |picture: &VideoFrame| (picture.field_order(), picture.pixel_aspect());
    let wide = PixelAspect::new(64, 45)?;
    for format in [PixelFormat::Rgb8, PixelFormat::I420, PixelFormat::Uyvy] {
        let mut mix = Mix::new(16, 8, 2);
        let mut below = converted(format, 16, 8, [200, 0, 0]);
        below.set_field_order(FieldOrder::TopFirst);
        below.set_pixel_aspect(wide);
        mix.layers[0].send(below);
        let above = match format {
            PixelFormat::I420 => PixelFormat::I420,
            _ => PixelFormat::Rgb8,
        };
        mix.layers[1].send(converted(above, 4, 4, [0, 0, 200]));
        mix.control.set(1, Layer::new().own_size())?;
        assert_eq!(
            told(&mix.picture()),
            (FieldOrder::TopFirst, wide),
            "{format}"
        );

        // What leaves a part of the background to be seen is not what the picture is.
        mix.control.change(0, |layer| layer.at(2, 0))?;
        let square = (FieldOrder::Progressive, PixelAspect::SQUARE);
        assert_eq!(told(&mix.picture()), square, "{format}");
    }
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
