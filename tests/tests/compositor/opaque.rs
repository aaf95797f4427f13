//! What is opaque hides what is under it, and is passed on without a copy.

use super::*;

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
