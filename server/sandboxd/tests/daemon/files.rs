//! Files: up, down, listed, moved, watched.

use std::io::Write;

use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::kit::{Answer, Guest, Kit, Request};

fn multipart(guest: &Guest<'_>, query: &str, files: &[(&str, &str)]) -> Answer {
    let mut body = String::new();
    for (name, content) in files {
        body.push_str(&format!(
            "--cut\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n{content}\r\n"
        ));
    }
    body.push_str("--cut--\r\n");
    let request = Request::new("POST", &format!("/files{query}"));
    guest.send(request.header("Content-Type", "multipart/form-data; boundary=cut").body(body.as_bytes()))
}

#[test]
fn a_file_goes_up_and_comes_down_as_it_was() {
    let kit = Kit::new();
    let guest = kit.create();
    let written = guest.write("deep/er/a%20b%C3%A9.txt", "one\0two");
    assert_eq!(
        written.json(),
        json!([{"name": "a bé.txt", "path": "/home/user/deep/er/a bé.txt", "type": "file"}])
    );
    assert_eq!(guest.read("/home/user/deep/er/a%20b%C3%A9.txt").body, b"one\0two");
    assert_eq!(guest.write("deep/er/a%20b%C3%A9.txt", "").status, 200);
    let empty = guest.read("~/deep/er/a%20b%C3%A9.txt");
    assert_eq!((empty.status, empty.body.len()), (200, 0));
}

#[test]
fn many_files_go_up_in_one_request() {
    let kit = Kit::new();
    let guest = kit.create();
    let written = multipart(&guest, "", &[("/home/user/a", "1"), ("b c é", "2")]);
    assert_eq!(written.json()[1]["path"], "/home/user/b c é");
    assert_eq!((guest.read("a").text(), guest.read("b%20c%20%C3%A9").text()), ("1".into(), "2".into()));
    multipart(&guest, "?path=named", &[("by the part", "3")]);
    assert_eq!(guest.read("named").text(), "3");
    let twice = multipart(&guest, "", &[("same", "1"), ("/home/user/same", "2")]);
    assert_eq!(twice.status, 400);
    assert_eq!(multipart(&guest, "", &[]).status, 400);
}

#[test]
fn a_packed_upload_is_unpacked_and_a_packed_download_is_packed() {
    let kit = Kit::new();
    let guest = kit.create();
    let mut packed = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(b"unpacked").unwrap();
    let request = Request::new("POST", "/files?path=a").header("Content-Type", "application/octet-stream");
    let request = request.header("Content-Encoding", "gzip").body(&packed.finish().unwrap());
    assert_eq!(guest.send(request).status, 200);
    assert_eq!(guest.read("a").text(), "unpacked");
    let down = guest.send(Request::new("GET", "/files?path=a").header("Accept-Encoding", "gzip"));
    assert_eq!(down.header("content-encoding").as_deref(), Some("gzip"));
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&down.body[..]), &mut text).unwrap();
    assert_eq!(text, "unpacked");
    let broken =
        Request::new("POST", "/files?path=broken").header("Content-Type", "application/octet-stream");
    assert_eq!(guest.send(broken.header("Content-Encoding", "gzip").body(b"no gzip")).status, 400);
    assert_eq!(guest.read("broken").status, 404);
}

#[test]
fn a_range_of_a_file_comes_down() {
    let kit = Kit::new();
    let guest = kit.create();
    guest.write("a", "0123456789");
    let range = |range: &str| guest.send(Request::new("GET", "/files?path=a").header("Range", range));
    let part = range("bytes=2-4");
    assert_eq!((part.status, part.text().as_str()), (206, "234"));
    assert_eq!(part.header("content-range").as_deref(), Some("bytes 2-4/10"));
    assert_eq!(range("bytes=99-").status, 416);
}

#[test]
fn an_upload_that_is_cut_off_leaves_no_file() {
    let kit = Kit::new();
    let guest = kit.create();
    let request = Request::new("POST", "/files?path=cut").header("Content-Type", "application/octet-stream");
    let bytes = guest.signed(request.body(b"only the first half arrives")).bytes();
    let address = kit.served.as_ref().unwrap().address();
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    stream.write_all(&bytes[..bytes.len() - 10]).unwrap();
    drop(stream);
    assert_eq!(guest.read("cut").status, 404);
}

