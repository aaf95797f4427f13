//! `cargo xtask cost`: what the macros cost in small and large programs, and that no cost grows faster
//! than the program.

mod column;
mod package;
mod print;
mod program;

use crate::arguments::Arguments;
use column::Column;
use package::Package;
use program::{Program, SIZES};

/// How often each program is checked, unless `--runs` says otherwise.
const RUNS: usize = 7;

/// How much more an item may cost among 100 than among 10. Lines and code come out the same every
/// time; what is left to them is how they are rounded, aligned and shared. Times do not.
const LINES: f64 = 1.02;
const CODE: f64 = 1.1;
const TIME: f64 = 2.0;

/// Measures and prints the costs.
///
/// # Errors
/// When the words are wrong, when something could not be measured, and when a cost grows faster than
/// the program. All are measured and printed before that is said.
pub fn run(words: impl Iterator<Item = String>) -> Result<(), String> {
    let mut arguments = Arguments::new(words);
    let json = arguments.flag("--json");
    let runs = arguments.runs()?.unwrap_or(RUNS);
    arguments.finish("--json or --runs N")?;

    let package = Package::write()?;
    let show = |column: &Column| {
        if json {
            print::json(column);
        } else {
            print::line(column);
        }
    };
    let (none, check) = check(&package, runs)?;
    let mut columns = vec![check];
    if !json {
        print::head();
    }
    columns.iter().for_each(show);
    columns.extend(lines(&package)?);
    columns[1..].iter().for_each(show);
    let code = code(&package)?;
    code.iter().for_each(show);
    columns.extend(code);
    if !json {
        print::foot(&none);
    }
    judge(&columns)
}

/// Says which costs grow faster than the program.
fn judge(columns: &[Column]) -> Result<(), String> {
    let faster: Vec<_> = columns
        .iter()
        .filter(|column| !column.is_linear())
        .map(|column| column.name)
        .collect();
    if faster.is_empty() {
        return Ok(());
    }
    Err(format!(
        "these grow faster than the program: {}",
        faster.join(", ")
    ))
}

/// How long an edit takes to check: with none, and for every size. One after the other and again, so
/// that what the machine does meanwhile meets all of them.
fn check(package: &Package, runs: usize) -> Result<(Vec<f64>, Column), String> {
    let programs = [
        Program::None,
        Program::Graph(SIZES[0]),
        Program::Graph(SIZES[1]),
        Program::Graph(SIZES[2]),
    ];
    eprintln!("building what the programs need");
    for program in programs {
        package.warm(program)?;
    }
    let mut times: [Vec<f64>; 4] = Default::default();
    for run in 0..runs {
        for (program, times) in programs.into_iter().zip(&mut times) {
            times.push(package.recheck(program, run)? * 1e3);
        }
    }
    let [none, one, ten, hundred] = times;
    let column = Column {
        name: "check",
        unit: "ms",
        per: "actor and edge",
        base: (SIZES[0], one.clone()),
        costs: [one, ten, hundred],
        most: TIME,
    };
    Ok((none, column))
}

/// Lines that `#[actor]` writes for an actor, and `pipeline!` for a node with its edge.
fn lines(package: &Package) -> Result<[Column; 2], String> {
    let count = |program| package.expanded_lines(program).map(|lines| lines as f64);
    let none = count(Program::None)?;
    let mut actors: [Vec<f64>; SIZES.len()] = Default::default();
    let mut graphs: [Vec<f64>; SIZES.len()] = Default::default();
    for (index, size) in SIZES.into_iter().enumerate() {
        let without = count(Program::Actors(size))?;
        actors[index].push(without - none);
        graphs[index].push(count(Program::Graph(size))? - without);
    }
    let column = |name, per, base, costs| Column {
        name,
        unit: "",
        per,
        base,
        costs,
        most: LINES,
    };
    let one = (SIZES[0], graphs[0].clone());
    Ok([
        column("lines: #[actor]", "actor", (0, vec![0.0]), actors),
        column("lines: pipeline!", "edge and node", one, graphs),
    ])
}

/// Bytes of machine code for an actor of a type of its own with its edge, and for one more of a type
/// that is there.
fn code(package: &Package) -> Result<[Column; 2], String> {
    let column = |name, per, program: fn(usize) -> Program| -> Result<Column, String> {
        let mut costs: [Vec<f64>; SIZES.len()] = Default::default();
        for (size, costs) in SIZES.into_iter().zip(&mut costs) {
            costs.push(package.code_size(program(size))? as f64);
        }
        Ok(Column {
            name,
            unit: "B",
            per,
            base: (SIZES[0], costs[0].clone()),
            costs,
            most: CODE,
        })
    };
    Ok([
        column("code of a type", "actor and edge", Program::Graph)?,
        column("code of an edge", "edge and node", Program::Edges)?,
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &'static str, hundred: f64) -> Column {
        Column {
            name,
            unit: "",
            per: "edge",
            base: (0, vec![0.0]),
            costs: [vec![1.0], vec![10.0], vec![hundred]],
            most: 1.5,
        }
    }

    #[test]
    fn what_grows_too_fast_is_named() {
        let message = judge(&[column("lines", 100.0), column("code", 151.0)]).unwrap_err();
        assert_eq!(message, "these grow faster than the program: code");
        assert_eq!(judge(&[column("lines", 100.0)]), Ok(()));
    }
}
