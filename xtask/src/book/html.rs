//! Every link of the built book leads to a file of it, and to an element that has that name.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Says which links between the pages below `book` lead nowhere.
///
/// # Errors
/// When a page cannot be read, or there is none.
pub fn check(book: &Path) -> Result<Vec<String>, String> {
    let mut pages = BTreeMap::new();
    let entries = fs::read_dir(book).map_err(|error| format!("{}: {error}", book.display()))?;
    for path in entries.flatten().map(|entry| entry.path()) {
        // The page for what is not there names a base that is not here.
        let is_page = path
            .extension()
            .is_some_and(|extension| extension == "html")
            && !path.ends_with("404.html");
        if is_page {
            let text = fs::read_to_string(&path)
                .map_err(|error| format!("{}: {error}", path.display()))?;
            pages.insert(PathBuf::from(path.file_name().unwrap_or_default()), text);
        }
    }
    if pages.is_empty() {
        return Err(format!("{} holds no page", book.display()));
    }
    let mut wrong = Vec::new();
    for (path, text) in &pages {
        for target in values(text, "href") {
            if !leads(book, &pages, path, target) {
                wrong.push(format!("{}: {target} leads nowhere", path.display()));
            }
        }
    }
    Ok(wrong)
}

fn leads(book: &Path, pages: &BTreeMap<PathBuf, String>, from: &Path, target: &str) -> bool {
    if target.contains("://") {
        return true;
    }
    let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
    let path = if file.is_empty() {
        from
    } else {
        Path::new(file)
    };
    match pages.get(path) {
        Some(text) => anchor.is_empty() || values(text, "id").any(|id| id == anchor),
        None => book.join(path).exists(),
    }
}

/// The values of an attribute, in the order in which they stand.
fn values<'t>(html: &'t str, attribute: &str) -> impl Iterator<Item = &'t str> {
    let opening = format!(" {attribute}=\"");
    let mut rest = html;
    std::iter::from_fn(move || {
        let (_, after) = rest.split_once(&opening)?;
        let (value, after) = after.split_once('"')?;
        rest = after;
        Some(value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_needs_its_page_and_its_element() {
        let pages = BTreeMap::from([
            (PathBuf::from("a.html"), "<h2 id=\"one\"></h2>".to_owned()),
            (PathBuf::from("b.html"), String::new()),
        ]);
        let leads = |target| leads(Path::new("/nowhere"), &pages, Path::new("b.html"), target);
        assert!(leads("a.html") && leads("a.html#one") && leads("https://a.b"));
        assert!(!leads("a.html#two") && !leads("c.html") && !leads("#one"));
        let html = "<a class=\"x\" href=\"1\"><a href=\"2\">";
        assert_eq!(values(html, "href").collect::<Vec<_>>(), ["1", "2"]);
    }
}
