//! How well-known keys and tokens look, as data.
//!
//! Source: the issuers' own documentation of their formats. A shape is a beginning that nothing else has, and a
//! tail of a known alphabet and length.

/// The characters of a tail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Alphabet {
    /// `0-9 a-f`
    Hex,
    /// `0-9 A-Z`
    Upper,
    /// `0-9 A-Z a-z`
    Alnum,
    /// `0-9 A-Z a-z _`
    Word,
    /// `0-9 A-Z a-z _ -`
    Base64Url,
    /// `0-9 A-Z a-z _ - .`
    Dotted,
    /// `0-9 A-Z a-z + / = - _ . ~`
    Bearer,
}

impl Alphabet {
    pub(crate) fn has(self, byte: u8) -> bool {
        match self {
            Self::Hex => byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'),
            Self::Upper => byte.is_ascii_digit() || byte.is_ascii_uppercase(),
            Self::Alnum => byte.is_ascii_alphanumeric(),
            Self::Word => byte.is_ascii_alphanumeric() || byte == b'_',
            Self::Base64Url => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'),
            Self::Dotted => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'),
            Self::Bearer => {
                byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_' | b'.' | b'~')
            }
        }
    }
}

/// One kind of key.
pub(crate) struct Shape {
    /// What it is, for the reader of a redacted text.
    pub(crate) what: &'static str,
    /// How it begins.
    pub(crate) start: &'static str,
    /// What follows.
    pub(crate) tail: Alphabet,
    /// The fewest characters that follow.
    pub(crate) least: usize,
    /// The most; a longer run is something else.
    pub(crate) most: usize,
}

const fn shape(what: &'static str, start: &'static str, tail: Alphabet, least: usize, most: usize) -> Shape {
    Shape { what, start, tail, least, most }
}

const ANY: usize = 4096;

/// Every shape; where one beginning holds another, the longer one stands first.
pub(crate) const SHAPES: &[Shape] = &[
    shape("github-token", "github_pat_", Alphabet::Word, 22, 255),
    shape("github-token", "ghp_", Alphabet::Alnum, 36, 255),
    shape("github-token", "gho_", Alphabet::Alnum, 36, 255),
    shape("github-token", "ghu_", Alphabet::Alnum, 36, 255),
    shape("github-token", "ghs_", Alphabet::Alnum, 36, 255),
    shape("github-token", "ghr_", Alphabet::Alnum, 36, 255),
    shape("gitlab-token", "glpat-", Alphabet::Dotted, 20, 320),
    shape("aws-key-id", "AKIA", Alphabet::Upper, 16, 16),
    shape("aws-key-id", "ASIA", Alphabet::Upper, 16, 16),
    shape("anthropic-key", "sk-ant-", Alphabet::Base64Url, 24, 255),
    shape("openrouter-key", "sk-or-v1-", Alphabet::Hex, 64, 64),
    shape("openai-key", "sk-proj-", Alphabet::Base64Url, 24, 255),
    shape("openai-key", "sk-svcacct-", Alphabet::Base64Url, 24, 255),
    shape("openai-key", "sk-admin-", Alphabet::Base64Url, 24, 255),
    shape("openai-key", "sk-", Alphabet::Alnum, 32, 64),
    shape("groq-key", "gsk_", Alphabet::Alnum, 40, 80),
    shape("hugging-face-token", "hf_", Alphabet::Alnum, 30, 60),
    shape("google-key", "AIza", Alphabet::Base64Url, 35, 35),
    shape("google-token", "ya29.", Alphabet::Base64Url, 30, ANY),
    shape("slack-token", "xoxb-", Alphabet::Base64Url, 20, 255),
    shape("slack-token", "xoxa-", Alphabet::Base64Url, 20, 255),
    shape("slack-token", "xoxp-", Alphabet::Base64Url, 20, 255),
    shape("slack-token", "xoxr-", Alphabet::Base64Url, 20, 255),
    shape("slack-token", "xoxs-", Alphabet::Base64Url, 20, 255),
    shape("slack-token", "xapp-", Alphabet::Base64Url, 20, 255),
    shape("stripe-key", "sk_live_", Alphabet::Alnum, 16, 255),
    shape("stripe-key", "sk_test_", Alphabet::Alnum, 16, 255),
    shape("stripe-key", "rk_live_", Alphabet::Alnum, 16, 255),
    shape("stripe-key", "rk_test_", Alphabet::Alnum, 16, 255),
    shape("npm-token", "npm_", Alphabet::Alnum, 36, 36),
    shape("pypi-token", "pypi-AgE", Alphabet::Base64Url, 50, ANY),
    shape("crates-io-token", "cio", Alphabet::Alnum, 32, 32),
    shape("sendgrid-key", "SG.", Alphabet::Dotted, 60, 80),
    shape("digitalocean-token", "dop_v1_", Alphabet::Hex, 64, 64),
    shape("shopify-token", "shpat_", Alphabet::Hex, 32, 32),
    shape("age-key", "AGE-SECRET-KEY-1", Alphabet::Upper, 58, 58),
    shape("bearer-token", "Bearer ", Alphabet::Bearer, 20, ANY),
    shape("bearer-token", "bearer ", Alphabet::Bearer, 20, ANY),
];
