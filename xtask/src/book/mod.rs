//! `cargo xtask book`: checks the book, and builds it.

mod html;
mod links;
mod page;
mod quotes;
mod snippets;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::arguments::Arguments;
use page::Page;

/// The release of mdBook that the book is built with.
const MDBOOK: &str = "0.5.4";

/// Checks the book, installs mdBook in `target/` if it is not there, builds, and checks what was built.
///
/// # Errors
/// What is wrong with the words or the book, and when mdBook fails.
pub fn run(words: impl Iterator<Item = String>) -> Result<(), String> {
    let mut arguments = Arguments::new(words);
    let renew = arguments.flag("--quote");
    arguments.finish("--quote")?;
    let root = crate::workspace();
    if renew {
        renew_quotes(root)?;
    }
    check(root)?;
    let mdbook = install(root)?;
    let built = Command::new(&mdbook)
        .arg("build")
        .arg(root.join("docs"))
        .status();
    if !built.is_ok_and(|status| status.success()) {
        return Err(format!("{} build docs", mdbook.display()));
    }
    let book = root.join("target/book");
    judge(&html::check(&book)?)?;
    println!("the book: {}", book.join("index.html").display());
    Ok(())
}

/// Checks the Markdown: its links, its quotes of the compiler, and that its snippets are tested.
///
/// # Errors
/// What is wrong, each with its page and line.
pub fn check(root: &Path) -> Result<(), String> {
    let source = root.join("docs/src");
    let mut pages = BTreeMap::new();
    for (path, text) in read(&source)? {
        pages.insert(path, Page::read(&text));
    }
    let mut wrong = links::check(root, &source, &pages);
    wrong.extend(snippets::check(&pages));
    wrong.extend(listed(root, &pages)?);
    wrong.extend(quotes::check(root, &pages)?);
    judge(&wrong)?;
    let links: usize = pages.values().map(|page| page.links.len()).sum();
    println!("{} pages, {links} links: all well", pages.len());
    Ok(())
}

fn judge(wrong: &[String]) -> Result<(), String> {
    wrong.iter().for_each(|line| println!("{line}"));
    match wrong.len() {
        0 => Ok(()),
        count => Err(format!("{count} things are wrong with the book")),
    }
}

/// The book's pages and their text, by their paths below `source`.
fn read(source: &Path) -> Result<Vec<(PathBuf, String)>, String> {
    let said = |path: &Path, error| format!("{}: {error}", path.display());
    let mut pages = Vec::new();
    for entry in fs::read_dir(source).map_err(|error| said(source, error))? {
        let path = entry.map_err(|error| said(source, error))?.path();
        if path.extension().is_some_and(|extension| extension == "md") {
            let text = fs::read_to_string(&path).map_err(|error| said(&path, error))?;
            pages.push((PathBuf::from(path.file_name().unwrap_or_default()), text));
        }
    }
    Ok(pages)
}

/// Every page with a Rust block is in `docs/lib.rs`, which is how its blocks come to be tested.
fn listed(root: &Path, pages: &BTreeMap<PathBuf, Page>) -> Result<Vec<String>, String> {
    let library = fs::read_to_string(root.join("docs/lib.rs"))
        .map_err(|error| format!("docs/lib.rs: {error}"))?;
    let has_rust = |page: &Page| {
        page.blocks
            .iter()
            .any(|block| block.kind.starts_with("rust"))
    };
    Ok(pages
        .iter()
        .filter(|(path, page)| {
            has_rust(page) && !library.contains(&format!("\"src/{}\"", path.display()))
        })
        .map(|(path, _)| format!("{}: docs/lib.rs does not test it", path.display()))
        .collect())
}

fn renew_quotes(root: &Path) -> Result<(), String> {
    let source = root.join("docs/src");
    for (path, text) in read(&source)? {
        let renewed = quotes::renew(root, &text)?;
        if renewed != text {
            println!("{}: quotes renewed", path.display());
            fs::write(source.join(&path), renewed)
                .map_err(|error| format!("{}: {error}", path.display()))?;
        }
    }
    Ok(())
}

/// mdBook, in a folder of its own below `target/`: nothing outside of the checkout changes.
fn install(root: &Path) -> Result<PathBuf, String> {
    let folder = root.join("target/mdbook");
    let mdbook = folder.join("bin/mdbook");
    let version = Command::new(&mdbook).arg("--version").output();
    if version.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains(MDBOOK)) {
        return Ok(mdbook);
    }
    println!("installing mdBook {MDBOOK} in {}", folder.display());
    // Unoptimised it is built in a quarter of the time, and the book is small.
    let installed = crate::cargo()
        .args(["install", "mdbook", "--debug", "--locked"])
        .args(["--no-default-features", "--features", "search"])
        .args(["--version", MDBOOK, "--root"])
        .arg(&folder)
        .status();
    match installed.is_ok_and(|status| status.success()) {
        true => Ok(mdbook),
        false => Err(format!("cargo install mdbook --version {MDBOOK}")),
    }
}
