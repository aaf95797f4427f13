//! Where a thread is, as far as the system says: what it does, and the calls that led there.
//!
//! Another thread's stack is not walked, which takes the tables of a debugger. What lies on it is looked through for addresses of
//! code: each is one that a call returns to, or was a while ago. They are told as `module+0x… 0x…`, which `addr2line` turns into names.

/// The number by which the system knows this thread.
#[inline]
pub(super) fn thread() -> u32 {
    #[cfg(target_os = "linux")]
    {
        thread_local! {
            static ID: u32 = rustix::thread::gettid().as_raw_nonzero().get() as u32;
        }
        ID.with(|id| *id)
    }
    #[cfg(not(target_os = "linux"))]
    {
        1
    }
}

/// Where a thread is; 0 is none.
#[cfg(target_os = "linux")]
pub(super) fn place(thread: u32) -> String {
    linux::place(thread)
}

/// Where a thread is; 0 is none.
#[cfg(not(target_os = "linux"))]
pub(super) fn place(thread: u32) -> String {
    let place = if thread == 0 { AWAITS } else { "it is busy" };
    place.to_owned()
}

/// Said of what is on no thread.
const AWAITS: &str = "it waits at an `.await`";

#[cfg(target_os = "linux")]
mod linux {
    use std::fmt::Write as _;
    use std::fs::{File, read_to_string};
    use std::ops::Range;
    use std::os::unix::fs::FileExt;

    use super::AWAITS;

    /// How much of a stack is looked through, in bytes.
    const DEEP: usize = 32 << 10;
    /// How many calls are told.
    const CALLS: usize = 16;

    pub(super) fn place(thread: u32) -> String {
        if thread == 0 {
            return AWAITS.to_owned();
        }
        let read = |what: &str| {
            let text = read_to_string(format!("/proc/self/task/{thread}/{what}")).ok()?;
            Some(text.trim().to_owned())
        };
        let mut said = format!("thread {thread}");
        if let Some(name) = read("comm") {
            let _ = write!(said, " `{name}`");
        }
        let state = read("stat").and_then(|text| {
            let (_, after) = text.rsplit_once(") ")?;
            Some(match after.chars().next()? {
                'R' => "runs",
                'D' => "waits for a device",
                'T' | 't' => "was suspended",
                _ => "sleeps",
            })
        });
        let _ = write!(said, " {}", state.unwrap_or("is busy"));
        if let Some(within) = read("wchan").filter(|name| !matches!(&name[..], "" | "0")) {
            let _ = write!(said, " in {within}");
        }
        said += &read("syscall")
            .and_then(|text| calls(&text))
            .unwrap_or_default();
        said
    }

    /// Where a thread is that sleeps, by what `/proc/…/syscall` says of it, and what called that, the newest first.
    fn calls(syscall: &str) -> Option<String> {
        // The number of the system call, its arguments, and last the two pointers; or "running".
        let mut words = syscall.split(' ').rev();
        let mut pointer = || {
            let word = words.next()?.strip_prefix("0x")?;
            usize::from_str_radix(word, 16).ok()
        };
        let (at, stack) = (pointer()?, pointer()?);
        let modules = modules(&read_to_string("/proc/self/maps").ok()?);
        let (module, at) = place_in(&modules, at)?;
        let mut calls = Vec::with_capacity(CALLS);
        if let Ok(memory) = File::open("/proc/self/mem") {
            let mut found = vec![0; DEEP];
            // Not through a pointer: it may be gone by now, and is an error then.
            let read = memory.read_at(&mut found, stack as u64).unwrap_or(0);
            for word in found.get(..read)?.chunks_exact(size_of::<usize>()) {
                let word = usize::from_ne_bytes(word.try_into().ok()?);
                // A call returns to what comes after it.
                let call = place_in(&modules, word).filter(|_| is_after_a_call(&memory, word));
                calls.extend(call.filter(|call| !calls.contains(call)));
                if calls.len() == CALLS {
                    break;
                }
            }
        }
        let mut said = format!(" at {module}+{at:#x}");
        let mut before = "";
        for (module, at) in calls {
            // As `addr2line` takes them: the file, and then one address after the other.
            let _ = match (module == before, before) {
                (true, _) => write!(said, " {at:#x}"),
                (false, "") => write!(said, ", called from {module}+{at:#x}"),
                (false, _) => write!(said, ", {module}+{at:#x}"),
            };
            before = module;
        }
        Some(said)
    }

