//! What is taken out of a text, and what is left in.
//!
//! Keys are put together from pieces here, so that no scanner takes this file for a leak.

use std::borrow::Cow;

use bodkin_guard::secret::{Redactor, is_secret_variable, redact};
use proptest::prelude::*;

/// So many characters that look made by chance.
fn chance(length: usize) -> String {
    "a1B2c3D4e5F6g7H8".chars().cycle().take(length).collect()
}

fn taken_out(secret: &str, what: &str) {
    for (before, after) in [("", ""), ("token=", "\n"), ("'", "'"), ("é ", " é")] {
        let text = format!("{before}{secret}{after}");
        assert_eq!(redact(&text), format!("{before}[redacted {what}]{after}"), "{text}");
    }
}

fn left_in(text: &str) {
    assert!(matches!(redact(text), Cow::Borrowed(_)), "{text} became {}", redact(text));
}

#[test]
fn well_known_keys_are_taken_out() {
    let upper = chance(16).to_uppercase();
    let hex = "0a1b2c3d4e5f6789".repeat(4);
    taken_out(&format!("ghp_{}", chance(36)), "github-token");
    taken_out(&format!("github_pat_{}_{}", chance(22), chance(59)), "github-token");
    taken_out(&format!("glpat-{}", chance(20)), "gitlab-token");
    taken_out(&format!("AKIA{upper}"), "aws-key-id");
    taken_out(&format!("sk-ant-api03-{}", chance(90)), "anthropic-key");
    taken_out(&format!("sk-proj-{}", chance(60)), "openai-key");
    taken_out(&format!("sk-{}", chance(48)), "openai-key");
    taken_out(&format!("sk-or-v1-{hex}"), "openrouter-key");
    taken_out(&format!("AIza{}", chance(35)), "google-key");
    taken_out(&format!("xoxb-123-456-{}", chance(24)), "slack-token");
    taken_out(&format!("sk_live_{}", chance(24)), "stripe-key");
    taken_out(&format!("npm_{}", chance(36)), "npm-token");
    taken_out(&format!("hf_{}", chance(34)), "hugging-face-token");
    taken_out(&format!("eyJ{}.{}.{}", chance(20), chance(30), chance(43)), "json-web-token");
    taken_out(&format!("Bearer {}", chance(30)), "bearer-token");
}

#[test]
fn a_private_key_is_taken_out_whole_and_also_when_its_end_is_missing() {
    let (begin, end) = ("-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----");
    let key = format!("{begin}\n{}\n{end}", chance(64));
    assert_eq!(redact(&format!("a\n{key}\nb")), "a\n[redacted private-key]\nb");
    assert_eq!(redact(&format!("a\n{begin}\n{}", chance(64))), "a\n[redacted private-key]");
    left_in("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----");
    left_in("-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----");
}

#[test]
fn a_password_in_an_address_is_taken_out_alone() {
    let text = "postgres://app:hunter2@db:5432/shop?x=1";
    assert_eq!(redact(text), "postgres://app:[redacted password]@db:5432/shop?x=1");
    assert_eq!(redact("https://u:p@ss@h"), "https://u:[redacted password]@h");
    for text in [
        "http://localhost:8080/@scope/name",
        "https://user@host/",
        "https://user:$PASSWORD@host",
        "git@host:a/b",
        "https://{user}:{password}@host",
        "see https://a.b:443 and mail x@y.z",
        "://:@",
    ] {
        left_in(text);
    }
}

#[test]
fn an_aws_secret_is_known_by_the_name_before_it() {
    let secret = "wJalr/".repeat(6) + "abc1";
    let text = format!("AWS_SECRET_ACCESS_KEY={secret}\naws_secret_access_key = \"{secret}\"");
    let expected = "AWS_SECRET_ACCESS_KEY=[redacted aws-secret-key]\naws_secret_access_key = \"[redacted aws-secret-key]\"";
    assert_eq!(redact(&text), expected);
    left_in(&secret);
}

/// A false alarm hides what the user has to read.
#[test]
fn hashes_uuids_words_and_placeholders_are_left_in() {
    for text in [
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "550e8400-e29b-41d4-a716-446655440000",
        "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
        "sk-loading-spinner-container-with-a-very-long-class-name",
        "task-1234567890abcdefghij1234567890abcdef",
        "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "npm_config_registry npm_lifecycle_event npm_package_version_1_2_3",
        "AKIA",
        "AIzaShort1",
        "hf_hub_download",
        "eyJ",
        "eyJhbGciOiJIUzI1NiJ9",
        "Bearer authentication_is_not_supported_here",
        "src/eyJson.parser.module1",
        "-----BEGIN",
        "tests/test_api_key.py::test_token[1] FAILED",
    ] {
        left_in(text);
    }
}

/// Would take hours, were each beginning followed to the end of the run.
#[test]
fn a_long_text_of_beginnings_is_read_once() {
    for begin in ["eyJ-", "eyJ.", "sk-ant-", "xoxb-", "://a:", "-----BEGIN ", "Bearer ", "ya29."] {
        left_in(&begin.repeat(2_000_000 / begin.len()));
    }
}

#[test]
fn a_variable_is_a_secret_by_its_name_or_by_what_it_holds() {
    assert!(is_secret_variable("API_KEY", ""));
    assert!(is_secret_variable("BACKEND", "mysql://root:hunter2@db"));
    assert!(!is_secret_variable("BACKEND", "mysql://db"));
}

#[test]
fn values_let_in_by_name_are_taken_out_of_what_comes_back() {
    let redactor = Redactor::new(["hunter2".to_owned(), "hunter2-long".to_owned(), "ab".to_owned()]);
    assert_eq!(redactor.redact("hunter2-long hunter2 ab"), "[redacted variable] [redacted variable] ab");
    assert!(matches!(redactor.redact("nothing"), Cow::Borrowed(_)));
    assert!(!format!("{redactor:?}").contains("hunter2"));
}

proptest! {
    #[test]
    fn redaction_is_total_and_has_nothing_left_to_do_a_second_time(
        text in r"([a-z:/@.\- é]|sk-|ghp_|eyJ|://u:|Bearer |-----BEGIN PRIVATE KEY-----|[a-zA-Z0-9]{30,40}){0,12}"
    ) {
        let once = redact(&text).into_owned();
        prop_assert_eq!(redact(&once).into_owned(), once);
    }
}
