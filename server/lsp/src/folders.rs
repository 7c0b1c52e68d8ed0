//! The workspace folders, and the engine of each.
//!
//! Opening an engine may touch the disk, so it is done in the background; what is asked meanwhile waits here.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use bodkin_host::{About, CheckpointId, Event, HostError, Intent, RunId, RunView, Settings};
use bodkin_text::RelPath;
use serde_json::Value;

use crate::engine::Engine;
use crate::queue::Reply;
use crate::settings::Preferences;

/// Names a folder for as long as the server lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FolderId(pub(crate) u32);

/// Every folder, in the order in which they came.
#[derive(Default)]
pub(crate) struct Folders {
    next: u32,
    list: Vec<Folder>,
}

/// One folder.
pub(crate) struct Folder {
    /// Its name.
    pub(crate) id: FolderId,
    /// Where it is, as the client writes it.
    pub(crate) root: PathBuf,
    /// Its engine.
    pub(crate) slot: Slot,
    /// What waits for the engine.
    pub(crate) waiting: Vec<Waiting>,
    /// What holds for it, and the settings that the client gave for it alone.
    pub(crate) preferences: Preferences,
    /// The same as they came; null: none.
    pub(crate) own_settings: Value,
    /// Who watches its files.
    pub(crate) watch: Watch,
    /// Paths that changed while the engine was being opened.
    pub(crate) changed: BTreeSet<PathBuf>,
    /// What is known of it beside its engine.
    pub(crate) facts: Facts,
}

/// Who watches the files of a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Watch {
    /// The engine.
    Engine,
    /// The client, which tells what it sees.
    Client,
}

/// What is known of a folder beside its engine.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts {
    /// How it is set up, once that has been looked at.
    pub(crate) about: Option<About>,
    /// Runs of other processes.
    pub(crate) past: Vec<RunView>,
    /// What an earlier process left behind and was put right.
    pub(crate) recovered: Vec<String>,
    /// Why it could not be opened.
    pub(crate) trouble: Option<HostError>,
}

/// How far the engine of a folder is.
pub(crate) enum Slot {
    /// Being opened.
    Opening,
    /// At work.
    Open(Arc<dyn Engine>),
    /// It could not be opened; the next request tries again.
    Failed,
}

/// A run that is wanted as soon as the engine is there.
pub(crate) struct Waiting {
    /// What is wanted.
    pub(crate) intent: Intent,
    /// Who wants to know the run's name.
    pub(crate) reply: Reply<Option<Value>>,
}

impl Folders {
    /// Adds a folder whose engine is being opened; `None` where it is there already.
    pub(crate) fn add(&mut self, root: PathBuf, preferences: Preferences, watch: Watch) -> Option<FolderId> {
        if self.list.iter().any(|it| it.root == root) {
            return None;
        }
        let id = FolderId(self.next);
        self.next += 1;
        self.list.push(Folder {
            id,
            root,
            slot: Slot::Opening,
            waiting: Vec::new(),
            preferences,
            own_settings: Value::Null,
            watch,
            changed: BTreeSet::new(),
            facts: Facts::default(),
        });
        Some(id)
    }

    /// Takes a folder out.
    pub(crate) fn remove(&mut self, root: &Path) -> Option<Folder> {
        let at = self.list.iter().position(|it| it.root == root)?;
        Some(self.list.remove(at))
    }

    /// A folder.
    pub(crate) fn get(&self, id: FolderId) -> Option<&Folder> {
        self.list.iter().find(|it| it.id == id)
    }

    /// A folder, to be changed.
    pub(crate) fn get_mut(&mut self, id: FolderId) -> Option<&mut Folder> {
        self.list.iter_mut().find(|it| it.id == id)
    }

    /// Every folder, to be changed.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Folder> {
        self.list.iter_mut()
    }

    /// Every folder.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Folder> {
        self.list.iter()
    }

    /// The engine of a folder, if it is open.
    pub(crate) fn engine(&self, id: FolderId) -> Option<Arc<dyn Engine>> {
        self.get(id).and_then(Folder::engine)
    }

    /// The innermost folder that holds a path, and the path below it.
    pub(crate) fn home(&self, path: &Path) -> Option<(FolderId, RelPath)> {
        self.list
            .iter()
            .filter_map(|folder| Some((folder, folder.below(path)?)))
            .max_by_key(|(folder, _)| folder.root.components().count())
            .map(|(folder, rel)| (folder.id, rel))
    }
}

impl Folder {
    /// The engine, if it is open.
    pub(crate) fn engine(&self) -> Option<Arc<dyn Engine>> {
        match &self.slot {
            Slot::Open(engine) => Some(engine.clone()),
            Slot::Opening | Slot::Failed => None,
        }
    }

    /// A path below it; clients name files with or without the links that lead to the folder.
    fn below(&self, path: &Path) -> Option<RelPath> {
        let real = self.engine().and_then(|engine| below(engine.root(), path));
        below(&self.root, path).or(real)
    }

