//! What stands beside a struct in its file: a `new` of its own, or another struct of its name.
//!
//! `#[actor]` is handed the struct and nothing else. Where what it writes meets the same there, rustc tells it of each thing that
//! there is two of, in words that say nothing of the attribute. So the file is read. A `new` that stands in the same
//! module, under no condition, is told in words, and is the only one; and of two structs with one name, which rustc tells,
//! the first alone is an actor. What is not understood, a struct out of a macro say, is left to rustc.

use std::cell::RefCell;
use std::path::Path;

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use syn::ext::IdentExt;

/// A struct and the name of a function of its own.
type Own = (String, String);

/// What is in a file.
struct Seen {
    /// All that is declared anywhere, also in what is handed to a macro.
    structs: Vec<String>,
    own: Vec<Own>,
    /// Structs of one module that have one name.
    same: Vec<String>,
}

thread_local! {
    /// The text of the file that was read last, and what is in it: as a rule all structs of a file are expanded in a row.
    static LAST: RefCell<(String, Seen)> = const { RefCell::new((String::new(), Seen::NOTHING)) };
}

/// A struct that was typed as such: its name, where that stands in a file, follows the word `struct`. What a macro made
/// of a name stands where that was handed to the macro, and what else is in that file may be of another struct.
pub struct Typed {
    text: String,
    name: String,
    line: usize,
}

impl Typed {
    /// The struct whose name is this one, if `file` holds it.
    pub fn of(file: &Path, name: &Ident) -> Option<Self> {
        let span = name.span().unwrap();
        if span.local_file()? != file {
            return None;
        }
        let text = std::fs::read_to_string(file).ok()?;
        Self::at(text, name, span.line(), span.column())
    }

    /// The struct whose name stands there in a text; lines and letters are counted from one.
    fn at(text: String, name: &Ident, line: usize, column: usize) -> Option<Self> {
        let typed = text.lines().nth(line.checked_sub(1)?)?;
        let (begin, _) = typed.char_indices().nth(column.checked_sub(1)?)?;
        let (before, behind) = typed.split_at(begin);
        let is_struct = before.split_whitespace().next_back() == Some("struct")
            && behind.starts_with(&name.to_string());
        let name = name.unraw().to_string();
        is_struct.then_some(Self { text, name, line })
    }

    /// Whether it has a function of that name.
    pub fn has_own(&self, function: &Ident) -> bool {
        let function = function.unraw().to_string();
        // As a rule there is none, and no more to look at.
        self.text.contains(&format!("fn {function}"))
            && seen(&self.text, |seen| {
                seen.own.contains(&(self.name.clone(), function))
            })
    }

    /// Whether it is not the first of its name in its module.
    pub fn is_again(&self) -> bool {
        let mut lines = self.text.lines();
        let first = lines.position(|line| declares(line, &self.name));
        first.is_some_and(|first| first + 1 < self.line)
            && seen(&self.text, |seen| seen.same.contains(&self.name))
    }
}

/// Whether a struct begins on a line.
fn declares(line: &str, name: &str) -> bool {
    let is_comment = line.trim_start().starts_with("//");
    let mut words = line
        .split(|letter: char| !letter.is_alphanumeric() && letter != '_')
        .skip_while(|word| *word != "struct");
    !is_comment && words.nth(1) == Some(name)
}

/// Asks what is in a text.
fn seen(text: &str, question: impl FnOnce(&Seen) -> bool) -> bool {
    LAST.with_borrow_mut(|(last, seen)| {
        if last != text {
            *seen = Seen::of(text);
            text.clone_into(last);
        }
        question(seen)
    })
}

impl Seen {
    const NOTHING: Self = Self {
        structs: Vec::new(),
        own: Vec::new(),
        same: Vec::new(),
    };

    /// What is in a text. Of structs with one name in several modules, or in a macro, nothing is said: there is no telling
    /// which is asked for.
    fn of(text: &str) -> Self {
        let mut seen = Self::NOTHING;
        if let Ok(tokens) = text.parse::<TokenStream>() {
            declared(tokens.clone(), &mut seen.structs);
            seen.module(tokens);
        }
        let Self { structs, own, same } = &mut seen;
        let all = |name: &String| structs.iter().filter(|other| *other == name).count();
        own.retain(|(of, _)| all(of) == 1);
        let alike: Vec<_> = same.clone();
        same.retain(|name| alike.iter().filter(|other| *other == name).count() == all(name));
        seen
    }

