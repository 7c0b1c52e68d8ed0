//! A filter program out of verdicts by number: classic BPF, as a search tree.
//!
//! The kernel tries the program out for every call when it is laid; a list, as libraries make it, takes a quarter of a
//! millisecond for that, the tree a fraction. Knows no call by name.

use std::collections::BTreeMap;
use std::io;

use seccompiler::{BpfProgram, sock_filter};

/// What becomes of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    Allow,
    Refuse,
    /// As if the kernel had never heard of it.
    Unknown,
    /// Refused if all tests of one of these lines hold.
    If(Vec<Vec<Test>>),
}

/// One question about one argument; of an int, the lower 32 bits, which are all that the kernel reads of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Test {
    Is(u32, u32),
    IsNot(u32, u32),
    /// The bits under the mask are this.
    Masked(u32, u32, u32),
    /// All 64 bits count.
    IsNotZero(u32),
}

/// The program that answers for every number as `judged` says: what is not judged is allowed up to the number
/// `newest`, and unknown above.
pub(super) fn of(judged: &BTreeMap<u32, Verdict>, newest: u32) -> io::Result<BpfProgram> {
    let verdicts = ranges(judged, newest);
    let mut program = vec![
        step(LOAD, 0, 0, ARCHITECTURE),
        step(IF_EQUAL, 1, 0, AUDIT_ARCH),
        step(RETURN, 0, 0, KILL),
        step(LOAD, 0, 0, NUMBER),
    ];
    program.extend(search(&verdicts)?);
    Ok(program)
}

/// Every number from 0 on, as ranges by their first: what is not judged is allowed up to the newest call.
fn ranges(judged: &BTreeMap<u32, Verdict>, newest: u32) -> Vec<(u32, Verdict)> {
    let mut ranges: Vec<(u32, Verdict)> = vec![(0, Verdict::Allow)];
    let mut begin = |first: u32, verdict: Verdict| match ranges.last_mut() {
        Some(last) if last.0 == first => last.1 = verdict,
        Some(last) if last.1 == verdict => {}
        _ => ranges.push((first, verdict)),
    };
    for (number, verdict) in judged {
        begin(*number, verdict.clone());
        begin(number + 1, Verdict::Allow);
    }
    begin(newest + 1, Verdict::Unknown);
    ranges
}

/// A search for the range that holds the loaded number.
fn search(ranges: &[(u32, Verdict)]) -> io::Result<BpfProgram> {
    let (low, high) = ranges.split_at(ranges.len() / 2);
    match (low, high) {
        ([], [(_, verdict)]) => answer(verdict),
        (_, [(first, _), ..]) => {
            let (low, high) = (search(low)?, search(high)?);
            Ok([vec![step(IF_AT_LEAST, distance(low.len())?, 0, *first)], low, high].concat())
        }
        (_, []) => Err(io::ErrorKind::InvalidInput.into()),
    }
}

/// The end of a search.
fn answer(verdict: &Verdict) -> io::Result<BpfProgram> {
    let lines = match verdict {
        Verdict::Allow => return Ok(vec![step(RETURN, 0, 0, ALLOW)]),
        Verdict::Refuse => return Ok(vec![step(RETURN, 0, 0, REFUSE)]),
        Verdict::Unknown => return Ok(vec![step(RETURN, 0, 0, UNKNOWN)]),
        Verdict::If(lines) => lines,
    };
    let mut program = BpfProgram::new();
    for tests in lines {
        // Built from its end, as each test must know how far it is to the next line.
        let mut line = vec![step(RETURN, 0, 0, REFUSE)];
        for test in tests.iter().rev() {
            line = [ask(*test, distance(line.len())?), line].concat();
        }
        program.extend(line);
    }
    program.push(step(RETURN, 0, 0, ALLOW));
    Ok(program)
}

/// A question that goes on if the answer is yes, and `else_by` steps further if it is not.
fn ask(test: Test, else_by: u8) -> BpfProgram {
    match test {
        Test::Is(argument, value) => {
            vec![step(LOAD, 0, 0, low(argument)), step(IF_EQUAL, 0, else_by, value)]
        }
        Test::IsNot(argument, value) => {
            vec![step(LOAD, 0, 0, low(argument)), step(IF_EQUAL, else_by, 0, value)]
        }
        Test::Masked(argument, mask, value) => {
            vec![step(LOAD, 0, 0, low(argument)), step(MASK, 0, 0, mask), step(IF_EQUAL, 0, else_by, value)]
        }
        Test::IsNotZero(argument) => vec![
            step(LOAD, 0, 0, low(argument) + 4),
            step(IF_EQUAL, 0, 2, 0),
            step(LOAD, 0, 0, low(argument)),
            step(IF_EQUAL, else_by, 0, 0),
        ],
    }
}

/// Where the lower half of an argument stands in what the kernel shows (`struct seccomp_data`, little endian).
fn low(argument: u32) -> u32 {
    16 + 8 * argument
}

fn distance(steps: usize) -> io::Result<u8> {
    u8::try_from(steps).map_err(|_| io::ErrorKind::InvalidInput.into())
}

fn step(code: u16, jt: u8, jf: u8, k: u32) -> sock_filter {
    sock_filter { code, jt, jf, k }
}

// Classic BPF (linux/bpf_common.h, linux/filter.h) and its answers (linux/seccomp.h).
pub(super) const LOAD: u16 = 0x20;
pub(super) const MASK: u16 = 0x54;
pub(super) const IF_EQUAL: u16 = 0x15;
pub(super) const IF_AT_LEAST: u16 = 0x35;
pub(super) const RETURN: u16 = 0x06;
const NUMBER: u32 = 0;
const ARCHITECTURE: u32 = 4;
pub(super) const ALLOW: u32 = 0x7fff_0000;
pub(super) const KILL: u32 = 0x8000_0000;
pub(super) const REFUSE: u32 = 0x0005_0000 | libc::EPERM.cast_unsigned();
pub(super) const UNKNOWN: u32 = 0x0005_0000 | libc::ENOSYS.cast_unsigned();
#[cfg(target_arch = "x86_64")]
pub(super) const AUDIT_ARCH: u32 = 0xc000_003e;
#[cfg(target_arch = "aarch64")]
pub(super) const AUDIT_ARCH: u32 = 0xc000_00b7;
