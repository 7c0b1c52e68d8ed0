//! Sandboxes made of containers, through the API that Docker and podman serve.
