"""Forks without the callbacks that Python modules register for a new process.

They reseed generators and renew locks, which a process with one thread and no lock held does not need, and
they touch hundreds of pages that must then be copied. Imported first of all, before a module can register.
"""
import os

_register = os.register_at_fork
_skip = [False]


def _wrapped(callback):
    def unless_skipped():
        if not _skip[0]:
            callback()

    return unless_skipped


def _register_skippable(**callbacks):
    _register(**{when: _wrapped(callback) for when, callback in callbacks.items()})


os.register_at_fork = _register_skippable


def bare_fork():
    """os.fork() without callbacks; forks of the child itself have them again."""
    _skip[0] = True
    pid = os.fork()
    _skip[0] = False
    return pid
