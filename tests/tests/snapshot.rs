//! PNG files: what is written is what was shown, and what cannot be written costs nobody else anything.

use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;
use streamlib::actor::Harness;
use streamlib::actors::images;
use streamlib::prelude::*;

/// A folder of its own that goes with its test.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("streamlib-{test}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder in the temporary one");
        Self(folder)
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).expect("the test's folder");
        let mut names: Vec<_> = entries
            .map(|entry| {
                entry
                    .expect("an entry")
                    .file_name()
                    .into_string()
                    .expect("UTF-8")
            })
            .collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_picture_is_written_and_the_graph_goes_on() -> Result<()> {
    let folder = Folder::new("one-picture");
    let file = folder.0.join("box.png");
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        moving = TestPattern::new(Pattern::MovingBox).size(64, 36) @ house;
        null   = Null::<VideoFrame>::new();

        moving >> [Snapshot::new(&file).frame(7), null];
    }?;
    clock.advance(20).await?;
    assert_eq!(show.status().actor("null").expect("it runs").ticks, 20);
    show.stop().await?;

    let mut pattern = Harness::new(TestPattern::new(Pattern::MovingBox).size(64, 36))?;
    let mut video = pattern.probe(|pattern| &mut pattern.video);
    pattern.run(8)?;
    let seventh = video.latest().expect("a picture a tick");
    assert_eq!(images::load_png(&file)?.pixels(), seventh.pixels());
    assert_eq!(folder.names(), ["box.png"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_picture_in_so_many_is_written_under_its_number() -> Result<()> {
    let folder = Folder::new("so-many");
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        bars = TestPattern::new(Pattern::SmpteBars).size(16, 9) @ house;
        bars >> Snapshot::new(folder.0.join("bars.png")).every(60);
    }?;
    clock.advance(130).await?;
    show.stop().await?;
    assert_eq!(
        folder.names(),
        ["bars-000000.png", "bars-000060.png", "bars-000120.png"]
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_is_written_when_it_is_asked_for() -> Result<()> {
    let folder = Folder::new("asked");
    let clock = VirtualClock::fps(60);
    let snapshot = Snapshot::new(folder.0.join("shot.png")).on_demand();
    let control = snapshot.control();
    let show = pipeline! {
        clock house = clock.clone();
        moving = TestPattern::new(Pattern::MovingBox).size(64, 36) @ house;
        moving >> snapshot;
    }?;
    clock.advance(10).await?;
    assert!(folder.names().is_empty());
    control.take();
    control.take(); // before the tick: one picture
    clock.advance(10).await?;
    control.clone().take_to(folder.0.join("named.png"));
    clock.advance(10).await?;
    show.stop().await?;
    assert_eq!(folder.names(), ["named.png", "shot-000010.png"]);
    Ok(())
}

#[test]
fn what_is_asked_for_is_the_newest_picture_whatever_else_is_written() -> Result<()> {
    let folder = Folder::new("newest");
    let snapshot = Snapshot::new(folder.0.join("shot.png")).every(1000);
    let control = snapshot.control();
    let mut snapshot = Harness::new(snapshot)?;
    let mut video = snapshot.feed(|snapshot| &mut snapshot.video);
    control.take();
    snapshot.tick()?; // there is none yet
    assert!(folder.names().is_empty());
    video.send(VideoFrame::new(PixelFormat::Rgb8, 2, 2)?);
    snapshot.tick()?;
    let first = folder.names();
    assert_eq!(first.len(), 1, "{first:?}");
    snapshot.tick()?;
    control.take_to(folder.0.join("again.png"));
    snapshot.tick()?; // with nothing new
    assert_eq!(folder.names()[0], "again.png");
    control.take_to("/nowhere/at/all.png");
    assert!(snapshot.tick().is_err());
    snapshot.tick() // it is not tried again
}

#[test]
fn a_file_that_cannot_be_written_is_an_error_with_its_path() -> Result<()> {
    let mut snapshot = Harness::new(Snapshot::new("/nowhere/at/all.png"))?;
    let mut video = snapshot.feed(|snapshot| &mut snapshot.video);
    for _ in 0..2 {
        video.send(VideoFrame::new(PixelFormat::Rgb8, 2, 2)?);
        let error = snapshot.tick().expect_err("there is no such folder");
        assert!(
            error.to_string().starts_with("/nowhere/at/all.png: "),
            "{error}"
        );
    }
    snapshot.tick()?; // no picture, nothing to do
    Ok(())
}

#[test]
fn every_format_becomes_colours() -> Result<()> {
    let white = VideoFrame::from_pixels(PixelFormat::Rgb8, 6, 2, [255; 36])?;
    for &format in PixelFormat::ALL {
        let mut frame = VideoFrame::new(format, 6, 2)?;
        Converter::new().convert(&white, &mut frame)?;
        let mut bytes = Vec::new();
        images::encode_png(&frame, &mut bytes)?;
        let read = images::decode_png(std::io::Cursor::new(bytes))?;
        assert!(read.pixels().iter().all(|&byte| byte == 255), "{format}");
        assert_eq!(read.format().has_alpha(), format.has_alpha());
    }
    assert!(images::encode_png(&VideoFrame::default(), Vec::new()).is_err());
    Ok(())
}

#[test]
fn impossible_settings_are_refused() {
    let refused = |snapshot| Harness::new(snapshot).expect_err("refused").to_string();
    assert_eq!(
        refused(Snapshot::new("a.png").every(0)),
        "every is 0; expected 1 or more pictures"
    );
    assert_eq!(
        refused(Snapshot::new("/")),
        r#"the path of a snapshot is "/"; expected the name of a file"#
    );
}

#[test]
fn what_is_no_png_says_which_file() {
    let folder = Folder::new("no-png");
    let file = folder.0.join("text.png");
    fs::write(&file, "text").expect("a file in the test's folder");
    let error = images::load_png(&file).expect_err("no PNG").to_string();
    assert!(
        error.contains("text.png") && error.contains("a whole PNG"),
        "{error}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_written_is_read_again(
        width in 1_u32..40, height in 1_u32..40, alpha: bool, seed: u8, step in 1_u8..250,
    ) {
        let format = if alpha { PixelFormat::Rgba8 } else { PixelFormat::Rgb8 };
        let mut frame = VideoFrame::new(format, width, height)?;
        for (byte, number) in frame.pixels_mut().iter_mut().zip(0_usize..) {
            *byte = seed.wrapping_add(step.wrapping_mul(number as u8));
        }
        let mut bytes = Vec::new();
        images::encode_png(&frame, &mut bytes)?;
        let read = images::decode_png(std::io::Cursor::new(bytes))?;
        prop_assert_eq!(read.format(), format);
        prop_assert_eq!(read.dimensions(), (width, height));
        prop_assert_eq!(read.pixels(), frame.pixels());
    }
}
