//! Scenes for the repair engine: a text with its faulty line marked by `<|>`.

use std::sync::Arc;

use bodkin_repair::{Candidate, Certainty, Options, Place, Search, Symptom};
use bodkin_text::{Line0, RelPath};
use bodkin_workspace::{Snapshot, Workspace};

pub(crate) const MARK: &str = "<|>";

/// A file and the place in it.
pub(crate) struct Scene {
    pub(crate) path: RelPath,
    pub(crate) text: String,
    pub(crate) line: Line0,
}

impl Scene {
    /// Takes the mark out of the text; without one the place is the first line.
    pub(crate) fn new(path: &str, marked: &str) -> Self {
        let before = marked.split(MARK).next().unwrap();
        let line = Line0(u32::try_from(before.matches('\n').count()).unwrap());
        let line = if marked.contains(MARK) { line } else { Line0(0) };
        Self { path: RelPath::new(path).unwrap(), text: marked.replace(MARK, ""), line }
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        let mut workspace = Workspace::new();
        workspace.set_disk(self.path.clone(), Arc::from(self.text.as_str()));
        workspace.snapshot()
    }

    pub(crate) fn place(&self) -> Place {
        Place { file: self.path.clone(), lines: (self.line, self.line), certainty: Certainty::Selected }
    }

    pub(crate) fn search(&self, symptoms: &[Symptom], options: Options) -> Search {
        Search::new(&self.snapshot(), &[self.place()], symptoms, options).unwrap()
    }

    /// All candidates.
    pub(crate) fn candidates(&self) -> Vec<Candidate> {
        self.search(&[], Options::default()).next_batch(usize::MAX)
    }

    /// The text with a candidate applied.
    pub(crate) fn with(&self, candidate: &Candidate) -> String {
        candidate.edits.edits.apply(&self.text).unwrap()
    }

    /// The lines that a candidate makes or changes, on one line.
    pub(crate) fn changed(&self, candidate: &Candidate) -> String {
        let new = self.with(candidate);
        let (old, new): (Vec<&str>, Vec<&str>) = (self.text.lines().collect(), new.lines().collect());
        let front = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
        let back =
            old[front..].iter().rev().zip(new[front..].iter().rev()).take_while(|(a, b)| a == b).count();
        let lines: Vec<&str> = new[front..new.len() - back].iter().map(|it| it.trim()).collect();
        if lines.is_empty() { "(deleted)".to_owned() } else { lines.join(" / ") }
    }
}

/// A failure.
pub(crate) fn symptom(kind: &str, message: &str) -> Symptom {
    Symptom { kind: kind.to_owned(), message: message.to_owned(), expected_actual: None, frames: Vec::new() }
}
