//! rust-analyzer over its standard streams, as an editor talks to it: the Language Server Protocol.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A server that has one file open. Killed when it is dropped.
pub struct Server {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    uri: String,
    asked: u64,
    version: u64,
    /// Whether it has nothing left to load.
    is_ready: bool,
}

impl Server {
    /// Starts it on the package of `file`, which it shows as `text`, and waits until it has loaded all.
    pub fn start(file: &Path, text: &str) -> Result<Self, String> {
        let package = file.ancestors().nth(2).unwrap_or(file);
        let mut child = Command::new(program()?)
            .current_dir(package)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("rust-analyzer could not be started: {error}"))?;
        let (Some(to), Some(from)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("rust-analyzer has no streams".to_owned());
        };
        let mut server = Self {
            child,
            to,
            from: BufReader::new(from),
            uri: format!("file://{}", file.display()),
            asked: 0,
            version: 0,
            is_ready: false,
        };
        let root = quoted(&format!("file://{}", package.display()));
        server.ask(
            "initialize",
            &format!(
                r#"{{"processId":null,"rootUri":{root},"capabilities":{{"experimental":{{"serverStatusNotification":true}}}},"initializationOptions":{{"checkOnSave":false}}}}"#
            ),
        )?;
        server.tell("initialized", "{}")?;
        let (uri, text) = (quoted(&server.uri), quoted(text));
        server.tell(
            "textDocument/didOpen",
            &format!(
                r#"{{"textDocument":{{"uri":{uri},"languageId":"rust","version":0,"text":{text}}}}}"#
            ),
        )?;
        while !server.is_ready {
            server.hear()?;
        }
        Ok(server)
    }

    /// The file is now `text`.
    pub fn change(&mut self, text: &str) -> Result<(), String> {
        self.version += 1;
        let (uri, version, text) = (quoted(&self.uri), self.version, quoted(text));
        self.tell(
            "textDocument/didChange",
            &format!(
                r#"{{"textDocument":{{"uri":{uri},"version":{version}}},"contentChanges":[{{"text":{text}}}]}}"#
            ),
        )
    }

    /// Where what stands at a place of `text` is defined: the name of a file, and the number of a line, from 0.
    pub fn definitions(
        &mut self,
        text: &str,
        place: usize,
    ) -> Result<Vec<(String, usize)>, String> {
        let answer = self.ask("textDocument/definition", &self.at(text, place))?;
        let target = |part: &str| {
            let (uri, rest) = part.split_once('"')?;
            let (_, line) = rest.split_once(r#""line":"#)?;
            let digits = line.split(|letter: char| !letter.is_ascii_digit()).next()?;
            let file = uri.rsplit('/').next()?;
            Some((file.to_owned(), digits.parse().ok()?))
        };
        let parts = answer.split(r#""uri":""#).skip(1);
        Ok(parts.filter_map(target).collect())
    }

    /// What is offered at a place of `text`, the best first.
    pub fn completions(&mut self, text: &str, place: usize) -> Result<Vec<String>, String> {
        let answer = self.ask("textDocument/completion", &self.at(text, place))?;
        let labels = answer.split(r#""label":""#).skip(1);
        let labels = labels.filter_map(|part| part.split_once('"'));
        Ok(labels.map(|(label, _)| label.to_owned()).collect())
    }

    fn at(&self, text: &str, place: usize) -> String {
        let before = &text[..place];
        let line = before.matches('\n').count();
        let column = before.rsplit('\n').next().map_or(0, str::len);
        format!(
            r#"{{"textDocument":{{"uri":{}}},"position":{{"line":{line},"character":{column}}}}}"#,
            quoted(&self.uri)
        )
    }

    fn ask(&mut self, method: &str, parameters: &str) -> Result<String, String> {
        self.asked += 1;
        let number = self.asked;
        self.send(&format!(
            r#"{{"jsonrpc":"2.0","id":{number},"method":"{method}","params":{parameters}}}"#
        ))?;
        loop {
            let message = self.hear()?;
            if message.contains(&format!(r#""id":{number},"result""#)) {
                return Ok(message);
            }
            if message.contains(&format!(r#""id":{number},"error""#)) {
                return Err(format!("{method}: rust-analyzer answers {message}"));
            }
        }
    }

    fn tell(&mut self, method: &str, parameters: &str) -> Result<(), String> {
        self.send(&format!(
            r#"{{"jsonrpc":"2.0","method":"{method}","params":{parameters}}}"#
        ))
    }

    fn send(&mut self, message: &str) -> Result<(), String> {
        write!(
            self.to,
            "Content-Length: {}\r\n\r\n{message}",
            message.len()
        )
        .and_then(|()| self.to.flush())
        .map_err(|error| format!("rust-analyzer no longer listens: {error}"))
    }

    fn hear(&mut self) -> Result<String, String> {
        let gone = |error| format!("rust-analyzer no longer speaks: {error}");
        let mut length = 0;
        loop {
            let mut line = String::new();
            if self.from.read_line(&mut line).map_err(gone)? == 0 {
                return Err("rust-analyzer has ended".to_owned());
            }
            if line.trim().is_empty() {
                break;
            }
            if let Some(number) = line.strip_prefix("Content-Length:") {
                let wrong = |error| format!("rust-analyzer sent {line:?}: {error}");
                length = number.trim().parse().map_err(wrong)?;
            }
        }
        let mut message = vec![0; length];
        self.from.read_exact(&mut message).map_err(gone)?;
        let message = String::from_utf8_lossy(&message).into_owned();
        if message.contains("experimental/serverStatus") {
            self.is_ready = message.contains(r#""quiescent":true"#);
        }
        Ok(message)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Of the toolchain in use; rustup fetches it if it is not there.
fn program() -> Result<PathBuf, String> {
    let found = |command: &mut Command| crate::succeed(command.stderr(Stdio::null()));
    let which = || found(Command::new("rustup").args(["which", "rust-analyzer"]));
    let path = which().or_else(|_| {
        crate::succeed(Command::new("rustup").args(["component", "add", "rust-analyzer"]))?;
        which()
    });
    let path = match path {
        Ok(path) => PathBuf::from(path.trim()),
        Err(_) => PathBuf::from("rust-analyzer"),
    };
    if path.components().count() > 1 {
        fs::metadata(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(path)
}

/// As a string of JSON.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            letter if letter.is_control() => {
                quoted.push_str(&format!("\\u{:04x}", u32::from(letter)));
            }
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}
