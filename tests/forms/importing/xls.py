"""A tiny writer of .xls files (BIFF8 in a compound file), for tests: words, numbers and merged cells on one sheet.

Layout: [MS-XLS] 2.1, [MS-CFB] 2. There is no living library that writes .xls.
"""

from __future__ import annotations

import struct

SECTOR = 512
END, FREE, FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def xls(rows: list[list[str | float | None]], merged: list[tuple[int, int, int, int]], name: str) -> bytes:
    """merged: first row, last row, first column, last column, from 0."""
    cells = b"".join(
        _cell(row, column, value)
        for row, values in enumerate(rows)
        for column, value in enumerate(values)
        if value is not None
    )
    width = max(map(len, rows))
    ranges = struct.pack("<H", len(merged)) + b"".join(struct.pack("<4H", *one) for one in merged)
    sheet = _bof(0x10) + _record(0x200, struct.pack("<IIHHH", 0, len(rows), 0, width, 0)) + cells
    sheet += _record(0xE5, ranges) + _record(0x0A)
    title = struct.pack("<BB", len(name), 1) + name.encode("utf-16-le")
    begin = len(_bof(5)) + 4 + 6 + len(title) + 4
    book = _bof(5) + _record(0x85, struct.pack("<IH", begin, 0) + title) + _record(0x0A)
    return compound("Workbook", book + sheet)


def compound(stream: str, data: bytes) -> bytes:
    """A compound file of one stream, which is padded to be no small one (4,096 bytes)."""
    data = data.ljust(max(4096, -(-len(data) // SECTOR) * SECTOR), b"\0")
    sectors = len(data) // SECTOR
    fat = [FAT, END, *range(3, sectors + 2), END]
    header = struct.pack("<8s16sHHHHH6s10I", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6,
                         b"", 0, 1, 1, 0, 4096, END, 0, END, 0, 0)  # fmt: skip
    header += struct.pack("<108I", *[FREE] * 108)
    table = struct.pack("<128I", *(fat + [FREE] * (128 - len(fat))))
    entries = _entry("Root Entry", 5, 1, END, 0) + _entry(stream, 2, FREE, 2, len(data))
    return header + table + entries.ljust(SECTOR, b"\0") + data


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    return struct.pack(
        "<64sHBBIII16sIQQIQ", text, len(text), kind, 1, FREE, FREE, child, b"", 0, 0, 0, start, size
    )


def _bof(kind: int) -> bytes:
    return _record(0x809, struct.pack("<HHHHII", 0x600, kind, 0x0DBB, 0x07CC, 0, 6))


def _cell(row: int, column: int, value: str | float) -> bytes:
    if isinstance(value, str):
        text = value.encode("utf-16-le")
        return _record(0x204, struct.pack("<HHHHB", row, column, 0, len(value), 1) + text)
    return _record(0x203, struct.pack("<HHHd", row, column, 0, value))


def _record(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(data)) + data
