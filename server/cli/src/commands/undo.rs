//! `bodkin undo`: takes an applied change back, over whatever was edited since, or says why not.

use bodkin_host::{Applied, Asker, CheckpointId, HostError};
use bodkin_protocol::UndoPayload;

use crate::args::{Shared, UndoArgs};
use crate::output::Output;
use crate::world;

pub(crate) fn run(shared: &Shared, args: &UndoArgs) -> u8 {
    let mut output = Output::new("undo", shared.json);
    match work(shared, args, &mut output) {
        Ok(undone) => {
            for id in &undone.by_hand {
                output.remark(format!("{id} was taken back by hand already"));
            }
            let files: Vec<String> = undone.files.iter().map(ToString::to_string).collect();
            let payload = UndoPayload {
                checkpoint: undone.checkpoint.to_string(),
                title: undone.title.clone(),
                files: files.clone(),
                rebased: undone.rebased,
            };
            output.result(None, &payload, |style| {
                let note = if undone.rebased { "; your own later edits were kept" } else { "" };
                format!("{} {} in {}{note}\n", style.good("took back"), undone.checkpoint, files.join(", "))
            })
        }
        Err(error) => output.failure(&error),
    }
}

fn work(shared: &Shared, args: &UndoArgs, output: &mut Output) -> Result<Applied, HostError> {
    let which: Option<CheckpointId> = match &args.change {
        Some(text) => Some(text.parse().map_err(|error: String| {
            HostError::bad(error, "`bodkin fix --apply` names the change that it made.")
        })?),
        None => None,
    };
    let host = world::open(shared, world::settings(shared)?, Asker::Headless)?;
    output.about(host.root());
    host.recovered().into_iter().for_each(|sentence| output.remark(sentence));
    host.undo_on_disk(which)
}
