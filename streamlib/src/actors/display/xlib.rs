//! The few calls of Xlib that minifb has none for: how large the screen is, fullscreen, and living on
//! when the X server dies or somebody else closes the window.
//!
//! libX11 is looked for while running, as minifb does, so that nothing has to be installed to build.
//!
//! Xlib ends the process when its server goes away, unless its I/O error handler does not return. So
//! on a window's thread the handler notes the death and sleeps for ever: only that thread is lost.

use std::cell::RefCell;
use std::ffi::{CStr, c_char, c_int, c_long, c_uint, c_ulong, c_void};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

type IoErrorHandler = unsafe extern "C" fn(*mut Server) -> c_int;
type ErrorHandler = unsafe extern "C" fn(*mut Server, *const ErrorEvent) -> c_int;

macro_rules! functions {
    ($($name:ident: fn($($argument:ty),*) -> $returned:ty;)*) => {
        /// Functions of libX11, by the signatures in Xlib.h.
        #[allow(non_snake_case)]
        struct Xlib { $($name: unsafe extern "C" fn($($argument),*) -> $returned,)* }

        impl Xlib {
            fn load() -> Option<Self> {
                // SAFETY: the name is a C string; loading libX11 runs no code of ours.
                let library = unsafe { dlopen(c"libX11.so.6".as_ptr(), RTLD_LAZY) };
                if library.is_null() {
                    return None;
                }
                Some(Self { $($name: {
                    let name = concat!(stringify!($name), "\0");
                    let name = CStr::from_bytes_with_nul(name.as_bytes()).ok()?;
                    // SAFETY: `library` was opened above and is never closed; `name` is a C string.
                    let symbol = unsafe { dlsym(library, name.as_ptr()) };
                    if symbol.is_null() {
                        return None;
                    }
                    // SAFETY: libX11 exports this name as a function of this signature.
                    unsafe {
                        std::mem::transmute::<
                            *mut c_void,
                            unsafe extern "C" fn($($argument),*) -> $returned,
                        >(symbol)
                    }
                },)* })
            }
        }
    };
}

functions! {
    XInitThreads: fn() -> c_int;
    XOpenDisplay: fn(*const c_char) -> *mut Server;
    XCloseDisplay: fn(*mut Server) -> c_int;
    XDefaultScreen: fn(*mut Server) -> c_int;
    XDefaultRootWindow: fn(*mut Server) -> c_ulong;
    XDisplayWidth: fn(*mut Server, c_int) -> c_int;
    XDisplayHeight: fn(*mut Server, c_int) -> c_int;
    XInternAtom: fn(*mut Server, *const c_char, c_int) -> c_ulong;
    XGetSelectionOwner: fn(*mut Server, c_ulong) -> c_ulong;
    XSendEvent: fn(*mut Server, c_ulong, c_int, c_long, *mut ClientMessage) -> c_int;
    XMoveResizeWindow: fn(*mut Server, c_ulong, c_int, c_int, c_uint, c_uint) -> c_int;
    XSync: fn(*mut Server, c_int) -> c_int;
    XSetErrorHandler: fn(Option<ErrorHandler>) -> Option<ErrorHandler>;
    XSetIOErrorHandler: fn(Option<IoErrorHandler>) -> Option<IoErrorHandler>;
}

const RTLD_LAZY: c_int = 1;

// SAFETY: these are POSIX functions of the C library that std links already.
unsafe extern "C" {
    fn dlopen(file: *const c_char, flags: c_int) -> *mut c_void;
    fn dlsym(library: *mut c_void, symbol: *const c_char) -> *mut c_void;
}

/// Xlib's `Display`, which is only ever pointed to.
#[repr(C)]
struct Server {
    _private: [u8; 0],
}

/// Xlib's `XErrorEvent`.
#[repr(C)]
struct ErrorEvent {
    kind: c_int,
    server: *mut Server,
    resource: c_ulong,
    serial: c_ulong,
    error_code: u8,
    request_code: u8,
    minor_code: u8,
}

const BAD_WINDOW: u8 = 3;
const BAD_DRAWABLE: u8 = 9;

