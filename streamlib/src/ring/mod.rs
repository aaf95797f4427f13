//! The ring: one writer, n readers, newest wins, items read in place, and nobody ever waits.
//!
//! ```
//! use streamlib::ring;
//!
//! let (mut writer, [mut screen, mut meter]) = ring::latest::<Vec<u8>, 2>(); // 4 slots
//! assert_eq!(screen.latest(), None); // nothing was published yet
//!
//! let mut slot = writer.slot(); // memory of an earlier item, to be written in place
//! slot.resize(4, 0);
//! slot.fill(7);
//! slot.publish();
//!
//! let held = screen.latest().unwrap(); // read in place
//! for n in 0..1000 {
//!     writer.write(vec![n as u8]); // the writer goes on
//! }
//! assert_eq!(*held, [7; 4]); // and what is held stays
//! assert_eq!(meter.next(), Some(&vec![231])); // 999, modulo 256
//! assert_eq!(meter.next(), None); // nothing that it has not seen
//! assert_eq!(screen.overwritten(), 999); // all between the one held and the newest
//! ```
//!
//! # How it works
//! It is n triple buffers that share one set of slots. Each reader has a *cell*, an atomic word on a
//! cache line of its own, in which the writer leaves the number of the slot with the newest item.
//! Publishing swaps that number into every cell. What comes back from a cell is a slot that this
//! reader is done with: an item that it never took (which is counted as overwritten), or the one it
//! held before. Reading swaps the number of the slot that the reader held so far for the one in its
//! cell; if that is not new, it keeps what it holds. Swaps are all that is shared, so each side does
//! the same few steps whatever the others do: writer and readers are wait-free. How many readers refer
//! to which slot is known to the writer alone, from what it put and what came back, without an atomic
//! count. A reader of [every](Policy::Every) item has `depth` cells that the writer fills in a circle,
//! each word with a sequence number; it takes the oldest unless it finds it overwritten. A
//! [latest](Policy::Latest) reader is one of depth 1.
//!
//! # Why n + 2 slots suffice
//! A reader of depth d refers to d + 1 slots: one that it holds and one in each of its d cells (a read
//! only exchanges two of them). After a publish, one of these d + 1 is the newest item, and that is the
//! same for all readers. So the readers together refer to at most 1 + Σd slots, and among 2 + Σd there
//! is always a free one for the writer: n + 2 for n latest readers, the classic three for one.

mod attach;
mod builder;
mod ledger;
mod place;
mod policy;
mod reader;
mod seats;
mod shared;
mod word;
mod writer;

pub use attach::Attach;
pub(crate) use attach::NoRoom;
pub use builder::{Ring, RingBuilder, latest};
pub use policy::Policy;
pub use reader::Reader;
pub use writer::{SlotMut, Writer};

pub(crate) use word::MAX_SLOTS;
