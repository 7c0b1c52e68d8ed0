//! Endpoints that are absent, refuse, or lie.

use std::io::{Read, Write};
use std::net::TcpListener;

use bodkin_remote::{RemoteBackend, RemoteOptions};
use bodkin_sandbox::session::Backend;

use super::Daemon;

/// Answers each connection with these bytes, in order; gives the address.
fn answers(all: Vec<&'static str>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for answer in all {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    url
}

fn failure(url: &str) -> String {
    let backend = RemoteBackend::new(RemoteOptions::at(url, "a-secret-key")).unwrap();
    let text = backend.list().unwrap_err().to_string();
    assert!(!text.contains("a-secret-key"), "{text}");
    text
}

#[test]
fn nobody_there_is_said_with_the_next_step() {
    let text = failure("http://127.0.0.1:1");
    assert!(text.contains("127.0.0.1:1") && text.contains("sandboxd"), "{text}");
}

#[test]
fn a_wrong_key_is_told_as_one_by_the_real_daemon() {
    let daemon = Daemon::start();
    assert!(failure(&daemon.url).contains("refuses the key"));
}

#[test]
fn a_busy_server_is_asked_again_after_the_time_that_it_names() {
    let busy =
        "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 0\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let good = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n[]";
    let backend = RemoteBackend::new(RemoteOptions::at(&answers(vec![busy, busy, good]), "k")).unwrap();
    assert!(backend.list().unwrap().is_empty());
}

#[test]
fn an_answer_that_breaks_off_or_is_nonsense_is_an_error() {
    let cut = "HTTP/1.1 200 OK\r\nContent-Length: 99999\r\nConnection: close\r\n\r\n[";
    assert!(failure(&answers(vec![cut])).contains("does not answer"));
    let odd = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\n{";
    assert!(failure(&answers(vec![odd])).contains("listing remote sandboxes"));
}

#[test]
fn a_dead_sandbox_is_known_by_its_words() {
    let dead = "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 53\r\nConnection: close\r\n\r\n\
                {\"code\":502,\"message\":\"The sandbox i1 was not found\"} ";
    assert!(failure(&answers(vec![dead])).contains("gone"));
}
