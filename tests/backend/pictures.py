"""Files as phones and scanners make them, and files that only claim to be such."""

from __future__ import annotations

import io
import random

from PIL import ExifTags, Image


def photo(seed: int = 1, size: tuple[int, int] = (600, 400), kind: str = "JPEG") -> bytes:
    """A picture of noise: about 145 KB at the usual size, so it takes more than one part."""
    width, height = size
    image = Image.frombytes("RGB", size, random.Random(seed).randbytes(width * height * 3))
    return _encoded(image, kind)


def lying_photo() -> bytes:
    """Taken with the phone upright and stored lying, as cameras do: red on top when seen rightly. With a position."""
    image = Image.new("RGB", (400, 200), "blue")
    image.paste("red", (0, 0, 200, 200))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] = "N"
    return _encoded(image, "JPEG", exif=exif)


def bomb(edge: int = 8000) -> bytes:
    """64 million pixels in a few kilobytes."""
    return _encoded(Image.new("1", (edge, edge)), "PNG")


def pdf(size: int = 1000) -> bytes:
    return b"%PDF-1.7\n".ljust(size, b" ")


def _encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()
