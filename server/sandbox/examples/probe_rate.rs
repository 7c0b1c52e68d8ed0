//! Measures how many candidates a second are tried over a small project with ten tests, two of which fail.
//!
//! `probe_rate <helper> <python> <pytest|unittest> [candidates]` prints one line of JSON. Times are microseconds:
//! `load_us` of the clock until the tests were loaded and looked at; `batch_us` of the clock from sending the
//! candidates to their last verdict; `steady_cpu_us` of CPU time (user and system) that the runner's processes, those
//! that ended among them, used in that span; `asker_cpu_us` what this program used in it; `cpu_us` of CPU time of the
//! runner from its start to its end, loading included.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a measurement reads the clock and the environment, and prints"
)]

#[cfg(target_os = "linux")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    use std::collections::BTreeMap;
    use std::time::Instant;

    use bodkin_guard::action::{Limits, Network, Probe, Runner};
    use bodkin_guard::in_memory::InMemoryLedger;
    use bodkin_guard::report::{Verdict, batch_hash};
    use bodkin_guard::{Asker, Grants, Guard, Request, Rules, RunId};
    use bodkin_sandbox::{
        Cancel, LocalOptions, LocalSandbox, ProbeNews, Prober, Sandbox, TOOLCHAIN_VARIABLES,
    };
    use bodkin_text::{Layer, RelPath};

    const USAGE: &str = "usage: probe_rate <helper> <python> <pytest|unittest> [candidates]";
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [helper, python, kind, rest @ ..] = arguments.as_slice() else { return Err(USAGE.into()) };
    let count: usize = rest.first().map_or(Ok(1000), |count| count.parse())?;
    let ground = tempfile::tempdir()?;
    let root = ground.path().join("workspace");
    std::fs::create_dir(&root)?;
    let lib = |body: &str| {
        format!(
            "def scale(values, factor):\n    result = []\n    for value in values:\n        result.append({body})\n    \
             return result\n\n\ndef total(values):\n    return sum(values)\n"
        )
    };
    std::fs::write(root.join("lib.py"), lib("value + factor"))?;
    let cases: String = (0..10)
        .map(|n| match n {
            0 | 1 => format!(
                "    def test_{n}(self): self.assertEqual(scale([1, {n}, 3], 3), [3, {}, 9])\n",
                3 * n
            ),
            2..5 => format!("    def test_{n}(self): self.assertEqual(scale([], {n}), [])\n"),
            _ => format!("    def test_{n}(self): self.assertEqual(total([1, {n}]), {})\n", n + 1),
        })
        .collect();
    let tests = match kind.as_str() {
        "pytest" => {
            cases.replace("    def", "def").replace("(self): self.assertEqual(", "():\n    assert same(")
                + "def same(a, b): return a == b\n"
        }
        _ => format!("import unittest\nclass TestLib(unittest.TestCase):\n{cases}"),
    };
    std::fs::write(root.join("test_lib.py"), format!("from lib import scale, total\n{tests}"))?;
    let variable = |name: &&str| Some(((*name).to_owned(), std::env::var_os(name)?));
    let sandbox = LocalSandbox::new(LocalOptions {
        helper: helper.into(),
        scratch: ground.path().join("scratch"),
        path_env: std::env::var_os("PATH").unwrap_or_default(),
        home: std::env::home_dir(),
        env: TOOLCHAIN_VARIABLES.iter().filter_map(variable).collect(),
        force: None,
        ..LocalOptions::default()
    });
    let runner = match kind.as_str() {
        "pytest" => Runner::Pytest { python: python.clone(), args: Vec::new(), cwd: None },
        "unittest" => Runner::Unittest { python: python.clone(), args: Vec::new(), cwd: None },
        _ => return Err(USAGE.into()),
    };
    let candidate = |at: usize| {
        let mut layer = Layer::empty();
        let body =
            if at + 1 == count { "value * factor".to_owned() } else { format!("value - factor + {at}") };
        layer.put(RelPath::new("lib.py")?, lib(&body));
        Ok::<_, Box<dyn std::error::Error>>(layer)
    };
    let candidates = (0..count).map(candidate).collect::<Result<Vec<_>, _>>()?;
    let mut prober = sandbox.prober(&root, None);
    let probe = |prober: &mut dyn Prober,
                 candidates: &[Layer]|
     -> Result<(u128, Vec<Verdict>), Box<dyn std::error::Error>> {
        let action = Probe {
            runner: runner.clone(),
            env: BTreeMap::new(),
            network: Network::Off,
            limits: Limits { wall_ms: 600_000, ..Limits::default() },
            layer: Layer::empty().hash(),
            candidates: candidates.len().try_into()?,
            batch: batch_hash(candidates.iter().map(Layer::hash)),
        };
        let request = Request { run: RunId(1), asker: Asker::Headless, grants: Grants::none() };
        let guard = Guard::new(Rules { allow_reduced: true });
        let permit =
            guard.review_probe(action, &sandbox.isolation(), &request, &mut InMemoryLedger::new())?;
        let mut verdicts = Vec::new();
        let mut problem = None;
        let start = Instant::now();
        prober.probe(permit, &Layer::empty(), candidates, &Cancel::new(), &mut |news| match news {
            ProbeNews::Baseline(baseline) => problem = baseline.problem,
            ProbeNews::Probed(probed) => verdicts.push(probed.verdict),
        })?;
        problem.map_or(Ok((start.elapsed().as_micros(), verdicts)), |problem| Err(problem.into()))
    };
    let (load_us, _) = probe(prober.as_mut(), &[])?;
    let (runner_us, asker_us) = (cpu_below_us()?, cpu_of_this_us()?);
    let (batch_us, verdicts) = probe(prober.as_mut(), &candidates)?;
    let (steady_cpu_us, asker_cpu_us) = (cpu_below_us()? - runner_us, cpu_of_this_us()? - asker_us);
    let passed = verdicts.iter().filter(|verdict| **verdict == Verdict::Passed).count();
    drop(prober);
    println!(
        "{{\"load_us\":{load_us},\"batch_us\":{batch_us},\"steady_cpu_us\":{steady_cpu_us},\
         \"asker_cpu_us\":{asker_cpu_us},\"cpu_us\":{},\"candidates\":{},\"passed\":{passed}}}",
        cpu_of_children_us()?,
        verdicts.len()
    );
    Ok(())
}

