//! Reads a ledger back, and finds what was changed, removed, inserted, reordered or repeated.
//!
//! Limits: lines cut off at the end, and a ledger rewritten as a whole, show only against a remembered
//! [`Head`]; the clock of the writer is taken as it is.

use std::fmt;

use bodkin_text::{ContentHash, Line1};
use serde_json::Value;

use super::{FORMAT, Head, Kind, Line};

/// What a ledger was found to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The workspace that its first line names.
    pub workspace: Option<String>,
    /// How many lines could be read, broken or not.
    pub entries: u64,
    /// The last line that could be read.
    pub head: Option<Head>,
    /// Every place where it is not what was written, in order.
    pub breaks: Vec<Break>,
    /// How it ends.
    pub tail: Tail,
}

impl Report {
    /// Whether every line stands as it was written, and the last one is whole.
    pub fn is_intact(&self) -> bool {
        self.breaks.is_empty() && self.tail == Tail::Whole
    }

    /// From where lines may be added once the tail is repaired; `None` when there is a break or no line.
    pub fn resume(&self) -> Option<Head> {
        self.head.filter(|_| self.breaks.is_empty())
    }
}

/// How a ledger ends. Anything but a break in the middle comes from a crash, and can be repaired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tail {
    /// With a whole line.
    Whole,
    /// With a whole line that lacks its line end: write one.
    Unended,
    /// With a piece of a line, whose act was never permitted: cut the file to so many bytes.
    Torn {
        /// Length of the whole lines before it, bytes.
        keep_bytes: u64,
    },
}

/// A place where the ledger is not what was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Break {
    /// The line.
    pub line: Line1,
    /// What is wrong with it.
    pub what: What,
}

/// What is wrong at a place of a ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// It is no line of a ledger.
    Unreadable,
    /// It is not the text that its hash was made of.
    Changed,
    /// It does not carry the hash of the line before: that one, or this one, was put in later.
    Unchained,
    /// The lines at these places are not there.
    Missing {
        /// First place.
        from: u64,
        /// Last place.
        to: u64,
    },
    /// The line before stands here a second time.
    Repeated,
    /// It belongs before a line that stands before it.
    OutOfOrder {
        /// Its place.
        seq: u64,
    },
    /// The first line does not open a ledger.
    NoFirstLine,
    /// It opens a ledger of a format that this version does not know.
    UnknownFormat(u64),
    /// It is not the line that was remembered for this place: the ledger was rewritten.
    NotAsRemembered,
    /// The ledger ends before the line that was remembered.
    CutOff {
        /// Place of the remembered line.
        remembered: u64,
    },
}

impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: ", self.line)?;
        match &self.what {
            What::Unreadable => f.write_str("it is no line of a ledger"),
            What::Changed => f.write_str("it was changed after it was written"),
            What::Unchained => {
                f.write_str("it does not follow the line before; one of the two was put in later")
            }
            What::Missing { from, to } if from == to => write!(f, "entry {from} before it is missing"),
            What::Missing { from, to } => write!(f, "entries {from} to {to} before it are missing"),
            What::Repeated => f.write_str("the entry before it stands here a second time"),
            What::OutOfOrder { seq } => write!(f, "entry {seq} stands after a later one"),
            What::NoFirstLine => f.write_str("the ledger does not begin with its first entry"),
            What::UnknownFormat(format) => {
                write!(f, "the ledger has format {format}, this version of bodkin knows {FORMAT}")
            }
            What::NotAsRemembered => {
                f.write_str("the ledger was rewritten: another entry is remembered here")
            }
            What::CutOff { remembered } => {
                write!(f, "the ledger ends here, but entry {remembered} is remembered to have been its last")
            }
        }
    }
}

/// Verifies the bytes of a ledger's file. `remembered` is a head that was kept elsewhere.
pub fn verify_bytes(bytes: &[u8], remembered: Option<Head>) -> Report {
    let (whole, rest) = match bytes.iter().rposition(|byte| *byte == b'\n') {
        Some(at) => bytes.split_at(at.saturating_add(1)),
        None => (&[][..], bytes),
    };
    let mut reader = Reader::new(remembered);
    for line in whole.split_inclusive(|byte| *byte == b'\n') {
        reader.take(line.strip_suffix(b"\n").unwrap_or(line));
    }
    if rest.is_empty() {
        reader.end(Tail::Whole)
    } else if Line::parse(rest).is_some() {
        reader.take(rest);
        reader.end(Tail::Unended)
    } else {
        let keep_bytes = u64::try_from(whole.len()).unwrap_or(u64::MAX);
        reader.end(Tail::Torn { keep_bytes })
    }
}

