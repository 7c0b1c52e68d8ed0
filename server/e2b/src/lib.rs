//! E2B's protocol as values: the control plane's JSON, Connect's envelopes, signatures of file addresses. Knows no socket.
