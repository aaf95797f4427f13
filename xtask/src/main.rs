//! What a contributor runs: `cargo xtask test`, `compare`, `cost`, `editor`, `gpu` and `book`.

mod apt;
mod arguments;
mod book;
mod compare;
mod cost;
mod editor;
mod numbers;
mod test;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

const USAGE: &str = "\
cargo xtask COMMAND

  book     checks the book and builds it in target/book; the first time, installs mdBook in target/
             --quote          first puts the quoted messages right, from tests/ui
  compare  measures streamlib and its peers in turn, and prints ours, theirs and the ratio
             --json           prints a line of JSON a row
             --only NAME      measures this row alone, or those whose names begin so
             --runs N         measures each side N times
             --strict         fails when a goal is missed, too
             --no-install     installs nothing; says what is missing
             --list           lists the rows
  cost     measures what the macros cost in programs of 1, 10 and 100 actors: seconds of `cargo check`,
           lines that are written, machine code; fails when one grows faster than the program
             --json           prints a line of JSON a row
             --runs N         checks each program N times
  editor   asks rust-analyzer where the words of a graph are defined, and what it offers for half-typed ones;
           rustup fetches rust-analyzer if it is not there
  gpu      tests all that is about cards, on the simulated one; on a real one with STREAMLIB_GPU=cuda, or its number, and
           fails then when there is none
  test     installs what the tests need and the machine lacks, then runs all of them
             --no-install     installs nothing; says what is missing
             --only STEP      runs this step alone (may be given several times)
             --list           lists the steps
";

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    if std::env::args().any(|word| word == "--help" || word == "-h") {
        print!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    let outcome = match words.next().as_deref() {
        Some("book") => book::run(words),
        Some("compare") => compare::run(words),
        Some("cost") => cost::run(words),
        Some("editor") => editor::run(words),
        Some("gpu") => test::run(
            ["--only", "features"]
                .map(str::to_owned)
                .into_iter()
                .chain(words),
        ),
        Some("test") => test::run(words),
        Some("help") => {
            print!("{USAGE}");
            Ok(())
        }
        None => Err(format!(
            "no command was given; expected one of these:\n\n{USAGE}"
        )),
        Some(other) => Err(format!(
            "{other} is no command; expected one of these:\n\n{USAGE}"
        )),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}

/// The workspace's folder.
fn workspace() -> &'static Path {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask)
}

/// The cargo that runs this, in the workspace's folder.
fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    command.current_dir(workspace());
    command
}

/// Where cargo builds.
fn target() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or("target".into(), PathBuf::from);
    workspace().join(target)
}

/// Runs a program to its end and gives what it wrote to its standard output.
fn succeed(command: &mut Command) -> Result<String, String> {
    let program = command.get_program().display().to_string();
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("{program} could not be started: {error}"))?;
    if !output.status.success() {
        return Err(format!("{program} failed ({})", output.status));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
