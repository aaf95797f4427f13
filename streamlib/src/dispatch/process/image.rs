//! Which function of this program is meant, in another process that runs the same program.
//!
//! Both processes are the same file, loaded at different addresses. So a function is told by how far it is from one that
//! both know; which holds only inside of the program's own file, and is refused for one in a library beside it.

use std::any::Any;

use crate::{Error, Result};

/// What runs an actor in its process.
pub(super) type Entry = fn(Box<dyn Any + Send>);

/// The function from which the others are counted.
fn anchor(_given: Box<dyn Any + Send>) {}

fn address(function: Entry) -> usize {
    function as *const () as usize
}

/// How far a function is from the one that both know.
///
/// # Errors
/// When it is in a library that was loaded beside the program.
pub(super) fn offset_of(function: Entry) -> Result<i64> {
    let maps = std::fs::read_to_string("/proc/self/maps")?;
    // SAFETY: it reads a number that the kernel has given this process.
    let program = unsafe { libc::getauxval(libc::AT_PHDR) } as usize;
    let program = file_at(&maps, program);
    let is_inside =
        |function: Entry| program.is_some() && file_at(&maps, address(function)) == program;
    if !is_inside(function) || !is_inside(anchor) {
        return Err(Error::graph(
            "`on process` starts this program again, and this actor is not in the program but in a library that it has \
             loaded; link it into the program, or run the actor on `threads`",
        ));
    }
    Ok(address(function).wrapping_sub(address(anchor)) as i64)
}

/// The function that is so far away.
///
/// # Safety
/// `offset` comes from [`offset_of`] in a process that runs the same file.
pub(super) unsafe fn function_at(offset: i64) -> Entry {
    let address = address(anchor).wrapping_add(offset as usize);
    // SAFETY: as the caller says, a function of this type is there in the other process, and so it is in this one.
    unsafe { std::mem::transmute::<*const (), Entry>(std::ptr::without_provenance(address)) }
}

/// What file is mapped at an address: its device, number and name.
fn file_at(maps: &str, address: usize) -> Option<&str> {
    maps.lines().find_map(|line| {
        // `55d0a000-55d0b000 r-xp 00001000 08:01 1234  /usr/bin/show`
        let mut fields = line.splitn(4, ' ');
        let (from, to) = fields.next()?.split_once('-')?;
        let number = |text| usize::from_str_radix(text, 16).ok();
        let file = fields.nth(2)?;
        (number(from)?..number(to)?)
            .contains(&address)
            .then_some(file)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn other(given: Box<dyn Any + Send>) {
        drop(given);
    }

    #[test]
    fn a_function_is_found_again_and_one_of_a_library_is_refused() -> Result<()> {
        let offset = offset_of(other)?;
        // SAFETY: it is this very process.
        let found = unsafe { function_at(offset) };
        assert_eq!(address(found), address(other));
        let maps = std::fs::read_to_string("/proc/self/maps")?;
        let library = libc::getauxval as *const () as usize;
        assert_ne!(file_at(&maps, library), file_at(&maps, address(other)));
        assert_eq!(file_at("0-1 r-xp 0 0:0 7 /x\nnonsense\n", 1), None);
        Ok(())
    }
}
