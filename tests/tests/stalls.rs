//! Who is stalled, who waits for that, and how it is told.

use std::process::Command;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use streamlib::actor::ActorState::{self, Failed, Running, Stalled, Stopped};
use streamlib::prelude::*;
use streamlib_tests::{AddOne, Collect, Log, Numbers, status_of, until};

/// A door that a thread waits at.
#[derive(Clone, Default)]
struct Door(Arc<(Mutex<bool>, Condvar)>);

impl Door {
    fn open(&self) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.1.notify_all();
    }

    fn wait(&self) {
        let open = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.0.1.wait_while(open, |open| !*open));
    }
}

/// Where `Hangs` hangs.
#[inline(never)]
fn at_the_door(door: &Door) {
    door.wait();
    std::hint::black_box(door);
}

/// Hangs on its third tick, and fails on the one after.
#[actor(deadline = 10)]
struct Hangs {
    #[input]
    number: Input<DataMessage<u64>>,
    #[output]
    out: Output<DataMessage<u64>>,
    ticks: u64,
    door: Door,
}

impl Hangs {
    fn at(door: &Door) -> Self {
        Self::new(0, door.clone())
    }
}

impl Actor for Hangs {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        self.ticks += 1;
        if self.ticks == 3 {
            at_the_door(&self.door);
        }
        if self.ticks == 4 {
            return Err(Error::graph("unplugged"));
        }
        self.out.send(DataMessage::new(self.ticks), tick);
        Ok(())
    }
}

/// Fails on its third tick, for good.
#[actor(on_error = stop)]
struct Breaks {
    #[output]
    out: Output<DataMessage<u64>>,
}

impl Actor for Breaks {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if tick.frame_number >= 3 {
            return Err(Error::graph("unplugged"));
        }
        self.out.send(DataMessage::new(tick.frame_number), tick);
        Ok(())
    }
}

/// Reads any number of inputs.
#[actor]
struct Reads {
    #[input]
    number: Inputs<DataMessage<u64>>,
}

impl Actor for Reads {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        for input in &mut self.number {
            input.latest();
        }
        Ok(())
    }
}

