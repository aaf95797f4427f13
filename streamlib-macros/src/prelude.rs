//! `#![no_implicit_prelude]`: what rustc hides there is left out of what the macros write.
//!
//! Under it, `#[diagnostic::…]` does not resolve, and nothing that a macro writes can bring it back: the
//! words of tools cannot be imported. Without these attributes the same mistakes are refused, in plainer
//! words. Whether it holds is written in the file of the macro call, or in one of a module around it, so
//! those are read: each time, since an editor keeps the macros loaded while the files change, and a look
//! at a few files costs microseconds. A file that can't be read, or isn't Rust, says nothing.

use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// The attribute, and in it the letters that are looked for before a file is read as tokens.
const ATTRIBUTE: &str = "no_implicit_prelude";

/// Whether the code of this file, in the package of this folder, may be under the attribute.
pub fn is_off(file: &Path, package: &Path) -> bool {
    let Ok(file) = std::path::absolute(file) else {
        return false;
    };
    around(&file, package).any(|file| std::fs::read_to_string(file).is_ok_and(|text| names(&text)))
}

/// The file, and those in which the modules around it may be.
fn around(file: &Path, package: &Path) -> impl Iterator<Item = PathBuf> {
    let folders = file.ancestors().skip(1);
    let folders = folders.take_while(move |folder| folder.starts_with(package));
    let parents = folders.flat_map(|folder| {
        let inside = ["mod.rs", "lib.rs", "main.rs"].map(|name| folder.join(name));
        inside.into_iter().chain([folder.with_extension("rs")])
    });
    std::iter::once(file.to_owned()).chain(parents)
}

/// Whether the attribute is somewhere in a file's text.
fn names(text: &str) -> bool {
    let attributes = |tokens: TokenStream| -> bool { in_attributes(tokens, false) };
    text.contains(ATTRIBUTE) && text.parse().is_ok_and(attributes)
}

fn in_attributes(tokens: TokenStream, inside: bool) -> bool {
    let mut after_hash = false;
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => {
            let begins = after_hash && group.delimiter() == Delimiter::Bracket;
            after_hash = false;
            in_attributes(group.stream(), inside || begins)
        }
        TokenTree::Punct(punct) => {
            after_hash = punct.as_char() == '#' || after_hash && punct.as_char() == '!';
            false
        }
        TokenTree::Ident(word) => inside && word == ATTRIBUTE,
        TokenTree::Literal(_) => false,
    })
}

/// What is written, less every `#[diagnostic::…]`.
pub fn without_diagnostics(written: TokenStream) -> TokenStream {
    let mut tokens = written.into_iter().peekable();
    let mut kept = TokenStream::new();
    while let Some(token) = tokens.next() {
        if is_hash(&token) && tokens.next_if(is_diagnostic).is_some() {
            continue;
        }
        kept.extend([match token {
            TokenTree::Group(group) => {
                let inside = without_diagnostics(group.stream());
                let mut kept = Group::new(group.delimiter(), inside);
                kept.set_span(group.span());
                kept.into()
            }
            other => other,
        }]);
    }
    kept
}

fn is_hash(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == '#')
}

/// `[diagnostic::…]`
fn is_diagnostic(token: &TokenTree) -> bool {
    let TokenTree::Group(group) = token else {
        return false;
    };
    let mut tokens = group.stream().into_iter();
    group.delimiter() == Delimiter::Bracket
        && matches!(tokens.next(), Some(TokenTree::Ident(word)) if word == "diagnostic")
        && matches!(tokens.next(), Some(TokenTree::Punct(colon)) if colon.as_char() == ':')
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[test]
    fn the_attribute_is_found_wherever_it_is_one() {
        for text in [
            "//! A crate.\n#![no_implicit_prelude]\nfn main() {}",
            "mod a { mod b { #![no_implicit_prelude] } }",
            "#[no_implicit_prelude] mod bare;",
            "#![cfg_attr(unix, no_implicit_prelude)]",
        ] {
            assert!(names(text), "{text}");
        }
        for text in [
            "// #![no_implicit_prelude]",
            "const NAME: &str = \"#![no_implicit_prelude]\";",
            "fn no_implicit_prelude() {} fn f() { [no_implicit_prelude()]; }",
            "#![no_implicit_prelude",
        ] {
            assert!(!names(text), "{text}");
        }
    }

    #[test]
    fn the_modules_around_a_file_are_looked_at_up_to_the_package() {
        let files: Vec<_> = around(Path::new("/p/src/a/b.rs"), Path::new("/p/src")).collect();
        let expected = [
            "/p/src/a/b.rs",
            "/p/src/a/mod.rs",
            "/p/src/a/lib.rs",
            "/p/src/a/main.rs",
            "/p/src/a.rs",
            "/p/src/mod.rs",
            "/p/src/lib.rs",
            "/p/src/main.rs",
            "/p/src.rs",
        ];
        assert_eq!(files, expected.map(PathBuf::from));
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert!(!is_off(&here.join("src/prelude.rs"), here));
        assert!(is_off(
            &here.join("../tests/ui/pipeline/pass/alone/strict.rs"),
            here
        ));
        assert!(!is_off(Path::new("/no/such/file.rs"), here));
    }

    #[test]
    fn diagnostics_go_and_the_rest_stays() {
        let written = quote! {
            #[doc = "diagnostic::"]
            #[diagnostic::on_unimplemented(message = "no")]
            trait A {}
            const _: () = {
                #[diagnostic::do_not_recommend]
                #[diagnostic]
                impl A for diagnostic::B {}
            };
        };
        let kept = quote! {
            #[doc = "diagnostic::"]
            trait A {}
            const _: () = {
                #[diagnostic]
                impl A for diagnostic::B {}
            };
        };
        assert_eq!(without_diagnostics(written).to_string(), kept.to_string());
    }
}
