//! What a contributor runs: `cargo xtask test`, `cargo xtask compare`, `cargo xtask book`.

mod apt;
mod arguments;
mod book;
mod compare;
mod test;

use std::path::Path;
use std::process::{Command, ExitCode};

const USAGE: &str = "\
cargo xtask COMMAND

  book     checks the book and builds it in target/book; the first time, installs mdBook in target/
             --quote          first puts the quoted messages right, from tests/ui
  compare  measures streamlib and its peers in turn, and prints ours, theirs and the ratio
             --json           prints a line of JSON a row
             --only NAME      measures this row alone, or those whose names begin so
             --runs N         measures each side N times
             --no-install     installs nothing; says what is missing
             --list           lists the rows
  test     installs what the tests need and the machine lacks, then runs all of them
             --no-install     installs nothing; says what is missing
             --only STEP      runs this step alone (may be given several times)
             --list           lists the steps
";

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let outcome = match words.next().as_deref() {
        Some("book") => book::run(words),
        Some("compare") => compare::run(words),
        Some("test") => test::run(words),
        Some("help" | "--help" | "-h") => {
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
