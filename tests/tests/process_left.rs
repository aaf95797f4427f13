//! Programs that are killed while they have workers, and those with them: what they had made is gone, and nothing is left.
#![cfg(target_os = "linux")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use streamlib::prelude::*;
use streamlib_tests::workers::{is_worker, kill, workers};
use streamlib_tests::{Log, until};

streamlib::process::before_main!();

/// Turns every byte around.
#[actor]
struct Invert {
    #[input]
    video: Input<VideoFrame>,
    #[output]
    inverted: Output<VideoFrame>,
}

impl Actor for Invert {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if let Some(frame) = self.video.latest() {
            let mut out = self.inverted.slot();
            out.copy_from(&frame)?;
            out.pixels_mut().iter_mut().for_each(|byte| *byte = !*byte);
            out.publish(tick);
        }
        Ok(())
    }
}

/// Sends pictures of one grey, another each time.
#[actor]
struct Grey {
    #[output]
    video: Output<VideoFrame>,
}

impl Actor for Grey {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let mut frame = self.video.slot();
        frame.reset(PixelFormat::Gray8, 128, 128)?;
        frame.pixels_mut().fill(tick.frame_number as u8);
        frame.publish(tick);
        Ok(())
    }
}

/// Writes down whether all of a picture is one grey.
#[actor]
struct Look {
    #[input]
    video: Input<VideoFrame>,
    log: Log<bool>,
}

impl Actor for Look {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        if let Some(frame) = self.video.next() {
            let grey = frame.frame_number() as u8;
            self.log
                .push(frame.pixels().iter().all(|&byte| byte == grey));
        }
        Ok(())
    }
}

/// Run by itself it is short; the next one runs it with a word more, and then it lasts.
#[tokio::test(flavor = "multi_thread")]
async fn a_program_with_workers() -> Result<()> {
    let log = Log::new();
    let show = pipeline! {
        grey   = Grey::new().fps(200);
        first  = Invert::new() on process;
        second = Invert::new() on process.alone();
        grey >> first >> second >> Look::new(log.clone());
    }?;
    assert!(until(|| log.entries().len() > 20).await);
    assert!(log.entries().iter().all(|&is_whole| is_whole));
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
