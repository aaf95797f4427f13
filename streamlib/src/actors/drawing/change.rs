//! Where two drawings differ.

use std::mem::discriminant;

use super::area::Areas;
use super::list::{Entry, List};

/// Adds to `changed` every part of the picture that does not look the same in both.
pub(super) fn compare(before: &List, after: &List, changed: &mut Areas) {
    let (old, new) = (before.entries(), after.entries());
    if same_steps(old, new) {
        // The usual case: the same things, some of which have changed.
        for index in (0..new.len()).filter(|&index| !after.looks_like(index, before, index)) {
            changed.add(old[index].area);
            changed.add(new[index].area);
        }
        return;
    }
    // Something has come or gone: what is before it and after it may be the same.
    let shorter = old.len().min(new.len());
    let head = (0..shorter)
        .take_while(|&index| after.looks_like(index, before, index))
        .count();
    let tail = (1..=shorter - head)
        .take_while(|&back| {
            let (ours, theirs) = (new.len() - back, old.len() - back);
            // Another area says that it is in another group now.
            new[ours].area == old[theirs].area && after.looks_like(ours, before, theirs)
        })
        .count();
    for entry in old[head..old.len() - tail]
        .iter()
        .chain(&new[head..new.len() - tail])
    {
        changed.add(entry.area);
    }
}

/// Whether both are made of the same kinds of steps.
fn same_steps(old: &[Entry], new: &[Entry]) -> bool {
    old.len() == new.len()
        && old
            .iter()
            .zip(new)
            .all(|(old, new)| discriminant(&old.step) == discriminant(&new.step))
}
