//! The macros of streamlib: `#[actor]`, `#[streamlib::main]`, `pipeline!` and `#[derive(Message)]`.
//!
//! One folder a macro, and in it one file a step: `parse` (tokens to tree), `check` (all the errors,
//! collected, none lost) and `expand` (tree to tokens, and after an error still something that
//! type-checks, so that one mistake gives one message). The steps are plain functions over
//! `proc_macro2`; only this file knows `proc_macro`.
//!
//! # Where streamlib has another name
//!
//! What the macros write begins with `::streamlib`. A crate that gets streamlib from another crate, or
//! renames it in its `Cargo.toml`, says under the macro where it is:
//!
//! ```
//! # mod studio { pub use streamlib as live; }
//! use studio::live::prelude::*;
//!
//! #[derive(Message)]
//! #[streamlib(crate = studio::live)]
//! struct Pose;
//!
//! #[actor]
//! #[streamlib(crate = studio::live)]
//! struct Screen {
//!     #[input]
//!     video: Input<VideoFrame>,
//! }
//!
//! impl Actor for Screen {
//!     async fn process(&mut self, _tick: TimedTick) -> Result<()> {
//!         Ok(())
//!     }
//! }
//!
//! # fn main() {
//! let show = pipeline! {
//!     #![streamlib(crate = studio::live)] // in `pipeline!` it comes first
//!     TestPattern::new(Pattern::SmpteBars).fps(60) >> Screen::new();
//! };
//! # let _ = (show, Pose, Pose::NAME);
//! # }
//! ```
//!
//! `#[streamlib::main]` takes it too.

mod actor;
mod crate_path;
mod entry;
mod errors;
mod message;
mod pipeline;
mod prelude;
mod spans;
mod spelling;

#[cfg(test)]
mod editor;
#[cfg(test)]
mod readme;

use proc_macro::TokenStream;

/// Makes a struct or a function an actor: its ports become known to `pipeline!`, and something makes one.
///
/// # A struct
///
/// ```
/// use streamlib::prelude::*;
///
/// /// Subtracts every byte of the picture from `white`.
/// #[actor]
/// struct Invert {
///     #[input]
///     video: Input<VideoFrame>,
///     #[output]
///     inverted: Output<VideoFrame>,
///     white: u8,
/// }
///
/// impl Actor for Invert {
///     async fn process(&mut self, tick: TimedTick) -> Result<()> {
///         let Some(frame) = self.video.latest() else { return Ok(()) };
///         let mut out = self.inverted.slot();
///         out.copy_from(&frame)?;
///         for byte in out.pixels_mut() {
///             *byte = self.white.saturating_sub(*byte);
///         }
///         out.publish(tick);
///         Ok(())
///     }
/// }
///
/// let invert = Invert::new(255); // one parameter for each field that is no port
/// ```
///
/// The struct stays as it is typed, less the port attributes. Each of its fields is `Send`, since it moves
/// to the thread that it runs on. What the actor does on a tick is said by `impl Actor for` it. Arguments, all optional, separated by commas:
///
/// | argument | says |
/// | --- | --- |
/// | `dispatcher = inline` | where it runs unless the graph says otherwise: `inline`, `tokio`, `threads` (the default), `process` (with streamlib's feature of that name) |
/// | `clock = EXPR` | the clock that ticks it when nothing else does |
/// | `on_error = skip` | what happens when `process` fails, or `on_start`: `skip` (the default), `restart`, `stop`, `stop_all` |
/// | `deadline = n` | after how many ticks a `process` that has not returned is told as stalled (two seconds without it); never on a virtual clock, which waits for it |
/// | `new = NAME` | what the constructor is called, in place of `new`; another name makes it private |
///
/// `restart` may say more: `on_error = restart { max: 5, within: Duration::from_secs(10), backoff: Duration::from_millis(100) }`
/// rests 100 ms before the first restart and twice as long before each next one in a row, and stops the
/// actor when five restarts within ten seconds were not enough.
///
/// It also writes `…Handle` (`InvertHandle`), which holds the ports of a running actor: what `spawn`
/// returns.
///
/// # A function
///
/// A function that does all its work on a tick is an actor as it stands: its parameters are ports and
/// configuration, what it returns is its output.
///
/// ```
/// use streamlib::prelude::*;
///
/// /// Mean brightness of the picture.
/// #[actor(dispatcher = inline)]
/// fn luma(
///     /// What is measured.
///     #[input]
///     video: &VideoFrame,
///     /// What the mean is multiplied by.
///     gain: f64,
/// ) -> DataMessage<f64> {
///     let bytes = video.pixels();
///     let sum: u64 = bytes.iter().map(|&byte| u64::from(byte)).sum();
///     DataMessage::new(gain * sum as f64 / bytes.len() as f64)
/// }
///
/// /// Writes down the brightest so far.
/// #[actor]
/// fn brightest(#[input] level: &DataMessage<f64>, name: &str, most: &mut f64) {
///     if **level > *most {
///         *most = **level;
///         println!("{name}: {most}");
///     }
/// }
///
/// # #[streamlib::main]
/// # async fn main() -> Result<()> {
/// let show = pipeline! {
///     bars = TestPattern::new(Pattern::SmpteBars).size(64, 36).fps(60);
///     bars >> luma(0.5) >> brightest("north", 0.0);
/// }?;
/// # show.stop().await
/// # }
/// ```
///
/// From then on `luma(0.5)` makes an actor: a value of the struct `Luma`, which has the function's name in
/// camel case, its visibility and its generics, and all that a struct with `#[actor]` has but `new`. Only
/// inside its own body is the name still the function's. The function may be `async`.
///
/// | parameter | is |
/// | --- | --- |
/// | `#[input] x: &T` | the newest item; ticks before the first are passed over |
/// | `#[input] x: Option<&T>` | the newest item of an input that may be left unconnected, once there is one |
/// | `#[input] x: &mut Input<T>`, `&mut Inputs<T>` | the port itself, with the arguments of [`macro@input`] |
/// | `#[output] x: &mut Output<T>` | an output |
/// | `tick: TimedTick` | the tick |
/// | `x: T` | configuration that is copied on every tick, so `T: Copy` |
/// | `x: &T` | configuration that the actor owns; `&str` is made of any `Into<String>`, `&[T]` of any `Into<Vec<T>>` |
/// | `x: &mut T` | state that the actor owns, from tick to tick |
///
/// Configuration and state are the arguments of the function that makes the actor, in the order typed.
///
/// What it returns is the port `output`: a message `T`, or an `Option<T>` that publishes nothing on
/// `None`, or a `Result` of either or of `()`, with any error type. A function that returns nothing has no
/// such port.
#[proc_macro_attribute]
pub fn actor(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let file = proc_macro::Span::call_site().local_file();
    let written = crate_path::around_item(item.into(), |item| {
        actor::expand(arguments.into(), item, file.as_deref())
    });
    finished(written)
}

