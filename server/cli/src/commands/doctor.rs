//! `bodkin doctor`: what this machine offers, and what to do about what is missing.

use bodkin_host::doctor::{examine, examine_without_state};
use bodkin_host::{Asker, HostError, real_folder};
use bodkin_protocol::payloads::{DoctorCheck, DoctorPayload, DoctorStatus};
use bodkin_protocol::{Failure, FailureKind};

use crate::args::Shared;
use crate::output::{Output, Style};
use crate::world;

pub(crate) fn run(shared: &Shared) -> u8 {
    let mut output = Output::new("doctor", shared.json);
    match checks(shared, &mut output) {
        Ok(checks) => {
            let broken: Vec<&str> = checks
                .iter()
                .filter(|it| it.status == DoctorStatus::Fail)
                .map(|it| it.title.as_str())
                .collect();
            let failure = (!broken.is_empty()).then(|| {
                let message = format!("something can not be done because of: {}", broken.join(", "));
                Failure::new(FailureKind::Unavailable, message, "Follow the next step of each.")
            });
            let payload = DoctorPayload { checks };
            output.result(failure, &payload, |style| text(&payload.checks, style))
        }
        Err(error) => output.failure(&error),
    }
}

fn checks(shared: &Shared, output: &mut Output) -> Result<Vec<DoctorCheck>, HostError> {
    let settings = world::settings(shared)?;
    let root = real_folder(&world::root(shared, &world::here()?))?;
    output.about(&root);
    let sandbox = world::sandbox(&settings, &root)?;
    match world::open(shared, settings, Asker::Headless) {
        Ok(host) => Ok(examine(&host)),
        // The folder is there, so what is wrong is where the state is kept: a finding like any other.
        Err(error) => Ok(examine_without_state(&*sandbox, &error)),
    }
}

pub(super) fn text(checks: &[DoctorCheck], style: Style) -> String {
    let mut out = String::new();
    for check in checks {
        let mark = match check.status {
            DoctorStatus::Ok => style.good("✓"),
            DoctorStatus::Warn => style.warn("!"),
            DoctorStatus::Fail => style.bad("✗"),
        };
        out.push_str(&format!("{mark} {}: {}\n", style.strong(&check.title), check.detail));
        if let Some(next) = &check.next_step {
            out.push_str(&format!("    next: {next}\n"));
        }
    }
    out
}
