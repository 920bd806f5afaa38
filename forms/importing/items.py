"""One row of a list → one item of form/1, with what is doubtful about it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from forms.importing import phrases
from forms.importing.grid import Cell, letters
from forms.importing.phrases import Quantity
from forms.importing.reading import Spot
from forms.importing.tables import Block, Table
from forms.load import NAME

Json = Any
# Columns that form/1 has no field for, carried into the standard in the words of their heading.
_LABELLED = ("hazard", "consequence", "emergency", "deduct", "remark")
_OPTIONS = ("option_a", "option_b", "option_c", "option_d", "option_e")


@dataclass(slots=True)
class Draft:
    """An item in the making. data: form/1 without its id. origins: field (a relative pointer) → cells.

    doubts: code, cells, field, parameters.
    """

    row: int
    data: dict[str, Json] = field(default_factory=dict)
    origins: dict[str, list[Spot]] = field(default_factory=dict)
    doubts: list[tuple[str, list[Spot], str, dict[str, str]]] = field(default_factory=list)
    refusals: list[tuple[str, list[Spot], dict[str, str]]] = field(default_factory=list)
    own_id: str | None = None
    number: str | None = None

    def doubt(self, code: str, spots: list[Spot], path: str, **params: str) -> None:
        self.doubts.append((code, spots, path, params))

    @property
    def text(self) -> str:
        return str(self.data["text"])


class RowReader:
    """Reads the rows of one block of columns. grouping: does the project column name groups of rows?"""

    def __init__(self, table: Table, block: Block, kind: str, grouping: bool, every: str | None) -> None:
        self.table, self.block, self.kind, self.every = table, block, kind, every
        main = ("content", "measure", "duty", "standard")
        self.text_roles = (*main, "project") if grouping else ("project", *main)
        self.grouping = grouping
        self.exact = "answer_type" in block.roles

    def value(self, row: int, role: str) -> tuple[str, list[Spot]]:
        """What the columns of that meaning say, line by line, and where."""
        texts, spots = [], []
        for column in self.block.roles.get(role, ()):
            cell = self.table.sheet.at(row, column)
            if cell is not None and (cell.text or cell.trouble):
                texts.append(cell.text)
                spots.append(self.table.sheet.spot(row, column))
        return "\n".join(dict.fromkeys(texts)), list(dict.fromkeys(spots))

    def heading(self, role: str) -> str:
        column = self.block.roles[role][0]
        cell = self.table.sheet.at(self.table.heading[-1], column)
        return re.sub(r"\s+", "", cell.text) if cell else role

    def read(self, row: int) -> Draft | None:
        """The item of a row, or None where the row has no words for one."""
        said = [(role, *self.value(row, role)) for role in self.text_roles]
        said = [
            (role, text, spots)
            for role, text, spots in said
            if text and not (self.grouping and role == "project")
        ]
        if not said and self.grouping:
            own = [c for c in self.block.roles.get("project", ()) if c in self.table.sheet.rows[row]]
            said = [("project", *self.value(row, "project"))] if own else []
        if not said:
            return None
        said = self._joined(said)
        draft = Draft(row)
        _, text, spots = said[0]
        draft.data["text"], draft.origins["/text"] = text, spots
        self._standard(draft, said[1:])
        self._number(draft)
        self._basis(draft)
        self._method(draft)
        self._frequency(draft)
        self._risk(draft)
        self._severity(draft)
        self._weight(draft)
        self._answer(draft, said)
        self._settings(draft)
        self._look_at_cells(draft)
        return draft

    def _joined(self, said: list[tuple[str, str, list[Spot]]]) -> list[tuple[str, str, list[Spot]]]:
        """Project, content and standard, each its own: the item is "project：content"."""
        if len(said) < 2 or "standard" not in self.block.roles or said[1][0] == "standard":
            return said
        (role, project, where), (_, content, cells), *rest = said
        return [(role, f"{project}：{content}", [*where, *cells]), *rest] if role == "project" else said

    # --- words ---

    def _standard(self, draft: Draft, rest: list[tuple[str, str, list[Spot]]]) -> None:
        lines: list[str] = []
        for number, (role, text, spots) in enumerate(rest):
            lines.append(text if number == 0 or role == "standard" else f"{self.heading(role)}：{text}")
            draft.origins.setdefault("/standard", []).extend(spots)
        if lines:
            draft.data["standard"] = "\n".join(lines)
        for role in _LABELLED:
            text, spots = self.value(draft.row, role)
            if text:
                self._label(draft, self.heading(role), text, spots)
                draft.doubt("carried_into_standard", spots, "", heading=self.heading(role))

    def _label(self, draft: Draft, heading: str, text: str, spots: list[Spot]) -> None:
        line = f"{heading}：{text}"
        draft.data["standard"] = f"{draft.data['standard']}\n{line}" if "standard" in draft.data else line
        draft.origins.setdefault("/standard", []).extend(spots)

    def _number(self, draft: Draft) -> None:
        own, spots = self.value(draft.row, "id")
        if own:
            draft.own_id = own
            draft.origins["/id"] = spots
        code, code_spots = self.value(draft.row, "code")
        number, number_spots = self.value(draft.row, "number")
        draft.number = re.sub(r"[.、．)）]+$", "", phrases.plain(number)) or None
        if number:
            draft.origins["/code" if not code else "/number"] = number_spots
        if code and NAME.fullmatch(code):
            draft.data["code"], draft.origins["/code"] = code, code_spots

    def _method(self, draft: Draft) -> None:
        text, spots = self.value(draft.row, "method")
        if text:
            draft.data["method"], draft.origins["/method"] = text, spots

    def _basis(self, draft: Draft) -> None:
        text, spots = self.value(draft.row, "basis")
        found, sure = phrases.clauses(text) if text else ([], True)
        if text:
            draft.origins["/basis"] = spots
        if not sure and not self.exact:
            draft.doubt("basis_not_recognised", spots, "/basis", text=_short(text))
        if not self.exact:
            for words in (draft.text, draft.data.get("standard", "")):
                for basis in phrases.clauses_within(words):
                    if (basis["code"], basis.get("clause")) not in [
                        (b["code"], b.get("clause")) for b in found
                    ]:
                        found.append(basis)
        if found:
            draft.data["basis"] = found

    # --- how often, how grave ---

    def _frequency(self, draft: Draft) -> None:
        text, spots = self.value(draft.row, "frequency")
        meant = phrases.frequency(text) if text else self.every
        if text:
            draft.origins["/frequency"] = spots
        if text and meant is None:
            self._label(draft, self.heading("frequency"), text, spots)
            draft.doubt("frequency_not_expressed", spots, "/standard", text=_short(text))
        elif meant not in (None, "none"):
            draft.data["frequency"] = meant

    def _risk(self, draft: Draft) -> None:
        text, spots = self.value(draft.row, "risk")
        columns = self.block.roles.get("risk", ())
        fill = next(filter(None, (self.table.sheet.fill(draft.row, column) for column in columns)), None)
        by_colour = phrases.risk_of_colour(fill) if fill else None
        meant = phrases.risk(text) if text else None
        if text:
            draft.origins["/risk"] = spots
        if text and meant is None:
            self._label(draft, self.heading("risk"), text, spots)
            draft.doubt("risk_not_understood", spots, "/standard", text=_short(text))
        elif meant and by_colour and meant != by_colour:
            draft.doubt("colour_disagrees", spots, "/risk", text=_short(text), colour=by_colour)
        if meant is None and by_colour and not text:
            meant = by_colour
            spot = self.table.sheet.spot(draft.row, columns[0])
            draft.doubt("risk_by_colour", [spot], "/risk", colour=by_colour)
        if meant:
            draft.data["risk"] = meant

    def _severity(self, draft: Draft) -> None:
        text, spots = self.value(draft.row, "severity")
        meant = phrases.severity(text) if text else None
        if text:
            draft.origins["/severity"] = spots
        if text and meant is None:
            self._label(draft, self.heading("severity"), text, spots)
            draft.doubt("carried_into_standard", spots, "", heading=self.heading("severity"))
        elif meant == "major":
            draft.data["severity"] = meant

    def _weight(self, draft: Draft) -> None:
        text, spots = self.value(draft.row, "score")
        if not text:
            return
        digits = re.fullmatch(r"([0-9]{1,6}(?:\.[0-9]{1,3})?)分?", phrases.plain(text))
        draft.origins["/weight"] = spots
        if digits:
            if float(digits[1]) != 1:
                draft.data["weight"] = _tidy(float(digits[1]))
        else:
            draft.refusals.append(("score_not_a_number", spots, {"text": _short(text)}))

    # --- the answer ---

    def _answer(self, draft: Draft, said: list[tuple[str, str, list[Spot]]]) -> None:
        draft.data["answer"] = {"type": "note" if self.kind == "card" else "check"}
        if self.exact:
            self._exact_answer(draft)
        elif any(self.value(draft.row, role)[0] for role in _OPTIONS):
            self._options(draft)
        elif self.kind == "quiz" and "right" in self.block.roles:
            self._true_or_false(draft)
        elif self.kind != "card":
            self._measured_answer(draft, said)

    def _exact_answer(self, draft: Draft) -> None:
        text, spots = self.value(draft.row, "answer_type")
        draft.origins["/answer/type"] = spots
        meant = phrases.answer_type(text) if text else "check"
        if meant is None:
            draft.refusals.append(("answer_type_unknown", spots, {"text": _short(text)}))
            return
        draft.data["answer"] = {"type": meant}
        unit, unit_spots = self.value(draft.row, "unit")
        if unit:
            draft.data["answer"]["unit"], draft.origins["/answer/unit"] = unit, unit_spots
        limits, limit_spots = self.value(draft.row, "limit")
        settings, _ = self.value(draft.row, "settings")
        if not limits:
            return
        draft.origins["/answer/limits"] = limit_spots
        if '"limits"' in settings:  # written out there; the words are for people
            return
        quantity = phrases.limit_cell(limits)
        if quantity is None:
            draft.refusals.append(("limit_not_understood", limit_spots, {"text": _short(limits)}))
        else:
            draft.data["answer"]["limits"] = _limits(quantity)

    def _measured_answer(self, draft: Draft, said: list[tuple[str, str, list[Spot]]]) -> None:
        cell, spots = self.value(draft.row, "limit")
        unit, unit_spots = self.value(draft.row, "unit")
        if unit:
            draft.origins["/answer/unit"] = unit_spots
        quantity = phrases.limit_cell(cell) if cell else None
        if cell:
            draft.origins["/answer/limits"] = spots
        if cell and quantity is None:
            self._label(draft, self.heading("limit"), cell, spots)
            draft.doubt("limit_not_read", spots, "/standard", text=_short(cell))
        if quantity is None:
            quantity, spots = self._said_quantity(draft, said)
        if quantity is None:
            if unit:
                self._label(draft, self.heading("unit"), unit, unit_spots)
                draft.doubt("carried_into_standard", unit_spots, "", heading=self.heading("unit"))
            return
        answer: dict[str, Json] = {"type": "number", "limits": _limits(quantity)}
        known = quantity.unit or (phrases.unit_of(unit) or unit if unit else None)
        if known:
            answer["unit"] = known
        draft.data["answer"] = answer
        draft.doubt("read_as_number", spots, "/answer", text=_short(quantity.words), limits=describe(answer))

    def _said_quantity(
        self, draft: Draft, said: list[tuple[str, str, list[Spot]]]
    ) -> tuple[Quantity | None, list[Spot]]:
        """The one reading that the item's own words set limits for."""
        found: list[tuple[Quantity, list[Spot]]] = []
        for _, text, spots in said:
            meant = phrases.measured(text)
            if meant.why_not:
                draft.doubt(meant.why_not, spots, "/answer", text=_short(text))
                return None, []
            if meant.quantity and meant.quantity.limits not in [other.limits for other, _ in found]:
                found.append((meant.quantity, spots))
        if len(found) > 1:
            draft.doubt("several_readings", found[0][1], "/answer", text=_short(found[0][0].words))
        return found[0] if len(found) == 1 else (None, [])

    def _options(self, draft: Draft) -> None:
        """A quiz question. right: the letters of the correct options."""
        text, spots = self.value(draft.row, "right")
        right = set(re.sub(r"[^A-E]", "", phrases.plain(text).upper()))
        options: list[dict[str, Json]] = []
        for role in _OPTIONS:
            words, cells = self.value(draft.row, role)
            if words:
                letter = role[-1].upper()
                draft.origins[f"/answer/options/{len(options)}"] = cells
                correct = {"correct": True} if letter in right and self.kind == "quiz" else {}
                options.append({"id": letter, "text": words, **correct})
        if text:
            draft.origins["/answer"] = spots
        if self.kind == "quiz" and (not right or not right <= {option["id"] for option in options}):
            draft.refusals.append(
                ("answer_is_no_option", spots or draft.origins["/text"], {"text": _short(text)})
            )
        draft.data["answer"] = {"type": "choices" if len(right) > 1 else "choice", "options": options}

    def _true_or_false(self, draft: Draft) -> None:
        """A quiz question without options is true or false (判断题)."""
        text, spots = self.value(draft.row, "right")
        said = phrases.plain(text)
        true, false = said in ("对", "正确", "√", "✓", "是"), said in ("错", "错误", "×", "✗", "否")
        draft.origins["/answer"] = spots or draft.origins["/text"]
        if not true and not false:
            draft.refusals.append(("answer_is_no_option", draft.origins["/answer"], {"text": _short(text)}))
        options: list[dict[str, Json]] = [{"id": "T", "text": "对"}, {"id": "F", "text": "错"}]
        options[1 if false else 0]["correct"] = True
        draft.data["answer"] = {"type": "choice", "options": options}

    # --- what an export wrote, and what is odd about the cells ---

    def _settings(self, draft: Draft) -> None:
        """The column in which an export keeps what has no column of its own, as JSON."""
        text, spots = self.value(draft.row, "settings")
        if not text:
            return
        draft.origins["/settings"] = spots
        try:
            settings = json.loads(text)
        except (ValueError, RecursionError):
            settings = None
        if not isinstance(settings, dict):
            draft.refusals.append(("settings_not_json", spots, {}))
            return
        settings = unverified(settings)
        answer = settings.pop("answer", {})
        draft.data = draft.data | settings
        if isinstance(answer, dict):
            draft.data["answer"] = draft.data["answer"] | answer

    def _look_at_cells(self, draft: Draft) -> None:
        """Dates that were words once, formulas without a result, comments."""
        sheet = self.table.sheet
        for column in range(self.block.first, self.block.last + 1):
            cell: Cell | None = sheet.rows[draft.row].get(column)
            if cell is None:
                continue
            spot = Spot(sheet.name, draft.row, letters(column))
            roles = [role for role, columns in self.block.roles.items() if column in columns]
            if cell.comment:
                draft.doubt("comment_not_carried", [spot], "", text=_short(cell.comment))
            if "answer" in roles or not roles:
                continue
            if cell.trouble:
                draft.refusals.append((cell.trouble, [spot], {"text": cell.text}))
            elif cell.is_date:
                draft.doubt("date_in_text", [spot], "", text=cell.text)


def describe(answer: dict[str, Json]) -> str:
    """Limits as a person writes them: "≥0.25 m/s，≤4 m/s"."""
    signs = {"min": "≥", "max": "≤", "above": ">", "below": "<", "equals": "="}
    unit = f" {answer['unit']}" if answer.get("unit") else ""
    parts = []
    for limit in answer["limits"]:
        [(bound, value)] = limit.items()
        parts.append(f"{signs.get(bound, bound)}{value if isinstance(value, (int, float)) else '?'}{unit}")
    return "，".join(parts)


def unverified(data: Json) -> Json:
    """A file cannot vouch that somebody read a clause or set a threshold: that is said again where it is checked."""
    if isinstance(data, dict):
        return {name: False if name == "verified" else unverified(value) for name, value in data.items()}
    return [unverified(value) for value in data] if isinstance(data, list) else data


def _limits(quantity: Quantity) -> list[dict[str, Json]]:
    return [{bound: _tidy(value) for bound, value in limit.items()} for limit in quantity.limits]


def _tidy(number: float) -> float:
    return int(number) if number.is_integer() else number


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:57] + "…"
