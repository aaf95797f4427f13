//! The expansion that the README shows is what `pipeline!` writes.

use proc_macro2::TokenStream;
use quote::quote;

#[test]
fn the_readme_shows_the_real_expansion() {
    let readme = include_str!("../../README.md");
    let shown = readme
        .split("```rust,ignore\n")
        .filter_map(|block| block.split("```").next())
        .find(|block| block.contains("rt::connect"))
        .expect("the README shows an expansion");
    let mut whole = shown.to_owned();
    for before in [" ", "(", "["] {
        let short = format!("{before}rt::");
        whole = whole.replace(&short, &format!("{before}::streamlib::__private::"));
    }
    let shown: TokenStream = whole.parse().expect("it is Rust");
    let written = crate::pipeline::expand(quote!(bars >> Invert::new(255);));
    assert_eq!(shown.to_string(), crate::spans::without_marks(&written));
}
