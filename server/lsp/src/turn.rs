//! The loop that owns the state: one job a turn, in order.
//!
//! A turn that panics is logged and the loop goes on; its request is answered by the end of its reply.
//! A turn that takes long is logged, because everything else waits for it.
//! invariant: a panic in a handler answers an error and the server lives

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError};

use tower_lsp::ls_types::MessageType;

use crate::clock::Clock;
use crate::queue::Job;
use crate::server::Server;

/// A turn above this is logged, milliseconds.
const LONG_MS: u64 = 100;

/// Takes jobs until the connection has closed and the runs have ended.
pub(crate) fn run(mut server: Server, jobs: &Receiver<Job>, clock: Clock) {
    loop {
        let job = match server.next_due_ms() {
            Some(at_ms) => jobs.recv_timeout(clock.until(at_ms)),
            None => jobs.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        let job = match job {
            Ok(job) => Some(job),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        take(&mut server, job, clock);
        if server.is_closed() {
            return;
        }
    }
}

/// One turn: the job, then what is due.
fn take(server: &mut Server, job: Option<Job>, clock: Clock) {
    let name = job.as_ref().map_or("tick", |it| it.name);
    server.now_ms = clock.now_ms();
    let turned = catch_unwind(AssertUnwindSafe(|| {
        if let Some(job) = job {
            job.run(server);
        }
        server.tick();
    }));
    if turned.is_err() {
        server.out.log(
            MessageType::ERROR,
            format!("Bodkin broke in {name}; please report it with what stands above."),
        );
    }
    let took_ms = clock.now_ms().saturating_sub(server.now_ms);
    if took_ms > LONG_MS {
        server.out.log(MessageType::WARNING, format!("Bodkin: {name} took {took_ms} ms"));
    }
}
