//! Pictures cropped, flipped and turned.

use proptest::prelude::*;
use streamlib::actor::Harness;
use streamlib::message::{FieldOrder, Metadata, PixelAspect};
use streamlib::prelude::*;

/// What comes of one picture.
fn transformed(actor: Transform, frame: &VideoFrame) -> Result<VideoFrame> {
    let mut harness = Harness::new(actor)?;
    let mut input = harness.feed(|transform| &mut transform.video);
    let mut output = harness.probe(|transform| &mut transform.transformed);
    input.send(frame.clone());
    harness.tick()?;
    Ok(output.latest().expect("a picture").clone())
}

fn how(how: &Transformation) -> Transform {
    let transform = Transform::new();
    transform.control().set(*how).expect("it can be done");
    transform
}

fn turns() -> impl Strategy<Value = Turn> {
    prop::sample::select(&[Turn::Not, Turn::Right, Turn::Half, Turn::Left])
}

/// In three steps, as it is told: crop, flip, turn.
fn expected<T: Copy>(pixels: &[Vec<T>], crop: Crop, how: &Transformation) -> Vec<Vec<T>> {
    let (left, top) = (crop.x as usize, crop.y as usize);
    let rows = pixels.iter().skip(top).take(crop.height as usize);
    let mut rows: Vec<Vec<T>> = rows
        .map(|row| {
            row.iter()
                .skip(left)
                .take(crop.width as usize)
                .copied()
                .collect()
        })
        .collect();
    if how.flip_horizontal {
        rows.iter_mut().for_each(|row| row.reverse());
    }
    if how.flip_vertical {
        rows.reverse();
    }
    let quarters = match how.turn {
        Turn::Not => 0,
        Turn::Right => 1,
        Turn::Half => 2,
        Turn::Left => 3,
    };
    for _ in 0..quarters {
        rows = (0..rows[0].len())
            .map(|x| rows.iter().rev().map(|row| row[x]).collect())
            .collect();
    }
    rows
}

proptest! {
    #[test]
    fn every_pixel_goes_where_it_belongs(
        format in prop::sample::select(PixelFormat::ALL),
        size in (1..50_u32, 1..50_u32),
        (x, y, width, height) in (0..50_u32, 0..50_u32, 1..60_u32, 1..60_u32),
        (flip_horizontal, flip_vertical) in any::<(bool, bool)>(),
        turn in turns(),
        cropped: bool,
    ) {
        let (x, y) = (x % size.0, y % size.1);
        let crop = cropped.then_some(Crop { x, y, width, height });
        let transformation = Transformation { crop, flip_horizontal, flip_vertical, turn };
        // A grey picture of every format has a luma of its own for each pixel, and no colour to be mixed.
        let levels: Vec<u8> = (0..size.0 * size.1).map(|at| (at * 37 % 251) as u8).collect();
        let grey = VideoFrame::from_pixels(PixelFormat::Gray8, size.0, size.1, &levels)?;
        let mut frame = VideoFrame::new(format, size.0, size.1)?;
        let full = Colorimetry::default_for(PixelFormat::Gray8, 1080);
        if !format.is_rgb() {
            frame.set_colorimetry(full);
        }
        Converter::new().convert(&grey, &mut frame)?;

        let out = transformed(how(&transformation), &frame)?;
        prop_assert_eq!(out.format(), format);
        prop_assert_eq!(out.colorimetry(), frame.colorimetry());
        let mut seen = VideoFrame::new(PixelFormat::Gray8, out.width(), out.height())?;
        Converter::new().convert(&out, &mut seen)?;
        let rows: Vec<Vec<u8>> = grey.rows().map(<[u8]>::to_vec).collect();
        let whole = Crop { x: 0, y: 0, width: size.0, height: size.1 };
        let expected = expected(&rows, crop.unwrap_or(whole), &transformation);
        prop_assert!(seen.rows().eq(expected.iter().map(Vec::as_slice)));
    }

    /// Of colour too, and to the bit, where pixels share as they did.
    #[test]
    fn four_quarters_and_two_flips_are_nothing(
        format in prop::sample::select(&[PixelFormat::Rgb8, PixelFormat::Rgba8, PixelFormat::Bgra8, PixelFormat::Gray8, PixelFormat::I420, PixelFormat::Nv12]),
        (width, height) in (1..20_u32, 1..20_u32),
        seed: u8,
    ) {
        let mut frame = VideoFrame::new(format, 2 * width, 2 * height)?;
        frame.pixels_mut().iter_mut().enumerate().for_each(|(at, byte)| *byte = (at as u8).wrapping_mul(29).wrapping_add(seed));
        let mut turned = frame.clone();
        for _ in 0..4 {
            turned = transformed(Transform::new().turn(Turn::Left), &turned)?;
        }
        prop_assert_eq!(turned.pixels(), frame.pixels());
        let flipped = transformed(Transform::new().flip_horizontal(), &frame)?;
        let flipped = transformed(Transform::new().flip_vertical(), &flipped)?;
        let half = transformed(Transform::new().turn(Turn::Half), &frame)?;
        prop_assert_eq!(flipped.pixels(), half.pixels());
    }
}

