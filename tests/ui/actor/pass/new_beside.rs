//! A `new` that stands in the same file as an actor and meets none.

use streamlib::prelude::*;

#[actor]
#[derive(Debug)]
pub struct Screen {
    #[input]
    video: Input<VideoFrame>,
    left: u32,
}

impl Screen {
    fn renewed(&self) -> Self {
        fn new(left: u32) -> u32 {
            left
        }
        Self::new(new(self.left))
    }

    #[cfg(any())]
    fn new() -> Self {
        Self::new(0)
    }
}

#[cfg(any())]
impl Screen {
    fn new() -> Self {
        Self::new(0)
    }
}

pub trait Make {
    fn new() -> u32;
}

impl Make for Screen {
    fn new() -> u32 {
        3
    }
}

impl Actor for Screen {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        Ok(())
    }
}

pub mod plain {
    pub struct Picture(pub u32);

    impl Picture {
        pub fn new() -> Self {
            Self(4)
        }
    }
}

pub mod other {
    use streamlib::prelude::*;

    #[actor]
    pub struct Picture {
        #[output]
        video: Output<VideoFrame>,
        left: u32,
    }

    impl Actor for Picture {
        async fn process(&mut self, _tick: TimedTick) -> Result<()> {
            let _ = (&self.video, self.left);
            Ok(())
        }
    }
}

macro_rules! meter {
    ($name:ident) => {
        meter! {
            #[actor]
            pub struct $name {
                #[output]
                level: Output<DataMessage<u8>>,
            }

            impl Actor for $name {
                async fn process(&mut self, _tick: TimedTick) -> Result<()> {
                    let _ = &self.level;
                    Ok(())
                }
            }
        }
    };
    ($($item:item)*) => { $($item)* };
}

meter!(Gain);

meter! {
    #[actor]
    pub struct Peak {
        #[output]
        level: Output<DataMessage<u8>>,
    }

    impl Actor for Peak {
        async fn process(&mut self, _tick: TimedTick) -> Result<()> {
            let _ = &self.level;
            Ok(())
        }
    }
}

meter!(Held);

pub mod settings {
    pub struct Gain(pub u32);

    impl Gain {
        pub fn new() -> Self {
            Self(4)
        }
    }

    pub struct Peak(pub u32);

    impl Peak {
        pub fn new() -> Self {
            Self(4)
        }
    }

    #[cfg(any())]
    mod old {
        struct Held;

        struct Held;

        impl Held {
            fn new() -> Self {
                Self
            }
        }
    }
}

pub fn main() {
    let _ = (Gain::new(), Peak::new(), Held::new());
    let _ = (settings::Gain::new().0, settings::Peak::new().0);
    let left = <Screen as Make>::new();
    let _ = pipeline! {
        other::Picture::new(plain::Picture::new().0).fps(60) >> Screen::new(left).renewed();
    };
}
