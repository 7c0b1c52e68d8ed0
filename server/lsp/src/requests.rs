//! One file a request or notification; each is one function over the state.

pub(crate) mod cancel_progress;
pub(crate) mod changes;
pub(crate) mod code_action;
pub(crate) mod code_lens;
pub(crate) mod content;
pub(crate) mod decide;
pub(crate) mod diagnostic;
pub(crate) mod did_change;
pub(crate) mod did_change_configuration;
pub(crate) mod did_change_watched_files;
pub(crate) mod did_change_workspace_folders;
pub(crate) mod did_close;
pub(crate) mod did_open;
pub(crate) mod execute_command;
pub(crate) mod initialize;
pub(crate) mod initialized;
pub(crate) mod ledger;
pub(crate) mod navigate;
pub(crate) mod runs;
pub(crate) mod status;
pub(crate) mod test_command;
pub(crate) mod tests;
