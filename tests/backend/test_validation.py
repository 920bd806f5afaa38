"""Whatever is wrong with a field is said in the reader's language, with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import marshmallow as ma
import pytest

import backend.app  # noqa: F401 - every schema is declared once all routes are
from backend.kernel.problems import FieldError
from backend.kernel.validation import field_errors
from backend.kernel.web import Schema
from tests.backend.desk import Desk

TEXTS: tuple[Any, ...] = ("", "?" * 5000, "-1")
NONSENSE: tuple[Any, ...] = (*TEXTS, None, -1, 10**15, 0.5, float("nan"), True, [], ["?"], {}, {"?": "?"})
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# What stays as it is in a Chinese sentence: names of formats, and an example.
AS_IS = re.compile(r"UUID|UTF-8|true|false|base64|2026-03-02T08:00:00\+08:00")


def every(of: type[ma.Schema] = Schema) -> Iterator[type[ma.Schema]]:
    for schema in of.__subclasses__():
        yield schema
        yield from every(schema)


SCHEMAS = sorted(
    {schema for schema in every() if schema.__module__.startswith("backend.")},
    key=lambda one: f"{one.__module__}.{one.__name__}",
)


def bodies(schema: ma.Schema) -> Iterator[Any]:
    """Nothing, no object at all, a field that there is none of, and every nonsense in every field."""
    yield from ({}, None, [], "?", {"no_such_field": 1})
    # What stands in an address or in a header is always a text.
    of_body = not type(schema).__name__.endswith(("Query", "Filter", "Headers"))
    for value in NONSENSE if of_body else TEXTS:
        yield {field.data_key or name: value for name, field in schema.fields.items()}


def found(schema: ma.Schema) -> Iterator[FieldError]:
    for body in bodies(schema):
        try:
            schema.load(body)
        except ma.ValidationError as error:
            yield from field_errors(error.messages)


def choices(schema: ma.Schema) -> set[str]:
    """Codes that a field takes: named as they are written."""
    taken: set[str] = set()
    for field in schema.fields.values():
        inner = getattr(field, "inner", field)
        if isinstance(inner, ma.fields.Nested):
            taken |= choices(inner.schema)
        for validator in inner.validators:
            taken |= {str(one) for one in getattr(validator, "choices", ())}
    return taken


def test_every_schema_is_looked_at() -> None:
    assert len(SCHEMAS) > 100


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda one: one.__name__)
def test_no_english_reaches_who_reads_chinese(schema: type[ma.Schema]) -> None:
    made = schema()
    for error in found(made):
        assert error.pointer.startswith("/")
        left = AS_IS.sub("", error.zh)
        for choice in sorted(choices(made), key=len, reverse=True):
            left = left.replace(choice, "")
        assert CHINESE.search(error.zh), error
        assert not re.search("[A-Za-z]{2}", left), error
        assert not CHINESE.search("".join(error.en.split(":")[:1])), error


def test_each_reader_is_told_in_his_language_what_is_wrong_and_where(desk: Desk) -> None:
    def told(language: str) -> list[dict[str, str]]:
        client = desk.app.test_client()
        body = {"login": "", "pass": 1}
        answer = client.post("/api/v1/auth/sign-in", json=body, headers={"Accept-Language": language})
        assert answer.status_code == 422
        errors: list[dict[str, str]] = answer.json["errors"]  # type: ignore[index]
        return sorted(errors, key=lambda error: error["pointer"])

    assert told("zh-CN,zh;q=0.9") == [
        {"pointer": "/login", "detail": "长度应为 1 至 80（字或项）。"},
        {"pointer": "/pass", "detail": "没有这个栏目，请删去或改正名称。"},
        {"pointer": "/password", "detail": "必填。"},
    ]
    assert told("en") == [
        {"pointer": "/login", "detail": "Give 1 to 80 characters or entries."},
        {"pointer": "/pass", "detail": "There is no such field; leave it out or correct its name."},
        {"pointer": "/password", "detail": "This is required."},
    ]


def test_a_filter_in_an_address_is_told_of_the_same_way(desk: Desk) -> None:
    answer = desk.get("anquan", "/hazards", limit="many", stat="open")
    assert answer.status_code == 422
    assert {error["pointer"]: error["detail"] for error in answer.json["errors"]} == {
        "/limit": "应为整数。",
        "/stat": "没有这个栏目，请删去或改正名称。",
    }
