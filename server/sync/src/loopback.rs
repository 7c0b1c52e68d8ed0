//! Frames over a TCP connection of this machine, for tests and measurements. A daemon has its own, with keys and TLS.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread::JoinHandle;

use crate::sender::{Report, SendError, Sender, Step, SyncError};
use crate::state::State;
use crate::store::Replica;
use crate::wire::{Answer, Frame, MAX_FRAME};

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
    let mut from = stream.try_clone()?;
    // The next frame is read and unpacked while one is taken.
    let (sender, frames) = sync_channel(1);
    let reader = std::thread::spawn(move || -> io::Result<()> {
        while let Some(bytes) = receive(&mut from)? {
            sender.send(Frame::decode(&bytes)).map_err(io::Error::other)?;
        }
        Ok(())
    });
    let mut count = 0;
    for frame in frames {
        let answer = match frame {
            Ok(frame) => replica.take(&frame),
            Err(error) => Answer::Refused(error.to_string()),
        };
        let answer = answer.encode().or_else(|error| Answer::Refused(error.to_string()).encode());
        send(&mut stream, &answer.map_err(io::Error::other)?)?;
        count += 1;
    }
    reader.join().unwrap_or(Ok(()))?;
    Ok(count)
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

    /// Sends a state, the next contents on their way while the last are taken.
    pub fn sync(&mut self, sender: &mut Sender, state: &State) -> Result<Report, SyncError<io::Error>> {
        let mut sending = sender.send(state);
        let mut waiting = 0;
        loop {
            while waiting == 0 || sending.may_go_on() {
                let frame = sending.next_frame()?.ok_or(SendError::Disagree)?;
                send(&mut self.stream, &frame).map_err(SyncError::Post)?;
                waiting += 1;
            }
            let answer = receive(&mut self.stream).map_err(SyncError::Post)?;
            let answer = answer.ok_or_else(|| SyncError::Post(io::ErrorKind::UnexpectedEof.into()))?;
            waiting -= 1;
            if let Step::Done(report) = sending.answer(&answer)? {
                return Ok(report);
            }
        }
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
