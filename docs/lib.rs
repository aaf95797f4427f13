//! The book: its chapters are in `src/`, and every Rust block of them is a test of this package.
//!
//! `cargo test -p streamlib-book --doc` compiles and runs them; `cargo xtask book` builds the pages.

pub mod actors;

/// A module a chapter, so that a failure names the chapter.
macro_rules! chapters {
    ($($name:ident: $path:literal,)*) => {
        $(
            #[cfg(doctest)]
            #[doc = include_str!($path)]
            mod $name {}
        )*
    };
}

chapters! {
    introduction: "src/introduction.md",
    first_pipeline: "src/first_pipeline.md",
    own_actor: "src/own_actor.md",
    ports: "src/ports.md",
    clocks: "src/clocks.md",
    dispatchers: "src/dispatchers.md",
    process: "src/process.md",
    gpu: "src/gpu.md",
    parts: "src/parts.md",
    live: "src/live.md",
    run_time: "src/run_time.md",
    errors: "src/errors.md",
    testing: "src/testing.md",
    profile: "src/profile.md",
    from_gstreamer: "src/from_gstreamer.md",
    from_futuresdr: "src/from_futuresdr.md",
}
