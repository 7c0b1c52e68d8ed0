//! Finds the user's tools: folders of the PATH, known places in the home, and what variables name.
//!
//! Shows installations, never the folders around them: no other project, no key, no setting with a token.
#![expect(clippy::disallowed_methods, reason = "looks for tools on the host's disk")]

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::places::Places;
use super::pyenv;
use crate::options::LocalOptions;

/// Installations below the home, read-only.
const HOME_TOOLS: [&str; 25] = [
    ".asdf",
    ".bun/bin",
    ".cargo/bin",
    ".conda/envs",
    ".cache/pypoetry/virtualenvs",
    ".deno/bin",
    ".jenv",
    ".local/bin",
    ".local/pipx/venvs",
    ".local/share/fnm",
    ".local/share/mise",
    ".local/share/pipx/venvs",
    ".local/share/pnpm",
    ".local/share/uv/python",
    ".local/share/uv/tools",
    ".local/share/virtualenvs",
    ".nodenv",
    ".nvm",
    ".pyenv",
    ".rbenv",
    ".rustup",
    ".sdkman/candidates",
    ".virtualenvs",
    ".volta",
    "go/bin",
];

/// Caches below the home that tools read offline but also want to write to.
const HOME_CACHES: [&str; 9] = [
    ".cache/deno",
    ".cache/go-build",
    ".cargo/git",
    ".cargo/registry",
    ".gradle/caches",
    ".gradle/wrapper",
    ".m2/repository",
    ".yarn/berry/cache",
    "go/pkg/mod",
];

/// What tells an installation from any other folder with a `bin`.
const INSTALLATION: [&str; 7] = ["lib", "lib64", "libexec", "include", "share", "pyvenv.cfg", "conda-meta"];

/// Looks for tools on behalf of one command.
pub(super) struct Tools<'a> {
    pub(super) options: &'a LocalOptions,
    /// Canonical.
    pub(super) workspace: &'a Path,
    /// The folder that the command runs in.
    pub(super) cwd: &'a Path,
}

impl Tools<'_> {
    /// Shows all tools that can be found; gives the PATH inside.
    pub(super) fn show(&self, places: &mut Places) -> OsString {
        if let Some(home) = &self.options.home {
            show_home(home, places);
        }
        show_named(self.options, places);
        self.show_dependencies_above(places);
        self.show_interpreters(places);
        let mut path: Vec<PathBuf> = Vec::new();
        let named = std::env::split_paths(&self.options.path_env);
        for folder in named.flat_map(|folder| pyenv::resolve(folder, self.options, self.workspace)) {
            let Some(folder) = self.show_programs(&folder, places) else { continue };
            if !path.contains(&folder) {
                path.push(folder);
            }
        }
        for folder in ["/usr/local/bin", "/usr/bin", "/bin"].map(PathBuf::from) {
            if !path.contains(&folder) {
                path.push(folder);
            }
        }
        std::env::join_paths(path).unwrap_or_else(|_| "/usr/local/bin:/usr/bin:/bin".into())
    }

    /// Shows the command's own program where a link leads out of what can be seen, or its full path does.
    pub(super) fn show_program(&self, name: &Path, path: &OsStr, places: &mut Places) {
        let found = if name.as_os_str().as_bytes().contains(&b'/') {
            Some(self.cwd.join(name))
        } else {
            std::env::split_paths(path).map(|folder| folder.join(name)).find(|file| file.exists())
        };
        let Some(found) = found else { return };
        let Some(real) = found.canonicalize().ok().filter(|real| is_program(real)) else { return };
        if places.sees(&real) {
            return;
        }
        let around = real.parent().map(|folder| self.installation(folder));
        match around.filter(|around| Some(around.as_path()) != real.parent()) {
            Some(installation) => places.show(&installation),
            None => places.show(&real),
        }
        if found != real {
            places.link(&found, &real);
        }
    }

    /// A package of a larger repository finds what it depends on in the folders above it.
    fn show_dependencies_above(&self, places: &mut Places) {
        let is_home = |folder: &Path| self.options.home.as_deref() == Some(folder);
        for above in self.workspace.ancestors().skip(1).take_while(|above| !is_home(above)) {
            for name in ["node_modules", ".venv", "venv"] {
                if above.join(name).is_dir() {
                    places.show(&above.join(name));
                }
            }
        }
    }

    /// A virtual environment holds a link to an interpreter elsewhere, and names it.
    fn show_interpreters(&self, places: &mut Places) {
        let active = self.options.env.get("VIRTUAL_ENV").map(PathBuf::from);
        let above = self.workspace.ancestors().chain([self.cwd]);
        let usual = above.flat_map(|folder| [".venv", "venv", "env"].map(|name| folder.join(name)));
        for environment in active.into_iter().chain(usual) {
            let Ok(settings) = std::fs::read_to_string(environment.join("pyvenv.cfg")) else { continue };
            let home = settings
                .lines()
                .find_map(|line| line.split_once('=').filter(|(key, _)| key.trim() == "home"));
            let Some(folder) = home.map(|(_, value)| PathBuf::from(value.trim())) else { continue };
            // The file may be a stranger's: only a folder with an interpreter is believed.
            if ["python", "python3"].iter().any(|name| is_program(&folder.join(name))) {
                self.show_programs(&folder, places);
            }
        }
    }

    /// Shows a folder of programs, with the installation that it belongs to; gives the name to find it by.
    fn show_programs(&self, folder: &Path, places: &mut Places) -> Option<PathBuf> {
        if !folder.is_absolute() || !folder.is_dir() {
            return None;
        }
        let real = folder.canonicalize().ok()?;
        if !places.sees(&real) {
            if self.is_too_wide(&real) {
                return None;
            }
            places.show(&self.installation(&real));
        }
        // System folders keep the names that scripts know them by.
        Some(if places.sees(folder) { folder.to_path_buf() } else { real })
    }

    /// The installation around a folder of programs, or the folder itself.
    fn installation(&self, folder: &Path) -> PathBuf {
        let is_bin = matches!(folder.file_name(), Some(name) if name == "bin" || name == "sbin");
        let is_one = |around: &&Path| {
            !self.is_too_wide(around)
                && !around.join(".git").exists()
                && INSTALLATION.iter().any(|mark| around.join(mark).exists())
        };
        folder.parent().filter(|_| is_bin).filter(is_one).unwrap_or(folder).to_path_buf()
    }

    /// Whether showing this folder would show what is none of the command's business.
    fn is_too_wide(&self, folder: &Path) -> bool {
        let in_home = self.options.home.as_ref().is_some_and(|home| {
            home.starts_with(folder)
                || [".local", ".cargo", ".config", ".cache"].iter().any(|it| folder == home.join(it))
        });
        in_home || self.workspace.starts_with(folder) || folder.parent().is_none()
    }
}

