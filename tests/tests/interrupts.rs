//! Ctrl-C: the first one stops the graph, and the second leaves whoever does not end.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Sender, channel};

use streamlib::prelude::*;

/// Never returns from `process`.
#[actor]
struct Hangs {
    #[output]
    out: Output<DataMessage<u64>>,
    inside: Sender<()>,
}

impl Actor for Hangs {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        self.inside.send(()).map_err(Error::other)?;
        loop {
            std::thread::park();
        }
    }
}

const PROGRAM: &str = "STREAMLIB_TEST_INTERRUPTED";

/// What the other test runs, as a program of its own.
#[test]
fn a_program_of_its_own() {
    if std::env::var_os(PROGRAM).is_none() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let outcome = runtime.expect("a runtime").block_on(async {
        let (inside, is_inside) = channel();
        let show = pipeline! {
            hangs = Hangs::new(inside).fps(100);
            hangs >> Null::new();
        }?;
        is_inside.recv().map_err(Error::other)?;
        // What runs already listens when it has been polled once.
        let (outcome, ()) = tokio::join!(show.run(), async { eprintln!("listens") });
        outcome
    });
    eprintln!("run: {}", outcome.expect_err("one hangs"));
}

#[test]
fn the_first_says_who_is_waited_for_and_the_second_leaves() {
    let program = std::env::current_exe().expect("this one");
    let mut child = Command::new(program)
        .args(["a_program_of_its_own", "--exact", "--nocapture"])
        .env(PROGRAM, "1")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut lines = BufReader::new(child.stderr.take().expect("it is piped")).lines();
    let mut until = |words: &str| {
        let mut seen = Vec::new();
        for line in lines.by_ref().map_while(std::io::Result::ok) {
            if line.contains(words) {
                return line;
            }
            seen.push(line);
        }
        panic!("nothing says {words:?}: {seen:#?}");
    };
    let pid = rustix::process::Pid::from_child(&child);
    let interrupt = || rustix::process::kill_process(pid, rustix::process::Signal::INT);
    until("listens");
    let stopping = "streamlib: stopping, and waiting for `hangs` in `process`, and so `null`";
    interrupt().expect("it runs");
    until(stopping);
    interrupt().expect("it runs");
    let run = until("run: ");
    let expected =
        "Ctrl-C while the graph stopped: not waited for `hangs` in `process`, and so `null`";
    assert!(run.contains(expected), "{run}");
    assert!(child.wait().expect("it ends").success());
}
