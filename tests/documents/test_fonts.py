"""The committed fonts are those that were made, and they have the characters that names need."""

import hashlib

import pytest

from backend.documents import fonts

SUMS = dict(reversed(line.split()) for line in (fonts.FOLDER / "SHA256SUMS").read_text().splitlines())


def test_every_committed_font_has_the_hash_that_was_written_down():
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in fonts.FOLDER.glob("*.ttf")}
    assert files == SUMS
    assert len(files) == 3


def test_no_font_is_too_large_to_be_fetched_by_a_phone_once():
    assert all(path.stat().st_size < 6_500_000 for path in fonts.FOLDER.glob("*.ttf"))


def test_each_font_lies_beside_its_licence():
    assert "GNU GENERAL PUBLIC LICENSE" in (fonts.FOLDER / "LICENSE-FandolFang.txt").read_text()
    assert (
        "As a special exception, if you create a document"
        in (fonts.FOLDER / "LICENSE-FandolFang.txt").read_text()
    )
    assert "SIL OPEN FONT LICENSE Version 1.1" in (fonts.FOLDER / "LICENSE-NotoSerifSC.txt").read_text()


def test_every_character_of_gb2312_is_in_every_font():
    cells = [bytes((row, cell)) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF)]
    level1_and_2 = {cell.decode("gb2312", "ignore") for cell in cells} - {""}
    assert len(level1_and_2) == 6763
    for face in (fonts.BODY, fonts.SERIF, fonts.BOLD):
        assert level1_and_2 <= fonts._characters(face.han)


@pytest.mark.parametrize("name", ["测试㛃", "测试𬱟", "测试䶮", "𠅤家沟", "测试堃", "测试喆"])
def test_a_rare_name_is_set_in_one_font_as_a_whole(name):
    pieces = fonts.BODY.pieces(name)
    assert [text for _, text in pieces] == [name]


def test_only_the_stretch_with_the_rare_character_changes_its_font():
    assert fonts.BODY.pieces("当班矿长测试㛃，安全员测试甲") == [
        ("NotoSerifSC-Regular", "当班矿长测试㛃"),
        ("FandolFang", "，安全员测试甲"),
    ]


def test_latin_and_digits_are_never_set_in_the_chinese_font():
    assert fonts.BODY.pieces("氧气19.5%以上") == [
        ("FandolFang", "氧气"),
        ("NotoSerifSC-Regular", "19.5%"),
        ("FandolFang", "以上"),
    ]


def test_a_character_that_no_font_has_is_named_and_never_drawn_as_a_box():
    with pytest.raises(fonts.MissingGlyph, match=r"U\+1F600"):
        fonts.BODY.pieces("测试😀")
    assert fonts.missing("测试😀甲\u202e😀") == ["😀", "\u202e"]
