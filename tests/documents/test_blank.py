"""A list on paper, as a person with a thick pen and a phone with a camera find it."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import pytest
import segno

from backend.documents.problems import DocumentError
from backend.documents.templates.checklist_blank import HAND, Blank, Part, Point, render
from tests.documents.reading import drawn, pages, qr_code, whole, words

ADDRESS = "https://anjian.example.cn/field/#/paper/1234abcd5678ef01/0195f0a0-0000-7000-8000-000000000000"
FAN = Point(
    number=1, text="局部通风机是否运转", answer="check", beneath=("标准：不得停风（GB 1 6.6※）",), major=True
)
CO = Point(number=2, text="一氧化碳浓度", answer="number", unit="ppm", beneath=("限值：≤ 24 ppm",))
ROOF = Point(number=3, text="顶板类型", answer="options", options=("稳固", "破碎"))
WIND = Point(number=4, text="风速", answer="number", unit="m/s", judged=True)
ROWS = Part(
    title="各掘进面",
    points=(Point(number=5, text="瓦斯", answer="number"), Point(number=6, text="支护", answer="check")),
    rows=4,
)


def blank(*parts: Part, **changes: object) -> Blank:
    made = Blank(
        title="凿岩工岗位风险管控措施清单",
        version=3,
        short="1234 ABCD 5678 EF01",
        address=ADDRESS,
        facts=(("单位", "演示铁矿（地下）"), ("填表人", "张演示"), ("地点", "420中段")),
        parts=parts or (Part(title="通风", points=(FAN, CO, ROOF, WIND)), ROWS),
        signatures=("填表人", "班组长"),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def test_a_blank_says_what_the_list_says_and_asks_as_the_phone_does() -> None:
    text = whole(render(blank()))
    for said in (
        "凿岩工岗位风险管控措施清单版本3编号1234ABCD5678EF01",
        "单位演示铁矿（地下）",
        "填表人张演示",
        "1.重大局部通风机是否运转标准：不得停风（GB16.6※）合格不合格不涉及备注",
        "2.一氧化碳浓度限值：≤24ppm读数ppm不涉及备注",
        "3.顶板类型稳固破碎不涉及备注",
        "4.风速读数m/s合格不合格不涉及备注",
        "※依据未核：所标条款或规定尚未与原文核对。",
        "填表人（签名）：",
        "班组长（签名）：",
    ):
        assert re.sub(r"\s", "", said) in text.replace("标准:", "标准："), said


def test_a_list_with_everything_verified_explains_no_mark() -> None:
    assert "依据未核" not in whole(render(blank(Part(title="通风", points=(CO,)))))


def test_each_sheet_carries_the_code_that_opens_this_list_at_this_sheet() -> None:
    pdf = render(blank(Part(title="通风", points=tuple(replace(FAN, number=n) for n in range(1, 13)))))
    texts = pages(pdf)
    assert len(texts) == 2
    for number, text in enumerate(texts, 1):
        assert f"第{number}页共2页" in text
        code = segno.make(f"{ADDRESS}?sheet={number}", error="m", micro=False, boost_error=False)
        modules = [[bool(cell) for cell in line] for line in code.matrix]
        assert qr_code(pdf, number - 1) == modules


def test_boxes_take_a_thick_pen_and_rules_stand_a_hand_apart() -> None:
    [shapes] = drawn(
        render(blank(Part(title="通风", points=(Point(number=1, text="经过", answer="text"), FAN))))
    )
    boxes = [of for op, of, at in shapes if op == b"re" and at[1] > 40 and of[2] == of[3]]
    assert [round(of[2] / 72 * 25.4, 1) for of in boxes] == [4.6, 4.6, 4.6]
    rules = [at[1] + of[1] for op, of, at in shapes if op == b"l" and at[1] > 40]
    assert any(round(above - below, 1) == round(HAND, 1) >= 25.5 for above, below in pairwise(rules))


def test_a_repeated_section_is_a_table_with_a_blank_line_for_each() -> None:
    text = whole(render(blank(ROWS)))
    assert "表内：√合格×不合格／不涉及行5.瓦斯6.支护备注1234" in text


def test_an_item_is_never_torn_from_where_its_answer_is_written() -> None:
    long = "，".join(["掘进工作面局部通风机是否连续运转并实现双电源自动切换"] * 6)
    points = tuple(Point(number=n, text=long, answer="check") for n in range(1, 15))
    for text in pages(render(blank(Part(title="通风", points=points)))):
        assert text.count("合格不合格不涉及备注") == len(re.findall(r"(?<!\d)\d{1,2}\.掘进", text))


def test_a_long_choice_stays_on_the_paper() -> None:
    option = "先开局部通风机并确认风筒不漏风，" * 8
    pdf = render(blank(Part(title="题", points=(replace(ROOF, options=(option, "都不是"), exam=True),))))
    assert option.strip("，") in whole(pdf)
    assert max(x for page in words(pdf) for _, x, _, _ in page) < 560
    assert "备注" not in whole(pdf)


def test_a_character_that_no_font_has_is_named_instead_of_printed_as_a_box() -> None:
    with pytest.raises(DocumentError) as refused:
        render(blank(title="清单\U0001f600"))
    assert [problem.code for problem in refused.value.problems] == ["glyph.missing"]


def test_the_same_list_makes_the_same_paper() -> None:
    assert render(blank()) == render(blank())
