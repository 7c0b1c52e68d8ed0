//! The side that has the files: what to send next, given what the other side said last.
//!
//! Knows no network: [`Sending::next_frame`] gives the bytes of a frame, whoever has a connection posts them, and
//! [`Sending::answer`] takes what came back. A small change is one frame. What is large is told first and sent when it
//! is lacked, in bounded frames, and goes on where it was cut.
//! invariant: only-deltas-cross

mod feed;

use std::collections::VecDeque;
use std::io;
use std::time::Instant;

use bodkin_text::ContentHash;
use thiserror::Error;

use crate::chunks::ChunkIndex;
use crate::manifest::{Counts, Manifest};
use crate::path::FilePath;
use crate::state::State;
use crate::wire::{Answer, Frame, Lacking, Step as Change, WireError};
use feed::{Feed, Wanted};

/// Contents of up to so many bytes go along with the first frame; more are told first, as they may be there.
const EAGER: u64 = 1 << 20;

/// Frames on the way at once, at most.
const ON_THE_WAY: usize = 2;

/// How often the other side may ask again before it is not believed any more.
const ROUNDS: u32 = 8;

/// How many states the other side confirmed are remembered: it may have lost the last ones.
const RECENT: usize = 8;

/// What one replica is known to be. Keep one for each.
#[derive(Default)]
pub struct Sender {
    acknowledged: VecDeque<Manifest>,
}

/// Why a state was not sent.
#[derive(Debug, Error)]
pub enum SendError {
    /// A file is not what it was when it was looked at: look again, then send again.
    #[error("{0} changed while it was sent")]
    Changed(FilePath),
    /// A file can not be read.
    #[error("{path}: {source}")]
    Unreadable {
        /// Which.
        path: FilePath,
        /// What the system says.
        source: io::Error,
    },
    /// The other side has no room; it keeps what it had.
    #[error("the other side has no room: {0}")]
    Full(String),
    /// The other side does not take it; it keeps what it had.
    #[error("the other side refused: {0}")]
    Refused(String),
    /// What came back is no answer.
    #[error("the other side's answer: {0}")]
    Answer(#[from] WireError),
    /// The two sides do not come to the same state.
    #[error("the other side does not come to the state that it is told")]
    Disagree,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The root of the state that stands on the other side now.
    pub root: ContentHash,
    /// Frames that were sent.
    pub frames: u32,
    /// Their bytes.
    pub sent_bytes: u64,
    /// What differed from the state that the other side had.
    pub counts: Counts,
    /// Files and folders that the other side wrote or removed.
    pub changed: u64,
    /// The other side was not what it was thought to be: how many files were put right.
    pub healed: Option<u64>,
}

/// Whether there is more to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Ask [`Sending::next_frame`].
    More,
    /// The state stands on the other side.
    Done(Report),
}

impl Sender {
    /// For a replica of which nothing is known.
    pub fn new() -> Self {
        Self::default()
    }

    /// The last state that the other side confirmed.
    pub fn acknowledged(&self) -> Option<&Manifest> {
        self.acknowledged.back()
    }

    /// What would be sent now, without asking anybody.
    pub fn counts(&self, state: &State) -> Counts {
        let empty = Manifest::empty();
        Counts::of(&self.acknowledged().unwrap_or(&empty).ops_to(&state.manifest))
    }

    /// Takes it for granted that the other side is in this state: it was told so by another way.
    pub fn acknowledge(&mut self, state: Manifest) {
        let root = state.root();
        self.acknowledged.retain(|it| it.root() != root);
        self.acknowledged.push_back(state);
        if self.acknowledged.len() > RECENT {
            self.acknowledged.pop_front();
        }
    }

