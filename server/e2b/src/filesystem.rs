//! Messages of `filesystem.Filesystem`: stat, list, make, move, remove, watch.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::json::{int64, is_zero, null_is_zero, proto_enum};
pub use crate::process::Empty;

/// Paths of the service's methods.
pub mod path {
    /// [`super::PathRequest`] → [`super::EntryResponse`].
    pub const STAT: &str = "/filesystem.Filesystem/Stat";
    /// [`super::PathRequest`] → [`super::EntryResponse`].
    pub const MAKE_DIR: &str = "/filesystem.Filesystem/MakeDir";
    /// [`super::MoveRequest`] → [`super::EntryResponse`].
    pub const MOVE: &str = "/filesystem.Filesystem/Move";
    /// [`super::ListDirRequest`] → [`super::ListDirResponse`].
    pub const LIST_DIR: &str = "/filesystem.Filesystem/ListDir";
    /// [`super::PathRequest`] → [`super::Empty`].
    pub const REMOVE: &str = "/filesystem.Filesystem/Remove";
    /// [`super::WatchRequest`] → stream of [`super::WatchResponse`].
    pub const WATCH_DIR: &str = "/filesystem.Filesystem/WatchDir";
    /// [`super::WatchRequest`] → [`super::Watcher`].
    pub const CREATE_WATCHER: &str = "/filesystem.Filesystem/CreateWatcher";
    /// [`super::Watcher`] → [`super::WatcherEvents`].
    pub const GET_WATCHER_EVENTS: &str = "/filesystem.Filesystem/GetWatcherEvents";
    /// [`super::Watcher`] → [`super::Empty`].
    pub const REMOVE_WATCHER: &str = "/filesystem.Filesystem/RemoveWatcher";
}

proto_enum! {
    /// What an entry is.
    FileType {
        /// A FIFO, a socket, a device.
        #[default]
        Unspecified = 0 "FILE_TYPE_UNSPECIFIED",
        /// A regular file.
        File = 1 "FILE_TYPE_FILE",
        /// A folder.
        Directory = 2 "FILE_TYPE_DIRECTORY",
        /// A symbolic link.
        Symlink = 3 "FILE_TYPE_SYMLINK",
    }
}

proto_enum! {
    /// What happened to an entry.
    EventType {
        /// Something this version does not know.
        #[default]
        Unspecified = 0 "EVENT_TYPE_UNSPECIFIED",
        /// It appeared.
        Create = 1 "EVENT_TYPE_CREATE",
        /// It was written.
        Write = 2 "EVENT_TYPE_WRITE",
        /// It is gone.
        Remove = 3 "EVENT_TYPE_REMOVE",
        /// It was moved.
        Rename = 4 "EVENT_TYPE_RENAME",
        /// Its permissions changed.
        Chmod = 5 "EVENT_TYPE_CHMOD",
    }
}

/// A file, folder or link.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct EntryInfo {
    /// The last part of its path.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub name: String,
    /// What it is.
    #[serde(default, rename = "type", skip_serializing_if = "is_zero")]
    pub kind: FileType,
    /// Where it stands, absolute.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub path: String,
    /// Bytes.
    #[serde(default, skip_serializing_if = "is_zero", with = "int64")]
    pub size: i64,
    /// Permission bits.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub mode: u32,
    /// The same in letters: `-rw-r--r--`.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub permissions: String,
    /// Name or number of the owner.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub owner: String,
    /// Name or number of the group.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub group: String,
    /// RFC 3339.
    #[serde(
        default,
        rename = "modifiedTime",
        alias = "modified_time",
        skip_serializing_if = "Option::is_none"
    )]
    pub modified_time: Option<String>,
    /// Where a link leads.
    #[serde(
        default,
        rename = "symlinkTarget",
        alias = "symlink_target",
        skip_serializing_if = "Option::is_none"
    )]
    pub symlink_target: Option<String>,
    /// The user's words about the file.
    #[serde(default, skip_serializing_if = "is_zero", deserialize_with = "null_is_zero")]
    pub metadata: BTreeMap<String, String>,
}

