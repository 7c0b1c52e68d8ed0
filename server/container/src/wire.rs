//! The raw connection of one command: the engine's HTTP answer is the last of HTTP on it, then bytes go both ways.
//!
//! Without a terminal the engine puts a head of eight bytes before each piece of output: the stream's number and,
//! big-endian in the last four, the length. With a terminal the bytes are the terminal's and mean nothing here: a
//! program can not forge a head.
//!
//! Source: Docker Engine API 1.41, "Attach to a container", stream format.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream, ToSocketAddrs};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use crate::options::Engine;

/// An answer's head larger than this is none, bytes.
const MOST_HEAD: usize = 16 << 10;

/// A document larger than this is cut, bytes.
const MOST_BODY: u64 = 16 << 20;

/// One connection; clones are one and the same.
#[derive(Debug)]
pub(crate) enum Wire {
    Unix(UnixStream),
    Tcp(TcpStream),
}

impl Wire {
    /// A new connection.
    pub(crate) fn connect(engine: &Engine, patience: Duration) -> io::Result<Self> {
        let wire = match engine {
            Engine::Unix(path) => Self::Unix(UnixStream::connect(path)?),
            Engine::Tcp(host) => {
                let nothing = || io::Error::new(io::ErrorKind::NotFound, "the name has no address");
                let address = host.to_socket_addrs()?.next().ok_or_else(nothing)?;
                let stream = TcpStream::connect_timeout(&address, patience)?;
                stream.set_nodelay(true)?;
                Self::Tcp(stream)
            }
        };
        wire.set_patience(Some(patience))?;
        Ok(wire)
    }

    /// Asks for an upgrade with a JSON body, and reads the answer's head. An answer that is a refusal comes with
    /// what the engine says.
    pub(crate) fn upgrade(&mut self, path: &str, body: &str) -> io::Result<()> {
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: engine\r\nContent-Type: application/json\r\nConnection: Upgrade\r\n\
             Upgrade: tcp\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.write_all(request.as_bytes())?;
        self.flush()?;
        let head = self.head()?;
        match head.split(' ').nth(1) {
            Some("101" | "200") => Ok(()),
            _ => {
                let mut says = Vec::new();
                let _ = self.take(4 << 10).read_to_end(&mut says);
                let (first, says) = (head.lines().next().unwrap_or_default(), String::from_utf8_lossy(&says));
                Err(io::Error::other(format!("the engine answered `{first}` {}", says.trim())))
            }
        }
    }

    /// Asks for a JSON document; gives the status and the body. Of the older HTTP, as an answer to it comes in one
    /// piece and ends with the connection.
    pub(crate) fn get(&mut self, path: &str) -> io::Result<(u16, Vec<u8>)> {
        self.write_all(format!("GET {path} HTTP/1.0\r\nHost: engine\r\n\r\n").as_bytes())?;
        self.flush()?;
        let head = self.head()?;
        let status = head.split(' ').nth(1).and_then(|it| it.parse().ok());
        let status = status.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))?;
        let mut body = Vec::new();
        self.take(MOST_BODY).read_to_end(&mut body)?;
        Ok((status, body))
    }

    /// Byte by byte, as what follows belongs to somebody else; heads are short.
    fn head(&mut self) -> io::Result<String> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            if self.read(&mut byte)? == 0 || head.len() >= MOST_HEAD {
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the engine gave no answer"));
            }
            head.extend_from_slice(&byte);
        }
        Ok(String::from_utf8_lossy(&head).into_owned())
    }

    pub(crate) fn try_clone(&self) -> io::Result<Self> {
        Ok(match self {
            Self::Unix(stream) => Self::Unix(stream.try_clone()?),
            Self::Tcp(stream) => Self::Tcp(stream.try_clone()?),
        })
    }

    /// How long one read may take; a read that takes longer fails with `WouldBlock` or `TimedOut`.
    pub(crate) fn set_patience(&self, patience: Option<Duration>) -> io::Result<()> {
        match self {
            Self::Unix(stream) => stream.set_read_timeout(patience),
            Self::Tcp(stream) => stream.set_read_timeout(patience),
        }
    }

    /// Tells the other side that nothing more will be written.
    pub(crate) fn end_input(&self) -> io::Result<()> {
        self.shut(Shutdown::Write)
    }

    /// Ends the connection; every clone's reads and writes end too.
    pub(crate) fn hang_up(&self) {
        let _ = self.shut(Shutdown::Both);
    }

    fn shut(&self, how: Shutdown) -> io::Result<()> {
        match self {
            Self::Unix(stream) => stream.shutdown(how),
            Self::Tcp(stream) => stream.shutdown(how),
        }
    }
}

