//! Gets a real VS Code for the tests: code-server from npm, a browser from the distribution, the extension's bundle.
//!
//! What does not depend on this repository is kept in the user's cache folder, so that it is got once. The versions
//! are pinned; nothing of what is installed runs a script of its own.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use super::apt;
use super::node::Node;
use crate::tool;

/// The oldest VS Code that the extension is for, 1.100: what is tested where nothing else is said.
const OLDEST: Version = Version { code_server: "4.100.3", folder: "code-server", node: None };
/// VS Code 1.139, by `BODKIN_VSCODE=newest`. It wants a later node than most machines have.
const NEWEST: Version =
    Version { code_server: "4.139.1", folder: "code-server-newest", node: Some("node-24") };

/// A VS Code to test with.
#[derive(Debug, Clone, Copy)]
struct Version {
    code_server: &'static str,
    /// Where it is put, below the tools.
    folder: &'static str,
    /// Where the node that it needs is put, unless the machine's will do.
    node: Option<&'static str>,
}

impl Version {
    /// The one that is wanted.
    fn wanted() -> Result<Self> {
        match std::env::var("BODKIN_VSCODE").as_deref() {
            Err(_) | Ok("" | "oldest") => Ok(OLDEST),
            Ok("newest") => Ok(NEWEST),
            Ok(other) => bail!("BODKIN_VSCODE is `{other}`; it may be `oldest` or `newest`"),
        }
    }
}

/// Where Debian puts the browser.
const CHROMIUM: &str = "/usr/bin/chromium";

/// Sets everything up; what it is found by, for the tests' environment. In words where it can not be had.
pub(super) fn set_up() -> Result<Vec<(&'static str, PathBuf)>, String> {
    if !tool::works("node", &["-e", "process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)"])
        || !tool::works("npm", &["--version"])
    {
        return Err("node 20 and npm are not here, so the tests in VS Code skip themselves".to_owned());
    }
    if !Path::new(CHROMIUM).is_file() {
        let packages = ["chromium", "fonts-dejavu-core", "g++", "make", "python3"];
        apt::install(CHROMIUM, &packages).map_err(|error| {
            format!("{CHROMIUM} is not here, so the tests in VS Code skip themselves ({error})")
        })?;
    }
    let all = || {
        bundle()?;
        let tools = cache()?;
        fs::create_dir_all(&tools)?;
        // Two worktrees at once get it once.
        let lock = File::create(tools.join("lock"))?;
        lock.lock()?;
        driver(&tools)?;
        let version = Version::wanted()?;
        let node = Node::of(version.node.map(|it| tools.join(it)))?;
        code_server(&tools, version, &node)?;
        Ok(vec![
            ("BODKIN_CODE_SERVER", tools.join(version.folder)),
            ("BODKIN_CODE_SERVER_NODE", node.program.clone()),
            ("BODKIN_TOOLS", tools),
            ("BODKIN_EXTENSION", extension()),
            ("BODKIN_ARTEFACTS", tool::root().join("target/artefacts/vscode")),
        ])
    };
    all().map_err(|error: anyhow::Error| {
        format!("VS Code can not be set up, so the tests in it skip themselves ({error:#})")
    })
}

/// The folder of the extension.
pub(crate) fn extension() -> PathBuf {
    tool::root().join("editors/vscode")
}

/// Installs the extension's packages where they changed, checks its types and bundles it.
fn bundle() -> Result<()> {
    let extension = extension();
    packages(&extension)?;
    tool::run(node(&extension, "node_modules/typescript/bin/tsc").args(["-p", "."]))?;
    tool::run(node(&extension, "l10n.mjs").arg("--check"))?;
    tool::run(&mut node(&extension, "esbuild.mjs"))
}

/// The same, for users: small, without what only helps to find faults.
pub(crate) fn bundle_for_release() -> Result<()> {
    bundle()?;
    tool::run(node(&extension(), "esbuild.mjs").arg("--minify"))
}

/// Installs a package in a real VS Code and fixes a line with nothing but what it brings along.
pub(crate) fn try_out(package: &Path) -> Result<()> {
    let variables = match set_up() {
        Ok(variables) => variables,
        Err(reason) => {
            println!("skipped: the package was not tried: {reason}");
            return Ok(());
        }
    };
    let mut case = node(&tool::root(), "tests/vscode/cases/fix.mjs");
    case.envs(variables).env("BODKIN_VSIX", package);
    tool::run(&mut case)
}

