//! Messages of `process.Process`: start, connect, input, signals.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::json::{bytes, is_zero, null_is_zero, proto_enum};

/// Paths of the service's methods.
pub mod path {
    /// [`super::ListRequest`] → [`super::ListResponse`].
    pub const LIST: &str = "/process.Process/List";
    /// [`super::StartRequest`] → stream of [`super::EventResponse`].
    pub const START: &str = "/process.Process/Start";
    /// [`super::ConnectRequest`] → stream of [`super::EventResponse`].
    pub const CONNECT: &str = "/process.Process/Connect";
    /// [`super::UpdateRequest`] → [`super::Empty`].
    pub const UPDATE: &str = "/process.Process/Update";
    /// [`super::SendInputRequest`] → [`super::Empty`].
    pub const SEND_INPUT: &str = "/process.Process/SendInput";
    /// Stream of [`super::StreamInputRequest`] → stream of one [`super::Empty`].
    pub const STREAM_INPUT: &str = "/process.Process/StreamInput";
    /// [`super::SendSignalRequest`] → [`super::Empty`].
    pub const SEND_SIGNAL: &str = "/process.Process/SendSignal";
    /// [`super::CloseStdinRequest`] → [`super::Empty`].
    pub const CLOSE_STDIN: &str = "/process.Process/CloseStdin";
}

/// A message without content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Empty {}

/// What is started.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Config {
    /// The program.
    #[serde(default, skip_serializing_if = "is_zero", deserialize_with = "null_is_zero")]
    pub cmd: String,
    /// Its arguments.
    #[serde(default, skip_serializing_if = "is_zero", deserialize_with = "null_is_zero")]
    pub args: Vec<String>,
    /// Variables over those of the sandbox.
    #[serde(default, skip_serializing_if = "is_zero", deserialize_with = "null_is_zero")]
    pub envs: BTreeMap<String, String>,
    /// The folder it runs in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cwd: Option<String>,
}

/// A terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Pty {
    /// Its size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<PtySize>,
}

/// The size of a terminal, characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PtySize {
    /// Columns.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub cols: u32,
    /// Rows.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub rows: u32,
}

/// Starts a process.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StartRequest {
    /// What.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<Config>,
    /// In a terminal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pty: Option<Pty>,
    /// A word to find it by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// Whether it has a standard input; `None`: yes, as clients before 0.3.0 expect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stdin: Option<bool>,
}

/// Which process is meant.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Selector {
    /// By number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
    /// By word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
}

impl Selector {
    /// The process of a number.
    pub fn pid(pid: u32) -> Option<Self> {
        Some(Self { pid: Some(pid), tag: None })
    }
}

/// Listens to a process that runs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ConnectRequest {
    /// Which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<Selector>,
}

/// An item of the streams of `Start` and `Connect`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct EventResponse {
    /// What happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<Event>,
}

impl EventResponse {
    /// An item with its event.
    pub fn of(event: Event) -> Self {
        Self { event: Some(event) }
    }
}

/// What happened to a process: exactly one of the fields; none for what this version does not know.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Event {
    /// It started: the first event of every stream.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<StartEvent>,
    /// It wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<DataEvent>,
    /// It ended: the last event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<EndEvent>,
    /// Nothing happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keepalive: Option<Empty>,
}

impl Event {
    /// It started.
    pub fn start(pid: u32) -> Self {
        Self { start: Some(StartEvent { pid }), ..Self::default() }
    }

    /// It wrote.
    pub fn data(data: DataEvent) -> Self {
        Self { data: Some(data), ..Self::default() }
    }

    /// It ended.
    pub fn end(end: EndEvent) -> Self {
        Self { end: Some(end), ..Self::default() }
    }

    /// Nothing happened.
    pub fn keepalive() -> Self {
        Self { keepalive: Some(Empty {}), ..Self::default() }
    }
}

/// A process started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StartEvent {
    /// Its number inside.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub pid: u32,
}

/// Bytes that a process wrote: exactly one of the fields.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DataEvent {
    /// To its standard output.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "bytes")]
    pub stdout: Option<Vec<u8>>,
    /// To its standard error.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "bytes")]
    pub stderr: Option<Vec<u8>>,
    /// To its terminal.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "bytes")]
    pub pty: Option<Vec<u8>>,
}

