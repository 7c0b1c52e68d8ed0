//! The walls of macOS, as the text that `sandbox-exec` takes. **Written from Apple's published profiles and never
//! run**: there was no such machine. Its text is tested everywhere, its effect nowhere.
//!
//! Denies by default; opens the system and the tools for reading, the run's own folders for writing, no network but,
//! where asked for, the loopback. There are no namespaces: other processes can be seen, and the files' names too.

use std::fmt::Write;
use std::path::{Path, PathBuf};

/// What a profile opens.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Profile {
    /// Folders and files that may be read and run, beside the system's own.
    pub read: Vec<PathBuf>,
    /// Folders below which everything may be written.
    pub write: Vec<PathBuf>,
    /// Whether programs inside may talk to each other over the loopback, which is the machine's own.
    pub loopback: bool,
}

/// What every program reads: the system's programs, libraries, fonts, zones and the caches of its loader.
const SYSTEM: [&str; 13] = [
    "/Library/Apple",
    "/Library/Developer",
    "/Library/Java",
    "/System",
    "/bin",
    "/opt/homebrew",
    "/private/etc/localtime",
    "/private/etc/ssl",
    "/private/var/db/dyld",
    "/private/var/db/timezone",
    "/sbin",
    "/usr",
    "/Applications/Xcode.app",
];

const DEVICES: [&str; 5] = ["/dev/null", "/dev/zero", "/dev/random", "/dev/urandom", "/dev/dtracehelper"];

/// A path that no profile can hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unspeakable(pub PathBuf);

impl Profile {
    /// The profile in the language of `sandbox-exec` (version 1). Fails for a path that is relative, not UTF-8 or
    /// has a control character, as such a name could say something else than a path.
    pub fn text(&self) -> Result<String, Unspeakable> {
        let mut text = String::from(
            "(version 1)\n\
             (deny default)\n\
             (allow process-exec process-fork)\n\
             (allow signal (target same-sandbox))\n\
             (allow process-info* (target same-sandbox))\n\
             (allow sysctl-read)\n\
             (allow file-read-metadata)\n\
             (allow ipc-posix-sem)\n\
             (allow pseudo-tty)\n",
        );
        let system = SYSTEM.iter().map(Path::new);
        line(&mut text, "file-read*", "subpath", system.chain(self.read.iter().map(PathBuf::as_path)))?;
        line(&mut text, "file-read* file-write-data file-ioctl", "literal", DEVICES.iter().map(Path::new))?;
        line(&mut text, "file-read* file-write*", "subpath", self.write.iter().map(PathBuf::as_path))?;
        if self.loopback {
            text.push_str("(allow network* (local ip \"localhost:*\") (remote ip \"localhost:*\"))\n");
        }
        // Last, as the last rule that fits is the one that holds.
        text.push_str("(deny file-write-setugid)\n(deny mach-lookup)\n");
        Ok(text)
    }

    /// The command line that runs `argv` behind this profile.
    pub fn command(&self, argv: &[String]) -> Result<Vec<String>, Unspeakable> {
        let head = ["/usr/bin/sandbox-exec".to_owned(), "-p".to_owned(), self.text()?];
        Ok(head.into_iter().chain(argv.iter().cloned()).collect())
    }
}

fn line<'a>(
    text: &mut String,
    what: &str,
    filter: &str,
    paths: impl Iterator<Item = &'a Path>,
) -> Result<(), Unspeakable> {
    let mut filters = String::new();
    for path in paths {
        // Writing to a string does not fail.
        let _ = write!(filters, "\n  ({filter} {})", quoted(path)?);
    }
    if !filters.is_empty() {
        let _ = writeln!(text, "(allow {what}{filters})");
    }
    Ok(())
}

fn quoted(path: &Path) -> Result<String, Unspeakable> {
    let name = path.to_str().filter(|name| path.is_absolute() && !name.chars().any(char::is_control));
    let name = name.ok_or_else(|| Unspeakable(path.to_path_buf()))?;
    Ok(format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\"")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile() -> Profile {
        Profile {
            read: vec!["/Users/a/.cargo/bin".into()],
            write: vec!["/private/var/run 1/\"quoted\\".into()],
            loopback: false,
        }
    }

    #[test]
    fn everything_is_denied_but_what_is_named() {
        let text = profile().text().unwrap();
        assert!(text.starts_with("(version 1)\n(deny default)\n"));
        assert!(text.contains("(subpath \"/Users/a/.cargo/bin\")"));
        assert!(!text.contains("network") && !text.contains("(allow file-read* file-write*)\n"));
        assert!(!text.contains("(subpath \"/\")") && !text.contains("(subpath \"/Users\")"));
    }

    #[test]
    fn a_path_can_not_end_its_own_quotes() {
        let text = profile().text().unwrap();
        assert!(text.contains(r#"(subpath "/private/var/run 1/\"quoted\\")"#), "{text}");
        for path in ["/a\nb", "relative", "/a\u{7f}"] {
            let profile = Profile { write: vec![path.into()], ..profile() };
            assert_eq!(profile.text(), Err(Unspeakable(path.into())), "{path:?}");
        }
    }

    #[test]
    fn brackets_are_balanced() {
        let text = Profile { loopback: true, ..profile() }.text().unwrap();
        let depth = text.chars().fold(0_i32, |depth, sign| match sign {
            '(' => depth + 1,
            ')' => depth - 1,
            _ => depth,
        });
        assert_eq!(depth, 0);
    }

    #[test]
    fn nothing_to_write_makes_no_rule_that_fits_all() {
        let profile = Profile::default();
        assert!(!profile.text().unwrap().contains("file-write*"));
    }

    #[test]
    fn the_command_stands_behind_the_profile_word_by_word() {
        let words = ["a b", "$(c)"].map(str::to_owned);
        let command = profile().command(&words).unwrap();
        assert_eq!(command[..2], ["/usr/bin/sandbox-exec", "-p"]);
        assert_eq!(command[3..], words);
    }
}