    /// Looks at what stands in a file, or between brackets.
    fn module(&mut self, tokens: TokenStream) {
        let tokens: Vec<_> = tokens.into_iter().collect();
        let (mut structs, mut own) = (Vec::new(), Vec::new());
        for item in items(&tokens).filter(|item| !is_macro(item)) {
            structs.extend(
                name_after(item, "struct").map(|name| (name, without_attributes(item).is_some())),
            );
            own.extend(functions(item));
            for token in item {
                if let TokenTree::Group(group) = token {
                    self.module(group.stream());
                }
            }
        }
        own.retain(|(of, _)| structs.iter().any(|(name, _)| name == of));
        self.own.extend(own);
        for (place, (name, is_there)) in structs.iter().enumerate() {
            let mut others = structs
                .iter()
                .enumerate()
                .filter(|(other, _)| *other != place);
            if *is_there && others.any(|(_, (other, is_there))| other == name && *is_there) {
                self.same.push(name.clone());
            }
        }
    }
}

/// Notes every `struct NAME`, however deep.
fn declared(tokens: TokenStream, structs: &mut Vec<String>) {
    let mut is_struct = false;
    for token in tokens {
        match &token {
            TokenTree::Ident(name) if is_struct => structs.push(name.unraw().to_string()),
            TokenTree::Group(group) => declared(group.stream(), structs),
            _ => {}
        }
        is_struct = is_word(&token, "struct");
    }
}

/// What ends with a `;` or a body.
fn items(tokens: &[TokenTree]) -> impl Iterator<Item = &[TokenTree]> {
    tokens.split_inclusive(|token| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        token => is_sign(token, ';'),
    })
}

/// Of `impl NAME { … }` the functions, each with the name.
fn functions(item: &[TokenTree]) -> Vec<Own> {
    let Some(of) = inherent(item) else {
        return Vec::new();
    };
    let Some(TokenTree::Group(body)) = item.last() else {
        return Vec::new();
    };
    let body: Vec<_> = body.stream().into_iter().collect();
    let functions = items(&body).filter(|item| without_attributes(item).is_some());
    let functions = functions.filter_map(|item| name_after(item, "fn"));
    functions.map(|function| (of.clone(), function)).collect()
}

/// The name in `impl<…> NAME<…> { … }`, unless there is a condition.
fn inherent(item: &[TokenTree]) -> Option<String> {
    let [word, rest @ ..] = without_attributes(item)? else {
        return None;
    };
    if !is_word(word, "impl") {
        return None;
    }
    let [TokenTree::Ident(name), rest @ ..] = behind_generics(rest) else {
        return None;
    };
    let is_inherent = match behind_generics(rest) {
        [TokenTree::Group(_)] => true,
        [word, ..] => is_word(word, "where"),
        [] => false,
    };
    is_inherent.then(|| name.unraw().to_string())
}

/// What stands behind the attributes; none where one of them is a condition.
fn without_attributes(mut item: &[TokenTree]) -> Option<&[TokenTree]> {
    while let [hash, TokenTree::Group(attribute), rest @ ..] = item
        && is_sign(hash, '#')
    {
        let first = attribute.stream().into_iter().next();
        if first.is_some_and(|word| is_word(&word, "cfg") || is_word(&word, "cfg_attr")) {
            return None;
        }
        item = rest;
    }
    Some(item)
}

/// What stands behind `<…>`, if that comes first.
fn behind_generics(tokens: &[TokenTree]) -> &[TokenTree] {
    let mut depth = 0;
    let mut is_arrow = false;
    for (place, token) in tokens.iter().enumerate() {
        if is_sign(token, '<') {
            depth += 1;
        } else if is_sign(token, '>') && !is_arrow {
            depth -= 1;
        }
        if depth == 0 {
            let behind = if place == 0 { 0 } else { place + 1 };
            return &tokens[behind..];
        }
        is_arrow = is_sign(token, '-');
    }
    &[]
}

