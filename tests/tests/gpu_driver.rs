//! In which order and with what CUDA's driver is called, by a stand-in for it that notes calls (`tests/gpu/libcuda.c`).
//!
//! This shows that the calls are those that are meant: memory is pinned before a card copies it, streams wait for
//! events that were recorded, a tick allocates nothing and waits for nothing, and all is given back. It shows nothing about a
//! card. NVRTC is the real one, which `cargo xtask gpu` fetches.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use streamlib::actor::Harness;
use streamlib::dispatch::Gpu;
use streamlib::gpu::{Device, Place, Source};
use streamlib::prelude::*;
use streamlib_tests::built::Package;

/// The build script of the book.
const SCRIPT: &str = env!("CARGO_BIN_EXE_build_kernels");

/// The stand-in, loaded under the driver's name before anybody looks for that.
struct Stub {
    notes: unsafe extern "C" fn() -> *const c_char,
    forget: unsafe extern "C" fn(),
    live: unsafe extern "C" fn() -> c_int,
    fail: unsafe extern "C" fn(*const c_char),
    hold: unsafe extern "C" fn(c_int),
    capability: unsafe extern "C" fn(c_int),
}

impl Stub {
    fn notes(&self) -> Vec<String> {
        // SAFETY: it is text that ends with a 0, a copy that only this thread asks for.
        let notes = unsafe { CStr::from_ptr((self.notes)()) };
        notes.to_string_lossy().lines().map(str::to_owned).collect()
    }

    fn forget(&self) {
        // SAFETY: it takes nothing.
        unsafe { (self.forget)() };
    }

    /// How many things that the driver gave out are not given back.
    fn live(&self) -> c_int {
        // SAFETY: it takes nothing.
        unsafe { (self.live)() }
    }

    /// The card hangs, or goes on.
    fn hold(&self, hold: bool) {
        // SAFETY: it takes a number.
        unsafe { (self.hold)(hold.into()) };
    }

    /// The compute capability of cards that are opened from now on.
    fn capability(&self, of: c_int) {
        // SAFETY: it takes a number.
        unsafe { (self.capability)(of) };
    }

    /// From now on this function fails; none if it is empty, and all if it is `*`.
    fn fail(&self, name: &str) {
        let name = CString::new(name).expect("a name");
        // SAFETY: the name ends with a 0, and is copied.
        unsafe { (self.fail)(name.as_ptr()) };
    }
}

/// One test at a time: they look at what was called.
fn stub() -> (MutexGuard<'static, ()>, &'static Stub) {
    static ONE: Mutex<()> = Mutex::new(());
    static STUB: OnceLock<Stub> = OnceLock::new();
    let one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let stub = STUB.get_or_init(load);
    stub.fail("");
    stub.hold(false);
    stub.capability(75);
    stub.forget();
    (one, stub)
}

fn load() -> Stub {
    let folder = std::env::temp_dir().join(format!("streamlib-stub-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let library = folder.join("libcuda.so");
    let built = Command::new("cc")
        .args([
            "-shared",
            "-fPIC",
            "-O1",
            "-pthread",
            "-Wall",
            "-Wl,-soname,libcuda.so",
            "-o",
        ])
        .arg(&library)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/gpu/libcuda.c"))
        .status();
    assert!(built.expect("a C compiler").success());
    let path = CString::new(library.as_os_str().as_encoded_bytes()).expect("a path");
    // SAFETY: the library does nothing by itself, and stays loaded: who asks for `libcuda.so` now gets it.
    let handle = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW | libc::RTLD_GLOBAL) };
    assert!(!handle.is_null());
    std::fs::remove_dir_all(&folder).expect("it is loaded");
    let symbol = |name: &CStr| -> *mut c_void {
        // SAFETY: the library is loaded, and the name ends with a 0.
        let symbol = unsafe { libc::dlsym(handle, name.as_ptr()) };
        assert!(!symbol.is_null(), "{name:?}");
        symbol
    };
    // SAFETY: `libcuda.c` has functions of these names and types.
    unsafe {
        Stub {
            notes: std::mem::transmute::<*mut c_void, unsafe extern "C" fn() -> *const c_char>(
                symbol(c"stub_notes"),
            ),
            forget: std::mem::transmute::<*mut c_void, unsafe extern "C" fn()>(symbol(
                c"stub_forget",
            )),
            live: std::mem::transmute::<*mut c_void, unsafe extern "C" fn() -> c_int>(symbol(
                c"stub_live",
            )),
            hold: std::mem::transmute::<*mut c_void, unsafe extern "C" fn(c_int)>(symbol(
                c"stub_hold",
            )),
            capability: std::mem::transmute::<*mut c_void, unsafe extern "C" fn(c_int)>(symbol(
                c"stub_capability",
            )),
            fail: std::mem::transmute::<*mut c_void, unsafe extern "C" fn(*const c_char)>(symbol(
                c"stub_fail",
            )),
        }
    }
}

