"""The log: one JSON object a line on standard error. No local values: no password gets in."""

from __future__ import annotations

import sys
from contextlib import suppress

import structlog
from structlog.tracebacks import ExceptionDictTransformer


def configure_log() -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=lambda *_: _Log(sys.stderr),
    )


class _Log(structlog.PrintLogger):
    """A log that cannot be written (its disk is full too) must not keep an answer from its phone."""

    def msg(self, message: str) -> None:
        with suppress(OSError):
            super().msg(message)

    log = debug = info = warn = warning = fatal = failure = err = error = critical = exception = msg
