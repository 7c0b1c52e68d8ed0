//! Deciding about an offer hunk by hunk.
//!
//! A part that is not the whole is proved by its run before it is put in place, unless the user wants it all the
//! same. Only what is accepted is ever asked of the engine, so that nothing rejected can come back as an edit.

use bodkin_host::review::Unproved;
use bodkin_host::{Offer, Part};
use bodkin_protocol::review::{
    Choice, DecideArguments, HunkState, Review as Told, ReviewState, ReviewedFile, ReviewedHunk,
};
use bodkin_text::{HunkId, RelPath};
use tower_lsp::jsonrpc::Error;

use crate::failures::{bad_request, stale};
use crate::folders::RunKey;
use crate::server::Server;
use crate::{apply, offers, runs, wire};

/// The decision about one offer.
#[derive(Debug, Clone)]
pub(crate) struct Review {
    state: ReviewState,
    hunks: Vec<Hunk>,
    /// What the whole lacks for a proof.
    of_whole: Vec<String>,
    /// What the accepted part lacks.
    missing: Vec<String>,
    /// Whether it is wanted without a proof.
    anyway: bool,
    /// The last part that was proved, or is being proved: then without a word of what it lacks.
    part: Option<(Vec<HunkId>, Option<Vec<String>>)>,
}

#[derive(Debug, Clone)]
struct Hunk {
    path: RelPath,
    id: HunkId,
    state: HunkState,
}

/// What is to be put in place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Accepted {
    /// The whole offer.
    Whole,
    /// These hunks of it.
    Part(Vec<HunkId>, Unproved),
}

/// What follows from the decisions so far.
enum Next {
    Wait,
    Decline,
    Whole,
    Part(Vec<HunkId>),
}

impl Review {
    /// Nothing is decided yet.
    pub(crate) fn of(offer: &Offer) -> Self {
        let all = offer.patch.hunks(|path| offer.before(path)).unwrap_or_default();
        let hunk =
            |it: bodkin_text::PatchHunk| Hunk { path: it.path, id: it.hunk.id, state: HunkState::Undecided };
        Self {
            state: ReviewState::Open,
            hunks: all.into_iter().map(hunk).collect(),
            of_whole: offer.proof.missing.clone(),
            missing: offer.proof.missing.clone(),
            anyway: false,
            part: None,
        }
    }

    /// All of it is wanted, as it is.
    pub(crate) fn take_all(&mut self) {
        self.hunks.iter_mut().for_each(|it| it.state = HunkState::Accepted);
        self.anyway = true;
        self.state = ReviewState::Applying;
    }

    /// How far it is.
    pub(crate) fn set_state(&mut self, state: ReviewState) {
        self.state = state;
    }

    /// How far it is.
    pub(crate) fn state(&self) -> ReviewState {
        self.state
    }

    /// Whether it is the user's turn.
    pub(crate) fn waits(&self) -> bool {
        match self.state {
            ReviewState::Open | ReviewState::Unproved | ReviewState::Withheld => true,
            ReviewState::Proving | ReviewState::Applying | ReviewState::Applied | ReviewState::Declined => {
                false
            }
        }
    }

    /// What is to be put in place.
    pub(crate) fn accepted(&self) -> Accepted {
        let wanted = self.with(HunkState::Accepted);
        let unproved = if self.anyway { Unproved::Wanted } else { Unproved::Refused };
        if wanted.len() == self.hunks.len() { Accepted::Whole } else { Accepted::Part(wanted, unproved) }
    }

    /// The hunks that are not rejected.
    pub(crate) fn kept(&self) -> Vec<HunkId> {
        self.hunks.iter().filter(|it| it.state != HunkState::Rejected).map(|it| it.id.clone()).collect()
    }

    fn with(&self, state: HunkState) -> Vec<HunkId> {
        self.hunks.iter().filter(|it| it.state == state).map(|it| it.id.clone()).collect()
    }

    /// Takes in a decision; nothing of it where it speaks of what is not there.
    fn take(&mut self, it: &DecideArguments) -> Result<(), Error> {
        let path = it.path.as_deref();
        let in_path = |hunk: &Hunk| path.is_none_or(|path| hunk.path.as_str() == path);
        if let Some(path) = path
            && !self.hunks.iter().any(in_path)
        {
            return Err(bad_request(format!("The offer does not change `{path}`."), "Name a file of it."));
        }
        let named: Option<Vec<HunkId>> =
            it.hunks.as_ref().map(|ids| ids.iter().map(|id| id.as_str().into()).collect());
        if let Some(unknown) =
            named.iter().flatten().find(|id| !self.hunks.iter().any(|it| it.id == **id && in_path(it)))
        {
            return Err(bad_request(
                format!("The offer has no hunk `{unknown}` there."),
                "Ask for the offer's hunks again.",
            ));
        }
        let state = match it.choice {
            Choice::Accept => HunkState::Accepted,
            Choice::Reject => HunkState::Rejected,
        };
        for hunk in self.hunks.iter_mut().filter(|it| in_path(it)) {
            let meant = match &named {
                Some(ids) => ids.contains(&hunk.id),
                None => hunk.state == HunkState::Undecided,
            };
            if meant {
                hunk.state = state;
            }
        }
        if it.finish {
            let left = self.hunks.iter_mut().filter(|it| it.state == HunkState::Undecided);
            left.for_each(|it| it.state = HunkState::Rejected);
        }
        self.anyway = it.anyway;
        Ok(())
    }

