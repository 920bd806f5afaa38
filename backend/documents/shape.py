"""One truth for the data of a template: a frozen dataclass gives its JSON Schema (draft 2020-12) and its reader.

A template declares what it prints:

    @dataclass(frozen=True, kw_only=True)
    class Mine:
        name: str = string("被检查单位")
        phone: str | None = string("联系电话", default=None)

`schema(Mine)` tells other programs the shape, `read(Mine, data)` makes the object or lists every problem at once, each
with the path and the way to mend it. Only what the documents need is known here: strings, whole numbers, truth values,
dates, moments, choices, lists, parts. There are no fractions, so that canonical JSON (RFC 8785) is the same everywhere.
"""

from __future__ import annotations

import dataclasses
import re
import types
from dataclasses import MISSING, dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from backend.documents.problems import Problem

Json = dict[str, Any]
T = TypeVar("T")

SAFE_INTEGER = 2**53 - 1
_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
# The offset must be written, and not as Z: the paper prints the clock that the officer saw.
_MOMENT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?[+-][0-9]{2}:[0-9]{2}$"
# At least one character that shows, and no control character.
_CONTROL = r"\u0000-\u001f\u007f-\u009f\u2028\u2029"
_ONE_LINE = rf"^[^{_CONTROL}]*[^\s{_CONTROL}][^{_CONTROL}]*$"
_LINES = _ONE_LINE.replace(r"\u0000-\u001f", r"\u0000-\u0009\u000b-\u001f")


@dataclass(frozen=True)
class Limits:
    """What a field accepts beyond its type. least and most count characters, entries or the number itself."""

    zh: str
    least: int | None = None
    most: int | None = None
    pattern: str | None = None


def _field(limits: Limits, default: Any = MISSING) -> Any:
    if default is MISSING:
        return dataclasses.field(metadata={"limits": limits})
    return dataclasses.field(default=default, metadata={"limits": limits})


def string(
    zh: str, most: int = 200, *, lines: bool = False, pattern: str | None = None, default: Any = MISSING
) -> Any:
    """A string of 1..most characters; `lines` allows line feeds, no other control character is ever allowed."""
    return _field(Limits(zh, 1, most, pattern or (_LINES if lines else _ONE_LINE)), default)


def whole(zh: str, least: int, most: int, *, default: Any = MISSING) -> Any:
    return _field(Limits(zh, least, most), default)


def several(zh: str, least: int = 0, most: int = 200, *, default: Any = MISSING) -> Any:
    """A list of least..most entries."""
    return _field(Limits(zh, least, most), default)


def part(zh: str, *, default: Any = MISSING) -> Any:
    """A truth value, date, moment, choice or nested part: its type says all."""
    return _field(Limits(zh), default)


@cache
def _fields(cls: type) -> tuple[tuple[str, Any, Limits, Any], ...]:
    """(name, type, limits, default) of each field of the dataclass, in the order it was written."""
    hints = get_type_hints(cls)
    return tuple((f.name, hints[f.name], f.metadata["limits"], f.default) for f in dataclasses.fields(cls))


def _without_none(kind: Any) -> tuple[Any, bool]:
    """The type without `| None`, and whether None was allowed."""
    if get_origin(kind) in (Union, types.UnionType):
        (only,) = [one for one in get_args(kind) if one is not type(None)]
        return only, True
    return kind, False


# --- the schema ---------------------------------------------------------------------------------------------------


def schema(cls: type) -> Json:
    """The JSON Schema (draft 2020-12) of cls; nested parts under $defs by class name."""
    definitions: dict[str, Json] = {}
    root = _object_schema(cls, definitions)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **root, "$defs": definitions}


def _object_schema(cls: type, definitions: dict[str, Json]) -> Json:
    return {
        "type": "object",
        "description": (cls.__doc__ or "").strip(),
        "properties": {
            n: {"title": lim.zh, **_schema_of(t, lim, definitions)} for n, t, lim, _ in _fields(cls)
        },
        "required": [name for name, _, _, default in _fields(cls) if default is MISSING],
        "additionalProperties": False,
    }


