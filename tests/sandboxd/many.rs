//! Many at once.

use serde_json::json;

use crate::daemon::Daemon;

#[test]
fn fifty_sandboxes_live_at_once_and_keep_apart() {
    let running = Daemon::start();
    let daemon = &running.door;
    let made: Vec<String> = std::thread::scope(|scope| {
        let makers: Vec<_> = (0..50).map(|_| scope.spawn(|| daemon.create())).collect();
        makers.into_iter().map(|it| it.join().unwrap()).collect()
    });
    assert_eq!(daemon.ask("GET", "/v2/sandboxes", &json!({})).body.as_array().unwrap().len(), 50);
    std::thread::scope(|scope| {
        for (number, id) in made.iter().enumerate() {
            scope.spawn(move || {
                daemon.exec(id, &format!("echo {number} > mine"));
                let done = daemon.exec(id, "cat mine");
                assert_eq!(done["stdout"], format!("{number}\n"), "{done}");
            });
        }
    });
    std::thread::scope(|scope| {
        for id in &made {
            scope.spawn(move || {
                assert_eq!(daemon.ask("DELETE", &format!("/sandboxes/{id}"), &json!({})).status, 204);
            });
        }
    });
    assert_eq!(daemon.ask("GET", "/v2/sandboxes", &json!({})).body, json!([]));
}
