"""Where the lists of a sheet are: headings found by meaning, the title lines above, the signature lines below."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from forms.importing.grid import Sheet, letters
from forms.importing.phrases import plain, table
from forms.importing.reading import Spot

Roles = Mapping[str, tuple[int, ...]]  # what a column means → the columns that mean it
TEXT_ROLES = ("content", "measure", "duty", "project", "standard")
_LONGEST_HEADING = 24
_ADMINISTRATIVE = ("单位", "人", "日期", "时间", "部门", "签字", "签名", "负责人", "组长", "科室")
_LABEL = re.compile(r"^([^:：_]{1,12}?)\s*[:：_]")


@dataclass(frozen=True, slots=True)
class Block:
    """Columns that make up items; a sheet may have two side by side. roles: meaning → columns."""

    roles: Roles
    first: int
    last: int


@dataclass(slots=True)
class Table:
    """One list on a sheet. heading: its rows. title: the cell that names it. rows: item and section rows, in order.

    key: the list's key, where an export wrote it. unknown: columns whose heading we do not understand.
    decorations, notes: cells around the list that say nothing, and that say something which is no item.
    """

    sheet: Sheet
    blocks: list[Block]
    heading: tuple[int, ...]
    rows: list[int] = field(default_factory=list)
    title: Spot | None = None
    title_text: str = ""
    key: str | None = None
    unknown: list[int] = field(default_factory=list)
    decorations: list[Spot] = field(default_factory=list)
    notes: list[Spot] = field(default_factory=list)
    feet: list[int] = field(default_factory=list)

    def roles(self) -> set[str]:
        return {role for block in self.blocks for role in block.roles}


def find(sheet: Sheet) -> list[Table]:
    """Every list of the sheet, from the top."""
    tables: list[Table] = []
    ended = False
    for row in sheet.rows:
        if tables and row <= tables[-1].heading[-1]:
            continue
        heading = _heading(sheet, row)
        if heading:
            above = _take_titles(sheet, tables, row)
            if tables and not _named(sheet, above) and _same(sheet, tables[-1].heading, heading):
                # The heading again at the top of a printed page.
                tables[-1].decorations += _spots(sheet, [*above, *heading])
                continue
            tables.append(_begin(sheet, heading, above))
            ended = False
        elif tables:
            ended = _is_foot(sheet, row, ended)
            (tables[-1].feet if ended else tables[-1].rows).append(row)
    for made in tables:
        for row in made.feet:
            _foot(made, row)
    return tables


# --- headings ---------------------------------------------------------------------------------------------------------


@cache
def _names() -> Mapping[str, str]:
    return {_heading_word(str(name)): role for role, names in table("headers").items() for name in names}


def _heading_word(text: str) -> str:
    """Without what stands in brackets, numbers of columns, punctuation and case."""
    words = re.sub(r"\(.*?\)|\[.*?\]|【.*?】|[:*、/·]", "", plain(text))
    return words.upper()


def meaning(text: str) -> tuple[str | None, bool]:
    """What a column of that heading holds, and whether it is called exactly so."""
    word = _heading_word(text)
    if not word or len(word) > _LONGEST_HEADING:
        return None, False
    exact = _names().get(word)
    if exact:
        return exact, True
    if re.fullmatch(r"([1-9]|[12][0-9]|3[01])(日|号)?", word):
        return "answer", False
    if all(
        part in _names() and _names()[part] == "answer" for part in re.split(r"[或及和□☐○]", word) if part
    ):
        return "answer", True
    inside = [name for name in _names() if len(name) >= 2 and name in word]
    return (_names()[max(inside, key=len)], False) if inside else (None, False)


def _heading(sheet: Sheet, row: int) -> tuple[int, ...]:
    """The rows of the heading that begins here: one, or two where a heading spans others; () where there is none."""
    cells = sheet.rows[row]
    if len(cells) < 2 or any(len(cell.text) > 40 for cell in cells.values()):
        return ()
    found = [meaning(cell.text) for cell in cells.values() if cell.text]
    known = [role for role, _ in found if role]
    days = sum(role == "answer" and not exact for role, exact in found)
    exact = {role for role, exactly in found if exactly}
    if not exact & {*TEXT_ROLES} or len(known) < 2 or len(known) * 2 < len(found) or days == len(found):
        return ()
    if exact <= {"answer"} or (
        len(exact) == 1 and len(known) > len(exact) and len(found) > 2 and _wordy(cells)
    ):
        return ()
    return (row, row + 1) if _has_second(sheet, row) else (row,)


def _wordy(cells: Mapping[int, object]) -> bool:
    return sum(len(getattr(cell, "text", "")) > 10 for cell in cells.values()) * 2 > len(cells)


def _has_second(sheet: Sheet, row: int) -> bool:
    """Is the next row a second row of the heading? It names columns below a heading that spans them."""
    below = sheet.rows.get(row + 1)
    if not below:
        return False
    for column, cell in below.items():
        spanned = sheet.at(row, column)
        top, left = sheet.anchor(row, column)
        beside = (row, column - 1) in sheet.anchors or (row, column + 1) in sheet.anchors
        if top != row or spanned is None or not (left != column or beside) or len(cell.text) > 12:
            return False
    return any(meaning(cell.text)[0] for cell in below.values())


def _same(sheet: Sheet, one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return [_texts(sheet, row) for row in one] == [_texts(sheet, row) for row in other]


def _texts(sheet: Sheet, row: int) -> list[tuple[int, str]]:
    return [(column, plain(cell.text)) for column, cell in sheet.rows[row].items()]


def _begin(sheet: Sheet, heading: tuple[int, ...], above: list[int]) -> Table:
    columns: dict[int, str | None] = {}
    for row in heading:
        last = max(sheet.rows[row])
        for column in range(1, last + 2):
            cell = sheet.at(row, column)
            if cell is None:
                continue
            role = meaning(cell.text)[0]
            if columns.get(column) != "answer":  # "检查结果" above "标准": still filled in by hand
                columns[column] = role or columns.get(column)
    table = Table(sheet, _blocks(columns), heading)
    table.unknown = [column for column, role in columns.items() if role is None]
    _read_titles(table, above)
    return table


def _blocks(columns: Mapping[int, str | None]) -> list[Block]:
    """One block, or several where the heading begins anew to the right (lists printed side by side)."""
    named = [(column, role) for column, role in sorted(columns.items()) if role]
    starts = [column for column, role in named if role == "number"]
    if len(starts) < 2:
        starts = [min(columns)]
    starts[0] = min(columns)
    blocks = []
    for start, end in zip(starts, [*starts[1:], max(columns) + 1], strict=True):
        roles: dict[str, tuple[int, ...]] = {}
        for column, role in named:
            if start <= column < end:
                roles[role] = (*roles.get(role, ()), column)
        if roles.keys() & {*TEXT_ROLES}:
            blocks.append(Block(roles, start, end - 1))
    return blocks


# --- what stands above and below --------------------------------------------------------------------------------------


def _take_titles(sheet: Sheet, tables: list[Table], heading: int) -> list[int]:
    """The lines between the list before and this heading: taken back from that list's rows."""
    if not tables:
        return [row for row in sheet.rows if row < heading]
    before = tables[-1].feet or tables[-1].rows
    taken: list[int] = []
    while (
        before
        and _is_line(sheet, before[-1])
        and not (_named(sheet, taken) and _is_foot(sheet, before[-1], False))
    ):
        taken.insert(0, before.pop())
    return taken


