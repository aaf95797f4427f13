//! The profile: every tick is counted along every edge, and its trace shows the whole of it.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use streamlib::prelude::*;
use streamlib::profile::{self, Distribution};
use streamlib_tests::{AddOne, Collect, Log, Numbers, until};
use tokio::sync::Mutex;

/// What is turned on holds for every graph that starts: one test at a time.
static ONE: Mutex<()> = Mutex::const_new(());

/// Adds up what its inputs have.
#[actor]
struct Sum {
    #[input]
    terms: Inputs<DataMessage<u64>>,
    #[output]
    sum: Output<DataMessage<u64>>,
}

impl Actor for Sum {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let mut sum = 0;
        for term in &mut self.terms {
            sum += term.latest().map_or(0, |term| **term);
        }
        self.sum.send(DataMessage::new(sum), tick);
        Ok(())
    }
}

/// Blocks its thread for a while, and publishes.
#[actor]
fn work(millis: u64) -> DataMessage<u64> {
    std::thread::sleep(Duration::from_millis(millis));
    DataMessage::new(millis)
}

/// Blocks its thread for a while, and publishes on every tenth tick only.
#[actor]
fn seldom(tick: TimedTick, millis: u64) -> Option<DataMessage<u64>> {
    std::thread::sleep(Duration::from_millis(millis));
    let number = tick.frame_number;
    number.is_multiple_of(10).then(|| DataMessage::new(number))
}

/// Looks on every tick whether something has come.
#[actor]
struct Watch {
    #[input]
    number: Input<DataMessage<u64>>,
}

impl Actor for Watch {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        self.number.next();
        Ok(())
    }
}

/// Waits for a while, and lets its thread do other things meanwhile.
#[actor]
async fn wait(#[input] number: &DataMessage<u64>, millis: u64) -> DataMessage<u64> {
    let number = **number;
    tokio::time::sleep(Duration::from_millis(millis)).await;
    DataMessage::new(number)
}

/// Lets others go first, once, however long that takes.
#[actor]
async fn give_way(#[input] number: &DataMessage<u64>) -> DataMessage<u64> {
    let number = **number;
    tokio::task::yield_now().await;
    DataMessage::new(number)
}

/// Counts what is new of the slow one of its inputs.
#[actor]
struct Both {
    #[input]
    quick: Input<DataMessage<u64>>,
    #[input]
    slow: Input<DataMessage<u64>>,
    taken: Arc<AtomicU64>,
}

impl Actor for Both {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        self.quick.latest();
        let is_new = self.slow.next().is_some();
        self.taken.fetch_add(is_new.into(), Ordering::Relaxed);
        Ok(())
    }
}

fn is_ordered(times: &Distribution) -> bool {
    let Distribution {
        p50,
        p95,
        p99,
        p999,
        max,
        mean,
        ..
    } = *times;
    p50 <= p95 && p95 <= p99 && p99 <= p999 && p999 <= max && mean <= max
}

