"""Structured logs: one event per state change, for people on a terminal or as JSON lines."""

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

from andon.core import masking
from andon.project.flood import Flood


def configure(style: str, *, level: int = logging.INFO) -> None:
    """Send structlog and the standard library's logs to standard error, as `console` or `json`."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    renderer: structlog.typing.Processor
    if style == "json":
        renderer = structlog.processors.JSONRenderer()
    else:
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                _with_count,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                # Tracebacks become text here: rich ones would print local variables, and with them
                # addresses and tokens.
                structlog.processors.format_exc_info,
                without_secrets,
                renderer,
            ],
        )
    )
    handler.addFilter(Flood())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for chatty in ("uvicorn.error", "httpx2", "httpcore2", "mail.log"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _with_count(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Say how many lines like this one were left out before it."""
    left_out = getattr(event.get("_record"), "left_out", 0)
    return {**event, "left_out": left_out} if left_out else event


def without_secrets(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> Mapping[str, Any]:
    """Return an event without addresses, keys and passwords, whoever logged it."""
    return {name: _masked(value) for name, value in event.items()}


def _masked(value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(name): _masked(one) for name, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(one) for one in value]
    return masking.text(str(value))