def _named(sheet: Sheet, rows: list[int]) -> bool:
    return any(_is_title(cell.text) for row in rows for cell in sheet.rows[row].values())


def _is_line(sheet: Sheet, row: int) -> bool:
    """A title or label line: one cell, or labels only."""
    cells = [cell.text for cell in sheet.rows[row].values()]
    return len(cells) == 1 or all(_label(text) for text in cells)


def _is_title(text: str) -> bool:
    word = plain(text)
    return 4 <= len(word) <= 60 and word.rstrip("()（）续一二三四五六七八九十0123456789").endswith(
        tuple(table()["titles"])
    )


def _read_titles(made: Table, above: list[int]) -> None:
    """The title is the first line that is called a list or a sheet; else the first that labels nothing."""
    sheet = made.sheet
    lines = [(row, column, cell.text) for row in above for column, cell in sheet.rows[row].items()]
    titles = [line for line in lines if _is_title(line[2])] or [
        line for line in lines if not _label(line[2]) and not _is_note(line[2]) and len(line[2]) <= 60
    ]
    for row, column, text in lines:
        spot = Spot(sheet.name, row, letters(column))
        key = re.match(r"清单编码\s*[:：]\s*([A-Za-z0-9_.]+)$", text.strip())
        if titles and (row, column, text) == titles[0]:
            made.title, made.title_text = (
                spot,
                re.sub(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])", "", text),
            )
        elif key:
            made.key = key[1]
            made.decorations.append(spot)
        elif _label(text) or len(plain(text)) <= 1 or _is_value_of_label(sheet, row, column):
            made.decorations.append(spot)
        else:
            made.notes.append(spot)


