//! Where a layer lies, what of it is shown, and how it gets there.

use super::*;

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
