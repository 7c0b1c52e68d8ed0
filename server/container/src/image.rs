//! Which image a workspace asks for: its dev container or its Dockerfile. Only read here; building is for who is
//! told to.

use bodkin_text::RelPath;
use serde::Deserialize;

/// What a workspace asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// An image by name.
    Image {
        /// Its name.
        name: String,
        /// The file that asks for it.
        by: RelPath,
    },
    /// An image that is to be built; a build runs the workspace's own commands in the engine, with the network.
    Build {
        /// The recipe.
        dockerfile: RelPath,
        /// The folder that it may copy from; `None`: the workspace.
        context: Option<RelPath>,
        /// Variables of the build.
        args: Vec<(String, String)>,
    },
}

/// Where dev containers are described, first found first.
const DEVCONTAINERS: [&str; 2] = [".devcontainer/devcontainer.json", ".devcontainer.json"];
/// Where recipes are.
const RECIPES: [&str; 3] = ["Dockerfile", "Containerfile", ".devcontainer/Dockerfile"];

/// What the workspace asks for, where `read` gives the text of its files. A description that can not be read is
/// an error in words; none at all is `None`.
pub fn detect(read: &dyn Fn(&str) -> Option<String>) -> Result<Option<Wanted>, String> {
    for path in DEVCONTAINERS {
        if let Some(text) = read(path)
            && let Some(wanted) = dev_container(path, &text)?
        {
            return Ok(Some(wanted));
        }
    }
    let recipe = RECIPES.iter().find(|path| read(path).is_some()).and_then(|path| RelPath::new(path).ok());
    Ok(recipe.map(|dockerfile| Wanted::Build { dockerfile, context: None, args: Vec::new() }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DevContainer {
    image: Option<String>,
    build: Option<Build>,
    docker_file: Option<String>,
    context: Option<String>,
}

#[derive(Deserialize)]
struct Build {
    #[serde(alias = "dockerFile")]
    dockerfile: Option<String>,
    context: Option<String>,
    #[serde(default)]
    args: std::collections::BTreeMap<String, String>,
}

fn dev_container(path: &str, text: &str) -> Result<Option<Wanted>, String> {
    let found: DevContainer = serde_json::from_str(&plain_json(text))
        .map_err(|error| format!("{path} can not be read: {error}"))?;
    let by = RelPath::new(path).map_err(|error| error.to_string())?;
    if let Some(name) = found.image {
        return Ok(Some(Wanted::Image { name, by }));
    }
    let (dockerfile, context, args) = match found.build {
        Some(build) => (build.dockerfile, build.context, build.args.into_iter().collect()),
        None => (found.docker_file, found.context, Vec::new()),
    };
    let Some(dockerfile) = dockerfile else { return Ok(None) };
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let outside = |it: &str| format!("{path} names `{it}`, which lies outside of the workspace");
    let dockerfile = joined(folder, &dockerfile).flatten().ok_or_else(|| outside(&dockerfile))?;
    let context = context.unwrap_or_else(|| ".".to_owned());
    let context = joined(folder, &context).ok_or_else(|| outside(&context))?;
    Ok(Some(Wanted::Build { dockerfile, context, args }))
}

/// A path as it is meant from a folder: `Some(None)` is the workspace itself, `None` leads out of it.
#[expect(clippy::option_option, reason = "out of the workspace, the workspace, or below it")]
fn joined(folder: &str, path: &str) -> Option<Option<RelPath>> {
    if path.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|it| !it.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    if parts.is_empty() { Some(None) } else { RelPath::new(&parts.join("/")).ok().map(Some) }
}

/// JSON without the comments and the commas before a closing bracket that these files may have.
fn plain_json(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    let mut in_string = false;
    while let Some(c) = chars.next() {
        match (in_string, c, chars.peek()) {
            (true, '\\', Some(_)) => {
                plain.push(c);
                plain.extend(chars.next());
            }
            (_, '"', _) => {
                in_string = !in_string;
                plain.push(c);
            }
            (false, '/', Some('/')) => while chars.next_if(|it| *it != '\n').is_some() {},
            (false, '/', Some('*')) => {
                chars.next();
                let mut before = ' ';
                for it in chars.by_ref() {
                    if before == '*' && it == '/' {
                        break;
                    }
                    before = it;
                }
                plain.push(' ');
            }
            (false, '}' | ']', _) => {
                let end = plain.trim_end().len();
                if plain.get(..end).is_some_and(|it| it.ends_with(',')) {
                    plain.truncate(end - 1);
                }
                plain.push(c);
            }
            _ => plain.push(c),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(files: &[(&str, &str)]) -> Result<Option<Wanted>, String> {
        detect(&|path| files.iter().find(|(name, _)| *name == path).map(|(_, text)| (*text).to_owned()))
    }

    fn path(text: &str) -> RelPath {
        RelPath::new(text).unwrap()
    }

    #[test]
    fn a_dev_container_names_its_image_among_comments() {
        let text = "// a\n{ /* b */ \"image\": \"python:3 // no comment\", // c\n }";
        let wanted = check(&[(".devcontainer/devcontainer.json", text), ("Dockerfile", "")]).unwrap();
        let by = path(".devcontainer/devcontainer.json");
        assert_eq!(wanted, Some(Wanted::Image { name: "python:3 // no comment".to_owned(), by }));
    }

    #[test]
    fn a_recipe_is_found_from_where_it_is_named() {
        let text = r#"{"build": {"dockerfile": "../docker/Dev", "context": "..", "args": {"A": "1"},}}"#;
        let wanted = check(&[(".devcontainer/devcontainer.json", text)]).unwrap();
        let args = vec![("A".to_owned(), "1".to_owned())];
        assert_eq!(wanted, Some(Wanted::Build { dockerfile: path("docker/Dev"), context: None, args }));
    }

    #[test]
    fn a_recipe_alone_is_enough_and_nothing_is_nothing() {
        let wanted = check(&[("Containerfile", "FROM x")]).unwrap();
        assert!(
            matches!(wanted, Some(Wanted::Build { dockerfile, .. }) if dockerfile == path("Containerfile"))
        );
        assert_eq!(check(&[("README", "")]), Ok(None));
        assert_eq!(check(&[(".devcontainer.json", "{}")]), Ok(None));
    }

    #[test]
    fn what_leads_out_of_the_workspace_is_refused() {
        for out in ["../../etc/Dockerfile", "/etc/Dockerfile"] {
            let text = format!(r#"{{"dockerFile": "{out}"}}"#);
            assert!(check(&[(".devcontainer/devcontainer.json", &text)]).unwrap_err().contains(out));
        }
        assert!(check(&[(".devcontainer.json", "{")]).unwrap_err().contains("can not be read"));
    }
}
