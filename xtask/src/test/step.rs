//! The steps of the test: one row of a table each.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use super::features;
use super::fuzz;
use super::golden;
use super::tally::Tally;

/// One step.
pub struct Step {
    pub name: &'static str,
    pub says: &'static str,
    /// Whether it needs the packages that [`crate::apt::TESTS`] lists.
    pub needs_packages: bool,
    work: Work,
}

/// What is added to the environment of a command.
pub type Environment = Vec<(&'static str, String)>;

enum Work {
    /// A cargo command, and what is added to its environment.
    Cargo(
        &'static [&'static str],
        &'static [(&'static str, &'static str)],
    ),
    /// The same, running tests, of which there must be some: their results are counted.
    Tests(
        &'static [&'static str],
        &'static [(&'static str, &'static str)],
    ),
    /// The same, one after the other, in an environment that has to be made first.
    TestsIn(
        &'static [&'static [&'static str]],
        fn() -> Result<Environment, String>,
    ),
    /// Anything else, given the workspace's folder.
    Function(fn(&Path) -> Result<(), String>),
}

use Work::{Cargo, Function, Tests, TestsIn};

const fn step(name: &'static str, says: &'static str, work: Work) -> Step {
    Step {
        name,
        says,
        needs_packages: false,
        work,
    }
}

/// Cheap ones first; the last runs tests, so that what is printed ends with their closing line.
pub const STEPS: &[Step] = &[
    step(
        "golden",
        "the examples are the golden programs, word for word",
        Function(golden::compare),
    ),
    step(
        "book",
        "the book's links lead somewhere, its quotes are what the compiler says",
        Function(crate::book::check),
    ),
    step(
        "fmt",
        "the code is formatted",
        Cargo(&["fmt", "--all", "--check"], &[]),
    ),
    step(
        "clippy",
        "no warning anywhere",
        Cargo(
            &[
                "clippy",
                "--workspace",
                "--all-targets",
                "--",
                "-D",
                "warnings",
            ],
            &[],
        ),
    ),
    step(
        "core",
        "no warning in the core alone, without its features",
        Cargo(
            &[
                "clippy",
                "-p",
                "streamlib",
                "--no-default-features",
                "--",
                "-D",
                "warnings",
            ],
            &[],
        ),
    ),
    step(
        "rustdoc",
        "the documentation builds, no link is broken",
        Cargo(
            &["doc", "--workspace", "--no-deps"],
            &[("RUSTDOCFLAGS", "-D warnings")],
        ),
    ),
    step(
        "examples",
        "every example builds",
        Cargo(
            &[
                "build",
                "-p",
                "streamlib-examples",
                "--examples",
                "--all-features",
            ],
            &[],
        ),
    ),
    Step {
        needs_packages: true,
        ..step(
            "fuzz",
            "nothing that comes from outside breaks a clock or what reads pictures: libFuzzer, for some seconds",
            Function(fuzz::run),
        )
    },
    Step {
        needs_packages: true,
        ..step(
            "tests",
            "unit and integration tests, macro messages, the window",
            Tests(
                &[
                    "test",
                    "--workspace",
                    "--no-fail-fast",
                    "--lib",
                    "--bins",
                    "--tests",
                    "--examples",
                ],
                &[],
            ),
        )
    },
    step(
        "doctests",
        "the examples in the documentation",
        Tests(&["test", "--workspace", "--no-fail-fast", "--doc"], &[]),
    ),
    Step {
        needs_packages: true,
        ..step(
            "features",
            "what is not built by default: Prometheus, a camera, and of a card all that can be shown without one",
            TestsIn(features::TESTS, features::environment),
        )
    },
    step(
        "loom",
        "the ring, and a tick on its way, under every interleaving of their threads",
        TestsIn(&[LOOM_RING, LOOM_TICK], loom),
    ),
];

const LOOM_RING: &[&str] = &[
    "test",
    "--release",
    "-p",
    "streamlib",
    "--no-default-features",
    "--test",
    "ring_loom",
];
const LOOM_TICK: &[&str] = &[
    "test",
    "--release",
    "-p",
    "streamlib",
    "--no-default-features",
    "--lib",
    "pipeline::inbox::model",
];

fn loom() -> Result<Environment, String> {
    Ok(vec![
        ("RUSTFLAGS", "--cfg streamlib_loom".to_owned()),
        ("CARGO_TARGET_DIR", "target/loom".to_owned()),
    ])
}

impl Step {
    /// Runs the step in the workspace's folder; tests are counted into `tally`.
    ///
    /// # Errors
    /// What failed, in a few words: the details have been printed.
    pub fn run(&self, tally: &mut Tally) -> Result<(), String> {
        let root = crate::workspace();
        match self.work {
            Function(check) => check(root),
            Cargo(words, environment) => {
                let status = cargo(words, environment).status();
                judge(words, status.map_err(|error| format!("cargo: {error}"))?)
            }
            Tests(words, environment) => {
                let status = count(&mut cargo(words, environment), tally);
                judge(words, status.map_err(|error| format!("cargo: {error}"))?)?;
                if tally.passed == 0 {
                    return Err(format!("cargo {} ran no test", words.join(" ")));
                }
                Ok(())
            }
            TestsIn(runs, environment) => {
                let environment = environment()?;
                let environment: Vec<_> = environment
                    .iter()
                    .map(|(name, value)| (*name, value.as_str()))
                    .collect();
                for words in runs {
                    let before = tally.passed;
                    let status = count(&mut cargo(words, &environment), tally);
                    judge(words, status.map_err(|error| format!("cargo: {error}"))?)?;
                    if tally.passed == before {
                        return Err(format!("cargo {} ran no test", words.join(" ")));
                    }
                }
                Ok(())
            }
        }
    }
}

/// A cargo command in the workspace's folder.
fn cargo(words: &[&str], environment: &[(&str, &str)]) -> Command {
    let mut command = crate::cargo();
    command.args(words).envs(environment.iter().copied());
    command
}

fn judge(words: &[&str], status: ExitStatus) -> Result<(), String> {
    if status.success() {
        Ok(())
    } else {
        Err(format!("cargo {} ({status})", words.join(" ")))
    }
}

/// Runs `command` and passes its output on, reading the tests' results from it.
fn count(command: &mut Command, tally: &mut Tally) -> std::io::Result<ExitStatus> {
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let mut output = std::io::stdout().lock();
    if let Some(stdout) = child.stdout.take() {
        let mut stdout = BufReader::new(stdout);
        let mut line = Vec::new();
        while stdout.read_until(b'\n', &mut line)? > 0 {
            output.write_all(&line)?;
            output.flush()?;
            tally.read(&String::from_utf8_lossy(&line));
            line.clear();
        }
    }
    child.wait()
}
