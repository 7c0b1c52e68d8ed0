//! What would be sent to another machine, and what stays here and why; nothing is sent.

use std::path::Path;

use bodkin_protocol::sync::{SyncFile, SyncLeft, SyncPayload};
use bodkin_sync::{Entry, FilePath, Rules, scan};

use crate::error::HostError;

/// Looks at the workspace as a remote sandbox would get it. Files larger than `max_file_bytes` stay here and are told.
pub fn sync_preview(root: &Path, max_file_bytes: Option<u64>) -> Result<SyncPayload, HostError> {
    let mut rules = Rules::default();
    rules.max_file_bytes = max_file_bytes.unwrap_or(rules.max_file_bytes);
    let found =
        scan(root, &rules, None).map_err(|error| HostError::io("looking at the workspace", root, &error))?;
    let files: Vec<SyncFile> = found
        .manifest()
        .leaves()
        .into_iter()
        .map(|(path, leaf)| match &leaf.entry {
            Entry::File { size, .. } => SyncFile { path: shown(&path), size: *size, is_link: false },
            Entry::Link { target } => {
                SyncFile { path: shown(&path), size: target.len() as u64, is_link: true }
            }
        })
        .collect();
    let told = |travels: bool| {
        let these = found.told.iter().filter(move |(_, why)| why.travels() == travels);
        these.map(|(path, why)| SyncLeft { path: shown(path), reason: why.to_string() }).collect()
    };
    Ok(SyncPayload {
        root: found.manifest().root().to_string(),
        bytes: files.iter().map(|it| it.size).sum(),
        files,
        left_out: told(false),
        remarks: told(true),
    })
}

/// A path as it can be printed: what is no text or could deceive a reader is escaped.
fn shown(path: &FilePath) -> String {
    String::from_utf8_lossy(path.as_bytes()).escape_debug().to_string()
}
