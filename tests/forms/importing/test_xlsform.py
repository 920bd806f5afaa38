"""XLSForm: every feature is carried, doubted or refused at its cell. The forms are made up for these tests."""

from __future__ import annotations

from typing import Any

import pytest

from forms.importing import Reading, read
from tests.forms.importing.pages import Page, Row, workbook

HEAD = ["type", "name", "label"]
CHOICES = [
    ["list_name", "name", "label"],
    ["ok", "pass", "合格"],
    ["ok", "fail", "不合格"],
    ["ok", "na", "不涉及"],
    ["gas", "co", "一氧化碳"],
    ["gas", "no2", "二氧化氮"],
]


def form(*survey: Row, choices: list[Row] | None = None, settings: list[Row] | None = None) -> Reading:
    pages = [Page([*survey], "survey"), Page(choices or CHOICES, "choices")]
    if settings:
        pages.append(Page(settings, "settings"))
    return read(workbook(tuple(pages)), "form.xlsx")


def items(reading: Reading) -> dict[str, dict[str, Any]]:
    assert reading.refusals == (), [refusal.what("en") for refusal in reading.refusals]
    [one] = reading.lists
    assert one.definition is not None
    return {item["id"]: item for section in one.data["sections"] for item in section["items"]}


def doubts(reading: Reading) -> dict[str, str]:
    return {doubt.code: str(doubt.spot) for doubt in reading.all_doubts()}


def refusals(reading: Reading) -> dict[str, str]:
    return {refusal.code: str(refusal.spot) for refusal in reading.refusals}


CARRIED = {
    "text": {"type": "text"},
    "integer": {"type": "number", "decimals": 0},
    "decimal": {"type": "number"},
    "range": {"type": "number", "range": {"min": 1, "max": 10}, "decimals": 0},
    "select_one ok": {"type": "check"},
    "select_one gas": {"type": "choice"},
    "select_multiple gas": {"type": "choices"},
    "date": {"type": "date"},
    "time": {"type": "time"},
    "dateTime": {"type": "datetime"},
    "image": {"type": "photo"},
    "note": {"type": "note"},
    "geopoint": {"type": "place"},
    "barcode": {"type": "text"},
    "acknowledge": {"type": "choice"},
}


@pytest.mark.parametrize("kind", CARRIED)
def test_a_question_of_each_type_is_carried(kind: str) -> None:
    item = items(form(HEAD, [kind, "q", "问题"]))["q"]
    answer = {name: value for name, value in item["answer"].items() if name != "options"}
    assert answer == CARRIED[kind]
    assert item["text"] == {"zh": "问题"}


