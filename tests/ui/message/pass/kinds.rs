use streamlib::prelude::*;

#[derive(Message, Default)]
struct Pose {
    x: f32,
}

#[derive(Message)]
enum Key {
    Up,
    Down(u8),
}

#[derive(Message)]
struct Few<T: Clone, const N: usize>([T; N])
where
    T: Copy;

fn name<T: Message>(_: &T) -> &'static str {
    T::NAME
}

pub fn main() {
    assert_eq!(name(&Pose { x: 1.0 }), "Pose");
    assert_eq!(name(&Key::Up), "Key");
    assert_eq!(name(&Key::Down(1)), "Key");
    assert_eq!(name(&Few([1u8, 2])), "Few");
}
