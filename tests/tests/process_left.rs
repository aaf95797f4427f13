//! Programs that are killed while they have workers, and those with them: what they had made is gone, and nothing is left.
#![cfg(target_os = "linux")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use streamlib::prelude::*;
use streamlib_tests::pictures::{Grey, Invert, Look};
use streamlib_tests::workers::{children, is_worker, kill, workers};
use streamlib_tests::{Log, until};

streamlib::process::before_main!();

/// Run by itself it is short; the next one runs it with a word more, and then it lasts.
#[tokio::test(flavor = "multi_thread")]
async fn a_program_with_workers() -> Result<()> {
    let log = Log::new();
    let show = pipeline! {
        grey   = Grey::new(PixelFormat::Gray8, 128, 128).fps(200);
        first  = Invert::new() on process;
        second = Invert::new() on process.alone();
        grey >> first >> second >> Look::new(false, log.clone());
    }?;
    assert!(until(|| log.entries().len() > 20).await);
    assert!(log.entries().iter().all(|&(_, is_whole)| is_whole));
    if std::env::var_os(LASTS).is_some() {
        println!("ready");
        std::thread::sleep(Duration::from_secs(100));
    }
    show.stop().await
}

const LASTS: &str = "STREAMLIB_TEST_LASTS";

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_is_killed_leaves_no_process_and_no_memory() -> Result<()> {
    for kill_workers_too in [false, true] {
        // Whatever it makes where programs leave things is made here.
        let folder = format!("streamlib-ends-{}-{kill_workers_too}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        std::fs::create_dir_all(&folder)?;
        let in_folder = || std::fs::read_dir(&folder).map(Iterator::count);
        let mut program = Command::new(std::env::current_exe()?)
            .args(["--exact", "a_program_with_workers", "--nocapture"])
            .env(LASTS, "1")
            .env("TMPDIR", &folder)
            .current_dir(&folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let lines = BufReader::new(program.stdout.take().ok_or("no output")?).lines();
        let is_ready = lines
            .map_while(std::result::Result::ok)
            .any(|line| line.contains("ready"));
        let workers = workers(program.id());
        let all: Vec<_> = workers.iter().copied().chain([program.id()]).collect();
        let mut made = Things::of_all(&all);
        // What this test was given open, all that it starts was given too.
        made.named
            .retain(|name| !Things::of(std::process::id()).named.contains(name));
        let (before, holders) = (in_folder()?, made.holders());
        kill(program.id());
        if kill_workers_too {
            workers.iter().copied().for_each(kill);
        }
        program.wait()?;
        assert!(is_ready && workers.len() == 2, "{workers:?}");
        // A segment an actor, and the blocks of pictures: the program has all of it, and each worker its own.
        assert!(made.memory.len() >= 4, "{made:?}");
        assert_eq!(
            holders.iter().collect::<BTreeSet<_>>(),
            all.iter().collect()
        );
        let is_left = || workers.iter().any(|&worker| is_worker(worker));
        assert!(until(|| !is_left()).await, "{workers:?}");
        assert!(until(|| made.holders().is_empty()).await, "{made:?}");
        // Nothing of it has ever had a name that could stay.
        assert_eq!(made.named, BTreeSet::new());
        assert_eq!((before, in_folder()?), (0, 0));
        std::fs::remove_dir(&folder)?;
    }
    Ok(())
}

/// Names a run in the environment of the program, which all that it starts has too, from the moment on at which it is there.
const RUN: &str = "STREAMLIB_TEST_RUN";

/// All processes of a run.
fn of_run(run: &str) -> Vec<u32> {
    let named = format!("{RUN}={run}\0");
    let numbers = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = numbers.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let is_of_it = |process: &u32| {
        let environment = std::fs::read(format!("/proc/{process}/environ")).unwrap_or_default();
        environment
            .windows(named.len())
            .any(|part| part == named.as_bytes())
    };
    numbers.filter(is_of_it).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_is_killed_while_it_starts_its_workers_leaves_none() -> Result<()> {
    for turn in 0..24_u32 {
        let run = format!("{}-{turn}", std::process::id());
        let mut program = Command::new(std::env::current_exe()?)
            .args(["--exact", "a_program_with_workers"])
            .env(LASTS, "1")
            .env(RUN, &run)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        // From when the first is there, and not yet the program again, to when both are at work.
        while children(program.id()).is_empty() {
            assert!(program.try_wait()?.is_none(), "it has no workers");
            std::thread::yield_now();
        }
        let (begun, wait) = (Instant::now(), Duration::from_micros(40) * (turn * turn));
        while begun.elapsed() < wait {
            std::thread::yield_now();
        }
        let before = of_run(&run);
        kill(program.id());
        program.wait()?;
        assert!(before.contains(&program.id()), "{before:?}");
        let are_gone = until(|| of_run(&run).is_empty()).await;
        assert!(are_gone, "turn {turn}: {before:?}, {:?}", of_run(&run));
    }
    Ok(())
}

/// What processes have that outlives them, if it has a name, or if somebody else has it too.
#[derive(Debug, Default)]
struct Things {
    /// The numbers of the files in memory that are shared.
    memory: BTreeSet<u64>,
    /// Files that are written and sockets, by their paths.
    named: BTreeSet<String>,
}

impl Things {
    fn of(process: u32) -> Self {
        let mut things = Self::default();
        let maps = std::fs::read_to_string(format!("/proc/{process}/maps")).unwrap_or_default();
        for line in maps.lines() {
            match line.split_whitespace().collect::<Vec<_>>()[..] {
                [_, _, _, _, inode, name, ..] if name.starts_with(MEMORY) => {
                    things.memory.extend(inode.parse::<u64>());
                }
                [_, rights, _, _, _, name] if rights == "rw-s" && is_kept(name) => {
                    things.named.insert(name.to_owned());
                }
                _ => {}
            }
        }
        let sockets = bound_sockets();
        let files = std::fs::read_dir(format!("/proc/{process}/fd"));
        for file in files.into_iter().flatten().flatten() {
            let link = std::fs::read_link(file.path()).unwrap_or_default();
            let (link, number) = (link.to_string_lossy(), file.file_name());
            if link.starts_with(MEMORY) {
                let inode = std::fs::metadata(file.path()).map(|file| file.ino());
                things.memory.extend(inode);
            } else if let Some(name) = sockets.get(&*link) {
                things.named.insert(name.clone());
            } else if is_kept(&link) && is_written(process, &number.to_string_lossy()) {
                things.named.insert(link.into_owned());
            }
        }
        things
    }

    fn of_all(processes: &[u32]) -> Self {
        let mut all = Self::default();
        for things in processes.iter().map(|&process| Self::of(process)) {
            all.memory.extend(things.memory);
            all.named.extend(things.named);
        }
        all
    }

    /// All processes of this machine that have some of the memory.
    fn holders(&self) -> Vec<u32> {
        let numbers = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        let numbers = numbers.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let holds = |process: &u32| !Self::of(*process).memory.is_disjoint(&self.memory);
        numbers.filter(holds).collect()
    }
}

const MEMORY: &str = "/memfd:streamlib";

/// Whether this is the path of something that stays when nobody has it open.
fn is_kept(path: &str) -> bool {
    let is_device = path.starts_with("/dev/") && !path.starts_with("/dev/shm");
    path.starts_with('/')
        && !path.ends_with(" (deleted)")
        && !path.starts_with("/memfd:")
        && !path.starts_with("/proc/")
        && !is_device
}

fn is_written(process: u32, number: &str) -> bool {
    let told = std::fs::read_to_string(format!("/proc/{process}/fdinfo/{number}"));
    let told = told.unwrap_or_default();
    let flags = told.lines().find_map(|line| line.strip_prefix("flags:"));
    flags
        .is_some_and(|flags| u32::from_str_radix(flags.trim(), 8).is_ok_and(|flags| flags & 3 != 0))
}

/// The paths of Unix sockets that have one, by what `/proc` calls the sockets.
fn bound_sockets() -> BTreeMap<String, String> {
    let told = std::fs::read_to_string("/proc/net/unix").unwrap_or_default();
    let lines = told.lines().filter_map(|line| {
        let words: Vec<_> = line.split_whitespace().collect();
        Some((
            format!("socket:[{}]", words.get(6)?),
            (*words.get(7)?).to_owned(),
        ))
    });
    lines.collect()
}