/// A process ended.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct EndEvent {
    /// Its exit code; -1 when a signal ended it. A missing one is 0.
    #[serde(default, rename = "exitCode", alias = "exit_code", skip_serializing_if = "is_zero")]
    pub exit_code: i32,
    /// Whether it ended by itself.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub exited: bool,
    /// In words: `exit status 7`, `signal: killed`.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub status: String,
    /// What went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// Lists what runs.
pub type ListRequest = Empty;

/// What runs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ListResponse {
    /// Each process.
    #[serde(default, skip_serializing_if = "is_zero", deserialize_with = "null_is_zero")]
    pub processes: Vec<Info>,
}

/// A process that runs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Info {
    /// What was started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<Config>,
    /// Its number inside.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub pid: u32,
    /// The word to find it by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
}

/// Changes the size of a terminal.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct UpdateRequest {
    /// Whose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<Selector>,
    /// The new size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pty: Option<Pty>,
}

/// Bytes for a process: exactly one of the fields.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Input {
    /// For its standard input.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "bytes")]
    pub stdin: Option<Vec<u8>>,
    /// For its terminal.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "bytes")]
    pub pty: Option<Vec<u8>>,
}

/// Writes to a process.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SendInputRequest {
    /// Which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<Selector>,
    /// What.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Input>,
}

/// An item of the stream of `StreamInput`: exactly one of the fields.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StreamInputRequest {
    /// Which process: the first item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<ConnectRequest>,
    /// Bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<StreamInputData>,
    /// Nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keepalive: Option<Empty>,
}

/// Bytes in the stream of `StreamInput`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StreamInputData {
    /// What.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Input>,
}

proto_enum! {
    /// A signal that the protocol knows.
    Signal {
        /// None was named.
        #[default]
        Unspecified = 0 "SIGNAL_UNSPECIFIED",
        /// To be killed.
        Kill = 9 "SIGNAL_SIGKILL",
        /// To end in good order.
        Term = 15 "SIGNAL_SIGTERM",
    }
}

/// Sends a signal.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SendSignalRequest {
    /// To which process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<Selector>,
    /// Which.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub signal: Signal,
}

/// Ends the standard input of a process.
pub type CloseStdinRequest = ConnectRequest;

#[cfg(test)]
mod tests {
    use super::*;

    fn json<T: Serialize>(value: &T) -> String {
        serde_json::to_string(value).unwrap()
    }

    #[test]
    fn zeros_are_left_out_and_read_back_as_zeros() {
        let end = EventResponse::of(Event::end(EndEvent { exited: true, ..EndEvent::default() }));
        assert_eq!(json(&end), r#"{"event":{"end":{"exited":true}}}"#);
        assert_eq!(serde_json::from_str::<EventResponse>(&json(&end)).unwrap(), end);
        assert_eq!(
            json(&Event::end(EndEvent { exit_code: 7, ..EndEvent::default() })),
            r#"{"end":{"exitCode":7}}"#
        );
    }

    #[test]
    fn bytes_are_base64_in_either_alphabet_with_or_without_padding() {
        let data = Event::data(DataEvent { stdout: Some(vec![0xfb, 0xff]), ..DataEvent::default() });
        assert_eq!(json(&data), r#"{"data":{"stdout":"+/8="}}"#);
        for text in ["+/8=", "+/8", "-_8=", "-_8"] {
            let read: DataEvent = serde_json::from_str(&format!(r#"{{"stdout":"{text}"}}"#)).unwrap();
            assert_eq!(read.stdout.as_deref(), Some(&[0xfb, 0xff][..]), "{text}");
        }
        assert!(serde_json::from_str::<DataEvent>(r#"{"stdout":"***"}"#).is_err());
    }

    #[test]
    fn an_event_of_a_later_version_is_no_error() {
        let event: Event = serde_json::from_str(r#"{"checkpoint":{"id":1}}"#).unwrap();
        assert_eq!(event, Event::default());
    }

    #[test]
    fn a_signal_is_read_by_name_or_number() {
        for text in [r#"{"signal":"SIGNAL_SIGKILL"}"#, r#"{"signal":9}"#] {
            assert_eq!(serde_json::from_str::<SendSignalRequest>(text).unwrap().signal, Signal::Kill);
        }
        assert_eq!(
            serde_json::from_str::<SendSignalRequest>(r#"{"signal":"SIGNAL_X"}"#).unwrap().signal,
            Signal::Unspecified
        );
    }
}
