//! Workspaces to measure with, and figures of samples.

use std::fs;
use std::path::{Path, PathBuf};

/// Files in one folder.
const IN_FOLDER: u64 = 48;

/// Makes a workspace of so many files with so many bytes together, of words as programs are.
pub(crate) fn make(root: &Path, files: u64, bytes: u64) {
    for number in 0..files {
        let path = file(root, number);
        if number % IN_FOLDER == 0 {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
        }
        fs::write(path, text(number + 1, (bytes / files) as usize)).unwrap();
    }
}

/// The file of that number.
pub(crate) fn file(root: &Path, number: u64) -> PathBuf {
    let folder = number / IN_FOLDER;
    root.join(format!("part{}/module{folder}/file{number}.py", folder / 20))
}

/// Writes the file anew with one line more.
pub(crate) fn change(path: &Path, round: u64) {
    let mut text = fs::read(path).unwrap();
    text.extend_from_slice(format!("changed = {round}\n").as_bytes());
    fs::write(path, text).unwrap();
}

pub(crate) fn text(mut seed: u64, bytes: usize) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes + 32);
    while text.len() < bytes {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        text.extend_from_slice(format!("    value_{} = call({:x})\n", seed >> 52, seed >> 32).as_bytes());
    }
    text.truncate(bytes);
    text
}

/// Median, ninth tenth and least, as JSON.
pub(crate) fn spread(samples: &[f64]) -> String {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |part: f64| sorted.get((sorted.len() as f64 * part) as usize).copied();
    match (at(0.5), at(0.9), sorted.first()) {
        (Some(median), Some(p90), Some(least)) => {
            format!("{{\"median\":{median:.3},\"p90\":{p90:.3},\"least\":{least:.3}}}")
        }
        _ => "null".to_owned(),
    }
}
