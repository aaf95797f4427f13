//! Actors in processes of their own: where they run, and how messages, ends and errors cross.
#![cfg(target_os = "linux")]

use std::process::Command;

use streamlib::prelude::*;
use streamlib_tests::{Collect, Items, Log, Numbers, Seen, status_of, until};

streamlib::process::before_main!();

/// Adds to what comes, and tells in which process it is.
#[actor]
struct Add {
    #[input]
    number: Input<DataMessage<u64>>,
    #[output]
    sum: Output<DataMessage<u64>>,
    #[output]
    place: Output<DataMessage<u32>>,
    by: u64,
}

impl Actor for Add {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if let Some(number) = self.number.latest() {
            self.sum.send(DataMessage::new(**number + self.by), tick);
        }
        self.place.send(DataMessage::new(std::process::id()), tick);
        Ok(())
    }

    fn summary(&self) -> String {
        format!("adds {}", self.by)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_works_in_another_process_and_misses_nothing_on_a_virtual_clock() -> Result<()> {
    let (log, places) = (Log::new(), Log::new());
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        items = Items::up_to(99) @ house;
        add   = Add::new(1000) on process;

        items >> add.number;
        add.sum >> Collect::new(log.clone());
        add.place >> Seen::new(places.clone());
    }?;
    clock.advance(110).await?;
    let add = status_of(&show, "add");
    show.stop().await?;
    let sums: Vec<_> = log.entries().iter().map(|&(_, sum)| sum).collect();
    assert_eq!(sums, (1000..1100).collect::<Vec<_>>());
    let here = std::process::id();
    assert!(places.entries().iter().all(|place| **place != here));
    assert_eq!(
        (add.dispatcher, &add.summary[..], add.copied),
        ("process", "adds 1000", 0)
    );
    Ok(())
}

/// Where two actors run that share workers, and one that does not.
#[tokio::test(flavor = "multi_thread")]
async fn a_worker_of_its_own_is_shared_with_nobody() -> Result<()> {
    let places: Vec<_> = (0..5).map(|_| Log::new()).collect();
    let [a, b, c, d, e] = &places[..] else {
        unreachable!("there are five");
    };
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        numbers = Numbers::new(u64::MAX) @ house;
        first   = Add::new(1) on process;
        second  = Add::new(2) on process;
        third   = Add::new(3) on process;
        alone   = Add::new(4) on process.alone();
        limited = Add::new(5) on process.memory(1 << 30);

        numbers >> [first.number, second.number, third.number, alone.number, limited.number];
        first.place >> Seen::new(a.clone());
        second.place >> Seen::new(b.clone());
        third.place >> Seen::new(c.clone());
        alone.place >> Seen::new(d.clone());
        limited.place >> Seen::new(e.clone());
    }?;
    clock.advance(3).await?;
    show.stop().await?;
    let place = |log: &Log<DataMessage<u32>>| *log.entries()[0];
    let mut shared = [place(a), place(b), place(c)];
    assert!(!shared.contains(&place(d)) && !shared.contains(&place(e)));
    assert_ne!(place(d), place(e));
    shared.sort_unstable();
    // Two workers, of which others of these tests may have one more actor.
    assert!(
        shared[0] == shared[1] || shared[1] == shared[2],
        "{shared:?}"
    );
    Ok(())
}

/// Sends long texts.
#[actor]
struct Texts {
    #[output]
    text: Output<DataMessage<String>>,
}

impl Actor for Texts {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let text = "bars ".repeat(1 << tick.frame_number);
        self.text.send(DataMessage::new(text), tick);
        Ok(())
    }
}

