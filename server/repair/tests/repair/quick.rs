//! Small fixes that are certain, and where none is.

use bodkin_repair::quick;
use bodkin_text::ByteRange;
use bodkin_workspace::{Language, Syntax};

/// Each fix for the line marked `<|>`: its title and the lines that it changes.
fn fixes(language: Language, marked: &str) -> Vec<String> {
    let at = marked.find("<|>").unwrap();
    let text = marked.replacen("<|>", "", 1);
    let start = text[..at].rfind('\n').map_or(0, |it| it + 1);
    let end = text[at..].find('\n').map_or(text.len(), |it| at + it);
    let syntax = Syntax::parse(language, text.as_str().into()).unwrap();
    let shown = |it: &quick::QuickFix| {
        let after = it.edits.apply(&text).unwrap();
        let old: Vec<&str> = text.lines().collect();
        let new: Vec<&str> = after.lines().filter(|line| !old.contains(line)).collect();
        format!("{}: {}", it.title, new.join(" / "))
    };
    quick::fixes(&syntax, ByteRange::new(start, end)).iter().map(shown).collect()
}

fn python(marked: &str) -> Vec<String> {
    fixes(Language::Python, marked)
}

const NONE: [&str; 0] = [];

#[test]
fn a_block_head_gets_its_colon() {
    assert_eq!(python("def f(a)<|>\n    return a\n"), ["Insert missing `:`: def f(a):"]);
    assert_eq!(python("if a<|>  # why\n    b()\n"), ["Insert missing `:`: if a:  # why"]);
    assert_eq!(python("class A<|>\n    x = 1\n"), ["Insert missing `:`: class A:"]);
    // From the line after it, too: there the parser gives up.
    assert_eq!(python("while a\n    b()<|>\n"), ["Insert missing `:`: while a:"]);
}

#[test]
fn a_condition_compares() {
    assert_eq!(python("if a = 1<|>:\n    b()\n"), ["Compare with `==`: if a == 1:"]);
    assert_eq!(python("x <|>= 1\n"), NONE);
}

#[test]
fn a_bracket_is_closed_where_only_one_place_will_do() {
    assert_eq!(python("print('a'<|>\nx = 1\n"), ["Insert missing `)`: print('a')"]);
    assert_eq!(python("x = [1 + 2<|>\ny = 1\n"), NONE, "`[1] + 2` would do as well");
    assert_eq!(python("f(a, b<|>\nx = 1\n"), NONE, "`f(a), b` would do as well");
    assert_eq!(
        fixes(Language::JavaScript, "const a = f('x';<|>\nconst b = 1;\n"),
        ["Insert missing `)`: const a = f('x');"]
    );
}

#[test]
fn a_bracket_that_closes_nothing_goes() {
    assert_eq!(python("x = f(a))<|>\n"), ["Remove the unmatched `)`: x = f(a)"]);
    assert_eq!(python("x = a)<|>\n"), NONE, "`x = (a)` was meant as likely");
    assert_eq!(python("x = f*map(g(1)))<|>\n"), NONE, "`f(*map(g(1)))` would do as well");
}

#[test]
fn a_string_is_ended_where_only_one_place_will_do() {
    assert_eq!(python("x = 'hello<|>\ny = 1\n"), ["Insert missing `'`: x = 'hello'"]);
    assert_eq!(python("f('a, b<|>)\n"), NONE, "`f('a', b)` would do as well");
}

#[test]
fn a_misspelt_name_becomes_the_one_that_is_close() {
    assert_eq!(
        python("def f(length):\n    return lenght<|> + 1\n"),
        ["Change `lenght` to `length`:     return length + 1"]
    );
    assert_eq!(python("value1 = value2 = 1\nx = valu<|>\n"), NONE, "two are close");
    assert_eq!(python("from a import *\nlength = 1\nx = lenght<|>\n"), NONE, "it may come from there");
    assert_eq!(python("length = thing = 1\nx = thing<|>.lenght\n"), NONE, "a member is no name");
    assert_eq!(python("def f():\n    global lenght\n    lenght = 1\nlength = 2\nx = lenght<|>\n"), NONE);
    assert_eq!(
        fixes(Language::JavaScript, "const total = 1;\nconst x = totl<|> + 1;\n"),
        ["Change `totl` to `total`: const x = total + 1;"]
    );
}

#[test]
fn a_module_of_the_language_is_imported_where_it_is_used() {
    assert_eq!(python("x = math<|>.pi\n"), ["Import `math`: import math"]);
    assert_eq!(
        python("\"\"\"Doc.\"\"\"\nimport os\n\nx = os.name + json<|>.dumps(1)\n"),
        ["Import `json`: import json"]
    );
    assert_eq!(python("math = 1\nx = math<|>.pi\n"), NONE);
    assert_eq!(python("x = math<|>\n"), NONE, "not used as a module");
    assert_eq!(
        fixes(Language::JavaScript, "const fs = require('node:fs');\nfs.x(path<|>.join('a'));\n"),
        ["Import `path`: const path = require('node:path');"]
    );
    assert_eq!(
        fixes(Language::TypeScript, "import { readFile } from \"fs\";\nconst a = path<|>.join(readFile);\n"),
        ["Import `path`: import * as path from \"path\";"]
    );
    assert_eq!(
        fixes(Language::JavaScript, "const a = path<|>.join('a');\n"),
        NONE,
        "it may be for a browser"
    );
}

#[test]
fn an_import_keeps_its_place_and_the_line_ends() {
    let text = "#!/usr/bin/env python\r\n\"\"\"Doc.\"\"\"\r\n\r\nx = sys.argv\r\n";
    let syntax = Syntax::parse(Language::Python, text.into()).unwrap();
    let fixes = quick::fixes(&syntax, ByteRange::new(0, text.len()));
    let after = fixes.first().unwrap().edits.apply(text).unwrap();
    assert_eq!(after, "#!/usr/bin/env python\r\n\"\"\"Doc.\"\"\"\r\n\r\nimport sys\r\nx = sys.argv\r\n");
}

#[test]
fn an_import_comes_after_what_is_said_of_the_one_before_it() {
    let text = "import os  # why\nx = os.name + json.dumps(1)\n";
    let syntax = Syntax::parse(Language::Python, text.into()).unwrap();
    let fixes = quick::fixes(&syntax, ByteRange::new(18, text.len()));
    let after = fixes.first().unwrap().edits.apply(text).unwrap();
    assert_eq!(after, "import os  # why\nimport json\nx = os.name + json.dumps(1)\n");
}

#[test]
fn whole_and_hopeless_texts_get_nothing() {
    assert_eq!(python("def f(a):\n    return a<|>\n"), NONE);
    assert_eq!(python("def ((( =<|> ]\n"), NONE);
}
