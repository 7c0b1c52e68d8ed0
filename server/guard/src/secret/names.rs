//! Names of environment variables that hold secrets.

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

/// Ends that make a name a secret's without an underscore before them: `PGPASSWORD`, `githubToken`.
const ENDS: &[&str] =
    &["APIKEY", "CREDENTIALS", "PASSPHRASE", "PASSWD", "PASSWORD", "SECRET", "SECRETKEY", "TOKEN", "TOKENS"];

/// Names that the rules above miss: connection addresses carry passwords, sockets stand for keys.
const KNOWN: &[&str] = &[
    "AMQP_URL",
    "BROKER_URL",
    "DATABASE_URL",
    "KUBECONFIG",
    "MONGODB_URI",
    "MONGO_URL",
    "NETRC",
    "REDIS_URL",
    "SSH_AGENT_PID",
    "SSH_AUTH_SOCK",
];

/// Families of names that hold secrets.
const FAMILIES: &[&str] = &["AWS_", "AZURE_", "OP_SESSION_", "VAULT_"];

/// Names that the rules above catch, and that hold no secret.
const HARMLESS: &[&str] = &["AWS_DEFAULT_REGION", "AWS_REGION", "OLDPWD", "PWD"];

/// Whether a variable's name looks like a secret's. Case makes no difference.
pub fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let named = |list: &[&str]| list.contains(&name.as_str());
    if named(HARMLESS) {
        return false;
    }
    named(KNOWN)
        || FAMILIES.iter().any(|family| name.starts_with(family))
        || ENDS.iter().any(|end| name.ends_with(end))
        || name.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| WORDS.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_known_in_every_spelling() {
        for name in [
            "GITHUB_TOKEN",
            "OPENAI_API_KEY",
            "PGPASSWORD",
            "githubToken",
            "npm_config_//r.org/:_authToken",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_PROFILE",
            "DATABASE_URL",
            "SENTRY_DSN",
            "MYSQL_PWD",
            "SSH_AUTH_SOCK",
            "my-secret",
            "TWILIO_AUTH",
            "GH_PAT",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn everyday_names_are_none() {
        for name in [
            "PATH",
            "HOME",
            "LANG",
            "PWD",
            "VIRTUAL_ENV",
            "PYTHONPATH",
            "NODE_ENV",
            "KEYBOARD",
            "MONKEY",
            "PATTERN",
            "AUTHOR",
            "PASSENGER",
            "COMPASS",
            "TOKENIZER",
            "TOKENIZERS_PARALLELISM",
            "AWS_REGION",
            "DJANGO_SETTINGS_MODULE",
            "",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }
}
