"""Looking at a file: is it what it says, which way is up, and what must not be shown."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from backend.kernel.problems import Refusal
from backend.uploads import media
from tests.backend.pictures import bomb, lying_photo, pdf, photo


@pytest.mark.parametrize(
    ("data", "media_type", "code"),
    [
        (b"", "image/jpeg", "upload.not_as_declared"),
        (b"<script>alert(1)</script>", "image/jpeg", "upload.not_as_declared"),
        (photo(kind="PNG"), "image/jpeg", "upload.not_as_declared"),
        (photo()[:-5000], "image/jpeg", "upload.not_as_declared"),
        (photo(kind="PNG")[:-5000], "image/png", "upload.not_as_declared"),
        (photo(kind="WEBP")[:-50], "image/webp", "upload.not_as_declared"),
        (photo(), "application/pdf", "upload.not_as_declared"),
        (b"\n" + pdf(), "application/pdf", "upload.not_as_declared"),
        (bomb(), "image/png", "upload.too_many_pixels"),
        (bomb(20_000), "image/png", "upload.too_many_pixels"),
    ],
    ids=[
        "nothing",
        "a page",
        "another format",
        "a cut JPEG",
        "a cut PNG",
        "a cut WebP",
        "no PDF",
        "junk before",
        "a bomb",
        "a big bomb",
    ],
)
def test_what_a_file_only_claims_to_be_is_refused(data: bytes, media_type: str, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        media.look(data, media_type)
    assert caught.value.problem.code == code


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_small_picture_is_made_of_every_kind(kind: str) -> None:
    seen = media.look(photo(kind=kind), f"image/{kind.lower()}")
    assert seen is not None
    assert (seen.width, seen.height) == (600, 400)
    with Image.open(io.BytesIO(seen.thumbnail)) as small:
        assert (small.format, small.size) == ("WEBP", (320, 213))


def test_a_photo_smaller_than_a_thumbnail_is_not_enlarged() -> None:
    seen = media.look(photo(size=(60, 40)), "image/jpeg")
    assert seen is not None
    with Image.open(io.BytesIO(seen.thumbnail)) as small:
        assert small.size == (60, 40)


def test_a_photo_taken_upright_is_shown_upright_and_its_position_is_left_out() -> None:
    data = lying_photo()
    with Image.open(io.BytesIO(data)) as original:
        assert original.size == (400, 200)
        assert original.getexif().get_ifd(0x8825)
    seen = media.look(data, "image/jpeg")
    assert seen is not None
    assert (seen.width, seen.height) == (200, 400)
    with Image.open(io.BytesIO(seen.thumbnail)) as small:
        assert small.size == (160, 320)
        assert not small.getexif()
        red, _, blue = small.convert("RGB").getpixel((80, 40))
        assert red > 200 > 60 > blue


def test_a_screenshot_with_a_palette_and_transparency_has_a_small_picture_too() -> None:
    image = Image.new("P", (400, 400))
    file = io.BytesIO()
    image.save(file, "PNG", transparency=b"\0\x80")
    assert media.look(file.getvalue(), "image/png") is not None
