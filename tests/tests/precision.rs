//! What a precision asks for: what the kernel says that a thread has is what the status says that it was given.
//!
//! The workers' precision is the whole program's, so one test of this program sets it; the others start
//! the program again, with less than it may have.
#![cfg(target_os = "linux")]

use std::process::Command;

use streamlib::clock::{Clock, Subscriber};
use streamlib::dispatch::Threads;
use streamlib::prelude::*;
use streamlib_tests::{Log, Numbers, until};

const SCHED_OTHER: i64 = 0;
const SCHED_FIFO: i64 = 1;
const SCHED_RR: i64 = 2;

/// How the kernel schedules a thread.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Scheduled {
    policy: i64,
    priority: i64,
    nice: i64,
    /// The length of its turns in nanoseconds, where the kernel tells.
    slice: Option<u64>,
    cores: String,
}

impl Scheduled {
    /// Of the thread that asks.
    fn now() -> Self {
        let read = |file: &str| {
            let path = format!("/proc/thread-self/{file}");
            std::fs::read_to_string(path)
        };
        let stat = read("stat").expect("this is Linux");
        let (_, fields) = stat.rsplit_once(") ").expect("a name in brackets");
        let fields: Vec<_> = fields.split_whitespace().collect();
        // proc_pid_stat(5) counts from 1, and the third comes after the name.
        let field = |number: usize| fields[number - 3].parse().expect("a number");
        let value = |text: &str, name: &str| {
            let line = text.lines().find(|line| line.starts_with(name))?;
            Some(line.split_once(':')?.1.trim().to_owned())
        };
        let status = read("status").expect("as stat");
        let sched = read("sched").unwrap_or_default();
        Self {
            policy: field(41),
            priority: field(40),
            nice: field(19),
            slice: value(&sched, "se.slice").and_then(|slice| slice.parse().ok()),
            cores: value(&status, "Cpus_allowed_list").expect("a list"),
        }
    }
}

/// Kibibytes of memory that is never paged out.
fn locked() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("this is Linux");
    let line = status.lines().find(|line| line.starts_with("VmLck:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
    number.expect("a number of kB")
}

/// Writes down how the worker is scheduled that it runs on.
#[actor]
struct Worker {
    #[input]
    number: Input<DataMessage<u64>>,
    log: Log<Scheduled>,
}

impl Actor for Worker {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        self.log.push(Scheduled::now());
        Ok(())
    }
}

/// Writes down how the thread of a clock is scheduled.
struct Ticked(Log<Scheduled>);

impl Subscriber for Ticked {
    fn tick(&mut self, _tick: TimedTick) {
        self.0.push(Scheduled::now());
    }
}

/// Whether this process may put a thread ahead of the others: chrt has tried.
fn may_be_first() -> bool {
    let tried = Command::new("chrt").args(["-r", "40", "true"]).output();
    tried
        .expect("chrt: apt-get install util-linux")
        .status
        .success()
}

/// The number after `words` in what a status says.
fn number_after(status: &str, words: &str) -> Option<i64> {
    let (_, rest) = status.split_once(words)?;
    let end = rest.find(|c: char| c != '-' && !c.is_ascii_digit());
    rest[..end.unwrap_or(rest.len())].parse().ok()
}

/// What was given, and what not.
fn halves(status: &str) -> (&str, &str) {
    status.split_once("; not granted: ").unwrap_or((status, ""))
}

