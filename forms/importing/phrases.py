"""What the words in a cell mean: limits of a reading, how often, how grave, by which clause. Tables: phrases.yaml."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any

import yaml

Json = Any


@cache
def table(name: str = "phrases") -> Mapping[str, Any]:
    data: dict[str, Any] = yaml.safe_load(Path(__file__).with_name(f"{name}.yaml").read_text("utf-8"))
    return data


def plain(text: str) -> str:
    """For comparing: NFKC, no white space."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def digest(words: str) -> str:
    """Eight hex digits that stay the same for the same words."""
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:8]


@cache
def _meanings(name: str) -> Mapping[str, str]:
    return {plain(str(word)): meaning for meaning, words in table()[name].items() for word in words}


# --- limits -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Quantity:
    """Bounds that a text sets for one reading. words: the part of the text that says so."""

    limits: tuple[Mapping[str, float], ...]
    unit: str | None
    words: str


@dataclass(frozen=True, slots=True)
class Measured:
    """quantity: when the text sets limits for exactly one reading. why_not: a code when it names numbers otherwise."""

    quantity: Quantity | None = None
    why_not: str | None = None


_NUMBER = r"-?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|-?[0-9]{1,12}(?:\.[0-9]{1,6})?"
# After these words the number is what triggers an act, not what must be kept.
_TRIGGER = re.compile(
    r"(?:及其以上|及以上|以上)?(?:时|的|后|,?(?:应|必须|须|立即|则|即|要|禁止|严禁|不得|停止|撤|更换))"
)
_SUPPOSING = re.compile(r"(?:当|若|如|如果|一旦|凡|发现)[^,。;]{0,20}$")


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    unit = f"(?P<unit>{_either(_units())})?"
    # A Latin unit ends where the letters end: "5min" is minutes, not metres.
    unit += r"(?![A-Za-z/])"
    before = _either(_bounds("bounds_before"))
    after = _either(_bounds("bounds_after"))
    return (
        re.compile(rf"(?P<word>{before})(?P<number>{_NUMBER}){unit}"),
        re.compile(rf"(?P<number>{_NUMBER}){unit}(?P<word>{after})"),
        re.compile(
            rf"(?P<least>{_NUMBER})(?:{_either(_units())})?(?:~|-|至|到|—|–)(?P<most>{_NUMBER}){unit}"
        ),
    )


@cache
def _units() -> Mapping[str, str]:
    return {plain(word): unit for unit, words in table()["units"].items() for word in words}


@cache
def _bounds(name: str) -> Mapping[str, str]:
    return {plain(word): bound for bound, words in table()[name].items() for word in words}