/// Xlib's `XEvent`, of which the client message is filled in.
#[repr(C)]
struct ClientMessage {
    kind: c_int,
    serial: c_ulong,
    send_event: c_int,
    server: *mut Server,
    window: c_ulong,
    message_type: c_ulong,
    format: c_int,
    data: [c_long; 5],
    /// An `XEvent` is 24 longs; this makes it more.
    padding: [c_long; 24],
}

const CLIENT_MESSAGE: c_int = 33;
/// `SubstructureRedirectMask | SubstructureNotifyMask`: what a window manager listens for.
const TO_WINDOW_MANAGER: c_long = (1 << 20) | (1 << 19);

struct Loaded {
    xlib: Xlib,
    previous_error: Option<ErrorHandler>,
    previous_io_error: Option<IoErrorHandler>,
}

fn loaded() -> Result<&'static Loaded, &'static str> {
    static LOADED: OnceLock<Result<Loaded, &str>> = OnceLock::new();
    LOADED
        .get_or_init(|| {
            let xlib = Xlib::load().ok_or("libX11.so.6 is not installed")?;
            // SAFETY: the name is a C string; loading libXcursor runs no code of ours.
            if unsafe { dlopen(c"libXcursor.so.1".as_ptr(), RTLD_LAZY) }.is_null() {
                return Err("libXcursor.so.1, which minifb needs, is not installed");
            }
            // SAFETY: this is the first call of Xlib here, as it must be; the handlers are functions of
            // the types that Xlib wants, and live as long as the program.
            let (previous_error, previous_io_error) = unsafe {
                (xlib.XInitThreads)();
                (
                    (xlib.XSetErrorHandler)(Some(on_error)),
                    (xlib.XSetIOErrorHandler)(Some(on_io_error)),
                )
            };
            Ok(Loaded {
                xlib,
                previous_error,
                previous_io_error,
            })
        })
        .as_ref()
        .map_err(|reason| *reason)
}

/// What has happened to a window from outside.
#[derive(Default)]
pub(super) struct Fate {
    server_gone: AtomicBool,
    window_gone: AtomicBool,
}

impl Fate {
    /// The X server has closed the connection, and the window's thread sleeps for ever.
    pub(super) fn server_gone(&self) -> bool {
        // Acquire: pairs with the Release store in `on_io_error`.
        self.server_gone.load(Ordering::Acquire)
    }

    /// Somebody else has destroyed the window.
    pub(super) fn window_gone(&self) -> bool {
        // Relaxed: read on the thread that wrote it.
        self.window_gone.load(Ordering::Relaxed)
    }
}

thread_local! {
    /// On a window's thread: where to note what happens to it.
    static FATE: RefCell<Option<Arc<Fate>>> = const { RefCell::new(None) };
}

fn fate_of_this_thread() -> Option<Arc<Fate>> {
    FATE.try_with(|fate| fate.try_borrow().ok()?.clone())
        .ok()
        .flatten()
}

/// Lets what happens to the windows of this thread be noted in `fate`, for as long as it runs.
pub(super) fn watch_this_thread(fate: Arc<Fate>) {
    FATE.with(|watched| *watched.borrow_mut() = Some(fate));
}

unsafe extern "C" fn on_io_error(server: *mut Server) -> c_int {
    if let Some(fate) = fate_of_this_thread() {
        // Release: pairs with the Acquire load in `Fate::server_gone`.
        fate.server_gone.store(true, Ordering::Release);
        loop {
            std::thread::park();
        }
    }
    match loaded().ok().and_then(|loaded| loaded.previous_io_error) {
        // SAFETY: Xlib gave this handler, and calls us as it would have called it.
        Some(previous) => unsafe { previous(server) },
        None => 0,
    }
}

