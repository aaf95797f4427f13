//! How a picture lies in its window.

use std::path::Path;
use std::time::{Duration, Instant};

use streamlib::actors::images;

use crate::PATIENCE;
use crate::screenshot::{BARS, Screenshot, await_screen};
use crate::server::Server;

#[test]
fn the_window_is_resized_filled_and_overlaid() {
    let server = Server::start(1280, 720);
    let mut program = server.run("640x360");
    await_screen(&server, "as large as the picture", |screen| {
        screen.bars((320, 180, 640, 360)) == BARS
    });

    // Taller: as wide as the window, black above and below.
    let window = server.window();
    server.xdotool(&format!("windowsize {window} 320 300"));
    await_screen(&server, "resized", |screen| {
        screen.bars((320, 180 + 60, 320, 180)) == BARS && screen.at(480, 180 + 30) == 0
    });

    server.xdotool("mousemove 480 300 key f"); // without a window manager keys go where the mouse is
    await_screen(&server, "fullscreen", |screen| {
        screen.bars((0, 0, 1280, 720)) == BARS
    });
    server.xdotool("key F11");
    await_screen(&server, "not fullscreen", |screen| screen.at(5, 5) == 0);

    server.xdotool("key f");
    await_screen(&server, "fullscreen again", |screen| {
        screen.at(5, 5) == BARS[0]
    });
    server.xdotool("key i");
    await_screen(&server, "frames a second", |screen| {
        let corner = (0..200).flat_map(|x| (0..28).map(move |y| (x, y)));
        screen.at(2, 2) == 0 && corner.filter(|&(x, y)| screen.at(x, y) == 0xFFFFFF).count() > 200
    });
    server.xdotool("key i");
    await_screen(&server, "no frames a second", |screen| {
        screen.at(2, 2) == BARS[0]
    });

    server.xdotool("key Escape");
    program.expect_end();
}

#[test]
fn a_picture_larger_than_the_screen_is_shown_whole() {
    let server = Server::start(640, 480);
    let mut program = server.run("1920x1080");
    await_screen(&server, "scaled down", |screen| {
        screen.bars((0, 60, 640, 360)) == BARS
    });
    server.xdotool("key Escape");
    program.expect_end();
}

#[test]
fn it_can_start_fullscreen() {
    let server = Server::start(800, 450);
    let mut program = server.run_with("160x90", &[("FULLSCREEN", "1")]);
    await_screen(&server, "fullscreen from the start", |screen| {
        screen.bars((0, 0, 800, 450)) == BARS
    });
    server.xdotool("key Escape");
    program.expect_end();
}

#[test]
fn the_picture_fits_fills_or_is_shown_pixel_for_pixel() {
    let server = Server::start(1280, 720);
    let mut program = server.run("640x360");
    let window = server.window();
    await_screen(&server, "as large as the picture", |screen| {
        screen.bars((320, 180, 640, 360)) == BARS
    });
    server.xdotool(&format!("windowsize {window} 320 300"));
    let corners = |screen: &Screenshot| [0, 30, 319].map(|x| screen.at(320 + x, 180 + 2));
    await_screen(&server, "fitted", |screen| corners(screen) == [0; 3]);
    server.xdotool("mousemove 480 300 key s");
    // 533 × 300 pixels, of which 107 are cut off on the left.
    await_screen(&server, "filled", |screen| {
        corners(screen) == [BARS[1], BARS[1], BARS[5]]
    });
    // Between two bars there is something of both.
    await_screen(&server, "smooth", |screen| {
        let edge = (40..60).map(|x| screen.at(320 + x, 180 + 2));
        edge.into_iter()
            .any(|colour| colour != BARS[1] && colour != BARS[2])
    });
    server.xdotool("mousemove 320 180");
    program.expect("mouse Move 128 0");
    server.xdotool("key s");
    // The middle 320 × 300 of the picture's 640 × 360 pixels.
    await_screen(&server, "pixel for pixel", |screen| {
        corners(screen) == [BARS[1], BARS[2], BARS[5]]
    });
    server.xdotool("mousemove 321 181");
    program.expect("mouse Move 161 31");
    server.xdotool("key s");
    await_screen(&server, "fitted again", |screen| corners(screen) == [0; 3]);
    server.xdotool("key Escape");
    program.expect_end();
}