def _either(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def unit_of(text: str) -> str | None:
    """The unit as we write it, or None where no unit of that name is known."""
    return _units().get(plain(text))


def measured(text: str) -> Measured:
    """The limits that a sentence sets. A condition ("超过24ppm时撤人") is no limit, and two readings are not one."""
    said = plain(without_clauses(text))
    found: list[Quantity] = []
    conditions = 0
    before, after, between = _patterns()
    for match in between.finditer(said):
        if match["unit"]:
            least, most = _value(match["least"]), _value(match["most"])
            if least <= most:
                found.append(Quantity(({"min": least}, {"max": most}), _units()[match["unit"]], match[0]))
    said = between.sub(lambda m: "\0" * len(m[0]) if m["unit"] else m[0], said)
    for pattern, bounds in ((before, _bounds("bounds_before")), (after, _bounds("bounds_after"))):
        for match in pattern.finditer(said):
            symbol = not re.match(r"\w", match["word"])
            if not match["unit"] and not symbol:
                continue
            if _is_condition(said, match):
                conditions += 1
            else:
                unit = _units()[match["unit"]] if match["unit"] else None
                limit = {bounds[match["word"]]: _value(match["number"])}
                found.append(Quantity((limit,), unit, match[0]))
        said = pattern.sub(lambda m: "\0" * len(m[0]) if m["unit"] else m[0], said)
    if not found:
        return Measured(why_not="condition_not_limit" if conditions else None)
    whole = _together(found)
    return Measured(whole, None) if whole else Measured(why_not="several_readings")


def _is_condition(said: str, match: re.Match[str]) -> bool:
    if match["word"].startswith(("不", "应不", "至", "最")):
        return False
    return bool(_TRIGGER.match(said, match.end()) or _SUPPOSING.search(said, 0, match.start()))


def _together(found: list[Quantity]) -> Quantity | None:
    """One reading with a lower and an upper bound, or None: the text speaks of several readings."""
    if len(found) == 1:
        return found[0]
    bounds = [bound for quantity in found for limit in quantity.limits for bound in limit]
    lower = [bound for bound in bounds if bound in ("min", "above")]
    if len(found) != 2 or len(bounds) != 2 or len(lower) != 1 or "equals" in bounds:
        return None
    units = {quantity.unit for quantity in found} - {None}
    if len(units) > 1:
        return None
    least, most = sorted(found, key=lambda q: not ({"min", "above"} & set(q.limits[0])))
    if next(iter(least.limits[0].values())) > next(iter(most.limits[0].values())):
        return None
    unit = units.pop() if units else None
    return Quantity((*least.limits, *most.limits), unit, f"{least.words}，{most.words}")


def limit_cell(text: str) -> Quantity | None:
    """A cell that holds nothing but limits ("≥0.25；≤4 m/s", "20~25%"), or None where it holds anything else."""
    parts = [part for part in re.split(r"[;,、\n]", unicodedata.normalize("NFKC", text)) if part.strip()]
    limits: list[Mapping[str, float]] = []
    unit: str | None = None
    before, after, between = _patterns()
    for part in map(plain, parts):
        match = between.fullmatch(part) or before.fullmatch(part) or after.fullmatch(part)
        if match is None:
            return None
        unit = _units()[match["unit"]] if match["unit"] else unit
        if "least" in match.groupdict():
            limits += [{"min": _value(match["least"])}, {"max": _value(match["most"])}]
        else:
            bounds = _bounds("bounds_before").get(match["word"]) or _bounds("bounds_after")[match["word"]]
            limits.append({bounds: _value(match["number"])})
    return Quantity(tuple(limits), unit, text) if limits else None


def _value(digits: str) -> float:
    return float(digits.replace(",", ""))


# --- how often, how grave ---------------------------------------------------------------------------------------------


def frequency(text: str) -> str | None:
    """A frequency of form/1, "none" for every time, or None where the words cannot be expressed (twice a month)."""
    return _meanings("frequencies").get(re.sub(r"(检查|进行|[。.])$", "", plain(text)))


def frequency_of_title(title: str) -> str | None:
    found = re.search(
        r"(每班|班前|每日|每天|日检|日巡|日常|每周|周检|周巡|每月|月检|月度|月巡|季度|年度)", title
    )
    return frequency({"日巡": "日", "周巡": "周", "月巡": "月"}.get(found[1], found[1])) if found else None


def risk(text: str) -> str | None:
    words = re.sub(r"[()/、,]", "", plain(text))
    return _meanings("risks").get(plain(text)) or _meanings("risks").get(words) or _only_one(words)


def _only_one(words: str) -> str | None:
    """The risk that the words name by colour or by grade, if they name one only ("红色重大风险")."""
    named = {meaning for word, meaning in _meanings("risks").items() if len(word) > 1 and word in words}
    return named.pop() if len(named) == 1 else None


def risk_of_colour(rgb: str) -> str | None:
    """red, orange, yellow or blue from a fill, by its hue; None for grey, white, black and other colours."""
    r, g, b = (int(rgb[i : i + 2], 16) for i in (0, 2, 4))
    high, low = max(r, g, b), min(r, g, b)
    if high - low < 90:
        return None
    if high == r:
        hue = 60 * (g - b) / (high - low)
        return "red" if -15 <= hue < 14 else "orange" if hue < 46 else "yellow" if hue <= 65 else None
    if high == b:
        return "blue" if g >= r else None
    return None


def severity(text: str) -> str | None:
    return _meanings("severities").get(plain(text))


def answer_type(text: str) -> str | None:
    types: dict[str, str] = table()["answer_types"]
    return types.get(plain(text))


def kind_of(title: str) -> str | None:
    for kind, words in table()["kinds"]:
        if any(word in title for word in words):
            return str(kind)
    return None


# --- clauses ----------------------------------------------------------------------------------------------------------

_STANDARD = (
    r"(?:GB|AQ|MT|KA|JGJ|DL|TSG|HJ|NB|SY|DB[0-9]{2}|XF|GA|YS)(?:/T|/Z)?"
    r"\s*[0-9]{2,6}(?:\.[0-9]+)?(?:\s*[-—–]\s*[0-9]{4})?"
)
_TITLE = r"《[^《》\n]{2,80}》"
_DOCUMENT = r"[\u4e00-\u9fff]{1,12}[〔\[(（][12][0-9]{3}[〕\])）]\s*[0-9]{1,5}\s*号"
_NAMED = re.compile(
    rf"{_TITLE}\s*[（(]\s*(?P<in>{_STANDARD}|{_DOCUMENT})\s*[)）]|(?P<number>{_STANDARD})(?:\s*{_TITLE})?|(?P<doc>{_DOCUMENT})|(?P<title>{_TITLE})"
)
_CLAUSE = re.compile(
    r"\s*(?:第?\s*(?:[0-9A-Z]{1,4}(?:\.[0-9]{1,3}){1,6}|[一二三四五六七八九十百零〇0-9]{1,6}(?=\s*[条章节款项]))(?:\s*[条章节款项])?"
    r"(?:\s*第?[（(]?[一二三四五六七八九十0-9]{1,3}[）)]?\s*[款项])?[、,，和及]?)+"
)
_SPLIT = re.compile(r"^(?P<code>.{2,80}?)\s*(?P<clause>第\s*[0-9一二三四五六七八九十百零〇]+.*)$", re.S)


def clauses(text: str) -> tuple[list[dict[str, Json]], bool]:
    """A cell of bases → [{code, clause?, verified: False}], and whether each named a standard that we recognise."""
    found: list[dict[str, Json]] = []
    sure = True
    for part in re.split(r"[;；\n]", text):
        part = part.strip(" 　\t。，,、")
        if not part:
            continue
        starts = list(_NAMED.finditer(part))
        if not starts or starts[0].start() > 0:
            head = part[: starts[0].start()] if starts else part
            sure = False
            split = _SPLIT.match(head.strip(" 、，,"))
            found.append(_basis(split["code"], split["clause"]) if split else _basis(head, ""))
        for match, after in zip_longest(starts, starts[1:]):
            rest = part[match.end() : after.start() if after else len(part)]
            found.append(_basis(_code(match), rest))
    return [basis for basis in found if basis["code"]], sure


def clauses_within(text: str) -> list[dict[str, Json]]:
    """The bases that a sentence names on its way, each a standard with a clause of it."""
    found = []
    for match in _NAMED.finditer(text):
        clause = _CLAUSE.match(text, match.end())
        if clause:
            found.append(_basis(_code(match), clause[0]))
    return found


def without_clauses(text: str) -> str:
    """The sentence without numbers that are clauses."""
    pieces, at = [], 0
    for match in _NAMED.finditer(text):
        clause = _CLAUSE.match(text, match.end())
        pieces.append(text[at : match.start()])
        at = max(clause.end() if clause else match.end(), at)
    return "".join([*pieces, text[at:]])


def _code(match: re.Match[str]) -> str:
    code = match["in"] or match["number"] or match["doc"]
    if not code:
        return match["title"][1:-1]
    code = unicodedata.normalize("NFKC", code).replace("—", "-").replace("–", "-")
    if match["doc"] or "号" in code:
        return re.sub(r"[\[(]([12][0-9]{3})[\])]\s*", r"〔\1〕", code)
    standard = re.fullmatch(r"((?:DB[0-9]{2}|[A-Z]+)(?:/[TZ])?)\s*([0-9.]+)\s*(-\s*[0-9]{4})?", code)
    if standard is None:
        return code
    return f"{standard[1]} {standard[2]}{(standard[3] or '').replace(' ', '')}"


def _basis(code: str, clause: str) -> dict[str, Json]:
    clause = clause.strip(" 　\t。，,、:：")
    clause = re.sub(r"第?\s*([0-9A-Z]+(?:\.[0-9]+)+)\s*条", r"\1", clause)
    basis: dict[str, Json] = {"code": code.strip(" 　《》")}
    if clause:
        basis["clause"] = clause
    return basis | {"verified": False}
