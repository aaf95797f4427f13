//! What the book quotes of the compiler is what the compiler says: the messages of `tests/ui`.
//!
//! A quote is a block with `<!-- told: pipeline/circle -->` above it: what
//! `tests/ui/pipeline/fail/circle.stderr` says, less what rustc adds about its own workings.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::page::Page;

/// Says which quotes differ from what is said, and what is said that no page quotes.
///
/// # Errors
/// When a file cannot be read.
pub fn check(root: &Path, pages: &BTreeMap<PathBuf, Page>) -> Result<Vec<String>, String> {
    let cases = cases(root)?;
    let mut wrong = Vec::new();
    let mut quoted = BTreeSet::new();
    for (path, page) in pages {
        for block in &page.blocks {
            let Some(case) = case_of(&block.above) else {
                continue;
            };
            let place = format!("{}:{}", path.display(), block.line);
            let Some(told) = cases.get(case) else {
                wrong.push(format!("{place}: there is no tests/ui case {case}"));
                continue;
            };
            if block.text != quote(told) {
                wrong.push(format!(
                    "{place}: the quote of {case} is not what is said now: `cargo xtask book --quote` puts it right"
                ));
            }
            quoted.extend(block.text.lines().filter(is_error).map(kind));
        }
    }
    for (case, told) in &cases {
        for error in told.lines().filter(is_error) {
            if is_ours(error) && quoted.insert(kind(error)) {
                wrong.push(format!(
                    "no page quotes a message of this kind: write `<!-- told: {case} -->` above a block\n    {error}"
                ));
            }
        }
    }
    Ok(wrong)
}

/// Puts every quote of `markdown` right.
///
/// # Errors
/// When a file cannot be read.
pub fn renew(root: &Path, markdown: &str) -> Result<String, String> {
    let cases = cases(root)?;
    let mut renewed = String::new();
    let mut lines = markdown.lines().peekable();
    while let Some(line) = lines.next() {
        renewed += &format!("{line}\n");
        if let Some(told) = case_of(line).and_then(|case| cases.get(case)) {
            if lines.next_if(|next| next.starts_with("```")).is_some() {
                lines.by_ref().find(|line| line.trim() == "```");
            }
            renewed += &format!("```text\n{}```\n", quote(told));
        }
    }
    Ok(renewed)
}

/// The case that a line names: `<!-- told: pipeline/circle -->`.
fn case_of(line: &str) -> Option<&str> {
    line.trim()
        .strip_prefix("<!-- told: ")?
        .strip_suffix(" -->")
}

