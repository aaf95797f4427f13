//! A network of its own, in namespaces that end with the test: machines on one switch, and linuxptp.
//!
//! A namespace here has no name: it belongs to a thread, and the kernel takes it back, with all that is in
//! it, when the thread and its children end, however they end.

use std::io::{BufRead, BufReader, Write};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::thread::{UnshareFlags, gettid, unshare_unsafe};
use streamlib::clock::Clock;
use streamlib::clock::ptp::PtpClock;

pub use crate::wire::Trouble;
use crate::wire::Wire;

type Work = Box<dyn FnOnce() + Send>;

/// A switch, and the folder for the files of its machines.
pub struct Lab {
    switch: Namespace,
    folder: PathBuf,
    machines: AtomicU32,
}

/// A machine on the switch: `eth0` with an address of 10.77.0.0/24.
pub struct Machine {
    /// Its address.
    pub address: Ipv4Addr,
    namespace: Namespace,
    folder: PathBuf,
    /// What makes the trouble on its wire, in words; empty where there is none.
    pub trouble: String,
    _wire: Option<Wire>,
}

/// A network namespace, and the thread that lives in it.
struct Namespace {
    path: String,
    work: Sender<Work>,
}

impl Namespace {
    fn new() -> Result<Self, String> {
        let (work, todo) = channel::<Work>();
        let (tell, told) = channel();
        std::thread::spawn(move || {
            // SAFETY: the thread does nothing yet, and shares no file descriptors anew.
            let moved = unsafe { unshare_unsafe(UnshareFlags::NEWNET) };
            let there = gettid().as_raw_nonzero();
            let path = format!("/proc/{}/task/{there}/ns/net", std::process::id());
            let is_there = moved.is_ok();
            let _ = tell.send(moved.map(|()| path));
            if is_there {
                todo.into_iter().for_each(|work| work());
            }
        });
        let path = told.recv().map_err(|error| error.to_string())?;
        let path = path.map_err(|error| format!("no network namespace can be made: {error}"))?;
        Ok(Self { path, work })
    }

    fn run<R: Send + 'static>(&self, work: impl FnOnce() -> R + Send + 'static) -> R {
        let (tell, told) = channel();
        let work = move || {
            let _ = tell.send(work());
        };
        self.work.send(Box::new(work)).expect("the thread is there");
        told.recv().expect("the work has not panicked")
    }

    fn command(&self, line: &str) -> Output {
        let mut words = line.split_whitespace().map(str::to_owned);
        let program = words.next().expect("a program");
        let words: Vec<_> = words.collect();
        let output = self.run(move || Command::new(&program).args(words).output());
        output.unwrap_or_else(|error| panic!("{line}: {error} (apt-get install iproute2 linuxptp)"))
    }

    fn must(&self, line: &str) {
        let output = self.command(line);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{line}: {said}");
    }
}