    /// Begins to send a state.
    pub fn send(&mut self, state: &State) -> Sending<'_> {
        let base = self.acknowledged().cloned();
        let stage = if base.is_some() { Stage::Tell } else { Stage::Ask };
        let report = Report {
            root: state.manifest.root(),
            frames: 0,
            sent_bytes: 0,
            counts: Counts::default(),
            changed: 0,
            healed: None,
        };
        let base = base.unwrap_or_default();
        Sending {
            sender: self,
            state: state.clone(),
            base,
            stage,
            rounds: 0,
            report,
            whole: false,
            heals: false,
            verify: false,
            posted: VecDeque::new(),
            answered: None,
        }
    }

    fn recent(&self, root: &ContentHash) -> Option<Manifest> {
        self.acknowledged.iter().rev().find(|it| it.root() == *root).cloned()
    }
}

/// A state on its way.
pub struct Sending<'s> {
    sender: &'s mut Sender,
    state: State,
    base: Manifest,
    stage: Stage,
    rounds: u32,
    report: Report,
    /// Contents are sent whole: what they were made of is not there.
    whole: bool,
    heals: bool,
    verify: bool,
    /// Frames on their way, in their order.
    posted: VecDeque<Posted>,
    /// When the last answer came.
    answered: Option<Instant>,
}

struct Posted {
    since: Instant,
    bytes: usize,
    /// Whether it carries contents alone.
    feeds: bool,
}

enum Stage {
    /// Does the other side know the state already?
    Ask,
    /// The steps from the base to the state.
    Tell,
    /// The contents that it lacks.
    Feed(Feed),
    /// It has everything now.
    Become,
    Done,
}

