//! Colours corrected, and `.cube` files that may hold anything.

use std::sync::Arc;

use proptest::prelude::*;
use streamlib::actor::Harness;
use streamlib::message::Metadata;
use streamlib::prelude::*;

/// How far a code may be from the exact one.
const MOST: f64 = 0.6;

fn corrected(actor: ColorCorrect, frame: &VideoFrame) -> Result<VideoFrame> {
    let mut harness = Harness::new(actor)?;
    let mut input = harness.feed(|correct| &mut correct.video);
    let mut output = harness.probe(|correct| &mut correct.corrected);
    input.send(frame.clone());
    harness.tick()?;
    Ok(output.latest().expect("a picture").clone())
}

/// A table whose entries are what `colour` makes of their place.
fn cube(size: usize, colour: impl Fn([f64; 3]) -> [f64; 3]) -> String {
    let mut text = format!("TITLE \"a test\"\n# red changes the quickest\nLUT_3D_SIZE {size}\n");
    for at in 0..size.pow(3) {
        let place = [at % size, at / size % size, at / size / size];
        let [r, g, b] = colour(place.map(|index| index as f64 / (size - 1) as f64));
        text.push_str(&format!("{r} {g} {b}\n"));
    }
    text
}

fn gains() -> impl Strategy<Value = [f32; 3]> {
    prop::array::uniform3(0.0..3.0_f32)
}

proptest! {
    #[test]
    fn lift_gamma_and_gain_are_right_to_0_6_of_a_code(
        format in prop::sample::select(&[PixelFormat::Rgb8, PixelFormat::Rgba8, PixelFormat::Bgra8]),
        lift in prop::array::uniform3(-1.0..1.0_f32),
        gamma in prop::array::uniform3(0.2..5.0_f32),
        gain in gains(),
        pixels in prop::collection::vec(any::<u8>(), 4 * 8),
    ) {
        let size = VideoFrame::new(format, 8, 1)?.pixels().len();
        let frame = VideoFrame::from_pixels(format, 8, 1, &pixels[..size])?;
        let out = corrected(ColorCorrect::new().lift(lift).gamma(gamma).gain(gain), &frame)?;
        let step = format.channels();
        for (at, (&given, &made)) in frame.pixels().iter().zip(out.pixels()).enumerate() {
            if at % step == 3 {
                prop_assert_eq!(given, made);
                continue;
            }
            let channel = if format == PixelFormat::Bgra8 { 2 - at % step } else { at % step };
            let [lift, gamma, gain] = [lift, gamma, gain].map(|levels| f64::from(levels[channel]));
            let level = f64::from(given) / 255.0;
            let exact = (gain * (level + lift * (1.0 - level))).max(0.0).powf(1.0 / gamma);
            let exact = (exact * 255.0).min(255.0);
            prop_assert!((f64::from(made) - exact).abs() <= MOST, "{} for {}, exactly {}", made, given, exact);
        }
    }

    /// What is linear is interpolated without an error, whatever the grid.
    #[test]
    fn a_linear_table_is_a_matrix(size in 2..18_usize, matrix in prop::array::uniform3(prop::array::uniform3(-0.5..1.0_f64)), pixel in any::<[u8; 3]>()) {
        let colour = |given: [f64; 3]| matrix.map(|row| row.iter().zip(given).map(|(a, b)| a * b).sum::<f64>());
        let lut = Lut3d::parse(&cube(size, colour))?;
        let frame = VideoFrame::from_pixels(PixelFormat::Rgb8, 1, 1, pixel)?;
        let out = corrected(ColorCorrect::new().lut(lut), &frame)?;
        let exact = colour(pixel.map(f64::from));
        for (&made, exact) in out.pixels().iter().zip(exact) {
            prop_assert!((f64::from(made) - exact.clamp(0.0, 255.0)).abs() <= MOST, "{} for {}", made, exact);
        }
    }

    #[test]
    fn no_text_panics(text in ".{0,200}") {
        let _ = Lut3d::parse(&text);
    }

    /// Words of the format in any order, with numbers that cannot be.
    #[test]
    fn no_words_panic(words in prop::collection::vec(prop::sample::select(&[
        "LUT_3D_SIZE", "LUT_1D_SIZE", "DOMAIN_MIN", "DOMAIN_MAX", "LUT_3D_INPUT_RANGE", "TITLE", "#", "\n", "\n", "\n", " ", "0", "1", "2", "2",
        "-1", "256", "257", "1e40", "-1e40", "nan", "inf", "1e-45", "18446744073709551616", "\u{feff}", "é", "\"",
    ]), 0..80)) {
        let _ = Lut3d::parse(&words.join(" "));
    }

    /// A good file with one line changed is read or refused, and what is read can be used.
    #[test]
    fn a_broken_line_is_told(line in 0..12_usize, with in prop::sample::select(&["", "1 2", "1 2 3 4", "nan 0 0", "1e39 0 0", "LUT_3D_SIZE 3", "DOMAIN_MAX 0 0 0", "DOMAIN_MIN -1e38 0 0\nDOMAIN_MAX 3e38 1 1", "0.5 0.5 0.5", "-1e38 1e38 0"])) {
        let text = cube(2, |colour| colour);
        let mut lines: Vec<&str> = text.lines().collect();
        if let Some(place) = lines.get_mut(line) {
            *place = with;
        }
        match Lut3d::parse(&lines.join("\n")) {
            Ok(lut) => {
                let frame = VideoFrame::from_pixels(PixelFormat::Rgb8, 2, 1, [0, 100, 200, 255, 0, 7])?;
                corrected(ColorCorrect::new().lut(lut), &frame)?;
            }
            Err(error) => prop_assert!(error.to_string().contains(".cube file"), "{}", error),
        }
    }

    #[test]
    fn no_colour_panics(colour in prop::array::uniform3(any::<f32>()), size in 2..5_usize) {
        let lut = Lut3d::parse(&cube(size, |colour| colour))?;
        let made = lut.apply(colour);
        prop_assert!(made.iter().all(|level| (0.0..=1.0).contains(level)), "{:?}", made);
    }
}

