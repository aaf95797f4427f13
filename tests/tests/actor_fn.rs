//! Functions as actors: what they are given, what they return, what they keep.

use streamlib::actor::{ActorState, Harness, OnError, Ports};
use streamlib::prelude::*;
use streamlib_tests::{Collect, Log, Numbers, until};

type Number = DataMessage<u64>;

/// Adds to every number.
///
/// What is added stays the same.
#[actor(dispatcher = inline)]
fn plus(
    /// The number.
    #[input]
    number: &Number,
    /// What is added.
    by: u64,
) -> Number {
    DataMessage::new(**number + by)
}

/// Hands on what is even.
#[actor]
fn even(#[input] number: &Number) -> Option<Number> {
    number.is_multiple_of(2).then_some(*number)
}

/// Fails on every tenth.
#[actor]
fn no_tens(#[input] number: &Number) -> Result<Number> {
    if number.is_multiple_of(10) {
        return Err(format!("{} is a ten", **number).into());
    }
    Ok(*number)
}

/// Ends after three, with an error type of its own on the way.
#[actor]
fn three(tick: TimedTick) -> Result<Option<Number>, Box<dyn std::error::Error + Send + Sync>> {
    match tick.frame_number {
        0 => Ok(None),
        1..=3 => Ok(Some(DataMessage::new(tick.frame_number))),
        _ => Err(Error::EndOfStream.into()),
    }
}

/// The sum of all that came.
#[actor]
fn sum(#[input] number: &Number, so_far: &mut u64) -> Number {
    *so_far += **number;
    DataMessage::new(*so_far)
}

