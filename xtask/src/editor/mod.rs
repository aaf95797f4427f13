//! `cargo xtask editor`: asks rust-analyzer what an editor shows in a graph: where each word is defined, and
//! what it offers for words that are half typed.

mod server;

use std::fs;
use std::path::PathBuf;

use crate::arguments::Arguments;
use server::Server;

const PROGRAM: &str = include_str!("program.txt");

/// A word of the program, with what stands before and after it, and the comment of the line that defines it.
const DEFINITIONS: [(&str, &str, &str, &str); 9] = [
    ("", "bars", ".video >> mix.layers", "bars"),
    ("bars.", "video", " >> mix.layers", "Bars::video"),
    (">> ", "mix", ".layers", "mix"),
    ("mix.", "layers", ";", "Mix::layers"),
    ("mix.", "key", ";", "Mix::key"),
    ("", "mix", " >> luma", "mix"),
    ("mix >> ", "luma", " >> Null", "node luma"),
    ("bars = ", "Bars", "::new()", "Bars"),
    ("luma = ", "luma", "()", "luma"),
];

/// A line of the program, what it is while it is typed (the rest of the line as well, or not), and what has to
/// be offered there.
const COMPLETIONS: [(&str, &str, &str, &[&str]); 12] = [
    (
        "bars.video >> mix.key;",
        "bars.video >> mix.",
        ";",
        &["layers", "key"],
    ),
    (
        "bars.video >> mix.key;",
        "bars.video >> mix.",
        "",
        &["layers", "key"],
    ),
    (
        "bars.video >> mix.key;",
        "bars.video >> mix.k",
        ";",
        &["key"],
    ),
    ("bars.video >> mix.key;", "bars.", "", &["video"]),
    ("bars.video >> mix.key;", "bars.video >> m", ";", &["mix"]),
    ("mix >> luma >> Null::new();", "mix >> lu", "", &["luma"]),
    (
        "bars = Bars::new() @ house;",
        "bars = Bars::new() @ ho",
        ";",
        &["house"],
    ),
    ("luma = luma();", "luma = lum", ";", &["luma"]),
    (
        "bars.video >> mix.key;",
        "bars.",
        " >> mix.key;",
        &["video"],
    ),
    (
        "bars.video >> mix.key;",
        "bars.video >> mix.",
        " >> Null::new();",
        &["layers", "key"],
    ),
    (
        "bars.video >> mix.key;",
        "bars >> [mix.",
        ", luma];",
        &["layers", "key"],
    ),
    (
        "bars.video >> mix.key;",
        "bars >> [mix.layers, mix.",
        "];",
        &["layers", "key"],
    ),
];

/// Asks, and prints each answer.
///
/// # Errors
/// When an answer is not what a user would expect, or rust-analyzer is not to be had.
pub fn run(words: impl Iterator<Item = String>) -> Result<(), String> {
    Arguments::new(words).finish("nothing")?;
    let file = write()?;
    let mut server = Server::start(&file, PROGRAM)?;
    let mut wrong = 0;
    let mut tell = |what: &str, answer: &str, is_right: bool| {
        println!(
            "{} {what}: {answer}",
            if is_right { "ok   " } else { "WRONG" }
        );
        wrong += u32::from(!is_right);
    };
    for (before, word, after, line) in DEFINITIONS {
        let place = place(&format!("{before}{word}{after}"))? + before.len();
        let found = server.definitions(PROGRAM, place)?;
        let wanted = ("main.rs".to_owned(), defined(line)?);
        let shown: Vec<_> = found
            .iter()
            .map(|(file, line)| format!("{file}:{}", line + 1))
            .collect();
        let what = format!("`{word}` of `{before}{word}{after}` is defined at");
        tell(&what, &shown.join(", "), found == [wanted]);
    }
    for (line, typed, after, wanted) in COMPLETIONS {
        let place = place(line)?;
        let text = format!(
            "{}{typed}{after}{}",
            &PROGRAM[..place],
            &PROGRAM[place + line.len()..]
        );
        server.change(&text)?;
        let offered = server.completions(&text, place + typed.len())?;
        let shown: Vec<_> = offered.iter().take(6).map(String::as_str).collect();
        let has_all = wanted
            .iter()
            .all(|word| offered.iter().any(|label| label == word));
        tell(
            &format!("`{typed}`{after} offers"),
            &shown.join(", "),
            has_all,
        );
    }
    match wrong {
        0 => Ok(()),
        wrong => Err(format!("{wrong} answers are wrong")),
    }
}

/// Writes the program into a package of its own, and says where.
fn write() -> Result<PathBuf, String> {
    let folder = crate::target().join("editor");
    let source = folder.join("src");
    fs::create_dir_all(&source).map_err(|error| format!("{}: {error}", source.display()))?;
    let manifest = format!(
        "[package]\nname = \"editor\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n\
         [dependencies]\nstreamlib = {{ path = {:?}, default-features = false }}\n\n[workspace]\n",
        crate::workspace().join("streamlib")
    );
    let lock = crate::workspace().join("Cargo.lock");
    let lock = fs::read_to_string(&lock).map_err(|error| format!("{}: {error}", lock.display()))?;
    let main = source.join("main.rs");
    for (path, text) in [
        (folder.join("Cargo.toml"), manifest.as_str()),
        (folder.join("Cargo.lock"), &lock),
        (main.clone(), PROGRAM),
    ] {
        fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(main)
}

fn place(text: &str) -> Result<usize, String> {
    PROGRAM
        .find(text)
        .ok_or_else(|| format!("the program has no `{text}`"))
}

/// The number of the line that ends with a comment.
fn defined(comment: &str) -> Result<usize, String> {
    let end = format!("// {comment}");
    let line = PROGRAM.lines().position(|line| line.ends_with(&end));
    line.ok_or_else(|| format!("the program has no line with `{end}`"))
}