def _schema_of(kind: Any, limits: Limits, definitions: dict[str, Json]) -> Json:
    inner, optional = _without_none(kind)
    if optional:
        return {"anyOf": [_schema_of(inner, limits, definitions), {"type": "null"}]}
    if dataclasses.is_dataclass(inner):
        cls = cast(type, inner)
        if cls.__name__ not in definitions:
            definitions[cls.__name__] = {}  # reserves the name before the parts of this part ask for it
            definitions[cls.__name__] = _object_schema(cls, definitions)
        return {"$ref": f"#/$defs/{cls.__name__}"}
    if get_origin(inner) is Literal:
        return {"enum": list(get_args(inner))}
    if get_origin(inner) is tuple:
        return _list_schema(get_args(inner), limits, definitions)
    if inner is str:
        return {
            "type": "string",
            "minLength": limits.least,
            "maxLength": limits.most,
            "pattern": limits.pattern,
        }
    if inner is int:
        low, high = _span(limits)
        return {"type": "integer", "minimum": low, "maximum": high}
    plain = {
        bool: {"type": "boolean"},
        date: {"type": "string", "format": "date", "pattern": _DATE},
        datetime: {"type": "string", "format": "date-time", "pattern": _MOMENT},
    }
    return plain[inner]


def _span(limits: Limits) -> tuple[int, int]:
    low, high = limits.least, limits.most
    return (-SAFE_INTEGER if low is None else low), (SAFE_INTEGER if high is None else high)


def _within(limits: Limits, number: int) -> bool:
    low, high = _span(limits)
    return low <= number <= high


def _list_schema(kinds: tuple[Any, ...], limits: Limits, definitions: dict[str, Json]) -> Json:
    if (
        kinds[-1] is not Ellipsis
    ):  # a tuple of fixed length, such as a point: the limits are those of its numbers
        parts = [_schema_of(kind, limits, definitions) for kind in kinds]
        return {"type": "array", "prefixItems": parts, "items": False, "minItems": len(kinds)}
    items = _schema_of(kinds[0], dataclasses.replace(limits, least=None, most=None), definitions)
    bounds = {"minItems": limits.least, "maxItems": limits.most}
    return {"type": "array", "items": items, **{k: v for k, v in bounds.items() if v is not None}}


# --- the reader ---------------------------------------------------------------------------------------------------


def read(cls: type[T], data: object) -> tuple[T | None, list[Problem]]:
    """The object, or None and every problem of shape. Never raises on any JSON value."""
    problems: list[Problem] = []
    value = _read_object(cls, data, "", "文书数据", problems)
    return (None if problems else cast(T, value)), problems


def _wrong(problems: list[Problem], path: str, code: str, zh: str, en: str) -> None:
    problems.append(Problem(path, f"data.{code}", zh, en))


def _read_object(cls: type, data: object, path: str, label: str, problems: list[Problem]) -> object:
    if not isinstance(data, dict):
        _wrong(problems, path, "type", f"“{label}”应为一组字段，请按数据说明填写。", "must be an object")
        return None
    fields = _fields(cls)
    known = {name for name, _, _, _ in fields}
    for name in data:
        if name not in known:
            where = f"{path}/{_escape(str(name))}"
            _wrong(
                problems,
                where,
                "unknown",
                f"没有“{name}”这一字段，请删去或更正字段名。",
                "no such field; remove it",
            )
    values: dict[str, object] = {}
    for name, kind, limits, default in fields:
        where = f"{path}/{name}"
        if name in data:
            values[name] = _read_value(kind, limits, data[name], where, problems)
        elif default is MISSING:
            _wrong(problems, where, "missing", f"缺少“{limits.zh}”，请补填。", "is missing; fill it in")
    return None if problems else cls(**values)


def _read_value(kind: Any, limits: Limits, data: object, path: str, problems: list[Problem]) -> object:
    inner, optional = _without_none(kind)
    if data is None and optional:
        return None
    if dataclasses.is_dataclass(inner):
        return _read_object(cast(type, inner), data, path, limits.zh, problems)
    if get_origin(inner) is tuple:
        return _read_list(get_args(inner), limits, data, path, problems)
    if get_origin(inner) is Literal:
        choices = get_args(inner)
        if isinstance(data, str) and data in choices:
            return data
        _wrong(
            problems,
            path,
            "choice",
            f"“{limits.zh}”只能是{'、'.join(choices)}之一。",
            f"must be one of {', '.join(choices)}",
        )
        return None
    return _PLAIN[inner](limits, data, path, problems)


