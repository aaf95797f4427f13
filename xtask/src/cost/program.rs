//! The programs whose cost is measured, written out in any size.

use std::fmt::Write;

/// How many actors, and how many edges, the programs have.
pub const SIZES: [usize; 3] = [1, 10, 100];

/// A program that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// No actor and no graph.
    None,
    /// As many actors, of a type each, and no graph.
    Actors(usize),
    /// The same actors, each with an edge to it: a chain that forks at every fifth.
    Graph(usize),
    /// The same graph of as many actors of a single type.
    Edges(usize),
}

impl Program {
    /// All that are measured.
    pub fn all() -> Vec<Self> {
        let of_size = |size| [Self::Actors(size), Self::Graph(size), Self::Edges(size)];
        let mut all = vec![Self::None];
        all.extend(SIZES.into_iter().flat_map(of_size));
        all
    }

    /// What its file and its binary are called.
    pub fn name(self) -> String {
        match self {
            Self::None => "none".to_owned(),
            Self::Actors(size) => format!("actors_{size}"),
            Self::Graph(size) => format!("graph_{size}"),
            Self::Edges(size) => format!("edges_{size}"),
        }
    }

    /// Its text. `factor` stands in the first line that does something: another one is an edit of it.
    pub fn text(self, factor: u64) -> String {
        let mut text = String::from("#![allow(dead_code)]\nuse streamlib::prelude::*;\n");
        // Number 0 is what feeds the others; it has neither an input nor a price.
        let (actors, nodes) = match self {
            Self::None => (0, 0),
            Self::Actors(size) => (size, 0),
            Self::Graph(size) => (size, size),
            Self::Edges(size) => (1, size),
        };
        text.push_str(&source(factor));
        for number in 1..=actors {
            text.push_str(&actor(number));
        }
        text.push_str("\n#[streamlib::main]\nasync fn main() -> Result<()> {\n");
        if nodes == 0 {
            text.push_str("    Ok(())\n}\n");
            return text;
        }
        let kind = |number| if actors == 1 { 1 } else { number };
        text.push_str("    pipeline! {\n        add_000 = Add000::new().fps(60);\n");
        for number in 1..=nodes {
            line(
                &mut text,
                format_args!("add_{number:03} = Add{:03}::new({number});", kind(number)),
            );
        }
        for number in 1..=nodes {
            let from = number - if number % 5 == 0 { 2 } else { 1 };
            line(&mut text, format_args!("add_{from:03} >> add_{number:03};"));
        }
        text.push_str("    }?\n    .run()\n    .await\n}\n");
        text
    }
}

fn line(text: &mut String, item: std::fmt::Arguments) {
    writeln!(text, "        {item}").expect("a String takes all that is written");
}

/// What every program has: an actor that sends.
fn source(factor: u64) -> String {
    format!(
        "
/// Sends.
#[actor]
struct Add000 {{
    #[output]
    sum: Output<DataMessage<u64>>,
}}

impl Actor for Add000 {{
    async fn process(&mut self, tick: TimedTick) -> Result<()> {{
        let sum = tick.frame_number.wrapping_mul({factor});
        self.sum.send(DataMessage::new(sum), tick);
        Ok(())
    }}
}}
"
    )
}

/// An actor that no other is like, so that no code of two is merged.
fn actor(number: usize) -> String {
    format!(
        "
/// Adds to multiples of {factor}.
#[actor]
struct Add{number:03} {{
    /// What comes in.
    #[input]
    number: Input<DataMessage<u64>>,
    /// What goes out.
    #[output]
    sum: Output<DataMessage<u64>>,
    step: u64,
}}

impl Actor for Add{number:03} {{
    async fn process(&mut self, tick: TimedTick) -> Result<()> {{
        if let Some(number) = self.number.latest() {{
            let sum = number.wrapping_mul({factor}).wrapping_add(self.step);
            self.sum.send(DataMessage::new(sum), tick);
        }}
        Ok(())
    }}
}}
",
        factor = 2 * number + 1
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(text: &str, word: &str) -> usize {
        text.matches(word).count()
    }

    #[test]
    fn a_graph_has_an_edge_to_every_actor() {
        for size in SIZES {
            let text = Program::Graph(size).text(3);
            assert_eq!(count(&text, "#[actor]"), size + 1);
            assert_eq!(count(&text, " >> "), size);
        }
        let text = Program::Graph(10).text(3);
        assert!(text.contains("add_003 >> add_004;") && text.contains("add_003 >> add_005;"));
    }

    #[test]
    fn the_others_leave_something_out() {
        let actors = Program::Actors(10).text(3);
        assert_eq!(
            (count(&actors, "#[actor]"), count(&actors, " >> ")),
            (11, 0)
        );
        let edges = Program::Edges(10).text(3);
        assert_eq!((count(&edges, "#[actor]"), count(&edges, " >> ")), (2, 10));
        let none = Program::None.text(3);
        assert_eq!((count(&none, "#[actor]"), count(&none, " >> ")), (1, 0));
    }

    #[test]
    fn an_edit_changes_a_line_of_code_and_its_length() {
        for program in Program::all() {
            let (one, other) = (program.text(7), program.text(77));
            assert_eq!(one.lines().count(), other.lines().count());
            assert_ne!(one.len(), other.len());
        }
    }

    #[test]
    fn names_are_of_one_length_and_none_comes_twice() {
        let mut names: Vec<_> = Program::all().into_iter().map(Program::name).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), Program::all().len());
        let lines = |size| Program::Actors(size).text(3).lines().count();
        assert_eq!(lines(100) - lines(10), 90 * (lines(10) - lines(1)) / 9);
    }
}
