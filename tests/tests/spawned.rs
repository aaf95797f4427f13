//! Actors that are started one by one, and wired while they run.

use std::sync::{Barrier, OnceLock};
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
    let clock = VirtualClock::fps(60);
    let numbers = spawn(Numbers::new(u64::MAX).clocked(clock.clone()))?;
    let hears = spawn(Hears::new(Log::new()))?;
    let mut links = Vec::new();
    for _ in 0..62 {
        links.push((&numbers.numbers >> &hears.many)?);
    }
    let keeps = spawn(KeepsMany::new())?;
    let refused = |to, parts: [&str; 4]| {
        let error = (&numbers.numbers >> to).expect_err("there is no room");
        let told = error.to_string();
        for part in parts {
            assert!(told.contains(part), "{part}: {told}");
        }
        assert!(!told.contains("spare"), "{told}");
    };
    let parts = ["`numbers`", "`every = 16`", "2 are free", "disconnect"];
    refused(&keeps.few, parts);
    let parts = ["`every = 65`", "of the 64", "2 are free", "smaller `every`"];
    refused(&keeps.too_many, parts);
    let last = [
        (&numbers.numbers >> &hears.many)?,
        (&numbers.numbers >> &hears.one)?,
    ];
    let parts = ["one item", "of the 64", "0 are free", "disconnect"];
    refused(&hears.many, parts);
    // Once others have let go of it, as they do on a tick that comes.
    links.drain(..16).for_each(Link::disconnect);
    clock.advance(1).await?;
    assert!(until(|| (&numbers.numbers >> &keeps.few).is_ok()).await);
    drop(last);
    hears.stop().await?;
    keeps.stop().await?;
    numbers.stop().await
}

/// Keeps what it has no use for.
#[actor]
struct KeepsMany {
    #[input(optional, every = 16)]
    few: Input<DataMessage<u64>>,
    #[input(optional, every = 65)]
    too_many: Input<DataMessage<u64>>,
}

