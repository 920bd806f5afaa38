"""The finished papers, read as their readers will: what they say, that they can be trusted, and that they refuse."""

import hashlib
from itertools import pairwise
from pathlib import Path

import pytest

from backend.documents.layout import HEIGHT, WIDTH
from backend.documents.problems import DocumentError
from backend.documents.render import check, render
from tests.documents.papers import UNVERIFIED, finding, ink, jpeg, order, record, refusal, signature
from tests.documents.reading import curve_ends, pages, whole, words

ROOT = Path(__file__).parent.parent.parent


def order_text(**changes):
    return whole(render("rectify_order", order(**changes), assets={}).pdf)


def record_text(**changes):
    return whole(render("inspection_record", record(**changes), assets={}).pdf)


def codes(kind, data, *, blocking):
    return [problem.code for problem in check(kind, data, assets={}) if problem.blocking == blocking]


# --- what the papers say ------------------------------------------------------------------------------------------


def test_the_order_reads_as_officers_know_it():
    text = order_text()
    for said in (
        "演示县应急管理局责令限期整改指令书（演示）应急责改〔2026〕12号演示矿业有限公司一号井：经查，你单位存在下列问题：",
        "1.北采区-120m中段3号采场局部通风机未开启，作业面一氧化碳浓度为30ppm，超过24ppm的限值。",
        "（依据：《金属非金属矿山安全规程》GB16423-2020第6.6.1.1条）",
        "2.重大现状图超过三个月未更新，且未经主要负责人签字。",
        "上述第2项为重大事故隐患。",
        "现责令你单位对上述第1至5项问题于2026年3月9日前整改完毕，达到有关法律、法规、规章和标准规定的要求。",
        "可以依法在60日内向演示县人民政府申请行政复议，或者在6个月内依法向演示县人民法院提起行政诉讼",
        "执法人员（签名）：测试乙执法证号：370100123452026年3月2日",
        "执法人员（签名）：测试丙执法证号：370100123462026年3月2日",
        "被检查单位现场负责人（签名）：测试丁安全科长2026年3月2日",
        "本文书一式两份：一份由应急管理部门备案，一份交被检查单位。",
    ):
        assert said in text


def test_the_record_reads_as_officers_know_it():
    text = record_text()
    for said in (
        "演示县应急管理局现场检查记录（演示）应急检记〔2026〕12号",
        "被检查单位：演示矿业有限公司一号井地址：演示省演示市演示县演示镇演示村东2公里",
        "法定代表人（负责人）：测试甲职务：矿长联系电话：0530-0000000",
        "检查时间：2026年3月2日9时05分至11时40分",
        "我们是演示县应急管理局行政执法人员测试乙、测试丙，执法证号为37010012345、37010012346，这是我们的证件（出示证件）。",
        "检查情况：检查组直接到达现场",
        "经检查，发现下列问题：1.北采区",
        "检查人员（签名）：测试乙执法证号：37010012345",
        "被检查单位现场负责人（签名）：测试丁",
    ):
        assert said in text


def test_a_record_without_findings_says_that_none_were_found():
    assert "经检查，未发现安全生产违法行为和事故隐患。" in record_text(findings=[])


def test_items_are_ordered_by_their_days():
    findings = [
        finding(number, deadline="2026-03-09" if number % 2 else "2026-03-05") for number in (0, 1, 2, 3)
    ]
    assert "第1、3项问题于2026年3月5日前整改完毕，第2、4项问题于2026年3月9日前整改完毕" in order_text(
        findings=findings
    )


def test_remedies_are_those_of_the_data_and_no_constants():
    remedies = {
        **order()["remedies"],
        "reconsideration_body": "演示市人民政府",
        "reconsideration_days": 61,
        "court": "演示铁路运输法院",
        "suit_months": 7,
    }
    text = order_text(remedies=remedies)
    assert "61日内向演示市人民政府申请行政复议，或者在7个月内依法向演示铁路运输法院" in text
    assert "60日" not in text


def test_a_refusal_is_printed_with_its_reason_and_witness():
    text = record_text(site_representative=refusal("认为第2项问题与事实不符"))
    assert (
        "现场负责人（签名）：拒绝签名测试戊值班副矿长2026年3月2日拒签理由：认为第2项问题与事实不符。" in text
    )
    assert "见证人（签名）：测试己" in text


