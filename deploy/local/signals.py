"""Ctrl-C and SIGTERM: the first one interrupts what goes on, a second one while stopping makes the stop impatient."""

import contextlib
import signal

_count = 0
_holding = False
_pending = None


class Interrupted(BaseException):
    """A signal asked to stop. Not an Exception: nothing on the way may take it for a failure of its own."""


def install():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _received)


def _received(number, _frame):
    global _count, _pending
    _count += 1
    if _count > 1:
        return
    if _holding:
        _pending = number
    else:
        raise Interrupted(number)


@contextlib.contextmanager
def held():
    """Nothing interrupts the body: between a process's start and the note of its id one could lose it."""
    global _holding, _pending
    _holding = True
    try:
        yield
    finally:
        _holding = False
    if _pending is not None:
        number, _pending = _pending, None
        raise Interrupted(number)


def stopping():
    """From here on signals interrupt nothing, they only count."""
    global _count
    _count = max(_count, 1)


def impatient():
    return _count > 1