/// Marks a field of an `#[actor]` struct as an input: an `Input<…>`, or an `Inputs<…>` that takes
/// any number of connections. On a parameter of an `#[actor]` function, [what it takes](macro@actor).
///
/// | argument | says |
/// | --- | --- |
/// | `optional` | may be left unconnected |
/// | `latest` | reads the newest item (the default) |
/// | `every = n` | reads every item in order, up to `n` behind; overwritten ones are counted |
/// | `slots = n` | the ring it reads has at least `n` slots (3 or more) |
#[proc_macro_attribute]
pub fn input(_arguments: TokenStream, item: TokenStream) -> TokenStream {
    actor::stray("input", item.into()).into()
}

/// Marks a field of an `#[actor]` struct as an output: an `Output<…>`; or a parameter of an `#[actor]`
/// function: a `&mut Output<…>`.
#[proc_macro_attribute]
pub fn output(_arguments: TokenStream, item: TokenStream) -> TokenStream {
    actor::stray("output", item.into()).into()
}

/// Runs `async fn main` on streamlib's runtime. An `Err` is printed as `error: …`, and the program
/// then ends with a failure code.
///
/// ```no_run
/// use streamlib::prelude::*;
///
/// #[streamlib::main]
/// async fn main() -> Result<()> {
///     let show = pipeline! { TestPattern::new(Pattern::SmpteBars).fps(60) >> Null::new() }?;
///     show.run().await
/// }
/// ```
#[proc_macro_attribute]
pub fn main(arguments: TokenStream, item: TokenStream) -> TokenStream {
    crate_path::around_item(item.into(), |item| entry::expand(arguments.into(), item)).into()
}

/// Lets a type of one's own travel between actors.
///
/// ```
/// use streamlib::prelude::*;
///
/// #[derive(Message)]
/// struct Pose {
///     x: f32,
///     y: f32,
/// }
///
/// assert_eq!(Pose::NAME, "Pose");
/// # let Pose { x: _, y: _ } = Pose { x: 0.0, y: 0.0 };
/// ```
#[proc_macro_derive(Message, attributes(streamlib))]
pub fn derive_message(item: TokenStream) -> TokenStream {
    crate_path::around_item(item.into(), message::expand).into()
}

