//! The program whose windows are looked at: a process of its own.

use std::io::{BufRead, BufReader, Read};
use std::process::Child;
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use streamlib::message::MouseEventKind;
use streamlib::prelude::*;

use crate::PATIENCE;

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
        .shortcuts(!is_set("NO_SHORTCUTS"))
        .snapshots(std::env::var_os("SNAPSHOTS").unwrap_or_default());
    let counts = display.counts();
    if is_set("TWO") {
        return two_windows(display).await;
    }
    if is_set("CLOCK") {
        return clock(display).await;
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
    if is_set("STOP") {
        return stopped(show, &counts).await;
    }
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

/// Stops when it is told to, and says how long that took.
async fn stopped(show: Pipeline, counts: &streamlib::actors::DisplayCounts) {
    while counts.shown() == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    println!("shows");
    let _ = std::io::stdin().read_line(&mut String::new());
    let start = Instant::now();
    show.stop().await.expect("a stop without faults");
    println!("stopped {}", start.elapsed().as_millis());
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

/// The number and the time of each picture, burned into it.
async fn clock(display: Display) {
    let show = pipeline! {
        clock house = SoftwareClock::fps(60);
        bars  = TestPattern::new(Pattern::SmpteBars).size(640, 360) @ house;
        clock = streamlib_graphics::clock(640, 360) @ house;
        mix   = Compositor::new(640, 360);

        bars  >> mix.layers;
        clock >> mix.layers;
        mix   >> display;
    };
    let show = show.expect("a graph without faults");
    show.run().await.expect("a run without faults");
    println!("ended");
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

pub fn follow(output: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    receiver
}

/// One that runs.
pub struct Program {
    pub process: Child,
    pub lines: Receiver<String>,
    pub errors: Receiver<String>,
}

impl Program {
    pub fn expect(&self, wanted: &str) {
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

    /// The rest of a line that begins with this.
    pub fn rest_of(&self, begin: &str) -> String {
        loop {
            let line = self.lines.recv_timeout(PATIENCE).expect("a line");
            if let Some((_, rest)) = line.split_once(begin) {
                return rest.to_owned();
            }
        }
    }

    pub fn errors(&self) -> Vec<String> {
        self.errors.try_iter().collect()
    }

    /// What it has said, once it has ended: whoever reads along may be behind.
    pub fn last_errors(&self) -> Vec<String> {
        self.errors.iter().collect()
    }

    pub fn expect_end(&mut self) {
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
