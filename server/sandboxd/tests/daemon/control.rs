//! The control plane.

use serde_json::json;

use crate::kit::{KEY, Kit, OTHER_KEY, Request};

fn get(path: &str) -> Request {
    Request::new("GET", path).key(KEY)
}

#[test]
fn a_sandbox_is_made_listed_kept_alive_and_killed() {
    let kit = Kit::new();
    let new = json!({"templateID": "base", "timeout": 60, "metadata": {"who": "a b"}, "envVars": {"A": "1"}});
    let made = kit.send(&Request::post("/v2/sandboxes", new).key(KEY));
    assert_eq!(made.status, 201);
    let made = made.json();
    let id = made["sandboxID"].as_str().unwrap();
    assert_eq!(
        (&made["templateID"], &made["envdVersion"]),
        (&json!("base"), &json!(bodkin_e2b::address::ENVD_VERSION))
    );

    let one = kit.send(&get(&format!("/sandboxes/{id}"))).json();
    assert_eq!((&one["state"], &one["metadata"]["who"]), (&json!("running"), &json!("a b")));
    let listed = kit.send(&get("/v2/sandboxes?metadata=who%3Da%252520b&state=running"));
    assert_eq!(listed.json()[0]["sandboxID"], id);
    assert_eq!(kit.send(&get("/v2/sandboxes?metadata=who%3Dc")).json(), json!([]));

    let longer =
        kit.send(&Request::post(&format!("/sandboxes/{id}/timeout"), json!({"timeout": 3000})).key(KEY));
    assert_eq!(longer.status, 204);
    let later = kit.send(&get(&format!("/sandboxes/{id}"))).json();
    assert!(later["endAt"].as_str() > one["endAt"].as_str());

    let kill = Request::new("DELETE", &format!("/sandboxes/{id}")).key(KEY);
    assert_eq!(kit.send(&kill).status, 204);
    assert_eq!(kit.send(&kill).status, 404);
    assert_eq!(kit.send(&get("/sandboxes")).json(), json!([]));
}

#[test]
fn every_act_stands_on_the_ledger_before_it_is_done() {
    let kit = Kit::new();
    let guest = kit.create();
    guest.run("echo hi");
    kit.send(&Request::new("DELETE", &format!("/sandboxes/{}", guest.id)).key(KEY));
    let acts: Vec<String> =
        kit.ledger().iter().filter_map(|it| it["do"].as_str().map(str::to_owned)).collect();
    assert_eq!(acts, ["create", "exec", "kill"]);
}

#[test]
fn a_paused_sandbox_answers_to_nobody_until_it_is_connected_to() {
    let kit = Kit::new();
    let guest = kit.create();
    let pause = Request::post(&format!("/sandboxes/{}/pause", guest.id), json!({})).key(KEY);
    assert_eq!(kit.send(&pause).status, 204);
    assert_eq!(kit.send(&pause).status, 409);
    assert_eq!(kit.send(&get("/v2/sandboxes?state=paused")).json()[0]["state"], "paused");
    assert_eq!(kit.send(&get("/sandboxes")).json(), json!([]));
    assert_eq!(guest.read("a").status, 502);
    let connect =
        Request::post(&format!("/v2/sandboxes/{}/connect", guest.id), json!({"timeout": 60})).key(KEY);
    // An official client names the sandbox here too.
    assert_eq!(kit.send(&connect.clone().header("E2b-Sandbox-Id", &guest.id)).status, 201);
    assert_eq!(kit.send(&connect).status, 200);
    assert_eq!(guest.write("a", "x").status, 200);
}

#[test]
fn a_sandbox_ends_by_itself_when_its_time_is_over() {
    let kit = Kit::new();
    let made =
        kit.send(&Request::post("/v2/sandboxes", json!({"templateID": "base", "timeout": 0})).key(KEY));
    let id = made.json()["sandboxID"].as_str().unwrap().to_owned();
    // Each question is answered after the reaper had its turn, or is asked again.
    let gone = (0..10_000).any(|_| kit.send(&get(&format!("/sandboxes/{id}"))).status == 404);
    assert!(gone, "it lives on");
}

#[test]
fn a_key_has_no_more_sandboxes_than_its_quota_and_a_killed_one_makes_room() {
    let kit = Kit::new();
    let guests = [kit.create(), kit.create(), kit.create()];
    let one_more = Request::post("/sandboxes", json!({"templateID": "base", "timeout": 60})).key(KEY);
    let refused = kit.send(&one_more);
    assert_eq!((refused.status, refused.header("should-retry").as_deref()), (429, Some("false")));
    assert!(refused.text().contains("kill one first"), "{}", refused.text());
    kit.send(&Request::new("DELETE", &format!("/sandboxes/{}", guests[0].id)).key(KEY));
    assert_eq!(kit.send(&one_more).status, 201);
}