    fn next(&self, last: Choice) -> Next {
        let accepted = self.with(HunkState::Accepted);
        if self.hunks.is_empty() {
            return if last == Choice::Accept { Next::Whole } else { Next::Decline };
        }
        match (self.with(HunkState::Undecided).len(), accepted.len()) {
            (1.., _) => Next::Wait,
            (0, 0) => Next::Decline,
            (0, all) if all == self.hunks.len() => Next::Whole,
            (0, _) => Next::Part(accepted),
        }
    }

    /// As the client is told of it.
    pub(crate) fn told(&self, server: &Server, key: RunKey) -> Told {
        let mut files: Vec<ReviewedFile> = Vec::new();
        for hunk in &self.hunks {
            let it = ReviewedHunk { id: hunk.id.to_string(), state: hunk.state };
            match files.last_mut().filter(|file| file.path == hunk.path.as_str()) {
                Some(file) => file.hunks.push(it),
                None => files.push(ReviewedFile {
                    path: hunk.path.to_string(),
                    uri: apply::uri_of(server, key.folder, &hunk.path),
                    hunks: vec![it],
                }),
            }
        }
        Told { run_id: key.to_string(), state: self.state, missing: self.missing.clone(), files }
    }
}

/// Takes in a decision, and does what follows from it.
pub(crate) fn decide(server: &mut Server, key: RunKey, it: &DecideArguments) -> Result<Told, Error> {
    let none = || bad_request(format!("Run {key} offers nothing."), "Wait for its offer, or for its end.");
    let review = server.runs.review_mut(key).ok_or_else(none)?;
    match review.state {
        ReviewState::Open | ReviewState::Proving | ReviewState::Unproved | ReviewState::Withheld => {}
        ReviewState::Applying => {
            return Err(stale("The change is with the editor.", "Wait until it stands."));
        }
        ReviewState::Applied => return Err(stale("The change stands.", "`bodkin.undo` takes it back.")),
        ReviewState::Declined => return Err(stale("The change was turned down.", "Run it again.")),
    }
    review.take(it)?;
    match review.next(it.choice) {
        Next::Wait => review.set_state(ReviewState::Open),
        Next::Decline => {
            review.set_state(ReviewState::Declined);
            offers::decline(server, key);
        }
        Next::Whole => whole(server, key),
        Next::Part(hunks) => part(server, key, hunks),
    }
    tell(server, key);
    server.runs.review(key).map(|review| review.told(server, key)).ok_or_else(none)
}

/// Turns an offer down, whatever was decided of its hunks.
pub(crate) fn decline(server: &mut Server, key: RunKey) -> Result<(), Error> {
    if let Some(review) = server.runs.review_mut(key) {
        review.hunks.iter_mut().for_each(|it| it.state = HunkState::Undecided);
    }
    let (run_id, choice) = (key.to_string(), Choice::Reject);
    decide(
        server,
        key,
        &DecideArguments { run_id, choice, path: None, hunks: None, finish: true, anyway: false },
    )
    .map(drop)
}

fn whole(server: &mut Server, key: RunKey) {
    let Some(review) = server.runs.review_mut(key) else { return };
    review.missing = review.of_whole.clone();
    if review.missing.is_empty() || review.anyway {
        review.set_state(ReviewState::Applying);
        apply::accept(server, key);
    } else {
        review.set_state(ReviewState::Unproved);
    }
}

/// A part is put in place when it is proved, or wanted all the same; else it is proved first.
fn part(server: &mut Server, key: RunKey, hunks: Vec<HunkId>) {
    let engine = server.folders.engine(key.folder);
    let Some(review) = server.runs.review_mut(key) else { return };
    let known = review.part.as_ref().filter(|it| it.0 == hunks).map(|it| it.1.clone());
    match known {
        _ if review.anyway => {
            review.set_state(ReviewState::Applying);
            apply::accept(server, key);
        }
        Some(Some(missing)) if missing.is_empty() => {
            review.missing = missing;
            review.set_state(ReviewState::Applying);
            apply::accept(server, key);
        }
        Some(Some(missing)) => {
            review.missing = missing;
            review.set_state(ReviewState::Unproved);
        }
        Some(None) => review.set_state(ReviewState::Proving),
        None if engine.is_some_and(|it| it.prove_part(key.run, hunks.clone())) => {
            review.missing = Vec::new();
            review.part = Some((hunks, None));
            review.set_state(ReviewState::Proving);
        }
        None => {
            review.missing =
                vec!["the run has ended, so that a part of its change can not be proved any more".to_owned()];
            review.set_state(ReviewState::Unproved);
        }
    }
}

/// Takes in what the proof of a part came to; one that is not waited for any more is only remembered.
pub(crate) fn part_proved(server: &mut Server, key: RunKey, part: &Part) {
    let Some(review) = server.runs.review_mut(key) else { return };
    let Some(asked) = review.part.as_mut().filter(|it| it.0 == part.hunks) else { return };
    asked.1 = Some(part.offer.proof.missing.clone());
    if review.state != ReviewState::Proving || review.with(HunkState::Accepted) != part.hunks {
        return;
    }
    self::part(server, key, part.hunks.clone());
    tell(server, key);
}

/// What became of putting it in place.
pub(crate) fn becomes(server: &mut Server, key: RunKey, state: ReviewState) {
    if let Some(review) = server.runs.review_mut(key) {
        review.set_state(state);
        tell(server, key);
    }
}

/// Tells the decision to a client that follows events.
pub(crate) fn tell(server: &mut Server, key: RunKey) {
    server.status.touch();
    runs::tell(server, key, |server| {
        let review = server.runs.review(key)?;
        Some(wire::reviewed(review.told(server, key)))
    });
}
