"""Interrupts arrive though somebody swallows them or turns them into something else."""

import os
import signal
import subprocess
import sys
from textwrap import indent
from typing import Any

import pytest

# moments are met that last hundredths of a second
pytestmark = pytest.mark.xdist_group("timed")
SAID = "interrupted; the last good result stays, finished runs are kept\n"
BEGUN = """
import atexit, os, signal, sys, time, weakref
from notebook_build.interrupts import end_at_once, raised

def interrupt():
    os.kill(os.getpid(), signal.{sent})

class Named:
    def __set_name__(self, *_):
        interrupt()

class Thing:
    pass

def callback(_):
    interrupt()
    time.sleep(0.01)

def put_away():
    # several times as long as it takes until an interrupt that was swallowed is raised again
    interrupt()
    time.sleep(0.3)
    print("put away")

end_at_once()
atexit.register(print, "ended in order")
with raised():
{body}
"""
SWALLOWED = {
    "nowhere": "interrupt()",
    "by an except": """
try:
    interrupt()
    time.sleep(1)
except BaseException:
    pass
""",
    "by an except that goes on": """
try:
    interrupt()
except BaseException:
    time.sleep(0.2)
""",
    "by a callback of the interpreter": """
thing = Thing()
kept = weakref.ref(thing, callback)
del thing
""",
    "turned into another error": 'type("Made", (), {"of": Named()})',
    "in a text that is executed": 'exec("interrupt()")',
}


BLOCK = """
try:
{swallowed}
    time.sleep(60)
    print("went on")
finally:
    put_away()
"""


def run(body: str, sent: signal.Signals, stderr: int = subprocess.PIPE, after: str = "") -> Any:
    program = BEGUN.format(body=indent(body, " " * 4), sent=sent.name) + after
    return subprocess.run(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        timeout=50,
    )


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("swallowed", SWALLOWED)
def test_an_interrupt_arrives_and_lets_what_was_begun_be_put_away(
    swallowed: str, sent: signal.Signals
) -> None:
    done = run(BLOCK.format(swallowed=indent(SWALLOWED[swallowed], " " * 4)), sent)
    assert done.stderr == SAID
    assert done.stdout.splitlines() == ["put away", "ended in order"]
    assert done.returncode == 130


def test_nobody_needs_to_listen() -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        done = run("interrupt()", signal.SIGINT, write)
    finally:
        os.close(write)
    assert (done.returncode, done.stdout) == (130, "ended in order\n")


def test_what_ends_without_an_interrupt_ends_as_it_does() -> None:
    assert run("pass", signal.SIGINT).returncode == 0
    assert run("sys.exit(7)", signal.SIGINT).returncode == 7
    # from the end of the block on nothing is begun
    done = run("pass", signal.SIGINT, after="interrupt()")
    assert (done.returncode, done.stdout, done.stderr) == (130, "", SAID)
