//! An X server without a screen, and what is done to it from outside.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::PATIENCE;
use crate::program::{Program, follow};
use crate::screenshot::Screenshot;

const PACKAGES: &str = "apt-get install -y xvfb xdotool x11-apps";

/// An X server without a screen.
pub struct Server {
    pub process: Child,
    display: String,
}

impl Server {
    pub fn start(width: u32, height: u32) -> Self {
        Self::start_with(width, height, &[])
    }

    pub fn start_with(width: u32, height: u32, more: &[&str]) -> Self {
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

    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("DISPLAY", &self.display);
        command
    }

    pub fn xdotool(&self, arguments: &str) -> String {
        let output = self
            .command("xdotool")
            .args(arguments.split_whitespace())
            .output()
            .unwrap_or_else(|error| panic!("xdotool: {error}; install it: {PACKAGES}"));
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "xdotool {arguments}: {errors}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    pub fn screenshot(&self) -> Screenshot {
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

    pub fn window(&self) -> String {
        self.window_called("bars")
    }

    pub fn window_called(&self, title: &str) -> String {
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

    pub fn run(&self, picture: &str) -> Program {
        self.run_with(picture, &[])
    }

    pub fn run_with(&self, picture: &str, settings: &[(&str, &str)]) -> Program {
        let this_binary = std::env::current_exe().expect("the test's own path");
        let mut process = self
            .command(this_binary.to_str().expect("a path in UTF-8"))
            .args([
                "--exact",
                "program::program",
                "--nocapture",
                "--test-threads=1",
            ])
            .env("PICTURE", picture)
            .envs(settings.iter().copied())
            .stdin(Stdio::piped())
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

impl Server {
    /// Sends its process a signal, as `-STOP`.
    pub fn signal(&self, name: &str) {
        let id = self.process.id().to_string();
        let sent = Command::new("kill").arg(name).arg(&id).status();
        assert!(sent.expect("a signal").success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
