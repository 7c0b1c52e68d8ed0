//! What differs between two manifests, and how the one becomes the other.

use std::collections::{BTreeSet, HashMap};

use bodkin_text::ContentHash;

use super::{Folder, Manifest, Node, Op};
use crate::entry::{Entry, Leaf};
use crate::path::{FilePath, join};

/// The topmost place where two manifests differ: one of the two is no folder there.
#[derive(Clone)]
pub struct Difference {
    /// Where.
    pub path: FilePath,
    /// What stood there.
    pub before: Option<Node>,
    /// What stands there.
    pub after: Option<Node>,
}

/// How many of each kind of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Files and links that are new or have another content.
    pub written: u64,
    /// Files, links and whole folders that are gone.
    pub removed: u64,
    /// Files and whole folders that stand elsewhere.
    pub moved: u64,
    /// Files that may be executed now, or no longer.
    pub modes: u64,
}

impl Counts {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.written + self.removed + self.moved + self.modes
    }

    /// Counts operations.
    pub fn of(ops: &[Op]) -> Self {
        let mut counts = Self::default();
        for op in ops {
            match op {
                Op::Put { .. } | Op::Link { .. } => counts.written += 1,
                Op::Folder { .. } => {}
                Op::Remove { .. } => counts.removed += 1,
                Op::Move { .. } => counts.moved += 1,
                Op::Mode { .. } => counts.modes += 1,
            }
        }
        counts
    }
}

impl Manifest {
    /// Where `after` differs from this one; costs what differs, not what there is.
    pub fn differences(&self, after: &Self) -> Vec<Difference> {
        let mut found = Vec::new();
        compare(None, &self.top, &after.top, &mut found);
        found
    }

    /// The operations that make `after` of this one, in an order in which each can be done.
    pub fn ops_to(&self, after: &Self) -> Vec<Op> {
        Plan::of(self.differences(after)).ops()
    }
}

fn compare(at: Option<&FilePath>, before: &Folder, after: &Folder, found: &mut Vec<Difference>) {
    let (mut left, mut right) = (before.nodes().iter().peekable(), after.nodes().iter().peekable());
    loop {
        let (name, old, new) = match (left.peek(), right.peek()) {
            (None, None) => return,
            (Some(_), None) => (left.next(), None),
            (None, Some(_)) => (None, right.next()),
            (Some((a, _)), Some((b, _))) => match a.cmp(b) {
                std::cmp::Ordering::Less => (left.next(), None),
                std::cmp::Ordering::Greater => (None, right.next()),
                std::cmp::Ordering::Equal => (left.next(), right.next()),
            },
        }
        .named();
        if let (Some(old), Some(new)) = (old, new)
            && old.is_same(new)
        {
            continue;
        }
        let Ok(path) = join(at, name) else { continue };
        match (old, new) {
            (Some(Node::Folder(old)), Some(Node::Folder(new))) => compare(Some(&path), old, new, found),
            (old, new) => found.push(Difference { path, before: old.cloned(), after: new.cloned() }),
        }
    }
}

type Item<'f> = Option<(&'f Box<[u8]>, &'f Node)>;

trait Named<'f> {
    /// The name that both have, and each one's node.
    fn named(self) -> (&'f [u8], Option<&'f Node>, Option<&'f Node>);
}

impl<'f> Named<'f> for (Item<'f>, Item<'f>) {
    fn named(self) -> (&'f [u8], Option<&'f Node>, Option<&'f Node>) {
        let name = self.0.or(self.1).map(|(name, _)| &**name).unwrap_or_default();
        (name, self.0.map(|(_, node)| node), self.1.map(|(_, node)| node))
    }
}

/// What content is known by when it moves: a whole folder, or a file with its mode.
#[derive(PartialEq, Eq, Hash, Clone, Copy)]
enum Identity {
    Folder(ContentHash),
    File(ContentHash, bool),
}

fn identity(node: &Node) -> Option<Identity> {
    match node {
        Node::Folder(folder) if folder.nodes().is_empty() => None,
        Node::Folder(folder) => Some(Identity::Folder(folder.sums().hash)),
        Node::Leaf(Leaf { entry: Entry::File { exec, size, hash }, .. }) if *size > 0 => {
            Some(Identity::File(*hash, *exec))
        }
        Node::Leaf(_) => None,
    }
}

#[derive(Default)]
struct Plan {
    moves: Vec<Op>,
    removes: Vec<Op>,
    folders: Vec<Op>,
    puts: Vec<Op>,
}

