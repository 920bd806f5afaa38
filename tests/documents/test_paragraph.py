"""Lines of Chinese: where they break, how they are squeezed and justified, how they cross a page."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.documents.fonts import BODY, MissingGlyph
from backend.documents.paragraph import Run, Style, ZhParagraph

WIDTH = 442.2  # of the type area, in points
PLAIN = Style(first=0)
# Written out here and not taken from the code: what no reader wants to see at the edge of a line.
NEVER_FIRST = "，。、；：？！》）”’】〕…—％"
NEVER_LAST = "《（“‘【〔"


def lines(text, width=WIDTH, style=PLAIN):
    return [
        "".join(atom.text for atom in atoms[line.first : line.last])
        for atoms, line in ZhParagraph(text, style).lines(width)
    ]


def extents(text, width=WIDTH, style=PLAIN):
    """What each line really takes: its atoms and gaps, but not the blank halves that hang over its ends."""
    return [
        extent(atoms[line.first : line.last], line) for atoms, line in ZhParagraph(text, style).lines(width)
    ]


def extent(atoms, line):
    hanging = atoms[-1].em / 2 if atoms and atoms[-1].text[-1] in "，。、；：）》〉】〕”’" else 0
    return sum(atom.width for atom in atoms) + sum(line.gaps) - line.lead - hanging


def test_the_first_line_is_indented_by_two_characters():
    full = lines("检" * 100)
    indented = lines("检" * 100, style=Style())
    assert len(full[0]) - len(indented[0]) == 2
    assert len(full[1]) == len(indented[1])


@pytest.mark.parametrize("mark", NEVER_FIRST)
@pytest.mark.parametrize("place", range(30, 40))
def test_closing_punctuation_never_begins_a_line(mark, place):
    found = lines("检" * place + mark + "查" * 40)
    assert not any(line.startswith(mark) for line in found)


@pytest.mark.parametrize("mark", NEVER_LAST)
@pytest.mark.parametrize("place", range(30, 40))
def test_opening_punctuation_never_ends_a_line(mark, place):
    found = lines("检" * place + mark + "查" * 40)
    assert not any(line.endswith(mark) for line in found)


@pytest.mark.parametrize("place", range(30, 40))
@pytest.mark.parametrize("pair", ["……", "——"])
def test_a_dash_or_an_ellipsis_is_never_parted(place, pair):
    found = lines("检" * place + pair + "查" * 40)
    assert sum(pair in line for line in found) == 1


@pytest.mark.parametrize("place", range(28, 40))
@pytest.mark.parametrize("word", ["16423-2020", "30 ppm", "0.25 m/s", "2026年", "第6.6.1.1条", "37010012345"])
def test_words_numbers_and_their_units_stay_whole(place, word):
    found = lines("检" * place + word + "查" * 40)
    assert sum(word in line for line in found) == 1


def test_a_word_longer_than_the_line_is_cut_instead_of_leaving_the_page():
    found = extents("编号" + "A" * 200)
    assert max(found) <= WIDTH + 0.01
    assert "".join(lines("编号" + "A" * 200)) == "编号" + "A" * 200


def test_punctuation_beside_punctuation_takes_half_its_width():
    assert extents("甲》，乙")[0] == pytest.approx(extents("甲乙")[0] + 1.5 * 12)
    assert extents("甲。（乙")[0] == pytest.approx(extents("甲乙")[0] + 1.5 * 12)
    assert extents("甲（“乙")[0] == pytest.approx(extents("甲乙")[0] + 1.5 * 12)


def test_punctuation_at_the_end_of_a_line_takes_half_its_width():
    assert lines("检" * 9 + "，" + "查" * 5, width=9.5 * 12)[0] == "检" * 9 + "，"


def test_a_comma_is_squeezed_in_rather_than_pushing_a_character_to_the_next_line():
    # 10 characters wide: without squeezing 10 + a half would not fit, and 检， would move down together.
    text = "甲，" + "检" * 8 + "，" + "查" * 9
    assert lines(text, width=10.25 * 12)[0] == "甲，" + "检" * 8 + "，"


def test_every_line_but_the_last_reaches_the_right_margin():
    text = (
        "检查人员对《金属非金属矿山安全规程》（GB 16423-2020）规定的“通风、防尘”项目进行了检查，发现3处问题。"
        * 4
    )
    *full, last = extents(text)
    assert full == [pytest.approx(WIDTH)] * len(full)
    assert last < WIDTH


def test_a_rare_name_in_a_filled_blank_keeps_the_least_width_of_the_blank():
    paragraph = ZhParagraph([Run("检查人员"), Run("测试䶮", underline=True, least=5), Run("、")], PLAIN)
    ((_, line),) = paragraph.lines(WIDTH)
    assert line.width == pytest.approx((4 + 5 + 0.5) * 12)


def test_centred_lines_are_of_about_one_length():
    style = Style(size=22, leading=35, align="center", first=0)
    first, second = lines("演示省演示自治州演示自治县应急管理和安全监督局", style=style)
    assert abs(len(first) - len(second)) <= 2


def test_a_line_feed_begins_a_new_line():
    assert lines("甲\n乙") == ["甲", "乙"]


def test_a_paragraph_keeps_two_lines_on_each_side_of_a_page():
    paragraph = ZhParagraph("检" * 36 * 4, PLAIN)  # four lines of 28 pt
    assert len(paragraph.lines(WIDTH)) == 4
    assert paragraph.split(WIDTH, 28 * 1.9) == []
    assert [len(part.lines(WIDTH)) for part in paragraph.split(WIDTH, 28 * 3.5)] == [2, 2]
    three = ZhParagraph("检" * 36 * 3, PLAIN)
    assert three.split(WIDTH, 28 * 2.5) == []
    assert three.least(WIDTH) == 3 * 28


def test_a_character_without_a_glyph_stops_the_paragraph_when_it_is_made():
    with pytest.raises(MissingGlyph, match=r"U\+1F600"):
        ZhParagraph("测试😀")


ALPHABET = st.sampled_from("检查安全矿井通风㛃𬱟，。、；：？！《》（）“”〔〕…—·％0123456789.-+ abcGB/℃㎡")


@settings(max_examples=150, deadline=None)
@given(st.text(ALPHABET, min_size=1, max_size=200), st.floats(60, 500))
def test_whatever_is_written_no_character_is_lost_and_no_line_leaves_the_page(text, width):
    paragraph = ZhParagraph(text, Style())
    found = [atoms[line.first : line.last] for atoms, line in paragraph.lines(width)]
    shown = "".join(atom.text for line in found for atom in line)
    assert shown.replace(" ", "") == text.replace(" ", "")
    for number, (atoms, line) in enumerate(paragraph.lines(width)):
        assert extent(atoms[line.first : line.last], line) <= width - (24 if number == 0 else 0) + 0.01


def test_the_body_font_and_the_latin_font_are_both_used():
    assert {atom.font for atoms, _ in ZhParagraph("氧气20%").lines(WIDTH) for atom in atoms} == {
        BODY.han,
        BODY.other,
    }