/// Writes down what comes, up to ninety.
#[actor(on_error = stop)]
fn up_to_ninety(tick: TimedTick, #[input] number: &Number, log: &Log<(u64, u64)>) -> Result<()> {
    if **number > 90 {
        return Err("more than ninety".into());
    }
    log.push((tick.frame_number, **number));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_returned_is_published() -> Result<()> {
    let log = Log::new();
    let clock = VirtualClock::new(Rate::fps(60));
    let show = pipeline! {
        clock house = clock.clone();
        numbers = Numbers::new(9) @ house;
        numbers >> plus(100) >> even() >> Collect::new(log.clone());
    }?;
    clock.advance(20).await?;
    show.finished().await;
    let even: Vec<_> = (0..=9)
        .step_by(2)
        .map(|number| (number, number + 100))
        .collect();
    assert_eq!(log.entries(), even, "nothing is published on `None`");
    assert_eq!(show.status().actor("plus").map(|plus| plus.ticks), Some(10));
    show.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_is_counted_and_the_next_tick_comes() -> Result<()> {
    let log = Log::new();
    let clock = VirtualClock::new(Rate::fps(60));
    let show = pipeline! {
        clock house = clock.clone();
        numbers = Numbers::new(u64::MAX) @ house;
        numbers >> no_tens() >> up_to_ninety(log.clone());
    }?;
    clock.advance(50).await?;
    let status = show.status();
    let no_tens = status.actor("no_tens").expect("it is in the graph");
    assert_eq!((no_tens.errors, no_tens.ticks), (5, 50));
    assert_eq!(no_tens.last_error.as_deref(), Some("40 is a ten"));
    assert_eq!(log.entries().len(), 45);
    clock.advance(50).await?;
    let status = show.status();
    let sink = status.actor("up_to_ninety").expect("it is in the graph");
    assert_eq!(sink.state, ActorState::Failed);
    let error = show.stop().await.expect_err("its only sink has failed");
    assert!(error.to_string().contains("more than ninety"), "{error}");
    Ok(())
}

#[test]
fn the_end_of_a_stream_is_an_end_in_any_error_type() -> Result<()> {
    let mut harness = Harness::new(three())?;
    let mut numbers = harness.probe(|three| &mut three.output);
    harness.tick()?;
    assert!(numbers.fresh().is_none());
    for number in 1..=3 {
        harness.tick()?;
        assert_eq!(numbers.fresh().map(|item| **item), Some(number));
    }
    assert!(harness.tick().is_err_and(|error| error.is_end_of_stream()));
    Ok(())
}

#[test]
fn state_stays_from_tick_to_tick() -> Result<()> {
    let mut harness = Harness::new(sum(1000))?;
    let mut numbers = harness.feed(|sum| &mut sum.number);
    let mut sums = harness.probe(|sum| &mut sum.output);
    harness.run(3)?;
    assert!(
        sums.latest().is_none(),
        "before the first item the function is not called"
    );
    for number in 0..=4 {
        numbers.send(DataMessage::new(number));
        harness.tick()?;
    }
    assert_eq!(sums.latest().map(|sum| **sum), Some(1010));
    Ok(())
}

/// Two ways in, one of them open, and two ways out.
#[actor]
fn both(
    #[input] left: &Number,
    #[input] right: &Number,
    #[input] extra: Option<&Number>,
    tick: TimedTick,
    #[output] sum: &mut Output<Number>,
    #[output] product: &mut Output<Number>,
) {
    let extra = extra.map_or(0, |extra| **extra);
    sum.send(DataMessage::new(**left + **right + extra), tick);
    if extra == 0 {
        product.send(DataMessage::new(**left * **right), tick);
    }
}

#[test]
fn several_inputs_and_outputs() -> Result<()> {
    let mut harness = Harness::new(both())?;
    let mut left = harness.feed(|both| &mut both.left);
    let mut right = harness.feed(|both| &mut both.right);
    let mut sum = harness.probe(|both| &mut both.sum);
    let mut product = harness.probe(|both| &mut both.product);
    left.send(DataMessage::new(3));
    harness.tick()?;
    assert!(sum.fresh().is_none(), "one of the two has not come yet");
    right.send(DataMessage::new(4));
    harness.tick()?;
    assert_eq!(sum.fresh().map(|sum| **sum), Some(7));
    assert_eq!(product.fresh().map(|product| **product), Some(12));
    let mut extra = harness.feed(|both| &mut both.extra);
    extra.send(DataMessage::new(10));
    harness.tick()?;
    assert_eq!(sum.fresh().map(|sum| **sum), Some(17));
    assert!(product.fresh().is_none());
    Ok(())
}

/// Adds up whatever is connected.
#[actor]
fn mix(#[input] all: &mut Inputs<Number>) -> Number {
    let numbers = all.iter_mut().filter_map(|input| Some(**input.latest()?));
    DataMessage::new(numbers.sum())
}

/// How many have come, and what they add up to.
#[actor]
fn every(#[input(every = 4, slots = 8)] numbers: &mut Input<Number>) -> Option<Number> {
    let mut sum = None;
    while let Some(number) = numbers.next() {
        sum = Some(sum.unwrap_or(0) + **number);
    }
    sum.map(DataMessage::new)
}

#[tokio::test(flavor = "multi_thread")]
async fn any_number_of_inputs() -> Result<()> {
    let log = Log::new();
    let clock = VirtualClock::new(Rate::fps(60));
    let show = pipeline! {
        clock house = clock.clone();
        numbers = Numbers::new(9) @ house;
        mixed = mix();
        numbers >> [plus(1), plus(2), mixed];
        plus >> mixed;
        plus_2 >> mixed;
        mixed >> Collect::new(log.clone());
    }?;
    clock.advance(20).await?;
    show.finished().await;
    assert_eq!(log.entries().last(), Some(&(9, 9 + 10 + 11)));
    show.stop().await
}

#[test]
fn every_item_through_the_port_itself() -> Result<()> {
    let mut harness = Harness::new(every())?;
    let mut numbers = harness.feed(|every| &mut every.numbers);
    let mut sums = harness.probe(|every| &mut every.output);
    for number in 1..=3 {
        numbers.send(DataMessage::new(number));
    }
    harness.tick()?;
    assert_eq!(sums.fresh().map(|sum| **sum), Some(6));
    harness.tick()?;
    assert!(sums.fresh().is_none());
    Ok(())
}

/// Waits before it adds.
#[actor(dispatcher = tokio)]
async fn slowly(#[input] number: &Number, by: u64, names: &[String]) -> Result<Number> {
    tokio::task::yield_now().await;
    Ok(DataMessage::new(**number + by + names.len() as u64))
}

/// Hands on a copy of anything, with a prefix for nothing.
#[actor]
fn copy<T, const N: usize>(#[input] item: &T, prefix: &str, seen: &mut [usize; N]) -> T
where
    T: Message + Clone,
{
    seen[0] += prefix.len();
    item.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn async_and_generic() -> Result<()> {
    let log = Log::new();
    let clock = VirtualClock::new(Rate::fps(60));
    let show = pipeline! {
        clock house = clock.clone();
        numbers = Numbers::new(9) @ house;
        slowly = slowly(5, ["one".to_owned(), "two".to_owned()]);
        numbers >> slowly >> copy::<Number, 1>("prefix", [0]) >> up_to_ninety(log.clone());
    }?;
    clock.advance(20).await?;
    show.finished().await;
    assert_eq!(log.entries().last(), Some(&(9, 16)));
    assert_eq!(log.entries().len(), 10);
    show.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn spawned_and_wired_while_running() -> Result<()> {
    let log = Log::new();
    let numbers = spawn(Numbers::new(u64::MAX).fps(200))?;
    let plus: PlusHandle = spawn(plus(1))?;
    let collect = spawn(Collect::new(log.clone()))?;
    let _a = (&numbers.numbers >> &plus.number)?;
    let _b = (&plus.output >> &collect.number)?;
    assert!(until(|| log.entries().len() > 5).await);
    assert!(
        log.entries()
            .iter()
            .all(|(tick, number)| *number == tick + 1)
    );
    collect.stop().await?;
    plus.stop().await?;
    numbers.stop().await
}

/// A clock that its configuration sets.
#[actor(clock = VirtualClock::new(self.rate))]
fn beat(tick: TimedTick, #[allow(unused)] rate: Rate) -> Number {
    DataMessage::new(tick.frame_number)
}

#[test]
fn the_description_is_that_of_a_struct() {
    let info = Plus::INFO;
    assert_eq!(info.name, "Plus");
    assert_eq!(
        info.doc,
        "Adds to every number.\n\nWhat is added stays the same."
    );
    let [input] = info.inputs else {
        panic!("{info:?}")
    };
    assert_eq!((input.name, input.doc), ("number", "The number."));
    assert_eq!((input.payload, input.required), ("DataMessage", true));
    let [output] = info.outputs else {
        panic!("{info:?}")
    };
    assert_eq!((output.name, output.payload), ("output", "DataMessage"));
    let required: Vec<_> = Both::INFO
        .inputs
        .iter()
        .map(|port| (port.name, port.required, port.doc))
        .collect();
    assert_eq!(
        required,
        [
            ("left", true, ""),
            ("right", true, ""),
            ("extra", false, "")
        ]
    );
    assert_eq!(UpToNinety::INFO.on_error, OnError::Stop);
    let clock = beat(Rate::fps(25)).own_clock().expect("it brings one");
    assert_eq!(clock.rate(), Rate::fps(25));
}
