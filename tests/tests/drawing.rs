//! Drawing: what is drawn is where it should be, what stands still is free, and a panic harms nothing.

use std::time::Duration;

use proptest::prelude::*;
use streamlib::actor::{Harness, Probe};
use streamlib::actors::drawing::{
    Align, Canvas, Color, DrawContext, Gradient, Image, Path, TextStyle, Transform,
};
use streamlib::actors::images;
use streamlib::prelude::*;
use streamlib_tests::Log;

const RED: Color = Color::rgb(255, 0, 0);

struct Show<S: Clone + Send + Sync + 'static> {
    harness: Harness<Drawing<S>>,
    video: Probe<VideoFrame>,
}

impl<S: Clone + Send + Sync + 'static> Show<S> {
    fn of(drawing: Drawing<S>) -> Self {
        let mut harness = Harness::new(drawing).expect("a possible drawing");
        let video = harness.probe(|drawing| &mut drawing.video);
        Self { harness, video }
    }

    fn picture(&mut self) -> VideoFrame {
        self.harness.tick().expect("a tick");
        self.video.fresh().expect("a picture a tick").clone()
    }
}

/// What `code` draws on a picture of 64 × 48 pixels.
fn drawn(code: impl FnMut(&mut Canvas, &mut DrawContext<'_, ()>) + Send + 'static) -> VideoFrame {
    Show::of(Drawing::new(64, 48, code)).picture()
}

fn pixel(frame: &VideoFrame, x: usize, y: usize) -> [u8; 4] {
    let view = frame.view();
    [0, 1, 2, 3].map(|channel| view[[y, x, channel]])
}

/// The columns and rows from the first to the last pixel that is not transparent.
fn ink(frame: &VideoFrame) -> Option<[usize; 4]> {
    let width = frame.width() as usize;
    let inked = frame.pixels().chunks_exact(4).enumerate();
    let inked = inked.filter(|(_, pixel)| pixel[3] > 0);
    let places = inked.map(|(index, _)| (index % width, index / width));
    places.fold(None, |ink, (x, y)| {
        let [left, top, right, bottom] = ink.unwrap_or([x, y, x, y]);
        Some([left.min(x), top.min(y), right.max(x), bottom.max(y)])
    })
}

#[test]
fn a_picture_is_transparent_where_nothing_is_drawn_and_its_alpha_is_straight() {
    let picture = drawn(|canvas, _| {
        canvas.fill_rect((8.0, 4.0, 10.0, 6.0), RED.with_alpha(0.5));
        canvas.fill_rect((30.0, 20.0, 4.0, 4.0), Color::rgb(1, 2, 3));
    });
    assert_eq!(picture.format(), PixelFormat::Rgba8);
    assert_eq!(picture.dimensions(), (64, 48));
    for (x, y) in [(8, 4), (17, 9), (12, 7)] {
        assert_eq!(pixel(&picture, x, y), [255, 0, 0, 128]);
    }
    for (x, y) in [(7, 4), (18, 9), (8, 3), (8, 10), (0, 0), (63, 47)] {
        assert_eq!(pixel(&picture, x, y), [0; 4]);
    }
    assert_eq!(pixel(&picture, 31, 21), [1, 2, 3, 255]);
}

#[test]
fn what_is_drawn_later_covers_what_was_drawn_before() {
    let picture = drawn(|canvas, _| {
        canvas.background(Color::WHITE);
        canvas.fill_rect((0.0, 0.0, 32.0, 48.0), Color::BLACK);
        canvas.fill_rect((16.0, 0.0, 32.0, 48.0), RED.with_alpha(0.5));
    });
    assert_eq!(pixel(&picture, 2, 2), [0, 0, 0, 255]);
    assert_eq!(pixel(&picture, 20, 2), [128, 0, 0, 255]);
    let [red, green, blue, alpha] = pixel(&picture, 40, 2);
    assert!(red == 255 && green.abs_diff(127) <= 1 && green == blue && alpha == 255);
}

#[test]
fn paths_strokes_and_clips_are_where_they_should_be() {
    let picture = drawn(|canvas, _| {
        canvas.fill(&Path::circle(16.0, 16.0, 10.0), RED);
        canvas.line((40.0, 10.0), (40.0, 30.0), 4.0, Color::WHITE);
        canvas.clip(&Path::rect((32.0, 36.0, 8.0, 8.0)), |canvas| {
            canvas.background(Color::rgb(0, 0, 255));
        });
    });
    assert_eq!(pixel(&picture, 16, 16), [255, 0, 0, 255]);
    assert_eq!(pixel(&picture, 16, 4), [0; 4]);
    assert_eq!(pixel(&picture, 8, 8), [0; 4]);
    assert!(
        (1..255).contains(&pixel(&picture, 9, 9)[3]),
        "its edge is smooth"
    );
    assert_eq!(
        [37, 38, 41, 42].map(|x| pixel(&picture, x, 20)[3]),
        [0, 255, 255, 0]
    );
    assert_eq!(
        [31, 32, 39, 40].map(|x| pixel(&picture, x, 40)[2]),
        [0, 255, 255, 0]
    );
}

#[test]
fn gradients_pass_from_colour_to_colour() {
    let picture = drawn(|canvas, _| {
        let ramp = Gradient::linear((0.0, 0.0), (64.0, 0.0))
            .stop(0.0, Color::BLACK)
            .stop(1.0, Color::WHITE);
        canvas.fill_rect((0.0, 0.0, 64.0, 10.0), &ramp);
        let glow = Gradient::radial((32.0, 32.0), 12.0)
            .stop(0.0, RED)
            .stop(1.0, Color::TRANSPARENT);
        canvas.fill_rect((16.0, 16.0, 32.0, 32.0), glow);
        canvas.fill_rect(
            (0.0, 40.0, 8.0, 8.0),
            Gradient::linear((0.0, 0.0), (1.0, 0.0)),
        );
    });
    for x in 0..64 {
        let level = (x as f32 + 0.5) / 64.0 * 255.0;
        assert!((f32::from(pixel(&picture, x, 5)[0]) - level).abs() <= 2.0);
    }
    let along = |x: usize| pixel(&picture, x, 32)[3];
    assert!(along(32) > 230 && along(32) > along(38) && along(38) > along(43) && along(46) == 0);
    assert_eq!(
        pixel(&picture, 38, 32)[0],
        255,
        "it fades, and does not darken"
    );
    assert_eq!(pixel(&picture, 4, 44), [0; 4], "no stop, no paint");
}

#[test]
fn transforms_are_read_from_the_inside_out() {
    let picture = drawn(|canvas, _| {
        canvas.transform(Transform::translate(32.0, 24.0), |canvas| {
            canvas.transform(Transform::rotate(90.0), |canvas| {
                canvas.fill_rect((0.0, 0.0, 10.0, 4.0), RED);
            });
        });
    });
    // To the right becomes downwards, downwards becomes to the left.
    assert_eq!(ink(&picture), Some([28, 24, 31, 33]));
}

#[test]
fn a_group_is_put_together_before_it_fades() {
    let picture = drawn(|canvas, _| {
        canvas.fade(0.5, |canvas| {
            canvas.fill_rect((0.0, 0.0, 20.0, 20.0), RED);
            canvas.fill_rect((10.0, 0.0, 20.0, 20.0), Color::WHITE);
        });
    });
    assert_eq!(pixel(&picture, 5, 5), [255, 0, 0, 128]);
    assert_eq!(
        pixel(&picture, 15, 5),
        [255, 255, 255, 128],
        "no red shines through"
    );
}

#[test]
fn images_are_drawn_pixel_for_pixel_and_scaled() -> Result<()> {
    let pixels = [
        [255, 0, 0, 255],
        [0, 255, 0, 255],
        [0, 0, 255, 128],
        [9, 9, 9, 0],
    ]
    .concat();
    let image = Image::from_frame(&VideoFrame::from_pixels(PixelFormat::Rgba8, 2, 2, &pixels)?)?;
    let picture = drawn(move |canvas, _| {
        canvas.image(&image, (10.0, 10.0, 2.0, 2.0));
        canvas.image(&image, (20.0, 10.0, 20.0, 20.0));
    });
    let corners = [(10, 10), (11, 10), (10, 11), (11, 11)].map(|(x, y)| pixel(&picture, x, y));
    assert_eq!(
        corners,
        [[255, 0, 0, 255], [0, 255, 0, 255], [0, 0, 255, 128], [0; 4]]
    );
    assert_eq!(pixel(&picture, 20, 10), [255, 0, 0, 255]);
    assert_eq!(pixel(&picture, 39, 10), [0, 255, 0, 255]);
    assert!(
        pixel(&picture, 29, 11)[1] > 50 && pixel(&picture, 29, 11)[0] > 50,
        "it is smooth"
    );
    assert!(Image::from_frame(&VideoFrame::default()).is_err());
    Ok(())
}

#[test]
fn image_files_are_read_whatever_they_are() -> Result<()> {
    let folder = std::env::temp_dir().join(format!("streamlib-images-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let (png, jpeg) = (folder.join("red.png"), folder.join("red.jpg"));
    let red = VideoFrame::from_pixels(PixelFormat::Rgb8, 16, 8, [254, 0, 0].repeat(16 * 8))?;
    images::save_png(&red, &png)?;
    let made = std::process::Command::new("ffmpeg")
        .args(["-loglevel", "error", "-y", "-i"])
        .args([&png, &jpeg])
        .status()?;
    assert!(made.success());
    for file in [&png, &jpeg] {
        let image = Image::load(file)?;
        assert_eq!(image.dimensions(), (16, 8));
        let picture = drawn(move |canvas, _| canvas.image(&image, (0.0, 0.0, 16.0, 8.0)));
        let [red, green, blue, alpha] = pixel(&picture, 15, 7);
        assert!(red > 250 && green < 5 && blue < 5 && alpha == 255);
        assert_eq!(pixel(&picture, 16, 7), [0; 4]);
    }
    let whole = std::fs::read(&jpeg)?;
    for len in 0..whole.len() {
        // What is cut off is grey, or an error; it is no panic.
        let _ = images::decode_jpeg(&whole[..len]);
    }
    std::fs::write(&jpeg, &whole[..20])?;
    let message = Image::load(&jpeg).expect_err("a broken file").to_string();
    assert!(message.contains("red.jpg: JPEG is 20 bytes ("), "{message}");
    assert!(
        Image::load(folder.join("none.png"))
            .is_err_and(|error| error.to_string().contains("none.png"))
    );
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

#[test]
fn text_stands_where_its_alignment_says() {
    let [left, centre, right] = [Align::Left, Align::Center, Align::Right].map(|align| {
        let picture = drawn(move |canvas, _| {
            let style = TextStyle::new(20.0).align(align);
            let size = canvas.text((32.0, 8.0), "HH", &style);
            assert_eq!(size, canvas.measure("HH", &style));
            assert!((20.0..40.0).contains(&size.width) && size.height == 24.0);
        });
        ink(&picture).expect("text is drawn")
    });
    assert!(left[0] >= 32 && left[2] < 63);
    assert!(right[2] < 32 && right[0] > 0);
    assert!(centre[0].abs_diff(64 - centre[2]) <= 2, "{centre:?}");
    let [_, top, _, bottom] = left;
    assert!(
        (8..16).contains(&top) && (24..32).contains(&bottom),
        "{left:?}"
    );
}

#[test]
fn italic_leans_to_the_right() {
    let picture = drawn(|canvas, _| {
        canvas.text((20.0, 4.0), "l", &TextStyle::new(32.0).italic());
    });
    let [_, top, _, bottom] = ink(&picture).expect("text is drawn");
    let first = |y: usize| (0..64).find(|&x| pixel(&picture, x, y)[3] > 128);
    assert!(first(top + 1) > first(bottom - 1));
}

#[test]
fn a_drawing_that_stays_the_same_is_the_same_picture_again() {
    let mut show = Show::of(Drawing::new(64, 48, |canvas, ctx| {
        canvas.fill(&Path::circle(20.0, 20.0, 9.0), RED);
        canvas.text(
            (0.0, 30.0),
            if ctx.frame_number < 5 { "live" } else { "off" },
            &TextStyle::new(12.0),
        );
    }));
    let first = show.picture();
    for _ in 1..5 {
        let next = show.picture();
        assert!(next.shares_pixels_with(&first));
        assert_ne!(next.timestamp(), first.timestamp());
    }
    assert!(!show.picture().shares_pixels_with(&first));
}

#[test]
fn pictures_that_were_sent_never_change() {
    let mut show = Show::of(Drawing::new(64, 48, |canvas, ctx| {
        canvas.fill_rect((ctx.frame_number as f32, 5.0, 10.0, 10.0), RED);
    }));
    let kept: Vec<_> = (0..20)
        .map(|_| {
            let picture = show.picture();
            (picture.pixels().to_vec(), picture)
        })
        .collect();
    for (number, (pixels, picture)) in kept.iter().enumerate() {
        assert_eq!(pixels, picture.pixels());
        assert_eq!(ink(picture), Some([number, 5, number + 9, 14]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_shows_the_last_good_picture_and_is_told() -> Result<()> {
    let seen = Log::new();
    let clock = VirtualClock::fps(50);
    let show = pipeline! {
        clock house = clock.clone();
        title = Drawing::new(64, 48, |canvas, ctx| {
            canvas.fill_rect((0.0, 0.0, ctx.frame_number as f32, 1.0), RED);
            assert!(!(3..6).contains(&ctx.frame_number), "no title for {}", ctx.frame_number);
        }) @ house;
        title >> Widths::new(seen.clone());
    }?;
    clock.advance(9).await?;
    let status = show.status();
    let title = status.actor("title").expect("it is in the graph");
    assert_eq!((title.panics, title.errors, title.ticks), (3, 0, 9));
    assert!(
        title
            .last_error
            .as_deref()
            .is_some_and(|error| error.contains("no title for 5"))
    );
    show.stop().await?;
    let widths: Vec<_> = seen.entries();
    assert_eq!(
        widths,
        [0, 1, 2, 2, 2, 2, 6, 7, 8],
        "a picture on every tick"
    );
    Ok(())
}

/// Writes down how many pixels of the first row are drawn.
#[actor]
struct Widths {
    #[input]
    video: Input<VideoFrame>,
    seen: Log<usize>,
}

impl Actor for Widths {
    async fn process(&mut self, _: TimedTick) -> Result<()> {
        if let Some(frame) = self.video.next() {
            let row = frame.row(0).unwrap_or_default();
            self.seen
                .push(row.chunks_exact(4).filter(|pixel| pixel[3] > 0).count());
        }
        Ok(())
    }
}

#[test]
fn code_and_state_are_swapped_while_it_runs() {
    let drawing = Drawing::with_state(64, 48, 10_u32, |canvas, ctx| {
        canvas.fill_rect((0.0, 0.0, *ctx.state as f32, 1.0), RED);
        *ctx.state += 1;
    });
    let control = drawing.control();
    let mut show = Show::of(drawing);
    let mut state = show.harness.feed(|drawing| &mut drawing.state);
    let mut drawn = || ink(&show.picture()).expect("something is drawn");
    assert_eq!(drawn(), [0, 0, 9, 0]);
    assert_eq!(drawn(), [0, 0, 10, 0]);
    control.set_state(30);
    assert_eq!(drawn(), [0, 0, 29, 0]);

    control.draw_with(|_, _| panic!("this one is never run"));
    control.clone().draw_with(|canvas, ctx| {
        canvas.fill_rect((0.0, 0.0, 1.0, *ctx.state as f32), RED);
    });
    assert_eq!(
        drawn(),
        [0, 0, 0, 30],
        "the state is where the other code has left it"
    );
    state.send(DataMessage::new(5));
    assert_eq!(drawn(), [0, 0, 0, 4]);
    assert_eq!(drawn(), [0, 0, 0, 4], "what came is not taken again");
}

#[test]
fn the_code_is_told_the_time_and_the_size() {
    let told = Log::new();
    let log = told.clone();
    let mut show = Show::of(Drawing::new(320, 180, move |canvas, ctx| {
        assert_eq!((canvas.width(), canvas.height()), (320.0, 180.0));
        log.push((ctx.time, ctx.frame_number, ctx.width, ctx.height));
    }));
    show.harness.run(3).expect("three ticks");
    let time = Timestamp::ZERO + Duration::from_nanos(33_333_333);
    assert_eq!(told.entries()[2], (time, 2, 320, 180));
}

#[test]
fn what_cannot_be_is_refused_and_says_so() {
    let nothing = |_: &mut Canvas, _: &mut DrawContext<'_, ()>| {};
    let refused = |drawing: Drawing| Harness::new(drawing).expect_err("it cannot be").to_string();
    for (width, height) in [(0, 48), (64, 0), (16_385, 1)] {
        let message = refused(Drawing::new(width, height, nothing));
        assert_eq!(
            message,
            format!("size is {width} × {height} pixels; expected 1 to 16384 pixels a side")
        );
    }
    let message = refused(Drawing::new(64, 48, nothing).font(b"no font"));
    assert_eq!(
        message,
        "font is 7 bytes without a font in them; expected the bytes of a TrueType or OpenType file"
    );
}

/// A thing to draw, at any place.
#[derive(Clone, Debug)]
enum Thing {
    Rect([f32; 4], [u8; 4]),
    Circle([f32; 3], [u8; 4]),
    Line([f32; 5], [u8; 4]),
    Text([f32; 3], String),
    Ramp([f32; 4]),
    Clip([f32; 3], Vec<Thing>),
    Fade(f32, Vec<Thing>),
    Turn(f32, Vec<Thing>),
}

fn draw(things: &[Thing], canvas: &mut Canvas) {
    let color = |[red, green, blue, alpha]: [u8; 4]| Color::rgba(red, green, blue, alpha);
    for thing in things {
        match thing {
            Thing::Rect([x, y, w, h], rgba) => canvas.fill_rect((*x, *y, *w, *h), color(*rgba)),
            Thing::Circle([x, y, r], rgba) => canvas.fill(&Path::circle(*x, *y, *r), color(*rgba)),
            Thing::Line([x, y, to_x, to_y, width], rgba) => {
                canvas.line((*x, *y), (*to_x, *to_y), *width, color(*rgba));
            }
            Thing::Text([x, y, size], text) => {
                canvas.text((*x, *y), text, &TextStyle::new(*size));
            }
            Thing::Ramp([x, y, w, h]) => {
                let ramp = Gradient::linear((*x, *y), (*x + *w, *y + *h))
                    .stop(*h, RED)
                    .stop(*w, Color::TRANSPARENT);
                canvas.fill(&Path::rounded_rect((*x, *y, *w, *h), *w / 3.0), ramp);
            }
            Thing::Clip([x, y, r], things) => {
                canvas.clip(&Path::circle(*x, *y, *r), |canvas| draw(things, canvas));
            }
            Thing::Fade(opacity, things) => canvas.fade(*opacity, |canvas| draw(things, canvas)),
            Thing::Turn(degrees, things) => {
                let turn = Transform::rotate_about(*degrees, 32.0, 24.0);
                canvas.transform(turn, |canvas| draw(things, canvas));
            }
        }
    }
}

fn things(place: impl Strategy<Value = f32> + 'static) -> impl Strategy<Value = Vec<Thing>> {
    let place = place.boxed();
    let rgba = any::<[u8; 4]>();
    let array = |place| prop::array::uniform4(place).boxed();
    let three = prop::array::uniform3(place.clone()).boxed();
    let leaf = prop_oneof![
        (array(place.clone()), rgba).prop_map(|(at, rgba)| Thing::Rect(at, rgba)),
        (three.clone(), rgba).prop_map(|(at, rgba)| Thing::Circle(at, rgba)),
        (prop::array::uniform5(place.clone()).boxed(), rgba)
            .prop_map(|(at, rgba)| Thing::Line(at, rgba)),
        (three.clone(), "[a-zA-Z é]{0,6}").prop_map(|(at, text)| Thing::Text(at, text)),
        array(place.clone()).prop_map(Thing::Ramp),
    ];
    let thing = leaf.prop_recursive(3, 16, 4, move |inner| {
        let inner = prop::collection::vec(inner, 0..4).boxed();
        prop_oneof![
            (three.clone(), inner.clone()).prop_map(|(at, inner)| Thing::Clip(at, inner)),
            (place.clone(), inner.clone()).prop_map(|(at, inner)| Thing::Fade(at / 48.0, inner)),
            (place.clone(), inner).prop_map(|(degrees, inner)| Thing::Turn(degrees * 7.0, inner)),
        ]
    });
    prop::collection::vec(thing, 0..8)
}

/// Drawings that have much in common with the one before.
fn sequence() -> impl Strategy<Value = Vec<Vec<Thing>>> {
    let change = (
        any::<prop::sample::Index>(),
        0..3_u8,
        things(-20.0..80.0_f32),
    );
    let start = things(-20.0..80.0_f32);
    (start, prop::collection::vec(change, 1..6)).prop_map(|(start, changes)| {
        let mut all = vec![start];
        for (place, what, new) in changes {
            let mut next = all[all.len() - 1].clone();
            let place = place.index(next.len() + 1);
            match (what, new.into_iter().next()) {
                (0, Some(thing)) => next.insert(place, thing),
                (1, Some(thing)) if place < next.len() => next[place] = thing,
                _ if place < next.len() => drop(next.remove(place)),
                _ => {}
            }
            all.push(next);
        }
        all
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn painting_what_has_changed_gives_what_painting_all_gives(all in sequence()) {
        let now = Vec::new();
        let drawing = Drawing::with_state(80, 60, now, |canvas, ctx| draw(ctx.state, canvas));
        let control = drawing.control();
        let mut show = Show::of(drawing);
        for things in all {
            control.set_state(things.clone());
            let changed = show.picture();
            let afresh = Show::of(Drawing::new(80, 60, move |canvas, _| draw(&things, canvas))).picture();
            for (index, (changed, afresh)) in
                changed.pixels().chunks_exact(4).zip(afresh.pixels().chunks_exact(4)).enumerate()
            {
                // What can be seen of a difference: a level of alpha, or a level of what it lets through.
                for channel in 0..4 {
                    let seen = |pixel: &[u8]| match channel {
                        3 => f32::from(pixel[3]),
                        _ => f32::from(pixel[channel]) * f32::from(pixel[3]) / 255.0,
                    };
                    prop_assert!(
                        (seen(changed) - seen(afresh)).abs() <= 2.0,
                        "{changed:?} and {afresh:?} at {}, {}", index % 80, index / 80
                    );
                }
            }
        }
    }

    #[test]
    fn no_number_is_too_much(
        things in things(prop_oneof![
            Just(f32::NAN), Just(f32::INFINITY), Just(f32::NEG_INFINITY), Just(f32::MAX), Just(0.0),
            Just(f32::MIN_POSITIVE), -1e7..1e7_f32, -100.0..100.0_f32,
        ]),
    ) {
        drawn(move |canvas, _| draw(&things, canvas));
    }
}
