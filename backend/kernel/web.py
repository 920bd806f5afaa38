"""The edge: what Flask is allowed to know. Routes translate; everything else is in `operations.py`."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, NoReturn, TypeVar

import flask_smorest
import marshmallow as ma
import structlog
from flask import Flask, Request, Response, current_app, request
from sqlalchemy.orm import Session
from webargs.flaskparser import FlaskParser
from werkzeug.datastructures import CombinedMultiDict
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.routing import IntegerConverter, Map

from backend.kernel import problems
from backend.kernel.blobs import Blobs
from backend.kernel.db import Database
from backend.kernel.outages import RETRY_AFTER, outage
from backend.kernel.problems import Refusal
from backend.kernel.validation import SCHEMA, field_errors

PROBLEM_JSON = "application/problem+json"
MULTIPART = "multipart/form-data"
LARGEST_BODY = 2 * 1024 * 1024  # bytes; sync bodies and uploads have limits of their own

log = structlog.get_logger()
View = TypeVar("View", bound=Callable[..., Any])

# Scripts only from our own origin, and no inline ones; 'wasm-unsafe-eval' is for the QR reader of the phone.
# Styles may be inline: Vue's transitions and charts set them; they cannot run code.
CSP = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' blob: data:; media-src 'self' blob:; worker-src 'self'; connect-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=(self), usb=()",
}


def database() -> Database:
    found: Database = current_app.extensions["database"]
    return found


def blobs() -> Blobs:
    found: Blobs = current_app.extensions["blobs"]
    return found


def reading() -> AbstractContextManager[Session]:
    return database().reading()


def writing() -> AbstractContextManager[Session]:
    return database().writing()


def public(view: View) -> View:
    """Mark a view that needs no sign-in. Everything else is refused without one."""
    view.public = True  # type: ignore[attr-defined]
    return view


class ProblemSchema(ma.Schema):
    """RFC 9457. `errors` points at what is wrong in the request."""

    type = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    status = ma.fields.Integer(required=True)
    code = ma.fields.String(required=True)
    params = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String())
    errors = ma.fields.List(ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String()))


class Schema(ma.Schema):
    """Every request and answer: unknown fields are refused, so that a typo is not silently dropped."""

    error_messages = SCHEMA

    class Meta:
        unknown = ma.RAISE


class Parser(FlaskParser):
    """Turns what marshmallow finds into our problem, with a JSON pointer to each place."""

    # A filter that is misspelt must not show everything instead.
    DEFAULT_UNKNOWN_BY_LOCATION = FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION | {"query": ma.RAISE}

    def load_form(self, req: Request, schema: ma.Schema) -> Any:
        """A form that brings files: its fields and its files are one body, and are described as one."""
        return self._makeproxy(CombinedMultiDict([req.files, req.form]), schema)

    def handle_error(self, error: ma.ValidationError, *_: Any, **__: Any) -> NoReturn:
        raise problems.INVALID(errors=list(field_errors(error.messages))) from error

    def _handle_invalid_json_error(self, error: Exception, *_: Any, **__: Any) -> NoReturn:
        raise problems.MALFORMED(what="JSON") from error

    def _raw_load_json(self, req: Request) -> Any:
        """A body that is not JSON by its type, or nests past what Python reads, is named instead of passed over."""
        if req.content_length and not req.is_json:
            raise problems.UNSUPPORTED(expected="application/json")
        try:
            data = super()._raw_load_json(req)
        except RecursionError as error:
            raise problems.MALFORMED(what="JSON") from error
        if "\\u0000" in json.dumps(data if data is not ma.missing else None):
            raise problems.MALFORMED(what="NUL")  # PostgreSQL keeps no NUL in text
        return data


class Blueprint(flask_smorest.Blueprint):
    ARGUMENTS_PARSER = Parser()


class Api(flask_smorest.Api):
    """flask-smorest with RFC 9457 problems instead of its own error bodies."""

    ERROR_SCHEMA = ProblemSchema

    def _register_responses(self) -> None:
        """The answers that flask-smorest registers by itself are all refusals: every one is a problem."""
        self.DEFAULT_RESPONSE_CONTENT_TYPE = PROBLEM_JSON
        super()._register_responses()
        del self.DEFAULT_RESPONSE_CONTENT_TYPE

    def _register_error_handlers(self) -> None:
        self._app.register_error_handler(Refusal, answer)
        self._app.register_error_handler(HTTPException, _http_exception)
        self._app.register_error_handler(Exception, _unexpected)


def language() -> str:
    return request.accept_languages.best_match(["zh", "zh-CN", "en"], default="zh")[:2]


def answer(refusal: Refusal) -> Response:
    body = json.dumps(refusal.body(language()), ensure_ascii=False)
    response = Response(body, status=refusal.problem.status, content_type=PROBLEM_JSON)
    if refusal.retry_after is not None:
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response


def _http_exception(error: HTTPException) -> Response:
    """What werkzeug found wrong, said in our words."""
    match error.code:
        case 404:
            response = answer(problems.NOT_FOUND())
        case 405:
            response = answer(problems.NO_METHOD())
            response.headers.extend(error.get_headers())  # Allow
            response.headers["Content-Type"] = PROBLEM_JSON
        case 413:
            response = answer(problems.TOO_LARGE(limit=_limit(error)))
        case 415:
            response = answer(problems.UNSUPPORTED(expected="application/json"))
        case _ if error.code and error.code < 500:
            response = answer(problems.MALFORMED(what=f"HTTP {error.code}"))
        case _:
            response = _unexpected(error)
    return response


def _limit(error: HTTPException) -> str:
    limit = request.max_content_length if isinstance(error, RequestEntityTooLarge) else None
    return f"{(limit or LARGEST_BODY) // 1024} KiB"


def _unexpected(error: Exception) -> Response:
    """Nothing of the error goes out: an incident number does, and the log has the rest under it."""
    incident = secrets.token_hex(4)
    log.error("request failed", incident=incident, path=request.path, exc_info=error)
    passing = outage(error)
    if passing is not None:
        return answer(passing(retry_after=RETRY_AFTER))
    return answer(problems.FAILED(incident=incident))


class SmallInt(IntegerConverter):
    """An integer in a path that a database column can hold; larger ones are not found."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=2**31 - 1)


def harden(app: Flask, *, secure: bool) -> None:
    """Headers on every answer; nothing of an API answer is kept by a cache unless the view says so."""
    app.url_map.converters["int"] = SmallInt
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY

    @app.after_request
    def _headers(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if secure:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if request.path.startswith("/api/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response
