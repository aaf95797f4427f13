//! Actors that are started one by one, and wired while they run.

use std::time::Duration;

use streamlib::prelude::*;
use streamlib_tests::{AddOne, Collect, Log, Numbers, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_made_while_running_carries_items_and_the_clock() -> Result<()> {
    let log = Log::new();
    let numbers = spawn(Numbers::new(u64::MAX).fps(200))?;
    let collect = spawn(Collect::new(log.clone()))?;
    assert_eq!(collect.status().clock_id, None);

    let link = (&numbers.numbers >> &collect.number)?;
    assert_eq!(collect.status().clock_id, numbers.status().clock_id);
    assert_eq!(numbers.status().readers, 1);
    assert!(until(|| log.entries().len() > 10).await);
    assert!(log.entries().iter().all(|(tick, number)| tick == number));

    link.disconnect();
    assert_eq!(collect.status().clock_id, None);
    assert_eq!(numbers.status().readers, 0);
    tokio::time::sleep(Duration::from_millis(100)).await;
    let before = log.entries().len();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(
        log.entries().len(),
        before,
        "nothing comes through a link that was cut"
    );

    let _link = (&numbers.numbers >> &collect.number)?;
    assert!(
        until(|| log.entries().len() > before + 10).await,
        "and it can be made again"
    );
    collect.stop().await?;
    numbers.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn spawned_actors_run_in_lockstep_on_a_virtual_clock() -> Result<()> {
    let log = Log::new();
    let clock = VirtualClock::new(Rate::fps(60));
    let numbers = spawn(Numbers::new(u64::MAX).clocked(clock.clone()))?;
    let plus = spawn(AddOne::new())?;
    let collect = spawn(Collect::new(log.clone()))?;
    let _a = (&numbers.numbers >> &plus.number)?;
    let _b = (&plus.sum >> &collect.number)?;
    clock.advance(100).await?;
    assert_eq!(log.entries().last(), Some(&(99, 100)));
    assert_eq!(log.entries().len(), 100);
    collect.stop().await?;
    plus.stop().await?;
    numbers.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_output_says_when_it_has_no_room_for_more() -> Result<()> {
    let numbers = spawn(Numbers::new(u64::MAX).fps(60))?;
    let mut sinks = Vec::new();
    for _ in 0..8 {
        let sink = spawn(Null::<DataMessage<u64>>::new())?;
        drop((&numbers.numbers >> &sink.input)?);
        sinks.push(sink);
    }
    let ninth = spawn(Null::<DataMessage<u64>>::new())?;
    let error = (&numbers.numbers >> &ninth.input).expect_err("eight readers are all there is");
    assert!(error.to_string().contains("`numbers`"), "{error}");
    numbers.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn dropping_the_handle_of_a_spawned_actor_stops_it() -> Result<()> {
    let log = Log::new();
    let numbers = spawn(Numbers::new(u64::MAX).fps(500))?;
    let collect = spawn(Collect::new(log.clone()))?;
    let _link = (&numbers.numbers >> &collect.number)?;
    assert!(until(|| log.entries().len() > 3).await);
    drop(numbers);
    let mut before = usize::MAX;
    let stands_still = || {
        std::thread::sleep(Duration::from_millis(50));
        let now = log.entries().len();
        std::mem::replace(&mut before, now) == now
    };
    assert!(until(stands_still).await);
    collect.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_impossible_actor_is_refused_when_it_is_spawned() {
    let error = spawn(TestPattern::new(Pattern::White).size(8, 0).fps(60)).map(drop);
    let error = error.expect_err("a picture has a height");
    assert!(error.to_string().contains("8 × 0"), "{error}");
    let error = spawn(Numbers::new(1).fps(0))
        .map(drop)
        .expect_err("0 fps is no rate");
    assert!(error.to_string().contains("fps"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_closes_a_circle_is_refused() -> Result<()> {
    let (a, b) = (spawn(AddOne::new())?, spawn(AddOne::new())?);
    let _link = (&a.sum >> &b.number)?;
    let error = (&b.sum >> &a.number).expect_err("it is a circle");
    assert!(error.to_string().contains("circle"), "{error}");
    (&a.sum >> &a.number).expect_err("so is this");
    a.stop().await?;
    b.stop().await
}