#[test]
fn colours_are_where_their_pixels_are() -> Result<()> {
    // Two red pixels, then two blue ones; the crop begins amidst the red.
    let rgb = [[255, 0, 0], [255, 0, 0], [0, 0, 255], [0, 0, 255]]
        .concat()
        .repeat(4);
    let rgb = VideoFrame::from_pixels(PixelFormat::Rgb8, 4, 4, rgb)?;
    for format in [
        PixelFormat::Uyvy,
        PixelFormat::V210,
        PixelFormat::Uyvp,
        PixelFormat::I420,
        PixelFormat::Nv12,
    ] {
        let mut frame = VideoFrame::new(format, 4, 4)?;
        Converter::new().convert(&rgb, &mut frame)?;
        for (turn, expected) in [
            (
                Turn::Half,
                vec![[0, 0, 255], [0, 0, 255], [255, 0, 0], [255, 0, 0]],
            ),
            (Turn::Right, vec![[255, 0, 0]; 4]),
        ] {
            let out = transformed(Transform::new().turn(turn), &frame)?;
            let mut seen = VideoFrame::new(PixelFormat::Rgb8, 4, 4)?;
            Converter::new().convert(&out, &mut seen)?;
            let first = seen.row(0).expect("a row");
            let near = first
                .iter()
                .zip(expected.concat())
                .all(|(&seen, expected): (&u8, u8)| seen.abs_diff(expected) <= 2);
            assert!(near, "{format} {turn:?}: {first:?}");
        }
    }
    Ok(())
}

#[test]
fn fields_and_pixel_shape_turn_along() -> Result<()> {
    let mut frame = VideoFrame::new(PixelFormat::Rgb8, 8, 6)?;
    frame.set_field_order(FieldOrder::TopFirst);
    frame.set_pixel_aspect(PixelAspect::new(64, 45)?);
    let cropped = transformed(Transform::new().crop(0, 1, 8, 4), &frame)?;
    assert_eq!(cropped.field_order(), FieldOrder::BottomFirst);
    let flipped = transformed(Transform::new().flip_vertical(), &frame)?;
    assert_eq!(flipped.field_order(), FieldOrder::BottomFirst);
    let turned = transformed(Transform::new().turn(Turn::Left), &frame)?;
    assert_eq!(turned.field_order(), FieldOrder::Progressive);
    assert_eq!(turned.pixel_aspect(), PixelAspect::new(45, 64)?);
    Ok(())
}

#[test]
fn it_is_told_something_else_while_it_runs() -> Result<()> {
    let transform = Transform::new();
    let control = transform.control();
    let mut harness = Harness::new(transform)?;
    let mut input = harness.feed(|transform| &mut transform.video);
    let mut output = harness.probe(|transform| &mut transform.transformed);
    let frame = VideoFrame::from_pixels(PixelFormat::Gray8, 2, 1, [1, 2])?;

    input.send(frame.clone());
    harness.tick()?;
    assert!(
        output
            .latest()
            .expect("a picture")
            .shares_pixels_with(&frame),
        "nothing was to be done"
    );

    control.set(Transformation {
        flip_horizontal: true,
        ..Transformation::default()
    })?;
    input.send(frame.clone());
    harness.tick()?;
    assert_eq!(output.latest().expect("a picture").pixels(), [2, 1]);

    let outside = Crop {
        x: 2,
        y: 0,
        width: 1,
        height: 1,
    };
    control.set(Transformation {
        crop: Some(outside),
        ..Transformation::default()
    })?;
    input.send(frame);
    let message = harness.tick().unwrap_err().to_string();
    assert_eq!(
        message,
        "crop is from column 2 and row 0 on; expected a part of the picture, which is 2 × 1 pixels"
    );
    Ok(())
}

#[test]
fn a_crop_of_nothing_is_refused() {
    let message = Harness::new(Transform::new().crop(1, 1, 0, 5))
        .expect_err("no picture")
        .to_string();
    assert_eq!(
        message,
        "crop is 0 × 5 pixels; expected 1 pixel a side, or more"
    );
    let nothing = Crop {
        x: 0,
        y: 0,
        width: 0,
        height: 0,
    };
    let control = Transform::new().control();
    assert!(
        control
            .set(Transformation {
                crop: Some(nothing),
                ..Transformation::default()
            })
            .is_err()
    );
}

#[test]
fn a_picture_that_comes_again_is_not_transformed_again() -> Result<()> {
    let transform = Transform::new().turn(Turn::Right);
    let control = transform.control();
    let mut harness = Harness::new(transform)?;
    let mut input = harness.feed(|transform| &mut transform.video);
    let mut output = harness.probe(|transform| &mut transform.transformed);
    let mut sent = |frame: &VideoFrame| -> Result<VideoFrame> {
        input.send(frame.clone());
        harness.tick()?;
        Ok(output.latest().expect("a picture").clone())
    };
    let mut still = VideoFrame::from_pixels(PixelFormat::Gray8, 3, 1, [1, 2, 3])?;
    let first = sent(&still)?;
    still.set_metadata(std::sync::Arc::new(Metadata::new().with("take", "2")));
    let again = sent(&still)?;
    assert!(again.shares_pixels_with(&first));
    assert_eq!(again.metadata(), still.metadata());

    // Done otherwise it is another picture, and so it is with another pixel.
    control.set(Transformation {
        turn: Turn::Left,
        ..Transformation::default()
    })?;
    assert_eq!(sent(&still)?.pixels(), [3, 2, 1]);
    assert_eq!(first.pixels(), [1, 2, 3]);
    still.pixels_mut().fill(9);
    assert_eq!(sent(&still)?.pixels(), [9, 9, 9]);
    Ok(())
}
