//! The ring against a model of it: any sequence of writes, reads, attaching and detaching gives what
//! the model says, and every item is dropped exactly once.

use std::cell::RefCell;
use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use streamlib::Error;
use streamlib::ring::{self, Policy, Reader, Ring};

/// Which items live: each is entered when made, and must be there when dropped.
#[derive(Clone, Default)]
struct Register(Arc<Mutex<Living>>);

#[derive(Default)]
struct Living {
    made: u64,
    now: HashSet<u64>,
}

impl Register {
    fn make(&self, value: u64) -> Item {
        let mut living = self.0.lock().unwrap();
        living.made += 1;
        let id = living.made;
        living.now.insert(id);
        Item {
            value: Arc::new(AtomicU64::new(value)),
            id,
            register: self.clone(),
        }
    }

    fn living(&self) -> usize {
        self.0.lock().unwrap().now.len()
    }
}

/// What is shared of it with the test shows whether it is changed or dropped while it is held.
struct Item {
    value: Arc<AtomicU64>,
    id: u64,
    register: Register,
}

impl Item {
    fn value(&self) -> u64 {
        self.value.load(Ordering::Relaxed)
    }

    fn set(&mut self, value: u64) {
        self.value.store(value, Ordering::Relaxed);
    }
}

/// The item that a reader read last.
struct Held {
    value: Arc<AtomicU64>,
    was: u64,
    id: u64,
}

impl Held {
    fn new(item: &Item) -> Self {
        Self {
            value: item.value.clone(),
            was: item.value(),
            id: item.id,
        }
    }

    fn is_as_it_was(&self, register: &Register) -> bool {
        let value = self.value.load(Ordering::Relaxed);
        value == self.was && register.0.lock().unwrap().now.contains(&self.id)
    }
}

impl Drop for Item {
    fn drop(&mut self) {
        assert!(
            self.register.0.lock().unwrap().now.remove(&self.id),
            "item {} dropped twice",
            self.id
        );
    }
}

/// What a reader should see.
struct Model {
    depth: u64,
    /// How many items had been published when it came.
    start: u64,
    /// The last item read: its number among those published, 0 for none.
    at: u64,
    overwritten: u64,
    held: Option<Held>,
}

impl Model {
    fn unread(&self, published: u64) -> u64 {
        published - self.at.max(self.start)
    }

    /// How many unread ones are gone for good.
    fn lost(&self, published: u64) -> u64 {
        self.unread(published).saturating_sub(self.depth)
    }

    fn next(&mut self, published: u64) -> Option<u64> {
        if self.unread(published) == 0 {
            return None;
        }
        let lost = self.lost(published);
        self.overwritten += lost;
        self.at = self.at.max(self.start) + lost + 1;
        Some(self.at)
    }

    fn latest(&mut self, published: u64) -> Option<u64> {
        if self.unread(published) > 0 {
            self.overwritten += self.lost(published);
            self.at = published;
        }
        (self.at > 0).then_some(self.at)
    }
}

#[derive(Clone, Debug)]
enum Step {
    Write,
    WriteInPlace,
    GiveUpSlot,
    Next(usize),
    Latest(usize),
    Drop(usize),
    Attach(Policy),
}

fn policy() -> impl Strategy<Value = Policy> {
    prop_oneof![
        Just(Policy::Latest),
        (1_usize..5).prop_map(|depth| Policy::Every { depth }),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Write),
        4 => Just(Step::WriteInPlace),
        1 => Just(Step::GiveUpSlot),
        6 => (0_usize..8).prop_map(Step::Next),
        3 => (0_usize..8).prop_map(Step::Latest),
        2 => (0_usize..8).prop_map(Step::Drop),
        2 => policy().prop_map(Step::Attach),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_ring_does_what_the_model_says(
        policies in prop::collection::vec(policy(), 1..5),
        spare in 0_usize..4,
        more_slots in 0_usize..3,
        steps in prop::collection::vec(step(), 1..200),
    ) {
        let register = Register::default();
        let depths: usize = policies.iter().map(|policy| policy.depth()).sum();
        let slots = 2 + depths + spare + more_slots;
        let builder = policies.iter().fold(Ring::builder(), |ring, &policy| ring.reader(policy));
        let (mut writer, readers) =
            builder.spare(spare).slots(slots).unwrap().build_with(|| register.make(0)).unwrap();
        prop_assert_eq!(register.living(), slots);

        let mut published = 0;
        let mut free = spare;
        let mut pairs: Vec<(Reader<Item>, Model)> = readers
            .into_iter()
            .zip(&policies)
            .map(|(reader, policy)| (reader, model(*policy, 0)))
            .collect();
        for step in steps {
            match step.clone() {
                Step::Write => {
                    published += 1;
                    writer.write(register.make(published));
                }
                Step::WriteInPlace => {
                    published += 1;
                    let mut slot = writer.slot();
                    slot.set(published);
                    slot.publish();
                }
                Step::GiveUpSlot => writer.slot().set(u64::MAX),
                Step::Next(n) => if let Some((reader, model)) = pick(&mut pairs, n) {
                    let item = reader.next();
                    prop_assert_eq!(item.map(Item::value), model.next(published));
                    model.held = item.map(Held::new).or(model.held.take());
                }
                Step::Latest(n) => if let Some((reader, model)) = pick(&mut pairs, n) {
                    let item = reader.latest();
                    prop_assert_eq!(item.map(Item::value), model.latest(published));
                    model.held = item.map(Held::new).or(model.held.take());
                }
                Step::Drop(n) => if !pairs.is_empty() {
                    free += pairs.swap_remove(n % pairs.len()).1.depth as usize;
                }
                Step::Attach(policy) => match writer.attach_point().attach(policy) {
                    Ok(reader) => {
                        prop_assert!(policy.depth() <= free);
                        free -= policy.depth();
                        pairs.push((reader, model(policy, published)));
                    }
                    Err(error) => prop_assert!(policy.depth() > free, "{error}"),
                }
            }
            prop_assert_eq!(writer.readers(), pairs.len());
            prop_assert_eq!(register.living(), slots);
            for (reader, model) in &pairs {
                prop_assert_eq!(reader.has_new(), model.unread(published) > 0);
                prop_assert_eq!(reader.overwritten(), model.overwritten + model.lost(published));
                prop_assert!(model.held.iter().all(|held| held.is_as_it_was(&register)), "not kept: {step:?}");
            }
        }
        drop(writer);
        for (reader, model) in &mut pairs {
            prop_assert!(reader.is_closed());
            while let Some(value) = model.next(published) {
                prop_assert_eq!(reader.next().map(Item::value), Some(value));
            }
            prop_assert!(reader.next().is_none());
        }
        drop(pairs);
        prop_assert_eq!(register.living(), 0);
    }
}

