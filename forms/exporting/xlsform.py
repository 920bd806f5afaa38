"""A definition as XLSForm, for what XLSForm can say; what it cannot is listed on a sheet of its own.

Limits, dangers, evidence and the like have no place there: an ODK form cannot let a reading fail, only forbid it.
"""

from __future__ import annotations

import io
import re
from typing import Any

from openpyxl import Workbook

from forms.definition import Definition
from forms.exporting.parts import Exported, NotCarried, chinese, compact, words, write
from forms.exporting.workbook import list_not_carried
from forms.expression import written

Json = Any
_TYPES = {
    "check": "select_one pass_fail_na",
    "number": "decimal",
    "text": "text",
    "date": "date",
    "time": "time",
    "datetime": "dateTime",
    "person": "text",
    "place": "geopoint",
    "photo": "image",
    "signature": "image",
    "calculated": "calculate",
    "note": "note",
}
_CONFORM = (("pass", "合格", "Pass"), ("fail", "不合格", "Fail"), ("na", "不涉及", "Not applicable"))
_LANGUAGES = {"zh": "中文 (zh)", "en": "English (en)"}
_CARRIED = {"id", "text", "standard", "method", "answer", "required", "relevant", "constraint"}
_ANSWER_CARRIED = {"type", "options", "formula", "range"}


def as_xlsform(definition: Definition) -> Exported:
    return _Writer(definition.to_json()).write()