/// Speaks of one path.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PathRequest {
    /// Which.
    #[serde(default, skip_serializing_if = "is_zero", deserialize_with = "null_is_zero")]
    pub path: String,
}

/// Answers with an entry.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct EntryResponse {
    /// What stands there now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<EntryInfo>,
}

/// Moves a file or folder.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MoveRequest {
    /// From here.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub source: String,
    /// To here.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub destination: String,
}

/// Lists a folder.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ListDirRequest {
    /// Which.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub path: String,
    /// How many levels; 0 is 1.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub depth: u32,
}

/// What lies in a folder.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ListDirResponse {
    /// Each entry.
    #[serde(default, skip_serializing_if = "is_zero", deserialize_with = "null_is_zero")]
    pub entries: Vec<EntryInfo>,
}

/// Watches a folder; the request of `WatchDir` and of `CreateWatcher`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct WatchRequest {
    /// Which.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub path: String,
    /// With all folders below it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub recursive: bool,
    /// Events carry the entry.
    #[serde(default, rename = "includeEntry", alias = "include_entry", skip_serializing_if = "is_zero")]
    pub include_entry: bool,
    /// Watch also where events of other machines can not be seen.
    #[serde(
        default,
        rename = "allowNetworkMounts",
        alias = "allow_network_mounts",
        skip_serializing_if = "is_zero"
    )]
    pub allow_network_mounts: bool,
}

/// An item of the stream of `WatchDir`: exactly one of the fields.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct WatchResponse {
    /// The watch stands: the first item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Empty>,
    /// Something happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filesystem: Option<FilesystemEvent>,
    /// Nothing happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keepalive: Option<Empty>,
}

/// What happened to an entry below a watched folder.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FilesystemEvent {
    /// Its path below the watched folder.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub name: String,
    /// What.
    #[serde(default, rename = "type", skip_serializing_if = "is_zero")]
    pub kind: EventType,
    /// The entry, where it was asked for and is still there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<EntryInfo>,
}

/// A watch that is asked for its events.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Watcher {
    /// Its name.
    #[serde(default, rename = "watcherId", alias = "watcher_id", skip_serializing_if = "is_zero")]
    pub watcher_id: String,
}

/// What happened since the last question.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct WatcherEvents {
    /// In order.
    #[serde(default, skip_serializing_if = "is_zero", deserialize_with = "null_is_zero")]
    pub events: Vec<FilesystemEvent>,
}

/// Permission bits in letters, with the kind in front: `drwxr-xr-x`.
pub fn permissions(kind: FileType, mode: u32) -> String {
    let kind = match kind {
        FileType::Directory => 'd',
        FileType::Symlink => 'L',
        FileType::File | FileType::Unspecified => '-',
    };
    let bits = (0..9).rev().zip("rwxrwxrwx".chars());
    std::iter::once(kind)
        .chain(bits.map(|(bit, letter)| if mode >> bit & 1 == 1 { letter } else { '-' }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_written_as_protojson_writes_it() {
        let entry = EntryInfo {
            name: "a b".into(),
            kind: FileType::File,
            path: "/home/user/a b".into(),
            size: 20_000_000_000,
            mode: 0o644,
            permissions: permissions(FileType::File, 0o644),
            ..EntryInfo::default()
        };
        let text = serde_json::to_string(&entry).unwrap();
        assert_eq!(
            text,
            r#"{"name":"a b","type":"FILE_TYPE_FILE","path":"/home/user/a b","size":"20000000000","mode":420,"permissions":"-rw-r--r--"}"#
        );
        assert_eq!(serde_json::from_str::<EntryInfo>(&text).unwrap(), entry);
        assert_eq!(serde_json::from_str::<EntryInfo>(r#"{"size":5,"type":1,"is_new":[]}"#).unwrap().size, 5);
    }

    #[test]
    fn permissions_are_nine_letters_behind_the_kind() {
        assert_eq!(permissions(FileType::Directory, 0o40755), "drwxr-xr-x");
        assert_eq!(permissions(FileType::Unspecified, 0), "----------");
    }
}
