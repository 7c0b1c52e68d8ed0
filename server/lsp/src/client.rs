//! What the client can do, read once from `initialize`.

use bodkin_text::Encoding;
use serde_json::Value;
use tower_lsp::ls_types::{ClientCapabilities, InitializeParams, PositionEncodingKind};

/// What the client can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Client {
    /// What its columns count.
    pub(crate) encoding: Encoding,
    /// It shows progress that the server begins.
    pub(crate) progress: bool,
    /// It takes edits with document versions.
    pub(crate) document_changes: bool,
    /// It can ask the user about an edit before it applies it.
    pub(crate) change_annotations: bool,
    /// It takes code actions, not only bare commands.
    pub(crate) code_action_literals: bool,
    /// It lets the user answer a message.
    pub(crate) questions: bool,
    /// It wants the structured plan.
    pub(crate) events: bool,
    /// It can be asked for settings.
    pub(crate) configuration: bool,
    /// It tells changes of settings to a server that registers for them.
    pub(crate) tells_settings: bool,
    /// It watches files for a server that registers for them.
    pub(crate) watches: bool,
    /// It asks for lenses again when it is told to.
    pub(crate) lens_refresh: bool,
    /// It takes symbols as a tree.
    pub(crate) symbol_trees: bool,
    /// It takes servers that register symbols, definitions and references later.
    pub(crate) registers_navigation: bool,
    /// It shows actions that can not be had, with the reason.
    pub(crate) disabled_actions: bool,
    /// It asks for diagnostics itself, and again when it is told to. One that can not be told is told the
    /// diagnostics: results of tests come when no document changes.
    pub(crate) pulls_diagnostics: bool,
    /// It shows other places beside a diagnostic.
    pub(crate) related_information: bool,
    /// It shows offers itself, and tells what was decided about them.
    pub(crate) review: bool,
}

impl Client {
    /// A client that has promised nothing.
    pub(crate) const PLAIN: Self = Self {
        encoding: Encoding::Utf16,
        progress: false,
        document_changes: false,
        change_annotations: false,
        code_action_literals: false,
        questions: false,
        events: false,
        configuration: false,
        tells_settings: false,
        watches: false,
        lens_refresh: false,
        symbol_trees: false,
        registers_navigation: false,
        disabled_actions: false,
        pulls_diagnostics: false,
        related_information: false,
        review: false,
    };

    /// Reads what the client promises.
    pub(crate) fn of(params: &InitializeParams) -> Self {
        let capabilities = &params.capabilities;
        let workspace = capabilities.workspace.as_ref();
        let workspace_edit = workspace.and_then(|it| it.workspace_edit.as_ref());
        let document_changes = workspace_edit.and_then(|it| it.document_changes).unwrap_or(false);
        let places = [params.initialization_options.as_ref(), capabilities.experimental.as_ref()];
        let wants = |name| places.iter().flatten().any(|place| is_true(place, name));
        let window = capabilities.window.as_ref();
        let documents = capabilities.text_document.as_ref();
        let code_action = documents.and_then(|it| it.code_action.as_ref());
        Self {
            encoding: encoding(capabilities),
            progress: window.and_then(|it| it.work_done_progress).unwrap_or(false),
            document_changes,
            change_annotations: document_changes
                && workspace_edit.is_some_and(|it| it.change_annotation_support.is_some()),
            code_action_literals: code_action.is_some_and(|it| it.code_action_literal_support.is_some()),
            questions: window.is_some_and(|it| it.show_message.is_some()),
            events: wants("/bodkin/events"),
            review: wants("/bodkin/events") && wants("/bodkin/review"),
            configuration: workspace.and_then(|it| it.configuration).unwrap_or(false),
            tells_settings: workspace
                .and_then(|it| it.did_change_configuration.as_ref())
                .and_then(|it| it.dynamic_registration)
                .unwrap_or(false),
            watches: watches(params),
            symbol_trees: documents
                .and_then(|it| it.document_symbol.as_ref())
                .and_then(|it| it.hierarchical_document_symbol_support)
                .unwrap_or(false),
            registers_navigation: registers_navigation(capabilities),
            disabled_actions: code_action.and_then(|it| it.disabled_support).unwrap_or(false),
            pulls_diagnostics: documents.is_some_and(|it| it.diagnostic.is_some())
                && workspace
                    .and_then(|it| it.diagnostics.as_ref())
                    .and_then(|it| it.refresh_support)
                    .unwrap_or(false),
            related_information: documents
                .and_then(|it| it.publish_diagnostics.as_ref())
                .and_then(|it| it.related_information)
                .unwrap_or(false),
            lens_refresh: workspace
                .and_then(|it| it.code_lens.as_ref())
                .and_then(|it| it.refresh_support)
                .unwrap_or(false),
        }
    }