#[test]
fn what_is_wrong_with_a_file_is_told() {
    for (text, expected) in [
        (
            "",
            ".cube file is without a LUT_3D_SIZE; expected one, as LUT_3D_SIZE 33",
        ),
        (
            "LUT_3D_SIZE 2\n0 0 0\n",
            ".cube file is one of 1 entries; expected 8, for a LUT_3D_SIZE of 2",
        ),
        (
            "0 0 0",
            "line 1 of the .cube file is \"0 0 0\"; expected a LUT_3D_SIZE before the first entry",
        ),
        (
            "# all\nLUT_3D_SIZE 1",
            "line 2 of the .cube file is \"LUT_3D_SIZE 1\"; expected one LUT_3D_SIZE, with a number from 2 to 256",
        ),
        (
            "LUT_1D_SIZE 4",
            "line 1 of the .cube file is \"LUT_1D_SIZE 4\"; expected a 3-D table, which has a LUT_3D_SIZE",
        ),
        (
            "LUT_3D_SIZE 2\n0 0 x",
            "line 2 of the .cube file is \"0 0 x\"; expected three numbers, or a keyword of the Cube LUT Specification",
        ),
    ] {
        assert_eq!(Lut3d::parse(text).unwrap_err().to_string(), expected);
    }
    assert!(Lut3d::load("/nowhere/at/all.cube").is_err());
}

#[test]
fn a_file_is_read_and_its_domain_counts() -> Result<()> {
    let path = std::env::temp_dir().join(format!("streamlib-{}.cube", std::process::id()));
    let text = cube(3, |colour| colour.map(|level| 1.0 - level));
    std::fs::write(
        &path,
        format!("DOMAIN_MAX 0.5 0.5 0.5\r\n{}", text.replace('\n', "\r\n")),
    )?;
    let lut = Lut3d::load(&path);
    std::fs::remove_file(&path)?;
    assert_eq!(lut?.apply([0.0, 0.25, 0.75]), [1.0, 0.5, 0.0]);
    Ok(())
}