fn grey(level: u8) -> Result<VideoFrame> {
    VideoFrame::from_pixels(PixelFormat::Rgba8, 64, 16, vec![level; 64 * 16 * 4])
}

#[test]
fn pictures_go_to_the_card_and_back_from_pinned_memory() -> Result<()> {
    let (_one, stub) = stub();
    let before = stub.live(); // another test lets memory be lost
    {
        let card = Device::open(0)?;
        assert_eq!(card.name(), "Stand-in");
        assert!(Device::open(1).is_err_and(|error| error.to_string()
            == "card 1 cannot be used: the driver knows 1 cards, counted from 0"));
        let mut up = Harness::new(Upload::new())?;
        let mut video = up.feed(|up| &mut up.video);
        let mut uploaded = up.probe(|up| &mut up.uploaded);
        let mut down = Harness::new(Download::new())?;
        let mut there = down.feed(|down| &mut down.video);
        let mut back = down.probe(|down| &mut down.downloaded);
        let places = [card.stream()?, card.stream()?].map(Place::Card);
        for level in 0..20 {
            if level == 10 {
                stub.forget();
            }
            let frame = grey(level)?;
            video.send(frame.clone());
            places[0].run(|| up.tick())?;
            there.send(uploaded.latest().expect("a picture").clone());
            places[1].run(|| down.tick())?;
            assert_eq!(back.latest().expect("a picture").pixels(), frame.pixels());
        }
        // Of ten ticks, all the same: nothing is allocated, nothing synchronised.
        let notes = stub.notes();
        let kinds = notes
            .iter()
            .map(|note| note.split(' ').next().unwrap_or_default());
        let mut counts = std::collections::BTreeMap::new();
        kinds.for_each(|kind| *counts.entry(kind).or_insert(0) += 1);
        let expected = [
            ("download", 10),
            ("notify", 10),
            ("record", 30),
            ("upload", 10),
            ("wait", 20),
        ];
        assert_eq!(
            counts.into_iter().collect::<Vec<_>>(),
            expected,
            "{notes:?}"
        );
    }
    assert_eq!(stub.live(), before, "all is given back");
    assert_eq!(stub.notes().last().map(String::as_str), Some("close"));
    Ok(())
}

/// The calls of a tick, once nothing is new any more.
fn calls_of_a_tick<A: Actor + 'static>(
    stub: &Stub,
    card: &Device,
    harness: &mut Harness<A>,
    source: &mut streamlib::actor::Source<GpuFrame>,
    frame: &GpuFrame,
) -> Result<Vec<String>> {
    let place = Place::Card(card.stream()?);
    for _ in 0..12 {
        stub.forget();
        source.send(frame.clone());
        place.run(|| harness.tick())?;
    }
    Ok(stub.notes())
}

/// A picture that was uploaded in a stream of its own.
fn uploaded(card: &Device) -> Result<GpuFrame> {
    let mut up = Harness::new(Upload::new())?;
    let mut video = up.feed(|up| &mut up.video);
    let mut uploaded = up.probe(|up| &mut up.uploaded);
    video.send(grey(100)?);
    Place::Card(card.stream()?).run(|| up.tick())?;
    Ok(uploaded.latest().expect("a picture").clone())
}

