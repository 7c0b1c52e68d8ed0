//! `bodkin/content`: a text of an offer, for an editor that compares them.

use bodkin_host::review::text_with;
use bodkin_protocol::review::{Content, ContentArguments, ContentSide};
use bodkin_text::RelPath;
use tower_lsp::jsonrpc::Error;

use crate::failures::bad_request;
use crate::requests::execute_command::key;
use crate::server::Server;

/// The text; made from the offer, whatever the editor shows by now.
pub(crate) fn answer(server: &Server, params: &ContentArguments) -> Result<Content, Error> {
    let key = key(&params.run_id)?;
    let none = || bad_request(format!("Run {key} offers nothing."), "Wait for its offer, or for its end.");
    let (Some(offer), Some(review)) = (server.runs.offer(key), server.runs.review(key)) else {
        return Err(none());
    };
    let path = RelPath::new(&params.path).ok();
    let file = path.as_ref().and_then(|path| offer.files.iter().find(|it| it.path == *path));
    let Some(file) = file else {
        return Err(bad_request(
            format!("The offer does not change `{}`.", params.path),
            "Name a file of it.",
        ));
    };
    let text = match params.side {
        ContentSide::Before => Some(file.before.clone()),
        ContentSide::After => Some(file.after.clone()),
        ContentSide::Accepted => text_with(&offer, &file.path, &review.kept()),
    };
    text.map(|text| Content { text }).ok_or_else(none)
}