    /// The name of the encoding on the wire.
    pub(crate) fn encoding_kind(&self) -> PositionEncodingKind {
        match self.encoding {
            Encoding::Utf8 => PositionEncodingKind::UTF8,
            Encoding::Utf16 => PositionEncodingKind::UTF16,
            Encoding::Utf32 => PositionEncodingKind::UTF32,
        }
    }
}

/// Whether all four can be registered later.
fn registers_navigation(capabilities: &ClientCapabilities) -> bool {
    let documents = capabilities.text_document.as_ref();
    let workspace = capabilities.workspace.as_ref();
    let each = [
        documents.and_then(|it| it.document_symbol.as_ref()).and_then(|it| it.dynamic_registration),
        documents.and_then(|it| it.definition.as_ref()).and_then(|it| it.dynamic_registration),
        documents.and_then(|it| it.references.as_ref()).and_then(|it| it.dynamic_registration),
        workspace.and_then(|it| it.symbol.as_ref()).and_then(|it| it.dynamic_registration),
    ];
    each.into_iter().all(|it| it == Some(true))
}

/// UTF-8 where it is offered, because then nothing has to be counted; else UTF-16, which every client knows.
fn encoding(capabilities: &ClientCapabilities) -> Encoding {
    let offered =
        capabilities.general.as_ref().and_then(|it| it.position_encodings.as_deref()).unwrap_or_default();
    if offered.contains(&PositionEncodingKind::UTF8) { Encoding::Utf8 } else { Encoding::Utf16 }
}

/// Whether the client watches the disk. Helix offers it, but tells only of files that it saves itself.
fn watches(params: &InitializeParams) -> bool {
    let offered = params
        .capabilities
        .workspace
        .as_ref()
        .and_then(|it| it.did_change_watched_files.as_ref())
        .and_then(|it| it.dynamic_registration)
        .unwrap_or(false);
    offered && params.client_info.as_ref().is_none_or(|it| it.name != "helix")
}

/// `{"bodkin": {"events": true}}`
fn is_true(options: &Value, name: &str) -> bool {
    options.pointer(name).and_then(Value::as_bool).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn client(params: Value) -> Client {
        Client::of(&serde_json::from_value(params).unwrap())
    }

    #[test]
    fn a_client_that_promises_nothing_gets_nothing_special() {
        assert_eq!(client(json!({ "capabilities": {} })), Client::PLAIN);
    }

    #[test]
    fn utf_8_is_taken_where_it_is_offered_whatever_its_place() {
        let offers = |kinds: Value| {
            client(json!({"capabilities": {"general": {"positionEncodings": kinds}}})).encoding
        };
        assert_eq!(offers(json!(["utf-16", "utf-8"])), Encoding::Utf8);
        assert_eq!(offers(json!(["utf-16"])), Encoding::Utf16);
        assert_eq!(offers(json!(["utf-32"])), Encoding::Utf16);
    }

    #[test]
    fn the_disk_is_watched_by_a_client_that_offers_it_and_means_it() {
        let watches = |name: &str| {
            let workspace = json!({"didChangeWatchedFiles": {"dynamicRegistration": true}});
            client(json!({"capabilities": {"workspace": workspace}, "clientInfo": {"name": name}})).watches
        };
        assert!(watches("Visual Studio Code") && !watches("helix"));
    }

    #[test]
    fn a_client_that_can_not_be_told_to_pull_again_is_told_the_diagnostics() {
        let neovim = json!({"capabilities": {"textDocument": {"diagnostic": {}}, "workspace": {}}});
        assert!(!client(neovim).pulls_diagnostics);
        let both = json!({"capabilities": {
            "textDocument": {"diagnostic": {}}, "workspace": {"diagnostics": {"refreshSupport": true}},
        }});
        assert!(client(both).pulls_diagnostics);
    }

    #[test]
    fn the_structured_plan_is_asked_for_in_either_place() {
        assert!(
            client(json!({"capabilities": {}, "initializationOptions": {"bodkin": {"events": true}}})).events
        );
        assert!(client(json!({"capabilities": {"experimental": {"bodkin": {"events": true}}}})).events);
        let reviews = |bodkin| client(json!({"capabilities": {"experimental": {"bodkin": bodkin}}})).review;
        assert!(reviews(json!({"events": true, "review": true})));
        assert!(!reviews(json!({"review": true})), "who hears of no offer can not review it");
    }
}
