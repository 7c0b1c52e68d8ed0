//! The runners' own programs, which go into the sandbox with each of them.

/// The runner's own files.
pub(super) const PYTHON: [(&str, &str); 23] = [
    ("python_probe.py", include_str!("../../runners/python/python_probe.py")),
    ("bodkin_atfork.py", include_str!("../../runners/python/bodkin_atfork.py")),
    ("bodkin_batch.py", include_str!("../../runners/python/bodkin_batch.py")),
    ("bodkin_failure.py", include_str!("../../runners/python/bodkin_failure.py")),
    ("bodkin_fresh.py", include_str!("../../runners/python/bodkin_fresh.py")),
    ("bodkin_fuel.py", include_str!("../../runners/python/bodkin_fuel.py")),
    ("bodkin_half.py", include_str!("../../runners/python/bodkin_half.py")),
    ("bodkin_imports.py", include_str!("../../runners/python/bodkin_imports.py")),
    ("bodkin_lines.py", include_str!("../../runners/python/bodkin_lines.py")),
    ("bodkin_patch.py", include_str!("../../runners/python/bodkin_patch.py")),
    ("bodkin_plan.py", include_str!("../../runners/python/bodkin_plan.py")),
    ("bodkin_pool.py", include_str!("../../runners/python/bodkin_pool.py")),
    ("bodkin_pytest.py", include_str!("../../runners/python/bodkin_pytest.py")),
    ("bodkin_run.py", include_str!("../../runners/python/bodkin_run.py")),
    ("bodkin_server.py", include_str!("../../runners/python/bodkin_server.py")),
    ("bodkin_sitting.py", include_str!("../../runners/python/bodkin_sitting.py")),
    ("bodkin_slot.py", include_str!("../../runners/python/bodkin_slot.py")),
    ("bodkin_source.py", include_str!("../../runners/python/bodkin_source.py")),
    ("bodkin_standstill.py", include_str!("../../runners/python/bodkin_standstill.py")),
    ("bodkin_template.py", include_str!("../../runners/python/bodkin_template.py")),
    ("bodkin_unittest.py", include_str!("../../runners/python/bodkin_unittest.py")),
    ("bodkin_warm.py", include_str!("../../runners/python/bodkin_warm.py")),
    ("bodkin_wire.py", include_str!("../../runners/python/bodkin_wire.py")),
];
