//! `bodkin.test`: runs tests in the sandbox. `bodkin.fixTest`: fixes what makes one fail.

use std::path::Path;

use bodkin_host::code::TestId;
use bodkin_host::{FixTest, Intent, Test};
use bodkin_protocol::testing::{FixTestArguments, TestArguments};
use bodkin_text::RelPath;
use serde_json::Value;
use tower_lsp::jsonrpc::Error;

use crate::failures::bad_request;
use crate::folders::FolderId;
use crate::queue::Reply;
use crate::requests::execute_command::{begin, check_version, path_of};
use crate::server::Server;

/// Runs the tests that are named, those of a file, or those of a folder.
pub(crate) fn answer(server: &mut Server, it: TestArguments, reply: Reply<Option<Value>>) {
    match intent(server, &it) {
        Ok((folder, intent)) => begin(server, folder, intent, reply),
        Err(error) => reply.send(Err(error)),
    }
}

fn intent(server: &Server, it: &TestArguments) -> Result<(FolderId, Intent), Error> {
    let path = path_of(&it.uri)?;
    let folder = |file: Option<RelPath>, folder| {
        let named = it.tests.as_deref().map(|tests| tests.iter().map(|id| test_id(id)).collect());
        let whole = || Ok(file.iter().map(TestId::of_file).collect());
        Ok((folder, Intent::Test(Test { tests: named.unwrap_or_else(whole)? })))
    };
    if let Some(root) = server.folders.iter().find(|folder| folder.is_at(&path)) {
        return folder(None, root.id);
    }
    check_version(server, &path, it.version)?;
    match server.folders.home(&path) {
        Some((home, rel)) => folder(Some(rel), home),
        None => Err(outside(&path)),
    }
}

/// Fixes what makes a test fail, in whichever file of its folder that is.
pub(crate) fn answer_fix(server: &mut Server, it: &FixTestArguments, reply: Reply<Option<Value>>) {
    let wanted = path_of(&it.uri).and_then(|path| {
        check_version(server, &path, None)?;
        let test = test_id(&it.test)?;
        match server.folders.home(&path) {
            Some((folder, _)) => Ok((folder, FixTest { test, command: None, command_dir: None })),
            None => Err(outside(&path)),
        }
    });
    match wanted {
        Ok((folder, fix)) => begin(server, folder, Intent::FixTest(fix), reply),
        Err(error) => reply.send(Err(error)),
    }
}

fn outside(path: &Path) -> Error {
    let message = format!("`{}` is in no folder of the workspace.", path.display());
    bad_request(message, "Open its project's folder, then try again.")
}

/// The name of a test, read.
pub(crate) fn test_id(text: &str) -> Result<TestId, Error> {
    TestId::parse(text).ok_or_else(|| {
        bad_request(format!("`{text}` names no test."), "Use the `id` that `bodkin/tests` gives.")
    })
}
