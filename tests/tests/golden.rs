//! The golden programs, as a user runs them.

use std::io::{BufRead, BufReader};
use std::process::{Command, Output, Stdio};

fn example(name: &str) -> Output {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/Cargo.toml");
    let output = Command::new(env!("CARGO"))
        .args([
            "run",
            "--quiet",
            "--manifest-path",
            manifest,
            "--example",
            name,
        ])
        .output()
        .expect("cargo runs");
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{name} ended with {}:\n{text}",
        output.status
    );
    assert!(
        !text.contains("warning"),
        "{name} is built with a warning:\n{text}"
    );
    output
}

#[test]
fn own_actor() {
    assert_eq!(example("own_actor").stdout, b"600 ticks, 600 pictures\n");
}

#[test]
fn graph() {
    let output = String::from_utf8(example("graph").stdout).expect("text");
    for line in [
        "tick 0: ",
        "tick 1: ",
        "tick 2: ",
        "flowchart LR",
        "layers: VideoFrame",
    ] {
        assert!(output.contains(line), "no `{line}` in\n{output}");
    }
    let row = |name: &str| {
        let row = output
            .lines()
            .find(|line| line.starts_with(&format!("{name} ")));
        row.unwrap_or_else(|| panic!("no row for {name} in\n{output}"))
            .to_owned()
    };
    assert!(row("mix").contains("threads"), "{output}");
    assert!(row("luma").contains("inline"), "{output}");
    assert!(row("print").contains("tokio"), "{output}");
}

#[test]
fn run_time_graph() {
    example("run_time_graph");
}

#[test]
fn ctrl_c_stops_the_demo_and_prints_the_table() {
    // Built first, so that the signal reaches the program and not cargo.
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/Cargo.toml");
    let built = Command::new(env!("CARGO"))
        .args([
            "build",
            "--quiet",
            "--manifest-path",
            manifest,
            "--example",
            "demo",
        ])
        .args(["--message-format", "json"])
        .output()
        .expect("cargo runs");
    let built = String::from_utf8(built.stdout).expect("text");
    let path = built
        .split("\"executable\":\"")
        .filter_map(|rest| rest.split('"').next())
        .find(|path| path.ends_with("demo"))
        .expect("cargo says where the demo is");

    // No display and no terminal: frames are counted.
    let mut demo = Command::new(path)
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the demo starts");
    let mut lines = BufReader::new(demo.stderr.take().expect("it is piped")).lines();
    let mut text = String::new();
    let mut until = |word: &str, text: &mut String| {
        for line in lines.by_ref().map_while(Result::ok) {
            text.push_str(&line);
            text.push('\n');
            if line.contains(word) {
                return true;
            }
        }
        false
    };
    assert!(
        until("60 fps", &mut text),
        "it says at what rate it runs:\n{text}"
    );
    assert!(
        until("frames of 1920×1080", &mut text),
        "it counts:\n{text}"
    );
    let pid = demo.id().to_string();
    let sent = Command::new("kill")
        .args(["-INT", &pid])
        .status()
        .expect("kill runs");
    assert!(sent.success());
    let status = demo.wait().expect("it ends");
    until("no such line", &mut text);
    assert!(status.success(), "{status}:\n{text}");
    for row in ["actor ", "bars ", "display "] {
        assert!(
            text.lines().any(|line| line.starts_with(row)),
            "no row `{row}`:\n{text}"
        );
    }
}