impl Sending<'_> {
    /// Has the other side look at every byte that it has before it takes anything.
    #[must_use]
    pub fn verified(mut self) -> Self {
        self.verify = true;
        self
    }

    /// The next frame to post.
    pub fn next_frame(&mut self) -> Result<Option<Vec<u8>>, SendError> {
        let bytes = match &mut self.stage {
            Stage::Ask | Stage::Become => self.ask()?,
            Stage::Tell => self.tell()?,
            Stage::Feed(feed) => match feed.next() {
                Some(frame) => frame?,
                None => {
                    self.stage = Stage::Become;
                    self.ask()?
                }
            },
            Stage::Done => return Ok(None),
        };
        self.report.frames += 1;
        self.report.sent_bytes += bytes.len() as u64;
        let feeds = matches!(self.stage, Stage::Feed(_));
        self.posted.push_back(Posted { since: now(), bytes: bytes.len(), feeds });
        Ok(Some(bytes))
    }

    /// Whether the next frame may be posted before the last is answered, where a connection keeps the order of both.
    pub fn may_go_on(&self) -> bool {
        matches!(self.stage, Stage::Feed(_)) && self.posted.len() < ON_THE_WAY
    }

    /// Takes the answer to the first of the frames that were posted and not answered.
    pub fn answer(&mut self, bytes: &[u8]) -> Result<Step, SendError> {
        let posted = self.posted.pop_front();
        let before = self.answered.replace(now());
        if let (Some(posted), Stage::Feed(feed)) = (&posted, &self.stage) {
            let since = before.map_or(posted.since, |it| it.max(posted.since));
            feed.took(posted.bytes, since.elapsed());
        }
        match Answer::decode(bytes)? {
            Answer::Kept if posted.is_some_and(|it| it.feeds) => Ok(Step::More),
            Answer::Applied { root, changed, drifted } if root == self.state.manifest.root() => {
                self.report.changed = changed;
                if self.heals || drifted > 0 {
                    self.report.healed = Some(changed.max(drifted));
                }
                self.stage = Stage::Done;
                self.sender.acknowledge(self.state.manifest.clone());
                Ok(Step::Done(self.report.clone()))
            }
            Answer::NeedState { have } => self.start_over(&have),
            Answer::NeedContents(lacking) => self.feed(&lacking),
            Answer::Full(why) => Err(SendError::Full(why)),
            Answer::Refused(why) => Err(SendError::Refused(why)),
            Answer::Kept | Answer::Applied { .. } => Err(SendError::Disagree),
        }
    }

    /// Whether the whole of it is one frame that carries everything: then a command can follow in the same request.
    /// (The other side may still answer that it needs more.)
    pub fn is_one_frame(&self) -> bool {
        matches!(self.stage, Stage::Tell)
    }

    fn ask(&self) -> Result<Vec<u8>, SendError> {
        let frame = Frame { verify: self.verify, ..Frame::become_state(self.state.manifest.root()) };
        Ok(frame.encode()?)
    }

    fn tell(&mut self) -> Result<Vec<u8>, SendError> {
        let ops = self.base.ops_to(&self.state.manifest);
        let counts = Counts::of(&ops);
        if self.report.counts == Counts::default() {
            self.report.counts = counts;
        }
        let wanted = Wanted::of(&ops, &self.state.manifest);
        let index = self.index(&wanted);
        let contents = if feed::weight(&wanted, &index) <= EAGER {
            feed::contents(&self.state, &wanted, &index)?
        } else {
            Vec::new()
        };
        let step = Change { base: self.base.root(), new: self.state.manifest.root(), ops };
        Ok(Frame { contents, state: Some(step), verify: self.verify }.encode()?)
    }

    fn index(&self, wanted: &[Wanted]) -> ChunkIndex {
        if self.whole || wanted.iter().all(|it| it.chunks.is_none()) {
            ChunkIndex::empty()
        } else {
            ChunkIndex::of(&self.base)
        }
    }

    /// The other side does not know the base: it begins at a state that it has, or at nothing.
    fn start_over(&mut self, have: &ContentHash) -> Result<Step, SendError> {
        self.round()?;
        let was_asked = matches!(self.stage, Stage::Ask);
        self.heals |= !was_asked;
        let known = self.sender.recent(have).filter(|it| was_asked || it.root() != self.base.root());
        if !was_asked && self.base == Manifest::empty() {
            return Err(SendError::Disagree);
        }
        self.base = known.unwrap_or_default();
        self.stage = Stage::Tell;
        Ok(Step::More)
    }

    fn feed(&mut self, lacking: &[Lacking]) -> Result<Step, SendError> {
        self.round()?;
        // Asked again for what was sent: what it was made of is not there.
        self.whole |= !matches!(self.stage, Stage::Ask) && self.rounds > 1;
        let wanted = Wanted::lacking(lacking, &self.state.manifest).ok_or(SendError::Disagree)?;
        let index = self.index(&wanted);
        self.stage = Stage::Feed(Feed::start(self.state.clone(), wanted, index));
        Ok(Step::More)
    }

    fn round(&mut self) -> Result<(), SendError> {
        self.rounds += 1;
        if self.rounds > ROUNDS { Err(SendError::Disagree) } else { Ok(()) }
    }
}

#[expect(clippy::disallowed_methods, reason = "how fast frames are taken decides how hard they are packed")]
fn now() -> Instant {
    Instant::now()
}

/// Why a state did not come to stand on the other side.
#[derive(Debug, Error)]
pub enum SyncError<E> {
    /// The frames.
    #[error(transparent)]
    Send(#[from] SendError),
    /// Whoever carries them.
    #[error("{0}")]
    Post(E),
}

/// Sends a state: `post` carries a frame there and gives the bytes of the answer, whatever the status was.
pub fn sync<E>(
    sender: &mut Sender,
    state: &State,
    mut post: impl FnMut(&[u8]) -> Result<Vec<u8>, E>,
) -> Result<Report, SyncError<E>> {
    let mut sending = sender.send(state);
    while let Some(frame) = sending.next_frame()? {
        let answer = post(&frame).map_err(SyncError::Post)?;
        if let Step::Done(report) = sending.answer(&answer)? {
            return Ok(report);
        }
    }
    Err(SendError::Disagree.into())
}