fn kinds(notes: &[String]) -> Vec<&str> {
    let kind = |note: &'_ String| -> usize { note.find([' ', '\n']).unwrap_or(note.len()) };
    notes.iter().map(|note| &note[..kind(note)]).collect()
}

#[test]
fn a_tick_on_the_card_is_a_wait_a_launch_and_two_records() -> Result<()> {
    let (_one, stub) = stub();
    let before = stub.live(); // another test lets memory be lost
    {
        let card = Device::open(0)?;
        let frame = uploaded(&card)?;
        let mut convert = Harness::new(GpuConvert::to(PixelFormat::Nv12))?;
        let mut video = convert.feed(|convert| &mut convert.video);
        let _converted = convert.probe(|convert| &mut convert.converted);
        let notes = calls_of_a_tick(stub, &card, &mut convert, &mut video, &frame)?;
        assert_eq!(
            kinds(&notes),
            ["wait", "launch", "record", "record"],
            "{notes:?}"
        );
        assert!(
            notes[1].starts_with("launch convert <1 1 1, 32 8 1> in "),
            "{notes:?}"
        );

        let mut mix = Harness::new(GpuCompositor::new(1920, 1080))?;
        let mut layer = mix.feed(|mix| &mut mix.layers);
        let _video = mix.probe(|mix| &mut mix.video);
        let notes = calls_of_a_tick(stub, &card, &mut mix, &mut layer, &frame)?;
        assert_eq!(
            kinds(&notes),
            ["wait", "launch", "record", "record"],
            "{notes:?}"
        );
        assert!(
            notes[1].starts_with("launch compose <15 135 1, 32 8 1> in "),
            "{notes:?}"
        );
    }
    assert_eq!(stub.live(), before, "all is given back");
    Ok(())
}

#[test]
fn a_chain_of_five_filters_is_one_replay() -> Result<()> {
    let (_one, stub) = stub();
    let before = stub.live(); // another test lets memory be lost
    {
        let card = Device::open(0)?;
        let frame = uploaded(&card)?;
        let to = GpuConversion::to;
        let chain = GpuChain::of(to(PixelFormat::Nv12))
            .then(to(PixelFormat::Uyvy))
            .then(to(PixelFormat::Rgba8))
            .then(to(PixelFormat::Bgra8))
            .then(to(PixelFormat::Nv12));
        let mut chain = Harness::new(chain)?;
        let mut video = chain.feed(|chain| &mut chain.video);
        let _filtered = chain.probe(|chain| &mut chain.filtered);
        let notes = calls_of_a_tick(stub, &card, &mut chain, &mut video, &frame)?;
        assert_eq!(
            kinds(&notes),
            ["wait", "replay", "record", "record"],
            "{notes:?}"
        );
        assert!(notes[1].starts_with("replay of 5 in "), "{notes:?}");
    }
    assert_eq!(stub.live(), before, "all is given back");
    Ok(())
}

#[test]
fn what_the_driver_refuses_is_told_and_survived() -> Result<()> {
    let (_one, stub) = stub();
    {
        let card = Device::open(0)?;
        let frame = uploaded(&card)?;
        let mut convert = Harness::new(GpuConvert::to(PixelFormat::Nv12))?;
        let mut video = convert.feed(|convert| &mut convert.video);
        let mut converted = convert.probe(|convert| &mut convert.converted);
        let place = Place::Card(card.stream()?);
        video.send(frame.clone());
        place.run(|| convert.tick())?;
        assert!(converted.fresh().is_some());
        for function in ["cuLaunchKernel", "cuStreamWaitEvent", "cuEventRecord"] {
            stub.fail(function);
            let told = place
                .run(|| convert.tick())
                .err()
                .map(|error| error.to_string());
            stub.fail("");
            let told = told.unwrap_or_default();
            assert!(
                told.ends_with("unknown error (CUDA_ERROR_UNKNOWN)"),
                "{function}: {told}"
            );
            assert!(converted.fresh().is_none(), "{function}");
            place.run(|| convert.tick())?;
            assert!(converted.fresh().is_some(), "{function}");
        }
        let missing = card
            .load(&Source::ptx("no.ptx", ".version 8.0"))?
            .kernel("nothing");
        assert!(missing.is_err_and(|error| {
            error
                .to_string()
                .contains("no kernel `extern \"C\" __global__ void nothing(…)`")
        }));
    }
    Ok(())
}

