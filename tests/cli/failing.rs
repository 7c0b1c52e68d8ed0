//! `bodkin fix --failing TEST`: the fault is found from the test, in whichever file it is.

use bodkin_tests::{Scene, needs};

use crate::scenes::leaves_alone;

const SHOP: &str = "
=== shop/__init__.py
=== shop/price.py
def net(gross, tax):
    return gross + tax


def gross(net, tax):
    return net + tax
=== shop/basket.py
from shop.price import net


def total(items):
    return sum(net(gross, 1) for gross in items)
=== tests/__init__.py
=== tests/test_basket.py
import unittest

from shop.basket import total
from shop.price import gross


class Basket(unittest.TestCase):
    def test_total(self):
        self.assertEqual(total([3, 4]), 5)

    def test_gross(self):
        self.assertEqual(gross(2, 1), 3)
";

const TEST: &str = "tests/test_basket.py::Basket::test_total";

#[test]
fn what_makes_a_test_fail_is_found_mended_and_proved_and_no_test_is_changed() {
    needs!(Python);
    let scene = Scene::new(SHOP);
    let test = scene.text("tests/test_basket.py");
    let said = scene.bodkin(&["fix", "--failing", TEST, "--apply"]).run();
    assert_eq!(said.code, Some(0), "{}", said.shown());
    assert!(
        scene.text("shop/price.py").starts_with("def net(gross, tax):\n    return gross - tax\n"),
        "{}",
        said.shown()
    );
    assert!(scene.text("shop/price.py").ends_with("return net + tax\n"));
    assert_eq!(scene.text("tests/test_basket.py"), test);
}

#[test]
fn a_test_that_passes_or_is_not_there_is_refused_and_nothing_is_touched() {
    needs!(Python);
    let scene = Scene::new(SHOP);
    for (name, said) in [
        ("tests/test_basket.py::Basket::test_gross", "passes already"),
        ("tests/test_basket.py::Basket::test_gone", "is not among the tests of its file"),
        ("shop/price.py", "writes down no test"),
    ] {
        let answer = leaves_alone(&scene, &["fix", "--failing", name, "--apply"]);
        assert!(answer.shown().contains(said), "{name}: {}", answer.shown());
        assert_eq!(answer.code, Some(2), "{}", answer.shown());
    }
}
