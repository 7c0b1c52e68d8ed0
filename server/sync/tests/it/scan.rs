//! What travels and what stays.

use std::fs;
use std::os::unix::fs::symlink;

use bodkin_sync::Why;

use crate::both::Both;

fn check(both: &Both, travels: &str, told: &str) {
    let scanned = both.scan();
    let files: Vec<String> = scanned.manifest().leaves().iter().map(|(path, _)| path.to_string()).collect();
    assert_eq!(files.join(" "), travels);
    let shown: Vec<String> = scanned.told.keys().map(ToString::to_string).collect();
    assert_eq!(shown.join(" "), told);
}

#[test]
fn ignored_files_stay_unspoken_and_secrets_stay_and_are_told() {
    let both = Both::new();
    for path in [
        "src/a.py",
        "src/b.pyc",
        "target/x",
        "keep/x.log",
        "keep/important.log",
        ".env",
        "certs/tls.key",
        ".git/config",
        ".git/index",
        "sub/.git/config",
        "sub/f",
        "local",
        ".vscode/settings.json",
    ] {
        both.write(path, path);
    }
    both.write(".gitignore", "*.pyc\n/target/\n*.log\n");
    both.write("keep/.gitignore", "!important.log\n");
    both.write(".git/info/exclude", "local\n");
    check(
        &both,
        ".gitignore .vscode/settings.json keep/.gitignore keep/important.log src/a.py sub/f",
        ".env certs/tls.key",
    );
}

#[test]
fn what_is_neither_file_folder_nor_link_is_told_and_never_opened() {
    let both = Both::new();
    both.write("a", "a");
    both.write("large", vec![0; 9 << 20]);
    rustix::fs::mknodat(
        rustix::fs::CWD,
        both.here("fifo"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::from_raw_mode(0o600),
        0,
    )
    .unwrap();
    symlink("../x", both.here("out")).unwrap();
    symlink("a", both.here("in")).unwrap();
    check(&both, "a in out", "fifo large out");
    let told = both.scan().told;
    let of = |name: &str| told.get(&bodkin_sync::FilePath::new(name.as_bytes()).unwrap()).cloned();
    assert_eq!(of("fifo"), Some(Why::Special("FIFO")));
    assert_eq!(of("large"), Some(Why::TooLarge(9 << 20)));
    assert_eq!(of("out"), Some(Why::LeadsOut("../x".to_owned())));
}

#[test]
fn an_ignore_file_that_is_a_link_or_a_fifo_is_none() {
    let both = Both::new();
    both.write("a", "a");
    both.write("elsewhere", "a\n");
    symlink("elsewhere", both.here(".gitignore")).unwrap();
    check(&both, ".gitignore a elsewhere", "");
    fs::remove_file(both.here(".gitignore")).unwrap();
    check(&both, "a elsewhere", "");
}