impl Lab {
    /// A switch with nothing on it. `None` for who may not make network namespaces, which is said loudly;
    /// root must.
    #[must_use]
    pub fn new() -> Option<Self> {
        static LABS: AtomicU32 = AtomicU32::new(0);
        let switch = match Namespace::new() {
            Ok(switch) => switch,
            Err(error) if !rustix::process::geteuid().is_root() => {
                // Past the test's captured output: who runs it has to see it.
                let line = format!("\n*** NOT RUN, it needs root: {error}\n");
                let _ = std::io::stderr().write_all(line.as_bytes());
                return None;
            }
            Err(error) => panic!("{error}"),
        };
        let number = LABS.fetch_add(1, Ordering::Relaxed);
        let name = format!("streamlib-lab-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).expect("a folder for the lab");
        switch.must("ip link add br0 type bridge mcast_snooping 0");
        switch.must("ip link set br0 up");
        Some(Self {
            switch,
            folder,
            machines: AtomicU32::new(0),
        })
    }

    /// Another machine on the switch.
    #[must_use]
    pub fn machine(&self) -> Machine {
        let number = self.number();
        self.at(number, &format!("p{number}"), false)
    }

    /// Another machine, on a bad wire to the switch: what happens to what it sends, and to what is sent to
    /// it.
    ///
    /// The kernel's netem makes the trouble where there is one, and a wire of our own where there is none. Either way
    /// it is between two interfaces of the switch: on the machine's own, it would come before the time stamps.
    #[must_use]
    pub fn far_machine(&self, sends: Trouble, hears: Trouble) -> Machine {
        let number = self.number();
        let (near, far) = (format!("q{number}"), format!("r{number}"));
        let switch = &self.switch;
        switch.must(&format!("ip link add p{number} type veth peer name {near}"));
        switch.must(&format!("ip link set {near} up"));
        // It is there only with the machine.
        let machine = self.at(number, &far, true);
        switch.must(&format!("ip link set p{number} master br0 up"));
        let (trouble, wire) = match self.netem(number, [(&near, sends), (&far, hears)]) {
            Ok(()) => ("by netem".to_owned(), None),
            Err(error) => {
                let wire = switch.run(move || Wire::join(&far, &near, sends, hears));
                let told =
                    format!("in user space, by the test itself, for there is no netem: {error}");
                (told, Some(wire.expect("two interfaces")))
            }
        };
        Machine {
            trouble,
            _wire: wire,
            ..machine
        }
    }

    /// Joins two interfaces of the switch by a bridge, each with trouble for what leaves by it.
    fn netem(&self, number: u32, ends: [(&str, Trouble); 2]) -> Result<(), String> {
        for (end, trouble) in ends {
            let output = self.switch.command(&format!(
                "tc qdisc add dev {end} root {}",
                trouble.as_netem()
            ));
            if !output.status.success() {
                let said = String::from_utf8_lossy(&output.stderr);
                return Err(said.trim().to_owned());
            }
        }
        let switch = &self.switch;
        switch.must(&format!(
            "ip link add b{number} type bridge mcast_snooping 0"
        ));
        switch.must(&format!("ip link set b{number} up"));
        for (end, _) in ends {
            switch.must(&format!("ip link set {end} master b{number}"));
        }
        Ok(())
    }

    fn number(&self) -> u32 {
        self.machines.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// A machine whose other end is called `end`; it is on the switch unless there is a wire between.
    fn at(&self, number: u32, end: &str, wire: bool) -> Machine {
        let namespace = Namespace::new().expect("a namespace, as for the switch");
        let switch = &self.switch;
        // Universal, as those of real interfaces are: ptp4l makes its identity of it.
        let [_, _, high, low] = std::process::id().to_be_bytes();
        switch.must(&format!(
            "ip link add {end} type veth peer name eth0 address \
             00:1b:19:{high:02x}:{low:02x}:{number:02x} netns {}",
            namespace.path
        ));
        if !wire {
            switch.must(&format!("ip link set {end} master br0"));
        }
        switch.must(&format!("ip link set {end} up"));
        let address = Ipv4Addr::new(10, 77, 0, number as u8);
        namespace.must("ip link set lo up");
        namespace.must(&format!("ip address add {address}/24 dev eth0"));
        namespace.must("ip link set eth0 up");
        Machine {
            address,
            namespace,
            folder: self.folder.clone(),
            trouble: String::new(),
            _wire: None,
        }
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Machine {
    /// Runs `work` on this machine: the sockets that it opens are on its network.
    pub fn run<R: Send + 'static>(&self, work: impl FnOnce() -> R + Send + 'static) -> R {
        self.namespace.run(work)
    }

    /// Starts linuxptp's ptp4l with software timestamps and these lines of configuration; it never touches
    /// the system's clock, for it may not: it is started without `CAP_SYS_TIME`. That a slave complains of it is not passed on.
    #[must_use]
    pub fn ptp4l(&self, settings: &str) -> Ptp4l {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let file = |ending: &str| self.folder.join(format!("{count}.{ending}"));
        let config = file("conf");
        let text = format!(
            "[global]\ntime_stamping software\nfree_running 1\nuds_address {}\n{}{}\n[eth0]\n",
            file("uds").display(),
            read_only_socket(&file("ro")),
            settings.replace("; ", "\n"),
        );
        std::fs::write(&config, text).expect("a configuration");
        let mut child = self.namespace.run(move || {
            // It ends with the thread of its namespace, even when that is killed, and so does what it shares.
            Command::new("unshare")
                .args(["--ipc", "setpriv", "--pdeathsig", "KILL"])
                .args(["--bounding-set", "-sys_time"])
                .args(["ptp4l", "-m", "-q", "-f"])
                .arg(config)
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .expect("setpriv and ptp4l: apt-get install util-linux linuxptp")
        });
        let lines = Arc::<Mutex<Vec<String>>>::default();
        let output = BufReader::new(child.stdout.take().expect("it is piped"));
        let said = Arc::clone(&lines);
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                said.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(line);
            }
        });
        let complaints = BufReader::new(child.stderr.take().expect("it is piped"));
        std::thread::spawn(move || {
            for line in complaints.lines().map_while(Result::ok) {
                let of_clock = line.contains("the clock");
                if !(of_clock && line.ends_with("Operation not permitted")) {
                    eprintln!("{line}");
                }
            }
        });
        Ptp4l { child, lines }
    }
}

