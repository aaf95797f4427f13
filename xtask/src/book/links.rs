//! Every link of the book leads somewhere: to a page, to a heading, to a file of the repository.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use super::page::Page;

/// How the book names a file of the repository.
const REPOSITORY: &str = "https://github.com/streamlib/streamlib/blob/main/";

/// Says of each page what its links get wrong. `pages` are the book's, by their paths below `source`;
/// files of the repository are looked for below `root`.
pub fn check(root: &Path, source: &Path, pages: &BTreeMap<PathBuf, Page>) -> Vec<String> {
    let mut wrong = Vec::new();
    for (path, page) in pages {
        for link in &page.links {
            if let Err(reason) = follow(root, source, pages, path, &link.target) {
                wrong.push(format!("{}:{}: {reason}", path.display(), link.line));
            }
        }
    }
    let summary = Path::new("SUMMARY.md");
    let listed: Vec<_> = pages.get(summary).map_or(Vec::new(), |page| {
        page.links
            .iter()
            .map(|link| PathBuf::from(&link.target))
            .collect()
    });
    for path in pages.keys() {
        if path != summary && !listed.contains(path) {
            wrong.push(format!("{}: SUMMARY.md does not list it", path.display()));
        }
    }
    wrong
}

fn follow(
    root: &Path,
    source: &Path,
    pages: &BTreeMap<PathBuf, Page>,
    from: &Path,
    target: &str,
) -> Result<(), String> {
    if let Some(file) = target.strip_prefix(REPOSITORY) {
        let file = file.split('#').next().unwrap_or(file);
        return exists(&root.join(file), target);
    }
    if target.contains("://") {
        return outside(target);
    }
    let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
    let path = if file.is_empty() {
        from.to_owned()
    } else {
        within(from, file).ok_or(format!(
            "{target} leads out of the book; write {REPOSITORY}…"
        ))?
    };
    match pages.get(&path) {
        Some(page) if anchor.is_empty() || page.anchors.iter().any(|known| known == anchor) => {
            Ok(())
        }
        Some(_) => Err(format!("{} has no heading #{anchor}", path.display())),
        None => exists(&source.join(path), target),
    }
}

/// `file` as seen from the folder of `from`; none when it leaves the book.
fn within(from: &Path, file: &str) -> Option<PathBuf> {
    let mut path = from.parent()?.to_owned();
    for part in Path::new(file).components() {
        match part {
            Component::Normal(name) => path.push(name),
            Component::CurDir => {}
            Component::ParentDir if path.pop() => {}
            _ => return None,
        }
    }
    Some(path)
}

fn exists(path: &Path, target: &str) -> Result<(), String> {
    match path.exists() {
        true => Ok(()),
        false => Err(format!("there is no {target}")),
    }
}

/// What is elsewhere may be away today: only its form is looked at.
fn outside(target: &str) -> Result<(), String> {
    let rest = target.strip_prefix("https://");
    let host = rest.and_then(|rest| rest.split('/').next());
    match host {
        Some(host) if host.contains('.') && !target.contains(' ') => Ok(()),
        _ => Err(format!("{target} is no https:// address")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book(pages: &[(&str, &str)]) -> Vec<String> {
        let pages = pages
            .iter()
            .map(|(path, text)| (PathBuf::from(path), Page::read(text)))
            .collect();
        let root = crate::workspace();
        check(root, &root.join("docs/src"), &pages)
    }

    #[test]
    fn what_leads_somewhere_is_left_alone() {
        let summary = ("SUMMARY.md", "[A](a.md) [B](deep/b.md)");
        let a = (
            "a.md",
            "# One\n[x](deep/b.md#two-words) [y](#one) [z](https://docs.rs/x)",
        );
        let b = (
            "deep/b.md",
            "## Two words\n[x](../a.md) [y](https://github.com/streamlib/streamlib/blob/main/README.md)",
        );
        assert_eq!(book(&[summary, a, b]), Vec::<String>::new());
    }

    #[test]
    fn what_leads_nowhere_is_told_with_its_line() {
        let summary = ("SUMMARY.md", "[A](a.md)");
        let a = (
            "a.md",
            "[x](gone.md)\n[y](#gone)\n[z](http://docs.rs)\n[w](../../README.md)\n[v](https://github.com/streamlib/streamlib/blob/main/gone.rs)",
        );
        assert_eq!(
            book(&[summary, a, ("b.md", "")]),
            [
                "a.md:1: there is no gone.md",
                "a.md:2: a.md has no heading #gone",
                "a.md:3: http://docs.rs is no https:// address",
                "a.md:4: ../../README.md leads out of the book; write https://github.com/streamlib/streamlib/blob/main/…",
                "a.md:5: there is no https://github.com/streamlib/streamlib/blob/main/gone.rs",
                "b.md: SUMMARY.md does not list it",
            ]
        );
    }
}