#[test]
fn what_is_not_there_and_what_is_a_folder_have_their_status() {
    let kit = Kit::new();
    let guest = kit.create();
    let missing = guest.read("missing");
    assert_eq!((missing.status, &missing.json()["code"]), (404, &json!(404)));
    guest.call("/filesystem.Filesystem/MakeDir", json!({"path": "d"}));
    assert_eq!(guest.read("d").status, 400);
    assert_eq!(guest.read("").status, 400);
    assert_eq!(guest.read("a%00b").status, 400);
    let stat = guest.call("/filesystem.Filesystem/Stat", json!({"path": "missing"}));
    assert_eq!((stat.status, &stat.json()["code"]), (404, &json!("not_found")));
}

#[test]
fn entries_are_made_listed_moved_and_removed() {
    let kit = Kit::new();
    let guest = kit.create();
    let call = |method: &str, body: Value| guest.call(&format!("/filesystem.Filesystem/{method}"), body);
    assert_eq!(call("MakeDir", json!({"path": "d/e"})).json()["entry"]["type"], "FILE_TYPE_DIRECTORY");
    assert_eq!(call("MakeDir", json!({"path": "d/e"})).json()["code"], "already_exists");
    guest.write("d/f", "12345");
    let listed = call("ListDir", json!({"path": "d", "depth": 1})).json();
    let names: Vec<_> =
        listed["entries"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["e", "f"]);
    assert_eq!(listed["entries"][1]["size"], "5");
    assert_eq!(call("ListDir", json!({"path": "d/f"})).json()["code"], "invalid_argument");
    let moved = call("Move", json!({"source": "d/f", "destination": "new/g"})).json();
    assert_eq!(moved["entry"]["path"], "/home/user/new/g");
    assert_eq!(call("Remove", json!({"path": "new"})).json(), json!({}));
    assert_eq!(call("Remove", json!({"path": "new"})).json()["code"], "not_found");
}

#[test]
fn words_about_a_file_go_with_it() {
    let kit = Kit::new();
    let guest = kit.create();
    let request = Request::new("POST", "/files?path=a").header("Content-Type", "application/octet-stream");
    guest.send(request.header("X-Metadata-Who", "me").body(b"x"));
    let stat = |path: &str| guest.call("/filesystem.Filesystem/Stat", json!({"path": path})).json();
    assert_eq!(stat("a")["entry"]["metadata"], json!({"who": "me"}));
    guest.call("/filesystem.Filesystem/Move", json!({"source": "a", "destination": "b"}));
    assert_eq!(stat("b")["entry"]["metadata"], json!({"who": "me"}));
    guest.write("b", "new");
    assert_eq!(stat("b")["entry"].get("metadata"), None);
}

#[test]
fn files_are_put_together() {
    let kit = Kit::new();
    let guest = kit.create();
    guest.write("p1", "one ");
    guest.write("p2", "two");
    let compose = |body| guest.send(Request::post("/files/compose", body));
    let made = compose(json!({"source_paths": ["p1", "p2"], "destination": "whole"}));
    assert_eq!(made.json()["path"], "/home/user/whole");
    assert_eq!((guest.read("whole").text().as_str(), guest.read("p1").status), ("one two", 404));
    assert_eq!(compose(json!({"source_paths": ["whole"], "destination": "whole"})).status, 400);
    assert_eq!(compose(json!({"source_paths": ["missing"], "destination": "x"})).status, 404);
}

#[test]
fn a_watch_that_is_asked_tells_what_happened_since() {
    let kit = Kit::new();
    let guest = kit.create();
    let call =
        |method: &str, body: Value| guest.call(&format!("/filesystem.Filesystem/{method}"), body).json();
    call("MakeDir", json!({"path": "w"}));
    let id = call("CreateWatcher", json!({"path": "w", "includeEntry": true}))["watcherId"].clone();
    guest.write("w/a", "x");
    let events = call("GetWatcherEvents", json!({"watcherId": id}));
    assert_eq!(
        (&events["events"][0]["name"], &events["events"][0]["type"]),
        (&json!("a"), &json!("EVENT_TYPE_CREATE"))
    );
    assert_eq!(events["events"][0]["entry"]["path"], "/home/user/w/a");
    assert_eq!(call("GetWatcherEvents", json!({"watcherId": id})), json!({}));
    assert_eq!(call("RemoveWatcher", json!({"watcherId": id})), json!({}));
    assert_eq!(call("GetWatcherEvents", json!({"watcherId": id}))["code"], "not_found");
}
