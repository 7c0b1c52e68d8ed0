//! What the helper is to build, as a value: every place, every variable, every limit.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bodkin_guard::action::Network;

use super::egress;
use super::environment::{self, Ground};
use super::fence::Fence;
use super::moved::Moved;
use super::places::Places;
use super::scratch::Run;
use super::session::plan::Plan;
use super::spawn::{Job, Way};
use super::toolchain::Tools;
use super::wire::{Caps, Command, Identity, Raw, Spec, Walls};
use crate::launch::{StderrMode, StdinMode};

/// What a copied workspace may take up beside what the command writes, bytes.
pub(crate) const COPY_BYTES: u64 = 1 << 30;

/// A support file: its name and its content.
pub(super) type Support = (String, Arc<[u8]>);

/// The user and group that own nothing, on every system.
const NOBODY: u32 = 65534;

impl Job<'_> {
    /// The whole order for these walls; `run` is the scratch folder of reduced ones.
    pub(super) fn spec(&self, way: Way, run: Option<&Run>, fence: &Fence, support: &[Support]) -> Spec {
        let Way { walls, .. } = way;
        let launch = self.launch;
        let identity = self.identity(way);
        let inside = self.plan.map_or(self.workspace, |plan| &plan.workdir);
        let mut places = Places::around(inside);
        let cwd = self.below(self.workspace);
        let tools = Tools { options: self.options, workspace: self.workspace, cwd: &cwd };
        let path = tools.show(&mut places);
        let program = launch.argv.first().map(Path::new);
        if let Some(program) = program {
            tools.show_program(program, &path, &mut places);
        }
        let home = self.home();
        if !places.sees(&home) {
            places.add_home(&home);
        }
        if let Some(plan) = self.plan {
            plan.furnish(&mut places);
        } else if launch.root != self.workspace {
            places.link(&launch.root, self.workspace);
        }
        let ground = match run {
            None => Ground { path, home: home.clone(), tmp: PathBuf::from("/tmp") },
            Some(run) => Ground { path, home: run.home(), tmp: run.tmp() },
        };
        let moved = run.map(|run| Moved { run, roots: [self.workspace, &launch.root] });
        let env = environment::variables(
            &ground,
            self.options,
            identity,
            |path| run.is_some() || places.sees(path),
            &self.named(),
        );
        let (session, command) = match self.plan {
            Some(_) => (Some(env), None),
            None => (None, program.map(|_| self.command(env, moved.as_ref()))),
        };
        let (places, texts) = places.into_list();
        Spec {
            walls,
            identity,
            workspace: Raw::from(self.workspace),
            inside: Raw::from(inside),
            scratch: run.map(|run| Raw::from(run.folder())),
            places,
            kept: Vec::new(),
            texts,
            layer: launch
                .layer
                .iter()
                .map(|(path, text)| (path.as_str().to_owned(), text.is_some()))
                .collect(),
            support: support.iter().map(|(name, _)| name.clone()).collect(),
            command,
            session,
            collect: launch.collect,
            changes: launch.changes || self.plan.is_some(),
            egress: launch.network != Network::Off,
            caps: self.caps(walls, identity, fence),
        }
    }

    /// The variables that the launch names, and where the proxy is if there is one.
    fn named(&self) -> BTreeMap<String, String> {
        let mut named = BTreeMap::new();
        if self.launch.network != Network::Off {
            named.extend(egress::variables().map(|(name, value)| (name.to_owned(), value)));
        }
        named.extend(self.plan.into_iter().flat_map(Plan::variables));
        named.extend(self.launch.env.iter().map(|(name, value)| (name.clone(), value.clone())));
        named
    }

    /// The home inside, which is empty.
    fn home(&self) -> PathBuf {
        let own = self.plan.and_then(|plan| plan.home.clone()).or_else(|| self.options.home.clone());
        own.unwrap_or_else(|| PathBuf::from("/home/bodkin"))
    }

    /// The support files: those of the launch, and a session's own.
    pub(super) fn support(&self, way: Way) -> Vec<Support> {
        let own = self.plan.map(|plan| plan.support(self.identity(way), &self.home())).unwrap_or_default();
        self.launch.support.iter().cloned().chain(own).collect()
    }

    /// Who the command is: the caller, or, for root, the owner of the workspace; nobody if that is root, too.
    fn identity(&self, way: Way) -> Identity {
        let is_root = rustix::process::geteuid().is_root();
        if way.keeps_root || way.walls == Walls::Reduced || !is_root {
            return Identity::Own;
        }
        let owner = rustix::fs::stat(self.workspace).ok().filter(|about| about.st_uid != 0);
        let (user, group) = owner.map_or((NOBODY, NOBODY), |about| (about.st_uid, about.st_gid));
        Identity::Other { user, group: if group == 0 { NOBODY } else { group } }
    }

    /// Whether the kernel counts the user's processes in the sandbox alone: not root's, and without namespaces
    /// all that the user has.
    pub(super) fn is_counted(&self, way: Way) -> bool {
        let is_root = self.identity(way) == Identity::Own && rustix::process::geteuid().is_root();
        way.walls != Walls::Reduced && !is_root
    }

    /// The folder that the command runs in, for a workspace that stands at `root`.
    fn below(&self, root: &Path) -> PathBuf {
        self.launch.cwd.as_ref().map_or_else(|| root.to_path_buf(), |cwd| root.join(cwd.as_str()))
    }

    fn command(&self, env: Vec<Raw>, moved: Option<&Moved<'_>>) -> Command {
        let argv = self.launch.argv.iter().map(|it| Raw::from(it.clone()));
        Command {
            argv: argv.map(|it| moved.map_or(it.clone(), |moved| moved.rewrite(&it))).collect(),
            env: env.into_iter().map(|it| moved.map_or(it.clone(), |moved| moved.rewrite(&it))).collect(),
            cwd: Raw::from(
                moved.map_or(self.below(self.workspace), |moved| self.below(&moved.run.workspace())),
            ),
            piped: self.launch.stdin == StdinMode::Piped,
            merged: self.launch.stderr == StderrMode::Merged,
        }
    }

    fn caps(&self, walls: Walls, identity: Identity, fence: &Fence) -> Caps {
        let limits = self.launch.limits;
        // The kernel's own limit does not count root's.
        let is_root = identity == Identity::Own && rustix::process::geteuid().is_root();
        Caps {
            wall_ms: limits.wall_ms,
            store_bytes: self.store_bytes(walls),
            file_bytes: limits.file_bytes.unwrap_or(limits.disk_bytes),
            cpu_ms: limits.cpu_ms,
            processes: limits.processes,
            watch_memory: (!fence.limits_memory()).then_some(limits.memory_bytes),
            watch_processes: (!fence.limits_processes() && is_root).then_some(limits.processes),
        }
    }

    /// What may be written, and what is laid over the workspace before that.
    pub(super) fn store_bytes(&self, walls: Walls) -> u64 {
        let laid: usize = self.launch.layer.iter().filter_map(|(_, text)| text.map(|text| text.len())).sum();
        let support: usize = self.launch.support.iter().map(|(_, content)| content.len()).sum();
        let copy = match walls {
            Walls::Copy => COPY_BYTES,
            Walls::Overlay | Walls::Reduced => 0,
        };
        self.launch.limits.disk_bytes.saturating_add(copy).saturating_add((laid + support) as u64)
    }
}
