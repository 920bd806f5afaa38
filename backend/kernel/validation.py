"""What is wrong with a field of a request, in both languages: one table for all that marshmallow can find.

marshmallow tells of an error by a text alone. So it is given texts that know their English: it fills in their {names},
collects them, and they come back as they are. Importing this module replaces its own, which are English only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import marshmallow as ma
from marshmallow import validate
from webargs import fields as webargs_fields

from backend.kernel.problems import FieldError


class Said(str):
    """A text in Chinese that knows what it is in English. {names} in it are filled in both."""

    en: str

    def __new__(cls, zh: str, en: str) -> Said:
        made = super().__new__(cls, zh)
        made.en = en
        return made

    def __reduce__(self) -> tuple[type[Said], tuple[str, str]]:
        """For copies: schemas are copied with all that is in them."""
        return Said, (str(self), self.en)

    def format(self, *values: object, **named: object) -> Said:
        return Said(super().format(*values, **named), self.en.format(*values, **named))


A_MOMENT = Said(
    "应为带时区的日期和时间，如 2026-03-02T08:00:00+08:00。",
    "Give a date and time with its offset, such as 2026-03-02T08:00:00+08:00.",
)
A_DAY = Said("应为日期，如 2026-03-02。", "Give a date, such as 2026-03-02.")
A_NUMBER = Said("应为数字。", "Give a number.")
A_LIST = Said("应为列表。", "Give a list.")
AN_OBJECT = Said("应为由栏目组成的对象。", "Give an object with its fields.")
NOT_SO = Said("内容不符合要求。", "This is not acceptable.")

# By field class, the keys of its `default_error_messages`; a class without a line has those of its base.
FIELDS: dict[type[ma.fields.Field[Any]], dict[str, str]] = {
    ma.fields.Field: {
        "required": Said("必填。", "This is required."),
        "null": Said("不能为空。", "This cannot be empty."),
        "validator_failed": NOT_SO,
    },
    ma.fields.String: {
        "invalid": Said("应为文字。", "Give a text."),
        "invalid_utf8": Said("应为 UTF-8 文字。", "Give a text in UTF-8."),
    },
    ma.fields.UUID: {
        "invalid_uuid": Said("应为 UUID 编号，请重新选择。", "Give an id (UUID); choose it anew.")
    },
    ma.fields.Number: {
        "invalid": A_NUMBER,
        "too_large": Said("数字过大。", "The number is too large."),
    },
    ma.fields.Integer: {"invalid": Said("应为整数。", "Give a whole number.")},
    ma.fields.Float: {"special": A_NUMBER},
    ma.fields.Decimal: {"special": A_NUMBER},
    ma.fields.Boolean: {"invalid": Said("应为“是”（true）或“否”（false）。", "Give true or false.")},
    ma.fields.DateTime: {"invalid": A_MOMENT, "invalid_awareness": A_MOMENT, "format": A_MOMENT},
    ma.fields.Date: {"invalid": A_DAY, "format": A_DAY},
    ma.fields.List: {"invalid": A_LIST},
    ma.fields.Tuple: {"invalid": A_LIST},
    ma.fields.Mapping: {"invalid": AN_OBJECT},
    ma.fields.Nested: {"type": AN_OBJECT},
    webargs_fields.DelimitedList: {
        "invalid": Said("应为用逗号隔开的列表。", "Give a list, separated by commas.")
    },
}
SCHEMA: dict[str, str] = {
    "type": AN_OBJECT,
    "unknown": Said(
        "没有这个栏目，请删去或改正名称。", "There is no such field; leave it out or correct its name."
    ),
}
# By validator, the attributes that hold its texts. Lengths are of texts and of lists.
VALIDATORS: dict[type[validate.Validator], dict[str, str]] = {
    validate.Length: {
        "message_min": Said(
            "过短，至少 {min}（字或项）。", "Too short: at least {min} characters or entries."
        ),
        "message_max": Said("过长，最多 {max}（字或项）。", "Too long: at most {max} characters or entries."),
        "message_all": Said(
            "长度应为 {min} 至 {max}（字或项）。", "Give {min} to {max} characters or entries."
        ),
        "message_equal": Said(
            "长度应正好为 {equal}（字或项）。", "Give exactly {equal} characters or entries."
        ),
    },
    # Filled in twice: first by its two words, which have none of ours.
    validate.Range: {
        "message_min": Said("应不小于 {{min}}。", "Give {{min}} or more."),
        "message_max": Said("应不大于 {{max}}。", "Give {{max}} or less."),
        "message_all": Said("应在 {{min}} 至 {{max}} 之间。", "Give something from {{min}} to {{max}}."),
    },
    validate.OneOf: {
        "default_message": Said("只能是其中之一：{choices}。", "Choose one of: {choices}."),
    },
    validate.Regexp: {
        "default_message": Said("格式不符合要求。", "This does not have the form that is expected here."),
    },
}


def _install() -> None:
    for field, said in FIELDS.items():
        field.default_error_messages = {**field.__dict__.get("default_error_messages", {}), **said}
    for validator, texts in VALIDATORS.items():
        for name, text in texts.items():
            setattr(validator, name, text)


_install()


def wrong(zh: str, en: str, field: str = ma.exceptions.SCHEMA) -> ma.ValidationError:
    """What a schema's own rule finds, to be raised."""
    return ma.ValidationError(Said(zh, en), field)


def field_errors(messages: Any, pointer: str = "") -> Iterator[FieldError]:
    """marshmallow's nested messages as a flat list; the location (`json`, `query`) stays out of the pointer."""
    if isinstance(messages, dict):
        for name, inner in messages.items():
            place = (
                ""
                if not pointer and name in ("json", "form", "query", "_schema", "headers", "path")
                else f"/{name}"
            )
            yield from field_errors(inner, pointer + place)
    else:
        for message in messages if isinstance(messages, list) else [messages]:
            yield FieldError(pointer or "/", str(message), getattr(message, "en", str(message)))