def _is_value_of_label(sheet: Sheet, row: int, column: int) -> bool:
    """ "检查日期：" | "2026-03-01": what somebody wrote beside a label."""
    left = [other for other in sheet.rows[row] if other < column]
    return bool(left) and bool(_label(sheet.rows[row][max(left)].text)) and len(sheet.text(row, column)) <= 20


def _label(text: str) -> bool:
    """A label to be filled in ("检查人：", "日期    年  月  日"), perhaps several in one cell."""
    words = set(table()["footers"])
    first = plain(text)
    found = _LABEL.match(first)
    head = re.sub(r"\(.*?\)", "", found[1] if found else first)
    if re.fullmatch(r"年?月?日?|第\d*页,?共\d*页", re.sub(r"[\s_\d]", "", first)):
        return True
    if head in words and (found or len(first) <= len(head) + 12):
        return True
    if found and head.endswith(_ADMINISTRATIVE) and len(first) - len(found[0]) <= 20:
        return True
    # A label of other words counts when nothing but room to write follows it.
    return bool(found) and not re.sub(r"[\s_年月日/.—-]|[^:：]{1,12}[:：]", "", first)


def _is_foot(sheet: Sheet, row: int, ended: bool) -> bool:
    """Does the list end here? Below its end only a new heading begins a list."""
    cells = sheet.rows[row]
    texts = [cell.text for cell in cells.values()]
    first = plain(texts[0])
    if _is_note(texts[0]):
        return True
    numbered = re.match(r"[0-9]{1,3}[.、]?$", first) is not None
    if not numbered and _label(texts[0]) and sum(not _label(text) for text in texts) <= len(texts) / 2:
        return True
    return ended and len(texts) <= 2


def _foot(made: Table, row: int) -> None:
    """Labels are decorations; what says something ("注：…") is a note."""
    for column, cell in made.sheet.rows[row].items():
        spot = Spot(made.sheet.name, row, letters(column))
        plainly = _label(cell.text) or _is_value_of_label(made.sheet, row, column)
        (made.decorations if plainly and not _is_note(cell.text) else made.notes).append(spot)


def _is_note(text: str) -> bool:
    """ "注：…", "填表说明：…": it says something, but it is no item."""
    found = _LABEL.match(plain(text))
    return found is not None and re.sub(r"\(.*?\)|\d", "", found[1]) in table()["notes"]


def _spots(sheet: Sheet, rows: list[int]) -> list[Spot]:
    return [Spot(sheet.name, row, letters(column)) for row in rows for column in sheet.rows[row]]
