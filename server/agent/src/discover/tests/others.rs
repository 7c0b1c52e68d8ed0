//! Go, Rust, the JVM, make, and workspaces of several languages.

use expect_test::expect;

use super::check;

#[test]
fn go_tests_the_module_and_first_the_package() {
    check(
        "=== go.mod\n=== a/a.go\n=== a/a_test.go\n=== b/b.go\n=== b/b_test.go\n",
        "a/a.go",
        expect![[r#"
        go test, because of go.mod
        proof:  go test ./...
        first:  a/a_test.go
                go test ./a
    "#]],
    );
    check(
        "=== svc/go.mod\n=== svc/main.go\n=== svc/main_test.go\n=== svc/b/b_test.go\n",
        "svc/main.go",
        expect![[r#"
            go test, because of svc/go.mod
            proof:  go test ./...
            in:     svc
            first:  svc/main_test.go
                    go test .
        "#]],
    );
}

#[test]
fn cargo_tests_the_nearest_package() {
    check(
        "=== Cargo.toml\n=== server/text/Cargo.toml\n=== server/text/src/lib.rs\n",
        "server/text/src/lib.rs",
        expect![[r#"
            cargo test, because of server/text/Cargo.toml
            proof:  cargo test
            in:     server/text
        "#]],
    );
}

#[test]
fn a_maven_module_is_tested_from_the_whole_build() {
    check(
        "
=== pom.xml
<project><modules><module>core</module></modules></project>
=== mvnw
=== core/pom.xml
=== core/src/main/java/A.java
",
        "core/src/main/java/A.java",
        expect![[r#"
            ./mvnw test, because of core/pom.xml
            proof:  ./mvnw -B -pl core -am test
        "#]],
    );
    check(
        "=== pom.xml\n=== src/main/java/A.java\n",
        "src/main/java/A.java",
        expect![[r#"
        mvn test, because of pom.xml
        proof:  mvn -B test
    "#]],
    );
}

#[test]
fn gradle_is_called_through_its_wrapper() {
    check(
        "=== settings.gradle.kts\n=== gradlew\n=== core/build.gradle.kts\n=== core/src/main/kotlin/A.kt\n",
        "core/src/main/kotlin/A.kt",
        expect![[r#"
            ../gradlew test, because of core/build.gradle.kts
            proof:  ../gradlew test
            in:     core
        "#]],
    );
}

#[test]
fn a_makefile_counts_by_its_test_target() {
    check(
        "=== Makefile\nall test: build\n\techo\n=== a.c\n",
        "a.c",
        expect![[r#"
        make test, because Makefile has the target
        proof:  make test
    "#]],
    );
    check(
        "=== Makefile\n.PHONY: test\ntest := 1\ntest: X=1\n=== a.c\n",
        "a.c",
        expect![[r#"
        no tests found for `a.c`: no manifest in its folder or above says how to run tests
        write a test that fails because of the fault, or give the command that shows it: --test "…"
    "#]],
    );
}

#[test]
fn a_makefile_that_plainly_runs_pytest_is_tried_warm() {
    check(
        "
=== api/Makefile
test:
	@PYTHONPATH=. pytest -q spec

lint:
	ruff
=== api/app.py
=== setup.py
=== tests/test_all.py
",
        "api/app.py",
        expect![[r#"
            make test, because api/Makefile has the target
            proof:  make test
            in:     api
            with:   PYTHONPATH=.
            probes: warm pytest [python3] -q spec
        "#]],
    );
    check(
        "=== Makefile\ntest: venv\n\tpytest\n=== a.py\n",
        "a.py",
        expect![[r#"
        make test, because Makefile has the target
        proof:  make test
    "#]],
    );
}

#[test]
fn the_language_of_the_target_decides_in_one_folder() {
    let tree = "
=== Makefile
test:
	npm test && pytest
=== package.json
{\"scripts\": {\"test\": \"jest\"}}
=== pyproject.toml
=== Cargo.toml
=== go.mod
=== web/a.test.js
=== tests/test_a.py
import pytest
";
    for target in ["web/a.js", "api/a.py", "src/a.rs", "cmd/a.go"] {
        check(
            tree,
            target,
            match target {
                "web/a.js" => expect![[r#"
                    npm test, because package.json has the script: jest
                    proof:  npm test
                    probes: npx --no-install jest
                "#]],
                "api/a.py" => expect![[r#"
                    pytest, because tests/test_a.py imports it
                    proof:  python3 -m pytest
                    probes: warm pytest [python3]
                "#]],
                "src/a.rs" => expect![[r#"
                    cargo test, because of Cargo.toml
                    proof:  cargo test
                "#]],
                _ => expect![[r#"
                    go test, because of go.mod
                    proof:  go test ./...
                "#]],
            },
        );
    }
    check(
        tree,
        "docs/a.txt",
        expect![[r#"
        make test, because Makefile has the target
        proof:  make test
    "#]],
    );
}

#[test]
fn a_target_of_no_language_is_tested_by_the_nearest_manifest() {
    check(
        "=== pytest.ini\n=== shop/page.html\n=== tests/test_page.py\n",
        "shop/page.html",
        expect![[r#"
        pytest, because of pytest.ini
        proof:  python3 -m pytest
        probes: warm pytest [python3]
    "#]],
    );
    check(
        "=== README.md\n=== a.html\n",
        "a.html",
        expect![[r#"
        no tests found for `a.html`: no manifest in its folder or above says how to run tests
        write a test that fails because of the fault, or give the command that shows it: --test "…"
    "#]],
    );
}