#[test]
fn what_is_not_offered_is_refused_in_words() {
    let kit = Kit::with(|options| options.reach = ["pypi.org".to_owned()].into());
    for (body, status, says) in [
        (json!({"templateID": "base", "timeout": 9_999_999}), 400, "lives 3600 seconds at most"),
        (json!({"templateID": "base", "volumeMounts": [{"name": "x"}]}), 400, "volumes are not offered"),
        (
            json!({"templateID": "base", "network": {"allowOut": ["evil.example"]}}),
            403,
            "--reach evil.example",
        ),
        (json!({"timeout": "soon"}), 400, "not as it should be"),
        (json!({"templateID": "base", "envVars": {"A=B": "1"}}), 400, "no name of a variable"),
    ] {
        let refused = kit.send(&Request::post("/v2/sandboxes", body).key(KEY));
        assert_eq!(refused.status, status, "{}", refused.text());
        assert!(refused.json()["message"].as_str().unwrap().contains(says), "{}", refused.text());
    }
}

#[test]
fn a_create_that_is_repeated_with_its_key_gives_the_same_sandbox() {
    let kit = Kit::new();
    let new = Request::post("/v2/sandboxes", json!({"templateID": "base"}))
        .key(KEY)
        .header("Idempotency-Key", "abc");
    let (one, other) = (kit.send(&new).json(), kit.send(&new).json());
    assert_eq!(one["sandboxID"], other["sandboxID"]);
}

#[test]
fn a_list_comes_in_pages() {
    let kit = Kit::new();
    let _guests = [kit.create(), kit.create(), kit.create()];
    let first = kit.send(&get("/v2/sandboxes?limit=2"));
    assert_eq!(first.json().as_array().unwrap().len(), 2);
    let token = first.header("x-next-token").unwrap();
    let second = kit.send(&get(&format!("/v2/sandboxes?limit=2&nextToken={token}")));
    assert_eq!((second.json().as_array().unwrap().len(), second.header("x-next-token")), (1, None));
}

#[test]
fn the_plain_interface_makes_a_sandbox_and_runs_a_command() {
    let kit = Kit::new();
    let made = kit.send(&Request::post("/sandbox/create", json!({"image": "base"})).key(KEY));
    assert_eq!(made.status, 201, "{}", made.text());
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let exec = |body| kit.send(&Request::post(&format!("/sandbox/{id}/exec"), body).key(KEY)).json();
    assert_eq!(
        exec(json!({"command": "echo out; warn err; exit 7", "timeout": 10})),
        json!({"exit_code": 7, "stdout": "out\n", "stderr": "err\n", "timed_out": false, "truncated": false})
    );
    assert_eq!(exec(json!({"command": "sleep", "timeout": 1}))["timed_out"], true);
    let other = kit.send(&Request::post("/sandbox/create", json!({"image": "ubuntu"})).key(KEY));
    assert_eq!(other.status, 400);
    let clone =
        kit.send(&Request::post("/sandbox/create", json!({"repo_url": "https://x.example/a"})).key(KEY));
    assert_eq!(clone.status, 403);
}

#[test]
fn figures_are_told_to_a_key_and_to_nobody_else() {
    let kit = Kit::new();
    let _guest = kit.create();
    assert!(kit.send(&get("/metrics")).text().contains("\nbodkin_sandboxes 1\n"));
    assert_eq!(kit.send(&Request::new("GET", "/metrics")).status, 401);
    assert_eq!(kit.send(&Request::new("GET", "/health")).status, 200);
}

#[test]
fn one_key_does_not_see_what_belongs_to_another() {
    let kit = Kit::new();
    let guest = kit.create();
    for (method, path) in [
        ("GET", ""),
        ("DELETE", ""),
        ("POST", "/timeout"),
        ("POST", "/pause"),
        ("POST", "/connect"),
        ("GET", "/metrics"),
    ] {
        let request = Request::new(method, &format!("/sandboxes/{}{path}", guest.id)).key(OTHER_KEY);
        assert_eq!(kit.send(&request).status, 404, "{method} {path}");
    }
    assert_eq!(kit.send(&Request::new("GET", "/v2/sandboxes").key(OTHER_KEY)).json(), json!([]));
    assert_eq!(kit.send(&get("/v2/sandboxes")).json().as_array().unwrap().len(), 1);
}

#[test]
fn an_end_that_is_asked_for_ends_every_sandbox_first() {
    let mut kit = Kit::new();
    let id = kit.create().id;
    let served = kit.served.take().unwrap();
    served.stopper().stop();
    served.wait();
    let last = kit.ledger().pop().unwrap();
    assert_eq!(last, json!({"did": "kill", "sandbox": id, "done": true, "problem": null}));
}