#[test]
fn every_format_can_be_corrected() -> Result<()> {
    let grey = VideoFrame::from_pixels(PixelFormat::Gray8, 4, 2, [60; 8])?;
    for &format in PixelFormat::ALL {
        let mut frame = VideoFrame::new(format, 4, 2)?;
        Converter::new().convert(&grey, &mut frame)?;
        let out = corrected(ColorCorrect::new().gain([2.0; 3]), &frame)?;
        assert_eq!(
            (out.format(), out.colorimetry()),
            (format, frame.colorimetry())
        );
        let mut seen = VideoFrame::new(PixelFormat::Gray8, 4, 2)?;
        Converter::new().convert(&out, &mut seen)?;
        let near = seen.pixels().iter().all(|level| level.abs_diff(120) <= 2);
        assert!(near, "{format}: {:?}", seen.pixels());
    }
    Ok(())
}

#[test]
fn it_is_told_something_else_while_it_runs() -> Result<()> {
    let correct = ColorCorrect::new();
    let control = correct.control();
    let mut harness = Harness::new(correct)?;
    let mut input = harness.feed(|correct| &mut correct.video);
    let mut output = harness.probe(|correct| &mut correct.corrected);
    let frame = VideoFrame::from_pixels(PixelFormat::Rgb8, 1, 1, [10, 20, 30])?;
    input.send(frame.clone());
    harness.tick()?;
    assert!(
        output
            .latest()
            .expect("a picture")
            .shares_pixels_with(&frame),
        "nothing was to be done"
    );

    control.set(Grade {
        gain: [2.0; 3],
        ..Grade::default()
    })?;
    input.send(frame.clone());
    harness.tick()?;
    assert_eq!(output.latest().expect("a picture").pixels(), [20, 40, 60]);

    let inverted = Lut3d::parse(&cube(2, |colour| colour.map(|level| 1.0 - level)))?;
    control.set(Grade {
        lut: Some(Arc::new(inverted)),
        ..Grade::default()
    })?;
    input.send(frame);
    harness.tick()?;
    assert_eq!(
        output.latest().expect("a picture").pixels(),
        [245, 235, 225]
    );

    let message = control
        .set(Grade {
            gamma: [1.0, 0.0, 1.0],
            ..Grade::default()
        })
        .unwrap_err()
        .to_string();
    assert_eq!(message, "gamma is 0; expected a number above 0");
    assert!(Harness::new(ColorCorrect::new().lift([f32::NAN; 3])).is_err());
    Ok(())
}

#[test]
fn a_picture_that_comes_again_is_not_corrected_again() -> Result<()> {
    for format in [PixelFormat::Rgb8, PixelFormat::I420] {
        let correct = ColorCorrect::new().gain([0.5; 3]);
        let control = correct.control();
        let mut harness = Harness::new(correct)?;
        let mut input = harness.feed(|correct| &mut correct.video);
        let mut output = harness.probe(|correct| &mut correct.corrected);
        let mut sent = |frame: &VideoFrame| -> Result<VideoFrame> {
            input.send(frame.clone());
            harness.tick()?;
            Ok(output.latest().expect("a picture").clone())
        };
        let mut still = VideoFrame::new(format, 4, 2)?;
        still.pixels_mut().fill(200);
        let first = sent(&still)?;
        still.set_metadata(Arc::new(Metadata::new().with("take", "2")));
        let again = sent(&still)?;
        assert!(again.shares_pixels_with(&first), "{format}");
        assert_eq!(again.metadata(), still.metadata());

        // By another grade it is another picture, and so it is with another pixel.
        control.change(|grade| grade.gain = [0.25; 3])?;
        let darker = sent(&still)?;
        assert_ne!(darker.pixels(), first.pixels(), "{format}");
        still.pixels_mut().fill(100);
        assert_ne!(sent(&still)?.pixels(), darker.pixels(), "{format}");
    }
    Ok(())
}
