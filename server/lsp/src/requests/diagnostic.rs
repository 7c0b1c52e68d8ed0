//! `textDocument/diagnostic`: what is wrong with a document, for clients that ask themselves.

use tower_lsp::ls_types::{
    Diagnostic, DocumentDiagnosticParams, DocumentDiagnosticReport, DocumentDiagnosticReportResult,
    FullDocumentDiagnosticReport, RelatedFullDocumentDiagnosticReport,
};

use crate::diagnostics::Look;
use crate::queue::Reply;
use crate::requests::initialize::file_path;
use crate::server::Server;

/// Looks at the document beside the loop.
pub(crate) fn answer(
    server: &Server,
    params: &DocumentDiagnosticParams,
    reply: Reply<DocumentDiagnosticReportResult>,
) {
    let look = file_path(&params.text_document.uri).and_then(|path| Look::at(server, &path));
    let Some(look) = look else { return reply.send(Ok(report(Vec::new()))) };
    server.background.beside(Box::new(move || reply.send(Ok(report(look.found())))));
}

fn report(items: Vec<Diagnostic>) -> DocumentDiagnosticReportResult {
    let full = FullDocumentDiagnosticReport { result_id: None, items };
    let report = RelatedFullDocumentDiagnosticReport {
        related_documents: None,
        full_document_diagnostic_report: full,
    };
    DocumentDiagnosticReportResult::Report(DocumentDiagnosticReport::Full(report))
}
