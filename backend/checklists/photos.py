"""What a picture looks like in 64 bits: for each of 8 x 8 places, whether it grows lighter to the right.

The difference hash stays nearly the same when a picture is made smaller, lighter or is saved anew, and differs in about
half its bits between pictures of different things. It finds; it proves nothing: a person looks at both.
"""

from __future__ import annotations

import io

from PIL import Image

SIDE = 8


def fingerprint(data: bytes) -> str:
    """16 hex digits of a picture that was looked at before (its small picture will do)."""
    with Image.open(io.BytesIO(data)) as image:
        grey = image.convert("L").resize((SIDE + 1, SIDE), Image.Resampling.LANCZOS).tobytes()
    bits = 0
    for row in range(SIDE):
        for column in range(SIDE):
            at = row * (SIDE + 1) + column
            bits = bits << 1 | (grey[at] < grey[at + 1])
    return f"{bits:016x}"


def distance(one: str, other: str) -> int:
    """In how many of the 64 bits two pictures differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()
