//! What the macros accept, and what they say when they refuse: a folder a macro, with the exact words.
//!
//! After a change of words: `TRYBUILD=overwrite cargo test -p streamlib-tests-ui`, and read the
//! difference.

/// The compiler whose words are pinned here.
const RUSTC: &str = "rustc 1.95.";

#[test]
fn the_compiler_is_the_one_whose_words_are_pinned() {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let said = std::process::Command::new(rustc).arg("--version").output();
    let version = String::from_utf8_lossy(&said.expect("rustc").stdout).into_owned();
    assert!(
        version.starts_with(RUSTC),
        "this is {version}and the messages in tests/ui are those of {RUSTC}x: use that one, or renew them as said above",
    );
}

/// What has attributes of a crate, a `main` of its own kind or a name in `crate` is a program alone; the others are
/// modules of one.
#[test]
fn what_is_right_compiles() {
    let cases = trybuild::TestCases::new();
    cases.pass("together.rs");
    cases.pass("*/pass/alone/*.rs");
}

#[test]
fn all_that_is_right_is_compiled() {
    let together = std::fs::read_to_string("together.rs").expect("together.rs");
    let mut cases = 0;
    for folder in ["actor", "graph", "main", "message", "pipeline"] {
        for entry in std::fs::read_dir(format!("{folder}/pass")).expect("pass") {
            let path = entry.expect("a file").path();
            if path.extension().is_some_and(|extension| extension == "rs") {
                let path = path.display().to_string();
                assert!(together.contains(&format!("\"{path}\"")), "{path}");
                cases += 1;
            }
        }
    }
    assert_eq!(together.matches("#[path").count(), cases);
    assert_eq!(together.matches("::main();").count(), cases);
}

/// Apart from what compiles: where nothing has to run, cargo is asked about all the cases at once.
#[test]
fn what_is_wrong_is_told() {
    trybuild::TestCases::new().compile_fail("*/fail/*.rs");
}

/// How often an error stands in a `.stderr` that holds more than one: where there are several mistakes,
/// and where one is still told more than once (those numbers may only fall).
const MORE_THAN_ONE: [(&str, usize); 13] = [
    ("actor/fail/a_lifetime", 2),
    ("actor/fail/an_input_with_an_equals_sign", 2),
    ("actor/fail/argument_without_a_value", 2),
    ("actor/fail/two_ports_that_carry_no_message", 2),
    ("actor/fail/input_on_what_holds_a_port", 3),
    ("graph/fail/input_for_in", 2),
    ("pipeline/fail/another_arrow", 2),
    ("pipeline/fail/inputs_left_open", 2),
    ("pipeline/fail/several_mistakes", 5),
    ("pipeline/fail/two_circles", 2),
    // Told more than once, by rustc, of an `impl` that the user wrote: the bound that it lacks, wherever it
    // names the type.
    ("actor/fail/a_generic_impl_without_a_bound", 4),
    // By rustc, of each mark of a port, and of the `new` that is not there.
    ("actor/fail/the_attribute_forgotten", 4),
    // By rustc, of the struct, and of its `impl Actor`.
    ("actor/fail/two_of_one_name", 2),
];

#[test]
fn each_mistake_is_told_once_and_in_the_words_of_the_user() {
    let mut seen = 0;
    for group in ["actor", "graph", "main", "message", "pipeline"] {
        let folder = format!("{}/{group}/fail", env!("CARGO_MANIFEST_DIR"));
        for entry in std::fs::read_dir(&folder).expect("the cases") {
            let path = entry.expect("a file").path();
            if path
                .extension()
                .is_none_or(|extension| extension != "stderr")
            {
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("text");
            let case = format!(
                "{group}/fail/{}",
                path.file_stem().expect("a name").display()
            );
            let errors: Vec<_> = text
                .lines()
                .filter(|line| line.starts_with("error"))
                .collect();
            let expected = MORE_THAN_ONE.iter().find(|(name, _)| *name == case);
            assert_eq!(
                errors.len(),
                expected.map_or(1, |&(_, errors)| errors),
                "{case}:\n{text}"
            );
            assert!(
                !text.lines().any(|line| line.starts_with("warning")),
                "{case}:\n{text}"
            );
            for error in errors {
                assert!(!error.contains("__"), "{case}: {error}");
                // What nobody types.
                for room in ["streamlib::pipeline::", "streamlib::actor::clocked"] {
                    assert!(!error.contains(room), "{case}: {error}");
                }
            }
            seen += 1;
        }
    }
    assert!(seen >= 40, "{seen} cases");
}