    /// Whether what stands before an address of code is a call.
    fn is_after_a_call(memory: &File, address: usize) -> bool {
        if !cfg!(target_arch = "x86_64") {
            return true;
        }
        let mut before = [0; 7];
        let begin = address.saturating_sub(before.len()) as u64;
        if memory.read_exact_at(&mut before, begin).is_err() {
            return false;
        }
        // To an address beside it (E8), or to one in a register or in memory (FF /2), which is written in 2 to 7 bytes.
        let is_far = |place: &[u8]| matches!(place, [0xFF, mode, ..] if mode >> 3 & 7 == 2);
        before[2] == 0xE8 || (0..=5).any(|place| is_far(&before[place..]))
    }

    /// Code that lies in memory: where, of what file, and where that begins.
    struct Module {
        code: Range<usize>,
        name: String,
        begin: usize,
    }

    /// What `/proc/self/maps` lists, of which code is kept.
    fn modules(maps: &str) -> Vec<Module> {
        let (mut modules, mut begins) = (Vec::new(), ("", 0));
        for line in maps.lines() {
            let mut words = line.split_ascii_whitespace();
            let (Some(range), Some(rights), Some(offset)) =
                (words.next(), words.next(), words.next())
            else {
                continue;
            };
            let number = |text| usize::from_str_radix(text, 16).ok();
            let range = range.split_once('-');
            let range = range.and_then(|(from, to)| Some(number(from)?..number(to)?));
            let (Some(code), Some(path)) = (range, words.nth(2)) else {
                continue;
            };
            if path != begins.0 || number(offset) == Some(0) {
                begins = (path, code.start);
            }
            if rights.contains('x') {
                modules.push(Module {
                    code,
                    name: path.rsplit('/').next().unwrap_or(path).to_owned(),
                    begin: begins.1,
                });
            }
        }
        modules
    }

    /// An address of code, as tools understand it that read its file: which, and where in it.
    fn place_in(modules: &[Module], address: usize) -> Option<(&str, usize)> {
        let module = modules.iter().find(|m| m.code.contains(&address))?;
        Some((&module.name, address - module.begin))
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn an_address_is_told_from_where_its_file_begins() {
            let maps = "\
                5500-5600 r--p 00000000 08:01 1 /usr/bin/show\n\
                5600-5700 r-xp 00000100 08:01 1 /usr/bin/show\n\
                6000-6100 rw-p 00000000 00:00 0 [heap]\n\
                7000-7100 r--p 00000000 08:01 2 /usr/lib/libc.so.6\n\
                7100-7200 r-xp 00000100 08:01 2 /usr/lib/libc.so.6\n\
                8000-8100 r-xp 00000000 00:00 0\n\
                9000-9100 r-xp 00000000 00:00 0 [vdso]\n";
            let modules = modules(maps);
            let of = |address| place_in(&modules, address);
            assert_eq!(of(0x5655), Some(("show", 0x155)));
            assert_eq!(of(0x7100), Some(("libc.so.6", 0x100)));
            assert_eq!(of(0x9010), Some(("[vdso]", 0x10)));
            for no_code in [0x5555, 0x6001, 0x7200, 0x8010, 0] {
                assert_eq!(of(no_code), None, "{no_code:#x}");
            }
        }

        #[test]
        fn a_thread_that_does_not_sleep_has_no_calls() {
            for said in ["running", "", "-1 0x10", "202 0x1 0x2"] {
                assert_eq!(calls(said), None, "{said}");
            }
        }
    }
}
