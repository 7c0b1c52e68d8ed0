//! What was given and is not there any more.

use std::ffi::{CStr, OsStr};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use rustix::fs::{AtFlags, FileType, statat};
use rustix::io::Errno;

use super::How;
use super::walk::{DEPTH, Level, Walk, folder_below, names, open_given};
use crate::init::copy::is_heavy;
use crate::local::pieces::PieceWhat;

impl Walk<'_> {
    /// Something that was given was removed; or only had been laid out of sight from the beginning.
    pub(super) fn whiteout(&mut self, level: &Level, name: &CStr, path: PathBuf) -> io::Result<()> {
        match self.delta.laid(&path) {
            Some(None) => Ok(()),
            Some(Some(_)) => {
                self.met.insert(path.clone());
                self.tell(path, PieceWhat::Gone)
            }
            None => level.given.as_ref().map_or(Ok(()), |given| self.gone(given, name, path)),
        }
    }

    /// What was given and is not there any more, where nothing shows through.
    pub(super) fn missing(&mut self, level: &Level) -> io::Result<()> {
        let Some(given) = level.given.as_ref().filter(|_| !level.shows) else { return Ok(()) };
        for name in names(given).unwrap_or_default() {
            let is_there =
                !matches!(statat(&level.written, &*name, AtFlags::SYMLINK_NOFOLLOW), Err(Errno::NOENT));
            let path = level.path.join(OsStr::from_bytes(name.to_bytes()));
            if !is_there && self.was_given(given, &name) && self.delta.laid(&path).is_none() {
                self.gone(given, &name, path)?;
            }
        }
        Ok(())
    }

    /// Whether it was brought inside at all: a copy leaves out what is heavy and what can not be copied.
    fn was_given(&self, given: &OwnedFd, name: &CStr) -> bool {
        if matches!(self.delta.how, How::Layer) {
            return true;
        }
        let Ok(about) = statat(given, name, AtFlags::SYMLINK_NOFOLLOW) else { return false };
        match FileType::from_raw_mode(about.st_mode) {
            FileType::Directory => !is_heavy(OsStr::from_bytes(name.to_bytes())),
            FileType::RegularFile => open_given(given, name).is_some(),
            FileType::Symlink => true,
            FileType::Fifo
            | FileType::Socket
            | FileType::CharacterDevice
            | FileType::BlockDevice
            | FileType::Unknown => false,
        }
    }

    /// Tells that what was given at a name is gone, with all below.
    fn gone(&mut self, given: &OwnedFd, name: &CStr, path: PathBuf) -> io::Result<()> {
        let mut folders = vec![(path.clone(), folder_below(given, name))];
        let exists = statat(given, name, AtFlags::SYMLINK_NOFOLLOW).is_ok();
        if !exists {
            return Ok(());
        }
        self.tell(path, PieceWhat::Gone)?;
        while let Some((path, Some(folder))) = folders.pop() {
            for name in names(&folder).unwrap_or_default() {
                if folders.len() > DEPTH || self.pieces == 0 {
                    return self.leave_out("More was removed than can be told.");
                }
                let below = path.join(OsStr::from_bytes(name.to_bytes()));
                if self.delta.laid(&below) != Some(&None) {
                    self.tell(below.clone(), PieceWhat::Gone)?;
                }
                if let Some(folder) = folder_below(&folder, &name) {
                    folders.push((below, Some(folder)));
                }
            }
        }
        Ok(())
    }

    /// Texts that were laid over what was given and that nothing was met of.
    pub(super) fn laid_and_gone(&mut self) -> io::Result<()> {
        let delta = self.delta;
        let texts = delta.laid.iter().filter(|(_, hash)| hash.is_some());
        for (path, _) in texts {
            if !self.met.contains(path) {
                self.tell(path.clone(), PieceWhat::Gone)?;
            }
        }
        Ok(())
    }
}