/// CPU time of all processes that have ended below this one; counted in hundredths of a second.
#[cfg(target_os = "linux")]
fn cpu_of_children_us() -> std::io::Result<u64> {
    Ok(Times::read("self")?.waited_for_us)
}

#[cfg(target_os = "linux")]
fn cpu_of_this_us() -> std::io::Result<u64> {
    Ok(Times::read("self")?.own_us)
}

/// CPU time of all processes below this one, alive or ended and waited for.
#[cfg(target_os = "linux")]
fn cpu_below_us() -> std::io::Result<u64> {
    let mut all = std::collections::BTreeMap::new();
    for entry in std::fs::read_dir("/proc")? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        // A process may end meanwhile.
        if let (Ok(pid), Ok(times)) = (name.parse::<u32>(), Times::read(&name)) {
            all.insert(pid, times);
        }
    }
    let is_below = |mut pid: u32| {
        while let Some(times) = all.get(&pid) {
            if times.parent == std::process::id() {
                return true;
            }
            pid = times.parent;
        }
        false
    };
    let below = all.iter().filter(|(pid, _)| is_below(**pid));
    Ok(below.map(|(_, times)| times.own_us + times.waited_for_us).sum())
}

/// What the kernel counts for a process; in steps of a hundredth of a second.
#[cfg(target_os = "linux")]
struct Times {
    parent: u32,
    own_us: u64,
    waited_for_us: u64,
}

#[cfg(target_os = "linux")]
impl Times {
    #[expect(clippy::disallowed_methods, reason = "a measurement reads /proc")]
    fn read(process: &str) -> std::io::Result<Self> {
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
        let fields = stat.rsplit_once(')').map(|(_, fields)| fields).unwrap_or_default().split_whitespace();
        let numbers: Vec<u64> =
            fields.skip(1).take(14).map(|field| field.parse().unwrap_or_default()).collect();
        let ticks = |at: usize| numbers.iter().skip(at).take(2).sum::<u64>() * 10_000;
        let parent = numbers.first().and_then(|pid| u32::try_from(*pid).ok()).unwrap_or_default();
        Ok(Self { parent, own_us: ticks(10), waited_for_us: ticks(12) })
    }
}

#[cfg(not(target_os = "linux"))]
fn main() {}
