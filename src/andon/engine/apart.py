"""Does a duty's heavy turns in a process of their own, so that pages never wait for them.

Generating rules for thousands of services, parsing a hundred megabytes of answers or comparing them
takes an interpreter for seconds, and the messages of pages need the engine's. A child has its own,
at low priority; when memory runs out it is the one to be ended, not the engine.
"""

import importlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from datetime import datetime
from typing import IO, Any, ClassVar

import msgspec
import structlog

from andon.core.errors import Refusal
from andon.engine.duty import DutyTurn, Work
from andon.paging.types import TransportError
from andon.slo import queries

log = structlog.get_logger(__name__)

#: Objectives and alerts from which on work on all of them is done apart.
MUCH = 200
#: Below the engine; the checkers of generated files are lower still.
NICENESS = 10
_POLL_SECONDS = 0.1
#: Above this layer: it sets Django up.
_MODULE = "andon.project.apart"
_SAID = 1000


class UnableToWorkApart(Refusal):
    """A duty's turn was refused, or its process ended without an answer; the next one tries again.

    What a turn refuses for reasons of its own comes back as this, in its words.
    """

    code: ClassVar[str] = "duty_not_done"


class TurnAsked(msgspec.Struct):
    """What a child is told: a function `module:name` that does a turn, and the turn."""

    work: str
    now: datetime
    memory: dict[str, Any]


class TurnAnswer(msgspec.Struct):
    """What came of a turn."""

    handled: int
    memory: dict[str, Any]
    figures: dict[str, float]
    error: str = ""


class Apart:
    """A duty's work that runs a function in a process of its own and waits for it.

    The process ends with the turn, after `seconds`, when the engine stops or has lost the duty, and
    when the engine itself is killed; whatever it started ends with it.
    """

    def __init__(self, work: Work, *, seconds: float, niceness: int = NICENESS) -> None:
        self._work = f"{work.__module__}:{getattr(work, '__qualname__', '')}"
        self._seconds = seconds
        self._niceness = niceness

    def __call__(self, turn: DutyTurn) -> int:
        """Do one turn. Raises Stopped, and UnableToWorkApart with what is to be read about it."""
        asked = TurnAsked(self._work, turn.now, turn.memory)
        with tempfile.TemporaryFile() as output:
            process = _start(asked, output, self._niceness)
            try:
                self._wait(process, turn)
            finally:
                _end(process)
            output.seek(0)
            answer = _answer(output.read(), process.returncode)
        turn.memory.clear()
        turn.memory.update(answer.memory)
        turn.figures.update(answer.figures)
        if answer.error:
            raise UnableToWorkApart(answer.error)
        return answer.handled

    def _wait(self, process: "subprocess.Popen[bytes]", turn: DutyTurn) -> None:
        until = time.perf_counter() + self._seconds
        while process.poll() is None:
            turn.pause(_POLL_SECONDS)
            if time.perf_counter() > until:
                raise UnableToWorkApart(f"it was not done within {self._seconds:g} s, and ended")


class Sized:
    """A duty's work that is done apart when there is much of it, and here when there is not.

    Starting a process takes a second of a processor, too much for a few services every minute.
    """

    def __init__(self, apart: Work, *, here: Work) -> None:
        self._apart, self._here = apart, here

    def __call__(self, turn: DutyTurn) -> int:
        """Do one turn."""
        return (self._apart if queries.count_declared() > MUCH else self._here)(turn)


def _start(asked: TurnAsked, output: IO[bytes], niceness: int) -> "subprocess.Popen[bytes]":
    process = subprocess.Popen(  # noqa: S603 - this interpreter and this module
        [sys.executable, "-P", "-m", _MODULE, f"{niceness}"], stdin=subprocess.PIPE, stdout=output,
        start_new_session=True,
    )  # fmt: skip
    if process.stdin is not None:
        # If it is dead already, whoever waits for it says so. The pipe's end is the child's.
        with suppress(BrokenPipeError):
            process.stdin.write(msgspec.json.encode(asked) + b"\n")
            process.stdin.flush()
    return process


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the process if it still runs, and what it started in any case."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdin is not None:
        with suppress(BrokenPipeError):
            process.stdin.close()


def _answer(body: bytes, code: int) -> TurnAnswer:
    try:
        return msgspec.json.decode(body, type=TurnAnswer)
    except msgspec.DecodeError:
        how = f"signal {-code}" if code < 0 else f"{code}"
        said = body.decode("utf-8", "replace").strip()[-_SAID:]
        words = f"the process that did it ended with {how} and no answer"
        raise UnableToWorkApart(f"{words}: {said}" if said else words) from None


def answer() -> None:
    """Do the turn that standard input tells of, and answer on standard output; Django is ready."""
    asked = msgspec.json.decode(sys.stdin.buffer.readline(), type=TurnAsked)
    threading.Thread(target=_die_with_the_engine, daemon=True).start()
    with os.fdopen(os.dup(1), "wb") as stream:
        os.dup2(2, 1)  # whatever prints, prints into the engine's log
        stream.write(msgspec.json.encode(_do(asked)))


def _do(asked: TurnAsked) -> TurnAnswer:
    module, _, name = asked.work.partition(":")
    turn = DutyTurn(now=asked.now, memory=asked.memory, renew=lambda: True, stop=threading.Event())
    handled, error = 0, ""
    try:
        handled = getattr(importlib.import_module(module), name)(turn)
    except Exception as failure:
        error = f"{failure}" or type(failure).__name__
        if not isinstance(failure, Refusal | TransportError):
            log.exception("duty_failed_apart", work=asked.work)
    return TurnAnswer(handled, turn.memory, turn.figures, error)


def _die_with_the_engine() -> None:
    """End this process and all it started when the engine is gone: its end of the pipe closes."""
    while os.read(0, 4096):
        pass
    os.killpg(0, signal.SIGKILL)