impl Read for Wire {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Unix(stream) => stream.read(bytes),
            Self::Tcp(stream) => stream.read(bytes),
        }
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Unix(stream) => stream.write(bytes),
            Self::Tcp(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Unix(stream) => stream.flush(),
            Self::Tcp(stream) => stream.flush(),
        }
    }
}

/// A piece of what a command says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Out(Vec<u8>),
    Err(Vec<u8>),
    /// Nothing came within the connection's patience.
    Silence,
    /// Nothing will come any more.
    End,
}

/// How much is handed on at once, bytes.
const PIECE: usize = 32 << 10;

/// Takes pieces out of a connection.
#[derive(Debug)]
pub(crate) struct Pieces<R> {
    from: R,
    has_terminal: bool,
    head: Vec<u8>,
    /// The stream of the present piece and what is left of it.
    left: (u8, usize),
}

impl<R: Read> Pieces<R> {
    pub(crate) fn new(from: R, has_terminal: bool) -> Self {
        Self { from, has_terminal, head: Vec::new(), left: (1, 0) }
    }

    /// The next piece; an error when the engine speaks nonsense.
    pub(crate) fn next(&mut self) -> io::Result<Piece> {
        if self.has_terminal {
            self.left = (1, PIECE);
        }
        while self.left.1 == 0 {
            let mut rest = vec![0; 8 - self.head.len()];
            match self.read(&mut rest)? {
                Read1::Bytes(count) => self.head.extend(rest.into_iter().take(count)),
                Read1::Silence => return Ok(Piece::Silence),
                Read1::End if self.head.is_empty() => return Ok(Piece::End),
                Read1::End => return Err(io::ErrorKind::UnexpectedEof.into()),
            }
            if let &[stream, _, _, _, a, b, c, d] = self.head.as_slice() {
                if !(1..=2).contains(&stream) {
                    return Err(io::Error::new(
                        io::ErrorKind::InvalidData,
                        "the engine sent an unknown stream",
                    ));
                }
                self.left = (stream, u32::from_be_bytes([a, b, c, d]) as usize);
                self.head.clear();
            }
        }
        let mut bytes = vec![0; self.left.1.min(PIECE)];
        let count = match self.read(&mut bytes)? {
            Read1::Bytes(count) => count,
            Read1::Silence => return Ok(Piece::Silence),
            Read1::End if self.has_terminal => return Ok(Piece::End),
            Read1::End => return Err(io::ErrorKind::UnexpectedEof.into()),
        };
        bytes.truncate(count);
        self.left.1 = self.left.1.saturating_sub(count);
        Ok(if self.left.0 == 2 { Piece::Err(bytes) } else { Piece::Out(bytes) })
    }

    fn read(&mut self, into: &mut [u8]) -> io::Result<Read1> {
        loop {
            return match self.from.read(into) {
                Ok(0) => Ok(Read1::End),
                Ok(count) => Ok(Read1::Bytes(count)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) if is_silence(error.kind()) => Ok(Read1::Silence),
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => Ok(Read1::End),
                Err(error) => Err(error),
            };
        }
    }
}

fn is_silence(kind: io::ErrorKind) -> bool {
    matches!(kind, io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

/// What one read brought.
enum Read1 {
    Bytes(usize),
    Silence,
    End,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(bytes: &[u8], has_terminal: bool) -> Result<Vec<Piece>, String> {
        let mut pieces = Pieces::new(bytes, has_terminal);
        let mut all = Vec::new();
        loop {
            match pieces.next().map_err(|error| error.to_string())? {
                Piece::End => return Ok(all),
                piece @ (Piece::Out(_) | Piece::Err(_) | Piece::Silence) => all.push(piece),
            }
        }
    }

    #[test]
    fn the_two_streams_are_told_apart_and_empty_pieces_are_none() {
        let told = pieces(b"\x01\0\0\0\0\0\0\x02ab\x01\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\x01c", false).unwrap();
        assert_eq!(told, [Piece::Out(b"ab".to_vec()), Piece::Err(b"c".to_vec())]);
    }

    #[test]
    fn what_a_terminal_says_is_never_taken_for_a_head() {
        let forged = b"\x01\0\0\0\xff\xff\xff\xff";
        assert_eq!(pieces(forged, true).unwrap(), [Piece::Out(forged.to_vec())]);
    }

    #[test]
    fn nonsense_and_half_a_piece_are_errors_and_absurd_lengths_take_no_memory() {
        assert!(pieces(b"\x07\0\0\0\0\0\0\x01a", false).is_err());
        assert!(pieces(b"\x01\0\0\0\xff\xff\xff\xffab", false).is_err());
        assert!(pieces(b"\x01\0\0", false).is_err());
    }
}