def test_a_recorder_signs_too_when_there_is_one():
    assert "记录人（签名）：测试庚" in record_text(recorder={"name": "测试庚", "signature": signature(4)})


def test_an_unverified_basis_is_marked_in_the_text_explained_below_and_reported():
    data = order(findings=[finding(0, deadline="2026-03-09", bases=[UNVERIFIED])])
    text = whole(render("rectify_order", data, assets={}).pdf)
    assert "（依据：矿安〔2022〕88号一（四）※）" in text
    assert "※依据未核：" in text
    assert [(p.path, p.code) for p in render("rectify_order", data, assets={}).problems] == [
        ("/findings/0/bases/0", "basis.unverified")
    ]
    assert "※" not in order_text()


def test_unverified_remedies_are_marked_and_reported():
    data = order(remedies={**order()["remedies"], "verified": False})
    assert "法律另有规定的除外。※" in whole(render("rectify_order", data, assets={}).pdf)
    assert codes("rectify_order", data, blocking=False) == ["remedies.unverified"]


@pytest.mark.parametrize("name", ["测试㛃", "测试𬱟", "测试䶮", "𠅤家沟测试矿", "买买提·测试"])
def test_rare_names_can_be_read_and_searched(name):
    officers = [{**officer, "name": name} for officer in order()["officers"]]
    text = record_text(officers=officers, site_representative={**refusal(), "name": name})
    assert text.count(name) == 5


@pytest.mark.parametrize("count", [1, 13, 30])
def test_every_finding_is_printed_and_every_page_counted(count):
    paper = render("rectify_order", order(count), assets={})
    found = pages(paper.pdf)
    assert len(found) == paper.pages
    for number, text in enumerate(found, 1):
        assert f"第{number}页共{paper.pages}页" in text
        assert "（演示）应急责改〔2026〕12号" in text
    text = "".join(found)
    assert [number for number in range(1, count + 1) if f"{number}." not in text] == []


@pytest.mark.parametrize("count", range(1, 14))
def test_the_page_with_the_place_of_the_seal_has_text_of_the_order(count):
    last = pages(render("rectify_order", order(count), assets={}).pdf)[-1]
    assert "演示县应急管理局2026年3月2日" in last
    assert "法律另有规定的除外。" in last


def test_the_date_stands_centred_under_the_office_where_the_seal_goes():
    last = words(render("rectify_order", order(), assets={}).pdf)[-1]
    ((office, baseline),) = [(x, y) for text, x, y, _ in last if text == "演示县应急管理局"]
    under = [(text, x, y, size) for text, x, y, size in last if baseline - 30 < y < baseline - 20]
    assert [text for text, *_ in under] == ["2026", "年", "3", "月", "2", "日"]
    width = under[-1][1] + 12 - under[0][1]
    assert office + 8 * 12 / 2 == pytest.approx(under[0][1] + width / 2, abs=0.5)
    assert office > 210 / 25.4 * 72 / 2  # in the right half
    assert (
        baseline - 20 - 35 / 25.4 * 72 > 21 / 25.4 * 72
    )  # half a seal of 42 mm stays above the foot of the page


def test_a_long_name_of_mine_and_bureau_is_printed_in_full():
    name = "演示省演示市演示县演示矿业集团演示岩金属非金属地下矿山开采有限责任公司第二分公司北山坑口"
    bureau = {"name": "演示省演示自治州演示自治县应急管理和矿山安全监督管理局", "abbr": "演示"}
    text = record_text(mine={**record()["mine"], "name": name}, bureau=bureau)
    assert f"被检查单位：{name}地址：" in text
    assert text.startswith(bureau["name"])


def test_the_measures_of_the_form_are_kept():
    mm = 72 / 25.4
    first, *_ = words(render("rectify_order", order(13), assets={}).pdf)
    sizes = {text: size for text, _, _, size in reversed(first)}
    heights = {text: y for text, _, y, _ in reversed(first)}
    office, title, opening = "演示县应急管理局", "责令限期整改指令书", "经查，你单位存在下列问题："
    assert (sizes[office], sizes[title], sizes["（演示）应急责改〔"], sizes[opening]) == (22, 22, 14, 12)
    assert heights[office] - heights[title] == pytest.approx(35, abs=0.1)
    assert heights["演示矿业有限公司一号井："] - heights[opening] == pytest.approx(28, abs=0.1)
    top, bottom = 297 * mm - 37 * mm, 35 * mm
    assert top - 35 < heights[office] < top - 17  # its line is 35 pt high
    body = [(x, y) for _, x, y, size in first if y > bottom]
    assert min(x for x, _ in body) == pytest.approx(
        28 * mm, abs=7
    )  # a bracket's blank half hangs over the edge
    assert [x for text, x, _, _ in first if text == opening] == pytest.approx([28 * mm + 24], abs=0.1)
    assert pytest.approx((156 * mm, 225 * mm)) == (WIDTH, HEIGHT)
    assert not [y for _, _, y, _ in first if bottom - 10 < y < bottom]