def _read_list(
    kinds: tuple[Any, ...], limits: Limits, data: object, path: str, problems: list[Problem]
) -> tuple[object, ...] | None:
    if not isinstance(data, list | tuple):
        _wrong(problems, path, "type", f"“{limits.zh}”应为列表。", "must be a list")
        return None
    fixed = kinds[-1] is not Ellipsis
    least, most = (len(kinds), len(kinds)) if fixed else (limits.least or 0, limits.most)
    if len(data) < least or (most is not None and len(data) > most):
        span = f"{least}" if least == most else f"{least}..{'' if most is None else most}"
        _wrong(
            problems,
            path,
            "count",
            f"“{limits.zh}”应有{span}项，现有{len(data)}项。",
            f"must have {span} entries",
        )
        return None
    if fixed and set(kinds) == {int} and all(type(one) is int and _within(limits, one) for one in data):
        return tuple(data)  # the quick way for the points of a signature: hundreds in every document
    entry = limits if fixed else dataclasses.replace(limits, least=None, most=None)
    entries = kinds if fixed else (kinds[0],) * len(data)
    return tuple(
        _read_value(kind, entry, one, f"{path}/{index}", problems)
        for index, (kind, one) in enumerate(zip(entries, data, strict=True))
    )


def _read_text(limits: Limits, data: object, path: str, problems: list[Problem]) -> str | None:
    if not isinstance(data, str):
        _wrong(problems, path, "type", f"“{limits.zh}”应为文字。", "must be a string")
        return None
    if not data or (limits.most is not None and len(data) > limits.most):
        zh = f"“{limits.zh}”应有1至{limits.most}个字，现有{len(data)}个。"
        _wrong(problems, path, "length", zh, f"must have 1 to {limits.most} characters, has {len(data)}")
        return None
    if limits.pattern is not None and not re.fullmatch(limits.pattern, data):
        _wrong(
            problems,
            path,
            "pattern",
            f"“{limits.zh}”只有空白、含有控制字符或格式不对，请更正。",
            "is blank, has a control character or is not of the form asked for",
        )
        return None
    return data


def _read_int(limits: Limits, data: object, path: str, problems: list[Problem]) -> int | None:
    low, high = _span(limits)
    if type(data) is int and low <= data <= high:  # True is an int too, and no number
        return data
    _wrong(
        problems,
        path,
        "number",
        f"“{limits.zh}”应为{low}至{high}的整数。",
        f"must be a whole number from {low} to {high}",
    )
    return None


def _read_bool(limits: Limits, data: object, path: str, problems: list[Problem]) -> bool | None:
    if isinstance(data, bool):
        return data
    _wrong(problems, path, "type", f"“{limits.zh}”应为是或否。", "must be true or false")
    return None


def _read_date(limits: Limits, data: object, path: str, problems: list[Problem]) -> date | None:
    try:
        if isinstance(data, str) and re.fullmatch(_DATE, data):
            return date.fromisoformat(data)
    except ValueError:
        pass  # 2026-02-30 has the pattern and is no day; told below like any other
    _wrong(
        problems, path, "date", f"“{limits.zh}”应为日期，如2026-03-02。", "must be a date such as 2026-03-02"
    )
    return None


def _read_moment(limits: Limits, data: object, path: str, problems: list[Problem]) -> datetime | None:
    try:
        if isinstance(data, str) and re.fullmatch(_MOMENT, data):
            return datetime.fromisoformat(data)
    except ValueError:
        pass
    _wrong(
        problems,
        path,
        "moment",
        f"“{limits.zh}”应为带时区的时间，如2026-03-02T09:05+08:00。",
        "must be a local time with its offset, such as 2026-03-02T09:05+08:00",
    )
    return None


_PLAIN = {str: _read_text, int: _read_int, bool: _read_bool, date: _read_date, datetime: _read_moment}


def _escape(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def strings(data: object, path: str = "") -> list[tuple[str, str]]:
    """Every string value of the data with its path: what may have to be printed."""
    if isinstance(data, str):
        return [(path, data)]
    if isinstance(data, dict):
        return [found for name, one in data.items() for found in strings(one, f"{path}/{_escape(str(name))}")]
    if isinstance(data, list | tuple):
        return [found for index, one in enumerate(data) for found in strings(one, f"{path}/{index}")]
    return []
