"""One question of an XLSForm → an item of form/1; what has no place there is told at its cell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from forms.importing.ledger import Ledger
from forms.importing.lists import Made
from forms.importing.phrases import table
from forms.importing.reading import Spot
from forms.importing.translations import texts

if TYPE_CHECKING:
    from forms.importing.xlsform import Form

Json = Any
ROW = "kuangjian_row"  # the column by which every row keeps its number through pyxform
_REFERENCE = re.compile(r"\$\{\s*([^}]*?)\s*\}")
_TRUE = ("yes", "true", "true()", "1")
_FALSE = ("no", "false", "false()", "0", "")
_CHECK = ({"pass", "fail", "na"}, {"pass", "fail"})
# Fields of a row that are carried; every other is told of by xlsform.yaml, or as a column that is not known.
_CARRIED = {
    "type",
    "name",
    "label",
    "hint",
    "guidance_hint",
    "bind/relevant",
    "bind/required",
    "bind/constraint",
}
_CARRIED |= {"bind/jr:constraintMsg", "bind/calculate", "bind/readonly", "control/jr:count"}


class Questions:
    """ids: names that became others. moments: rows that record the day or time → the function that knows it."""

    def __init__(self, form: Form, made: Made, language: str, ledger: Ledger) -> None:
        self.form, self.made, self.language, self.ledger = form, made, language, ledger
        self.ids: dict[str, str] = {}
        self.moments: dict[str, str] = {}

    def expression(self, written: object) -> str:
        """As the author wrote it, with our ids; a row that recorded the day is the function that knows it."""
        return _REFERENCE.sub(
            lambda m: self.moments.get(m[1]) or f"${{{self.ids.get(m[1], m[1])}}}", str(written)
        )

    def item(
        self,
        node: dict[str, Json],
        row: int,
        said: dict[str, Spot],
        answer: dict[str, Json],
        path: str,
        around: Sequence[tuple[str, Spot]],
    ) -> dict[str, Json]:
        """around: conditions of groups that are no section of their own, with their cells."""
        bind = node.get("bind", {})
        name = str(node["name"])
        item: dict[str, Json] = {"id": self.ids.get(name, name)}
        item["text"] = self.texts(node.get("label"), said, "label", path)
        if not item["text"]:
            item["text"] = {"zh": name}
            self.ledger.doubt("xls_no_label", [self.form.spot("survey", row, "name")], 0, path, name=name)
        for source, target in (("hint", "standard"), ("guidance_hint", "method")):
            words = self.texts(node.get(source), said, source, path)
            if words:
                item[target] = words
        self._answer(node, answer, said, path)
        item["answer"] = answer
        if answer["type"] == "check" and item.get("standard") is None:
            item.pop("standard", None)
        if answer["type"] not in ("note", "calculated") and not self._required(bind, said, path):
            item["required"] = False
        relevant = [text for text, _ in around]
        if "relevant" in bind:
            relevant.append(self.expression(bind["relevant"]))
            self.made.origin[f"{path}/relevant"] = cell_of(said, "bind/relevant")
        elif relevant:
            self.made.origin[f"{path}/relevant"] = around[-1][1]
        if relevant:
            item["relevant"] = all_of(relevant)
        if "constraint" in bind:
            item["constraint"] = self._constraint(bind, said, path)
        return item

    def _constraint(self, bind: dict[str, Json], said: dict[str, Spot], path: str) -> dict[str, Json]:
        self.made.origin[f"{path}/constraint"] = cell_of(said, "bind/constraint")
        message = self.texts(bind.get("jr:constraintMsg"), said, "bind/jr:constraintMsg", path)
        if not message:
            message = {"zh": f"须符合：{bind['constraint']}"}
            self.ledger.doubt(
                "xls_no_message", [cell_of(said, "bind/constraint")], 0, f"{path}/constraint/message"
            )
        return {"when": self.expression(bind["constraint"]), "message": message}

    def _required(self, bind: dict[str, Json], said: dict[str, Spot], path: str) -> bool:
        asked = str(bind.get("required", "")).strip().lower()
        if asked not in (*_TRUE, *_FALSE):
            self.ledger.refuse(
                "xls_required", [cell_of(said, "bind/required")], 0, f"{path}/required", text=asked[:60]
            )
        return asked in _TRUE

    def _answer(
        self, node: dict[str, Json], answer: dict[str, Json], said: dict[str, Spot], path: str
    ) -> None:
        bind, appearance = node.get("bind", {}), str(node.get("control", {}).get("appearance", ""))
        if answer["type"] == "calculated":
            answer["formula"] = self.expression(bind.get("calculate", ""))
            self.made.origin[f"{path}/answer/formula"] = said.get("bind/calculate", self.made.origin[path])
            if node.get("_dynamic_default") and "calculate" not in bind:
                self.ledger.refuse(
                    "xls_dynamic_default", [said.get("default", self.made.origin[path])], 0, path
                )
        elif "calculate" in bind:
            self.ledger.refuse("xls_calculated_answer", [cell_of(said, "bind/calculate")], 0, path)
        if answer["type"] == "photo" and "signature" in appearance.split():
            answer["type"] = "signature"
        if str(bind.get("readonly", "")).lower() in _TRUE and answer["type"] not in ("note", "calculated"):
            self.ledger.refuse("xls_readonly", [cell_of(said, "bind/readonly")], 0, path)
        if node["type"] == "range":
            self._range(node, answer, said, path)
        if answer["type"] in ("choice", "choices") and "options" not in answer:
            self._options(node, answer, said, path)

    def _range(
        self, node: dict[str, Json], answer: dict[str, Json], said: dict[str, Spot], path: str
    ) -> None:
        bounds = node.get("parameters") or {}
        numbers = {
            name: _number(bounds.get(name, default))
            for name, default in (("start", 1), ("end", 10), ("step", 1))
        }
        low, high, step = numbers["start"], numbers["end"], numbers["step"]
        if low is None or high is None or step is None:
            self.ledger.refuse("xls_parameters", [said.get("parameters", self.made.origin[path])], 0, path)
            return
        answer["range"] = {"min": min(low, high), "max": max(low, high)}
        answer["decimals"] = len(str(step).partition(".")[2]) if step % 1 else 0

    def _options(
        self, node: dict[str, Json], answer: dict[str, Json], said: dict[str, Spot], path: str
    ) -> None:
        choices = node.get("choices")
        if not choices:
            self.ledger.refuse("xls_external", [cell_of(said, "type")], 0, path)
            answer["options"] = [{"id": "x", "text": "-"}]
            return
        names = [str(choice.get("name", "")) for choice in choices]
        answer["options"] = []
        for number, choice in enumerate(choices):
            row = int(choice[ROW]) if ROW in choice else 0
            cells = self.form.said("choices", row) if row else {}
            where = f"{path}/answer/options/{number}"
            self.made.origin[where] = cells.get("name", cell_of(said, "type"))
            for tokens, cell in cells.items():
                if tokens.split("/")[0] in ("list name", "name", "label"):
                    self.ledger.carry(cell, 0, where)
                elif tokens.split("/")[0] == "media":
                    self.ledger.doubt("xls_media", [cell], 0)
                else:
                    self.ledger.doubt("xls_choice_column", [cell], 0)
            text = self.texts(choice.get("label"), cells, "label", where) or {"zh": names[number]}
            answer["options"].append({"id": names[number], "text": text})
        if answer["type"] == "choice" and set(names) in _CHECK:
            answer.pop("options")
            answer["type"] = "check"

    def texts(self, said: Json, cells: dict[str, Spot], field_name: str, path: str = "") -> dict[str, str]:
        found = texts(said, self.language)
        spots = [cell for tokens, cell in cells.items() if tokens.startswith(field_name)]
        for words in found.values():
            if _REFERENCE.search(words):
                self.ledger.refuse("xls_dynamic_label", spots[:1], 0, path or None, text=words[:60])
            elif re.search(r"\*\*|__|<\s*/?\s*[a-z]+[^>]*>|^#+ ", words):
                self.ledger.doubt("xls_markup", spots[:1], 0, path or None, text=words[:60])
        if (
            "zh" in found
            and not re.search("[\u4e00-\u9fff]", found["zh"])
            and re.search("[A-Za-z]{3}", found["zh"])
        ):
            self.ledger.doubt("xls_not_chinese", spots[:1], 0)
        return found

    def look_at_fields(self, said: dict[str, Spot], node: dict[str, Json], path: str | None) -> None:
        columns, refusing = table("xlsform")["columns"], table("xlsform")["refusing"]
        signature = "signature" in str(node.get("control", {}).get("appearance", ""))
        for tokens, cell in said.items():
            known = columns.get(tokens) or columns.get("/".join(tokens.split("/")[:2]))
            if tokens == "parameters" and node.get("type") == "range":
                self.ledger.carry(cell, 0, f"{path}/answer/range")
            elif tokens == "control/appearance" and signature:
                self.ledger.carry(cell, 0, f"{path}/answer/type")
            elif known in refusing:
                self.ledger.refuse(known, [cell], 0, path)
            elif known:
                self.ledger.doubt(known, [cell], 0)
            elif not is_carried(tokens):
                self.ledger.doubt("xls_column_unknown", [cell], 0, heading=tokens)


def is_carried(tokens: str) -> bool:
    """Is the field one that form/1 has, in whatever language?"""
    parts = tokens.split("/")
    return parts[0] in ("label", "hint", "guidance_hint") or "/".join(parts[:2]) in _CARRIED


def cell_of(said: dict[str, Spot], tokens: str) -> Spot:
    """The cell of a field; where pyxform set the field by itself, the first cell of the row."""
    return said.get(tokens) or next(iter(said.values()), Spot())


def all_of(conditions: Iterable[str]) -> str:
    """All of them must hold."""
    said = list(conditions)
    return said[0] if len(said) == 1 else " and ".join(f"({one})" for one in said)


def _number(said: object) -> float | None:
    try:
        number = float(str(said))
    except ValueError:
        return None
    return int(number) if number.is_integer() else number
