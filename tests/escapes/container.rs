//! A container of podman's as a cage.

use std::sync::Arc;

use bodkin_container::{ContainerBackend, ContainerOptions, Engine};
use bodkin_sandbox::session::Backend;
use bodkin_tests::podman::{IMAGE, Podman};

use crate::battery::session::Sessions;
use crate::battery::{Ground, Kind};

crate::battery::whole_battery!(crate::container::cage());

fn engine() -> Option<&'static Podman> {
    Podman::get("attempts in a container")
}

fn backend(ground: &Ground) -> Arc<dyn Backend> {
    let address = Engine::Unix(engine().unwrap().socket().to_owned());
    let owner = ground.name().trim_matches('.').to_owned();
    Arc::new(ContainerBackend::new(ContainerOptions { owner, ..ContainerOptions::new(address, IMAGE) }))
}

pub(crate) fn cage() -> Sessions {
    Sessions { is_here: || engine().is_some(), ..Sessions::new(Kind::Container, backend) }
}