/// Whether a thread at `realtime` is scheduled as the status says.
#[track_caller]
fn is_as_told(
    seen: &Scheduled,
    status: &str,
    policy: (i64, &str),
    wanted: i64,
    before: &Scheduled,
) {
    let (got, lacks) = halves(status);
    if let Some(priority) = number_after(got, &format!("{} ", policy.1)) {
        assert_eq!(
            (seen.policy, seen.priority),
            (policy.0, priority),
            "{status}"
        );
        assert!((1..=wanted).contains(&priority), "{status}");
        assert!(!lacks.contains("SCHED"), "{status}");
    } else {
        let refused = format!("{} {wanted} (", policy.1);
        assert!(lacks.starts_with(&refused), "{status}");
        assert_eq!((seen.policy, seen.priority), (SCHED_OTHER, 0), "{status}");
        let nice = number_after(lacks, "has nice ").unwrap_or(before.nice);
        assert_eq!(seen.nice, nice, "{status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_have_what_their_status_says() -> Result<()> {
    let before = Scheduled::now();
    let may_be_first = may_be_first();
    let mut slices = Vec::new();
    for precision in [
        Precision::LowPower,
        Precision::Normal,
        Precision::Realtime,
        Precision::LowPower,
    ] {
        Threads::precision(precision);
        let log = Log::new();
        let show = pipeline! {
            clock house = SoftwareClock::fps(500);
            numbers = Numbers::new(u64::MAX) @ house;
            worker = Worker::new(log.clone()) on threads;
            numbers >> worker;
        }?;
        assert!(until(|| log.entries().len() > 20).await);
        show.stop().await?;
        let status = show.status();
        let told = status.threads.clone().expect("there are actors on threads");
        println!("{told}: {:?}", log.entries().last());
        assert_eq!(told, Threads::status());
        let seen = log.entries().pop().expect("there are some");
        // Clocks choose a core; workers take any.
        assert_eq!(seen.cores, before.cores);
        if precision == Precision::Realtime {
            assert!(told.starts_with("realtime"), "{told}");
            is_as_told(&seen, &told, (SCHED_RR, "SCHED_RR"), 40, &before);
            let (got, lacks) = halves(&told);
            assert_eq!(got.contains("SCHED_RR"), may_be_first, "{told}");
            assert_ne!(
                got.contains("memory locked"),
                lacks.contains("memory locked")
            );
            assert_eq!(locked() > 0, got.contains("memory locked"), "{told}");
        } else {
            assert_eq!(told, precision.to_string());
            assert_eq!(seen.policy, before.policy);
            // A thread that has a nice value of its own keeps it. Who may be first may be ahead; others by a limit.
            let is_ahead = precision == Precision::Normal && before.nice == 0 && seen.nice == -10;
            let must_be = precision == Precision::Normal && before.nice == 0 && may_be_first;
            assert!(is_ahead || seen.nice == before.nice && !must_be, "{seen:?}");
            slices.extend(seen.slice);
        }
        // The default is what a table needs no line for.
        let line = format!("\nthreads: {told}");
        let is_default = precision == Precision::Normal;
        assert_eq!(status.to_string().contains(&line), !is_default, "{status}");
    }
    if let [low_power, normal, again] = slices[..] {
        assert!(normal <= low_power, "{slices:?}");
        assert_eq!(again, low_power, "what was asked for is given back");
    }
    // A graph with nothing on threads has no worker to tell of.
    let show = pipeline! {
        numbers = Numbers::new(3).fps(500) on tokio;
        null = Null::new() on inline;
        numbers >> null;
    }?;
    show.finished().await;
    assert_eq!(show.status().threads, None);
    show.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_has_what_its_status_says() -> Result<()> {
    let before = Scheduled::now();
    let clock = SoftwareClock::fps(500).precision(Precision::Realtime);
    let log = Log::new();
    let mut subscription = clock.subscribe(vec![Box::new(Ticked(log.clone()))])?;
    subscription.start();
    assert!(until(|| log.entries().len() > 20).await);
    let status = clock.status().to_string();
    drop(subscription);
    let (_, told) = status.split_once("realtime").expect("it was asked for");
    let seen = log.entries().pop().expect("there are some");
    println!("{status}: {seen:?}");
    is_as_told(&seen, told, (SCHED_FIFO, "SCHED_FIFO"), 60, &before);
    let core = number_after(halves(told).0, "core ").map(|core| core.to_string());
    assert_eq!(seen.cores, core.unwrap_or(before.cores), "{status}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_clocks_choose_two_cores_while_there_are_two() -> Result<()> {
    // Other clocks of this program would choose too: alone.
    if std::env::var_os("ALONE").is_none() {
        let this = std::env::current_exe().expect("a program");
        let name = "two_clocks_choose_two_cores_while_there_are_two";
        let output = Command::new(this)
            .args(["--exact", name, "--nocapture"])
            .env("ALONE", "1")
            .output()
            .expect("it starts");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{said}");
        return Ok(());
    }
    let clocks = [50, 60].map(|fps| SoftwareClock::fps(fps).precision(Precision::Realtime));
    let mut subscriptions = Vec::new();
    let mut cores = Vec::new();
    for clock in &clocks {
        let log = Log::new();
        let mut subscription = clock.subscribe(vec![Box::new(Ticked(log.clone()))])?;
        subscription.start();
        subscriptions.push(subscription);
        assert!(until(|| !log.entries().is_empty()).await);
        let status = clock.status().to_string();
        let chosen = number_after(halves(&status).0, "core ");
        // One or the other, as the status says it.
        let refused = halves(&status).1.contains("a core of its own (");
        assert_ne!(chosen.is_some(), refused, "{status}");
        cores.push(chosen);
    }
    println!("cores {cores:?}");
    let allowed = std::thread::available_parallelism();
    if allowed.is_ok_and(|allowed| allowed.get() > 1) && cores[0].is_some() {
        assert_ne!(cores[0], cores[1]);
    }
    Ok(())
}

/// Those of what a status says, where next to nothing is granted.
#[test]
fn without_the_privilege_they_say_so_and_go_on() {
    let this = std::env::current_exe().expect("a program");
    let mut alone = Command::new("prlimit");
    alone.args(["--rtprio=0", "--nice=0", "--memlock=65536"]);
    if rustix::process::geteuid().is_root() {
        alone.args(["setpriv", "--bounding-set=-sys_nice,-ipc_lock"]);
    }
    let output = alone
        .arg(this)
        .args(["--nocapture", "--test-threads=1", "status_says"])
        .output()
        .expect("prlimit and setpriv: apt-get install util-linux");
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{complained}");
    for told in [
        "realtime; not granted: SCHED_RR 40 (",
        "SCHED_FIFO 60 (",
        ", a core of its own (",
        "memory locked (limit 64 KiB)",
    ] {
        assert!(said.contains(told), "{told}: {said}");
    }
}
