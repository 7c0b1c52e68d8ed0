//! The launcher's end of the line to a session's first process: one question at a time, each answered.

use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::words::{self, Answer, Ask, Letter, Row};
use crate::SandboxError;

/// How long an answer may take. A first process that does not answer is starved or stopped by its own machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A line; shared by whoever asks.
#[derive(Debug)]
pub(super) struct Line(Mutex<State>);

#[derive(Debug)]
struct State {
    socket: UnixStream,
    asked: u64,
    is_broken: bool,
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Failure {
    /// The first process refused, as the system did.
    Refused(io::Error),
    /// There is no first process any more.
    Gone,
}

impl Line {
    pub(super) fn new(socket: UnixStream) -> io::Result<Self> {
        socket.set_read_timeout(Some(PATIENCE))?;
        socket.set_write_timeout(Some(PATIENCE))?;
        Ok(Self(Mutex::new(State { socket, asked: 0, is_broken: false })))
    }

    /// Whether nobody answers any more, as far as is known; while somebody asks, it is not.
    pub(super) fn is_broken(&self) -> bool {
        self.0.try_lock().is_ok_and(|state| state.is_broken)
    }

    /// Asks for one thing; gives the answer and the descriptors that came with it.
    pub(super) fn ask(
        &self,
        ask: Ask,
        descriptors: &[BorrowedFd<'_>],
    ) -> Result<(Answer, Vec<OwnedFd>), Failure> {
        let mut last = None;
        self.ask_for_many(ask, descriptors, &mut |answer, descriptors| last = Some((answer, descriptors)))?;
        last.ok_or(Failure::Gone)
    }

    /// Asks for rows, which come in several letters.
    pub(super) fn ask_for_rows(&self, ask: Ask) -> Result<Vec<Row>, Failure> {
        let mut all = Vec::new();
        self.ask_for_many(ask, &[], &mut |answer, _| {
            if let Answer::Rows(rows) = answer {
                all.extend(rows);
            }
        })?;
        Ok(all)
    }

    fn ask_for_many(
        &self,
        ask: Ask,
        descriptors: &[BorrowedFd<'_>],
        take: &mut dyn FnMut(Answer, Vec<OwnedFd>),
    ) -> Result<(), Failure> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.is_broken {
            return Err(Failure::Gone);
        }
        let talked = state.talk(ask, descriptors, take);
        // Half an answer can not be told from the next.
        state.is_broken = matches!(talked, Err(Failure::Gone));
        talked
    }
}

impl State {
    fn talk(
        &mut self,
        ask: Ask,
        descriptors: &[BorrowedFd<'_>],
        take: &mut dyn FnMut(Answer, Vec<OwnedFd>),
    ) -> Result<(), Failure> {
        self.asked += 1;
        let number = self.asked;
        let letter = Letter { number, more: false, what: ask };
        words::send(&self.socket, &letter, descriptors).map_err(|_| Failure::Gone)?;
        loop {
            let received = words::receive::<Answer>(&self.socket).map_err(|_| Failure::Gone)?;
            if received.letter.number != number {
                return Err(Failure::Gone);
            }
            if let Answer::Failed(errno) = received.letter.what {
                return Err(Failure::Refused(io::Error::from_raw_os_error(errno)));
            }
            take(received.letter.what, received.descriptors);
            if !received.letter.more {
                return Ok(());
            }
        }
    }
}

impl Failure {
    /// The same for whoever called, who was doing `what` in the session `id`.
    pub(super) fn during(self, id: &str, what: impl Into<String>) -> SandboxError {
        match self {
            Self::Refused(error) => SandboxError::io(what)(error),
            Self::Gone => gone(id),
        }
    }
}

/// What is answered for a session that is no more.
pub(super) fn gone(id: &str) -> SandboxError {
    SandboxError::Unavailable {
        why: format!("the sandbox {id} was not found"),
        next_step: "make a new one".to_owned(),
    }
}
