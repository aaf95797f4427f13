//! Every group of lints, and those that are off for everybody, in a crate that forbids `unsafe`.
#![forbid(unsafe_code)]
#![deny(
    warnings,
    future_incompatible,
    let_underscore,
    nonstandard_style,
    rust_2018_idioms,
    rust_2021_compatibility,
    rust_2024_compatibility,
    unused,
    absolute_paths_not_starting_with_crate,
    elided_lifetimes_in_paths,
    explicit_outlives_requirements,
    keyword_idents,
    meta_variable_misuse,
    missing_docs,
    non_ascii_idents,
    redundant_imports,
    redundant_lifetimes,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unit_bindings,
    unnameable_types,
    unreachable_pub,
    unused_extern_crates,
    unused_import_braces,
    unused_lifetimes,
    unused_macro_rules,
    unused_qualifications,
    unused_results,
    variant_size_differences
)]

use streamlib::prelude::*;

/// A library's.
pub mod library {
    use streamlib::prelude::*;

    /// What is seen.
    #[derive(Message, Clone, Default, Debug)]
    pub struct Seen<T> {
        /// What.
        pub what: T,
    }

    /// Sees.
    #[actor(dispatcher = inline, on_error = restart, clock = SoftwareClock::new(self.rate))]
    pub struct See<T: Message + Clone + Default> {
        /// What is looked at.
        #[input(every = 4, slots = 8)]
        pub video: Input<VideoFrame>,
        /// What else is looked at.
        #[input]
        pub others: Inputs<VideoFrame>,
        /// What is looked at if it is there.
        #[input(optional)]
        pub key: Input<VideoFrame>,
        /// What is seen.
        #[output]
        pub seen: Output<Seen<T>>,
        /// Whether anything is.
        #[output]
        pub any: Output<DataMessage<bool>>,
        /// How often it looks.
        pub rate: Rate,
        what: T,
    }

    impl<T: Message + Clone + Default> Actor for See<T> {
        async fn process(&mut self, tick: TimedTick) -> Result<()> {
            if self.video.next().is_some() {
                self.seen.send(
                    Seen {
                        what: self.what.clone(),
                    },
                    tick,
                );
                self.any.send(DataMessage::new(true), tick);
            }
            Ok(())
        }
    }
}

#[actor]
struct Private {
    #[input]
    seen: Input<library::Seen<DataMessage<u8>>>,
}

impl Actor for Private {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        let _ = self.seen.latest().map(|seen| seen.what.clone());
        Ok(())
    }
}

#[streamlib::main]
async fn main() -> Result<()> {
    if std::env::args().count() < 9 {
        return Ok(());
    }
    let show = pipeline! {
        clock house = SoftwareClock::fps(60);
        bars = TestPattern::new(Pattern::SmpteBars) @ house;
        see = library::See::new(Rate::fps(50), DataMessage::new(1u8)) @ house on threads;
        bars >> [see.video, see.others, see.key];
        see.seen >> Private::new();
        see.any >> Null::new();
    }?;
    show.run().await
}
