"""A table of a workbook → the data of one or more lists (one for each post), with the cell behind every word."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from forms import library
from forms.importing import phrases
from forms.importing.grid import letters
from forms.importing.items import Draft, RowReader, unverified
from forms.importing.ledger import Ledger
from forms.importing.phrases import plain
from forms.importing.reading import Spot
from forms.importing.tables import TEXT_ROLES, Block, Table
from forms.load import NAME

Json = Any
_BAND = re.compile(
    r"[（(]?[一二三四五六七八九十]{1,3}[、.．)）]|第[一二三四五六七八九十0-9]+[部章节]|[A-Z][、.．]"
)
_BLANK_ANSWER = re.compile(r"[□☐○√×✓✔✗合格不涉及是否有无符常异:：/、\s_A-Z-]*")


@dataclass(slots=True)
class Made:
    """One list in the making: data for forms.load, and pointer → cell."""

    data: dict[str, Json]
    origin: dict[str, Spot] = field(default_factory=dict)


@dataclass(slots=True)
class _Entry:
    """An item with where it belongs: post, section."""

    draft: Draft
    post: str
    section: str
    section_spots: list[Spot]


class ListMaker:
    """Makes the lists of one file. kind: given by the person, or None to infer it from the title."""

    def __init__(
        self, ledger: Ledger, name: str, kind: str | None, settings: Mapping[str, dict[str, Json]]
    ) -> None:
        self.ledger, self.name, self.kind, self.settings = ledger, name, kind, settings
        self.made: list[Made] = []
        self._keys: set[str] = set()
        self._titles: Counter[str] = Counter()

    def make_all(self, tables: Sequence[Table]) -> None:
        """Add the lists of all tables of the file."""
        self._titles.update(table.title_text for table in tables)
        for table in tables:
            self._make(table)

    def _make(self, table: Table) -> None:
        of = len(self.made)
        title = table.title_text or self._fallback_title(table, of)
        exported = self.settings.get(table.key or "", {})
        kind = self.kind or exported.get("kind") or phrases.kind_of(title)
        if kind is None:
            kind = "patrol"
            self.ledger.doubt("kind_not_named", _where(table), of, title=title)
        every = None if table.key else phrases.frequency_of_title(title)
        if every:
            self.ledger.doubt("frequency_of_title", _where(table), of, frequency=every)
        entries = self._entries(table, kind, every, of)
        self._look_at_columns(table, of)
        by_post: dict[str, list[_Entry]] = {}
        for entry in entries:
            by_post.setdefault(entry.post, []).append(entry)
        if not by_post:
            self.ledger.give_up(of)
            self.ledger.doubt("table_without_items", _headings(table))
            return
        for post, mine in by_post.items():
            self._list(table, title, kind, post, mine, len(by_post) > 1)

    def _fallback_title(self, table: Table, of: int) -> str:
        sheet = table.sheet.name
        generic = re.fullmatch(rf"({'|'.join(phrases.table()['generic_sheets'])})\d*", plain(sheet).lower())
        title = (
            sheet if sheet and not generic else re.sub(r"\.[A-Za-z]{2,5}$", "", self.name).strip() or "清单"
        )
        self.ledger.doubt("title_from_name", [], of, title=title)
        return title

    # --- rows ---

    def _entries(self, table: Table, kind: str, every: str | None, of: int) -> list[_Entry]:
        entries: list[_Entry] = []
        for block in table.blocks:
            grouping = _is_grouping(table, block)
            reader = RowReader(table, block, kind, grouping, every)
            grouped = ("section", "project") if grouping else ("section",)
            bands: list[tuple[str, list[Spot]]] = []
            last: dict[str, tuple[str, list[Spot]]] = {}
            for row in table.rows:
                own = [c for c in table.sheet.rows[row] if block.first <= c <= block.last]
                if not own:
                    continue
                spots = [Spot(table.sheet.name, row, letters(column)) for column in own]
                if _is_band(table, block, row, own):
                    text = table.sheet.rows[row][own[0]].text
                    # （一） below 一、 is a part of it.
                    bands = [*(bands[:1] if re.match("[（(]", text) else []), (text, spots)]
                    last.clear()
                    continue
                for role in (*grouped, "post"):
                    value = reader.value(row, role)
                    if value[0]:
                        if role == "section" and value[0] != last.get("section", ("",))[0]:
                            last.pop("project", None)
                        last[role] = value
                draft = reader.read(row)
                if draft is None:
                    self._row_without_text(table, block, row, spots, of)
                    continue
                named = [*bands, *(last.get(role, ("", [])) for role in grouped)]
                if grouping and named[-1][0] == draft.text:  # the project's name is the item's own
                    named.pop()
                named = [(text, cells) for text, cells in named if text]
                section = " · ".join(dict.fromkeys(_line(text) for text, _ in named))
                post = last.get("post", ("", []))
                if post[1]:
                    draft.origins["/post"] = post[1]
                entries.append(
                    _Entry(draft, _line(post[0]), section, [s for _, cells in named for s in cells])
                )
        return entries

    def _row_without_text(self, table: Table, block: Block, row: int, spots: list[Spot], of: int) -> None:
        """Numbers printed for rows that are filled by hand say nothing; anything else would be lost, so refuse it."""
        silent = {
            c
            for role in ("number", "answer", "section", "project", "post")
            for c in block.roles.get(role, ())
        }
        own = [c for c in table.sheet.rows[row] if block.first <= c <= block.last]
        if set(own) <= silent | set(table.unknown):
            for column in own:
                if column not in table.unknown:
                    self.ledger.decorate([Spot(table.sheet.name, row, letters(column))], of)
        else:
            self.ledger.refuse("row_without_text", spots, of, row=row)

    # --- one list ---

    def _list(
        self, table: Table, title: str, kind: str, post: str, entries: list[_Entry], several: bool
    ) -> None:
        of = len(self.made)
        ledger = self.ledger
        if several:
            title = f"{title}（{post or '其他岗位'}）"
        title, key = self._unique(table, title)
        made = Made({"schema": "form/1", "key": key, "kind": kind, "title": title, "sections": []})
        self.made.append(made)
        if table.title:
            self._put(made, of, "/title", [table.title])
        self._posts(made, of, table, title, post)
        identities = self._identities(of, entries)
        for number, (entry, identity) in enumerate(zip(entries, identities, strict=True), start=1):
            sections = made.data["sections"]
            wanted = entry.section or title
            if not sections or sections[-1]["title"] != wanted:
                sections.append({"id": f"s{len(sections) + 1}", "title": wanted, "items": []})
                self._put(made, of, f"/sections/{len(sections) - 1}", entry.section_spots)
            path = f"/sections/{len(sections) - 1}/items/{len(sections[-1]['items'])}"
            for spot in entry.section_spots:
                ledger.carry(spot, of, f"/sections/{len(sections) - 1}/title")
            sections[-1]["items"].append(self._item(entry.draft, identity, number, made, of, path))
        self._around(table, of)
        exported = self.settings.get(key)
        if exported:
            self._with_settings(made, of, unverified({**exported, "kind": kind}))

    def _item(
        self, draft: Draft, identity: str, number: int, made: Made, of: int, path: str
    ) -> dict[str, Json]:
        data = {"id": identity, **draft.data}
        if draft.own_id is None and "code" not in data:
            data["code"] = draft.number if draft.number and NAME.fullmatch(draft.number) else str(number)
        for where, spots in draft.origins.items():
            self._put(made, of, path + where, spots)
        made.origin[path] = made.origin[f"{path}/text"]
        for code, spots, where, params in draft.doubts:
            # What is said of a whole column is told once; what is said of an item keeps its place.
            self.ledger.doubt(code, spots, of, path + where if where else None, **params)
        for code, spots, params in draft.refusals:
            self.ledger.refuse(code, spots, of, path, **params)
        return data

    def _put(self, made: Made, of: int, path: str, spots: Sequence[Spot]) -> None:
        if spots:
            made.origin.setdefault(path, spots[0])
        for spot in spots:
            self.ledger.carry(spot, of, path)

    def _identities(self, of: int, entries: list[_Entry]) -> list[str]:
        """Ids that stay when rows are added, removed or moved: the list's own, or made of the item's words.

        The standard is no part of it: a corrected limit keeps the item. Where two items have the same words, standard
        and section tell them apart.
        """
        own = Counter(entry.draft.own_id for entry in entries)
        for entry in entries:
            name = entry.draft.own_id
            if name and (own[name] > 1 or not NAME.fullmatch(name)):
                self.ledger.doubt("id_not_usable", entry.draft.origins["/id"], of)
                entry.draft.own_id = None
        words = [plain(entry.draft.text) for entry in entries]
        fuller = [
            f"{word}\n{plain(entry.draft.data.get('standard', ''))}\n{plain(entry.section)}"
            for word, entry in zip(words, entries, strict=True)
        ]
        made: list[str] = []
        for entry, word, full in zip(entries, words, fuller, strict=True):
            base = name = entry.draft.own_id or f"i{phrases.digest(word if words.count(word) == 1 else full)}"
            again = 1
            while name in made or (name in own and name != entry.draft.own_id):
                again += 1
                name = f"{base}-{again}"
            made.append(name)
        return made

    def _unique(self, table: Table, title: str) -> tuple[str, str]:
        """Lists of one file that have one title are told apart by their sheets."""
        if self._titles[title] > 1 and table.sheet.name and table.key is None:
            title = f"{title}（{table.sheet.name}）"
        base = table.key or f"import.l{phrases.digest(plain(title))}"
        key, count = base, 1
        while key in self._keys:
            count += 1
            key = f"{base}_{count}"
        self._keys.add(key)
        return (title if count == 1 else f"{title}（{count}）"), key

    def _posts(self, made: Made, of: int, table: Table, title: str, post: str) -> None:
        """Which post is it for? Its column says so; else the title or the sheet may name one that we know."""
        codes = {plain(known.zh): code for code, known in library.posts().items()}
        said = plain(post or "")
        if said in codes:
            made.data["applies_to"] = {"posts": [codes[said]]}
        elif said:
            self.ledger.doubt("post_unknown", [], of, post=post)
        elif not table.key:
            names = [name for name in codes if name in plain(title) or name == plain(table.sheet.name)]
            if names:
                name = max(names, key=len)
                made.data["applies_to"] = {"posts": [codes[name]]}
                self.ledger.doubt("post_of_title", _where(table), of, post=name)

    def _with_settings(self, made: Made, of: int, exported: dict[str, Json]) -> None:
        """What an export kept beside the columns: of the list, and of its sections by their titles."""
        kept = [section for section in exported.pop("sections", []) if isinstance(section, dict)]
        made.data |= exported
        ids = {section.get("id") for section in kept}
        for number, section in enumerate(made.data["sections"], start=1):
            known = next((one for one in kept if one.get("title") == section["title"]), None)
            if known:
                kept.remove(known)
                section |= {name: value for name, value in known.items() if name != "items"}
            elif section["id"] in ids:
                section["id"] = f"new{number}"
        for lost in kept:
            if lost.keys() - {"id", "title"}:
                self.ledger.doubt("section_settings_lost", [], of, title=str(lost.get("title"))[:60])

    # --- what is around the rows ---

    def _around(self, table: Table, of: int) -> None:
        self.ledger.decorate(table.decorations, of)
        self.ledger.decorate([s for s in _headings(table) if s.column not in map(letters, table.unknown)], of)
        if table.notes:
            for spot in table.notes:
                text = table.sheet.rows[spot.row][_column(spot.column)].text
                self.ledger.doubt("line_not_carried", [spot], of, text=text[:60])
            table.notes = []

    def _look_at_columns(self, table: Table, of: int) -> None:
        for block in table.blocks:
            for role, code in (("owner", "owner_not_carried"),):
                for column in block.roles.get(role, ()):
                    self._column(table, column, code, of)
            for column in block.roles.get("answer", ()):
                self._answers(table, column, of)
        for column in table.unknown:
            self._column(table, column, "column_not_understood", of)

    def _column(self, table: Table, column: int, code: str, of: int) -> None:
        cells = _below(table, column)
        heading = [table.sheet.spot(row, column) for row in table.heading if table.sheet.at(row, column)]
        title = table.sheet.text(table.heading[-1], column)
        if cells or code == "column_not_understood":
            spots = [*dict.fromkeys(heading), *cells] if code == "column_not_understood" else cells
            self.ledger.doubt(code, spots, of, heading=_line(title))

    def _answers(self, table: Table, column: int, of: int) -> None:
        """Boxes to tick are decoration; what somebody filled in is an answer of another day, and told once."""
        filled = []
        for spot in _below(table, column):
            text = table.sheet.rows[spot.row][column].text
            if _BLANK_ANSWER.fullmatch(text):
                self.ledger.decorate([spot], of)
            else:
                filled.append(spot)
        if filled:
            heading = _line(table.sheet.text(table.heading[-1], column))
            self.ledger.doubt("answers_not_carried", filled, of, heading=heading)


def _is_grouping(table: Table, block: Block) -> bool:
    """Does the project column name groups of rows (merged down, repeated, or written once above blanks)?"""
    columns = block.roles.get("project", ())
    others = [role for role in TEXT_ROLES if role != "project" and role in block.roles]
    if not columns or not others:
        return False
    texts = []
    for row in table.rows:
        own = [c for c in table.sheet.rows[row] if block.first <= c <= block.last]
        if own and not _is_band(table, block, row, own):
            if any(table.sheet.anchor(row, column)[0] < row for column in columns):
                return True
            texts.append(table.sheet.text(row, columns[0]))
    return any(one and (one == other or not other) for one, other in pairwise(texts))


def _is_band(table: Table, block: Block, row: int, own: list[int]) -> bool:
    """A row that only names the rows below it: one cell across the list, or one that is numbered like a chapter."""
    if len(own) != 1 or len(table.sheet.rows[row]) != 1:
        return False
    column, text = own[0], table.sheet.rows[row][own[0]].text
    if re.fullmatch(r"[0-9]{1,3}[.、]?", text):
        return False
    across = sum(
        table.sheet.anchor(row, other) == (row, column) for other in range(block.first, block.last + 1)
    )
    main = [c for role in TEXT_ROLES for c in block.roles.get(role, ())]
    merged_down = any(table.sheet.anchor(row, c)[0] < row for c in main)
    if across >= 3 or (across >= 2 and across == block.last - block.first + 1):
        return True
    return not merged_down and (column not in main or bool(_BAND.match(text)))


def read_settings(sheet_rows: Mapping[int, Mapping[int, Any]]) -> dict[str, dict[str, Json]]:
    """The sheet that an export writes: list key | JSON of what has no column."""
    found: dict[str, dict[str, Json]] = {}
    for cells in sheet_rows.values():
        try:
            data = json.loads(cells[2].text) if 1 in cells and 2 in cells else None
        except (ValueError, RecursionError):
            continue
        if isinstance(data, dict):
            found[cells[1].text] = data
    return found


def _below(table: Table, column: int) -> list[Spot]:
    return [
        Spot(table.sheet.name, row, letters(column)) for row in table.rows if column in table.sheet.rows[row]
    ]


def _headings(table: Table) -> list[Spot]:
    return [Spot(table.sheet.name, row, letters(c)) for row in table.heading for c in table.sheet.rows[row]]


def _where(table: Table) -> list[Spot]:
    return [table.title] if table.title else []


def _line(text: str) -> str:
    return " ".join(text.split())


def _column(name: str) -> int:
    number = 0
    for letter in name:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
