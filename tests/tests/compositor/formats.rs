//! Layers of several formats, ranges and shapes in one picture.

use super::*;

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
