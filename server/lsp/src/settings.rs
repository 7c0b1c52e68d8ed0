//! What the user can set, read from `initializationOptions` and `workspace/didChangeConfiguration`.
//!
//! Both hold `{"bodkin": {…}}`. A value of the wrong type is told and leaves what stood before; names that are
//! not ours belong to the client and are passed over.

use bodkin_host::{Settings, redact};
use serde_json::{Map, Value};

use crate::features::Features;

/// What the user set.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Preferences {
    /// For the runs.
    pub(crate) runs: Settings,
    /// Whether the editor asks the user before it applies an edit.
    pub(crate) confirm: Confirm,
    /// What is offered.
    pub(crate) features: Features,
    /// What becomes of a proved change where the client can show it.
    pub(crate) on_offer: OnOffer,
}

/// What becomes of a proved change where the client can show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum OnOffer {
    /// The user reviews it, hunk by hunk.
    #[default]
    Hunks,
    /// It is put in place.
    Apply,
}

/// Whether the editor asks the user before it applies an edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Confirm {
    /// Where it can.
    #[default]
    Auto,
    /// Not.
    Never,
}

impl Preferences {
    /// What holds before the user has set anything.
    pub(crate) fn new(runs: Settings) -> Self {
        Self {
            runs,
            confirm: Confirm::default(),
            features: Features::default(),
            on_offer: OnOffer::default(),
        }
    }

    /// Takes in what is set in `options`; says what could not be read, in sentences.
    pub(crate) fn read(&mut self, options: &Value) -> Vec<String> {
        let Some(section) = options.get("bodkin").and_then(Value::as_object) else { return Vec::new() };
        let mut problems = Vec::new();
        self.read_test_command(section, &mut problems);
        self.read_numbers(section, &mut problems);
        self.features.read(section, &mut problems);
        match section.get("confirm").map(|it| it.as_str()) {
            None => {}
            Some(Some("auto")) => self.confirm = Confirm::Auto,
            Some(Some("never")) => self.confirm = Confirm::Never,
            Some(_) => problems
                .push("bodkin.confirm must be \"auto\" or \"never\"; it is left as it was.".to_owned()),
        }
        match section.get("allowReduced") {
            None | Some(Value::Null) => {}
            Some(Value::Bool(allowed)) => self.runs.allow_reduced = *allowed,
            Some(_) => {
                problems.push("bodkin.allowReduced must be true or false; it is left as it was.".to_owned());
            }
        }
        match section.get("review").map(|it| it.as_str()) {
            None => {}
            Some(Some("hunks")) => self.on_offer = OnOffer::Hunks,
            Some(Some("apply")) => self.on_offer = OnOffer::Apply,
            Some(_) => problems
                .push("bodkin.review must be \"hunks\" or \"apply\"; it is left as it was.".to_owned()),
        }
        problems
    }