fn is_program(file: &Path) -> bool {
    std::fs::metadata(file).is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0)
}

fn show_home(home: &Path, places: &mut Places) {
    HOME_TOOLS.iter().for_each(|tool| places.show(&home.join(tool)));
    HOME_CACHES.iter().for_each(|cache| places.show_private(&home.join(cache)));
    // Packages installed for the user alone: `lib/python3.12` and its like, not its neighbours.
    for entry in home.join(".local/lib").read_dir().into_iter().flatten().flatten() {
        if entry.file_name().to_str().is_some_and(|name| name.starts_with("python")) {
            places.show(&entry.path());
        }
    }
}

/// Folders that variables name, or the parts of them that hold no settings.
fn show_named(options: &LocalOptions, places: &mut Places) {
    for (name, value) in &options.env {
        let folder = PathBuf::from(value);
        let holds_home = options.home.as_ref().is_some_and(|home| home.starts_with(&folder));
        if !folder.is_absolute() || holds_home {
            continue;
        }
        match name.as_str() {
            "CARGO_HOME" => {
                places.show(&folder.join("bin"));
                places.show_private(&folder.join("registry"));
                places.show_private(&folder.join("git"));
            }
            "GOPATH" => {
                places.show(&folder.join("bin"));
                places.show_private(&folder.join("pkg/mod"));
            }
            "GRADLE_USER_HOME" => {
                places.show_private(&folder.join("caches"));
                places.show_private(&folder.join("wrapper"));
            }
            "GOCACHE" | "GOMODCACHE" => places.show_private(&folder),
            "CONDA_PREFIX" | "GOROOT" | "JAVA_HOME" | "MAVEN_HOME" | "NVM_DIR" | "PYENV_ROOT"
            | "RUSTUP_HOME" | "VIRTUAL_ENV" => places.show(&folder),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    struct Scene {
        folder: tempfile::TempDir,
    }

    impl Scene {
        fn new(files: &[&str]) -> Self {
            let folder = tempfile::tempdir().unwrap();
            for file in files {
                let path = folder.path().join(file);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(&path, "").unwrap();
                if path.parent().unwrap().ends_with("bin") {
                    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
                }
            }
            fs::create_dir_all(folder.path().join("home/work/project")).unwrap();
            Self { folder }
        }

        fn at(&self, path: &str) -> PathBuf {
            self.folder.path().canonicalize().unwrap().join(path)
        }

        fn shown(&self, path: &[&str]) -> Places {
            self.shown_for("true", path)
        }

        fn shown_for(&self, program: &str, path: &[&str]) -> Places {
            let options = LocalOptions {
                home: Some(self.at("home")),
                path_env: std::env::join_paths(path.iter().map(|it| self.at(it))).unwrap(),
                ..LocalOptions::default()
            };
            let workspace = self.at("home/work/project");
            let mut places = Places::around(&workspace);
            let tools = Tools { options: &options, workspace: &workspace, cwd: &workspace };
            let path = tools.show(&mut places);
            tools.show_program(Path::new(program), &path, &mut places);
            places
        }
    }

    #[test]
    fn an_installation_is_shown_whole_and_a_folder_of_scripts_alone() {
        let scene = Scene::new(&[
            "conda/bin/python",
            "conda/lib/x.py",
            "home/work/other/bin/tool",
            "home/work/other/key",
        ]);
        let places = scene.shown(&["conda/bin", "home/work/other/bin"]);
        assert!(places.sees(&scene.at("conda/lib/x.py")));
        assert!(places.sees(&scene.at("home/work/other/bin/tool")));
        assert!(!places.sees(&scene.at("home/work/other/key")));
    }

    #[test]
    fn keys_settings_and_neighbours_stay_outside() {
        let scene = Scene::new(&[
            "home/.ssh/id_rsa",
            "home/.cargo/credentials.toml",
            "home/.cargo/bin/cargo",
            "home/.local/share/keyrings/k",
            "home/.local/bin/tool",
            "home/bin/tool",
            "home/lib/x",
        ]);
        let places = scene.shown(&["home/bin", "home/.local/bin", "home/.cargo/bin", "home"]);
        for secret in
            [".ssh/id_rsa", ".cargo/credentials.toml", ".local/share/keyrings/k", "work/other", "lib/x"]
        {
            assert!(!places.sees(&scene.at("home").join(secret)), "{secret}");
        }
        for tool in [".cargo/bin/cargo", ".local/bin/tool", "bin/tool"] {
            assert!(places.sees(&scene.at("home").join(tool)), "{tool}");
        }
    }

    #[test]
    fn an_environment_shows_the_interpreter_that_it_names() {
        let scene = Scene::new(&[
            "python/bin/python3",
            "python/lib/os.py",
            "secret/key",
            "home/work/project/.venv/x",
        ]);
        let settings = |home: &str| format!("version = 3\nhome = {}\n", scene.at(home).display());
        fs::write(scene.at("home/work/project/.venv/pyvenv.cfg"), settings("python/bin")).unwrap();
        assert!(scene.shown(&[]).sees(&scene.at("python/lib/os.py")));
        fs::write(scene.at("home/work/project/.venv/pyvenv.cfg"), settings("secret")).unwrap();
        assert!(!scene.shown(&[]).sees(&scene.at("secret/key")));
    }

    #[test]
    fn a_program_reached_by_a_link_is_shown_and_a_key_reached_by_one_is_not() {
        let scene = Scene::new(&["tool/bin/python", "tool/lib/os.py", "home/.ssh/id_rsa"]);
        for (name, to) in [("python", "tool/bin/python"), ("key", "home/.ssh/id_rsa")] {
            std::os::unix::fs::symlink(scene.at(to), scene.at("home/work/project").join(name)).unwrap();
        }
        assert!(scene.shown_for("./python", &[]).sees(&scene.at("tool/lib/os.py")));
        assert!(!scene.shown_for("./key", &[]).sees(&scene.at("home/.ssh/id_rsa")));
    }

    #[test]
    fn dependencies_of_the_repository_around_a_package_are_shown_and_its_other_packages_are_not() {
        let scene =
            Scene::new(&["home/work/node_modules/a/index.js", "home/work/other/key", "home/node_modules/b"]);
        let places = scene.shown(&[]);
        assert!(places.sees(&scene.at("home/work/node_modules/a/index.js")));
        assert!(
            !places.sees(&scene.at("home/work/other/key")) && !places.sees(&scene.at("home/node_modules/b"))
        );
    }
}