/// What the compiler says to each case, by the names that the book uses.
fn cases(root: &Path) -> Result<BTreeMap<String, String>, String> {
    let listing = |path: PathBuf| {
        let entries =
            fs::read_dir(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok::<_, String>(entries.flatten().map(|entry| entry.path()))
    };
    let mut cases = BTreeMap::new();
    for group in listing(root.join("tests/ui"))?.filter(|path| path.is_dir()) {
        for path in listing(group.join("fail"))? {
            if path
                .extension()
                .is_none_or(|extension| extension != "stderr")
            {
                continue;
            }
            let name = |path: &Path| path.file_stem().unwrap_or_default().display().to_string();
            let told = fs::read_to_string(&path)
                .map_err(|error| format!("{}: {error}", path.display()))?;
            cases.insert(format!("{}/{}", name(&group), name(&path)), told);
        }
    }
    Ok(cases)
}

fn is_error(line: &&str) -> bool {
    line.starts_with("error") || line.starts_with("warning")
}

/// Whether the words are streamlib's: those with a code are rustc's own, but for the code of a missing
/// trait, whose words a trait may choose.
fn is_ours(error: &str) -> bool {
    !error.contains("[E") || error.contains("[E0277]")
}

/// A message less the names in it: two messages of one kind differ in what the user called things.
fn kind(error: &str) -> String {
    let error = error.split("; did you mean").next().unwrap_or(error);
    let prose = error.split('`').step_by(2).collect::<Vec<_>>();
    // A list of names is one kind however long it is.
    let mut prose = prose.join("`");
    while prose.contains("`, `") || prose.contains("` or `") {
        prose = prose.replace("`, `", "`").replace("` or `", "`");
    }
    prose
        .chars()
        .filter(|char| !char.is_ascii_digit())
        .collect()
}

/// The messages of a `.stderr`, one of each kind.
fn quote(told: &str) -> String {
    let mut seen = BTreeSet::new();
    let messages = told.split("\n\n").filter(|message| {
        let error = message.lines().next().filter(is_error);
        error.is_some_and(|error| seen.insert(kind(error)))
    });
    messages.map(abridge).collect::<Vec<_>>().join("\n")
}

/// A message's words, the picture of the line, and the notes and suggestions that are for the user.
/// Where the line stands in the test is left out, and so is what is about traits.
fn abridge(message: &str) -> String {
    let mut quote = String::new();
    let mut parts = message.lines().peekable();
    while let Some(line) = parts.next_if(|line| !line.trim_start().starts_with("-->")) {
        quote += &format!("{line}\n");
    }
    let mut shows = true;
    for line in parts.skip(1) {
        let words = line.trim_start();
        if let Some(margin) = margin(line) {
            if shows {
                quote += &format!("  {margin}\n");
            }
        } else if words.starts_with("= ") {
            shows = words.starts_with("= note: ") && !words.contains("this error originates in");
            if shows {
                quote += &format!("  {words}\n");
            }
        } else if words.starts_with("help: a ") {
            // A suggestion: the picture that follows shows the better line.
            shows = true;
            quote += &format!("{words}\n");
        } else {
            shows = false;
        }
    }
    let mut quote = outdent(&quote);
    // A picture ends with an empty margin where something else followed it.
    while quote.ends_with("\n  |\n") {
        quote.truncate(quote.len() - "  |\n".len());
    }
    quote
}

/// The same with the code of its pictures moved to the left, so that it fits on a page.
fn outdent(quote: &str) -> String {
    let code = |line: &str| {
        let code = line
            .get(3..)
            .filter(|_| matches!(line.get(..3), Some("  |" | "  -" | "  +")));
        code.map(str::to_owned).filter(|code| !code.is_empty())
    };
    let indent = |code: &String| code.len() - code.trim_start().len();
    let codes = quote.lines().filter_map(code);
    let least = codes.map(|code| indent(&code)).min().unwrap_or(0);
    let outdented = quote.lines().map(|line| match code(line) {
        Some(code) => format!("{} {}\n", &line[..3], &code[least..]),
        None => format!("{line}\n"),
    });
    outdented.collect()
}

/// A line of a picture, less its number.
fn margin(line: &str) -> Option<&str> {
    let rest = line.trim_start_matches([' ', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    let is_picture = rest.starts_with('|') || rest.starts_with("- ") || rest.starts_with("+ ");
    is_picture.then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOLD: &str = "\
error[E0277]: two clocks meet in `Wipe`
  --> ui/pipeline/fail/x.rs:31:9
   |
31 |         wipe = Wipe::new(1.0);
   |         ^^^^ its inputs are ticked by different clocks
   |
   = help: the trait `Settles` is not implemented for `A`
   = note: write `@ clock` after it
help: the trait `Settles` is implemented
  --> $WORKSPACE/streamlib/src/pipeline/node.rs
   |
   | impl A
   | ^^^^^^
note: required by a bound in `settles`

error[E0277]: two clocks meet in `Mix`
  --> ui/pipeline/fail/x.rs:32:9

error: another
  --> ui/pipeline/fail/x.rs:33:9
   |
33 |         wipe;
   |         ^^^^
";

    #[test]
    fn a_quote_is_each_message_with_its_picture_and_its_notes() {
        assert_eq!(
            quote(TOLD),
            "\
error[E0277]: two clocks meet in `Wipe`
  |
  | wipe = Wipe::new(1.0);
  | ^^^^ its inputs are ticked by different clocks
  |
  = note: write `@ clock` after it

error: another
  |
  | wipe;
  | ^^^^
"
        );
    }

    #[test]
    fn messages_of_one_kind_differ_in_names_and_numbers() {
        let kinds = [
            "error[E0277]: `Wipe` has 3 inputs: `from`, `to`, `key`",
            "error[E0277]: `Mix` has 2 inputs: `a`, `b`",
        ]
        .map(kind);
        assert_eq!(kinds[0], kinds[1]);
        assert_ne!(kind("error: no `a` here"), kind("error: no `a` there"));
        assert!(is_ours("error: no") && is_ours("error[E0277]: no"));
        assert!(!is_ours("error[E0308]: mismatched types"));
    }
}
