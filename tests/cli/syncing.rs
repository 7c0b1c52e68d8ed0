//! `bodkin sync --dry-run`: what would travel, and what stays here and why.

use bodkin_tests::Scene;
use expect_test::expect;

fn scene() -> Scene {
    let scene = Scene::new(
        "
=== .gitignore
built/
=== src/a.py
print('a')
=== built/a.pyc
not meant
=== .env
KEY=secret
=== new.txt
not tracked
",
    );
    std::os::unix::fs::symlink("/etc/passwd", scene.path("out")).unwrap();
    scene
}

#[test]
fn what_would_travel_is_listed_and_what_stays_is_told_with_its_reason() {
    let scene = scene();
    let before = scene.tree();
    let said = scene.bodkin(&["sync", "--dry-run"]).run();
    expect![[r#"
        --- stdout
        would travel: 4 files, 41 B (75d52abee4e8)
                7 B  .gitignore
               12 B  new.txt
               11 B  out (link)
               11 B  src/a.py
        stays here:
          .env: such files hold secrets
        look twice:
          out: it leads out of the workspace, to `/etc/passwd`; only that text travels
        what version control ignores stays here as well; nothing was sent
        --- exit 0
    "#]]
    .assert_eq(&said.shown());
    assert!(scene.tree() == before);
}

#[test]
fn a_file_above_the_limit_stays_and_is_told() {
    let scene = scene();
    scene.write("big.bin", vec![7; (1 << 20) + 1]);
    let said = scene.bodkin(&["sync", "--dry-run", "--max-file", "1", "--json"]).run();
    let payload = &said.envelope("sync")["payload"];
    let left = payload["leftOut"].as_array().unwrap();
    assert!(left.iter().any(|it| it["path"] == "big.bin"), "{payload:#}");
    assert!(!payload["files"].to_string().contains("big.bin"), "{payload:#}");
    assert_eq!(payload["root"].as_str().unwrap().len(), 64);
}
