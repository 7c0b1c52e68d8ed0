//! Frames over a TCP connection of this machine, for tests and measurements. A daemon has its own, with keys and TLS.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::JoinHandle;

use crate::store::Replica;
use crate::wire::{Answer, MAX_FRAME};

/// Serves one replica to connections that come one after the other, until it is dropped.
pub struct Server {
    address: SocketAddr,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Listens on a free port.
    pub fn start(replica: Arc<Replica>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let thread = std::thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                // A connection that breaks is its client's matter; an empty one is the end.
                if let Ok(0) = serve(stream, &replica) {
                    return;
                }
            }
        });
        Ok(Self { address, thread: Some(thread) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(mut stream: TcpStream, replica: &Replica) -> io::Result<u64> {
    stream.set_nodelay(true)?;
    let mut frames = 0;
    while let Some(frame) = receive(&mut stream)? {
        let answer = replica.receive(&frame);
        let answer = answer.encode().or_else(|error| Answer::Refused(error.to_string()).encode());
        send(&mut stream, &answer.map_err(io::Error::other)?)?;
        frames += 1;
    }
    Ok(frames)
}

/// A connection to a [`Server`].
pub struct Client {
    stream: TcpStream,
}

impl Client {
    /// Connects.
    pub fn connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream })
    }

    /// Posts a frame; gives the answer.
    pub fn post(&mut self, frame: &[u8]) -> io::Result<Vec<u8>> {
        send(&mut self.stream, frame)?;
        receive(&mut self.stream)?.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}

fn send(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<()> {
    let len = u32::try_from(bytes.len()).map_err(io::Error::other)?;
    // One write: a length that travels alone would wait for its acknowledgement.
    stream.write_all(&[&len.to_le_bytes(), bytes].concat())
}

fn receive(stream: &mut TcpStream) -> io::Result<Option<Vec<u8>>> {
    let mut len = [0; 4];
    match stream.read_exact(&mut len) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let len = u32::from_le_bytes(len) as usize;
    if len > MAX_FRAME {
        return Err(io::Error::other("a frame beyond the limit"));
    }
    let mut bytes = Vec::new();
    stream.take(len as u64).read_to_end(&mut bytes)?;
    if bytes.len() < len { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(Some(bytes)) }
}