# --- draft, void --------------------------------------------------------------------------------------------------


def test_a_draft_is_marked_on_every_page_and_has_neither_number_nor_code():
    unsigned = [{**officer, "signature": None} for officer in order()["officers"]]
    paper = render("rectify_order", order(state="draft", number=None, officers=unsigned), assets={})
    assert all("未签发草稿" in page for page in pages(paper.pdf))
    text = whole(paper.pdf)
    assert "（演示）应急责改〔〕号" in text
    assert "校验码" not in text
    assert {problem.code for problem in paper.problems} == {"number.missing", "signature.missing"}


def test_a_void_copy_is_marked_and_still_names_the_document_that_it_is_a_copy_of():
    issued = render("rectify_order", order(), assets={})
    void = render("rectify_order", order(state="void"), assets={})
    assert all("作废" in page for page in pages(void.pdf))
    assert "作废" not in whole(issued.pdf)
    assert void.short == issued.short
    assert void.sha256 != issued.sha256


# --- signatures and photos ----------------------------------------------------------------------------------------


def test_each_signature_is_drawn_as_curves_over_its_own_rule():
    paper = render("rectify_order", order(), assets={})
    steps = sum(len(stroke) - 1 for stroke in ink()["strokes"])
    curves = curve_ends(paper.pdf)[-1]
    assert len(curves) == 3 * steps
    signed = [curves[at : at + steps] for at in range(0, len(curves), steps)]
    labels = [y for text, _, y, _ in words(paper.pdf)[-1] if "（签名" in text]
    for one, baseline in zip(signed, labels, strict=True):
        assert baseline - 3 < min(y for _, y in one) < baseline + 20
        wide, tall = (max(at[axis] for at in one) - min(at[axis] for at in one) for axis in (0, 1))
        assert 60 < wide < 110  # points: as long as a name is written by hand
        assert 10 < tall < 36
    assert all(max(y for _, y in below) < min(y for _, y in above) for above, below in pairwise(signed))


def test_an_empty_canvas_is_no_signature():
    empty = {"ink": {"viewbox": [340, 180], "strokes": [[]]}, "on": "2026-03-02"}
    representative = {"name": "测试丁", "signature": empty}
    assert codes("rectify_order", order(site_representative=representative), blocking=True) == [
        "signature.missing"
    ]


def with_photos(*photos):
    shown = [{"sha256": hashlib.sha256(photo).hexdigest(), "caption": "演示巷道"} for photo in photos]
    return record(findings=[finding(0), finding(2, photos=shown)])


def test_photos_follow_on_pages_of_their_own_as_they_were_taken():
    photos = [jpeg(colour=(number, 90, 60)) for number in (10, 120, 240)]
    assets = {hashlib.sha256(photo).hexdigest(): photo for photo in photos}
    paper = render("inspection_record", with_photos(*photos), assets=assets)
    *before, last = pages(paper.pdf)
    assert "附：现场照片" in last
    assert "照片1（第2项）演示巷道照片2（第2项）演示巷道照片3（第2项）演示巷道" in last
    assert "（见照片1至3）" in "".join(before)
    assert all(photo in paper.pdf for photo in photos)


def test_a_photo_that_is_missing_or_another_one_stops_the_document():
    photo = jpeg()
    digest = hashlib.sha256(photo).hexdigest()
    data = with_photos(photo)
    for assets, code in (
        ({}, "photo.missing"),
        ({digest: jpeg(colour=(0, 0, 0))}, "photo.wrong"),
    ):
        with pytest.raises(DocumentError) as refused:
            render("inspection_record", data, assets=assets)
        assert [(p.path, p.code) for p in refused.value.problems] == [("/findings/1/photos/0/sha256", code)]


