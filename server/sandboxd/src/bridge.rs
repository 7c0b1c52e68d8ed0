//! Between the blocking sandbox and the asynchronous wire: calls on a thread, and pipes with backpressure.
//!
//! Every pipe is bounded, so a slow side holds up the other and nothing is gathered in memory.

use std::io::{self, Read, Write};

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use tokio::sync::mpsc;

use crate::failure::Failure;

/// Pieces that wait in a pipe at most.
const PIECES: usize = 16;
/// Size of a piece, bytes.
const PIECE: usize = 64 * 1024;

/// Does blocking work on a thread of its own.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => Err(Failure::internal(format!("the work was cut off: {error}"))),
    }
}

/// A body that gives what comes through the channel, and breaks off where an error comes.
pub(crate) fn body(from: mpsc::Receiver<io::Result<Bytes>>) -> Body {
    Body::from_stream(stream::unfold(from, async |mut from| from.recv().await.map(|piece| (piece, from))))
}

/// The channel behind [`body`].
pub(crate) fn pieces() -> (mpsc::Sender<io::Result<Bytes>>, mpsc::Receiver<io::Result<Bytes>>) {
    mpsc::channel(PIECES)
}

/// What a thread writes and a body gives.
pub(crate) struct PieceWriter {
    to: mpsc::Sender<io::Result<Bytes>>,
    /// Bytes still to be dropped from the front.
    skip: u64,
    /// Bytes still to be given.
    left: u64,
}

impl PieceWriter {
    /// Gives `left` bytes from the offset `skip`.
    pub(crate) fn new(to: mpsc::Sender<io::Result<Bytes>>, skip: u64, left: u64) -> Self {
        Self { to, skip, left }
    }

    /// Whether all that was wanted is given, so that a refused write is no error.
    pub(crate) fn is_done(&self) -> bool {
        self.left == 0
    }
}

impl Write for PieceWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let skip = usize::try_from(self.skip).unwrap_or(usize::MAX).min(bytes.len());
        self.skip -= skip as u64;
        let rest = bytes.get(skip..).unwrap_or_default();
        if self.left == 0 && !bytes.is_empty() {
            return Err(io::ErrorKind::WriteZero.into());
        }
        let take = usize::try_from(self.left).unwrap_or(usize::MAX).min(rest.len());
        for piece in rest.get(..take).unwrap_or_default().chunks(PIECE) {
            self.to
                .blocking_send(Ok(Bytes::copy_from_slice(piece)))
                .map_err(|_| io::ErrorKind::BrokenPipe)?;
        }
        self.left -= take as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What the wire sends, `None` being its proper end, and a thread reads. A sender that vanishes without the end is
/// an error, so that half an upload never becomes a file.
pub(crate) struct PieceReader {
    from: mpsc::Receiver<Option<Bytes>>,
    held: Bytes,
    ended: bool,
}

/// A pipe from the wire to a thread.
pub(crate) fn upload() -> (mpsc::Sender<Option<Bytes>>, PieceReader) {
    let (to, from) = mpsc::channel(PIECES);
    (to, PieceReader { from, held: Bytes::new(), ended: false })
}

impl Read for PieceReader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.held.is_empty() && !self.ended {
            match self.from.blocking_recv() {
                Some(Some(piece)) => self.held = piece,
                Some(None) => self.ended = true,
                None => return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the upload was cut off")),
            }
        }
        let count = self.held.len().min(into.len());
        for (to, from) in into.iter_mut().zip(self.held.split_to(count)) {
            *to = from;
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upload_that_is_cut_off_is_an_error_and_no_end() {
        let (to, mut from) = upload();
        to.blocking_send(Some(Bytes::from_static(b"half"))).unwrap();
        drop(to);
        let mut read = Vec::new();
        let error = from.read_to_end(&mut read).unwrap_err();
        assert_eq!((read.as_slice(), error.kind()), (&b"half"[..], io::ErrorKind::UnexpectedEof));
    }

    #[test]
    fn a_range_is_cut_out_of_what_is_written() {
        let (to, mut from) = pieces();
        let mut writer = PieceWriter::new(to, 2, 3);
        writer.write_all(b"abcd").unwrap();
        writer.write_all(b"efgh").unwrap();
        assert!(writer.write_all(b"i").is_err() && writer.is_done());
        drop(writer);
        let mut read = Vec::new();
        while let Some(piece) = from.blocking_recv() {
            read.extend_from_slice(&piece.unwrap());
        }
        assert_eq!(read, b"cde");
    }
}
