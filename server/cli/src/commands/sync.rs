//! `bodkin sync --dry-run`: what a remote sandbox would get of this workspace, and what stays here and why.

use bodkin_host::{HostError, real_folder, sync_preview};
use bodkin_protocol::sync::{SyncFile, SyncPayload};

use crate::args::{Shared, SyncArgs};
use crate::output::{Output, Style, count};
use crate::world;

/// How many files are named where not all are asked for.
const LARGEST: usize = 10;

pub(crate) fn run(shared: &Shared, args: &SyncArgs) -> u8 {
    let mut output = Output::new("sync", shared.json);
    match look(shared, args, &mut output) {
        Ok(payload) => output.result(None, &payload, |style| text(&payload, args.all, style)),
        Err(error) => output.failure(&error),
    }
}

fn look(shared: &Shared, args: &SyncArgs, output: &mut Output) -> Result<SyncPayload, HostError> {
    let root = real_folder(&world::root(shared, &world::here()?))?;
    output.about(&root);
    sync_preview(&root, Some(args.max_file.saturating_mul(1 << 20)))
}

fn text(payload: &SyncPayload, all: bool, style: Style) -> String {
    let number = payload.files.len();
    let files = count(number as u64, "file");
    let short: String = payload.root.chars().take(12).collect();
    let mut out = format!("{} {files}, {} ({short})\n", style.good("would travel:"), bytes(payload.bytes));
    let mut shown: Vec<&SyncFile> = payload.files.iter().collect();
    if !all && number > LARGEST {
        shown.sort_by(|one, other| other.size.cmp(&one.size).then_with(|| one.path.cmp(&other.path)));
        shown.truncate(LARGEST);
        out.push_str(&format!("  the {LARGEST} largest; --all lists every file\n"));
    }
    for file in shown {
        let link = if file.is_link { " (link)" } else { "" };
        out.push_str(&format!("  {:>9}  {}{link}\n", bytes(file.size), file.path));
    }
    for (title, these) in [("stays here:", &payload.left_out), ("look twice:", &payload.remarks)] {
        if !these.is_empty() {
            out.push_str(&format!("{}\n", style.warn(title)));
        }
        for it in these {
            out.push_str(&format!("  {}: {}\n", it.path, it.reason));
        }
    }
    out.push_str("what version control ignores stays here as well; nothing was sent\n");
    out
}

/// A number of bytes for people.
fn bytes(number: u64) -> String {
    let units = ["KiB", "MiB", "GiB", "TiB"];
    if number < 1024 {
        return format!("{number} B");
    }
    let mut value = number as f64 / 1024.0;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < units.len() {
        value /= 1024.0;
        unit += 1;
    }
    format!("{value:.1} {}", units.get(unit).copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn sizes_are_told_in_the_unit_that_fits() {
        assert_eq!(
            [0, 1023, 1024, 1536, 5 << 20].map(bytes),
            ["0 B", "1023 B", "1.0 KiB", "1.5 KiB", "5.0 MiB"]
        );
    }
}
