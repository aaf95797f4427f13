//! The programs that are measured: their installation, their building, and a run of each.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use super::ffmpeg;
use super::figures::Figures;
use super::screen::Screen;
use super::side::{Counted, Side};
use crate::{apt, succeed};

/// What has been made ready so far.
pub struct Peers {
    install: bool,
    gstreamer: bool,
    futuresdr: bool,
    cyclictest: bool,
}

/// One busy program a core, ended when dropped.
pub struct Load(Vec<Child>);

impl Drop for Load {
    fn drop(&mut self) {
        for child in &mut self.0 {
            // Err: it has ended already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Measures on the card; says what is missing where there is none.
fn on_card(name: &str) -> Command {
    let mut command = crate::cargo();
    command
        .args(["run", "--release", "--quiet", "-p", "streamlib-benches"])
        .args(["--features", "cuda", "--bin", "gpu", "--", name]);
    command
}

impl Peers {
    pub fn new(install: bool) -> Self {
        Self {
            install,
            gstreamer: false,
            futuresdr: false,
            cyclictest: false,
        }
    }

    /// Builds our side and the peers that are crates of the same program.
    pub fn build_ours(&self) -> Result<(), String> {
        eprintln!("building the measurements");
        let mut build = crate::cargo();
        build.args([
            "build",
            "--release",
            "--quiet",
            "-p",
            "streamlib-benches",
            "--bin",
            "measure",
        ]);
        succeed(&mut build).map(drop)
    }

    /// Installs and builds what this side needs, once.
    ///
    /// # Errors
    /// What could not be installed or built.
    pub fn provide(&mut self, side: &Side) -> Result<(), String> {
        match side {
            Side::Measure(_)
            | Side::MeasureOf(..)
            | Side::Card(_)
            | Side::Ticks { .. }
            | Side::TicksWhileRunning { .. }
            | Side::SameRun => {}
            Side::PtpOffset => {
                self.install(apt::LINUXPTP)?;
                build_ptp_offset()?;
            }
            Side::GStreamer(_) if self.gstreamer => {}
            Side::GStreamer(_) => {
                self.install(apt::GSTREAMER)?;
                build_gstreamer()?;
                self.gstreamer = true;
            }
            Side::Ffmpeg { .. } => self.install(apt::FFMPEG)?,
            Side::FutureSdr(_) if self.futuresdr => {}
            Side::FutureSdr(_) => {
                build_futuresdr()?;
                self.futuresdr = true;
            }
            Side::Instructions { build, .. } => {
                self.install(apt::VALGRIND)?;
                build_counted(*build)?;
            }
            Side::Cyclictest { .. } | Side::TicksBesideCyclictest { .. } if self.cyclictest => {}
            Side::Cyclictest { .. } | Side::TicksBesideCyclictest { .. } => {
                self.install(apt::CYCLICTEST)?;
                self.cyclictest = true;
            }
        }
        Ok(())
    }

    fn install(&self, packages: &[apt::Package]) -> Result<(), String> {
        if apt::provide(packages, self.install)? {
            return Ok(());
        }
        Err("the peer is not on this machine, and --no-install was given".to_owned())
    }

    /// An X server for both sides.
    ///
    /// # Errors
    /// When there is none, or it does not start.
    pub fn screen(&self) -> Result<Screen, String> {
        self.install(apt::SCREEN)?;
        Screen::start()
    }

    /// Runs one side once, on the screen if there is one.
    ///
    /// # Errors
    /// When its program fails or prints no figures.
    pub fn run(&self, side: &Side, screen: Option<&Screen>) -> Result<Figures, String> {
        let Some(screen) = screen else {
            return self.run_alone(side);
        };
        let mut command = match side {
            Side::Measure(name) => {
                let mut command = measure();
                command.arg(name);
                command
            }
            Side::GStreamer(words) => {
                let mut command = Command::new(gstreamer_peer());
                command.args(*words);
                command
            }
            _ => return Err("this shows nothing on a screen".to_owned()),
        };
        let begin = screen.cpu_us()?;
        let figures = Figures::read(&succeed(screen.show(&mut command))?)?;
        let server = screen.cpu_us()? - begin;
        let figure = |name| figures.get(name).ok_or(format!("it gave no {name}"));
        let all = figure("cpu_us")? + server / figure("shown")?;
        Ok(figures.and("all_cpu_us", all))
    }

    fn run_alone(&self, side: &Side) -> Result<Figures, String> {
        match side {
            Side::Measure(name) => Figures::read(&succeed(measure().arg(name))?),
            Side::MeasureOf(name, word) => Figures::read(&succeed(measure().args([name, word]))?),
            Side::Card(name) => Figures::read(&succeed(&mut on_card(name))?),
            Side::Ticks { fps, precision } => {
                Figures::read(&succeed(measure().args(["jitter", fps, precision]))?)
            }
            Side::Instructions { clock, build } => instructions(clock, *build),
            Side::TicksBesideCyclictest { fps } => {
                Figures::read(&succeed(measure().args(["jitter-beside", fps]))?)
            }
            Side::TicksWhileRunning { fps } => {
                Figures::read(&succeed(measure().args(["jitter-running", fps]))?)
            }
            Side::GStreamer(words) => {
                Figures::read(&succeed(Command::new(gstreamer_peer()).args(*words))?)
            }
            Side::Ffmpeg { graph, frames } => ffmpeg::a_frame(graph, *frames),
            Side::FutureSdr(words) => {
                Figures::read(&succeed(Command::new(futuresdr_peer()).args(*words))?)
            }
            Side::SameRun => Err("this is measured with the other side".to_owned()),
            Side::Cyclictest { interval_us, loops } => cyclictest(*interval_us, *loops),
            Side::PtpOffset => Figures::read(&succeed(&mut Command::new(ptp_offset()))?),
        }
    }

    /// Keeps every core busy until the load is dropped.
    pub fn keep_busy(&self) -> Result<Load, String> {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let mut load = Load(Vec::with_capacity(cores));
        for _ in 0..cores {
            // It ends by itself when we do: its standard input closes.
            let child = measure().arg("busy").stdin(Stdio::piped()).spawn();
            load.0
                .push(child.map_err(|error| format!("measure busy: {error}"))?);
        }
        Ok(load)
    }
}

fn measure() -> Command {
    Command::new(crate::target().join("release/measure"))
}

/// The folder of a build whose instructions are counted.
fn counted(build: Counted) -> PathBuf {
    crate::target().join("instructions").join(build.name())
}

fn build_counted(counts: Counted) -> Result<(), String> {
    if !counted(counts).exists() {
        eprintln!("building ticks ({}): a minute or two, once", counts.name());
    }
    let mut build = crate::cargo();
    build.args(["build", "--release", "--quiet", "-p", "streamlib-benches"]);
    build.args(["--no-default-features", "--bin", "ticks"]);
    if counts.metrics {
        build.args(["--features", "metrics"]);
    }
    // Valgrind knows the system calls of libc, and not rustix's own way into the kernel.
    let flags = if counts.profile {
        "--cfg=rustix_use_libc"
    } else {
        "--cfg=rustix_use_libc --cfg=streamlib_without_profile"
    };
    build.env("RUSTFLAGS", flags);
    succeed(build.env("CARGO_TARGET_DIR", counted(counts))).map(drop)
}

/// What valgrind counts for some ticks, less what it counts for fewer.
fn instructions(clock: &str, build: Counted) -> Result<Figures, String> {
    let (few, many) = if clock == "real" {
        (500, 2_500)
    } else {
        (1_000, 6_000)
    };
    let program = counted(build).join("release/ticks");
    let count = |ticks: u32| {
        let mut command = Command::new("valgrind");
        command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
        command.arg(&program).arg(clock);
        let output = command.arg(ticks.to_string()).output();
        let output = output.map_err(|error| format!("valgrind: {error}"))?;
        let said = String::from_utf8_lossy(&output.stderr);
        // "==123== Collected : 4567"
        let collected = said
            .lines()
            .find_map(|line| line.split_once("Collected : "));
        collected
            .and_then(|(_, count)| count.trim().parse::<f64>().ok())
            .ok_or_else(|| format!("valgrind has counted nothing: {said}"))
    };
    Ok(Figures::one(
        "instructions",
        (count(many)? - count(few)?) / f64::from(many - few),
    ))
}

fn gstreamer_peer() -> PathBuf {
    crate::target().join("gstreamer-peer")
}

fn futuresdr_peer() -> PathBuf {
    crate::target().join("futuresdr/release/futuresdr-peer")
}

fn ptp_offset() -> PathBuf {
    crate::target().join("release/ptp_offset")
}

fn build_ptp_offset() -> Result<(), String> {
    let mut build = crate::cargo();
    build.args(["build", "--release", "--quiet", "-p", "streamlib-tests"]);
    succeed(build.args(["--bin", "ptp_offset"])).map(drop)
}

fn build_gstreamer() -> Result<(), String> {
    let flags = succeed(Command::new("pkg-config").args(["--cflags", "--libs", "gstreamer-1.0"]))?;
    let mut compile = Command::new("cc");
    compile.args(["-O2", "-o"]).arg(gstreamer_peer());
    compile.arg(crate::workspace().join("benches/gstreamer/peer.c"));
    compile.args(flags.split_whitespace());
    succeed(&mut compile).map(drop)
}

fn build_futuresdr() -> Result<(), String> {
    eprintln!("building FutureSDR: some minutes the first time");
    let folder = crate::workspace().join("benches/futuresdr");
    let mut build = crate::cargo();
    build
        .args([
            "build",
            "--release",
            "--quiet",
            "--locked",
            "--manifest-path",
        ])
        .arg(folder.join("Cargo.toml"))
        .env("CARGO_TARGET_DIR", crate::target().join("futuresdr"))
        .env("RUSTC_WRAPPER", folder.join("rustc.sh"));
    succeed(&mut build).map(drop)
}

/// Wake-up latencies, at real-time priority where that is allowed, as it is meant to be run.
fn cyclictest(interval_us: u32, loops: u32) -> Result<Figures, String> {
    let run = |words: &[&str]| {
        let mut command = Command::new("cyclictest");
        command.args(["--quiet", "--verbose", "--nsecs", "--threads=1"]);
        command
            .arg(format!("--interval={interval_us}"))
            .arg(format!("--loops={loops}"));
        succeed(command.args(words))
    };
    let output = run(&["--mlockall", "--priority=80"]).or_else(|_| run(&[]))?;
    // "       0:      17:   88293": thread, number, nanoseconds.
    let latency = |line: &str| match line.split(':').map(str::trim).collect::<Vec<_>>()[..] {
        [thread, number, latency] if thread.parse::<u32>().is_ok() => {
            number.parse::<u64>().ok().and(latency.parse().ok())
        }
        _ => None,
    };
    let latencies: Vec<u64> = output.lines().filter_map(latency).collect();
    if latencies.len() < loops as usize / 2 {
        return Err(format!(
            "cyclictest gave {} latencies of {loops}",
            latencies.len()
        ));
    }
    // How far the time between two wake-ups is from the interval.
    let jitter = latencies.windows(2).map(|pair| pair[0].abs_diff(pair[1]));
    Ok(Figures::quantiles(&jitter.collect::<Vec<_>>()))
}