/// Verifies lines, each with or without its line end. See [`verify_against`].
pub fn verify<'t>(lines: impl IntoIterator<Item = &'t str>) -> Report {
    verify_against(lines, None)
}

/// Verifies lines, each with or without its line end, against a head that was kept elsewhere.
/// A last line that can not be read and has no line end is taken for torn.
pub fn verify_against<'t>(lines: impl IntoIterator<Item = &'t str>, remembered: Option<Head>) -> Report {
    let mut reader = Reader::new(remembered);
    let mut keep_bytes = 0_u64;
    let mut lines = lines.into_iter().peekable();
    while let Some(line) = lines.next() {
        let text = line.strip_suffix('\n').unwrap_or(line);
        let is_last = lines.peek().is_none();
        if is_last && text == line && serde_json::from_str::<Line>(text).is_err() {
            return reader.end(Tail::Torn { keep_bytes });
        }
        reader.take(text.as_bytes());
        let bytes = u64::try_from(text.len()).unwrap_or(u64::MAX);
        keep_bytes = keep_bytes.saturating_add(bytes).saturating_add(1);
    }
    reader.end(Tail::Whole)
}

/// Reads line after line, and knows what has to come next.
struct Reader {
    report: Report,
    remembered: Option<Head>,
    at: u32,
    next_seq: u64,
    /// The hashes that the next line may carry; none: the line before could not be read.
    prev: Vec<ContentHash>,
}

impl Reader {
    fn new(remembered: Option<Head>) -> Self {
        let report =
            Report { workspace: None, entries: 0, head: None, breaks: Vec::new(), tail: Tail::Whole };
        Self { report, remembered, at: 0, next_seq: 0, prev: vec![ContentHash::of("")] }
    }

    fn take(&mut self, text: &[u8]) {
        self.at = self.at.saturating_add(1);
        // What can still be understood is used to go on from, though it was changed.
        let Ok(line) = serde_json::from_slice::<Line>(text) else {
            self.breaks(What::Unreadable);
            self.next_seq = self.next_seq.saturating_add(1);
            self.prev.clear();
            return;
        };
        self.report.entries = self.report.entries.saturating_add(1);
        let seal = line.seal();
        if seal != line.hash || line.render().as_bytes() != text {
            self.breaks(What::Changed);
            self.next_seq = self.next_seq.saturating_add(1);
        } else if let Some(what) = self.misplaced(&line) {
            self.breaks(what);
            if line.seq < self.next_seq {
                return;
            }
            self.next_seq = line.seq.saturating_add(1);
        } else {
            self.next_seq = line.seq.saturating_add(1);
        }
        self.note(&line);
        // A change of the text leaves the stated hash right, a change of the hash the computed one.
        self.prev = vec![line.hash, seal];
        self.report.head = Some(line.head());
    }

    fn misplaced(&self, line: &Line) -> Option<What> {
        if self.at == 1 && (line.kind != Kind::Genesis || line.seq != 0) {
            return Some(What::NoFirstLine);
        }
        if line.seq > self.next_seq {
            return Some(What::Missing { from: self.next_seq, to: line.seq.saturating_sub(1) });
        }
        if self.report.head == Some(line.head()) {
            return Some(What::Repeated);
        }
        if line.seq < self.next_seq {
            return Some(What::OutOfOrder { seq: line.seq });
        }
        if !self.prev.is_empty() && !self.prev.contains(&line.prev) {
            return Some(What::Unchained);
        }
        let rewritten = self.remembered.is_some_and(|it| it.seq == line.seq && it.hash != line.hash);
        rewritten.then_some(What::NotAsRemembered)
    }

    fn note(&mut self, line: &Line) {
        if line.kind != Kind::Genesis {
            return;
        }
        self.report.workspace = line.body.get("workspace").and_then(Value::as_str).map(str::to_owned);
        match line.body.get("format").and_then(Value::as_u64) {
            Some(FORMAT) => {}
            format => self.breaks(What::UnknownFormat(format.unwrap_or(0))),
        }
    }

    fn breaks(&mut self, what: What) {
        self.report.breaks.push(Break { line: Line1(self.at), what });
    }

    fn end(mut self, tail: Tail) -> Report {
        let last = self.report.head.map(|it| it.seq);
        if let Some(it) = self.remembered.filter(|it| last.is_none_or(|last| last < it.seq)) {
            self.at = self.at.max(1);
            self.breaks(What::CutOff { remembered: it.seq });
        }
        self.report.tail = tail;
        self.report
    }
}
