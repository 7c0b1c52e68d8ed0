//! `cargo xtask dist`: the VS Code extension with the program inside, one file a platform, in `dist/`.
//!
//! The platform that this runs on is always packed, and its package tried in a real VS Code where that can be had;
//! another one where a toolchain for it is installed. What is left out is said.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::setup::vscode;
use crate::tool;

/// A platform as the extension's packages name it, and what builds for it.
struct Platform {
    name: &'static str,
    triple: &'static str,
    /// The linker that a build from another platform needs.
    linker: &'static str,
}

const PLATFORMS: &[Platform] = &[
    Platform { name: "linux-x64", triple: "x86_64-unknown-linux-gnu", linker: "x86_64-linux-gnu-gcc" },
    Platform { name: "linux-arm64", triple: "aarch64-unknown-linux-gnu", linker: "aarch64-linux-gnu-gcc" },
    Platform { name: "darwin-x64", triple: "x86_64-apple-darwin", linker: "x86_64-apple-darwin-cc" },
    Platform { name: "darwin-arm64", triple: "aarch64-apple-darwin", linker: "aarch64-apple-darwin-cc" },
    Platform { name: "win32-x64", triple: "x86_64-pc-windows-gnu", linker: "x86_64-w64-mingw32-gcc" },
];

pub(crate) fn run() -> Result<()> {
    vscode::bundle_for_release()?;
    let packaging = vscode::extension().join("packaging");
    vscode::packages(&packaging)?;
    let host = host_triple()?;
    let mut packed = 0;
    for platform in PLATFORMS {
        let program = if platform.triple == host {
            tool::release_binary()?
        } else if can_build_for(platform) {
            build_for(platform)?
        } else {
            println!("skipped: {}: no toolchain for {} is installed", platform.name, platform.triple);
            continue;
        };
        let package = pack(&packaging, platform, &program)?;
        println!("packed: {}", package.display());
        packed += 1;
        if platform.triple == host {
            vscode::try_out(&package)?;
        }
    }
    ensure!(packed > 0, "nothing was packed: {host} is not among the platforms");
    Ok(())
}

fn host_triple() -> Result<String> {
    let output = Command::new("rustc").arg("-vV").output().context("rustc can not be started")?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc does not name its host")?.to_owned())
}

fn can_build_for(platform: &Platform) -> bool {
    let libraries =
        Command::new("rustc").args(["--print", "target-libdir", "--target", platform.triple]).output();
    let installed = libraries.is_ok_and(|it| Path::new(String::from_utf8_lossy(&it.stdout).trim()).is_dir());
    installed && tool::works(platform.linker, &["--version"])
}

fn build_for(platform: &Platform) -> Result<PathBuf> {
    let linker = format!("CARGO_TARGET_{}_LINKER", platform.triple.to_uppercase().replace('-', "_"));
    tool::run(
        tool::cargo()
            .args(["build", "--locked", "--release", "--quiet", "--package", "bodkin_cli", "--target"])
            .arg(platform.triple)
            .env(linker, platform.linker),
    )?;
    Ok(tool::target().join(platform.triple).join("release").join(program_name(platform)))
}

fn program_name(platform: &Platform) -> &'static str {
    if platform.name.starts_with("win32") { "bodkin.exe" } else { "bodkin" }
}

/// Lays out what belongs into the package, and packs that.
fn pack(packaging: &Path, platform: &Platform, program: &Path) -> Result<PathBuf> {
    let root = tool::root();
    let stage = tempfile::tempdir()?;
    let to = stage.path();
    for part in ["package.json", "package.nls.json", "README.md", ".vscodeignore", "dist", "media", "l10n"] {
        copy(&vscode::extension().join(part), &to.join(part))?;
    }
    for part in ["LICENSE", "LICENSE-MIT", "LICENSE-APACHE", "CHANGELOG.md"] {
        copy(&root.join(part), &to.join(part))?;
    }
    fs::create_dir_all(to.join("server"))?;
    fs::copy(program, to.join("server").join(program_name(platform)))?;
    let dist = root.join("dist");
    fs::create_dir_all(&dist)?;
    let package = dist.join(format!("bodkin-{}-{}.vsix", platform.name, env!("CARGO_PKG_VERSION")));
    tool::run(
        Command::new("node")
            .arg(packaging.join("node_modules/@vscode/vsce/vsce"))
            .args([
                "package",
                "--no-dependencies",
                "--allow-missing-repository",
                "--no-rewrite-relative-links",
            ])
            .args(["--target", platform.name, "--out"])
            .arg(&package)
            .current_dir(to),
    )?;
    Ok(package)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    if !from.is_dir() {
        fs::copy(from, to).with_context(|| format!("{} can not be copied", from.display()))?;
        return Ok(());
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}