fn model(policy: Policy, published: u64) -> Model {
    Model {
        depth: policy.depth() as u64,
        start: published,
        at: 0,
        overwritten: 0,
        held: None,
    }
}

fn pick(pairs: &mut [(Reader<Item>, Model)], n: usize) -> Option<&mut (Reader<Item>, Model)> {
    let len = pairs.len();
    pairs.get_mut(n.checked_rem(len)?)
}

/// Slots are used from the first: with more of them than needed, those beyond stay as they were made.
#[test]
fn slots_beyond_what_is_needed_stay_untouched() {
    let (mut writer, mut readers) = Ring::builder()
        .readers(2)
        .slots(10)
        .unwrap()
        .build_with(Vec::<u8>::new)
        .unwrap();
    let addresses = RefCell::new(HashSet::new());
    for n in 0..100 {
        let mut slot = writer.slot();
        addresses.borrow_mut().insert(&raw const *slot as usize);
        slot.push(n);
        slot.publish();
        let _ = readers[n as usize % 2].latest();
    }
    assert!(
        addresses.borrow().len() <= 4,
        "{} slots were written",
        addresses.borrow().len()
    );
}

#[test]
fn an_item_that_is_never_published_is_never_seen() {
    let (mut writer, [mut reader]) = ring::latest::<u32, 1>();
    *writer.slot() = 1;
    assert_eq!(reader.latest(), None);
    *writer.slot() += 1; // the same slot
    let mut slot = writer.slot();
    *slot += 1;
    slot.publish();
    assert_eq!(reader.latest(), Some(&3));
}

#[test]
fn attached_and_detached_without_a_publish() {
    let (mut writer, mut readers) = Ring::builder()
        .reader(Policy::Latest)
        .spare(2)
        .build::<u32>()
        .unwrap();
    let attach = writer.attach_point();
    for _ in 0..100 {
        let _gone = attach.attach(Policy::Every { depth: 2 }).unwrap();
    }
    let mut late = attach.attach(Policy::Every { depth: 2 }).unwrap();
    assert_eq!(writer.readers(), 2);
    for n in 1..=3 {
        writer.write(n);
    }
    assert_eq!(late.next(), Some(&2));
    assert_eq!(readers[0].next(), Some(&3));
}

#[test]
fn attached_after_the_writer_is_gone() {
    let (writer, _) = Ring::builder().spare(1).build::<u32>().unwrap();
    let attach = writer.attach_point();
    drop(writer);
    let mut reader = attach.attach(Policy::Latest).unwrap();
    assert!(reader.is_closed());
    assert_eq!(reader.latest(), None);
}

#[test]
fn a_ring_without_readers_can_be_written() {
    let (mut writer, readers) = Ring::builder().readers(1).spare(1).build::<u32>().unwrap();
    drop(readers);
    (1..=10).for_each(|n| writer.write(n));
    let mut late = writer.attach_point().attach(Policy::Latest).unwrap();
    assert_eq!(late.latest(), None); // it gets what comes from now on
    writer.write(11);
    assert_eq!(late.latest(), Some(&11));
    assert_eq!(late.overwritten(), 0);
}

#[test]
fn what_cannot_be_built_says_why() {
    let message = |result: Result<(), Error>| result.unwrap_err().to_string();
    let build = |ring: ring::RingBuilder| message(ring.build::<u8>().map(drop));
    assert_eq!(
        message(Ring::builder().readers(1).slots(2).map(drop)),
        "slots of a ring is 2; expected 3 or more: one to write, one to read, one that carries the \
         newest item between them"
    );
    assert_eq!(
        build(Ring::builder().readers(2).spare(1).slots(4).unwrap()),
        "slots of a ring is 4; expected 5 or more: 2, and the depths of its readers and spare places"
    );
    assert!(build(Ring::builder()).starts_with("readers of a ring is 0; expected 1 or more"));
    assert!(
        build(Ring::builder().reader(Policy::Every { depth: 0 }))
            .contains("is 0; expected 1 or more")
    );
    let huge = Policy::Every { depth: usize::MAX };
    assert!(build(Ring::builder().reader(huge).reader(huge)).contains("at most 4096"));
    let (writer, _readers) = Ring::builder().readers(2).spare(1).build::<u8>().unwrap();
    assert_eq!(
        message(
            writer
                .attach_point()
                .attach(Policy::Every { depth: 2 })
                .map(drop)
        ),
        "no room on this ring for a reader of depth 2: of its places for readers 1 of 3 are free; drop \
         a reader, or reserve more with `spare` when the ring is built"
    );
    assert!(
        message(
            writer
                .attach_point()
                .attach(Policy::Every { depth: 0 })
                .map(drop)
        )
        .contains("is 0")
    );
}
