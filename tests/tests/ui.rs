//! What the macros accept, and what they say when they refuse: a folder a macro, with the exact words.
//!
//! After a change of words: `TRYBUILD=overwrite cargo test -p streamlib-tests --test ui`, and read the
//! difference.

#[test]
fn what_is_right_compiles_and_what_is_wrong_is_told() {
    let cases = trybuild::TestCases::new();
    cases.pass("ui/*/pass/*.rs");
    cases.compile_fail("ui/*/fail/*.rs");
}