@pytest.mark.parametrize("content", [b"not a picture", b"\xff\xd8\xff", b"\xff\xd8" + b"\0" * 64])
def test_a_file_that_is_no_jpeg_stops_the_document(content):
    assets = {hashlib.sha256(content).hexdigest(): content}
    with pytest.raises(DocumentError) as refused:
        render("inspection_record", with_photos(content), assets=assets)
    assert [problem.code for problem in refused.value.problems] == ["photo.wrong"]


# --- refusals -----------------------------------------------------------------------------------------------------

ONE_OFFICER = [order()["officers"][0]]
EXPIRED = [{**ONE_OFFICER[0], "valid_until": "2026-03-01"}, order()["officers"][1]]
UNSIGNED = [{**ONE_OFFICER[0], "signature": None}, order()["officers"][1]]
NO_WITNESS = {**refusal(), "refusal": {**refusal()["refusal"], "witness": {"name": "测试己"}}}
LATE = {**order()["remedies"], "in_force_from": "2026-03-03"}


@pytest.mark.parametrize(
    ("changes", "path", "code"),
    [
        ({"number": None}, "/number", "number.missing"),
        ({"officers": ONE_OFFICER}, "/officers", "officers.two"),
        ({"officers": ONE_OFFICER * 2}, "/officers", "officers.two"),
        ({"officers": EXPIRED}, "/officers/0/valid_until", "officers.expired"),
        ({"officers": UNSIGNED}, "/officers/0/signature", "signature.missing"),
        ({"site_representative": {"name": "测试丁"}}, "/site_representative/signature", "signature.missing"),
        (
            {"site_representative": NO_WITNESS},
            "/site_representative/refusal/witness/signature",
            "signature.missing",
        ),
        ({"findings": [finding(0, deadline="2026-03-01")]}, "/findings/0/deadline", "deadline.past"),
        ({"remedies": LATE}, "/remedies/in_force_from", "remedies.not_yet"),
    ],
)
def test_what_an_issued_order_must_have_stops_it_and_only_warns_in_a_draft(changes, path, code):
    with pytest.raises(DocumentError) as refused:
        render("rectify_order", order(**changes), assets={})
    assert [(p.path, p.code) for p in refused.value.problems] == [(path, code)]
    draft = render("rectify_order", order(state="draft", **changes), assets={})
    assert [(p.path, p.code) for p in draft.problems] == [(path, code)]


def test_nobody_both_signs_and_refuses():
    both = {**refusal(), "signature": signature()}
    assert codes("rectify_order", order(state="draft", site_representative=both), blocking=True) == [
        "representative.both"
    ]


def test_a_record_of_officers_who_showed_no_certificate_is_not_issued():
    assert codes("inspection_record", record(credentials_shown=False), blocking=True) == [
        "credentials.not_shown"
    ]


def test_an_inspection_does_not_end_before_it_begins():
    data = record(end="2026-03-02T09:04+08:00")
    assert codes("inspection_record", data, blocking=True) == ["period.backwards"]


def test_a_finding_without_a_basis_is_pointed_out_and_does_not_stop_the_officer():
    data = order(findings=[finding(0, deadline="2026-03-09", bases=[])])
    assert codes("rectify_order", data, blocking=False) == ["basis.missing"]
    assert render("rectify_order", data, assets={}).pages == 2


def test_a_character_that_cannot_be_printed_is_named_with_its_place():
    data = order()
    data["mine"]["name"] = "演示矿业😀"
    data["findings"][1]["text"] = "现状图\u202e未更新"
    with pytest.raises(DocumentError) as refused:
        render("rectify_order", data, assets={})
    assert [(p.path, p.zh) for p in refused.value.problems] == [
        ("/mine/name", "字库中没有“😀”（U+1F600），请删去或改用其他字。"),
        ("/findings/1/text", "字库中没有看不见的字符U+202E，请删去或改用其他字。"),
    ]


def test_half_of_a_surrogate_pair_is_refused_like_any_character_that_cannot_be_printed():
    assert codes("rectify_order", order(number="号\ud842"), blocking=True) == ["glyph.missing"]


def test_an_unknown_kind_is_refused_by_name():
    with pytest.raises(DocumentError, match="rectify_order"):
        render("fine", order(), assets={})