    /// What holds, by the names of the settings; test commands may hold secrets, which are taken out.
    pub(crate) fn told(&self) -> Map<String, Value> {
        let agent = &self.runs.agent;
        let (actions, reports) = (&self.features.actions, &self.features.diagnostics);
        let confirm = match self.confirm {
            Confirm::Auto => "auto",
            Confirm::Never => "never",
        };
        let review = match self.on_offer {
            OnOffer::Hunks => "hunks",
            OnOffer::Apply => "apply",
        };
        let settings: [(&str, Value); 17] = [
            ("testCommand", agent.test_command.as_deref().map(redact).into()),
            ("testTimeoutSeconds", (agent.test_wall_ms / 1000).into()),
            ("runTimeoutSeconds", (agent.run_wall_ms / 1000).into()),
            ("maxCandidates", agent.max_candidates.into()),
            ("review", review.into()),
            ("confirm", confirm.into()),
            ("actions.fixLine", actions.fix_line.into()),
            ("actions.fixDiagnostic", actions.fix_diagnostic.into()),
            ("actions.fixTest", actions.fix_test.into()),
            ("actions.runTests", actions.run_tests.into()),
            ("actions.quickFixes", actions.quick_fixes.into()),
            ("codeLens", self.features.code_lens.into()),
            ("diagnostics.syntax", reports.syntax.into()),
            ("diagnostics.tests", reports.tests.into()),
            ("diagnostics.secrets", reports.secrets.into()),
            ("navigation", if self.features.navigation { "on" } else { "off" }.into()),
            ("allowReduced", self.runs.allow_reduced.into()),
        ];
        settings.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    fn read_test_command(&mut self, section: &Map<String, Value>, problems: &mut Vec<String>) {
        match section.get("testCommand") {
            None => {}
            Some(Value::Null) => self.runs.agent.test_command = None,
            Some(Value::String(command)) => {
                self.runs.agent.test_command = Some(command.trim().to_owned()).filter(|it| !it.is_empty());
            }
            Some(_) => problems.push("bodkin.testCommand must be a text; it is left as it was.".to_owned()),
        }
    }

    fn read_numbers(&mut self, section: &Map<String, Value>, problems: &mut Vec<String>) {
        let mut whole = |name: &str, most: u64| match section.get(name) {
            None => None,
            Some(value) => {
                let number = value.as_u64().filter(|it| (1..=most).contains(it));
                if number.is_none() {
                    problems.push(format!(
                        "bodkin.{name} must be a whole number from 1 to {most}; it is left as it was."
                    ));
                }
                number
            }
        };
        const DAY_SECONDS: u64 = 86_400;
        if let Some(seconds) = whole("testTimeoutSeconds", DAY_SECONDS) {
            self.runs.agent.test_wall_ms = seconds * 1000;
        }
        if let Some(seconds) = whole("runTimeoutSeconds", DAY_SECONDS) {
            self.runs.agent.run_wall_ms = seconds * 1000;
        }
        if let Some(count) = whole("maxCandidates", u64::from(u32::MAX)) {
            self.runs.agent.max_candidates = u32::try_from(count).unwrap_or(u32::MAX);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(options: Value) -> (Preferences, Vec<String>) {
        let mut preferences = Preferences::new(Settings::default());
        let problems = preferences.read(&options);
        (preferences, problems)
    }

    #[test]
    fn settings_are_read_from_their_section() {
        let (set, problems) = read(json!({"bodkin": {
            "testCommand": " pytest -q ", "testTimeoutSeconds": 9, "runTimeoutSeconds": 90, "maxCandidates": 7,
            "confirm": "never", "trace": {"server": "off"},
        }, "editor": {"tabSize": 2}}));
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(set.runs.agent.test_command.as_deref(), Some("pytest -q"));
        let runs = set.runs.agent.clone();
        assert_eq!((runs.test_wall_ms, runs.run_wall_ms, runs.max_candidates), (9_000, 90_000, 7));
        assert_eq!(set.confirm, Confirm::Never);
    }

    #[test]
    fn a_value_of_the_wrong_kind_is_told_and_changes_nothing() {
        let (set, problems) = read(json!({"bodkin": {
            "testCommand": 1, "testTimeoutSeconds": -1, "maxCandidates": 1.5, "confirm": true,
        }}));
        assert_eq!(set, Preferences::new(Settings::default()));
        assert_eq!(problems.len(), 4, "{problems:?}");
    }

    #[test]
    fn an_empty_or_null_test_command_means_that_it_is_to_be_found() {
        let mut set = Preferences::new(Settings::default());
        set.runs.agent.test_command = Some("make".to_owned());
        set.read(&json!({"bodkin": {"testCommand": null}}));
        assert_eq!(set.runs.agent.test_command, None);
        set.read(&json!({"bodkin": {"testCommand": "  "}}));
        assert_eq!(set.runs.agent.test_command, None);
    }

    /// The table of settings is what is read: each by its name, with its default.
    #[test]
    fn every_setting_of_the_table_holds_its_default_and_is_read() {
        use bodkin_protocol::settings::{Kind, of_server};
        let before = Preferences::new(Settings::default());
        let told = before.told();
        assert_eq!(told.len(), of_server().count());
        for setting in of_server() {
            let (default, other) = match setting.kind {
                Kind::OptionalText => (Value::Null, json!("make")),
                Kind::Flag { default } => (json!(default), json!(!default)),
                Kind::Whole { default, least, .. } => (json!(default), json!(least)),
                Kind::Choice { default, words } => {
                    (json!(default), json!(words.iter().find(|it| it.0 != default).unwrap().0))
                }
            };
            assert_eq!(told[setting.name], default, "{}", setting.name);
            let mut section = json!({});
            match setting.name.split_once('.') {
                Some((group, name)) => section[group] = json!({name: other}),
                None => section[setting.name] = other.clone(),
            }
            let (set, problems) = read(json!({"bodkin": section}));
            assert_eq!((problems, &set.told()[setting.name]), (Vec::new(), &other), "{}", setting.name);
        }
    }

    #[test]
    fn options_without_a_section_change_nothing() {
        for options in [json!(null), json!({}), json!([1]), json!({"bodkin": null})] {
            assert_eq!(read(options), (Preferences::new(Settings::default()), Vec::new()));
        }
    }
}
