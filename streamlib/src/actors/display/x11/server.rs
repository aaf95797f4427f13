//! The connection to an X server, and what is asked of it before there is a window.

use std::os::fd::{AsFd, BorrowedFd};

use x11rb::atom_manager;
use x11rb::connection::{Connection, RequestConnection};
use x11rb::protocol::shm::{self, ConnectionExt as _};
use x11rb::protocol::xkb::{self, ConnectionExt as _};
use x11rb::protocol::xproto::{self, ConnectionExt as _, ImageOrder, Screen, VisualClass};
use x11rb::rust_connection::RustConnection;

atom_manager! {
    /// The names that a window manager knows.
    pub(super) Atoms: AtomsCookie {
        WM_PROTOCOLS,
        WM_DELETE_WINDOW,
        UTF8_STRING,
        _NET_WM_NAME,
        _NET_WM_STATE,
        _NET_WM_STATE_FULLSCREEN,
    }
}

/// A connection to the X server that `DISPLAY` names.
pub(in super::super) struct Server {
    pub(super) connection: RustConnection,
    screen: usize,
    pub(super) visual: Visual,
    pub(super) atoms: Atoms,
    /// Whether pictures can be handed over in memory that both have.
    pub(super) shares_memory: bool,
}

/// A kind of pixel of the screen: 32 bits, of which the lower 24 are red, green, blue.
#[derive(Clone, Copy)]
pub(super) struct Visual {
    pub(super) id: xproto::Visualid,
    pub(super) depth: u8,
}

impl Server {
    /// # Errors
    /// Why there is none that can show pictures, as half a sentence.
    pub(in super::super) fn connect() -> Result<Self, String> {
        let Ok(name) = std::env::var("DISPLAY") else {
            return Err("DISPLAY is not set".to_owned());
        };
        let (connection, screen) = RustConnection::connect(None)
            .map_err(|error| format!("there is no X server at DISPLAY={name}: {error}"))?;
        let said = |error: &dyn std::fmt::Display| format!("the X server at {name} says: {error}");
        let visual = find_visual(&connection, screen).ok_or_else(|| {
            format!("the X server at {name} has no pixels of 32 bits in our byte order")
        })?;
        let atoms = Atoms::new(&connection).map_err(|error| said(&error))?;
        let atoms = atoms.reply().map_err(|error| said(&error))?;
        let is_here = name.starts_with([':', '/']) || name.starts_with("unix:");
        let shares_memory = is_here && knows_shared_memory(&connection);
        tell_repeats_apart(&connection);
        Ok(Self {
            connection,
            screen,
            visual,
            atoms,
            shares_memory,
        })
    }

    /// Readable when the server has said something.
    pub(in super::super) fn socket(&self) -> BorrowedFd<'_> {
        self.connection.stream().as_fd()
    }

    pub(super) fn screen(&self) -> &Screen {
        &self.connection.setup().roots[self.screen]
    }

    /// Width and height of the screen in pixels.
    pub(in super::super) fn screen_size(&self) -> (usize, usize) {
        let screen = self.screen();
        (
            screen.width_in_pixels.max(1).into(),
            screen.height_in_pixels.max(1).into(),
        )
    }

    /// Whether a window manager looks after the screen: then windows are its to place.
    pub(super) fn is_managed(&self) -> bool {
        let owner = || {
            let name = format!("WM_S{}", self.screen);
            let atom = self.connection.intern_atom(false, name.as_bytes()).ok()?;
            let atom = atom.reply().ok()?.atom;
            let owner = self.connection.get_selection_owner(atom).ok()?;
            Some(owner.reply().ok()?.owner)
        };
        owner().is_some_and(|owner| owner != x11rb::NONE)
    }
}

/// The screen's own pixels if they can be painted, else others that it can show.
fn find_visual(connection: &RustConnection, screen: usize) -> Option<Visual> {
    let setup = connection.setup();
    let ours = if cfg!(target_endian = "big") {
        ImageOrder::MSB_FIRST
    } else {
        ImageOrder::LSB_FIRST
    };
    if setup.image_byte_order != ours {
        return None;
    }
    let screen = &setup.roots[screen];
    let is_paintable = |depth: u8, visual: &xproto::Visualtype| {
        let of_32_bits = setup
            .pixmap_formats
            .iter()
            .any(|format| format.depth == depth && format.bits_per_pixel == 32);
        let masks = (visual.red_mask, visual.green_mask, visual.blue_mask);
        depth == 24
            && of_32_bits
            && visual.class == VisualClass::TRUE_COLOR
            && masks == (0xFF_0000, 0xFF00, 0xFF)
    };
    let all = screen.allowed_depths.iter().flat_map(|depth| {
        let visuals = depth.visuals.iter().map(|visual| (depth.depth, visual));
        visuals.filter(|(depth, visual)| is_paintable(*depth, visual))
    });
    all.max_by_key(|(_, visual)| visual.visual_id == screen.root_visual)
        .map(|(depth, visual)| Visual {
            id: visual.visual_id,
            depth,
        })
}

/// Version 1.2 makes the memory in the server and hands it over as a file.
fn knows_shared_memory(connection: &RustConnection) -> bool {
    let known = connection.extension_information(shm::X11_EXTENSION_NAME);
    if !matches!(known, Ok(Some(_))) {
        return false;
    }
    let version = connection.shm_query_version().ok();
    version
        .and_then(|version| version.reply().ok())
        .is_some_and(|version| (version.major_version, version.minor_version) >= (1, 2))
}

/// A key that is held sends presses without releases between them. Without the extension it looks as if
/// it were tapped again and again, and nothing worse.
fn tell_repeats_apart(connection: &RustConnection) {
    let ask = || {
        let known = connection.extension_information(xkb::X11_EXTENSION_NAME);
        known.ok()??;
        connection.xkb_use_extension(1, 0).ok()?.reply().ok()?;
        let flag = xkb::PerClientFlag::DETECTABLE_AUTO_REPEAT;
        let none = xkb::BoolCtrl::from(0_u8);
        connection
            .xkb_per_client_flags(xkb::ID::USE_CORE_KBD.into(), flag, flag, none, none, none)
            .ok()?
            .reply()
            .ok()
    };
    let _ = ask();
}
