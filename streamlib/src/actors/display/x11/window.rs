//! The window: made, put on the screen, and asked what has happened to it.

use std::os::fd::BorrowedFd;

use x11rb::connection::Connection;
use x11rb::errors::{ConnectionError, ReplyOrIdError};
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    self, AtomEnum, ClientMessageEvent, ColormapAlloc, ConfigureWindowAux, ConnectionExt as _,
    CreateGCAux, CreateWindowAux, EventMask, PropMode, WindowClass,
};
use x11rb::wrapper::ConnectionExt as _;

use super::canvas::Canvas;
use super::input::Input;
use super::server::Server;
use crate::message::{KeyEvent, Modifiers, MouseEventKind};

/// What a program says that has put `_NET_WM_STATE` into a message: add, remove, and who asks.
const REMOVE: u32 = 0;
const ADD: u32 = 1;
const AN_APPLICATION: u32 = 1;

/// What has happened to a window.
pub(in super::super) enum Happening {
    /// Somebody has closed it.
    Closed,
    /// It has this width and height now.
    Resized((usize, usize)),
    /// A key went down or up.
    Key(KeyEvent),
    /// The mouse did something over it, at this place in its pixels.
    Mouse(MouseEventKind, (f32, f32), Modifiers),
    /// What was put on the screen is there.
    Shown,
}

/// A window on the screen.
pub(in super::super) struct Window {
    server: Server,
    id: xproto::Window,
    canvas: Canvas,
    input: Input,
    size: (usize, usize),
}

impl Window {
    /// Puts a window on the screen, in the middle unless a window manager knows better.
    ///
    /// # Errors
    /// Why it cannot be made, as half a sentence.
    pub(in super::super) fn open(
        server: Server,
        title: &str,
        size: (usize, usize),
        fullscreen: bool,
    ) -> Result<Self, String> {
        let (id, context) = make(&server, title, size, fullscreen)
            .map_err(|error| format!("the X server makes no window: {error}"))?;
        let canvas = Canvas::new(&server, id, context);
        let input = Input::new(&server.connection);
        let mut window = Self {
            server,
            id,
            canvas,
            input,
            size,
        };
        if fullscreen && !window.server.is_managed() {
            let whole = window.server.screen_size();
            // If the server has gone, the first look at the window says so.
            let _ = window.place(whole);
        }
        Ok(window)
    }

    /// Readable when something has happened.
    pub(in super::super) fn socket(&self) -> BorrowedFd<'_> {
        self.server.socket()
    }

    /// Width and height in pixels.
    pub(in super::super) fn size(&self) -> (usize, usize) {
        self.size
    }

    /// The pixels to paint next, which hold anything; `None` while the server still reads those of the
    /// last two pictures.
    pub(in super::super) fn pixels(&mut self) -> Option<&mut [u32]> {
        self.canvas.free(&self.server.connection, self.size)
    }

    /// Puts the pixels that were painted last on the screen. Returns whether they are there already; else
    /// [`Happening::Shown`] says when they are.
    ///
    /// # Errors
    /// When the server has gone, as in what follows.
    pub(in super::super) fn show(&mut self) -> Result<bool, ConnectionError> {
        let is_there = self.canvas.show(&self.server.connection)?;
        self.server.connection.flush()?;
        Ok(is_there)
    }

    /// The pixels that were put on the screen last, and their width.
    #[cfg(feature = "images")]
    pub(in super::super) fn shown(&self) -> Option<(&[u32], usize)> {
        self.canvas.shown()
    }

    /// What has happened next, if anything has.
    pub(in super::super) fn next(&mut self) -> Result<Option<Happening>, ConnectionError> {
        if let Some(event) = self.input.next_key() {
            return Ok(Some(Happening::Key(event)));
        }
        while let Some(event) = self.server.connection.poll_for_event()? {
            match event {
                Event::ShmCompletion(event) => {
                    if self.canvas.completed(event.shmseg) {
                        return Ok(Some(Happening::Shown));
                    }
                }
                Event::Expose(event) if event.count == 0 => {
                    self.canvas.show_again(&self.server.connection)?;
                    self.server.connection.flush()?;
                }
                Event::ConfigureNotify(event) => {
                    let size = (event.width.into(), event.height.into());
                    if size != std::mem::replace(&mut self.size, size) {
                        return Ok(Some(Happening::Resized(size)));
                    }
                }
                Event::DestroyNotify(_) => return Ok(Some(Happening::Closed)),
                Event::ClientMessage(event)
                    if event.data.as_data32()[0] == self.server.atoms.WM_DELETE_WINDOW =>
                {
                    return Ok(Some(Happening::Closed));
                }
                other => {
                    let happening = self.input.take(&self.server.connection, &other);
                    if happening.is_some() {
                        return Ok(happening);
                    }
                }
            }
        }
        Ok(None)
    }

    /// Makes the window fill the screen, or gives it `size` again. A window manager is asked to (EWMH);
    /// where none runs, the window is moved and resized.
    pub(in super::super) fn set_fullscreen(
        &mut self,
        fullscreen: bool,
        size: (usize, usize),
    ) -> Result<(), ConnectionError> {
        if !self.server.is_managed() {
            let whole = self.server.screen_size();
            return self.place(if fullscreen { whole } else { size });
        }
        let Server {
            connection, atoms, ..
        } = &self.server;
        let action = if fullscreen { ADD } else { REMOVE };
        let message = ClientMessageEvent::new(
            32,
            self.id,
            atoms._NET_WM_STATE,
            [action, atoms._NET_WM_STATE_FULLSCREEN, 0, AN_APPLICATION, 0],
        );
        let listeners = EventMask::SUBSTRUCTURE_REDIRECT | EventMask::SUBSTRUCTURE_NOTIFY;
        connection.send_event(false, self.server.screen().root, listeners, message)?;
        connection.flush()
    }

    /// Puts the window into the middle of the screen in this size.
    fn place(&mut self, size: (usize, usize)) -> Result<(), ConnectionError> {
        let (left, top) = middle(self.server.screen_size(), size);
        let place = ConfigureWindowAux::new()
            .x(i32::from(left))
            .y(i32::from(top))
            .width(size.0.max(1) as u32)
            .height(size.1.max(1) as u32);
        let connection = &self.server.connection;
        connection.configure_window(self.id, &place)?;
        connection.flush()
    }
}

