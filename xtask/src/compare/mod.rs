//! `cargo xtask compare`: measures streamlib and its peers in turn, and prints their ratios.

mod bars;
mod cards;
mod chain;
mod conversions;
mod ffmpeg;
mod figures;
mod graphics;
mod jitter;
mod layers;
mod peers;
mod print;
mod process;
mod ptp;
mod row;
mod screen;
mod side;

use std::time::{Duration, Instant};

use crate::arguments::Arguments;
use crate::numbers::median;
use figures::Figures;
use peers::Peers;
use row::{Comparison, Goal, Row, comparisons};
use side::Side;

/// After so long without a row it is told how far the runs are.
const SILENCE: Duration = Duration::from_secs(15);

/// The figures of both sides for one row, over all runs.
struct Measured<'a> {
    row: &'a Row,
    ours: Vec<f64>,
    theirs: Vec<f64>,
    /// How long copying as many bytes takes as ours moves, where it says so.
    copies: Vec<f64>,
}

impl Measured<'_> {
    /// How much of this machine's memory-copy bandwidth ours has used, measured in the same runs: in the processor time of a
    /// picture, in the time that it was on its way, or at so many pictures a second.
    fn share_of_copying(&self) -> Option<f64> {
        if self.copies.is_empty() {
            return None;
        }
        let (copy, ours) = (median(&self.copies), median(&self.ours));
        match self.row.unit {
            "us" => Some(copy / ours),
            "fps" => Some(copy * ours / 1e6),
            _ => None,
        }
    }

    /// Median over median.
    fn ratio(&self) -> f64 {
        median(&self.ours) / median(&self.theirs)
    }

    /// Whether the row's goal is met; one that has none has met it.
    fn has_met(&self) -> bool {
        match self.row.goal {
            Goal::Ratio(most) => self.ratio() <= most,
            Goal::Ours(most) => median(&self.ours) <= most,
            Goal::Free => true,
        }
    }

    /// The ratio of each pair of runs, which stood next to each other in time.
    fn ratios(&self) -> impl Iterator<Item = f64> {
        self.ours
            .iter()
            .zip(&self.theirs)
            .map(|(ours, theirs)| ours / theirs)
    }
}

/// Runs the comparisons that the words name, all of them when they name none.
///
/// # Errors
/// When the words are wrong, or something could not be measured. All that can be is measured first.
/// A goal that is missed is printed, and is an error with `--strict` only.
pub fn run(words: impl Iterator<Item = String>) -> Result<(), String> {
    let mut arguments = Arguments::new(words);
    let json = arguments.flag("--json");
    let strict = arguments.flag("--strict");
    let install = !arguments.flag("--no-install");
    let list = arguments.flag("--list");
    let only = arguments.values("--only")?;
    let runs = arguments.runs()?;
    arguments.finish("--json, --only NAME, --runs N, --strict, --no-install or --list")?;
    if list {
        print::list();
        return Ok(());
    }
    let chosen = choose(&only)?;

    let mut peers = Peers::new(install);
    peers.build_ours()?;
    let (mut failures, mut missed) = (Vec::new(), Vec::new());
    if !json {
        print::head();
    }
    for comparison in chosen {
        match measure(comparison, runs.unwrap_or(comparison.runs), &mut peers) {
            Ok(rows) => {
                for measured in rows.iter().filter(|measured| wanted(measured.row, &only)) {
                    if json {
                        print::json(measured);
                    } else {
                        print::line(measured);
                    }
                    if !measured.has_met() {
                        missed.push(measured.row.name);
                    }
                }
            }
            Err(message) => {
                let names: Vec<_> = comparison.rows.iter().map(|row| row.name).collect();
                let message = format!("{}: {message}", names.join(", "));
                eprintln!("{message}");
                failures.push(message);
            }
        }
    }
    if !failures.is_empty() {
        return Err(format!("not measured:\n  {}", failures.join("\n  ")));
    }
    if strict && !missed.is_empty() {
        return Err(format!("goals that were missed: {}", missed.join(", ")));
    }
    Ok(())
}

/// Whether the row was asked for: by its name, or by what its name begins with.
fn wanted(row: &Row, only: &[String]) -> bool {
    only.is_empty() || only.iter().any(|name| row.name.starts_with(name.as_str()))
}

/// The comparisons with a row that was asked for.
fn choose(only: &[String]) -> Result<Vec<&'static Comparison>, String> {
    let rows = || comparisons().flat_map(|comparison| comparison.rows);
    if let Some(unknown) = only
        .iter()
        .find(|name| !rows().any(|row| row.name.starts_with(name.as_str())))
    {
        let mut names: Vec<_> = rows().map(|row| row.name).collect();
        names.dedup();
        return Err(format!(
            "no row is called {unknown}; expected one of {}, or how some of them begin",
            names.join(", ")
        ));
    }
    let has_wanted = |comparison: &&Comparison| {
        let needs_card = matches!(comparison.ours, Side::Card(_));
        !(only.is_empty() && needs_card) && comparison.rows.iter().any(|row| wanted(row, only))
    };
    Ok(comparisons().filter(has_wanted).collect())
}

/// Ours, theirs, ours, theirs, …: what the machine does meanwhile meets both.
fn measure(
    comparison: &'static Comparison,
    runs: usize,
    peers: &mut Peers,
) -> Result<Vec<Measured<'static>>, String> {
    peers.provide(&comparison.ours)?;
    peers.provide(&comparison.theirs)?;
    let screen = comparison.on_screen.then(|| peers.screen()).transpose()?;
    let _load = comparison.busy.then(|| peers.keep_busy()).transpose()?;
    let mut rows: Vec<_> = comparison
        .rows
        .iter()
        .map(|row| Measured {
            row,
            ours: Vec::new(),
            theirs: Vec::new(),
            copies: Vec::new(),
        })
        .collect();
    let begin = Instant::now();
    for run in 0..runs {
        let took = begin.elapsed();
        if run > 0 && took > SILENCE {
            let name = comparison.rows.first().map_or("", |row| row.name);
            eprintln!(
                "{name}: {run} of {runs} runs in {:.0} s",
                took.as_secs_f64()
            );
        }
        let ours = peers.run(&comparison.ours, screen.as_ref())?;
        let theirs = match &comparison.theirs {
            Side::SameRun => None,
            side => Some(peers.run(side, screen.as_ref())?),
        };
        for measured in &mut rows {
            let row = measured.row;
            measured.ours.push(pick(&ours, row.ours)?);
            measured.copies.extend(ours.get("copy_us"));
            measured
                .theirs
                .push(pick(theirs.as_ref().unwrap_or(&ours), row.theirs)?);
        }
    }
    Ok(rows)
}

/// The figure of this name, which must be a positive number.
fn pick(figures: &Figures, name: &str) -> Result<f64, String> {
    match figures.get(name) {
        Some(value) if value.is_finite() && value > 0.0 => Ok(value),
        Some(value) => Err(format!("{name} came out as {value}")),
        None => Err(format!("a measurement gave no {name}")),
    }
}