    /// Whether a path names the folder itself, with or without the links that lead to it.
    pub(crate) fn is_at(&self, path: &Path) -> bool {
        self.root == *path || self.engine().is_some_and(|engine| engine.root() == path)
    }

    /// Where a file of the folder is.
    pub(crate) fn path_of(&self, rel: &RelPath) -> PathBuf {
        rel.parts().fold(self.root.clone(), |path, part| path.join(part))
    }
}

/// A path as one below `root`; `None` where it is not, or is not UTF-8.
fn below(root: &Path, path: &Path) -> Option<RelPath> {
    let parts: Option<Vec<&str>> = path
        .strip_prefix(root)
        .ok()?
        .components()
        .map(|part| match part {
            Component::Normal(name) => name.to_str(),
            Component::CurDir => Some("."),
            Component::ParentDir => Some(".."),
            Component::Prefix(_) | Component::RootDir => None,
        })
        .collect();
    RelPath::new(&parts?.join("/")).ok()
}

/// Names a run over all folders: `r12`, and `r12@1` in the second folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RunKey {
    /// The folder that it runs in.
    pub(crate) folder: FolderId,
    /// Its name there.
    pub(crate) run: RunId,
}

impl fmt::Display for RunKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.run, Suffix(self.folder))
    }
}

impl std::str::FromStr for RunKey {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (run, folder) = split(text)?;
        let key = Self { folder, run: run.parse().map_err(drop)? };
        if key.to_string() == text { Ok(key) } else { Err(()) }
    }
}

/// Names a checkpoint over all folders: `c7`, and `c7@1` in the second folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CheckpointKey {
    /// The folder that it is in.
    pub(crate) folder: FolderId,
    /// Its name there.
    pub(crate) checkpoint: CheckpointId,
}

impl fmt::Display for CheckpointKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.checkpoint, Suffix(self.folder))
    }
}

impl std::str::FromStr for CheckpointKey {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (checkpoint, folder) = split(text)?;
        let key = Self { folder, checkpoint: checkpoint.parse().map_err(drop)? };
        if key.to_string() == text { Ok(key) } else { Err(()) }
    }
}

/// What stands behind a name; nothing in the first folder.
struct Suffix(FolderId);

impl fmt::Display for Suffix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            FolderId(0) => Ok(()),
            FolderId(folder) => write!(f, "@{folder}"),
        }
    }
}

/// A name within a folder, and the folder.
fn split(text: &str) -> Result<(&str, FolderId), ()> {
    match text.split_once('@') {
        Some((name, folder)) => Ok((name, FolderId(folder.parse().map_err(drop)?))),
        None => Ok((text, FolderId(0))),
    }
}

/// An engine that has been opened, with what its opening had to say.
pub(crate) struct Opened {
    /// The engine.
    pub(crate) engine: Arc<dyn Engine>,
    /// What happens in it from now on.
    pub(crate) events: std::sync::mpsc::Receiver<Event>,
    /// What an earlier process left behind and was put right, in sentences.
    pub(crate) recovered: Vec<String>,
    /// The last runs of other processes, oldest first.
    pub(crate) past: Vec<RunView>,
}

/// Opens the engine of a folder.
pub(crate) type Open = Arc<dyn Fn(&Path, Settings, Watch) -> Result<Opened, HostError> + Send + Sync>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_belongs_to_the_innermost_folder_that_holds_it() {
        let mut folders = Folders::default();
        let mut add =
            |root: &str| folders.add(root.into(), Preferences::new(Settings::default()), Watch::Engine);
        let outer = add("/w").unwrap();
        let inner = add("/w/sub").unwrap();
        assert_eq!(add("/w"), None);
        let home = |path: &str| folders.home(Path::new(path)).map(|(id, rel)| (id, rel.to_string()));
        assert_eq!(home("/w/a.py"), Some((outer, "a.py".to_owned())));
        assert_eq!(home("/w/sub/b/c.py"), Some((inner, "b/c.py".to_owned())));
        assert_eq!(home("/w/subway.py"), Some((outer, "subway.py".to_owned())));
        assert_eq!(home("/w/../etc/passwd"), None);
        assert_eq!(home("/elsewhere/a.py"), None);
    }

    #[test]
    fn a_run_has_one_name_over_all_folders() {
        for text in ["r1", "r12@3"] {
            assert_eq!(text.parse::<RunKey>().unwrap().to_string(), text);
        }
        for text in ["", "r", "r1@0", "r1@01", "r1@", "12"] {
            assert!(text.parse::<RunKey>().is_err(), "{text}");
        }
        for text in ["c1", "c12@3"] {
            assert_eq!(text.parse::<CheckpointKey>().unwrap().to_string(), text);
        }
        assert!("7".parse::<CheckpointKey>().is_err() && "r1".parse::<CheckpointKey>().is_err());
    }
}
