//! The window for real: an X server without a screen (Xvfb), a screenshot whose pixels are the bars, keys
//! and the mouse, and every way for a window to end.
//!
//! Each test starts an X server of its own, on a display number that the server picks, and runs
//! [`program`] as a process of its own.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use streamlib::message::MouseEventKind;
use streamlib::prelude::*;

const PATIENCE: Duration = Duration::from_secs(20);
const PACKAGES: &str = "apt-get install -y xvfb xdotool x11-apps";

/// What the tests run as a process of its own: a pattern of `PICTURE` in a display, events on stdout.
/// Without that variable it is an ordinary run of the tests, and there is nothing to do.
#[test]
fn program() {
    if std::env::var_os("PICTURE").is_some() {
        main();
    }
}

#[streamlib::main]
async fn main() {
    let picture = std::env::var("PICTURE").expect("the test has set it");
    let (width, height) = picture.split_once('x').expect("WIDTHxHEIGHT");
    let (width, height) = (
        width.parse().expect("a width"),
        height.parse().expect("a height"),
    );
    let is_set = |name| std::env::var_os(name).is_some();
    let display = Display::new("bars")
        .fullscreen(is_set("FULLSCREEN"))
        .overlay(is_set("OVERLAY"))
        .snapshots(std::env::var_os("SNAPSHOTS").unwrap_or_default());
    let counts = display.counts();
    if is_set("TWO") {
        return two_windows(display).await;
    }
    if is_set("YUV") {
        return converted(display).await;
    }

    let pattern = if is_set("MOVING") {
        Pattern::MovingBox
    } else {
        Pattern::SmpteBars
    };
    let show = pipeline! {
        bars    = TestPattern::new(pattern).size(width, height).fps(60);
        display = display;
        tell    = Tell::new(0.0);

        bars          >> display;
        display.keys  >> tell.keys;
        display.mouse >> tell.mouse;
    };
    let show = show.expect("a graph without faults");
    if is_set("COUNT") {
        let latency = || counts.latency().p50.as_secs_f64() * 1e3;
        let wait = || tokio::time::timeout(Duration::from_millis(50), show.finished());
        while wait().await.is_err() {
            let ticks = show.status().actor("display").expect("it runs").ticks;
            let (shown, dropped) = (counts.shown(), counts.dropped());
            println!("counts {ticks} {shown} {dropped} {:.3}", latency());
        }
    }
    show.run().await.expect("a run without faults");
    println!("ended");
}

/// Two displays of one program: closing one leaves the other.
async fn two_windows(display: Display) {
    let show = pipeline! {
        clock house = SoftwareClock::fps(60);
        bars  = TestPattern::new(Pattern::SmpteBars).size(320, 180) @ house;
        white = TestPattern::new(Pattern::White).size(100, 100) @ house;

        bars  >> display;
        white >> Display::new("white").size(64, 64);
    };
    let show = show.expect("a graph without faults");
    show.run().await.expect("a run without faults");
    println!("ended");
}

/// Writes what a person does into lines on stdout.
#[actor]
struct Tell {
    #[input(every = 8)]
    keys: Input<KeyEvent>,
    #[input(every = 8)]
    mouse: Input<MouseEvent>,
    scrolled: f32,
}

impl Actor for Tell {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        while let Some(event) = self.keys.next() {
            println!("key {:?} {}", event.state, event.key);
        }
        while let Some(event) = self.mouse.next() {
            if let MouseEventKind::Scroll { dy, .. } = event.kind {
                self.scrolled += dy;
                println!("scrolled {}", self.scrolled);
            }
            println!("mouse {:?} {:.0} {:.0}", event.kind, event.x, event.y);
        }
        Ok(())
    }
}

/// A picture in a format that no screen has.
async fn converted(display: Display) {
    let show = pipeline! {
        bars = TestPattern::new(Pattern::SmpteBars).size(320, 180).fps(60);
        bars >> Convert::to(PixelFormat::V210) >> display;
    };
    let show = show.expect("a graph without faults");
    show.run().await.expect("a run without faults");
    println!("ended");
}

