"""Sealed segments as a text that any file, USB stick or share sheet carries (docs/adr/0004, "Bundles")."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from sync.canonical import sha256
from sync.ids import is_uuid7
from sync.problems import malformed

_FIRST_LINE = "KUANGJIAN-BUNDLE/1"
_LINE = re.compile(r"(\S{36}) ([1-9][0-9]{0,15}) ([1-9][0-9]{0,15}) ([A-Za-z0-9_-]+)\Z")


class Segment(NamedTuple):
    """A sealed run of mutations: first and last are its sequence numbers."""

    device: str
    first: int
    last: int
    box: str


def write(segments: Sequence[Segment]) -> str:
    """The text of a bundle."""
    lines = [_FIRST_LINE, *(f"{s.device} {s.first} {s.last} {s.box}" for s in segments)]
    text = "\n".join(lines) + "\n"
    return f"{text}END {len(segments)} {sha256(text.encode()).hex()}\n"


def read(text: str) -> list[Segment]:
    """The segments of a bundle; raises Malformed when a line is wrong or the text was cut or changed.

    Line ends may have become CR LF on the way, and blank lines at the end are let pass.
    """
    lines = text.replace("\r\n", "\n").strip("\n").split("\n")
    if lines[0] != _FIRST_LINE:
        raise malformed("bundle", "first line")
    body = "\n".join(lines[:-1]) + "\n"
    if lines[-1] != f"END {len(lines) - 2} {sha256(body.encode()).hex()}":
        raise malformed("bundle", "incomplete or changed")
    return [_segment(number, line) for number, line in enumerate(lines[1:-1], start=2)]


def _segment(number: int, line: str) -> Segment:
    match = _LINE.match(line)
    if match is None or not is_uuid7(match[1]) or int(match[2]) > int(match[3]):
        raise malformed("bundle", f"line {number}")
    return Segment(match[1], int(match[2]), int(match[3]), match[4])
