//! The one queue into the server: jobs in the order in which the client spoke.
//!
//! Posting never waits. A job gets the whole state, and nobody else ever does.

use std::sync::mpsc;

use tokio::sync::oneshot;
use tower_lsp::jsonrpc;

use crate::server::Server;

/// Something to do to the state.
pub(crate) struct Job {
    /// What it is, for the log: the method's name.
    pub(crate) name: &'static str,
    run: Box<dyn FnOnce(&mut Server) + Send>,
}

impl Job {
    /// Does it.
    pub(crate) fn run(self, server: &mut Server) {
        (self.run)(server);
    }
}

/// Where jobs are posted.
#[derive(Clone)]
pub(crate) struct Queue {
    jobs: mpsc::Sender<Job>,
}

impl Queue {
    /// A queue and the end from which jobs are taken.
    pub(crate) fn new() -> (Self, mpsc::Receiver<Job>) {
        let (jobs, taken) = mpsc::channel();
        (Self { jobs }, taken)
    }

    /// Posts a job; after the server has ended it is dropped.
    pub(crate) fn post(&self, name: &'static str, run: impl FnOnce(&mut Server) + Send + 'static) {
        drop(self.jobs.send(Job { name, run: Box::new(run) }));
    }

    /// Posts a job that answers; the answer is awaited outside the queue.
    ///
    /// A job that dies before it answers makes an internal error: a request is always answered.
    pub(crate) fn ask<T: Send + 'static>(
        &self,
        name: &'static str,
        run: impl FnOnce(&mut Server, Reply<T>) + Send + 'static,
    ) -> impl Future<Output = jsonrpc::Result<T>> + Send {
        let (answer, awaited) = oneshot::channel();
        self.post(name, move |server| run(server, Reply { answer }));
        async move {
            match awaited.await {
                Ok(answer) => answer,
                Err(_) => Err(internal(name)),
            }
        }
    }
}

/// The error for a request whose job died.
fn internal(name: &str) -> jsonrpc::Error {
    let mut error = jsonrpc::Error::internal_error();
    error.message =
        format!("Bodkin broke while answering {name}; the log says where. Please report it.").into();
    error
}

/// Answers one request once.
#[must_use = "a request that is not answered gets an internal error"]
pub(crate) struct Reply<T> {
    answer: oneshot::Sender<jsonrpc::Result<T>>,
}

impl<T> Reply<T> {
    /// Answers.
    pub(crate) fn send(self, answer: jsonrpc::Result<T>) {
        drop(self.answer.send(answer)); // the client has cancelled the request, and got its answer for that
    }

    /// Whether the client no longer wants the answer.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.answer.is_closed()
    }
}
