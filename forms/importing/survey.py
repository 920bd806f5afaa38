"""What pyxform found in an XLSForm → form/1: groups become sections, questions items; expressions stay as written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from forms.importing import phrases
from forms.importing.ledger import Ledger
from forms.importing.lists import Made
from forms.importing.phrases import table
from forms.importing.questions import ROW, Questions, all_of, cell_of, is_carried
from forms.importing.reading import Spot
from forms.importing.translations import texts
from forms.load import KEY, NAME

if TYPE_CHECKING:
    from forms.importing.xlsform import Form

Json = Any


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the survey we are: titles of the groups around, their conditions (text, cell), the repeat."""

    titles: tuple[Json, ...] = ()
    relevant: tuple[tuple[str, Spot], ...] = ()
    repeat: str | None = None
    id: str | None = None


@dataclass(slots=True)
class _Section:
    data: dict[str, Json]
    place: _Place
    items: list[dict[str, Json]] = field(default_factory=list)


class SurveyReader:
    """One survey. Fills a Made and the ledger."""

    def __init__(
        self, form: Form, survey: dict[str, Json], name: str, kind: str | None, ledger: Ledger
    ) -> None:
        self.form, self.survey, self.name, self.kind, self.ledger = form, survey, name, kind, ledger
        self.made = Made({})
        self.language = str(survey.get("default_language", "default"))
        self.sections: list[_Section] = []
        self.questions = Questions(form, self.made, self.language, ledger)

    def read(self) -> list[Made]:
        title = texts(self.survey.get("title"), self.language) or {"zh": self.name}
        if not isinstance(self.survey.get("title"), (str, dict)) or self.survey["title"] == "data":
            title = {"zh": re.sub(r"\.[A-Za-z]{2,5}$", "", self.name) or "XLSForm"}
        kind = self.kind or phrases.kind_of(title["zh"])
        if kind is None:
            kind = "patrol"
            self.ledger.doubt("kind_not_named", [], 0, title=title["zh"])
        key = re.sub(r"[^A-Za-z0-9_.]", "_", str(self.survey.get("id_string", ""))).strip("._")
        key = key[:1].lower() + key[1:]
        if not KEY.fullmatch(key) or key == "data":
            key = f"import.l{phrases.digest(title['zh'])}"
        self.made.data = {"schema": "form/1", "key": key, "kind": kind, "title": title, "sections": []}
        self._settings()
        self._names()
        self._ends()
        self._children(self.survey.get("children", []), _Place())
        self.made.data["sections"] = [{**section.data, "items": section.items} for section in self.sections]
        if not self.sections and not self.ledger.refusals:
            self.ledger.refuse("xls_no_questions", [Spot(self.form.sheets["survey"].name)])
        return [self.made] if self.sections else []

    def _ends(self) -> None:
        """`end group` closes; it says nothing more."""
        for row in self.form.sheets["survey"].rows:
            said = self.form.said("survey", row)
            if "type" in said and re.match(r"end[ _]", self.form.text("survey", row, "type")):
                self.ledger.decorate(said.values(), 0)

    # --- names ---

    def _names(self) -> None:
        """Ids of form/1 are unique and of ASCII: other names are replaced in every expression."""
        seen: dict[str, int] = {}
        for node, row in self._walk(self.survey.get("children", [])):
            name = str(node.get("name", ""))
            if name in seen and node.get("type") not in ("group",):
                spot = self.form.spot("survey", row, "name")
                self.ledger.refuse("xls_name_twice", [spot], 0, name=name, row=seen[name])
            seen.setdefault(name, row)
            moment = table("xlsform")["moments"].get(node.get("type"))
            if moment:
                self.questions.moments[name] = moment
            if name and not NAME.fullmatch(name):
                self.questions.ids[name] = f"q{row}"
                self.ledger.doubt(
                    "xls_renamed",
                    [self.form.spot("survey", row, "name")],
                    0,
                    name=name,
                    id=self.questions.ids[name],
                )

    def _walk(self, nodes: Sequence[dict[str, Json]]) -> Iterator[tuple[dict[str, Json], int]]:
        for node in nodes:
            if ROW in node:
                yield node, int(node[ROW])
            yield from self._walk(node.get("children", []))

    # --- groups ---

    def _children(self, nodes: Sequence[dict[str, Json]], place: _Place) -> None:
        counts = {node["name"]: node for node in nodes if ROW not in node and "name" in node}
        for node in nodes:
            if node.get("type") in ("group", "repeat", "loop"):
                if ROW in node:
                    self._group(node, place, counts)
                else:  # pyxform's own, for what is recorded by itself
                    self._children(node.get("children", []), place)
            elif ROW in node:
                self._question(node, place)
            elif str(node.get("name", "")).endswith("_other"):
                self._other(node, nodes)

    def _group(self, node: dict[str, Json], place: _Place, counts: dict[str, dict[str, Json]]) -> None:
        row = int(node[ROW])
        said = self.form.said("survey", row)
        spot = said.get("type", self.form.spot("survey", row, "type"))
        if node["type"] == "loop" or (node["type"] == "repeat" and place.repeat):
            self._refuse("xls_loop" if node["type"] == "loop" else "xls_repeat_in_repeat", spot, node)
            return
        self.questions.look_at_fields(said, node, None)
        for name, cell in said.items():
            if name.split("/")[0] in ("type", "name", "label", "hint") or name == "bind/relevant":
                self.ledger.carry(cell, 0, f"/sections/{len(self.sections)}")
        label = self.questions.texts(node.get("label"), said, "label")
        inner = replace(place, titles=(*place.titles, label) if label else place.titles)
        relevant = node.get("bind", {}).get("relevant")
        if relevant:
            inner = replace(
                inner,
                relevant=(
                    *inner.relevant,
                    (self.questions.expression(relevant), cell_of(said, "bind/relevant")),
                ),
            )
        name = self.questions.ids.get(str(node["name"]), str(node["name"]))
        if node["type"] == "repeat":
            inner = replace(inner, repeat=name, id=name)
            self._section(inner, spot)
            self._repeat(node, label, counts, said)
        elif not place.repeat:
            inner = replace(inner, id=name)
        elif label or relevant:
            self.ledger.doubt("xls_group_in_repeat", [spot], 0)
        self._children(node.get("children", []), inner)
        if self.sections and not self.sections[-1].items and self.sections[-1].place is inner:
            self.sections.pop()

    def _repeat(
        self, node: dict[str, Json], label: Json, counts: dict[str, dict[str, Json]], said: dict[str, Spot]
    ) -> None:
        repeat: dict[str, Json] = {"label": label} if label else {}
        count = str(node.get("control", {}).get("jr:count", ""))
        generated = counts.get(f"{node['name']}_count")
        if generated and count == f"${{{node['name']}_count}}":
            count = str(generated.get("bind", {}).get("calculate", ""))
        if re.fullmatch(r"[1-9][0-9]?|100", count):
            repeat |= {"min": int(count), "max": int(count)}
            self.ledger.carry(
                cell_of(said, "control/jr:count"), 0, f"/sections/{len(self.sections) - 1}/repeat"
            )
        elif count:
            self.ledger.refuse("xls_repeat_count", [cell_of(said, "control/jr:count")], 0, text=count[:60])
        self.sections[-1].data["repeat"] = repeat

    def _section(self, place: _Place, spot: Spot) -> _Section:
        """The section for a place: the one at hand, or a new one."""
        if self.sections and self.sections[-1].place == place:
            return self.sections[-1]
        if place.repeat and self.sections and self.sections[-1].place.repeat == place.repeat:
            return self.sections[-1]
        taken = {section.data["id"] for section in self.sections}
        name = place.id if place.id and place.id not in taken else f"s{len(self.sections) + 1}"
        titles = place.titles or (self.made.data["title"],)
        title = {
            language: " · ".join(one.get(language, one["zh"]) for one in titles)
            for language in dict.fromkeys(language for one in titles for language in one)
        }
        data: dict[str, Json] = {"id": name, "title": title}
        path = f"/sections/{len(self.sections)}"
        self.made.origin[path] = spot
        if place.relevant:
            data["relevant"] = all_of(text for text, _ in place.relevant)
            self.made.origin[f"{path}/relevant"] = place.relevant[-1][1]
        self.sections.append(_Section(data, place))
        return self.sections[-1]

    # --- questions ---

    def _question(self, node: dict[str, Json], place: _Place) -> None:
        row = int(node[ROW])
        said = self.form.said("survey", row)
        spot = said.get("type", self.form.spot("survey", row, "type"))
        known = table("xlsform")["types"].get(node["type"])
        if known is None:
            self._refuse("xls_type_unknown", spot, node)
            return
        if known.get("meta"):
            self.ledger.doubt("xls_meta", list(said.values()), 0)
            return
        if "refuse" in known:
            self._refuse(known["refuse"], spot, node)
            return
        section = self._section(self._of(place), spot)
        path = f"/sections/{self.sections.index(section)}/items/{len(section.items)}"
        self.made.origin[path] = spot
        for tokens, cell in said.items():
            if is_carried(tokens):
                self.ledger.carry(cell, 0, path)
        if "doubt" in known:
            self.ledger.doubt(known["doubt"], [spot], 0, path)
        self.questions.look_at_fields(said, node, path)
        around = place.relevant[len(section.place.relevant) :]
        item = self.questions.item(node, row, said, dict(known["answer"]), path, around)
        if any(item["id"] == other["id"] for one in self.sections for other in one.items):
            item["id"] = f"q{row}"  # refused by _names already
        section.items.append(item)

    def _refuse(self, code: str, spot: Spot, node: dict[str, Json]) -> None:
        """A question, or a group with all that is in it."""
        rows = [row for _, row in self._walk([node])]
        spots = [cell for row in rows for cell in self.form.said("survey", row).values()]
        self.ledger.refuse(code, [spot, *spots], 0, type=node["type"])

    def _of(self, place: _Place) -> _Place:
        """A group inside a repeat stays in the repeat's section; its own condition goes to its questions."""
        if place.repeat and self.sections and self.sections[-1].place.repeat == place.repeat:
            return self.sections[-1].place
        return place

    def _other(self, node: dict[str, Json], nodes: Sequence[dict[str, Json]]) -> None:
        """The text question that pyxform adds for or_other."""
        asked = str(node["name"]).removesuffix("_other")
        source = next((one for one in nodes if str(one.get("name")) == asked and ROW in one), None)
        if source is None or not self.sections:
            return
        spot = self.form.spot("survey", int(source[ROW]), "type")
        section = self.sections[-1]
        path = f"/sections/{len(self.sections) - 1}/items/{len(section.items)}"
        self.made.origin[path] = spot
        name = self.questions.ids.get(asked, asked)
        item = {
            "id": f"{name}_other",
            "text": {"zh": "其他（请注明）", "en": "Specify other"},
            "answer": {"type": "text"},
        }
        section.items.append(item | {"required": False, "relevant": f"selected(${{{name}}}, 'other')"})
        self.ledger.doubt("xls_or_other", [spot], 0, path)

    def _settings(self) -> None:
        sheet = self.form.sheets.get("settings")
        if sheet is None:
            return
        for row in list(sheet.rows)[1:]:
            for tokens, cell in self.form.said("settings", row).items():
                if tokens in ("title", "id_string", "default_language"):
                    path = {"title": "/title", "id_string": "/key"}.get(tokens, "")
                    self.made.origin.setdefault(path, cell)
                    self.ledger.carry(cell, 0, path)
                else:
                    self.ledger.doubt("xls_setting", [cell], 0, name=tokens)
