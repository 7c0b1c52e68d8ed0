//! Package scripts, jest, vitest and Node's own runner.

use expect_test::expect;

use super::check;

const SOURCES: &str = "
=== src/price.ts
=== src/cart.ts
import { net } from './price.js';
=== test/price.test.ts
import { net } from '../src/price';
=== test/cart.test.ts
import { Cart } from '../src/cart'
=== test/other.test.ts
import fs from 'node:fs';
";

fn package(json: &str) -> String {
    format!("=== package.json\n{json}{SOURCES}")
}

#[test]
fn the_test_script_is_run_and_a_known_tool_in_it_is_called_directly() {
    check(
        &package(r#"{"scripts": {"test": "jest --ci"}}"#),
        "src/price.ts",
        expect![[r#"
        npm test, because package.json has the script: jest --ci
        proof:  npm test
        probes: npx --no-install jest --ci
        first:  test/price.test.ts, test/cart.test.ts
                npx --no-install jest --ci --runTestsByPath test/price.test.ts test/cart.test.ts
    "#]],
    );
    check(
        &package(r#"{"scripts": {"test": "vitest"}}"#),
        "src/price.ts",
        expect![[r#"
        npm test, because package.json has the script: vitest
        proof:  npm test
        probes: npx --no-install vitest run
        first:  test/price.test.ts, test/cart.test.ts
                npx --no-install vitest run test/price.test.ts test/cart.test.ts
    "#]],
    );
    check(
        &package(
            r#"{"scripts": {"test": "cross-env NODE_ENV=test c8 node --import tsx --test 'test/**/*.test.ts'"}}"#,
        ),
        "src/price.ts",
        expect![[r#"
            npm test, because package.json has the script: cross-env NODE_ENV=test c8 node --import tsx --test 'test/**/*.test.ts'
            proof:  npm test
            with:   NODE_ENV=test
            first:  test/price.test.ts, test/cart.test.ts
                    sh: NODE_ENV=test node --import tsx --test test/price.test.ts test/cart.test.ts
        "#]],
    );
}

#[test]
fn a_script_with_a_step_before_it_is_not_bypassed() {
    check(
        &package(r#"{"scripts": {"pretest": "tsc", "test": "jest"}}"#),
        "src/price.ts",
        expect![[r#"
        npm test, because package.json has the script: jest
        proof:  npm test
        first:  test/price.test.ts, test/cart.test.ts
                npx --no-install jest --runTestsByPath test/price.test.ts test/cart.test.ts
    "#]],
    );
}

#[test]
fn an_unknown_script_is_run_as_it_is() {
    check(
        &package(r#"{"scripts": {"test": "tsc && mocha"}}"#),
        "src/price.ts",
        expect![[r#"
        npm test, because package.json has the script: tsc && mocha
        proof:  npm test
    "#]],
    );
}

#[test]
fn a_script_that_would_wait_for_changes_is_not_run() {
    check(
        &package(r#"{"scripts": {"test": "jest --watch"}}"#),
        "src/price.ts",
        expect![[r#"
        jest, because package.json has the script: jest --watch
        proof:  npx --no-install jest
        first:  test/price.test.ts, test/cart.test.ts
                npx --no-install jest --runTestsByPath test/price.test.ts test/cart.test.ts
    "#]],
    );
    check(
        &package(r#"{"scripts": {"test": "react-scripts test"}}"#),
        "src/price.ts",
        expect![[r#"
        npm test, because package.json has the script: react-scripts test
        proof:  npm test
        with:   CI=true
    "#]],
    );
}

#[test]
fn the_script_of_npm_init_does_not_count() {
    let json = r#"{"scripts": {"test": "echo \"Error: no test specified\" && exit 1"}}"#;
    check(
        &package(json),
        "src/price.ts",
        expect![[r#"
        no tests found for `src/price.ts`: no package.json has a test script, jest or vitest, no test file imports node:test, and no Makefile has a test target
        write a test that fails because of the fault, or give the command that shows it: --test "…"
    "#]],
    );
    let json = r#"{"scripts": {"test": "echo \"Error: no test specified\" && exit 1"}, "devDependencies": {"jest": "^29"}}"#;
    check(
        &package(json),
        "src/price.ts",
        expect![[r#"
        jest, because package.json needs it
        proof:  npx --no-install jest
        first:  test/price.test.ts, test/cart.test.ts
                npx --no-install jest --runTestsByPath test/price.test.ts test/cart.test.ts
    "#]],
    );
}

#[test]
fn a_config_or_a_dependency_is_enough() {
    check(
        &format!("{}=== vitest.config.ts\n", package("{}")),
        "src/price.ts",
        expect![[r#"
        vitest, because of vitest.config.ts
        proof:  npx --no-install vitest run
        first:  test/price.test.ts, test/cart.test.ts
                npx --no-install vitest run test/price.test.ts test/cart.test.ts
    "#]],
    );
    check(
        &format!("{}=?= node_modules/.bin/jest\n", package(r#"{"jest": {}}"#)),
        "src/price.ts",
        expect![[r#"
            jest, because package.json configures it
            proof:  node_modules/.bin/jest
            first:  test/price.test.ts, test/cart.test.ts
                    node_modules/.bin/jest --runTestsByPath test/price.test.ts test/cart.test.ts
        "#]],
    );
}

#[test]
fn the_lock_file_says_who_runs_scripts() {
    let json = r#"{"scripts": {"test": "ava"}}"#;
    check(
        &format!("{}=== pnpm-lock.yaml\n", package(json)),
        "src/price.ts",
        expect![[r#"
        pnpm test, because package.json has the script: ava
        proof:  pnpm test
    "#]],
    );
    check(
        &format!("{}=?= yarn.lock\n", package(json)),
        "src/price.ts",
        expect![[r#"
        yarn test, because package.json has the script: ava
        proof:  yarn test
    "#]],
    );
    check(
        &format!("{}=== bun.lock\n", package(json)),
        "src/price.ts",
        expect![[r#"
        bun run test, because package.json has the script: ava
        proof:  bun run test
    "#]],
    );
    check(
        &package(r#"{"packageManager": "pnpm@9.1.0", "scripts": {"test": "ava"}}"#),
        "src/price.ts",
        expect![[r#"
            pnpm test, because package.json has the script: ava
            proof:  pnpm test
        "#]],
    );
}

#[test]
fn node_runs_tests_that_import_its_runner() {
    check(
        "
=== gcd.js
=== sieve.js
=== gcd.test.js
import test from 'node:test';
import { gcd } from './gcd.js';
=== sieve.test.js
const test = require('node:test');
const sieve = require('./sieve');
",
        "gcd.js",
        expect![[r#"
            node --test, because gcd.test.js imports node:test
            proof:  node --test
            first:  gcd.test.js
                    node --test gcd.test.js
        "#]],
    );
    check(
        "
=== lib/gcd.js
=== spec/gcd.mjs
import { test } from 'node:test';
",
        "lib/gcd.js",
        expect![[r#"
            node --test, because spec/gcd.mjs imports node:test
            proof:  node --test spec/gcd.mjs
        "#]],
    );
}

#[test]
fn the_nearest_package_with_tests_wins() {
    check(
        r#"
=== package.json
{"scripts": {"test": "jest"}, "workspaces": ["packages/*"]}
=== package-lock.json
=== packages/core/package.json
{"name": "@shop/core", "scripts": {"test": "vitest run"}}
=== packages/core/src/index.ts
export * from './price'
=== packages/core/src/price.ts
=== packages/core/src/price.test.ts
import { net } from './price'
=== packages/core/src/other.test.ts
=== packages/web/package.json
{"name": "web"}
=== packages/web/app.ts
import { net } from '@shop/core'
=== packages/web/app.test.ts
import './app'
"#,
        "packages/core/src/price.ts",
        expect![[r#"
            npm test, because packages/core/package.json has the script: vitest run
            proof:  npm test
            in:     packages/core
            probes: npx --no-install vitest run
            first:  packages/core/src/price.test.ts
                    npx --no-install vitest run src/price.test.ts
        "#]],
    );
}

#[test]
fn a_package_without_tests_leaves_them_to_the_one_above() {
    check(
        r#"
=== package.json
{"scripts": {"test": "jest"}, "workspaces": ["packages/*"]}
=== packages/core/package.json
{"name": "@shop/core", "main": "dist/index.js"}
=== packages/core/src/index.ts
export const a = 1
=== packages/web/package.json
{"name": "web"}
=== packages/web/app.ts
import { net } from '@shop/core'
=== packages/web/app.test.ts
import '@/app'
=== packages/web/b.test.ts
"#,
        "packages/core/src/index.ts",
        expect![[r#"
            npm test, because package.json has the script: jest
            proof:  npm test
            probes: npx --no-install jest
            first:  packages/web/app.test.ts
                    npx --no-install jest --runTestsByPath packages/web/app.test.ts
        "#]],
    );
}

#[test]
fn a_name_is_followed_through_the_files_that_pass_it_on() {
    let tree = r#"
=== package.json
{"scripts": {"test": "vitest run"}}
=== src/index.ts
export * from './price'
export { vat as tax } from './tax'
=== src/price.ts
export const net = 1
=== src/tax.ts
export function vat() {}
=== test/price.test.ts
import { net } from '../src'
=== test/tax.test.ts
import { tax } from '../src/index.js'
=== test/all.test.ts
import * as shop from '../src'
=== test/other.test.ts
"#;
    check(
        tree,
        "src/price.ts",
        expect![[r#"
        npm test, because package.json has the script: vitest run
        proof:  npm test
        probes: npx --no-install vitest run
        first:  test/price.test.ts, test/all.test.ts
                npx --no-install vitest run test/price.test.ts test/all.test.ts
    "#]],
    );
    check(
        tree,
        "src/tax.ts",
        expect![[r#"
        npm test, because package.json has the script: vitest run
        proof:  npm test
        probes: npx --no-install vitest run
        first:  test/tax.test.ts, test/all.test.ts
                npx --no-install vitest run test/tax.test.ts test/all.test.ts
    "#]],
    );
    check(
        tree,
        "src/index.ts",
        expect![[r#"
        npm test, because package.json has the script: vitest run
        proof:  npm test
        probes: npx --no-install vitest run
        first:  test/all.test.ts, test/price.test.ts, test/tax.test.ts
                npx --no-install vitest run test/all.test.ts test/price.test.ts test/tax.test.ts
    "#]],
    );
}

#[test]
fn a_broken_package_says_nothing() {
    check(
        "=== package.json\n{,\n=== a.js\n",
        "a.js",
        expect![[r#"
        no tests found for `a.js`: no package.json has a test script, jest or vitest, no test file imports node:test, and no Makefile has a test target
        write a test that fails because of the fault, or give the command that shows it: --test "…"
    "#]],
    );
}