/// Builds and starts a graph of actors: an expression of type `Result<Pipeline>`.
///
/// ```no_run
/// use streamlib::prelude::*;
///
/// # fn main() -> Result<()> {
/// let show = pipeline! {
///     clock house = SoftwareClock::new(Rate::fps(60));
///
///     bars = TestPattern::new(Pattern::SmpteBars) @ house;
///     mix  = Compositor::new(1920, 1080) on threads;
///
///     bars >> mix.layers;
///     mix  >> [Null::new(), Null::new()]; // one ring, two readers
/// }?;
/// # drop(show);
/// # Ok(())
/// # }
/// ```
///
/// The items, each ended by `;` (the last may leave it out):
///
/// | item | says |
/// | --- | --- |
/// | `clock NAME = EXPR` | a clock for `@` |
/// | `NAME = EXPR @ CLOCK on DISPATCHER` | a node; `@` and `on` may be left out |
/// | `END >> END >> … >> END` | what flows where |
/// | `END >> [END, END]` | one output, several readers of one ring |
/// | `END >> delay(TICKS) >> END` | what is read is what was published that many ticks before |
///
/// An END is a node's name, `name.port`, a variable of the surrounding code that holds an actor, or
/// an expression that makes one. Without a port it stands for the only output or input.
///
/// # Circles
///
/// A graph may not run in a circle, as a frame cannot wait for what is made from it; unless one of the
/// connections is late. That one brings items and no ticks: `mix >> blur >> delay(1) >> mix.layers;`.
/// What is kept in between is cloned, which for a frame is the count of a reference. The two ends of
/// a delay are on one clock.
///
/// # Graphs with names
///
/// With `graph NAME(PARAMETERS);` as its first item the macro writes an item, and not an expression:
/// a struct of that name, which can be a node of other graphs. Two more items say what crosses
/// its border:
///
/// | item | says |
/// | --- | --- |
/// | `in NAME: TYPE` | comes in; stands left of `>>` inside, and is an input outside |
/// | `out NAME: TYPE` | goes out; stands right of `>>` inside, and is an output outside |
///
/// ```
/// use streamlib::prelude::*;
///
/// pipeline! {
///     /// A picture with colour bars in the background.
///     pub graph OnBars(width: u32, height: u32, clock: VirtualClock);
///     /// What stands in front.
///     in front: VideoFrame;
///     /// Both.
///     out program: VideoFrame;
///
///     clock house = clock;
///     bars = TestPattern::new(Pattern::SmpteBars).size(width, height) @ house;
///     mix  = Compositor::new(width, height) @ house;
///
///     bars  >> mix.layers;
///     front >> mix.layers;
///     mix   >> program;
/// }
///
/// # #[streamlib::main]
/// # async fn main() -> Result<()> {
/// let clock = VirtualClock::new(Rate::fps(50));
/// let show = pipeline! {
///     clock house = clock.clone();
///     ramp   = TestPattern::new(Pattern::Gradient).size(320, 180) @ house;
///     behind = OnBars::new(640, 360, clock.clone())?;
///     ramp   >> behind >> Null::new();
/// }?;
/// assert_eq!(show.status().actors[1].name, "behind.bars");
/// println!("{}", OnBars::graph().to_mermaid()); // without making one
/// # show.stop().await
/// # }
/// ```
///
/// `OnBars::new(…)` is a `Result<OnBars>`; `?` may be used in the expressions of the graph. A
/// graph into which nothing has to come can be started by itself: `Show::new(…)?.start()?`. An edge
/// that crosses the border ends at a task of its own: an actor that is `inline` there runs on
/// `threads`. Two clocks that meet inside are told when the whole starts, if only from outside it can be
/// seen that they are two.
#[proc_macro]
pub fn pipeline(items: TokenStream) -> TokenStream {
    finished(crate_path::around_items(items.into(), pipeline::expand))
}

/// What may hold `#[diagnostic::…]`, without it where rustc hides it.
fn finished(written: proc_macro2::TokenStream) -> TokenStream {
    let file = proc_macro::Span::call_site().local_file();
    let package = std::env::var_os("CARGO_MANIFEST_DIR").map(std::path::PathBuf::from);
    let (Some(file), Some(package)) = (file, package) else {
        return written.into();
    };
    if prelude::is_off(&file, &package) {
        prelude::without_diagnostics(written).into()
    } else {
        written.into()
    }
}
