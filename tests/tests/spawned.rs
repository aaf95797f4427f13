//! Actors that are started one by one, and wired while they run.

use std::time::Duration;

use streamlib::actor::Link;
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

/// Sends the same number on every tick.
#[actor]
struct Says {
    #[output]
    said: Output<DataMessage<u64>>,
    number: u64,
}

impl Actor for Says {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        self.said.send(DataMessage::new(self.number), tick);
        Ok(())
    }
}

type Heard = (Option<u64>, Vec<Option<u64>>);

/// Writes down what comes on one input and on several.
#[actor]
struct Hears {
    #[input(optional)]
    one: Input<DataMessage<u64>>,
    #[input]
    many: Inputs<DataMessage<u64>>,
    heard: Log<Heard>,
}

impl Actor for Hears {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        let one = self.one.latest().map(|number| **number);
        let many = (self.many.iter_mut()).map(|input| input.latest().map(|number| **number));
        let many = many.collect();
        self.heard.push((one, many));
        Ok(())
    }
}

/// What was heard last after two more ticks: the first brings a change, the second an item that was sent before it.
async fn heard_now(clock: &VirtualClock, heard: &Log<Heard>) -> Result<Heard> {
    clock.advance(2).await?;
    Ok(heard.entries().pop().expect("it ticks"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_takes_away_its_own_connection_and_no_other() -> Result<()> {
    let (clock, heard) = (VirtualClock::fps(50), Log::new());
    let one = spawn(Says::new(1).clocked(clock.clone()))?;
    let two = spawn(Says::new(2).clocked(clock.clone()))?;
    let three = spawn(Says::new(3).clocked(clock.clone()))?;
    let hears = spawn(Hears::new(heard.clone()).clocked(clock.clone()))?;
    let old = (&one.said >> &hears.one)?;
    let first = (&one.said >> &hears.many)?;
    let second = (&two.said >> &hears.many)?;
    let third = (&three.said >> &hears.many)?;
    let all = vec![Some(1), Some(2), Some(3)];
    assert_eq!(heard_now(&clock, &heard).await?, (Some(1), all.clone()));

    let new = (&two.said >> &hears.one)?;
    assert_eq!(heard_now(&clock, &heard).await?, (Some(2), all.clone()));
    old.disconnect();
    assert_eq!(heard_now(&clock, &heard).await?, (Some(2), all));

    second.disconnect();
    let rest = vec![Some(1), Some(3)];
    assert_eq!(heard_now(&clock, &heard).await?, (Some(2), rest));
    new.disconnect();
    first.disconnect();
    let again = (&two.said >> &hears.many)?;
    let rest = vec![Some(3), Some(2)];
    assert_eq!(heard_now(&clock, &heard).await?, (None, rest));
    third.disconnect();
    again.disconnect();
    assert_eq!(heard_now(&clock, &heard).await?, (None, Vec::new()));
    hears.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_with_clocks_of_their_own_cost_a_join_no_tick() -> Result<()> {
    let (here, there, heard) = (VirtualClock::fps(50), VirtualClock::fps(50), Log::new());
    // The numbers of the one are far ahead of the other's.
    there.advance(1_000_000).await?;
    let one = spawn(Says::new(1).clocked(here.clone()))?;
    let two = spawn(Says::new(2).clocked(there.clone()))?;
    let hears = spawn(Hears::new(heard.clone()))?;
    let _first = (&one.said >> &hears.many)?;
    let _second = (&two.said >> &hears.many)?;
    for _ in 0..20 {
        there.advance(1).await?;
        here.advance(1).await?;
    }
    let status = hears.status();
    assert_eq!((status.ticks, status.missed, status.late), (20, 0, 0));
    assert_eq!(status.clock_id, one.status().clock_id);
    assert_eq!(heard.entries().pop(), Some((None, vec![Some(1), Some(2)])));

    // Now the other's ticks are its own.
    one.stop().await?;
    for number in 1..=20 {
        there.advance(1).await?;
        assert!(until(|| hears.status().ticks == 20 + number).await);
    }
    let status = hears.status();
    assert_eq!((status.missed, status.late), (0, 0));
    hears.stop().await?;
    two.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_has_ended_stays_until_its_own_link_is_cut() -> Result<()> {
    let (clock, heard) = (VirtualClock::fps(50), Log::new());
    let one = spawn(Says::new(1).clocked(clock.clone()))?;
    let two = spawn(Says::new(2).clocked(clock.clone()))?;
    let hears = spawn(Hears::new(heard.clone()).clocked(clock.clone()))?;
    let ended = (&one.said >> &hears.many)?;
    let other = (&two.said >> &hears.many)?;
    let both = vec![Some(1), Some(2)];
    assert_eq!(heard_now(&clock, &heard).await?.1, both);
    one.stop().await?;
    other.disconnect();
    assert_eq!(heard_now(&clock, &heard).await?.1, [Some(1)]);
    ended.disconnect();
    assert_eq!(heard_now(&clock, &heard).await?.1, []);
    hears.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edge_may_be_made_and_cut_for_ever() -> Result<()> {
    let (clock, heard) = (VirtualClock::fps(50), Log::new());
    let stays = spawn(Says::new(1).clocked(clock.clone()))?;
    let comes = spawn(Says::new(2).clocked(clock.clone()))?;
    let hears = spawn(Hears::new(heard.clone()).clocked(clock.clone()))?;
    let _stays = (&stays.said >> &hears.many)?;
    for ticks in [1, 0] {
        for _ in 0..20 {
            let one = (&comes.said >> &hears.one)?;
            let many = (&comes.said >> &hears.many)?;
            if ticks > 0 {
                let both = (Some(2), vec![Some(1), Some(2)]);
                assert_eq!(heard_now(&clock, &heard).await?, both);
            }
            one.disconnect();
            many.disconnect();
            if ticks > 0 {
                let none = (None, vec![Some(1)]);
                assert_eq!(heard_now(&clock, &heard).await?, none);
            }
        }
    }
    // As many changes as no input keeps, and then one that counts.
    let last = (&comes.said >> &hears.one)?;
    assert_eq!(heard_now(&clock, &heard).await?.0, Some(2));
    for _ in 0..20 {
        (&stays.said >> &hears.one)?.disconnect();
    }
    assert_eq!(heard_now(&clock, &heard).await?.0, None);
    last.disconnect();
    let held = (&comes.said >> &hears.one)?;
    for _ in 0..6 {
        let unseen = (&stays.said >> &hears.one)?;
        let _unseen = (&comes.said >> &hears.one)?;
        unseen.disconnect();
    }
    held.disconnect();
    assert_eq!(heard_now(&clock, &heard).await?.0, Some(2));
    hears.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nothing_ticks_any_more_keeps_no_place_on_the_ring() -> Result<()> {
    let (clock, heard) = (VirtualClock::fps(50), Log::new());
    let says = spawn(Says::new(1).clocked(clock.clone()))?;
    let hears = spawn(Hears::new(heard.clone()))?;
    for _ in 0..3 {
        let mut links = Vec::new();
        let mut made = || {
            (&says.said >> &hears.many).is_ok_and(|link| {
                links.push(link);
                links.len() == 8
            })
        };
        assert!(until(&mut made).await, "all eight places are free again");
        assert_eq!(heard_now(&clock, &heard).await?.1, [Some(1); 8]);
        links.into_iter().for_each(Link::disconnect);
    }
    hears.stop().await
}

/// Reads only what it is told that there is.
#[actor]
struct Asks {
    #[input(optional)]
    one: Input<DataMessage<u64>>,
    #[input]
    many: Inputs<DataMessage<u64>>,
    heard: Log<Heard>,
}

impl Actor for Asks {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        let mut one = None;
        if self.one.is_connected() && !self.one.has_ended() && self.one.has_new() {
            one = self.one.next().map(|number| **number);
        }
        let mut many = Vec::new();
        assert_eq!(self.many.is_empty(), self.many.get_mut(0).is_none());
        for index in 0..self.many.len() {
            let input = self.many.get_mut(index).expect("as many as it said");
            many.push(input.latest().map(|number| **number));
        }
        self.heard.push((one, many));
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_input_that_was_never_read_knows_what_it_has() -> Result<()> {
    let (clock, heard) = (VirtualClock::fps(50), Log::new());
    let says = spawn(Says::new(1).clocked(clock.clone()))?;
    let asks = spawn(Asks::new(heard.clone()))?;
    let _one = (&says.said >> &asks.one)?;
    let many = (&says.said >> &asks.many)?;
    assert_eq!(heard_now(&clock, &heard).await?, (Some(1), vec![Some(1)]));
    assert_eq!(heard.entries().len(), 2);
    many.disconnect();
    assert_eq!(heard_now(&clock, &heard).await?, (Some(1), Vec::new()));
    asks.stop().await
}