class _Writer:
    def __init__(self, data: Json) -> None:
        self.data = data
        self.languages = [code for code in _LANGUAGES if code == "zh" or code in data["title"]]
        self.survey: list[dict[str, str]] = []
        self.choices: list[dict[str, str]] = []
        self.missing: list[NotCarried] = []
        items = [item["id"] for section in data["sections"] for item in section["items"]]
        self.names = {name: self._xml(name) for name in items}
        # A group may not be called like a question.
        self.groups = {
            section["id"]: f"group_{section['id']}" if section["id"] in items else self._xml(section["id"])
            for section in data["sections"]
        }

    def write(self) -> Exported:
        for name in ("kind", "applies_to", "parameters", "header", "signatures", "score"):
            self._skip("", name, self.data.get(name))
        for section in self.data["sections"]:
            self._section(section)
        book = Workbook()
        book.remove(book.worksheets[0])
        self._sheet(book, "survey", self.survey, ("type", "name"))
        self._sheet(book, "choices", self.choices, ("list_name", "name"))
        settings = {"form_title": words(self.data["title"]), "form_id": self.data["key"]}
        self._sheet(book, "settings", [settings | {"default_language": _LANGUAGES["zh"]}], ("form_title",))
        if self.missing:
            list_not_carried(book, self.missing)
        data = io.BytesIO()
        book.save(data)
        return Exported(data.getvalue(), tuple(self.missing))

    def _section(self, section: Json) -> None:
        repeat = section.get("repeat")
        kind = "group" if repeat is None else "repeat"
        row = {"type": f"begin_{kind}", "name": self.groups[section["id"]]}
        row |= self._texts("label", section["title"]) | self._when("relevant", section.get("relevant"))
        if repeat is not None:
            least, most = repeat.get("min", 0), repeat.get("max", 20)
            if least == most:
                row["repeat_count"] = str(least)
            else:
                self._skip(section["id"], "repeat", repeat or {"max": 20})
        self.survey.append(row)
        for item in section["items"]:
            self._item(item)
        self.survey.append({"type": f"end_{kind}"})

    def _item(self, item: Json) -> None:
        answer = item["answer"]
        row = {"type": self._type(item), "name": self.names[item["id"]], **self._texts("label", item["text"])}
        row |= self._texts("hint", item.get("standard")) | self._texts("guidance_hint", item.get("method"))
        if answer["type"] not in ("note", "calculated"):
            row["required"] = "yes" if item.get("required", True) else ""
        row |= self._when("relevant", item.get("relevant")) | self._constraint(item)
        row |= self._when("calculation", answer.get("formula"))
        if answer["type"] == "signature":
            row["appearance"] = "signature"
        self.survey.append(row)
        for name, value in item.items():
            if name not in _CARRIED:
                self._skip(item["id"], name, value)
        for name, value in answer.items():
            if name not in _ANSWER_CARRIED and (name, value) != ("decimals", 0):
                self._skip(item["id"], f"answer.{name}", value)
        if answer["type"] in ("person", "place"):
            self._skip(item["id"], "answer.type", answer["type"])
        if row["name"] != item["id"]:
            self._skip(item["id"], "id", row["name"])

    def _type(self, item: Json) -> str:
        answer = item["answer"]
        if answer["type"] == "check":
            self._choices(
                "pass_fail_na", [{"id": id_, "text": {"zh": zh, "en": en}} for id_, zh, en in _CONFORM]
            )
        if answer["type"] in ("choice", "choices"):
            name = f"list_{self.names[item['id']]}"
            self._choices(name, answer["options"])
            for option in answer["options"]:
                for field in ("fails", "correct", "share"):
                    self._skip(item["id"], f"option.{option['id']}.{field}", option.get(field))
            return f"{'select_one' if answer['type'] == 'choice' else 'select_multiple'} {name}"
        return (
            "integer"
            if answer.get("decimals") == 0 and answer["type"] == "number"
            else _TYPES[answer["type"]]
        )

    def _choices(self, name: str, options: list[Json]) -> None:
        if any(row["list_name"] == name for row in self.choices):
            return
        for option in options:
            self.choices.append(
                {"list_name": name, "name": option["id"], **self._texts("label", option["text"])}
            )

    def _constraint(self, item: Json) -> dict[str, str]:
        """The item's own, and what the instrument can show: both say that an answer is mistyped."""
        conditions, messages = [], {}
        if "constraint" in item:
            conditions.append(self._written(item["constraint"]["when"]))
            messages = self._texts("constraint_message", item["constraint"]["message"])
        bounds = item["answer"].get("range", {})
        signs = [(sign, bounds[name]) for name, sign in (("min", ">="), ("max", "<=")) if name in bounds]
        conditions += [f". {sign} {value}" for sign, value in signs]
        if not conditions:
            return {}
        said = " and ".join(f"({one})" for one in conditions) if len(conditions) > 1 else conditions[0]
        between = "、".join(f"{'≥' if sign == '>=' else '≤'}{value}" for sign, value in signs)
        fallback = self._texts(
            "constraint_message", {"zh": f"仪器读数范围：{between}", "en": f"Range: {between}"}
        )
        return {"constraint": said, **(messages or fallback)}

    # --- parts ---

    def _when(self, column: str, tree: Json) -> dict[str, str]:
        return {} if tree is None else {column: self._written(tree)}

    def _written(self, tree: Json) -> str:
        """As ODK writes it: other names, and regex() for matches()."""
        text = written(self._renamed(tree))
        parts = re.split(r"('[^']*'|\"[^\"]*\")", text)
        return "".join(
            part if n % 2 else re.sub(r"\bmatches\(", "regex(", part) for n, part in enumerate(parts)
        )

    def _renamed(self, tree: Json) -> Json:
        if isinstance(tree, dict):
            if "item" in tree:
                return {
                    "item": self.names.get(tree["item"]) or self.groups[tree["item"]]
                }  # count(${section})
            return {name: self._renamed(value) for name, value in tree.items()}
        return [self._renamed(value) for value in tree] if isinstance(tree, list) else tree

    def _texts(self, column: str, text: Json) -> dict[str, str]:
        if not text:
            return {}
        return {
            f"{column}::{_LANGUAGES[code]}": words(text, code) for code in self.languages if words(text, code)
        }

    def _xml(self, name: str) -> str:
        """A name that XML allows: it does not begin with a digit."""
        return name if re.match(r"[A-Za-z]", name) else f"n{name}"

    def _skip(self, item: str, field: str, value: Json) -> None:
        if value not in (None, False, {}, []):
            self.missing.append(NotCarried(item, field, compact(chinese(value))[:500]))

    def _sheet(self, book: Workbook, name: str, rows: list[dict[str, str]], first: tuple[str, ...]) -> None:
        columns = [*dict.fromkeys([*first, *(column for row in rows for column in row)])]
        sheet = book.create_sheet(name)
        for at, column in enumerate(columns, start=1):
            write(sheet, 1, at, column)
        for at, row in enumerate(rows, start=2):
            for place, column in enumerate(columns, start=1):
                if row.get(column):
                    write(sheet, at, place, row[column])
