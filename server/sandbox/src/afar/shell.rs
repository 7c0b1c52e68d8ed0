//! The one thing that the other side must have: `/bin/sh` with the usual tools beside it.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt;

use crate::SandboxError;

/// How much of standard error is kept, bytes.
pub const MOST_SAID: usize = 4 << 10;

/// How a script ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Its exit code.
    pub code: i32,
    /// The beginning of its standard error.
    pub complaint: String,
}

impl Said {
    /// Success, or what it complained of as the error of `what`.
    pub fn succeeded(&self, what: &str) -> Result<(), SandboxError> {
        if self.code == 0 { Ok(()) } else { Err(failed(what, self)) }
    }
}

/// Runs scripts of ours on the other side, as the user that owns the files there.
pub trait Shell {
    /// Runs `/bin/sh -c script sh args…`, feeding it `input` and passing its standard output on to `output`. The
    /// whole of `input` is fed before output is awaited, so a script with much of both must read first.
    fn sh(
        &self,
        script: &str,
        args: &[&OsStr],
        input: &mut dyn Read,
        output: &mut dyn Write,
    ) -> Result<Said, SandboxError>;
}

/// Runs a script that reads nothing; its output up to `most` bytes. What it complained of is the error when it
/// fails, and so is more output than that.
pub fn collected(
    shell: &dyn Shell,
    what: &str,
    text: &str,
    args: &[&OsStr],
    most: usize,
) -> Result<Vec<u8>, SandboxError> {
    let mut output = Bounded { bytes: Vec::new(), most };
    let said = shell.sh(text, args, &mut std::io::empty(), &mut output)?;
    said.succeeded(what).map(|()| output.bytes)
}

/// Runs a script for what it does.
pub fn script(shell: &dyn Shell, what: &str, text: &str, args: &[&OsStr]) -> Result<(), SandboxError> {
    collected(shell, what, text, args, 1 << 20).map(drop)
}

/// The error of a script that said no.
fn failed(what: &str, said: &Said) -> SandboxError {
    let complaint = crate::text::cut(said.complaint.trim(), 300);
    let kind = match said.code {
        NOT_THERE => std::io::ErrorKind::NotFound,
        NOT_A_FILE => std::io::ErrorKind::InvalidInput,
        _ => kind_of(&complaint),
    };
    let words = match (said.code, complaint.as_str()) {
        (NOT_THERE, _) => "nothing is there".to_owned(),
        (NOT_A_FILE, _) => "it is not a regular file".to_owned(),
        (code, "") => format!("exit code {code}"),
        (_, complaint) => complaint.to_owned(),
    };
    SandboxError::Io { what: what.to_owned(), source: std::io::Error::new(kind, words) }
}

/// The kind of a failure, from the system's words for it.
fn kind_of(complaint: &str) -> std::io::ErrorKind {
    const WORDS: [(&str, std::io::ErrorKind); 7] = [
        ("No such file", std::io::ErrorKind::NotFound),
        ("File exists", std::io::ErrorKind::AlreadyExists),
        ("s a directory", std::io::ErrorKind::IsADirectory),
        ("ot a directory", std::io::ErrorKind::NotADirectory),
        ("ermission denied", std::io::ErrorKind::PermissionDenied),
        ("Read-only file system", std::io::ErrorKind::PermissionDenied),
        ("No space left", std::io::ErrorKind::StorageFull),
    ];
    let known = WORDS.iter().find(|(words, _)| complaint.contains(words));
    known.map_or(std::io::ErrorKind::Other, |(_, kind)| *kind)
}

/// Exit code of our scripts where nothing stands at a path.
const NOT_THERE: i32 = 66;
/// Exit code of our scripts where something else than a regular file stands.
const NOT_A_FILE: i32 = 67;

/// Output that is refused when it grows too large.
struct Bounded {
    bytes: Vec<u8>,
    most: usize,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.bytes.len().saturating_add(bytes.len()) > self.most {
            return Err(std::io::Error::other(format!("more than {} bytes came back", self.most)));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// `/bin/sh` with a script and its arguments. The API carries only Unicode: arguments that are not are spelled out.
pub fn argv(script: &str, args: &[&OsStr]) -> Vec<String> {
    let start = ["/bin/sh", "-c"].map(str::to_owned);
    let texts: Option<Vec<&str>> = args.iter().map(|it| it.to_str()).collect();
    match texts {
        Some(texts) => {
            let rest = [script, "sh"].into_iter().chain(texts).map(str::to_owned);
            start.into_iter().chain(rest).collect()
        }
        None => {
            let spelled: String = args.iter().map(|it| spelled(it)).collect();
            start.into_iter().chain([format!("{spelled}{script}"), "sh".to_owned()]).collect()
        }
    }
}

/// A line of shell that adds an argument of any bytes. The `x` keeps line breaks at its end.
fn spelled(arg: &OsStr) -> String {
    let bytes: String = arg.as_bytes().iter().map(|byte| format!("\\{byte:03o}")).collect();
    format!("it=$(printf '{bytes}x'); set -- \"$@\" \"${{it%x}}\"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test asks this machine's shell")]
    fn arguments_of_any_bytes_reach_a_script() {
        for args in [vec![&b"a b"[..], b"'\"$x\n"], vec![b"\xff\n", b"", b"-n %s"]] {
            let args: Vec<&OsStr> = args.into_iter().map(OsStr::from_bytes).collect();
            let words = argv(r#"printf '%s|' "$@""#, &args);
            let said = std::process::Command::new(&words[0]).args(&words[1..]).output().unwrap();
            let expected = args.iter().flat_map(|it| [it.as_bytes(), b"|"].concat()).collect::<Vec<u8>>();
            assert_eq!(said.stdout, expected);
        }
    }
}
