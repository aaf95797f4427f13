//! FFmpeg's filters as a peer: what a frame of a filter graph costs.

use std::process::Command;

use super::figures::Figures;
use crate::succeed;

/// Microseconds of processor time a frame, and frames a second, of the output `out` of a filter graph.
///
/// What the first frame costs, with starting and all that is drawn once, is measured by itself and taken
/// away.
///
/// # Errors
/// When FFmpeg fails or does not say what it took.
pub fn a_frame(graph: &str, frames: u32) -> Result<Figures, String> {
    let first = run(graph, 1)?;
    let all = run(graph, frames)?;
    let more = f64::from(frames) - 1.0;
    let wall = all.wall - first.wall;
    Ok(Figures::of([
        ("cpu_us", (all.cpu - first.cpu) / more * 1e6),
        ("fps", more / wall),
    ]))
}

/// Seconds.
#[derive(Debug, PartialEq)]
struct Took {
    cpu: f64,
    wall: f64,
}

fn run(graph: &str, frames: u32) -> Result<Took, String> {
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args([
        "-nostdin",
        "-hide_banner",
        "-benchmark",
        "-filter_complex",
        graph,
    ]);
    ffmpeg.args([
        "-map",
        "[out]",
        "-frames:v",
        &frames.to_string(),
        "-f",
        "null",
        "-",
    ]);
    // It tells everything on its standard error.
    let output = succeed(
        Command::new("sh")
            .args(["-c", "exec \"$@\" 2>&1", "sh", "ffmpeg"])
            .args(ffmpeg.get_args()),
    )?;
    took(&output).ok_or_else(|| format!("ffmpeg did not say what it took: {output:?}"))
}

/// Reads `bench: utime=0.583s stime=0.041s rtime=0.357s`.
fn took(output: &str) -> Option<Took> {
    let line = output
        .lines()
        .rev()
        .find(|line| line.contains("bench: utime="))?;
    let seconds = |name: &str| {
        let value = line
            .split_whitespace()
            .find_map(|word| word.strip_prefix(name))?;
        value.strip_suffix('s')?.parse::<f64>().ok()
    };
    Some(Took {
        cpu: seconds("utime=")? + seconds("stime=")?,
        wall: seconds("rtime=")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_took() {
        let output =
            "frame=  60 fps=0.0\nbench: utime=0.5s stime=0.25s rtime=0.375s\nbench: maxrss=90kB\n";
        assert_eq!(
            took(output),
            Some(Took {
                cpu: 0.75,
                wall: 0.375
            })
        );
        assert_eq!(took("bench: utime=much"), None);
    }
}