/// linuxptp 4 has a second socket, of which 3 knows nothing.
fn read_only_socket(path: &Path) -> String {
    let version = Command::new("ptp4l").arg("-v").output();
    let version = version.expect("ptp4l: apt-get install linuxptp").stdout;
    if version.starts_with(b"3") {
        String::new()
    } else {
        format!("uds_ro_address {}\n", path.display())
    }
}

/// A ptp4l that runs until it is dropped.
pub struct Ptp4l {
    child: Child,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Ptp4l {
    /// What it has said so far.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.lines
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The offsets from its master that it has measured so far, in nanoseconds; of a [`SLAVE`], one a sync.
    #[must_use]
    pub fn offsets(&self) -> Vec<f64> {
        let lines = self.lines();
        let offset = |line: &String| {
            let (_, rest) = line.split_once("master offset")?;
            rest.split_whitespace().next()?.parse().ok()
        };
        lines.iter().filter_map(offset).collect()
    }
}

impl Drop for Ptp4l {
    fn drop(&mut self) {
        // Err: it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until `done` is true, looking often; false if it takes longer than `most`.
pub fn wait_until(most: Duration, mut done: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + most;
    while !done() {
        if Instant::now() > end {
            return false;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    true
}

/// How a master of SMPTE ST 2059-2 is set up.
pub const ST2059: &str = "domainNumber 127; logSyncInterval -3; logAnnounceInterval -2; \
                          logMinDelayReqInterval -3; announceReceiptTimeout 3";

/// How a ptp4l is set up that follows such a master and prints what it measures with every sync.
///
/// One that runs freely (`free_running 1`) prints one offset in so many syncs as make a second. `ntpshm` is the servo that
/// hands the offset to another daemon, by memory that it shares with nobody here, and steers nothing: the clock that is
/// measured is `CLOCK_REALTIME`, the master's own. What it measures is the noise of its measurement, and no clock's.
pub const SLAVE: &str = "slaveOnly 1; summary_interval -3; free_running 0; clock_servo ntpshm";

/// `CLOCK_REALTIME`, which a ptp4l with software timestamps keeps as a master, in nanoseconds.
#[must_use]
pub fn realtime() -> i64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Realtime);
    now.tv_sec * 1_000_000_000 + now.tv_nsec
}

/// A clock minus the master, in nanoseconds: both read at one moment.
#[must_use]
pub fn error(clock: &impl Clock) -> f64 {
    let readings = (0..5).map(|_| {
        let (before, time, after) = (realtime(), clock.now().as_nanos() as i64, realtime());
        (after - before, time - before - (after - before) / 2)
    });
    let (_, error) = readings.min().expect("five of them");
    error as f64
}

/// The errors of so many seconds, read 50 times a second.
#[must_use]
pub fn errors(clock: &impl Clock, seconds: u64) -> Vec<f64> {
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut errors = Vec::new();
    while Instant::now() < end {
        errors.push(error(clock));
        std::thread::sleep(Duration::from_millis(20));
    }
    errors
}

/// What a clock measures as its offset from its master, packet by packet, for some seconds.
#[must_use]
pub fn offsets(clock: &PtpClock, seconds: u64) -> Vec<f64> {
    let end = Instant::now() + Duration::from_secs(seconds);
    let (mut offsets, mut newest) = (Vec::new(), None);
    while Instant::now() < end {
        // Two in a row are the same only by chance: the nanoseconds of the stamps differ.
        let offset = clock.ptp_status().offset_nanos;
        if offset != newest {
            newest = offset;
            offsets.extend(offset.map(|nanos| nanos as f64));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    offsets
}

/// The root of the mean square.
#[must_use]
pub fn rms(values: &[f64]) -> f64 {
    let squares: f64 = values.iter().map(|value| value * value).sum();
    (squares / values.len() as f64).sqrt()
}

/// The middle one, or the mean of the two in the middle.
#[must_use]
pub fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        count => f64::midpoint(values[(count - 1) / 2], values[count / 2]),
    }
}

/// The root of the mean square of each `length` in a row, and of those the middle one.
#[must_use]
pub fn middle_rms(values: &[f64], length: usize) -> f64 {
    middle(values.chunks_exact(length).map(rms).collect())
}

/// The greatest, whatever its sign.
#[must_use]
pub fn most(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |most, value| most.max(value.abs()))
}