#[test]
fn what_a_build_script_made_of_a_file_is_loaded_and_a_mistake_in_it_is_told() -> Result<()> {
    let (_one, stub) = stub();
    let card = Device::open(0)?;
    let text = "#include \"streamlib.h\"\n\
                extern \"C\" __global__ void invert(Slice<unsigned char> to) {\n    to.data[0] = ~to.data[0];\n}\n";
    let package = Package::new(text)?;
    let run = package.build(SCRIPT)?;
    assert!(
        run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
    stub.forget();
    let kernels = card.load(&Source::ptx("invert.ptx", package.ptx()?))?;
    assert_eq!(stub.notes(), ["load ptx"]);
    kernels.kernel("invert")?;

    let package = Package::new(&text.replace("~to", "~from"))?;
    let run = package.build(SCRIPT)?;
    assert_eq!(run.status.code(), Some(1));
    assert_eq!(
        String::from_utf8_lossy(&run.stderr),
        "the kernels of `kernels/invert.cu` do not compile:\n\
         kernels/invert.cu:3: identifier \"from\" is undefined\n  3 |     to.data[0] = ~from.data[0];\n"
    );
    assert!(package.ptx().is_err());
    Ok(())
}

#[test]
fn what_the_driver_says_about_ptx_is_told_with_its_line() -> Result<()> {
    let (_one, _stub) = stub();
    let card = Device::open(0)?;
    let refused = |text: &'static str| {
        let told = card.load(&Source::ptx("text.ptx", text)).err();
        told.map(|error| error.to_string()).unwrap_or_default()
    };
    let begins = "the card: it does not take `text.ptx`: a PTX JIT compilation failed (CUDA_ERROR_INVALID_PTX):\n";
    assert_eq!(
        refused("no PTX"),
        format!(
            "{begins}text.ptx:1: Missing .version directive at start of file 'application ptx input'\n  1 | no PTX"
        )
    );
    assert_eq!(
        refused(".version 8.0\n.target sm_75\n.entry a() {\n  bogus.s32 %r1;\n}\n"),
        format!(
            "{begins}text.ptx:4: Not a name of any known instruction: 'bogus'\n  4 |   bogus.s32 %r1;"
        )
    );
    Ok(())
}

#[test]
fn kernels_are_compiled_for_the_card_and_to_ptx_only_for_one_that_nvrtc_does_not_know() -> Result<()>
{
    let (_one, stub) = stub();
    for (capability, loaded) in [(75, "load cubin"), (90, "load cubin"), (249, "load ptx")] {
        stub.capability(capability);
        stub.forget();
        let card = Device::open(0)?;
        let place = Place::Card(card.stream()?);
        let mut convert = Harness::new(GpuConvert::to(PixelFormat::Nv12))?;
        place.run(|| convert.tick())?;
        let notes = stub.notes();
        assert!(
            notes.iter().any(|note| note == loaded),
            "{capability}: {notes:?}"
        );
    }
    Ok(())
}

/// Waits until the stand-in was asked for something.
fn until_noted(stub: &Stub, wanted: &str, is_over: impl Fn() -> bool) {
    while !stub.notes().iter().any(|note| note.starts_with(wanted)) {
        assert!(
            !is_over(),
            "it has not asked for `{wanted}`: {:?}",
            stub.notes()
        );
        std::thread::yield_now();
    }
}