REFUSED = {
    "rank gas": "xls_rank",
    "audio": "xls_media_answer",
    "video": "xls_media_answer",
    "file": "xls_media_answer",
    "background-audio": "xls_media_answer",
    "geotrace": "xls_map_answer",
    "geoshape": "xls_map_answer",
    "hidden": "xls_hidden",
    "select_one_from_file places.csv": "xls_external",
    "csv-external": "xls_external",
    "telepathy": "xls_type_unknown",
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_question_that_the_phone_cannot_ask_is_refused_at_its_type(kind: str) -> None:
    reading = form(HEAD, ["text", "a", "甲"], [kind, "q", "问题"])
    assert refusals(reading) == {REFUSED[kind]: "survey!A3"}


@pytest.mark.parametrize("kind", ["start", "end", "today", "username", "deviceid", "audit", "start-geopoint"])
def test_what_the_system_records_by_itself_is_told_and_not_asked(kind: str) -> None:
    reading = form(HEAD, ["text", "a", "甲"], [kind, "" if kind == "audit" else "m", ""])
    assert list(items(reading)) == ["a"]
    assert doubts(reading)["xls_meta"] == "survey!A3"


def test_the_options_and_the_languages_are_carried() -> None:
    head = [
        "type",
        "name",
        "label::中文 (zh)",
        "label::English (en)",
        "hint::中文 (zh)",
        "guidance_hint::中文 (zh)",
    ]
    choices = [
        ["list_name", "name", "label::中文 (zh)", "label::English (en)"],
        ["g", "co", "一氧化碳", "CO"],
    ]
    item = items(form(head, ["select_one g", "q", "气体", "Gas", "仪器检测", "读三次"], choices=choices))["q"]
    assert item["text"] == {"zh": "气体", "en": "Gas"}
    assert item["answer"]["options"] == [{"id": "co", "text": {"zh": "一氧化碳", "en": "CO"}}]
    assert (item["standard"], item["method"]) == ({"zh": "仪器检测"}, {"zh": "读三次"})


def test_english_alone_stands_with_a_doubt_because_the_chinese_counts() -> None:
    reading = form(HEAD, ["text", "q", "Where is the fan?"])
    assert items(reading)["q"]["text"] == {"zh": "Where is the fan?"}
    assert doubts(reading)["xls_not_chinese"] == "survey!C2"


def test_conditions_constraints_and_calculations_are_carried_as_expressions() -> None:
    reading = form(
        [*HEAD, "relevant", "constraint", "constraint_message", "required", "calculation"],
        ["decimal", "o2", "氧气", None, ". >= 0 and . <= 25", "仪器量程 0～25%", "yes", None],
        ["select_multiple gas", "found", "检出", "${o2} < 20", None, None, None, None],
        ["calculate", "missing", "差额", None, None, None, None, "20 - ${o2}"],
        ["text", "why", "原因", "selected(${found}, 'co') and ${missing} > 1", None, None, None, None],
    )
    found = items(reading)
    assert found["o2"]["constraint"] == {"when": ". >= 0 and . <= 25", "message": {"zh": "仪器量程 0～25%"}}
    assert "required" not in found["o2"]
    assert found["found"]["relevant"] == "${o2} < 20"
    assert found["found"]["required"] is False
    assert found["missing"]["answer"] == {"type": "calculated", "formula": "20 - ${o2}"}
    assert found["why"]["relevant"] == "selected(${found}, 'co') and ${missing} > 1"


@pytest.mark.parametrize(
    ("column", "written", "words"),
    [
        ("relevant", "${nobody} = 'x'", "nobody"),
        ("relevant", "${o2} >", "ends too early"),
        ("constraint", ". = pulldata('a', 'b', 'c', 'd')", "pulldata"),
        ("calculation", "${o2} + '", "'"),
    ],
)
def test_an_error_in_an_expression_is_told_at_its_cell(column: str, written: str, words: str) -> None:
    kind = "calculate" if column == "calculation" else "text"
    reading = form([*HEAD, column], ["decimal", "o2", "氧气", None], [kind, "q", "问题", written])
    [refusal] = reading.refusals
    assert str(refusal.spot) == "survey!D3"
    assert words in refusal.what("en")


def test_groups_become_sections_and_their_conditions_hold_for_them() -> None:
    reading = form(
        [*HEAD, "relevant"],
        ["text", "place", "地点", None],
        ["begin group", "fan", "通风", "${place} != ''"],
        ["begin group", "local", "局部通风", "string-length(${place}) > 1"],
        ["select_one ok", "running", "运转", None],
        ["end group", None, None, None],
        ["end group", None, None, None],
    )
    items(reading)
    sections = reading.lists[0].data["sections"]
    assert [(section["id"], section["title"]) for section in sections][1:] == [
        ("local", {"zh": "通风 · 局部通风"})
    ]
    assert sections[1]["relevant"] == "(${place} != '') and (string-length(${place}) > 1)"


def test_a_repeat_becomes_a_repeated_section_and_totals_reach_into_it() -> None:
    reading = form(
        [*HEAD, "relevant", "repeat_count", "calculation"],
        ["begin repeat", "face", "工作面", None, "3", None],
        ["decimal", "co", "一氧化碳", None, None, None],
        ["begin group", "more", "详情", "${co} > 24", None, None],
        ["text", "why", "原因", "${co} < 100", None, None],
        ["end group", None, None, None, None, None],
        ["end repeat", None, None, None, None, None],
        ["calculate", "most", "最高", None, None, "max(${co})"],
        ["calculate", "rows", "个数", None, None, "count(${face})"],
    )
    found = items(reading)
    [section, _] = reading.lists[0].data["sections"]
    assert section["repeat"] == {"label": {"zh": "工作面"}, "min": 3, "max": 3}
    assert found["why"]["relevant"] == "(${co} > 24) and (${co} < 100)"
    assert found["most"]["answer"]["formula"] == "max(${co})"
    assert doubts(reading)["xls_group_in_repeat"] == "survey!A4"


def test_or_other_adds_its_option_and_its_question() -> None:
    reading = form(HEAD, ["select_one gas or_other", "q", "气体"])
    found = items(reading)
    assert [option["id"] for option in found["q"]["answer"]["options"]] == ["co", "no2", "other"]
    assert found["q_other"]["relevant"] == "selected(${q}, 'other')"
    assert doubts(reading)["xls_or_other"] == "survey!A2"


def test_a_signature_is_an_image_with_that_appearance() -> None:
    reading = form(
        [*HEAD, "appearance"], ["image", "q", "签字", "signature"], ["text", "a", "甲", "multiline"]
    )
    assert items(reading)["q"]["answer"] == {"type": "signature"}
    assert doubts(reading)["xls_appearance"] == "survey!D3"


def test_names_that_are_not_ascii_are_replaced_wherever_they_are_spoken_of() -> None:
    reading = form(
        [*HEAD, "relevant"], ["decimal", "氧气", "氧气", None], ["text", "q", "原因", "${氧气} < 20"]
    )
    found = items(reading)
    assert found["q2"]["text"] == {"zh": "氧气"}
    assert found["q"]["relevant"] == "${q2} < 20"
    assert doubts(reading)["xls_renamed"] == "survey!B2"


def test_the_day_that_a_row_records_is_the_function_that_knows_it() -> None:
    reading = form([*HEAD, "constraint"], ["today", "d", None, None], ["date", "q", "检定日期", ". <= ${d}"])
    assert items(reading)["q"]["constraint"]["when"] == ". <= today()"


FEATURES: list[tuple[str, Any, str]] = [
    ("default", "合格", "xls_default"),
    ("required_message", "请填写", "xls_required_message"),
    ("media::image", "a.png", "xls_media"),
    ("parameters", "rows=3", "xls_parameters"),
    ("bind::odk:length", "5", "xls_column_unknown"),
    ("my notes", "给录入员", "xls_column_unknown"),
]


@pytest.mark.parametrize(("column", "value", "code"), FEATURES)
def test_a_column_that_is_left_out_is_told_at_its_cell(column: str, value: str, code: str) -> None:
    reading = form([*HEAD, column], ["text", "q", "问题", value])
    items(reading)
    assert doubts(reading)[code] == "survey!D2"


UNSUPPORTED = [
    ("text", "required", "${a} = 'x'", "xls_required"),
    ("text", "trigger", "${a}", "xls_trigger"),
    ("text", "calculation", "1 + 1", "xls_calculated_answer"),
    ("text", "readonly", "yes", "xls_readonly"),
    ("select_one gas", "choice_filter", "name != ${a}", "xls_choice_filter"),
]


@pytest.mark.parametrize(("kind", "column", "value", "code"), UNSUPPORTED)
def test_a_column_that_changes_what_is_asked_is_refused_at_its_cell(
    kind: str, column: str, value: str, code: str
) -> None:
    reading = form([*HEAD, column], ["text", "a", "甲", None], [kind, "q", "问题", value])
    assert refusals(reading) == {code: "survey!D3"}


def test_words_that_refer_to_an_answer_are_refused() -> None:
    assert refusals(form(HEAD, ["text", "a", "甲"], ["note", "b", "您填了 ${a}"])) == {
        "xls_dynamic_label": "survey!C3"
    }


def test_loops_and_repeats_in_repeats_are_refused_with_all_that_is_in_them() -> None:
    inner = [["begin repeat", "b", "内"], ["text", "q", "问题"], ["end repeat", None, None]]
    reading = form(HEAD, ["begin repeat", "a", "外"], ["text", "p", "甲"], *inner, ["end repeat", None, None])
    [refusal] = reading.refusals
    assert refusal.code == "xls_repeat_in_repeat"
    assert "survey!A5" in map(str, refusal.spots)


BROKEN: list[tuple[list[Row], str]] = [
    ([HEAD, ["text", None, "无名"]], "survey!B2"),
    ([HEAD, ["text", "a", "甲"], [], ["begin group", "g", "组"]], "survey!B4"),
    ([HEAD, ["select_one nowhere", "q", "问题"]], "survey!B2"),
    ([HEAD, ["text", "a", "甲"], ["text", "a", "乙"]], "survey!B3"),
    ([HEAD, ["calculate", "c", "计算"]], "survey!B2"),
]


@pytest.mark.parametrize(("survey", "place"), BROKEN)
def test_a_form_against_the_rules_is_refused_at_its_row(survey: list[Row], place: str) -> None:
    assert refusals(form(*survey)) == {"xls_broken_rule": place}


def test_one_name_in_two_groups_is_refused_because_answers_would_mix() -> None:
    group = [["begin group", "g", "组"], ["text", "a", "甲"], ["end group", None, None]]
    assert refusals(form(HEAD, *group, ["text", "a", "乙"])) == {"xls_name_twice": "survey!B5"}


def test_settings_name_the_list_and_the_rest_of_them_is_told() -> None:
    settings = [["form_title", "form_id", "version", "style"], ["班前检查表", "preshift.check", "7", "pages"]]
    reading = form(HEAD, ["text", "q", "问题"], settings=settings)
    items(reading)
    assert reading.lists[0].data["title"] == {"zh": "班前检查表"}
    assert reading.lists[0].data["key"] == "preshift.check"
    [doubt] = [doubt for doubt in reading.lists[0].doubts if doubt.params.get("name") == "version"]
    assert str(doubt.spot) == "settings!C2"


def test_sheets_that_belong_to_other_programs_are_refused() -> None:
    pages = (Page([HEAD, ["text", "q", "问题"]], "survey"), Page([["list_name"], ["x"]], "entities"))
    assert refusals(read(workbook(pages), "f.xlsx")) == {"xls_entities": "entities!A1"}


def test_an_xlsform_as_text_is_read_too() -> None:
    text = "survey,,,\n,type,name,label\n,text,q,问题\nchoices,,,\n,list_name,name,label\n"
    reading = read(text.encode(), "form.csv")
    assert list(items(reading)) == ["q"]


def test_every_cell_of_a_form_has_a_fate() -> None:
    reading = form(
        [*HEAD, "hint", "appearance", None, "default"],
        ["text", "q", "问题", "提示", "w1", "旁注", "1"],
        [None, None, None, None, None, "给自己的话"],
        ["video", "v", "录像", None, None, None, None],
        settings=[["form_title", "style"], ["表", "pages"]],
    )
    told = {spot for remark in (*reading.all_doubts(), *reading.refusals) for spot in remark.spots}
    assert len(reading.fates) == 6 + 7 + 1 + 3 + 18 + 4
    assert all(fate.spot in told for fate in reading.fates if fate.fate in ("doubt", "refused"))
    assert any(str(spot) == "survey!F3" for spot in told)
