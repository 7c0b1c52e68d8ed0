//! Edits as the editor takes them: minimal hunks, bound to document versions where the client can.

use std::collections::HashMap;

use bodkin_text::Edits;
use tower_lsp::ls_types::{
    AnnotatedTextEdit, ApplyWorkspaceEditParams, ChangeAnnotation, DocumentChanges, OneOf,
    OptionalVersionedTextDocumentIdentifier, TextDocumentEdit, Uri, WorkspaceEdit,
};

use crate::client::Client;
use crate::positions;

/// The one annotation that our edits carry.
const ANNOTATION: &str = "bodkin";

/// One file of an edit.
pub(crate) struct FileToEdit<'a> {
    /// The editor's name of it.
    pub(crate) uri: Uri,
    /// The version that the edits are for; `None` when it is not open.
    pub(crate) version: Option<i32>,
    /// The text that the edits are for.
    pub(crate) before: &'a str,
    /// What changes.
    pub(crate) edits: &'a Edits,
}

/// Whether the user is asked by the editor before it applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ask {
    /// Where the client can.
    IfPossible,
    /// No.
    No,
}

/// The request for an edit, as the client takes it.
pub(crate) fn request(
    client: &Client,
    label: &str,
    files: Vec<FileToEdit<'_>>,
    ask: Ask,
) -> ApplyWorkspaceEditParams {
    let annotated = ask == Ask::IfPossible && client.change_annotations;
    let mut edit = WorkspaceEdit::default();
    if client.document_changes {
        let files = files.into_iter().map(|file| document_edit(client, file, annotated)).collect();
        edit.document_changes = Some(DocumentChanges::Edits(files));
    } else {
        let changes = files
            .into_iter()
            .map(|it| (it.uri, positions::text_edits(it.before, it.edits, client.encoding)))
            .collect::<Vec<_>>();
        edit.changes = Some(changes.into_iter().collect());
    }
    if annotated {
        edit.change_annotations = Some(HashMap::from([(ANNOTATION.to_owned(), annotation(label))]));
    }
    ApplyWorkspaceEditParams { label: Some(format!("Bodkin: {label}")), edit }
}

fn document_edit(client: &Client, file: FileToEdit<'_>, annotated: bool) -> TextDocumentEdit {
    let edits = positions::text_edits(file.before, file.edits, client.encoding);
    TextDocumentEdit {
        text_document: OptionalVersionedTextDocumentIdentifier { uri: file.uri, version: file.version },
        edits: edits
            .into_iter()
            .map(|text_edit| match annotated {
                true => OneOf::Right(AnnotatedTextEdit { text_edit, annotation_id: ANNOTATION.to_owned() }),
                false => OneOf::Left(text_edit),
            })
            .collect(),
    }
}

fn annotation(label: &str) -> ChangeAnnotation {
    ChangeAnnotation { label: format!("Bodkin: {label}"), needs_confirmation: Some(true), description: None }
}