impl Actor for KeepsMany {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_output_has_room_for_readers_that_keep_many_items() -> Result<()> {
    let clock = VirtualClock::fps(60);
    let numbers = spawn(Numbers::new(u64::MAX).clocked(clock.clone()))?;
    let mut all = Vec::new();
    for _ in 0..4 {
        let keeps = spawn(KeepsMany::new())?;
        let _link = (&numbers.numbers >> &keeps.few)?;
        all.push(keeps);
    }
    assert_eq!(numbers.status().readers, 4);
    clock.advance(16).await?;
    assert!(all.iter().all(|keeps| keeps.status().dropped == 0));
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
    let told = error.to_string();
    for part in ["circle", "`sum`", "`number`", "disconnect", "`pipeline!`"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let error = (&a.sum >> &a.number).expect_err("so is this");
    assert!(error.to_string().contains("to itself"), "{error}");
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
async fn a_new_link_to_a_single_input_takes_the_place_of_the_old_one() -> Result<()> {
    let (here, there, log) = (VirtualClock::fps(50), VirtualClock::fps(50), Log::new());
    let one = spawn(Says::new(1).clocked(here.clone()))?;
    let two = spawn(Says::new(2).clocked(there.clone()))?;
    let collect = spawn(Collect::new(log.clone()))?;
    let readers = || (one.status().readers, two.status().readers);
    let first = (&one.said >> &collect.number)?;
    here.advance(3).await?;
    assert_eq!(log.entries(), [(0, 1), (1, 1), (2, 1)]);

    let second = (&two.said >> &collect.number)?;
    assert_eq!(readers(), (0, 1));
    assert_eq!(collect.status().clock_id, Some(there.id()));
    here.advance(3).await?;
    assert_eq!(
        log.entries().len(),
        3,
        "nothing comes from the first any more"
    );
    there.advance(1).await?;
    assert!(until(|| log.entries().len() == 4).await);
    assert_eq!(log.entries().pop(), Some((0, 2)));
    first.disconnect();
    assert_eq!(readers(), (0, 1), "it was disconnected already");

    second.disconnect();
    assert_eq!((readers(), collect.status().clock_id), ((0, 0), None));
    // The same again is still one.
    let _again = (&one.said >> &collect.number)?;
    let _twice = (&one.said >> &collect.number)?;
    assert_eq!(readers(), (1, 0));
    here.advance(2).await?;
    assert!(until(|| log.entries().len() == 6).await);
    assert_eq!(log.entries().pop(), Some((7, 1)));
    collect.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_links_that_are_made_at_once_one_stays() -> Result<()> {
    let (clock, heard) = (VirtualClock::fps(50), Log::new());
    let one = spawn(Says::new(1).clocked(clock.clone()))?;
    let two = spawn(Says::new(2).clocked(clock.clone()))?;
    let hears = spawn(Hears::new(heard.clone()).clocked(clock.clone()))?;
    let both = Barrier::new(2);
    for _ in 0..100 {
        let links = std::thread::scope(|scope| {
            let other = scope.spawn(|| {
                both.wait();
                &one.said >> &hears.one
            });
            both.wait();
            [
                &two.said >> &hears.one,
                other.join().expect("it only links"),
            ]
        });
        let readers = (one.status().readers, two.status().readers);
        let heard = heard_now(&clock, &heard).await?.0;
        assert!(
            matches!((readers, heard), ((1, 0), Some(1)) | ((0, 1), Some(2))),
            "{readers:?}, {heard:?}"
        );
        for link in links {
            link?.disconnect();
        }
        assert_eq!((one.status().readers, two.status().readers), (0, 0));
    }
    hears.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_ended_is_no_reader() -> Result<()> {
    let clock = VirtualClock::fps(50);
    let says = spawn(Says::new(1).clocked(clock.clone()))?;
    let hears = spawn(Hears::new(Log::new()))?;
    let ticks_itself = spawn(Hears::new(Log::new()).clocked(clock.clone()))?;
    let mut links = Vec::new();
    for to in [&hears, &ticks_itself] {
        links.push((&says.said >> &to.one)?);
        links.push((&says.said >> &to.many)?);
    }
    clock.advance(1).await?;
    links.push((&says.said >> &hears.many)?); // not taken in yet
    assert_eq!(says.status().readers, 5);
    hears.stop().await?;
    assert_eq!(says.status().readers, 2);
    ticks_itself.stop().await?;
    assert_eq!(says.status().readers, 0);
    links.push((&says.said >> &hears.one)?);
    links.into_iter().for_each(Link::disconnect);
    assert_eq!(says.status().readers, 0);
    says.stop().await
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
            while let Ok(link) = &says.said >> &hears.many {
                links.push(link);
            }
            links.len() == 64
        };
        assert!(until(&mut made).await, "all places are free again");
        assert_eq!(heard_now(&clock, &heard).await?.1, [Some(1); 64]);
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

#[tokio::test(flavor = "multi_thread")]
async fn what_ends_before_it_takes_up_a_link_is_not_waited_for() -> Result<()> {
    for ends_first in [true, false] {
        let (clock, heard) = (VirtualClock::fps(50), Log::new());
        let stays = spawn(Says::new(1).clocked(clock.clone()))?;
        let ends = spawn(Says::new(2).clocked(clock.clone()))?;
        let hears = spawn(Hears::new(heard.clone()))?;
        let _stays = (&stays.said >> &hears.many)?;
        clock.advance(3).await?;
        if ends_first {
            ends.stop().await?;
        }
        let _ends = (&ends.said >> &hears.many)?;
        ends.stop().await?;
        for number in 1..=10 {
            clock.advance(1).await?;
            let status = hears.status();
            let what = (status.ticks, status.missed, status.late);
            assert_eq!(what, (3 + number, 0, 0), "ended before: {ends_first}");
        }
        hears.stop().await?;
        stays.stop().await?;
    }
    Ok(())
}

/// Keeps to itself what it is given.
#[actor]
struct Keeps {
    #[input]
    number: Input<DataMessage<u64>>,
    #[output]
    nothing: Output<DataMessage<u64>>,
}

impl Actor for Keeps {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_hears_that_ticks_are_over_takes_up_a_link_as_well() -> Result<()> {
    let (clock, heard) = (VirtualClock::fps(50), Log::new());
    let says = spawn(Says::new(1).clocked(clock.clone()))?;
    let keeps = spawn(Keeps::new())?;
    let silent = spawn(AddOne::new())?;
    let hears = spawn(Hears::new(heard.clone()))?;
    let _to_keeps = (&says.said >> &keeps.number)?;
    let _to_silent = (&keeps.nothing >> &silent.number)?;
    let _to_hears = (&says.said >> &hears.many)?;
    clock.advance(3).await?;
    let link = (&silent.sum >> &hears.many)?;
    for number in 1..=10 {
        clock.advance(1).await?;
        let status = hears.status();
        let what = (status.ticks, status.missed, status.late);
        assert_eq!(what, (3 + number, 0, 0));
    }
    assert_eq!(silent.status().ticks, 0);
    link.disconnect();
    clock.advance(1).await?;
    assert_eq!(heard.entries().pop(), Some((None, vec![Some(1)])));
    hears.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_virtual_clock_waits_for_what_was_linked_before_it_was_there() -> Result<()> {
    let log = Log::new();
    let clock = VirtualClock::fps(60);
    let numbers = spawn(Numbers::new(u64::MAX).clocked(clock.clone()))?;
    let (one, two) = (spawn(AddOne::new())?, spawn(AddOne::new())?);
    let collect = spawn(Collect::new(log.clone()))?;
    let _c = (&two.sum >> &collect.number)?;
    let _b = (&one.sum >> &two.number)?;
    let _a = (&numbers.numbers >> &one.number)?;
    for number in 0..100 {
        clock.advance(1).await?;
        assert_eq!(log.entries().last(), Some(&(number, number + 2)));
    }
    collect.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_is_that_of_the_first_that_goes_on() -> Result<()> {
    let (here, there) = (VirtualClock::fps(50), VirtualClock::fps(50));
    let one = spawn(Says::new(1).clocked(here.clone()))?;
    let two = spawn(Says::new(2).clocked(there.clone()))?;
    let hears = spawn(Hears::new(Log::new()))?;
    // Of two edges from the same actor the other stays when one is cut.
    let _first = (&one.said >> &hears.many)?;
    let cut = (&one.said >> &hears.one)?;
    let _second = (&two.said >> &hears.many)?;
    cut.disconnect();
    assert_eq!(hears.status().clock_id, Some(here.id()));
    one.stop().await?;
    assert_eq!(hears.status().clock_id, Some(there.id()));
    two.stop().await?;
    assert_eq!(hears.status().clock_id, None);
    hears.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_are_linked_at_once_close_no_circle() -> Result<()> {
    for _ in 0..200 {
        let (a, b) = (spawn(AddOne::new())?, spawn(AddOne::new())?);
        let both = Barrier::new(2);
        let (there, back) = std::thread::scope(|scope| {
            let there = scope.spawn(|| {
                both.wait();
                (&a.sum >> &b.number).is_ok()
            });
            both.wait();
            let back = (&b.sum >> &a.number).is_ok();
            (there.join().expect("it only links"), back)
        });
        assert!(there != back, "{there} {back}");
        a.stop().await?;
        b.stop().await?;
    }
    Ok(())
}

/// Adds up what comes.
#[actor]
struct Sum {
    #[input]
    many: Inputs<DataMessage<u64>>,
    #[output]
    said: Output<DataMessage<u64>>,
}

impl Actor for Sum {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let numbers = (self.many.iter_mut()).filter_map(|input| input.latest().map(|one| **one));
        let sum = numbers.sum();
        self.said.send(DataMessage::new(sum), tick);
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_graph_with_many_ways_through_it_is_looked_through_once() -> Result<()> {
    // 2 to the power of 30 ways.
    let clock = VirtualClock::fps(50);
    let says = spawn(Says::new(1).clocked(clock.clone()))?;
    let mut layers: Vec<[SumHandle; 2]> = Vec::new();
    for _ in 0..30 {
        let layer = [spawn(Sum::new())?, spawn(Sum::new())?];
        if let Some([one, two]) = layers.last() {
            for to in &layer {
                let _ = ((&one.said >> &to.many)?, (&two.said >> &to.many)?);
            }
        }
        layers.push(layer);
    }
    let (first, last) = (&layers[0], &layers[29]);
    assert_eq!(last[0].status().clock_id, None);
    let _ = (
        (&says.said >> &first[0].many)?,
        (&says.said >> &first[1].many)?,
    );
    assert_eq!(last[1].status().clock_id, Some(clock.id()));
    (&last[1].said >> &first[0].many).expect_err("it is a circle");
    clock.advance(3).await?;
    assert_eq!((last[0].status().ticks, last[0].status().late), (3, 0));
    for actor in layers.iter().flatten() {
        actor.stop().await?;
    }
    says.stop().await
}

/// Sleeps a little on every tick.
#[actor]
struct Dozes {
    #[output]
    dozed: Output<DataMessage<u64>>,
}

impl Actor for Dozes {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        tokio::time::sleep(Duration::from_millis(2)).await;
        self.dozed.send(DataMessage::new(tick.frame_number), tick);
        Ok(())
    }
}

static LEFT: OnceLock<DozesHandle> = OnceLock::new();

/// A program that is left while its actor is at work.
mod leaving {
    use super::*;

    #[streamlib::main]
    pub async fn main() -> Result<()> {
        LEFT.get_or_init(|| spawn(Dozes::new().fps(200)).expect("it is spawned"));
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_at_work_when_main_returns_can_still_sleep() -> Result<()> {
    let main = std::thread::spawn(leaving::main);
    main.join().expect("`main` returns");
    let dozes = LEFT.get().expect("`main` has spawned it");
    let before = dozes.status().ticks;
    assert!(until(|| dozes.status().ticks > before + 10).await);
    assert_eq!(dozes.status().panics, 0);
    dozes.stop().await
}
