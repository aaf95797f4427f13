//! What nodes without a name are called: by the type or function that makes them.

use proc_macro2::{Ident, Span};
use syn::Expr;
use syn::ext::IdentExt;

/// A name for the actor that an expression makes: `null` for `Null::<VideoFrame>::new()`.
/// The first of a kind is `null`, the next `null_2`, past every name that is `taken`.
pub fn name_for(expr: &Expr, span: Span, taken: &[String]) -> Ident {
    let word = word_of(expr).map_or_else(|| "node".to_owned(), |word| snake_case(&word));
    let word = if matches!(&word[..], "self" | "super" | "crate" | "_") {
        "node"
    } else {
        &word
    };
    let name = std::iter::once(word.to_owned())
        .chain((2..).map(|number| format!("{word}_{number}")))
        .find(|name| !taken.contains(name))
        .unwrap_or_else(|| word.to_owned());
    match syn::parse_str::<Ident>(&name) {
        Ok(_) if name != "gen" => Ident::new(&name, span),
        _ => Ident::new_raw(&name, span),
    }
}

/// The word that says best what an expression makes.
fn word_of(expr: &Expr) -> Option<String> {
    match expr {
        Expr::MethodCall(call) => word_of(&call.receiver),
        Expr::Await(wait) => word_of(&wait.base),
        Expr::Try(attempt) => word_of(&attempt.expr),
        Expr::Paren(inner) => word_of(&inner.expr),
        Expr::Group(inner) => word_of(&inner.expr),
        Expr::Reference(inner) => word_of(&inner.expr),
        Expr::Call(call) => word_of(&call.func),
        Expr::Field(field) => match &field.member {
            syn::Member::Named(name) => Some(name.unraw().to_string()),
            syn::Member::Unnamed(_) => word_of(&field.base),
        },
        Expr::Path(path) => {
            let words: Vec<_> = path
                .path
                .segments
                .iter()
                .map(|segment| segment.ident.unraw().to_string())
                .collect();
            // `video::TestPattern::new` is named by the type, `make_pattern` by the function.
            let is_type = |word: &&String| word.starts_with(char::is_uppercase);
            words.iter().rev().find(is_type).or(words.last()).cloned()
        }
        Expr::Struct(value) => value
            .path
            .segments
            .last()
            .map(|segment| segment.ident.unraw().to_string()),
        Expr::Macro(call) => call
            .mac
            .path
            .segments
            .last()
            .map(|segment| segment.ident.unraw().to_string()),
        _ => None,
    }
}

/// `TestPattern` to `test_pattern`.
pub fn snake_case(word: &str) -> String {
    let mut snake = String::new();
    let letters: Vec<char> = word.chars().collect();
    for (place, &letter) in letters.iter().enumerate() {
        let after_small = place > 0 && !letters[place - 1].is_uppercase();
        let before_small = letters
            .get(place + 1)
            .is_some_and(|next| next.is_lowercase());
        let begins_word = letter.is_uppercase() && place > 0 && (after_small || before_small);
        if begins_word && letters[place - 1] != '_' {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(expr: &str, taken: &[&str]) -> String {
        let expr = syn::parse_str(expr).expect("an expression");
        let taken: Vec<_> = taken.iter().map(ToString::to_string).collect();
        name_for(&expr, Span::call_site(), &taken).to_string()
    }

    #[test]
    fn named_by_the_type_that_is_made() {
        assert_eq!(name("Null::new()", &[]), "null");
        assert_eq!(name("Null::<VideoFrame>::new()", &[]), "null");
        assert_eq!(
            name("actors::TestPattern::new(Pattern::Black).size(1, 2)?", &[]),
            "test_pattern"
        );
        assert_eq!(name("Count { seen }", &[]), "count");
        assert_eq!(name("make_sink(1).await", &[]), "make_sink");
        assert_eq!(name("self.source", &[]), "source");
        assert_eq!(name("match x { _ => a }", &[]), "node");
    }

    #[test]
    fn no_name_twice_and_none_that_rust_keeps() {
        assert_eq!(name("Null::new()", &["null", "null_2"]), "null_3");
        assert_eq!(name("Move::new()", &[]), "r#move");
        assert_eq!(name("Gen::new()", &[]), "r#gen");
        assert_eq!(name("Self::new()", &[]), "node");
    }

    #[test]
    fn words_are_parted() {
        assert_eq!(snake_case("RtpSender"), "rtp_sender");
        assert_eq!(snake_case("RTPSender"), "rtp_sender");
        assert_eq!(snake_case("Ndi2"), "ndi2");
    }
}