/// Where something of `size` lies in the middle of the screen.
fn middle(screen: (usize, usize), size: (usize, usize)) -> (i16, i16) {
    let start = |whole: usize, part: usize| (whole.saturating_sub(part) / 2) as i16;
    (start(screen.0, size.0), start(screen.1, size.1))
}

fn make(
    server: &Server,
    title: &str,
    size: (usize, usize),
    fullscreen: bool,
) -> Result<(xproto::Window, xproto::Gcontext), ReplyOrIdError> {
    let Server {
        connection,
        visual,
        atoms,
        ..
    } = server;
    let root = server.screen().root;
    let colours = if visual.id == server.screen().root_visual {
        server.screen().default_colormap
    } else {
        let colours = connection.generate_id()?;
        connection.create_colormap(ColormapAlloc::NONE, colours, root, visual.id)?;
        colours
    };
    let window = connection.generate_id()?;
    let (left, top) = middle(server.screen_size(), size);
    let events = EventMask::STRUCTURE_NOTIFY
        | EventMask::EXPOSURE
        | EventMask::KEY_PRESS
        | EventMask::KEY_RELEASE
        | EventMask::BUTTON_PRESS
        | EventMask::BUTTON_RELEASE
        | EventMask::POINTER_MOTION
        | EventMask::FOCUS_CHANGE;
    connection
        .create_window(
            visual.depth,
            window,
            root,
            left,
            top,
            size.0.clamp(1, u16::MAX.into()) as u16,
            size.1.clamp(1, u16::MAX.into()) as u16,
            0,
            WindowClass::INPUT_OUTPUT,
            visual.id,
            &CreateWindowAux::new()
                .background_pixel(0)
                .border_pixel(0)
                .colormap(colours)
                .event_mask(events),
        )?
        .check()?;
    let text = |property: xproto::Atom, kind: xproto::Atom| {
        connection.change_property8(PropMode::REPLACE, window, property, kind, title.as_bytes())
    };
    text(AtomEnum::WM_NAME.into(), AtomEnum::STRING.into())?;
    text(atoms._NET_WM_NAME, atoms.UTF8_STRING)?;
    let class = b"streamlib\0streamlib\0";
    let property = AtomEnum::WM_CLASS;
    connection.change_property8(PropMode::REPLACE, window, property, AtomEnum::STRING, class)?;
    let list = |property: xproto::Atom, atom: xproto::Atom| {
        connection.change_property32(PropMode::REPLACE, window, property, AtomEnum::ATOM, &[atom])
    };
    list(atoms.WM_PROTOCOLS, atoms.WM_DELETE_WINDOW)?;
    if fullscreen {
        list(atoms._NET_WM_STATE, atoms._NET_WM_STATE_FULLSCREEN)?;
    }
    let context = connection.generate_id()?;
    let quiet = CreateGCAux::new().graphics_exposures(0);
    connection.create_gc(context, window, &quiet)?;
    connection.map_window(window)?.check()?;
    Ok((window, context))
}
