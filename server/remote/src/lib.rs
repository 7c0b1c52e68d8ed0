//! Sandboxes on another machine: any endpoint that speaks E2B's protocol, `bodkin sandboxd` among them.