fn states<const N: usize>(show: &Pipeline, names: [&str; N]) -> [ActorState; N] {
    let status = show.status();
    names.map(|name| status.actor(name).expect("it is in the graph").state)
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_share_a_task_with_one_that_hangs_are_stalled() -> Result<()> {
    let door = Door::default();
    let show = pipeline! {
        clock house = SoftwareClock::fps(500);
        source = Numbers::new(u64::MAX) @ house;
        hangs  = Hangs::at(&door) on inline;
        beside = AddOne::new() on inline;
        after  = Collect::new(Log::new()) on threads;
        behind = Collect::new(Log::new()) on threads;
        apart  = Collect::new(Log::new()) on threads;
        own    = Collect::new(Log::new()) @ house on threads;
        other  = Numbers::new(u64::MAX) @ house;
        source >> [hangs, beside, apart, own];
        hangs >> behind;
        beside >> after;
        other >> Null::new();
    }?;
    let waiting = ["source", "hangs", "beside", "after", "behind", "apart"];
    assert!(until(|| states(&show, ["hangs"]) == [Stalled]).await);
    assert_eq!(states(&show, waiting), [Stalled; 6], "{}", show.status());
    assert_eq!(states(&show, ["own", "other"]), [Running; 2]);
    // That of the others is counted nowhere: they have not hung.
    let stalls = waiting.map(|name| status_of(&show, name).stalls);
    assert_eq!(stalls, [0, 1, 0, 0, 0, 0]);
    door.open();
    assert!(until(|| states(&show, waiting) == [Running; 6]).await);
    show.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_join_waits_for_the_one_that_hangs_when_the_others_have_ended() -> Result<()> {
    let door = Door::default();
    let show = pipeline! {
        clock house = SoftwareClock::fps(500);
        source = Numbers::new(u64::MAX) @ house;
        ends   = Numbers::new(3) @ house;
        breaks = Breaks::new() @ house;
        lives  = Numbers::new(u64::MAX) @ house;
        hangs  = Hangs::at(&door);
        one    = Reads::new();
        two    = Reads::new();
        three  = Reads::new();
        source >> hangs;
        hangs  >> [one.number, two.number, three.number];
        ends   >> one.number;
        breaks >> two.number;
        ends   >> three.number;
        lives  >> three.number;
    }?;
    let feeds = ["hangs", "ends", "breaks"];
    assert!(until(|| states(&show, feeds) == [Stalled, Stopped, Failed]).await);
    let expected = [Stalled, Stalled, Running];
    assert_eq!(
        states(&show, ["one", "two", "three"]),
        expected,
        "{}",
        show.status()
    );
    door.open();
    assert!(until(|| states(&show, ["one", "two", "three"]) == [Running; 3]).await);
    let stopped = show.stop().await.expect_err("one has failed");
    assert!(stopped.to_string().contains("`breaks`"), "{stopped}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spawned_actor_waits_for_what_feeds_it_unless_its_clock_waits_for_both() -> Result<()> {
    let (door, clock) = (Door::default(), VirtualClock::fps(50));
    let (numbers, virtual_numbers) = (
        spawn(Numbers::new(u64::MAX).fps(500))?,
        spawn(Numbers::new(u64::MAX).clocked(clock.clone()))?,
    );
    // The one on virtual time is watched first, and hangs first.
    let (unseen, hangs) = (spawn(Hangs::at(&door))?, spawn(Hangs::at(&door))?);
    let (next, last) = (spawn(AddOne::new())?, spawn(Collect::new(Log::new()))?);
    let own = spawn(Collect::new(Log::new()).fps(500))?;
    (&virtual_numbers.numbers >> &unseen.number)?;
    let advance = tokio::spawn({
        let clock = clock.clone();
        async move { clock.advance(5).await }
    });
    assert!(until(|| unseen.status().ticks == 3).await);
    (&hangs.out >> &next.number)?;
    (&next.sum >> &last.number)?;
    (&hangs.out >> &own.number)?;
    (&numbers.numbers >> &hangs.number)?;
    let states = || {
        [
            hangs.status().state,
            next.status().state,
            last.status().state,
        ]
    };
    assert!(until(|| states()[0] == Stalled).await);
    assert_eq!(states(), [Stalled; 3]);
    assert_eq!(
        (own.status().state, numbers.status().state),
        (Running, Running)
    );
    let virtual_one = unseen.status();
    assert_eq!((virtual_one.state, virtual_one.stalls), (Running, 0));
    assert_eq!(virtual_one.last_error, None);
    door.open();
    advance.await.map_err(Error::other)??;
    assert!(until(|| states() == [Running; 3]).await);
    numbers.stop().await?;
    hangs.stop().await?;
    next.stop().await?;
    last.stop().await?;
    own.stop().await
}

#[tokio::test(flavor = "multi_thread")]
#[cfg(target_os = "linux")]
async fn the_position_leads_to_the_function_that_hangs() -> Result<()> {
    let door = Door::default();
    let show = pipeline! {
        source = Numbers::new(u64::MAX).fps(500);
        source >> Hangs::at(&door) >> Null::new();
    }?;
    assert!(until(|| states(&show, ["hangs"]) == [Stalled]).await);
    let told = status_of(&show, "hangs").last_error.unwrap_or_default();
    door.open();
    show.stop().await?;
    println!("{told}");
    let program = std::env::current_exe()?;
    let program = program.file_name().expect("it has a name");
    let program = program.to_string_lossy();
    // The kernel may not say: hardened systems hide it.
    if std::fs::read_to_string("/proc/self/syscall").is_err() {
        return Ok(());
    }
    assert!(told.contains(", called from "), "{told}");
    let maps = std::fs::read_to_string("/proc/self/maps")?;
    let mut lines = maps.lines();
    let first = lines.find(|line| line.ends_with(&*program));
    let begin = first.and_then(|line| line.split('-').next());
    let begin = begin.and_then(|begin| usize::from_str_radix(begin, 16).ok());
    let function = (at_the_door as *const ()).addr() - begin.expect("it lies somewhere");
    let mut module = "";
    let mut calls = told.split(' ').filter_map(|word| {
        let word = word.trim_end_matches(',');
        let place = match word.split_once("+0x") {
            Some((of, place)) => {
                module = of;
                place
            }
            None => word.strip_prefix("0x")?,
        };
        let place = usize::from_str_radix(place, 16).ok()?;
        (module == program).then_some(place)
    });
    let leads_there = calls.any(|place| (function..function + 256).contains(&place));
    assert!(leads_there, "{function:#x} is not among {told}");
    Ok(())
}

/// Prints events of streamlib with their fields.
struct Printer;

impl tracing::Subscriber for Printer {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.is_event()
    }
    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        struct Line(String);
        impl tracing::field::Visit for Line {
            fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
                self.0 += &format!(" {field}={value:?}");
            }
        }
        let mut line = Line(format!("EVENT {}", event.metadata().level()));
        event.record(&mut line);
        println!("{}", line.0);
    }
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

/// Run by the test below as a program of its own.
#[tokio::test(flavor = "multi_thread")]
async fn a_program_of_its_own() -> Result<()> {
    let Ok(to) = std::env::var("STREAMLIB_TESTS_TOLD_TO") else {
        return Ok(());
    };
    if to == "events" {
        tracing::subscriber::set_global_default(Printer).expect("the only one");
    }
    let door = Door::default();
    let show = pipeline! {
        source  = Numbers::new(u64::MAX).fps(500);
        encoder = Hangs::at(&door);
        source >> encoder >> Null::new();
    }?;
    assert!(until(|| status_of(&show, "encoder").stalls == 1).await);
    // Looked at again and again, and told once.
    std::thread::sleep(Duration::from_millis(100));
    door.open();
    assert!(until(|| status_of(&show, "encoder").errors == 1).await);
    show.stop().await
}

/// What that program says on standard output and on standard error.
fn told_to(to: &str) -> [String; 2] {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(["a_program_of_its_own", "--exact", "--nocapture"]);
    let output = command.env("STREAMLIB_TESTS_TOLD_TO", to).output();
    let output = output.expect("it runs");
    let said = [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into());
    assert!(output.status.success(), "{said:?}");
    said
}

/// The one line with these words in it.
fn line<'a>(said: &'a str, words: &str) -> &'a str {
    let lines: Vec<_> = said.lines().filter(|line| line.contains(words)).collect();
    let [line] = lines[..] else {
        panic!("`{words}` is not in one line of {said}");
    };
    line
}

#[test]
fn a_stall_is_told_once_with_the_name_of_the_actor() {
    let [events, errors] = told_to("events");
    let stall = line(&events, "stalled");
    let begin = "EVENT ERROR message=stalled: `process` has not returned for ";
    assert!(stall.starts_with(begin), "{stall}");
    assert!(stall.contains("(deadline 20ms): ") && stall.contains("actor=\"encoder\""));
    assert!(
        !errors.contains("stalled") && !errors.contains("unplugged"),
        "{errors}"
    );

    let [_, errors] = told_to("nobody");
    let stall = line(&errors, "stalled");
    let begin = "streamlib: `encoder` is stalled: `process` has not returned for ";
    assert!(stall.starts_with(begin), "{stall}");
    if cfg!(target_os = "linux") {
        assert!(stall.contains("(deadline 20ms): thread "), "{stall}");
    }
    // A stall is no failure: the first of those is told too.
    let failure = "streamlib: error in `process` of `encoder`: unplugged";
    assert!(line(&errors, "unplugged").starts_with(failure), "{errors}");
}
