//! Who gets in: keys, tokens, signatures, hosts.

use bodkin_e2b::signature::{Operation, sign};
use serde_json::json;

use crate::kit::{KEY, Kit, Request};

#[test]
fn without_its_key_the_control_plane_answers_nothing() {
    let kit = Kit::new();
    for request in [
        Request::post("/v2/sandboxes", json!({"templateID": "base"})),
        Request::post("/v2/sandboxes", json!({"templateID": "base"})).key("key-of-nobody-at-all"),
        Request::new("GET", "/v2/sandboxes").key(""),
        Request::new("GET", "/no/such/route"),
    ] {
        assert_eq!(kit.send(&request).status, 401);
    }
    assert_eq!(kit.send(&Request::new("GET", "/no/such/route").key(KEY)).status, 404);
}

#[test]
fn a_sandbox_opens_to_its_own_token_alone() {
    let kit = Kit::new();
    let (guest, other) = (kit.create(), kit.create());
    guest.write("a", "secret");
    let read = Request::new("GET", "/files?path=a").header("E2b-Sandbox-Id", &guest.id);
    assert_eq!(kit.send(&read).status, 401);
    assert_eq!(kit.send(&read.clone().header("X-Access-Token", &other.token)).status, 401);
    assert_eq!(kit.send(&read.clone().header("X-Access-Token", "")).status, 401);
    assert_eq!(kit.send(&read.clone().key(KEY)).status, 401);
    assert_eq!(kit.send(&read.header("X-Access-Token", &guest.token)).text(), "secret");
    let call = Request::post("/filesystem.Filesystem/Stat", json!({"path": "a"}))
        .header("E2b-Sandbox-Id", &guest.id);
    let refused = kit.send(&call.header("X-Access-Token", &other.token));
    assert_eq!((refused.status, &refused.json()["code"]), (401, &json!("unauthenticated")));
    let health = Request::new("GET", "/health").header("E2b-Sandbox-Id", &guest.id);
    assert_eq!(kit.send(&health).status, 204);
}

#[test]
fn a_token_alone_says_which_sandbox_is_meant() {
    let kit = Kit::new();
    let guest = kit.create();
    guest.write("a", "x");
    let read = Request::new("GET", "/files?path=a").header("X-Access-Token", &guest.token);
    assert_eq!(kit.send(&read).text(), "x");
}

#[test]
fn a_signed_address_opens_one_file_for_one_act_until_it_expires() {
    let kit = Kit::new();
    let guest = kit.create();
    guest.write("/home/user/a", "signed");
    let get = |path: &str, signature: &str, rest: &str| {
        let signature = signature.replace('+', "%2B").replace('/', "%2F");
        kit.send(&Request::new("GET", &format!("/files?path={path}&signature={signature}{rest}")))
    };
    let good = sign("/home/user/a", Operation::Read, "", &guest.token, None);
    assert_eq!(get("/home/user/a", &good, "").text(), "signed");
    assert_eq!(get("/home/user/b", &good, "").status, 401);
    assert_eq!(get("/home/user/a", &good, "&username=root").status, 401);
    let forged = sign("/home/user/a", Operation::Read, "", "guessed", None);
    assert_eq!(get("/home/user/a", &forged, "").status, 401);
    let to_write = sign("/home/user/a", Operation::Write, "", &guest.token, None);
    assert_eq!(get("/home/user/a", &to_write, "").status, 401);
    let old = sign("/home/user/a", Operation::Read, "", &guest.token, Some(1));
    assert_eq!(get("/home/user/a", &old, "&signature_expiration=1").status, 401);
    assert_eq!(get("/home/user/a", &old, "&signature_expiration=99999999999").status, 401);
    let late = sign("/home/user/a", Operation::Read, "", &guest.token, Some(99_999_999_999));
    assert_eq!(get("/home/user/a", &late, "&signature_expiration=99999999999").text(), "signed");
}

#[test]
fn a_name_that_is_not_the_daemons_is_refused_whoever_resolves_it_here() {
    let kit = Kit::with(|options| {
        options.domain = Some("box.example".to_owned());
        options.hosts = ["build-host".to_owned()].into();
    });
    let health = |host: &str| kit.send(&Request::new("GET", "/health").host(host)).status;
    for host in [
        "localhost:3000",
        "127.0.0.1",
        "[::1]:3000",
        "a.localhost",
        "api.box.example:3000",
        "box.example",
        "build-host",
    ] {
        assert_eq!(health(host), 200, "{host}");
    }
    for host in ["evil.example", "notbox.example", "box.example.evil.example", "localhost.evil.example"] {
        assert_eq!(health(host), 403, "{host}");
    }
}

#[test]
fn a_host_of_the_domain_names_the_sandbox() {
    let kit = Kit::with(|options| options.domain = Some("box.example".to_owned()));
    let guest = kit.create();
    let host = |port: u16, id: &str| format!("{port}-{id}.box.example:3000");
    let health = |host: &str| kit.send(&Request::new("GET", "/health").host(host));
    assert_eq!(health(&host(49983, &guest.id)).status, 204);
    let gone = health(&host(49983, "inobody"));
    assert_eq!(gone.status, 502);
    assert!(gone.text().contains("was not found"));
    assert!(health(&host(8080, &guest.id)).text().contains("port is not open"));
}

#[test]
fn a_page_of_another_site_gets_no_leave_to_read_and_none_to_call() {
    let kit = Kit::new();
    let request = Request::new("GET", "/health").header("Origin", "https://evil.example");
    assert_eq!(kit.send(&request).header("access-control-allow-origin"), None);
    assert_eq!(kit.send(&request.header("Sec-Fetch-Site", "cross-site")).status, 403);
}

#[test]
fn there_is_one_user_in_a_sandbox() {
    let kit = Kit::new();
    let guest = kit.create();
    let stat = |user: &str| {
        let call = Request::post("/filesystem.Filesystem/Stat", json!({"path": "/home/user"}));
        guest.send(call.header("Authorization", &bodkin_e2b::address::basic_user(user)))
    };
    assert_eq!(stat("user").status, 200);
    assert_eq!(stat("root").json()["code"], "unauthenticated");
    assert_eq!(guest.send(Request::new("GET", "/files?path=a&username=root")).status, 401);
}

#[test]
fn a_dead_sandbox_is_told_in_the_words_that_clients_know() {
    let kit = Kit::new();
    let guest = kit.create();
    kit.send(&Request::new("DELETE", &format!("/sandboxes/{}", guest.id)).key(KEY));
    for answer in [
        guest.send(Request::new("GET", "/health")),
        guest.read("a"),
        guest.call("/filesystem.Filesystem/Stat", json!({"path": "a"})),
        guest.send(Request::enveloped("/process.Process/Start", &crate::kit::start("echo x"))),
    ] {
        assert_eq!(answer.status, 502);
        assert_eq!(answer.json()["code"], 502);
        assert!(answer.json()["message"].as_str().unwrap().contains("was not found"));
    }
}