impl Plan {
    fn of(differences: Vec<Difference>) -> Self {
        let mut plan = Self::default();
        let mut homeless = Homeless::of(&differences);
        for Difference { path, before, after } in differences {
            match (&before, &after) {
                (Some(Node::Leaf(old)), Some(Node::Leaf(new))) => plan.change(path, &old.entry, &new.entry),
                (None, Some(new)) => plan.settle(path, new, &mut homeless),
                (Some(_), Some(new)) => {
                    plan.removes.push(Op::Remove { path: path.clone() });
                    plan.add(path, new);
                }
                (_, None) => {}
            }
        }
        // Of a folder that moved as a whole nothing is left to remove.
        let left = |path: &FilePath| !homeless.taken.contains(path);
        let replaced = std::mem::take(&mut plan.removes).into_iter();
        plan.removes = replaced.filter(|op| !matches!(op, Op::Remove { path } if !left(path))).collect();
        plan.removes.extend(homeless.gone.into_iter().map(|path| Op::Remove { path }));
        plan
    }

    fn ops(self) -> Vec<Op> {
        [self.moves, self.removes, self.folders, self.puts].into_iter().flatten().collect()
    }

    fn change(&mut self, path: FilePath, old: &Entry, new: &Entry) {
        match (old, new) {
            (Entry::File { hash: a, size: n, .. }, Entry::File { hash: b, size: m, exec })
                if (a, n) == (b, m) =>
            {
                self.puts.push(Op::Mode { path, exec: *exec });
            }
            (Entry::File { .. } | Entry::Link { .. }, new) => self.puts.push(Op::put(path, new)),
        }
    }

    /// Something new, which may be something that stood elsewhere.
    fn settle(&mut self, path: FilePath, node: &Node, homeless: &mut Homeless) {
        if let Some(from) = identity(node).and_then(|it| homeless.take(it)) {
            self.moves.push(Op::Move { from, to: path });
            return;
        }
        match node {
            Node::Leaf(leaf) => self.puts.push(Op::put(path, &leaf.entry)),
            Node::Folder(folder) => {
                self.folders.push(Op::Folder { path: path.clone() });
                for (name, below) in folder.nodes() {
                    if let Ok(path) = path.join(name) {
                        self.settle(path, below, homeless);
                    }
                }
            }
        }
    }

    fn add(&mut self, path: FilePath, node: &Node) {
        match node {
            Node::Leaf(leaf) => self.puts.push(Op::put(path, &leaf.entry)),
            Node::Folder(folder) => {
                self.folders.push(Op::Folder { path: path.clone() });
                for (name, below) in folder.nodes() {
                    if let Ok(path) = path.join(name) {
                        self.add(path, below);
                    }
                }
            }
        }
    }
}

/// What is no longer where it was.
struct Homeless {
    by_content: HashMap<Identity, Vec<FilePath>>,
    /// Topmost places that are gone and were not moved as a whole.
    gone: BTreeSet<FilePath>,
    /// Folders of which something moved on alone, and what moved: neither can move as a part of the other again.
    taken: BTreeSet<FilePath>,
}

impl Homeless {
    fn of(differences: &[Difference]) -> Self {
        let mut homeless = Self { by_content: HashMap::new(), gone: BTreeSet::new(), taken: BTreeSet::new() };
        for difference in differences {
            if let (Some(before), after) = (&difference.before, &difference.after)
                && (after.is_none() || matches!(before, Node::Folder(_)))
            {
                homeless.note(&difference.path, before);
                if after.is_none() {
                    homeless.gone.insert(difference.path.clone());
                }
            }
        }
        homeless
    }

    fn note(&mut self, path: &FilePath, node: &Node) {
        if let Some(identity) = identity(node) {
            self.by_content.entry(identity).or_default().push(path.clone());
        }
        if let Node::Folder(folder) = node {
            for (name, below) in folder.nodes() {
                if let Ok(path) = path.join(name) {
                    self.note(&path, below);
                }
            }
        }
    }

    /// Where that content may be taken from.
    fn take(&mut self, identity: Identity) -> Option<FilePath> {
        let Self { by_content, gone, taken } = self;
        let places = by_content.get_mut(&identity)?;
        let whole = matches!(identity, Identity::Folder(_));
        while let Some(from) = places.pop() {
            let above = from.ancestors().any(|it| taken.contains(&it));
            let below = whole && from.has_any_within(taken);
            if !above && !below {
                gone.remove(&from);
                taken.insert(from.clone());
                return Some(from);
            }
        }
        None
    }
}