unsafe extern "C" fn on_error(server: *mut Server, event: *const ErrorEvent) -> c_int {
    if let Some(fate) = fate_of_this_thread() {
        // SAFETY: Xlib calls an error handler with an event that is valid during the call.
        let code = unsafe { (*event).error_code };
        if matches!(code, BAD_WINDOW | BAD_DRAWABLE) {
            // Relaxed: read on this thread.
            fate.window_gone.store(true, Ordering::Relaxed);
        }
        return 0;
    }
    match loaded().ok().and_then(|loaded| loaded.previous_error) {
        // SAFETY: Xlib gave this handler, and calls us as it would have called it.
        Some(previous) => unsafe { previous(server, event) },
        None => 0,
    }
}

/// A connection to the X server that `DISPLAY` names, beside the one that minifb has.
pub(super) struct Connection {
    loaded: &'static Loaded,
    server: *mut Server,
}

impl Connection {
    /// # Errors
    ///
    /// Why there is none, as half a sentence.
    pub(super) fn open() -> Result<Self, String> {
        let loaded = loaded()?;
        // SAFETY: Xlib is loaded, and its threads are initialised; null stands for `DISPLAY`.
        let server = unsafe { (loaded.xlib.XOpenDisplay)(std::ptr::null()) };
        if server.is_null() {
            return Err(match std::env::var("DISPLAY") {
                Ok(name) => format!("there is no X server at DISPLAY={name}"),
                Err(_) => "DISPLAY is not set".to_owned(),
            });
        }
        Ok(Self { loaded, server })
    }

    /// Width and height of the screen in pixels.
    pub(super) fn screen_size(&self) -> (usize, usize) {
        let xlib = &self.loaded.xlib;
        // SAFETY: `server` is an open connection, and the screen is one of its own.
        let (width, height) = unsafe {
            let screen = (xlib.XDefaultScreen)(self.server);
            (
                (xlib.XDisplayWidth)(self.server, screen),
                (xlib.XDisplayHeight)(self.server, screen),
            )
        };
        (width.max(1) as usize, height.max(1) as usize)
    }

    /// Makes `window` fill the screen, or gives it `size` again. A window manager is asked to (EWMH);
    /// where none runs, the window is moved and resized.
    pub(super) fn set_fullscreen(&self, window: c_ulong, fullscreen: bool, size: (usize, usize)) {
        let screen = self.screen_size();
        let xlib = &self.loaded.xlib;
        // SAFETY: `server` is an open connection, and the name is a C string.
        let atom = |name: &CStr| unsafe { (xlib.XInternAtom)(self.server, name.as_ptr(), 0) };
        // SAFETY: `server` is an open connection.
        let managed = unsafe { (xlib.XGetSelectionOwner)(self.server, atom(c"WM_S0")) != 0 };
        if managed {
            let mut message = ClientMessage {
                kind: CLIENT_MESSAGE,
                serial: 0,
                send_event: 1,
                server: self.server,
                window,
                message_type: atom(c"_NET_WM_STATE"),
                format: 32,
                // Add or remove; the state; no second one; from an application.
                data: [
                    c_long::from(fullscreen),
                    atom(c"_NET_WM_STATE_FULLSCREEN").cast_signed(),
                    0,
                    1,
                    0,
                ],
                padding: [0; 24],
            };
            // SAFETY: `server` is an open connection, and `message` is at least as large as an XEvent.
            unsafe {
                let root = (xlib.XDefaultRootWindow)(self.server);
                (xlib.XSendEvent)(self.server, root, 0, TO_WINDOW_MANAGER, &raw mut message);
            }
        } else {
            let (width, height) = if fullscreen { screen } else { size };
            let middle = |whole: usize, part: usize| (whole.saturating_sub(part) / 2) as c_int;
            let (left, top) = (middle(screen.0, width), middle(screen.1, height));
            // SAFETY: `server` is an open connection; a window that is no more is an error that
            // `on_error` takes.
            unsafe {
                (xlib.XMoveResizeWindow)(
                    self.server,
                    window,
                    left,
                    top,
                    width.max(1) as c_uint,
                    height.max(1) as c_uint,
                );
            }
        }
        // SAFETY: `server` is an open connection.
        unsafe { (xlib.XSync)(self.server, 0) };
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // SAFETY: `server` was opened by `open`, and nothing uses it from here on.
        unsafe { (self.loaded.xlib.XCloseDisplay)(self.server) };
    }
}
