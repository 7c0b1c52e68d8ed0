//! Numbers, byte strings, hashes and paths, one after the other.

use bodkin_text::ContentHash;

use super::WireError;
use crate::manifest::Op;
use crate::path::FilePath;

/// Writes to the end of a byte string.
#[derive(Default)]
pub(crate) struct Writer(pub(crate) Vec<u8>);

impl Writer {
    pub(crate) fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    /// Seven bits a byte, the lowest first.
    pub(crate) fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push((number & 0x7f) as u8 | 0x80);
            number >>= 7;
        }
        self.0.push((number & 0x7f) as u8);
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    pub(crate) fn hash(&mut self, hash: &ContentHash) {
        self.0.extend_from_slice(hash.as_bytes());
    }

    pub(crate) fn path(&mut self, path: &FilePath) {
        self.bytes(path.as_bytes());
    }

    pub(crate) fn op(&mut self, op: &Op) {
        match op {
            Op::Put { path, exec, size, hash } => {
                self.byte(if *exec { 1 } else { 0 });
                self.path(path);
                self.number(*size);
                self.hash(hash);
            }
            Op::Link { path, target } => {
                self.byte(2);
                self.path(path);
                self.bytes(target);
            }
            Op::Folder { path } => {
                self.byte(3);
                self.path(path);
            }
            Op::Remove { path } => {
                self.byte(4);
                self.path(path);
            }
            Op::Move { from, to } => {
                self.byte(5);
                self.path(from);
                self.path(to);
            }
            Op::Mode { path, exec } => {
                self.byte(if *exec { 7 } else { 6 });
                self.path(path);
            }
        }
    }

    pub(crate) fn ops(&mut self, ops: &[Op]) {
        self.number(ops.len() as u64);
        for op in ops {
            self.op(op);
        }
    }
}

/// Reads from the beginning of a byte string.
pub(crate) struct Reader<'b>(pub(crate) &'b [u8]);

impl<'b> Reader<'b> {
    pub(crate) fn byte(&mut self) -> Result<u8, WireError> {
        let (first, rest) = self.0.split_first().ok_or(SHORT)?;
        self.0 = rest;
        Ok(*first)
    }

    pub(crate) fn number(&mut self) -> Result<u64, WireError> {
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                break;
            }
            number |= bits << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(WireError::Malformed("a number without an end"))
    }

    pub(crate) fn take(&mut self, len: usize) -> Result<&'b [u8], WireError> {
        let (taken, rest) = self.0.split_at_checked(len).ok_or(SHORT)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(crate) fn bytes(&mut self) -> Result<&'b [u8], WireError> {
        let len = self.number()?;
        self.take(usize::try_from(len).map_err(|_| SHORT)?)
    }

    pub(crate) fn hash(&mut self) -> Result<ContentHash, WireError> {
        let bytes = self.take(32)?;
        <[u8; 32]>::try_from(bytes).map(ContentHash::from_bytes).map_err(|_| SHORT)
    }

    pub(crate) fn path(&mut self) -> Result<FilePath, WireError> {
        FilePath::new(self.bytes()?).map_err(|_| WireError::Malformed("a path that leads out"))
    }

    pub(crate) fn text(&mut self) -> Result<String, WireError> {
        Ok(String::from_utf8_lossy(self.bytes()?).into_owned())
    }

    /// A count of things that take at least `least` bytes each, so that no count is believed beyond what came.
    pub(crate) fn count(&mut self, least: usize) -> Result<usize, WireError> {
        let count = usize::try_from(self.number()?).map_err(|_| SHORT)?;
        if count > self.0.len() / least.max(1) {
            return Err(WireError::Malformed("a count beyond what follows"));
        }
        Ok(count)
    }

    pub(crate) fn op(&mut self) -> Result<Op, WireError> {
        let kind = self.byte()?;
        let path = self.path()?;
        Ok(match kind {
            0 | 1 => Op::Put { path, exec: kind == 1, size: self.number()?, hash: self.hash()? },
            2 => Op::Link { path, target: self.link()? },
            3 => Op::Folder { path },
            4 => Op::Remove { path },
            5 => Op::Move { from: path, to: self.path()? },
            6 | 7 => Op::Mode { path, exec: kind == 7 },
            _ => return Err(WireError::Malformed("an unknown operation")),
        })
    }

    pub(crate) fn ops(&mut self) -> Result<Vec<Op>, WireError> {
        let count = self.count(3)?;
        (0..count).map(|_| self.op()).collect()
    }

    /// The target of a link, as the system would take one.
    pub(crate) fn link(&mut self) -> Result<Box<[u8]>, WireError> {
        let target = self.bytes()?;
        if target.is_empty() || target.len() >= crate::path::MAX_PATH || target.contains(&0) {
            return Err(WireError::Malformed("a link to nowhere"));
        }
        Ok(target.into())
    }

    pub(crate) fn end(&self) -> Result<(), WireError> {
        if self.0.is_empty() { Ok(()) } else { Err(WireError::Malformed("more than was said")) }
    }
}

const SHORT: WireError = WireError::Malformed("cut off");