#[test]
fn a_download_ends_with_an_error_when_the_card_fails_meanwhile() -> Result<()> {
    let (_one, stub) = stub();
    let card = Device::open(0)?;
    let frame = uploaded(&card)?;
    let mut down = Harness::new(Download::new())?;
    let mut video = down.feed(|down| &mut down.video);
    let mut downloaded = down.probe(|down| &mut down.downloaded);
    let place = Place::Card(card.stream()?);
    video.send(frame);
    stub.hold(true);
    stub.forget();
    let told = std::thread::scope(|scope| {
        let ticking = scope.spawn(|| place.run(|| down.tick()));
        until_noted(stub, "notify", || ticking.is_finished());
        stub.fail("*"); // the context has ended: nobody is called back any more
        ticking.join().expect("no panic")
    });
    let told = told.err().map(|error| error.to_string());
    assert_eq!(
        told.as_deref(),
        Some("the card: earlier work has failed: unknown error (CUDA_ERROR_UNKNOWN)")
    );
    assert!(downloaded.fresh().is_none());
    let again = place.run(|| down.tick());
    assert!(again.is_err(), "and goes on failing, with no wait");
    stub.fail("");
    Ok(())
}

/// A graph of two streams of the stand-in.
fn two_streams(clock: &VirtualClock) -> Result<Pipeline> {
    Gpu::device(Device::open(0)?);
    pipeline! {
        clock beat = clock.clone();
        moving = GpuTestPattern::new(Pattern::MovingBox).size(64, 64) @ beat;
        nv12   = GpuConvert::to(PixelFormat::Nv12);
        moving >> nv12 >> Null::new();
    }
}

fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    runtime.map_err(Error::Io)?.block_on(work)
}

#[test]
fn stop_waits_until_the_card_has_done_what_was_left_to_it() -> Result<()> {
    let (_one, stub) = stub();
    block_on(async {
        let clock = VirtualClock::fps(60);
        let show = two_streams(&clock)?;
        clock.advance(3).await?;
        stub.forget();
        stub.hold(true);
        let stopping = tokio::spawn(async move { show.stop().await });
        until_noted(stub, "notify", || stopping.is_finished());
        assert!(!stopping.is_finished(), "the card is still at work");
        stub.hold(false);
        stopping.await.map_err(Error::other)?
    })
}

#[test]
fn stop_does_not_wait_for_a_card_that_hangs_without_end() -> Result<()> {
    let (_one, stub) = stub();
    let told = block_on(async {
        let clock = VirtualClock::fps(60);
        let show = two_streams(&clock)?;
        clock.advance(3).await?;
        Gpu::patience(Duration::from_millis(50));
        stub.hold(true);
        let told = show.stop().await.err().map(|error| error.to_string());
        Gpu::patience(Duration::from_secs(5));
        Ok(told)
    })?;
    stub.hold(false);
    assert_eq!(
        told.as_deref(),
        Some(
            "actor `moving` failed: the card had 50ms and is not done with what it was asked for (`Gpu::patience` says how long it has)"
        )
    );
    Ok(())
}

#[test]
fn memory_that_the_card_may_still_fetch_from_is_not_written_again() -> Result<()> {
    let (_one, stub) = stub();
    let card = Device::open(0)?;
    let mut up = Harness::new(Upload::new())?;
    let mut video = up.feed(|up| &mut up.video);
    let mut uploaded = up.probe(|up| &mut up.uploaded);
    let place = Place::Card(card.stream()?);
    let mut tick = |level| -> Result<()> {
        video.send(grey(level)?);
        place.run(|| up.tick())
    };
    (0..4).try_for_each(&mut tick)?;
    assert!(uploaded.fresh().is_some());
    stub.fail("cuEventRecord"); // so nobody knows when it has been fetched
    assert!(tick(4).is_err());
    assert!(uploaded.fresh().is_none());
    stub.fail("");
    stub.forget();
    (5..9).try_for_each(&mut tick)?;
    assert!(uploaded.fresh().is_some());
    let pinned = stub.notes().iter().filter(|note| *note == "pin").count();
    assert_eq!(pinned, 1, "one of the two is not used again");
    Ok(())
}
