//! The wire: one listener, HTTP/1.1 and HTTP/2, with TLS or without, and an end that leaves nothing behind.
//!
//! Small answers leave at once (TCP_NODELAY, one flush). A client that sends its head slowly, or takes nothing for
//! two minutes, loses its connection; the sandbox does not care.

use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;

use crate::daemon::Daemon;
use crate::options::TlsFiles;
use crate::planes;

/// Connections at once.
const CONNECTIONS: usize = 4096;
/// How long a client may take for the head of a request, and for its side of TLS.
const HEAD: Duration = Duration::from_secs(15);
/// How long bytes that were sent may stay untaken.
const UNTAKEN: Duration = Duration::from_secs(120);
/// How long open answers may take to end once all sandboxes are gone.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// A daemon that serves, on threads of its own.
pub struct Served {
    address: SocketAddr,
    stop: Stopper,
    thread: std::thread::JoinHandle<()>,
}

/// Asks a daemon to end, from any thread, any number of times.
#[derive(Clone)]
pub struct Stopper(Arc<watch::Sender<bool>>);

impl Stopper {
    /// Asks it to end all sandboxes and then itself.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Served {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What ends it.
    pub fn stopper(&self) -> Stopper {
        self.stop.clone()
    }

    /// Waits until it was asked to end, and has: no sandbox is left.
    pub fn wait(self) {
        // A panic of the runtime's thread has been printed by then.
        let _ = self.thread.join();
    }
}

/// Serves. Returns when the address is taken and requests are answered.
pub fn serve(daemon: Daemon) -> io::Result<Served> {
    let listener = StdListener::bind(daemon.options.listen)?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let _ = daemon.port.set(address.port());
    let tls = daemon.options.tls.as_ref().map(tls).transpose()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(usize::try_from(crate::sandbox::cpu_count()).unwrap_or(1).clamp(2, 8))
        .max_blocking_threads(2048)
        .thread_stack_size(512 * 1024)
        .thread_name("sandboxd")
        .enable_all()
        .build()?;
    let (stop, stopped) = watch::channel(false);
    let thread = std::thread::Builder::new().name("sandboxd".to_owned()).spawn(move || {
        runtime.block_on(run(Arc::new(daemon), listener, tls, stopped));
        runtime.shutdown_timeout(LAST_WORDS);
    })?;
    Ok(Served { address, stop: Stopper(Arc::new(stop)), thread })
}

fn tls(files: &TlsFiles) -> io::Result<TlsAcceptor> {
    let wrong = |path: &Path, error: &dyn std::fmt::Display| {
        io::Error::new(io::ErrorKind::InvalidInput, format!("{}: {error}", path.display()))
    };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&files.cert)
        .and_then(Iterator::collect)
        .map_err(|error| wrong(&files.cert, &error))?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|error| wrong(&files.key, &error))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(&files.cert, &error))?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| wrong(&files.cert, &error))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

async fn run(
    daemon: Arc<Daemon>,
    listener: StdListener,
    tls: Option<TlsAcceptor>,
    mut stopped: watch::Receiver<bool>,
) {
    let Ok(listener) = TcpListener::from_std(listener) else { return };
    let reaper = tokio::spawn(daemon.clone().reap());
    let service = planes::Planes::new(daemon.clone());
    let graceful = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopped.wait_for(|stop| *stop) => break,
        };
        // A connection that broke while it waited is nobody's; out of descriptors, the next one may fare better.
        let Ok((stream, _)) = accepted else { continue };
        let Ok(room) = room.clone().try_acquire_owned() else { continue };
        tune(&stream);
        let (service, tls, watcher) = (service.clone(), tls.clone(), graceful.watcher());
        tokio::spawn(async move {
            let _room = room;
            let mut builder = Builder::new(TokioExecutor::new());
            builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD).max_buf_size(64 * 1024);
            builder
                .http2()
                .timer(TokioTimer::new())
                .max_concurrent_streams(256)
                .max_header_list_size(64 * 1024);
            let service = TowerToHyperService::new(service);
            // How a connection ends is the client's business.
            let _ = match tls {
                None => {
                    watcher
                        .watch(
                            builder
                                .serve_connection_with_upgrades(TokioIo::new(stream), service)
                                .into_owned(),
                        )
                        .await
                }
                Some(tls) => match tokio::time::timeout(HEAD, tls.accept(stream)).await {
                    Ok(Ok(stream)) => {
                        watcher
                            .watch(
                                builder
                                    .serve_connection_with_upgrades(TokioIo::new(stream), service)
                                    .into_owned(),
                            )
                            .await
                    }
                    Ok(Err(_)) | Err(_) => Ok(()),
                },
            };
        });
    }
    drop(listener);
    reaper.abort();
    daemon.close().await;
    // The streams of what was ended end by themselves; who does not listen is not waited for.
    let _ = tokio::time::timeout(LAST_WORDS, graceful.shutdown()).await;
}

fn tune(stream: &TcpStream) {
    // A kernel without one of these serves all the same, only slower to notice.
    let _ = stream.set_nodelay(true);
    let millis = u32::try_from(UNTAKEN.as_millis()).unwrap_or(u32::MAX);
    let _ = rustix::net::sockopt::set_tcp_user_timeout(stream, millis);
    let _ = rustix::net::sockopt::set_socket_keepalive(stream, true);
}
