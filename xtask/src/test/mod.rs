//! `cargo xtask test`: installs what is missing, runs every step, and lists what failed.

mod features;
mod fuzz;
mod golden;
mod step;
mod tally;

use std::process::Command;
use std::time::{Duration, Instant};

use crate::apt;
use crate::arguments::Arguments;
use step::{STEPS, Step};
use tally::Tally;

/// What became of a step.
struct Outcome {
    step: &'static Step,
    failure: Option<String>,
    tally: Tally,
    took: Duration,
}

/// Runs the steps that the words name, all of them when they name none.
///
/// # Errors
/// When the words are wrong, when something that is missing cannot be installed, and when a step
/// fails. All steps are run before that is said.
pub fn run(words: impl Iterator<Item = String>) -> Result<(), String> {
    let mut arguments = Arguments::new(words);
    let install = !arguments.flag("--no-install");
    let list = arguments.flag("--list");
    let only = arguments.values("--only")?;
    arguments.finish("--no-install, --only STEP or --list")?;
    if list {
        for step in STEPS {
            println!("{:<10} {}", step.name, step.says);
        }
        return Ok(());
    }
    let steps = choose(&only)?;

    let begin = Instant::now();
    if steps.iter().any(|step| step.needs_packages) {
        apt::provide(apt::TESTS, install)?;
    }
    if steps
        .iter()
        .any(|step| matches!(step.name, "fmt" | "clippy" | "core"))
    {
        provide_components(install)?;
    }
    let outcomes: Vec<_> = steps.into_iter().map(run_step).collect();
    summary(&outcomes, begin.elapsed())
}

/// The steps of these names, in the order of the table; all of them when no name is given.
fn choose(only: &[String]) -> Result<Vec<&'static Step>, String> {
    if let Some(unknown) = only
        .iter()
        .find(|name| STEPS.iter().all(|step| step.name != **name))
    {
        let names: Vec<_> = STEPS.iter().map(|step| step.name).collect();
        return Err(format!(
            "{unknown} is no step; expected one of {}",
            names.join(", ")
        ));
    }
    let chosen = |step: &&Step| only.is_empty() || only.iter().any(|name| name == step.name);
    Ok(STEPS.iter().filter(chosen).collect())
}

/// rustfmt and clippy are parts of a toolchain that a minimal installation leaves out.
fn provide_components(install: bool) -> Result<(), String> {
    for (component, program) in [("rustfmt", "cargo-fmt"), ("clippy", "cargo-clippy")] {
        if apt::on_path(program) {
            continue;
        }
        let by_hand = format!("{component} is missing: rustup component add {component}");
        println!("{by_hand}");
        if !install {
            continue;
        }
        let added = Command::new("rustup")
            .args(["component", "add", component])
            .status();
        if !added.is_ok_and(|status| status.success()) {
            return Err(format!(
                "{by_hand} has failed; --no-install goes on without"
            ));
        }
    }
    Ok(())
}

fn run_step(step: &'static Step) -> Outcome {
    println!("\n=== {}: {}", step.name, step.says);
    let begin = Instant::now();
    let mut tally = Tally::default();
    let failure = step.run(&mut tally).err();
    if let Some(failure) = &failure {
        println!("=== {} FAILED: {failure}", step.name);
    }
    Outcome {
        step,
        failure,
        tally,
        took: begin.elapsed(),
    }
}

/// Prints a line a step and the count of tests, and fails when a step has.
fn summary(outcomes: &[Outcome], took: Duration) -> Result<(), String> {
    println!(
        "\n{:<10} {:>7}  {:>8}  {:>6}",
        "step", "result", "time", "tests"
    );
    let mut total = Tally::default();
    for Outcome {
        step,
        failure,
        tally,
        took,
    } in outcomes
    {
        let result = if failure.is_some() { "FAILED" } else { "ok" };
        let tests = if tally.is_empty() {
            String::new()
        } else {
            tally.passed.to_string()
        };
        println!(
            "{:<10} {result:>7}  {:>6.1} s  {tests:>6}",
            step.name,
            took.as_secs_f64()
        );
        total.add(tally);
    }
    println!("{:<10} {:>7}  {:>6.1} s", "all", "", took.as_secs_f64());
    for Outcome { step, failure, .. } in outcomes {
        if let Some(failure) = failure {
            println!(
                "{} failed: {failure}; again: cargo xtask test --only {0}",
                step.name
            );
        }
    }
    if !total.is_empty() {
        println!("tests: {total}");
    }
    match outcomes
        .iter()
        .filter(|outcome| outcome.failure.is_some())
        .count()
    {
        0 => Ok(()),
        failed => Err(format!("{failed} of {} steps failed", outcomes.len())),
    }
}
