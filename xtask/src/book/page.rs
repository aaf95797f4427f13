//! A page of Markdown, read as far as the checks need it: headings, links, and fenced blocks.

use std::collections::HashMap;

/// A page of Markdown.
#[derive(Debug, Default)]
pub struct Page {
    /// What each heading can be linked to by, after the `#`.
    pub anchors: Vec<String>,
    pub links: Vec<Link>,
    pub blocks: Vec<Block>,
}

/// `[text](target)`, or the same as a picture.
#[derive(Debug, PartialEq, Eq)]
pub struct Link {
    /// Counted from 1, as in what follows.
    pub line: usize,
    pub target: String,
}

/// A fenced block.
#[derive(Debug, PartialEq, Eq)]
pub struct Block {
    /// The line of the fence that opens it.
    pub line: usize,
    /// What stands after the fence: `rust,no_run`.
    pub kind: String,
    /// The line above the fence.
    pub above: String,
    pub text: String,
}

impl Page {
    pub fn read(markdown: &str) -> Self {
        let mut page = Self::default();
        let mut seen = HashMap::new();
        let mut above = "";
        let mut lines = markdown.lines().zip(1..);
        while let Some((text, line)) = lines.next() {
            if let Some(kind) = text.trim_start().strip_prefix("```") {
                let body = lines.by_ref().map(|(text, _)| text);
                let body = body.take_while(|text| text.trim() != "```");
                page.blocks.push(Block {
                    line,
                    kind: kind.to_owned(),
                    above: above.to_owned(),
                    text: body.map(|text| format!("{text}\n")).collect(),
                });
            } else if let Some(heading) = heading(text) {
                page.anchors.push(unique(&mut seen, anchor(heading)));
            } else {
                let targets = targets(text);
                page.links
                    .extend(targets.map(|target| Link { line, target }));
            }
            above = text;
        }
        page
    }
}

fn heading(line: &str) -> Option<&str> {
    let text = line.trim_start_matches('#');
    (text.len() < line.len())
        .then(|| text.strip_prefix(' '))
        .flatten()
}

/// The anchor that mdBook gives a heading: letters, digits, `_` and `-` in lower case.
fn anchor(heading: &str) -> String {
    let kept = |char: char| char.is_alphanumeric() || matches!(char, '_' | '-' | ' ');
    heading
        .trim()
        .chars()
        .filter(|&char| kept(char))
        .flat_map(char::to_lowercase)
        .map(|char| if char == ' ' { '-' } else { char })
        .collect()
}

/// A second heading of the same words gets a number.
fn unique(seen: &mut HashMap<String, usize>, anchor: String) -> String {
    let before = seen.entry(anchor.clone()).or_default();
    *before += 1;
    match *before {
        1 => anchor,
        nth => format!("{anchor}-{}", nth - 1),
    }
}

/// The targets of the links of a line, but not of those in `code`.
fn targets(line: &str) -> impl Iterator<Item = String> {
    let prose: String = line.split('`').step_by(2).collect::<Vec<_>>().join("`");
    let targets: Vec<_> = prose
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target.to_owned())
        .collect();
    targets.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "\
# A `pipeline!`, and more
Read [one](a.md) and [`two`](b.md#c), not `[three](c.md)`.
<!-- above -->
```rust,no_run
# hidden
[no](link.md)
```
## Twice
## Twice
![picture](d.png)
";

    #[test]
    fn a_page_has_headings_links_and_blocks() {
        let page = Page::read(PAGE);
        assert_eq!(page.anchors, ["a-pipeline-and-more", "twice", "twice-1"]);
        let links: Vec<_> = page
            .links
            .iter()
            .map(|link| (link.line, &*link.target))
            .collect();
        assert_eq!(links, [(2, "a.md"), (2, "b.md#c"), (10, "d.png")]);
        let [block] = &page.blocks[..] else {
            panic!("{:?}", page.blocks)
        };
        assert_eq!(
            (block.line, &*block.kind, &*block.above),
            (4, "rust,no_run", "<!-- above -->")
        );
        assert_eq!(block.text, "# hidden\n[no](link.md)\n");
    }
}
