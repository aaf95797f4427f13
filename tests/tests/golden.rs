//! The golden programs, as a user runs them.

use std::process::{Command, Output};

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
