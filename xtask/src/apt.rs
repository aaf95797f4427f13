//! What the tests and the peers need from Debian, how to see that it is there, and its installation.

use std::path::Path;
use std::process::Command;

/// A Debian package, and what shows that it is there.
pub struct Package {
    name: &'static str,
    shown_by: ShownBy,
    needed_for: &'static str,
}

/// What shows that a package is on the machine, however it came there.
enum ShownBy {
    /// A program on the `PATH`.
    Program(&'static str),
    /// A file in one of these places (Debian's architecture folder stands for `*`).
    File(&'static str),
}

use ShownBy::{File, Program};

const fn package(name: &'static str, shown_by: ShownBy, needed_for: &'static str) -> Package {
    Package {
        name,
        shown_by,
        needed_for,
    }
}

/// What `cargo xtask test` needs: the window is tested in a real X server, PTP with a real master.
pub const TESTS: &[Package] = &[
    package(
        "xvfb",
        Program("Xvfb"),
        "the X server that the window is tested in",
    ),
    package(
        "xdotool",
        Program("xdotool"),
        "keys, the mouse and closing the window",
    ),
    package(
        "ffmpeg",
        Program("ffmpeg"),
        "what pictures are compared with",
    ),
    package("x11-apps", Program("xwd"), "the screenshot"),
    package(
        "g++",
        Program("c++"),
        "libFuzzer, which is C++; kernels on the processor",
    ),
    package(
        "python3-pip",
        File("/usr/lib/python3/dist-packages/pip/__init__.py"),
        "fetching NVRTC, the compiler of kernels",
    ),
    package(
        "libclang-dev",
        File("/usr/lib/*/lib/libclang.so"),
        "building the camera: bindgen reads the kernel's header",
    ),
    package("iproute2", Program("ip"), "the network of PTP's tests"),
    package("linuxptp", Program("ptp4l"), "the master that PTP follows"),
    package(
        "util-linux",
        Program("setpriv"),
        "ending ptp4l with its test",
    ),
];

/// What `cargo xtask compare` needs to run FFmpeg.
pub const FFMPEG: &[Package] = &[
    package("ffmpeg", Program("ffmpeg"), "its filters"),
    package(
        "fonts-dejavu-core",
        File("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"),
        "drawtext",
    ),
];

/// What `cargo xtask compare` needs to run GStreamer.
pub const GSTREAMER: &[Package] = &[
    package(
        "pkg-config",
        Program("pkg-config"),
        "finding GStreamer's headers",
    ),
    package(
        "libgstreamer1.0-dev",
        File("/usr/include/gstreamer-1.0/gst/gst.h"),
        "GStreamer",
    ),
    package(
        "gstreamer1.0-plugins-base",
        File("/usr/lib/*/gstreamer-1.0/libgstvideotestsrc.so"),
        "videotestsrc, compositor, textoverlay",
    ),
    package(
        "gstreamer1.0-plugins-good",
        File("/usr/lib/*/gstreamer-1.0/libgstimagefreeze.so"),
        "imagefreeze",
    ),
    package(
        "gstreamer1.0-x",
        File("/usr/lib/*/gstreamer-1.0/libgstximagesink.so"),
        "ximagesink, timeoverlay",
    ),
];

/// What `cargo xtask compare` shows pictures on.
pub const SCREEN: &[Package] = &[package(
    "xvfb",
    Program("Xvfb"),
    "the X server that both sides show their pictures on",
)];

/// What `cargo xtask compare` needs to measure the kernel's own wake-up jitter.
pub const CYCLICTEST: &[Package] = &[package(
    "rt-tests",
    Program("cyclictest"),
    "the kernel's own jitter",
)];

/// What `cargo xtask compare` needs to count instructions.
pub const VALGRIND: &[Package] = &[package(
    "valgrind",
    Program("valgrind"),
    "counting instructions",
)];

/// What `cargo xtask compare` needs to run ptp4l beside `PtpClock`.
pub const LINUXPTP: &[Package] = &[
    package("iproute2", Program("ip"), "the network between the clocks"),
    package("linuxptp", Program("ptp4l"), "ptp4l"),
    package(
        "util-linux",
        Program("setpriv"),
        "ending ptp4l with its network",
    ),
];

impl Package {
    fn is_there(&self) -> bool {
        match self.shown_by {
            Program(name) => on_path(name),
            File(path) => exists(path),
        }
    }
}

/// Installs those of `packages` that the machine lacks, and says so; with `install` false it only says
/// what is missing. Says whether all are there now.
///
/// # Errors
/// When apt-get is missing or fails.
pub fn provide(packages: &[Package], install: bool) -> Result<bool, String> {
    let missing: Vec<_> = packages
        .iter()
        .filter(|package| !package.is_there())
        .collect();
    if missing.is_empty() {
        return Ok(true);
    }
    eprintln!("missing on this machine:");
    for package in &missing {
        eprintln!("  {:<28} {}", package.name, package.needed_for);
    }
    let names: Vec<_> = missing.iter().map(|package| package.name).collect();
    let names = names.join(" ");
    if !install {
        eprintln!("nothing is installed (--no-install): apt-get install {names}");
        return Ok(false);
    }
    if !on_path("apt-get") {
        return Err(format!(
            "this machine has no apt-get; install what stands for {names} and call again \
             (--no-install goes on without)"
        ));
    }
    eprintln!("installing with apt-get: {names}");
    apt_get(&["update", "-q"])?;
    let mut words = vec!["install", "-q", "-y", "--no-install-recommends"];
    words.extend(names.split(' '));
    apt_get(&words)?;
    match missing.iter().find(|package| !package.is_there()) {
        None => Ok(true),
        Some(package) => Err(format!(
            "apt-get has installed {}, but what shows it ({}) is still not found",
            package.name,
            match package.shown_by {
                Program(what) | File(what) => what,
            }
        )),
    }
}

/// Runs apt-get, as root or through sudo, waiting for another apt-get to be done.
fn apt_get(words: &[&str]) -> Result<(), String> {
    let mut command = if is_root() {
        Command::new("apt-get")
    } else {
        let mut sudo = Command::new("sudo");
        sudo.args(["--preserve-env=DEBIAN_FRONTEND", "apt-get"]);
        sudo
    };
    let status = command
        .args(["-o", "DPkg::Lock::Timeout=300"])
        .args(words)
        .env("DEBIAN_FRONTEND", "noninteractive")
        // Standard output is for results, which a program may read.
        .stdout(std::io::stderr())
        .status()
        .map_err(|error| format!("apt-get could not be started: {error}"))?;
    if status.success() {
        return Ok(());
    }
    Err(format!(
        "apt-get {} failed ({status}); --no-install goes on without",
        words.join(" ")
    ))
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// Whether a program of this name is on the `PATH`.
pub fn on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// Whether the file is there; `*` stands for one folder of any name.
fn exists(path: &str) -> bool {
    let Some((before, after)) = path.split_once("/*/") else {
        return Path::new(path).exists();
    };
    let folders = std::fs::read_dir(before).into_iter().flatten().flatten();
    folders
        .into_iter()
        .any(|folder| folder.path().join(after).exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sees_what_is_there_and_what_is_not() {
        assert!(on_path("cargo"));
        assert!(!on_path("no-such-program"));
        assert!(exists("/proc/self/*/0"));
        assert!(!exists("/proc/self/*/no-such-file"));
    }
}
