//! Every Rust block of the book is compiled, and run unless it stands here with a reason.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::page::{Block, Page};

/// The blocks that are not run, or not even compiled: the page, the word, how many, and why.
const EXCUSED: &[(&str, &str, usize, &str)] = &[
    ("clocks.md", "no_run", 1, "ticks once a PTP master is heard"),
    (
        "first_pipeline.md",
        "no_run",
        1,
        "runs until its window is closed",
    ),
    (
        "gpu.md",
        "no_run",
        1,
        "is a build script, which the test `gpu_build` runs",
    ),
    ("live.md", "no_run", 2, "run until their windows are closed"),
];

/// The words after `rust` that take a block out of the tests, or turn its meaning round.
const WORDS: [&str; 4] = ["ignore", "no_run", "compile_fail", "should_panic"];

/// Says which blocks are left out with no reason given, and which reasons excuse nothing any more.
pub fn check(pages: &BTreeMap<PathBuf, Page>) -> Vec<String> {
    let mut wrong = Vec::new();
    for (path, page) in pages {
        for word in WORDS {
            let marked = page.blocks.iter().filter(|block| is_marked(block, word));
            let lines: Vec<_> = marked.map(|block| block.line.to_string()).collect();
            let excused = EXCUSED
                .iter()
                .find(|(page, excused, ..)| *excused == word && path.as_os_str() == *page)
                .map_or(0, |&(.., count, _)| count);
            if lines.len() != excused {
                wrong.push(format!(
                    "{}: {} blocks are `{word}` (line {}), {excused} are excused in xtask/src/book/snippets.rs",
                    path.display(),
                    lines.len(),
                    lines.join(", "),
                ));
            }
        }
        for block in &page.blocks {
            let is_about_a_peer = path.to_string_lossy().starts_with("from_");
            if block.kind == "rs" && !is_about_a_peer {
                wrong.push(format!(
                    "{}:{}: ```rs is another library's code: write ```rust",
                    path.display(),
                    block.line
                ));
            }
            if block.kind.is_empty() {
                wrong.push(format!(
                    "{}:{}: a block says what it is: ```rust, ```text, ```console",
                    path.display(),
                    block.line
                ));
            }
        }
    }
    wrong
}

fn is_marked(block: &Block, word: &str) -> bool {
    let mut words = block.kind.split(',').map(str::trim);
    words.next() == Some("rust") && words.any(|given| given == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_that_is_left_out_needs_a_reason() {
        let text = "```rust\n```\n```text\n```\n```rust,ignore\n```\n```\n```\n```rs\n```\n";
        let pages = BTreeMap::from([(PathBuf::from("a.md"), Page::read(text))]);
        assert_eq!(
            check(&pages),
            [
                "a.md: 1 blocks are `ignore` (line 5), 0 are excused in xtask/src/book/snippets.rs",
                "a.md:7: a block says what it is: ```rust, ```text, ```console",
                "a.md:9: ```rs is another library's code: write ```rust",
            ]
        );
    }
}