#[test]
fn p_writes_what_the_window_shows() {
    let folder = std::env::temp_dir().join(format!("streamlib-window-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder in the temporary one");
    let server = Server::start(640, 480);
    let path = folder.to_str().expect("a path in UTF-8");
    let mut program = server.run_with("320x180", &[("SNAPSHOTS", path)]);
    let window = server.window();
    server.xdotool(&format!("windowsize {window} 320 300"));
    await_screen(&server, "before the picture", |screen| {
        screen.bars((160, 150 + 60, 320, 180)) == BARS
    });
    server.xdotool("mousemove 300 300 key p");
    let start = Instant::now();
    let file = loop {
        let files = std::fs::read_dir(&folder).expect("the test's folder");
        let names = files.map(|file| file.expect("a file").path());
        let whole = |name: &std::path::PathBuf| name.extension().is_some_and(|end| end == "png");
        if let Some(file) = names.into_iter().find(whole) {
            break file;
        }
        assert!(start.elapsed() < PATIENCE, "no file came");
        std::thread::sleep(Duration::from_millis(20));
    };
    let name = file.file_name().expect("a name").to_string_lossy();
    assert!(name.starts_with("bars-"), "{name}");
    let picture = streamlib::actors::images::load_png(&file).expect("a PNG");
    assert_eq!(
        picture.dimensions(),
        (320, 300),
        "the window, not the picture"
    );
    let at = |x, y| [0, 1, 2].map(|channel| picture.view()[[y, x, channel]]);
    assert_eq!((at(5, 5), at(20, 100)), ([0; 3], [0xBF; 3]));
    server.xdotool("key Escape");
    program.expect_end();
    std::fs::remove_dir_all(folder).expect("the test's folder");
}

/// With `DOCUMENT=1` it is written anew: what the X server has on its screen.
#[test]
fn the_picture_of_the_documentation_is_what_the_window_shows() {
    let server = Server::start(640, 360);
    let mut program = server.run("640x360");
    await_screen(&server, "as large as the screen", |screen| {
        screen.bars((0, 0, 640, 360)) == BARS
    });
    let shown = server.screenshot().frame();
    server.xdotool("key Escape");
    program.expect_end();

    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/src/pictures/display.png");
    if std::env::var_os("DOCUMENT").is_some() {
        images::save_png(&shown, &file).expect("it can be written");
    }
    let documented = images::load_png(&file).expect("a PNG");
    assert_eq!(documented.dimensions(), shown.dimensions());
    assert!(
        documented.pixels() == shown.pixels(),
        "make it anew: DOCUMENT=1 cargo test -p streamlib-tests --test display_window documentation"
    );
}

#[test]
fn a_picture_of_another_format_is_shown_in_its_colours() {
    let server = Server::start(640, 480);
    let mut program = server.run_with("320x180", &[("YUV", "1")]);
    let near = |a: u32, b: u32| {
        let pairs = a.to_be_bytes().into_iter().zip(b.to_be_bytes());
        pairs.into_iter().all(|(a, b)| a.abs_diff(b) <= 2)
    };
    await_screen(&server, "converted", |screen| {
        let bars = screen.bars((160, 150, 320, 180)).into_iter().zip(BARS);
        bars.into_iter().all(|(shown, bar)| near(shown, bar))
    });
    server.xdotool("key Escape");
    program.expect_end();
}

#[test]
fn a_server_without_shared_memory_is_sent_the_pixels() {
    let server = Server::start_with(1280, 720, &["-extension", "MIT-SHM"]);
    let mut program = server.run_with("1280x720", &[("OVERLAY", "1")]);
    await_screen(&server, "sent over the connection", |screen| {
        screen.bars((0, 0, 1280, 720)) == BARS && screen.at(2, 2) == 0
    });
    await_screen(&server, "with figures in white on black", |screen| {
        // Seven rows of dots of four by four, above the picture as it is.
        let line = (0..28).flat_map(|y| (0..240).map(move |x| screen.at(x, y)));
        let [white, black] =
            [0xFF_FFFF, 0].map(|color| line.clone().filter(|&at| at == color).count());
        white > 240 && white + black == 28 * 240 && screen.at(0, 28) == BARS[0]
    });
    server.xdotool("key Escape");
    program.expect_end();
}