/// `struct NAME`, `fn NAME`
fn name_after(item: &[TokenTree], word: &str) -> Option<String> {
    item.windows(2).find_map(|two| match two {
        [before, TokenTree::Ident(name)] if is_word(before, word) => Some(name.unraw().to_string()),
        _ => None,
    })
}

/// `name! { … }`, `macro_rules! name { … }`: what it makes of what is in it is not known.
fn is_macro(item: &[TokenTree]) -> bool {
    item.windows(2).any(|two| match two {
        [TokenTree::Ident(_), not] => is_sign(not, '!'),
        _ => false,
    })
}

fn is_sign(token: &TokenTree, sign: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign)
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_found_where_it_is_one_of_the_struct_for_sure() {
        let own = ("Screen".to_owned(), "new".to_owned());
        for text in [
            "struct Screen; impl Screen { fn new() -> Self { Self } }",
            "#![allow(unused)] mod a { impl<F: Fn() -> u8> Screen<F> { pub const fn new() {} } struct Screen<F>(F); }",
            "struct Screen { a: u8 } fn f() { g! { } } impl Screen where u8: Copy { fn a() {} #[must_use] pub fn new() {} }",
            "fn main() { struct Screen; #[allow(dead_code)] impl Screen { fn new() {} } }",
        ] {
            assert!(Seen::of(text).own.contains(&own), "{text}");
        }
        for text in [
            "struct Screen; impl Screen { fn renew() { fn new() {} } }",
            "struct Screen; impl Make for Screen { fn new() {} }",
            "struct Screen; impl<T> Make<T> for Screen { fn new() {} }",
            "struct Screen; #[cfg(test)] impl Screen { fn new() {} }",
            "struct Screen; impl Screen { #[cfg(test)] fn new() {} }",
            "struct Screen; mod b { impl Screen { fn new() {} } }",
            "mod a { struct Screen; } mod b { struct Screen; impl Screen { fn new() {} } }",
            "made! { struct Screen; impl Screen { fn new() {} } }",
            "macro_rules! made { () => { struct Screen; impl Screen { fn new() {} } } }",
            "struct Screen; // impl Screen { fn new() {} }",
            "struct Screen; impl Screen { fn new() {} ",
            "struct Screen; impl Screen { fn new() {} } made! { struct Screen; }",
            "mod a { struct Screen; impl Screen { fn new() {} } } macro_rules! made { () => { struct Screen; } }",
        ] {
            assert!(!Seen::of(text).own.contains(&own), "{text}");
        }
    }

    #[test]
    fn of_two_structs_the_first_is_the_actor() {
        let same = |text| Seen::of(text).same;
        assert_eq!(
            same("struct A; struct B { a: A } struct A<T>(T);"),
            ["A", "A"]
        );
        for text in [
            "struct A; mod b { struct A; }",
            "struct A; #[cfg(test)] struct A;",
            "mod a { struct A; struct A; } mod b { struct A; }",
            "made! { struct A; struct A; }",
            "struct A; struct A; made! { struct A; }",
            "struct A; fn a() { let a = A; }",
        ] {
            assert_eq!(same(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_struct_is_one_that_stands_where_its_name_was_typed() {
        let text = "made!(A);\n/* ü */ pub struct  A;\nrestruct! A; struct r#fn;\nstruct\nA;";
        let typed = |name: &str, line, column| {
            let name = syn::parse_str(name).expect("a name");
            Typed::at(text.to_owned(), &name, line, column).is_some()
        };
        assert!(typed("A", 2, 21) && typed("r#fn", 3, 21));
        // Out of a macro; another name; on a line of its own, which nobody writes; outside of the text.
        for (name, line, column) in [
            ("A", 1, 7),
            ("B", 2, 21),
            ("A", 2, 20),
            ("A", 5, 1),
            ("A", 0, 0),
            ("A", 9, 9),
        ] {
            assert!(!typed(name, line, column), "{name} {line}:{column}");
        }
    }
}
