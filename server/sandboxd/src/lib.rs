//! The daemon: this machine's sandboxes for other machines, in E2B's protocol.