/// An X server without a screen.
struct Server {
    process: Child,
    display: String,
}

impl Server {
    fn start(width: u32, height: u32) -> Self {
        Self::start_with(width, height, &[])
    }

    fn start_with(width: u32, height: u32, more: &[&str]) -> Self {
        let mut process = Command::new("Xvfb")
            .args([
                "-displayfd",
                "1",
                "-noreset",
                "-nolisten",
                "tcp",
                "-screen",
                "0",
            ])
            .arg(format!("{width}x{height}x24"))
            .args(more)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("Xvfb: {error}; install it: {PACKAGES}"));
        let mut number = String::new();
        BufReader::new(process.stdout.take().expect("stdout is piped"))
            .read_line(&mut number)
            .expect("Xvfb says its display number");
        assert!(
            !number.trim().is_empty(),
            "Xvfb has not started; install what it needs: {PACKAGES}"
        );
        Self {
            process,
            display: format!(":{}", number.trim()),
        }
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("DISPLAY", &self.display);
        command
    }

    fn xdotool(&self, arguments: &str) -> String {
        let output = self
            .command("xdotool")
            .args(arguments.split_whitespace())
            .output()
            .unwrap_or_else(|error| panic!("xdotool: {error}; install it: {PACKAGES}"));
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "xdotool {arguments}: {errors}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn screenshot(&self) -> Screenshot {
        let output = self
            .command("xwd")
            .args(["-root", "-silent"])
            .output()
            .unwrap_or_else(|error| panic!("xwd: {error}; install it: {PACKAGES}"));
        assert!(
            output.status.success(),
            "xwd: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        Screenshot(output.stdout)
    }

    fn window(&self) -> String {
        self.window_called("bars")
    }

    fn window_called(&self, title: &str) -> String {
        let found = Instant::now();
        loop {
            let output = self
                .command("xdotool")
                .args(["search", "--name", &format!("^{title}$")])
                .output();
            let output = output.unwrap_or_else(|error| panic!("xdotool: {error}; {PACKAGES}"));
            let id = String::from_utf8_lossy(&output.stdout).trim().to_owned();
            if !id.is_empty() {
                return id;
            }
            assert!(
                found.elapsed() < PATIENCE,
                "there is no window called {title}"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn run(&self, picture: &str) -> Program {
        self.run_with(picture, &[])
    }

    fn run_with(&self, picture: &str, settings: &[(&str, &str)]) -> Program {
        let this_binary = std::env::current_exe().expect("the test's own path");
        let mut process = self
            .command(this_binary.to_str().expect("a path in UTF-8"))
            .args(["--exact", "program", "--nocapture", "--test-threads=1"])
            .env("PICTURE", picture)
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("this binary can be run again");
        let lines = follow(process.stdout.take().expect("stdout is piped"));
        let errors = follow(process.stderr.take().expect("stderr is piped"));
        Program {
            process,
            lines,
            errors,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn follow(output: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    receiver
}

struct Program {
    process: Child,
    lines: Receiver<String>,
    errors: Receiver<String>,
}

impl Program {
    fn expect(&self, wanted: &str) {
        let mut seen = Vec::new();
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) if line.ends_with(wanted) => return,
                Ok(line) => seen.push(line),
                Err(_) => panic!(
                    "no line {wanted:?} in {seen:#?}; stderr: {:#?}",
                    self.errors()
                ),
            }
        }
    }

    fn errors(&self) -> Vec<String> {
        self.errors.try_iter().collect()
    }

    /// What it has said, once it has ended: whoever reads along may be behind.
    fn last_errors(&self) -> Vec<String> {
        self.errors.iter().collect()
    }

    fn expect_end(&mut self) {
        self.expect("ended");
        let start = Instant::now();
        loop {
            if let Some(status) = self.process.try_wait().expect("a process of our own") {
                return assert!(
                    status.success(),
                    "{status}; stderr: {:#?}",
                    self.last_errors()
                );
            }
            assert!(start.elapsed() < PATIENCE, "the program has not ended");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The bytes of an XWD file: a header of big-endian words, a colour map, and the pixels.
struct Screenshot(Vec<u8>);

impl Screenshot {
    fn word(&self, index: usize) -> usize {
        let bytes = self.0[index * 4..][..4].try_into().expect("four bytes");
        u32::from_be_bytes(bytes) as usize
    }

    fn size(&self) -> (usize, usize) {
        (self.word(4), self.word(5))
    }

    /// The colour `0xRRGGBB` of a pixel.
    fn at(&self, x: usize, y: usize) -> u32 {
        let (header, colours, bytes_per_line) = (self.word(0), self.word(19), self.word(12));
        assert_eq!(self.word(11), 32, "bits a pixel");
        let start = header + colours * 12 + y * bytes_per_line + x * 4;
        let bytes = self.0[start..][..4].try_into().expect("four bytes");
        let pixel = if self.word(7) == 0 {
            u32::from_le_bytes(bytes)
        } else {
            u32::from_be_bytes(bytes)
        };
        pixel & 0xFF_FFFF
    }

    /// The colours in the middles of the seven bars of a picture that fills that part of the screen.
    fn bars(&self, (left, top, width, height): (usize, usize, usize, usize)) -> [u32; 7] {
        std::array::from_fn(|bar| self.at(left + (2 * bar + 1) * width / 14, top + height / 3))
    }
}

const BARS: [u32; 7] = [
    0xBFBFBF, 0xBFBF00, 0x00BFBF, 0x00BF00, 0xBF00BF, 0xBF0000, 0x0000BF,
];

/// Waits until `what` holds of the screen.
fn await_screen(server: &Server, name: &str, what: impl Fn(&Screenshot) -> bool) {
    let start = Instant::now();
    loop {
        let screenshot = server.screenshot();
        if what(&screenshot) {
            if let Ok(folder) = std::env::var("SCREENSHOTS") {
                let file = format!("{folder}/{name}.xwd").replace(' ', "_");
                std::fs::write(file, &screenshot.0).expect("the screenshot can be kept");
            }
            return;
        }
        let size = screenshot.size();
        assert!(
            start.elapsed() < PATIENCE,
            "the screen of {size:?} never showed: {name}"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn the_seven_bars_are_on_the_screen_keys_arrive_and_esc_ends() {
    let server = Server::start(1280, 720);
    let mut program = server.run("640x360");
    let middle = (320, 180, 640, 360);
    await_screen(&server, "bars in the middle", |screen| {
        screen.bars(middle) == BARS
            && screen.at(319, 300) == 0
            && screen.at(320 + 20, 180 + 255) == 0x0000BF // the first castellation
            && screen.at(320 + 160, 180 + 330) == 0xFFFFFF // the white patch
    });

    server.xdotool("key a");
    program.expect("key Pressed A");
    program.expect("key Released A");
    server.xdotool("key shift+F5");
    program.expect("key Pressed Shift");
    program.expect("key Pressed F5");

    server.xdotool("mousemove 480 270 mousedown 1");
    program.expect("mouse Press(Left) 160 90");
    server.xdotool("mouseup 1");
    program.expect("mouse Release(Left) 160 90");
    server.xdotool("click 4");
    program.expect("scrolled 1");
    server.xdotool("click 5");
    server.xdotool("click 5");
    program.expect("scrolled -1");

    server.xdotool("key Escape");
    program.expect("key Pressed Escape");
    program.expect_end();
    assert_eq!(server.screenshot().at(640, 360), 0, "the window has gone");
}

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
fn a_window_that_somebody_else_closes_ends_the_program_well() {
    for close in ["windowclose", "windowkill"] {
        let server = Server::start(640, 480);
        let mut program = server.run("320x180");
        let window = server.window();
        await_screen(&server, close, |screen| {
            screen.bars((160, 150, 320, 180)) == BARS
        });
        server.xdotool(&format!("{close} {window}"));
        program.expect_end();
    }
}

#[test]
fn a_server_that_dies_ends_the_program_well_and_is_told() {
    let server = Server::start(640, 480);
    let mut program = server.run("320x180");
    await_screen(&server, "before the end", |screen| {
        screen.bars((160, 150, 320, 180)) == BARS
    });
    drop(server);
    program.expect_end();
    let errors = program.last_errors().join("\n");
    assert!(errors.contains("the display server has gone"), "{errors}");
}

/// A click that is as short as it can be arrives whole.
#[test]
fn no_click_is_lost() {
    let server = Server::start(640, 480);
    let mut program = server.run("320x180");
    await_screen(&server, "before the clicks", |screen| {
        screen.bars((160, 150, 320, 180)) == BARS
    });
    server.xdotool("mousemove 170 160 click --repeat 3 --delay 0 1");
    for _ in 0..3 {
        program.expect("mouse Press(Left) 10 10");
        program.expect("mouse Release(Left) 10 10");
    }
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

#[test]
fn a_program_has_as_many_windows_as_displays() {
    let server = Server::start(640, 480);
    let mut program = server.run_with("320x180", &[("TWO", "1")]);
    let (bars, white) = (server.window(), server.window_called("white"));
    server.xdotool(&format!("windowmove {bars} 0 0"));
    server.xdotool(&format!("windowmove {white} 400 0"));
    await_screen(&server, "two windows", |screen| {
        screen.bars((0, 0, 320, 180)) == BARS && screen.at(432, 32) == 0xFFFFFF
    });
    server.xdotool("mousemove 432 32 key Escape");
    await_screen(&server, "one window", |screen| {
        screen.bars((0, 0, 320, 180)) == BARS && screen.at(432, 32) == 0
    });
    server.xdotool("mousemove 32 32 key Escape");
    program.expect_end();
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
    server.xdotool("key Escape");
    program.expect_end();
}

/// What the program counts: ticks of the display, pictures shown and dropped, milliseconds of latency.
fn counts(program: &Program) -> [f64; 4] {
    loop {
        let line = program.lines.recv_timeout(PATIENCE).expect("a line");
        if let Some(counts) = line.strip_prefix("counts ") {
            let mut numbers = counts
                .split(' ')
                .map(|number| number.parse().expect("a number"));
            return std::array::from_fn(|_| numbers.next().expect("four numbers"));
        }
    }
}

#[test]
fn a_server_that_hangs_holds_up_nobody_and_what_it_misses_is_counted() {
    let server = Server::start(640, 480);
    let settings = [("MOVING", "1"), ("COUNT", "1")];
    let mut program = server.run_with("320x180", &settings);
    let until = |what: &dyn Fn([f64; 4]) -> bool| {
        let start = Instant::now();
        loop {
            let counts = counts(&program);
            if what(counts) {
                return counts;
            }
            assert!(start.elapsed() < PATIENCE, "{counts:?}");
        }
    };
    let [ticks, shown, dropped, latency] =
        until(&|[_, shown, _, latency]| shown > 20.0 && latency > 0.0);
    assert!(
        shown + dropped <= ticks + 1.0 && latency < 1e3,
        "{ticks} {shown} {dropped} {latency}"
    );

    let signal = |name: &str| {
        let id = server.process.id().to_string();
        let sent = Command::new("kill").arg(name).arg(&id).status();
        assert!(sent.expect("a signal").success());
    };
    signal("-STOP");
    let stalled = until(&|[now, ..]| now > ticks + 60.0);
    let later = until(&|[now, ..]| now > stalled[0] + 60.0);
    assert_eq!(stalled[1], later[1], "nothing can be shown");
    assert!(
        later[2] > stalled[2] + 30.0,
        "{stalled:?} {later:?}: it is counted"
    );
    signal("-CONT");
    until(&|[_, shown, ..]| shown > later[1] + 20.0);
    server.xdotool("key Escape");
    program.expect_end();
}