/// Turns texts to upper case.
#[actor(dispatcher = process)]
fn shout(#[input] text: &DataMessage<String>, end: &str) -> DataMessage<String> {
    DataMessage::new(text.to_uppercase() + end)
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_of_any_length_cross_and_a_function_can_be_placed_so() -> Result<()> {
    let log = Log::new();
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        texts = Texts::new() @ house;
        loud  = shout("!");
        texts >> loud >> Seen::new(log.clone());
    }?;
    clock.advance(20).await?;
    let loud = status_of(&show, "loud");
    show.stop().await?;
    assert_eq!(loud.dispatcher, "process");
    let lens: Vec<_> = log.entries().iter().map(|text| text.len()).collect();
    assert_eq!(
        lens,
        (0..20).map(|power| (5 << power) + 1).collect::<Vec<_>>()
    );
    assert!(log.entries()[19].ends_with("BARS !"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_spawned_can_run_there_too() -> Result<()> {
    let texts = spawn(Texts::new().clocked(SoftwareClock::fps(100)))?;
    let loud = spawn(shout("?"))?;
    let log = Log::new();
    let seen = spawn(Seen::new(log.clone()))?;
    (&texts.text >> &loud.text)?;
    (&loud.output >> &seen.item)?;
    assert!(until(|| log.entries().len() >= 3).await);
    texts.stop().await?;
    loud.stop().await?;
    seen.stop().await
}

/// Counts what it is given, of as many as there are.
#[actor(dispatcher = process)]
struct Many {
    #[input]
    numbers: Inputs<DataMessage<u64>>,
    #[output]
    heard: Output<DataMessage<String>>,
}

impl Actor for Many {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let heard = self.numbers.iter_mut().filter_map(Input::next).count();
        let of = self.numbers.len();
        self.heard
            .send(DataMessage::new(format!("{heard} of {of}")), tick);
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn more_edges_than_cross_are_refused_when_they_are_wired() -> Result<()> {
    let clock = SoftwareClock::fps(20);
    let many = spawn(Many::new())?;
    let log = Log::new();
    let seen = spawn(Seen::new(log.clone()))?;
    (&many.heard >> &seen.item)?;
    let mut sources = Vec::new();
    let mut refused = None;
    while sources.len() < 300 && refused.is_none() {
        let source = spawn(Numbers::new(u64::MAX).clocked(clock.clone()))?;
        refused = (&source.numbers >> &many.numbers).err();
        sources.push(source);
    }
    let error = refused.expect("an error").to_string();
    assert_eq!(sources.len(), 257, "{error}");
    for said in [
        "`numbers` of Numbers can't be connected to `numbers` of Many",
        "257 edges lead to one port",
        "256 are the most",
        "run the actor on `threads`",
    ] {
        assert!(error.contains(said), "{error}");
    }
    // What was wired before it is heard.
    let hears_all = || {
        let entries = log.entries();
        entries
            .iter()
            .any(|entry| format!("{entry:?}").contains("of 256"))
    };
    assert!(until(hears_all).await, "{:?}", log.entries().last());
    many.stop().await?;
    seen.stop().await?;
    for source in sources {
        source.stop().await?;
    }
    Ok(())
}

/// The source ends, and its reader hears of it there.
#[actor]
struct Ends {
    #[input]
    number: Input<DataMessage<u64>>,
    #[output]
    last: Output<DataMessage<bool>>,
}

impl Actor for Ends {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let ended = self.number.has_ended();
        self.last.send(DataMessage::new(ended), tick);
        match self.number.next() {
            Some(number) if **number == 7 => Err(Error::EndOfStream),
            _ => Ok(()),
        }
    }

    async fn on_stop(&mut self) -> Result<()> {
        println!("flushed");
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_there_is_an_end_here() -> Result<()> {
    let log = Log::new();
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        numbers = Numbers::new(u64::MAX) @ house;
        ends    = Ends::new() on process;
        numbers >> ends >> Seen::new(log.clone());
    }?;
    clock.advance(20).await?;
    assert_eq!(
        status_of(&show, "ends").state,
        streamlib::actor::ActorState::Stopped
    );
    show.finished().await;
    show.stop().await?;
    assert_eq!(log.entries(), vec![DataMessage::new(false); 8]);
    Ok(())
}

/// Cannot be what it is asked to be.
#[actor]
struct Unfit {
    #[input]
    number: Input<DataMessage<u64>>,
    says: bool,
}

impl Actor for Unfit {
    fn check(&self) -> Result<()> {
        if self.says {
            return Err(Error::invalid("says", true, "false"));
        }
        Ok(())
    }

    async fn on_start(&mut self) -> Result<()> {
        Err("no such device".into())
    }

    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_start_is_told_as_anywhere() -> Result<()> {
    let refused = pipeline! {
        numbers = Numbers::new(u64::MAX).fps(60);
        unfit   = Unfit::new(true) on process;
        numbers >> unfit;
    };
    let error = refused.map(drop).unwrap_err().to_string();
    assert_eq!(error, "`unfit`: says is true; expected false");
    let show = pipeline! {
        numbers = Numbers::new(u64::MAX).fps(60);
        unfit   = Unfit::new(false) on process;
        numbers >> unfit;
    }?;
    show.finished().await;
    let error = show.stop().await.unwrap_err().to_string();
    assert_eq!(error, "actor `unfit` failed: no such device");
    Ok(())
}

#[test]
fn a_worker_never_runs_the_program_whatever_it_can_read() -> Result<()> {
    for (program, code, told) in [
        ("1", 0, ""),
        ("nobody", 1, "STREAMLIB_WORKER_OF is not the number"),
    ] {
        let worker = Command::new(std::env::current_exe()?)
            .arg("--list")
            .env("STREAMLIB_WORKER_OF", program)
            .output()?;
        assert_eq!(
            (worker.status.code(), &worker.stdout[..]),
            (Some(code), &b""[..])
        );
        let error = String::from_utf8_lossy(&worker.stderr);
        assert!(error.contains(told), "{error}");
    }
    Ok(())
}