/// `npm ci`, unless what is there is what the lock says.
pub(crate) fn packages(folder: &Path) -> Result<()> {
    let lock = fs::read(folder.join("package-lock.json"))?;
    let stamp = folder.join("node_modules/.lock-of-these");
    if fs::read(&stamp).is_ok_and(|it| it == lock) {
        return Ok(());
    }
    println!("setting up the packages of {}", folder.display());
    tool::retry("installing packages", || npm(folder, &["ci"]))?;
    fs::write(stamp, lock)?;
    Ok(())
}

fn npm(folder: &Path, words: &[&str]) -> Command {
    let mut npm = Command::new("npm");
    npm.current_dir(folder).args(words).args([
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
    ]);
    npm
}

fn node(folder: &Path, script: &str) -> Command {
    let mut node = Command::new("node");
    node.current_dir(folder).arg(script);
    node
}

/// The user's cache folder, for tools that every worktree may use.
fn cache() -> Result<PathBuf> {
    let named = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|it| it.is_absolute());
    let base = named("XDG_CACHE_HOME").or_else(|| named("HOME").map(|it| it.join(".cache")));
    Ok(base.context("there is no cache folder: HOME is not set")?.join("bodkin/tools"))
}

/// What drives the browser.
fn driver(tools: &Path) -> Result<()> {
    let folder = tools.join("drive");
    fs::create_dir_all(&folder)?;
    for name in ["package.json", "package-lock.json"] {
        fs::copy(tool::root().join("tests/vscode").join(name), folder.join(name))?;
    }
    packages(&folder)
}

/// code-server, which is VS Code with a door for browsers. Its own lists pin what it needs.
fn code_server(tools: &Path, version: Version, node: &Node) -> Result<()> {
    let folder = tools.join(version.folder);
    let number = version.code_server;
    let done = folder.join(format!(".complete-{number}"));
    if done.is_file() {
        return Ok(());
    }
    println!("setting up code-server {number} in {}; this takes minutes, once", folder.display());
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("package.json"), "{\"name\":\"code-server-host\",\"private\":true}\n")?;
    let package = format!("code-server@{number}");
    let install = |what: &str, at: &Path, words: &[&str]| {
        tool::retry(what, || node.leads(npm(at, words))).with_context(|| what.to_owned())
    };
    install("installing code-server", &folder, &["install", &package])?;
    let home = folder.join("node_modules/code-server");
    let vscode = home.join("lib/vscode");
    install("installing what VS Code needs", &vscode, &["install", "--omit=dev"])?;
    let extensions = vscode.join("extensions");
    install("installing VS Code's extensions", &extensions, &["install", "--omit=dev"])?;
    tool::run(node.leads(self::node(&extensions, "postinstall.mjs")).stdout(Stdio::null()))?;
    native(&folder.join("node_modules/argon2"), &vscode, node)?;
    tool::run(node.leads(self::node(&home, "out/node/entry.js")).arg("--version"))?;
    fs::write(done, "")?;
    Ok(())
}

/// Builds the native modules that matter, which come as source, against the headers that came with node: one without
/// which code-server does not start, unless it comes built, and one without which nothing is logged. The others are done
/// without.
fn native(argon2: &Path, vscode: &Path, node: &Node) -> Result<()> {
    let prefix = node.prefix()?;
    ensure!(prefix.join("include/node").is_dir(), "node came without its headers");
    if !argon2.join("prebuilds").is_dir() {
        let mut build = Command::new(argon2.parent().unwrap_or(argon2).join(".bin/node-pre-gyp"));
        build.current_dir(argon2).args(["rebuild", "--build-from-source", "--loglevel=error"]);
        build.arg(format!("--nodedir={}", prefix.display())).stdout(Stdio::null());
        tool::run(&mut node.leads(build))?;
    }
    let mut build = Command::new("npm");
    build.current_dir(vscode).args(["rebuild", "@vscode/spdlog", "--loglevel=error"]);
    build.env("npm_config_nodedir", prefix).stdout(Stdio::null());
    tool::run(&mut node.leads(build))
}
