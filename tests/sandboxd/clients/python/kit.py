"""What the scenarios share: how a check fails, and what stands in the environment."""

import os
import sys
import traceback

PROXY = os.environ.get("SCENARIO_PROXY") or None
MODERN = not os.environ.get("SCENARIO_VERSION", "").startswith("2.20")
NAMES = ["a b.txt", "ünï çødé.txt", "日本語.txt", "-dash", "per%cent.txt", "plus+and&.txt", "semi;colon#.txt"]
BINARY = bytes(range(256)) * 16


def options(**more):
    """Options of a call of the control plane."""
    return {**({"proxy": PROXY} if PROXY else {}), **more}


def equal(found, expected):
    if found != expected:
        raise AssertionError(f"found {short(found)}, expected {short(expected)}")


def true(fact, what):
    if not fact:
        raise AssertionError(what)


def short(value):
    text = repr(value)
    return text if len(text) < 300 else text[:300] + "…"


def raised(kind, act):
    try:
        act()
    except kind as error:
        return error
    raise AssertionError(f"nothing raised {kind}")


def report(name, error):
    if error is None:
        print("ok", name, flush=True)
        return 0
    print("FAILED", name, flush=True)
    traceback.print_exception(error, file=sys.stdout)
    return 1
