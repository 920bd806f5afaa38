"""Pictures and signatures for the demo, drawn by the program: nobody's face, nobody's hand."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any
from uuid import UUID

from PIL import Image, ImageDraw

COUNT = 12
TURNS = (
    Image.Transpose.FLIP_LEFT_RIGHT,
    Image.Transpose.FLIP_TOP_BOTTOM,
    Image.Transpose.ROTATE_180,
    Image.Transpose.TRANSPOSE,
)


def draw() -> Iterator[bytes]:
    """A dozen JPEGs that look like rock in lamplight, each marked as drawn."""
    for number in range(COUNT):
        random = Random(number)  # noqa: S311
        image = Image.new("RGB", (960, 720), (34, 32, 30))
        pen = ImageDraw.Draw(image)
        for _ in range(420):
            x, y, size = random.randrange(960), random.randrange(720), random.randrange(10, 70)
            light = max(0, 210 - int(math.hypot(x - 480, y - 330) / 2.6)) + random.randrange(25)
            shade = (light, int(light * 0.92), int(light * 0.8))
            corners = [
                (x + size * math.cos(turn + random.random()), y + size * math.sin(turn + random.random()))
                for turn in (0, 1.3, 2.6, 3.9, 5.2)
            ]
            pen.polygon(corners, fill=shade)
        pen.rectangle((24, 660, 330, 700), fill=(0, 0, 0))
        pen.text((36, 670), f"DEMO DRAWING {number + 1:02d}", fill=(255, 210, 0))
        out = io.BytesIO()
        image.save(out, "JPEG", quality=78)
        yield out.getvalue()


def scenes(drawn: Sequence[bytes], count: int) -> Iterator[bytes]:
    """Parts of the drawings, each another one: a list of the demo shows its own photo, as lists do."""
    random = Random(count)  # noqa: S311
    whole = [Image.open(io.BytesIO(one)).convert("RGB") for one in drawn]
    for number in range(count):
        width = random.randrange(90, 220)  # larger parts are all alike: light in the middle, dark around
        left, top = random.randrange(960 - width), random.randrange(640 - width * 3 // 4)
        part = whole[number % len(whole)].crop((left, top, left + width, top + width * 3 // 4))
        part = part.transpose(random.choice(TURNS)).resize((400, 300))
        out = io.BytesIO()
        part.save(out, "JPEG", quality=70)
        yield out.getvalue()


def ink(person: UUID) -> dict[str, Any]:
    """Strokes as the signature pad makes them: a hand of loops, the same for the same person."""
    random = Random(person.int)  # noqa: S311
    strokes = []
    for part in range(3):
        left, middle = 200 + part * 560, 400 + random.randrange(-60, 60)
        turns, tall = random.uniform(1.5, 3.0), random.randrange(160, 300)
        points = []
        for step in range(36):
            along = step / 35
            x = left + along * 460 + 70 * math.sin(along * turns * 6.28)
            y = middle + tall * math.cos(along * turns * 6.28 + part) * (1 - along * 0.4)
            points.append([int(x), int(y), part * 500 + step * 11])
        strokes.append(points)
    return {"viewbox": [2000, 800], "strokes": strokes}
