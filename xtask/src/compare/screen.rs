//! A screen that nobody sees: the X server that both sides of a comparison show their pictures on.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// An X server of 1920 × 1080 pixels, ended when dropped.
pub struct Screen {
    server: Child,
    display: String,
}

impl Screen {
    /// Starts one on a display number that it picks itself.
    ///
    /// # Errors
    /// When Xvfb is not there or does not start.
    pub fn start() -> Result<Self, String> {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-noreset", "-nolisten", "tcp"])
            .args(["-screen", "0", "1920x1080x24"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("Xvfb: {error}"))?;
        let mut number = String::new();
        if let Some(stdout) = server.stdout.take() {
            let read = BufReader::new(stdout).read_line(&mut number);
            read.map_err(|error| format!("Xvfb: {error}"))?;
        }
        let screen = Self {
            server,
            display: format!(":{}", number.trim()),
        };
        match number.trim() {
            "" => Err("Xvfb has not started".to_owned()),
            _ => Ok(screen),
        }
    }

    /// Has the command show its pictures here.
    pub fn show<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command.env("DISPLAY", &self.display)
    }

    /// Microseconds of processor time that the server has used.
    ///
    /// # Errors
    /// When it has ended.
    pub fn cpu_us(&self) -> Result<f64, String> {
        let file = format!("/proc/{}/stat", self.server.id());
        let stat = std::fs::read_to_string(&file).map_err(|error| format!("{file}: {error}"))?;
        cpu_us(&stat).ok_or_else(|| format!("{file}: {stat:?}"))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // Err: it has ended already.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// User and system time in proc(5)'s `stat`, which Linux counts in hundredths of a second for every program.
fn cpu_us(stat: &str) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(") ")?; // the name before may hold anything
    let mut times = fields.split(' ').skip(11);
    let mut ticks = || times.next()?.parse::<f64>().ok();
    Some((ticks()? + ticks()?) * 10_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_times_of_a_process() {
        let stat = "7 (X) (v) S 1 7 7 0 -1 4194560 900 0 2 0 150 50 0 0 20 0 2 0 100 1 2";
        assert_eq!(cpu_us(stat), Some(2_000_000.0));
        assert_eq!(cpu_us("nothing"), None);
    }
}
