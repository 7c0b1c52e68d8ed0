//! Faults as they occur in life, each with its fix: found, and not too late.
//!
//! A case is a name, the failure (`! kind | message | expected | actual`), a bound on the rank, and the text as a
//! diff. The bounds are generous: they tell a broken operator, not a changed weight. The second sets were written and
//! measured before anything was changed for them: 18 of 23 fixes were among the first 400, the median at rank 7.

use std::fmt::Write as _;

use bodkin_repair::{Options, Symptom};
use bodkin_text::Line0;

use crate::scene::Scene;

/// Candidates that are looked at for a case.
const DEPTH: usize = 400;

struct Case {
    name: String,
    symptom: Symptom,
    most: usize,
    scene: Scene,
    right: String,
}

fn cases(path: &str, text: &str) -> Vec<Case> {
    format!("\n{text}").split("\n=== ").skip(1).map(|it| case(path, it)).collect()
}

fn case(path: &str, text: &str) -> Case {
    let (mut lines, mut old, mut right) = (text.lines(), String::new(), String::new());
    let name = lines.next().unwrap().to_owned();
    let mut parts =
        lines.next().unwrap().strip_prefix("! ").unwrap().split('|').map(|it| it.trim().to_owned());
    let (kind, message) = (parts.next().unwrap(), parts.next().unwrap());
    let values = parts.next().zip(parts.next());
    let most = lines.next().unwrap().strip_prefix("@ ").unwrap().parse().unwrap();
    let mut faulty = None;
    for line in lines {
        let (mark, rest) = line.split_at(line.len().min(1));
        let at = old.lines().count();
        if mark == "-" {
            faulty = Some(at);
        } else if mark == "+" {
            faulty.get_or_insert(at.saturating_sub(1));
        }
        if mark != "+" {
            writeln!(old, "{rest}").unwrap();
        }
        if mark != "-" {
            writeln!(right, "{rest}").unwrap();
        }
    }
    let mut scene = Scene::new(path, &old);
    scene.line = Line0(u32::try_from(faulty.unwrap()).unwrap());
    let symptom = Symptom { kind, message, expected_actual: values, frames: Vec::new() };
    Case { name, symptom, most, scene, right }
}

/// Rank of the fix, from one.
fn rank(case: &Case) -> Option<usize> {
    let mut search = case.scene.search(std::slice::from_ref(&case.symptom), Options::default());
    while search.tried() < DEPTH {
        let tried = search.tried();
        let batch = search.next_batch(40);
        if let Some(at) = batch.iter().position(|it| case.scene.with(it) == case.right) {
            return Some(tried + at + 1);
        }
        if batch.is_empty() {
            break;
        }
    }
    None
}

fn check(path: &str, text: &str) {
    let mut late = String::new();
    for case in cases(path, text) {
        match rank(&case) {
            Some(rank) if rank <= case.most => {}
            Some(rank) => writeln!(late, "{}: rank {rank}, at most {}", case.name, case.most).unwrap(),
            None => writeln!(late, "{}: not among the first {DEPTH}", case.name).unwrap(),
        }
    }
    assert!(late.is_empty(), "\n{late}");
}

#[test]
fn common_python_faults_are_mended_early() {
    check("a.py", include_str!("samples/python.txt"));
}

#[test]
fn common_javascript_faults_are_mended_early() {
    check("a.js", include_str!("samples/javascript.txt"));
}

#[test]
fn the_same_faults_are_mended_in_typescript() {
    check("a.ts", include_str!("samples/javascript.txt"));
}

#[test]
fn faults_of_a_second_set_are_mended() {
    check("a.py", include_str!("samples/python_second.txt"));
    check("a.js", include_str!("samples/javascript_second.txt"));
}
