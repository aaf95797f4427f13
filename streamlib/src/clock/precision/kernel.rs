//! The system calls behind a precision: scheduling, affinity, locked memory, timers.

use super::{Granted, Precision, Role};

#[cfg(target_os = "linux")]
pub(super) use linux::{ask, give_back};

#[cfg(not(target_os = "linux"))]
pub(super) fn ask(granted: &mut Granted, _role: Role) {
    if granted.precision() == Precision::Realtime {
        granted.note(Err("real-time priority (Linux only)".to_owned()));
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) fn give_back() {}

#[cfg(target_os = "linux")]
mod linux {
    use std::cell::{Cell, RefCell};
    use std::collections::BTreeMap;
    use std::num::NonZeroU64;
    use std::sync::{Mutex, OnceLock, PoisonError};

    use rustix::io::Errno;
    use rustix::mm::{MlockAllFlags, mlockall};
    use rustix::process::{Resource, getrlimit};
    use rustix::thread::{
        CapabilitySet, CpuSet, capabilities, sched_getaffinity, sched_setaffinity,
        set_current_timer_slack,
    };

    use super::{Granted, Precision, Role};

    /// The priority of clocks, above the workers that they wake. Interrupt threads of a PREEMPT_RT kernel
    /// are at 50.
    const CLOCK_PRIORITY: u32 = 60;
    const WORKER_PRIORITY: u32 = 40;
    /// The slice that is asked for, in nanoseconds; the kernel allows 0.1 to 100 ms. Shorter than that of most threads, and longer
    /// than a clock spins: one whose slice is over is put off its core by the worker that it wakes. While it still waits
    /// for that core, whoever the worker wakes in turn is put on another one, which may have to be woken itself.
    const SHORT_SLICE: u64 = 300_000;
    const _: () = assert!(SHORT_SLICE > super::super::lead::MOST.as_nanos() as u64);
    /// The nice value of `Normal`: about ten times the share of an ordinary thread, as media servers of desktops ask for.
    const AHEAD: i32 = -10;
    /// What nice value to try for where the limit doesn't say.
    const NICE: i32 = -20;

    thread_local! {
        /// The nice value that this thread had before its policy or its nice value was set here.
        static BEFORE: Cell<Option<i32>> = const { Cell::new(None) };
        /// The core that this thread has chosen; given back when it ends.
        static OWN: RefCell<Option<Taken>> = const { RefCell::new(None) };
    }

    /// The cores that the program may run on, from before the first of its threads chose one.
    static CORES: OnceLock<CpuSet> = OnceLock::new();

    static CHOSEN: Chosen = Chosen(Mutex::new(BTreeMap::new()));

    /// How many clocks have chosen each core. Two on one would spin while the other is due.
    struct Chosen(Mutex<BTreeMap<usize, usize>>);

    /// A core that a clock has chosen, until this is dropped.
    struct Taken {
        chosen: &'static Chosen,
        core: usize,
    }

    impl Chosen {
        /// Of `cores` one that fewest clocks have chosen, and of those the one with the smallest of `counts`; of several the last,
        /// for programs that choose at all choose the first.
        fn take(
            &'static self,
            cores: impl DoubleEndedIterator<Item = usize>,
            counts: &BTreeMap<usize, u64>,
        ) -> Option<Taken> {
            let mut chosen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let clocks = |core: &usize| chosen.get(core).copied().unwrap_or(0);
            let core = cores
                .rev()
                .min_by_key(|core| (clocks(core), counts.get(core)))?;
            *chosen.entry(core).or_default() += 1;
            Some(Taken { chosen: self, core })
        }
    }

    impl Drop for Taken {
        fn drop(&mut self) {
            let mut chosen = self.chosen.0.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(clocks) = chosen.get_mut(&self.core) {
                *clocks = clocks.saturating_sub(1);
            }
        }
    }

    pub(in super::super) fn ask(granted: &mut Granted, role: Role) {
        let precision = granted.precision();
        if role == Role::Worker || precision != Precision::Realtime {
            any_core();
        }
        if role == Role::Clock && precision != Precision::LowPower {
            // By default the kernel groups timers in 50 µs. Where it doesn't grant this, they stay so.
            let _ = set_current_timer_slack(Some(NonZeroU64::MIN));
        }
        match precision {
            Precision::LowPower => ordinary(0, 0),
            Precision::Normal => ordinary(SHORT_SLICE, AHEAD),
            Precision::Realtime => {
                let first = first(role);
                // Without priority, a core of its own is one to wait for.
                let may_choose = first.is_ok();
                granted.note(first);
                if role == Role::Clock {
                    granted.note(if may_choose {
                        one_core()
                    } else {
                        Err(
                            "a core of its own (it would wait there for all that is as important)"
                                .to_owned(),
                        )
                    });
                }
                granted.note(lock_memory());
            }
        }
    }

    /// Short slices at the nice value that the thread had before.
    pub(in super::super) fn give_back() {
        any_core();
        ordinary(SHORT_SLICE, 0);
    }

    /// Ordinary scheduling in time slices of `slice` nanoseconds (0: as the system has it), and with the nice value `nice` a
    /// thread that has none of its own, where that is allowed. One that was given another policy or nice value by
    /// somebody else keeps it.
    fn ordinary(slice: u64, nice: i32) {
        let Ok(mut attributes) = attributes() else {
            return;
        };
        match BEFORE.get() {
            Some(before) => {
                attributes.sched_policy = libc::SCHED_OTHER as u32;
                attributes.sched_priority = 0;
                attributes.sched_nice = before;
            }
            None if attributes.sched_policy != libc::SCHED_OTHER as u32 => return,
            None => {}
        }
        attributes.sched_runtime = slice;
        let before = attributes.sched_nice;
        if nice < 0 && before == 0 {
            let mut ahead = attributes;
            ahead.sched_nice = nice;
            // Threads and processes that are started from this one begin at 0.
            ahead.sched_flags = libc::SCHED_FLAG_RESET_ON_FORK as u64;
            if set(&ahead).is_ok() {
                BEFORE.set(Some(before));
                return;
            }
        }
        // A kernel before 6.12 ignores the slice.
        let _ = set(&attributes);
    }

    /// Ahead of all that is ordinary, or as far ahead as is allowed.
    fn first(role: Role) -> Result<String, String> {
        let (policy, name, wanted) = match role {
            Role::Clock => (libc::SCHED_FIFO, "SCHED_FIFO", CLOCK_PRIORITY),
            // Workers that share a core take turns.
            Role::Worker => (libc::SCHED_RR, "SCHED_RR", WORKER_PRIORITY),
        };
        let mut attributes = attributes().map_err(|error| format!("{name} ({error})"))?;
        let now = attributes.sched_policy as i32;
        if BEFORE.get().is_none()
            && matches!(
                now,
                libc::SCHED_FIFO | libc::SCHED_RR | libc::SCHED_DEADLINE
            )
        {
            return Ok("the real-time policy that it was started with".to_owned());
        }
        let before = BEFORE.get().unwrap_or(attributes.sched_nice);
        // Threads and processes that are started from this one begin as ordinary ones.
        attributes.sched_flags = libc::SCHED_FLAG_RESET_ON_FORK as u64;
        attributes.sched_policy = policy as u32;
        let limit = getrlimit(Resource::Rtprio).current.unwrap_or(99);
        let limit = u32::try_from(limit).unwrap_or(99);
        let mut refused = None;
        for priority in [wanted, limit] {
            // 0 would be no real-time priority, and more than was wanted has been refused already.
            if (1..=wanted).contains(&priority) {
                attributes.sched_priority = priority;
                match set(&attributes) {
                    Ok(()) => {
                        BEFORE.set(Some(before));
                        return Ok(format!("{name} {priority}"));
                    }
                    Err(error) => refused = refused.or(Some(error)),
                }
            }
        }
        let refused = refused.unwrap_or(Errno::PERM);
        attributes.sched_policy = libc::SCHED_OTHER as u32;
        attributes.sched_priority = 0;
        attributes.sched_runtime = SHORT_SLICE;
        // The limit is 20 minus the best nice value.
        let limit = getrlimit(Resource::Nice).current.unwrap_or(40).min(40) as i32;
        attributes.sched_nice = before;
        for nice in [NICE, 20 - limit] {
            if nice < before {
                attributes.sched_nice = nice;
                if set(&attributes).is_ok() {
                    BEFORE.set(Some(before));
                    return Err(format!(
                        "{name} {wanted} ({refused}); has nice {nice} instead"
                    ));
                }
                attributes.sched_nice = before;
            }
        }
        let _ = set(&attributes);
        Err(format!(
            "{name} {wanted} ({refused}) or a better nice value"
        ))
    }

    /// Stays on one of the cores that it may run on: no other clock's, and that which the devices interrupt least.
    fn one_core() -> Result<String, String> {
        let failed = |error| format!("a core of its own ({error})");
        let now = sched_getaffinity(None).map_err(failed)?;
        let allowed = CORES.get_or_init(|| now);
        let counts = std::fs::read_to_string("/proc/interrupts").unwrap_or_default();
        let cores = (0..CpuSet::MAX_CPU).filter(|&core| allowed.is_set(core));
        OWN.take();
        let Some(taken) = CHOSEN.take(cores, &interrupts(&counts)) else {
            return Err("a core of its own (it may run on none)".to_owned());
        };
        let core = taken.core;
        let mut one = CpuSet::new();
        one.set(core);
        sched_setaffinity(None, &one).map_err(failed)?;
        OWN.set(Some(taken));
        Ok(format!("core {core}"))
    }

    /// How often devices have interrupted each core: the numbered lines of `/proc/interrupts`.
    fn interrupts(table: &str) -> BTreeMap<usize, u64> {
        let mut lines = table.lines();
        let head = lines.next().unwrap_or_default().split_whitespace();
        let cores: Vec<usize> = head
            .filter_map(|core| core.strip_prefix("CPU")?.parse().ok())
            .collect();
        let mut counts: BTreeMap<_, _> = cores.iter().map(|&core| (core, 0)).collect();
        for line in lines {
            let Some((label, numbers)) = line.split_once(':') else {
                continue;
            };
            if label.trim().parse::<u32>().is_ok() {
                for (core, number) in cores.iter().zip(numbers.split_whitespace()) {
                    *counts.entry(*core).or_default() += number.parse().unwrap_or(0_u64);
                }
            }
        }
        counts
    }

    /// Runs on any core again: a thread that a clock has started begins on the clock's.
    fn any_core() {
        OWN.take();
        if let Some(cores) = CORES.get() {
            // It was allowed them before.
            let _ = sched_setaffinity(None, cores);
        }
    }

    /// Keeps all of the process in memory, what it gets later too, from the first time that it is used.
    fn lock_memory() -> Result<String, String> {
        static LOCKED: OnceLock<Result<(), String>> = OnceLock::new();
        let locked = LOCKED.get_or_init(|| {
            // Under a limit the lock would succeed, and some later allocation fail instead.
            let limit = getrlimit(Resource::Memlock).current;
            let may = capabilities(None)
                .is_ok_and(|sets| sets.effective.contains(CapabilitySet::IPC_LOCK));
            if let (Some(limit), false) = (limit, may) {
                return Err(format!("memory locked (limit {} KiB)", limit / 1024));
            }
            mlockall(MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT)
                .map_err(|error| format!("memory locked ({error})"))
        });
        locked.clone().map(|()| "memory locked".to_owned())
    }

    fn attributes() -> Result<libc::sched_attr, Errno> {
        // SAFETY: it is made of integers only.
        let mut attributes: libc::sched_attr = unsafe { std::mem::zeroed() };
        let size = size_of::<libc::sched_attr>() as u32;
        // SAFETY: the kernel writes at most `size` bytes, which is what there is.
        let outcome =
            unsafe { libc::syscall(libc::SYS_sched_getattr, 0, &mut attributes, size, 0) };
        check(outcome)?;
        attributes.size = size;
        Ok(attributes)
    }

    fn set(attributes: &libc::sched_attr) -> Result<(), Errno> {
        // SAFETY: the kernel reads the `size` bytes that the structure says it has, and changes nothing
        // but how the calling thread is scheduled.
        check(unsafe { libc::syscall(libc::SYS_sched_setattr, 0, attributes, 0) })
    }

    fn check(outcome: libc::c_long) -> Result<(), Errno> {
        if outcome == 0 {
            return Ok(());
        }
        let error = std::io::Error::last_os_error();
        Err(Errno::from_io_error(&error).unwrap_or(Errno::PERM))
    }

    #[cfg(test)]
    mod tests {
        use std::collections::BTreeMap;
        use std::sync::Mutex;

        use super::super::super::{Granted, Precision, Role};
        use super::{AHEAD, Chosen, attributes, interrupts, set};

        /// The policy and the nice value of this thread.
        fn place() -> (u32, i32) {
            let attributes = attributes().expect("it may be asked");
            (attributes.sched_policy, attributes.sched_nice)
        }

        #[test]
        fn a_thread_comes_back_to_the_nice_value_that_it_had() {
            for own in [0, 5] {
                std::thread::spawn(move || {
                    let mut attributes = attributes().expect("it may be asked");
                    let started = attributes.sched_nice;
                    attributes.sched_nice = own.max(started);
                    set(&attributes).expect("less is always allowed");
                    let own = attributes.sched_nice;
                    let ordinary = libc::SCHED_OTHER as u32;
                    Granted::ask(Precision::Normal, Role::Worker);
                    let normal = place();
                    // Whether it may be ahead depends on who runs this.
                    let may = if own == 0 { [AHEAD, 0] } else { [own; 2] };
                    assert!(
                        normal.0 == ordinary && may.contains(&normal.1),
                        "{normal:?}"
                    );
                    Granted::ask(Precision::Realtime, Role::Worker);
                    Granted::ask(Precision::Normal, Role::Worker);
                    assert_eq!(place(), normal);
                    Granted::ask(Precision::Realtime, Role::Clock);
                    Granted::give_back();
                    assert_eq!(place(), (ordinary, own));
                    Granted::ask(Precision::Normal, Role::Worker);
                    Granted::ask(Precision::LowPower, Role::Worker);
                    assert_eq!(place(), (ordinary, own));
                })
                .join()
                .expect("its thread");
            }
        }

        #[test]
        fn clocks_choose_different_cores_while_there_are_some() {
            static CHOSEN: Chosen = Chosen(Mutex::new(BTreeMap::new()));
            let counts = BTreeMap::from([(0, 500), (2, 7), (3, 7)]);
            let take = || CHOSEN.take([0, 2, 3].into_iter(), &counts).expect("one");
            let clocks = [take(), take(), take(), take()];
            assert_eq!(clocks.each_ref().map(|taken| taken.core), [3, 2, 0, 3]);
            // What one gives back, the next gets.
            let [first, second, third, fourth] = clocks;
            drop(third);
            assert_eq!(take().core, 0);
            drop((first, second, fourth));
            assert_eq!([take(), take()].map(|taken| taken.core), [3, 2]);
            assert!(CHOSEN.take(std::iter::empty(), &counts).is_none());
        }

        #[test]
        fn counts_what_devices_do_to_each_core() {
            let table = "           CPU0       CPU3       \n \
                 24:          1          7  IO-APIC   5-edge      ACPI:Ged\n \
                 36:          0     439447 PCI-MSIX-0000:00:02.0   1-edge      virtio1-req.0\n\
                LOC:    9000000    1000000   Local timer interrupts\n\
                ERR:          0\n";
            assert_eq!(
                interrupts(table).into_iter().collect::<Vec<_>>(),
                [(0, 1), (3, 439_454)]
            );
            assert!(interrupts("").is_empty());
        }
    }
}
