//! What the user has switched on and off of what the server offers.
//!
//! A value of the wrong type is told and leaves what stood before.

use serde_json::{Map, Value};

/// Each offer and whether it is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Features {
    /// In the light bulb.
    pub(crate) actions: Actions,
    /// Lenses above tests.
    pub(crate) code_lens: bool,
    /// What is reported of a document.
    pub(crate) diagnostics: Reports,
    /// Symbols, definitions, references.
    pub(crate) navigation: bool,
}

/// Code actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Actions {
    /// Fix the selected lines.
    pub(crate) fix_line: bool,
    /// Fix what a diagnostic complains of.
    pub(crate) fix_diagnostic: bool,
    /// Fix a failing test.
    pub(crate) fix_test: bool,
    /// Run tests in the sandbox.
    pub(crate) run_tests: bool,
    /// Small fixes with their edit inside.
    pub(crate) quick_fixes: bool,
}

/// Diagnostics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reports {
    /// Syntax errors.
    pub(crate) syntax: bool,
    /// Failed tests.
    pub(crate) tests: bool,
    /// Keys and passwords.
    pub(crate) secrets: bool,
}

impl Default for Features {
    fn default() -> Self {
        Self {
            actions: Actions {
                fix_line: true,
                fix_diagnostic: true,
                fix_test: true,
                run_tests: true,
                quick_fixes: true,
            },
            code_lens: true,
            diagnostics: Reports { syntax: true, tests: true, secrets: true },
            navigation: false,
        }
    }
}

impl Features {
    /// Takes in what a section sets; what could not be read is added to `problems`, in sentences.
    pub(crate) fn read(&mut self, section: &Map<String, Value>, problems: &mut Vec<String>) {
        let (actions, reports) = (&mut self.actions, &mut self.diagnostics);
        let flags: [(&str, &mut bool); 9] = [
            ("actions.fixLine", &mut actions.fix_line),
            ("actions.fixDiagnostic", &mut actions.fix_diagnostic),
            ("actions.fixTest", &mut actions.fix_test),
            ("actions.runTests", &mut actions.run_tests),
            ("actions.quickFixes", &mut actions.quick_fixes),
            ("codeLens", &mut self.code_lens),
            ("diagnostics.syntax", &mut reports.syntax),
            ("diagnostics.tests", &mut reports.tests),
            ("diagnostics.secrets", &mut reports.secrets),
        ];
        for (name, flag) in flags {
            match at(section, name) {
                None => {}
                Some(Value::Bool(value)) => *flag = *value,
                Some(_) => {
                    problems.push(format!("bodkin.{name} must be true or false; it is left as it was."));
                }
            }
        }
        match at(section, "navigation").map(|it| it.as_str()) {
            None => {}
            Some(Some("on")) => self.navigation = true,
            Some(Some("off")) => self.navigation = false,
            Some(_) => {
                problems
                    .push("bodkin.navigation must be \"off\" or \"on\"; it is left as it was.".to_owned());
            }
        }
    }
}

/// A value by its dotted name, as a tree or written out.
fn at<'s>(section: &'s Map<String, Value>, name: &str) -> Option<&'s Value> {
    let nested = name.split_once('.').and_then(|(group, name)| section.get(group)?.get(name));
    nested.or_else(|| section.get(name)).filter(|it| !it.is_null())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(section: Value) -> (Features, Vec<String>) {
        let (mut features, mut problems) = (Features::default(), Vec::new());
        features.read(section.as_object().unwrap(), &mut problems);
        (features, problems)
    }

    #[test]
    fn each_offer_can_be_switched_off() {
        let (set, problems) = read(json!({
            "actions": {"fixLine": false, "quickFixes": false},
            "codeLens": false,
            "diagnostics.secrets": false,
            "navigation": "on",
        }));
        assert_eq!(problems, Vec::<String>::new());
        assert!(!set.actions.fix_line && !set.actions.quick_fixes && set.actions.fix_test);
        assert!(!set.code_lens && !set.diagnostics.secrets && set.diagnostics.tests && set.navigation);
    }

    #[test]
    fn what_is_no_flag_is_told_and_changes_nothing() {
        let (set, problems) = read(json!({"actions": {"fixLine": "no"}, "navigation": true}));
        assert_eq!((set, problems.len()), (Features::default(), 2));
    }
}