fn file(name: &str) -> PathBuf {
    let name = format!("streamlib-{}-{name}", std::process::id());
    std::env::temp_dir().join(name)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_join_did_not_wait_for_is_counted_when_it_comes() -> Result<()> {
    let _one = ONE.lock().await;
    let recording = profile::start();
    let taken = Arc::<AtomicU64>::default();
    // More than two ticks: it is late for every one.
    let show = pipeline! {
        clock house = SoftwareClock::fps(200);
        source = Numbers::new(u64::MAX) @ house;
        quick  = AddOne::new();
        slow   = wait(12) on tokio;
        both   = Both::new(Arc::clone(&taken));
        source >> [quick, slow];
        quick >> both.quick;
        slow  >> both.slow;
    }?;
    let of_slow = || taken.load(Ordering::Relaxed);
    assert!(until(|| of_slow() > 20).await, "{}", show.status());
    show.stop().await?;
    drop(recording);
    let profile = show.profile().expect("it started while a profile was on");
    assert!(
        show.status()
            .actor("both")
            .is_some_and(|both| both.late > 20)
    );
    let mut edges = profile.edges("slow", "both");
    let slow = edges.next().expect("every edge is there");
    let counts = (slow.wake_up.count, slow.age.count);
    assert_eq!(counts, (of_slow(), of_slow()), "{profile}");
    // An item of `slow` is as old as what it was made of.
    assert!(slow.age.p50 >= Duration::from_millis(12), "{profile}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_tick_is_counted_in_every_actor_and_along_every_edge() -> Result<()> {
    let _one = ONE.lock().await;
    let recording = profile::start();
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        source = Numbers::new(u64::MAX) @ house;
        near   = AddOne::new() on inline;
        far    = AddOne::new() on threads;
        sum    = Sum::new() on threads;
        end    = Collect::new(Log::new()) on tokio;
        source >> [near, far];
        near >> sum.terms;
        far  >> sum.terms;
        sum  >> delay(3) >> sum.terms;
        sum  >> end;
    }?;
    clock.advance(500).await?;
    show.stop().await?;
    drop(recording);

    let profile = show.profile().expect("it started while a profile was on");
    println!("{profile}");
    let names: Vec<_> = profile.actors.iter().map(|actor| &*actor.name).collect();
    let status = show.status();
    let expected: Vec<_> = status.actors.iter().map(|actor| &*actor.name).collect();
    assert_eq!(names, expected);
    for actor in &profile.actors {
        // A virtual clock keeps no time by which a tick could be late.
        let wake_ups = if actor.name == "source" { 0 } else { 500 };
        let counts = [actor.process, actor.wake_up, actor.age].map(|times| times.count);
        assert_eq!(counts, [500, wake_ups, 500], "{}", actor.name);
        assert!(
            [actor.process, actor.wake_up, actor.age]
                .iter()
                .all(is_ordered)
        );
        assert!(actor.age.p50 >= actor.process.p50, "{profile}");
    }
    let counts: Vec<_> = show
        .graph()
        .edges
        .iter()
        .map(|edge| {
            let mut between = profile.edges(&edge.from, &edge.to);
            let found = between
                .find(|found| found.input == edge.input)
                .expect("every edge is there");
            (edge.delay.is_some(), found.wake_up.count, found.age.count)
        })
        .collect();
    assert_eq!(counts.len(), 6);
    for (is_delayed, wake_ups, ages) in counts {
        let expected = if is_delayed { 497 } else { 500 };
        assert_eq!((wake_ups, ages), (expected, expected));
    }
    // What comes later along the graph is older; what goes in a circle does not make it older still.
    let age = |name| profile.actor(name).map(|actor| actor.age.p50);
    assert!(
        age("source") < age("sum") && age("sum") < age("end"),
        "{profile}"
    );
    assert!(age("end") < Some(Duration::from_millis(100)), "{profile}");
    let table = profile.to_string();
    assert!(
        table.contains("sum.sum > end.input") || table.contains("sum.sum > end."),
        "{table}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn real_time_is_told_apart_into_work_and_waiting() -> Result<()> {
    let _one = ONE.lock().await;
    let _recording = profile::start();
    let log = Log::new();
    let show = pipeline! {
        source = work(4).fps(50);
        slow   = wait(6);
        end    = Collect::new(log.clone()) on threads;
        source >> slow >> end;
    }?;
    tokio::time::sleep(Duration::from_millis(800)).await;
    show.stop().await?;
    let profile = show.profile().expect("it started while a profile was on");
    println!("{profile}");
    let status = show.status();
    for (actor, status) in profile.actors.iter().zip(&status.actors) {
        assert_eq!(actor.process.count, status.ticks, "{}", actor.name);
        assert_eq!(actor.wake_up.count, status.ticks, "{}", actor.name);
    }
    let actor = |name| profile.actor(name).expect("it is in the graph");
    let (source, slow, end) = (actor("source"), actor("slow"), actor("end"));
    let millis = Duration::from_millis;
    assert!(source.process.count > 10 && source.process.p50 >= millis(4));
    assert!(slow.process.p50 >= millis(6), "waiting is a part of it");
    assert!(source.age.p50 >= millis(4) && slow.age.p50 >= millis(10));
    assert!(end.age.p50 >= slow.age.p50 && end.process.p50 < millis(4));
    // Two thirds of the ticks or so come as they should on any machine that can run this at all.
    assert!(source.wake_up.p50 < millis(20), "{profile}");
    let edge = profile
        .edges("slow", "end")
        .next()
        .expect("they are connected");
    assert!(edge.age.p50 >= millis(10) && edge.wake_up.p50 < edge.age.p50);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_with_a_clock_is_measured_also_when_what_feeds_it_is_silent() -> Result<()> {
    let _one = ONE.lock().await;
    let _recording = profile::start();
    let show = pipeline! {
        clock house = SoftwareClock::fps(50);
        source = seldom(4) @ house;
        watch  = Watch::new() @ house;
        source >> watch;
    }?;
    tokio::time::sleep(Duration::from_millis(800)).await;
    show.stop().await?;
    let profile = show.profile().expect("it started while a profile was on");
    let watch = profile.actor("watch").expect("it is in the graph");
    assert!(watch.process.count > 10, "{profile}");
    assert_eq!(watch.wake_up.count, watch.process.count, "{profile}");
    // Its tick was due when the source's was, for which it waits.
    assert!(watch.age.p50 >= Duration::from_millis(4), "{profile}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_from_another_clock_is_as_old_as_it_was_there() -> Result<()> {
    let _one = ONE.lock().await;
    let _recording = profile::start();
    let show = pipeline! {
        source = work(1).fps(50);
        end    = Collect::new(Log::new()).fps(20);
        source >> end;
    }?;
    tokio::time::sleep(Duration::from_millis(600)).await;
    show.stop().await?;
    let profile = show.profile().expect("it started while a profile was on");
    let edge = profile
        .edges("source", "end")
        .next()
        .expect("they are connected");
    let end = profile.actor("end").expect("it is in the graph");
    let count = edge.age.count;
    assert!(count > 2 && count <= end.process.count, "{profile}");
    assert!(edge.age.p50 >= Duration::from_millis(1), "{profile}");
    assert!(end.wake_up.count >= count, "{profile}");
    Ok(())
}

#[tokio::test]
async fn nothing_is_measured_that_nobody_asked_for() -> Result<()> {
    let _one = ONE.lock().await;
    drop(profile::start());
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        source = Numbers::new(10) @ house;
        source >> Collect::new(Log::new());
    }?;
    clock.advance(10).await?;
    show.stop().await?;
    assert!(show.profile().is_none());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_shows_every_tick_on_its_way() -> Result<()> {
    let _one = ONE.lock().await;
    let path = file("trace.json");
    let recording = profile::trace(&path)?;
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        source = Numbers::new(u64::MAX) @ house;
        near   = AddOne::new() on inline;
        slow   = give_way() on tokio;
        end    = Collect::new(Log::new()) on threads;
        source >> near >> slow >> end;
    }?;
    clock.advance(100).await?;
    show.stop().await?;
    let whole = trace::read(&path); // before the end of it
    drop(recording);
    let events = trace::read(&path);
    assert!(whole.len() <= events.len());
    let status = show
        .profile()
        .and_then(|profile| profile.trace)
        .expect("one is written");
    assert_eq!((status.written, status.dropped), (events.len() as u64, 0));
    std::fs::remove_file(&path)?;

    let slices = trace::slices(&events);
    for name in ["source", "near", "end"] {
        let mut ticks: Vec<_> = slices
            .iter()
            .filter(|slice| slice.name == name)
            .map(|slice| slice.tick)
            .collect();
        ticks.sort_unstable();
        assert_eq!(ticks, (0..100).collect::<Vec<_>>(), "{name}");
    }
    // One from its beginning to where it waits, one from there to its end, each tick.
    assert_eq!(
        slices.iter().filter(|slice| slice.name == "slow").count(),
        200
    );
    trace::check(&events, f64::MAX);
    let flows = trace::flows(&events);
    assert_eq!(flows.len(), 300);
    for (from, to) in [("source.", "near."), ("near.", "slow."), ("slow.", "end.")] {
        let leads = |name: &str| name.starts_with(from) && name.contains(&format!("> {to}"));
        let along = flows.iter().filter(|flow| leads(&flow.name)).count();
        assert_eq!(along, 100, "from {from} to {to}");
    }
    Ok(())
}

/// Run by the tests below as a program of its own, with `STREAMLIB_PROFILE` set: see `child`.
#[tokio::test(flavor = "multi_thread")]
async fn a_program_of_its_own() -> Result<()> {
    let Ok(seconds) = std::env::var("STREAMLIB_TESTS_SECONDS") else {
        return Ok(());
    };
    let seconds = Duration::from_secs(seconds.parse().expect("seconds"));
    let ends = std::env::var("STREAMLIB_TESTS_ENDS").unwrap_or_default();
    if ends == "spawned" {
        let source = spawn(work(1).fps(200))?;
        let end = spawn(wait(1))?;
        (&source.output >> &end.number)?;
        assert!(until(|| end.status().ticks > 3).await);
        source.stop().await?;
        return end.stop().await;
    }
    let show = pipeline! {
        source = work(1).fps(200);
        end    = wait(1) on tokio;
        source >> end;
    }?;
    tokio::time::sleep(seconds).await;
    let ticks = || show.status().actor("end").map_or(0, |end| end.ticks);
    assert!(until(|| ticks() > 3).await);
    match &ends[..] {
        "dropped" => drop(show),
        "held" => std::mem::forget(show),
        "exit" => std::process::exit(0),
        _ => show.stop().await?,
    }
    Ok(())
}

/// This program, running only the test above.
fn child(profile: &str, seconds: u64) -> std::process::Command {
    let program = std::env::current_exe().expect("this program");
    let mut command = std::process::Command::new(program);
    command
        .args(["a_program_of_its_own", "--exact", "--nocapture"])
        .env("STREAMLIB_PROFILE", profile)
        .env("STREAMLIB_TESTS_SECONDS", seconds.to_string());
    command
}

#[test]
fn the_environment_asks_for_a_table() {
    let told = |profile| {
        let output = child(profile, 1).output().expect("it runs");
        assert!(output.status.success());
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let table = told("1");
    let rows: Vec<_> = table
        .lines()
        .filter(|line| line.contains("wake-up"))
        .collect();
    assert_eq!(rows.len(), 3, "{table}");
    assert!(
        table.contains("p99.9") && table.contains("source.output > end.number"),
        "{table}"
    );
    assert!(!told("0").contains("wake-up"));
    // No file of that name.
    let table = told("2");
    assert!(table.contains("STREAMLIB_PROFILE is 2: expected 1 for a table"));
    assert!(table.contains("wake-up") && !table.contains("trace:"));
}

#[test]
fn the_table_is_printed_once_however_the_program_ends() {
    let ways = if cfg!(target_os = "linux") {
        &["stopped", "dropped", "held", "exit"][..]
    } else {
        &["stopped"]
    };
    for ends in ways {
        let mut child = child("1", 0);
        let output = child.env("STREAMLIB_TESTS_ENDS", ends).output();
        let output = output.expect("it runs");
        assert!(output.status.success(), "{ends}");
        let table = String::from_utf8_lossy(&output.stderr);
        let rows = table.lines().filter(|line| line.contains("wake-up"));
        assert_eq!(rows.count(), 3, "{ends}: {table}");
    }
}

#[test]
fn a_spawned_actor_has_a_table_of_its_own() {
    let mut child = child("1", 0);
    let output = child.env("STREAMLIB_TESTS_ENDS", "spawned").output();
    let output = output.expect("it runs");
    assert!(output.status.success());
    let table = String::from_utf8_lossy(&output.stderr);
    for begin in ["Work ", "Wait "] {
        let mut rows = table.lines().filter(|line| line.starts_with(begin));
        let row = rows
            .next()
            .unwrap_or_else(|| panic!("no {begin} in {table}"));
        assert!(row.contains("process") && rows.next().is_none(), "{table}");
    }
    assert!(
        !table.contains(" > "),
        "no edges, which come and go: {table}"
    );
}

#[tokio::test]
async fn the_trace_of_a_program_that_is_killed_is_whole() {
    let path = file("killed.json");
    let mut child = child(path.to_str().expect("a name"), 60)
        .spawn()
        .expect("it runs");
    let size = || std::fs::metadata(&path).map_or(0, |file| file.len());
    let found = until(|| size() > 100_000).await;
    child.kill().expect("it is still there");
    child.wait().expect("it is gone");
    assert!(found, "{} bytes were written", size());
    let events = trace::read(&path);
    std::fs::remove_file(&path).expect("it is there");
    // Threads are written down one after the other: the last of them was cut short.
    trace::check(&events, trace::newest(&events) - 200_000.0);
    assert!(trace::flows(&events).len() > 50);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_disk_costs_events_and_no_ticks() -> Result<()> {
    let _one = ONE.lock().await;
    let path = file("pipe");
    let made = std::process::Command::new("mkfifo").arg(&path).status()?;
    assert!(made.success());
    // Open at both ends, and never read.
    let pipe = std::fs::File::options()
        .read(true)
        .write(true)
        .open(&path)?;
    let recording = profile::trace(&path)?;
    let clock = VirtualClock::fps(60);
    let log = Log::new();
    let show = pipeline! {
        clock house = clock.clone();
        source = Numbers::new(u64::MAX) @ house;
        source >> AddOne::new() >> Collect::new(log.clone());
    }?;
    clock.advance(20_000).await?;
    show.stop().await?;
    assert_eq!(log.entries().len(), 20_000);
    let status = show
        .profile()
        .and_then(|profile| profile.trace)
        .expect("one is written");
    // Three slices and two flows of two events a tick; a lane keeps 8,192, and a pipe a few hundred.
    assert!(status.written < 10_000, "{status}");
    drop(pipe); // the writer's wait ends with an error
    drop(recording);
    let status = show
        .profile()
        .and_then(|profile| profile.trace)
        .expect("one is written");
    assert!(
        status.error.is_some() && status.dropped > 20_000,
        "{status:?}"
    );
    std::fs::remove_file(&path)?;
    Ok(())
}

#[test]
fn a_trace_that_cannot_be_written_is_an_error() {
    let error = profile::trace("/nowhere/at/all.json").expect_err("there is no such folder");
    assert!(
        error.to_string().contains("/nowhere/at/all.json"),
        "{error}"
    );
}

/// Reads traces as strictly as the format can be read.
mod trace {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    use serde_json::Value;

    pub struct Slice {
        pub name: String,
        pub tick: u64,
        thread: u64,
        begin: f64,
        end: f64,
    }

    pub struct Flow {
        pub name: String,
        /// Thread and time of its beginning and of its end.
        ends: [(u64, f64); 2],
    }

    pub fn read(path: &Path) -> Vec<Value> {
        let text = std::fs::read_to_string(path).expect("the trace is there");
        serde_json::from_str(&text).expect("the trace is an array of JSON")
    }

    fn text(event: &Value, key: &str) -> String {
        event[key]
            .as_str()
            .unwrap_or_else(|| panic!("no {key} in {event}"))
            .to_owned()
    }

    fn number(event: &Value, key: &str) -> f64 {
        event[key]
            .as_f64()
            .unwrap_or_else(|| panic!("no {key} in {event}"))
    }

    fn of<'a>(events: &'a [Value], phase: &'a str) -> impl Iterator<Item = &'a Value> {
        events.iter().filter(move |event| event["ph"] == phase)
    }

    pub fn slices(events: &[Value]) -> Vec<Slice> {
        let slice = |event: &Value| Slice {
            name: text(event, "name"),
            tick: event["args"]["tick"]
                .as_u64()
                .expect("the number of its tick"),
            thread: number(event, "tid") as u64,
            begin: number(event, "ts"),
            end: number(event, "ts") + number(event, "dur"),
        };
        of(events, "X").map(slice).collect()
    }

    /// When the last slice ended, in microseconds.
    pub fn newest(events: &[Value]) -> f64 {
        let ends = slices(events).into_iter().map(|slice| slice.end);
        ends.fold(0.0, f64::max)
    }

    pub fn flows(events: &[Value]) -> Vec<Flow> {
        let mut found: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
        for event in of(events, "s").chain(of(events, "f")) {
            found.entry(text(event, "id")).or_default().push(event);
        }
        let flow = |(id, ends): (String, Vec<&Value>)| {
            let [start, finish] = ends[..] else {
                panic!("flow {id} has {} ends", ends.len())
            };
            assert_eq!(
                (text(start, "ph"), text(finish, "ph")),
                ("s".into(), "f".into())
            );
            assert_eq!(
                (text(finish, "bp"), text(start, "name")),
                ("e".into(), text(finish, "name"))
            );
            let end = |event| (number(event, "tid") as u64, number(event, "ts"));
            Flow {
                name: text(start, "name"),
                ends: [end(start), end(finish)],
            }
        };
        found.into_iter().map(flow).collect()
    }

    /// Every event is whole, every thread has a name, a thread does one thing at a time, and every flow
    /// begins and ends in a slice, if it ended before `until`.
    pub fn check(events: &[Value], until: f64) {
        let phases: BTreeSet<String> = events.iter().map(|event| text(event, "ph")).collect();
        assert!(
            phases.iter().all(|phase| "MXsf".contains(&**phase)),
            "{phases:?}"
        );
        let named: BTreeSet<u64> = of(events, "M")
            .filter(|event| event["name"] == "thread_name" && event["args"]["name"] != "")
            .map(|event| number(event, "tid") as u64)
            .collect();
        let mut slices = slices(events);
        assert!(slices.iter().all(|slice| named.contains(&slice.thread)));
        slices.sort_by(|a, b| a.thread.cmp(&b.thread).then(a.begin.total_cmp(&b.begin)));
        for pair in slices.windows(2) {
            let [before, after] = pair else { continue };
            // Microseconds of days, as floating point: a nanosecond is about as much as they can tell.
            let is_after = after.begin >= before.end - 0.002;
            assert!(
                before.thread != after.thread || is_after,
                "two slices at once"
            );
        }
        for flow in flows(events) {
            if flow.ends[1].1 > until {
                continue;
            }
            for (thread, time) in flow.ends {
                let holds = |slice: &Slice| {
                    slice.thread == thread && slice.begin <= time && time <= slice.end
                };
                assert!(
                    slices.iter().any(holds),
                    "{} leads out of nowhere",
                    flow.name
                );
            }
        }
    }
}
