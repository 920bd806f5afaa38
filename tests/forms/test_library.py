"""The lists that ship say what their sources say, and nothing that nobody checked passes as checked."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from forms.consistency import alternatives
from forms.definition import Definition, Item, JurisdictionRef, SiteRef
from forms.judge import Verdict, judge
from forms.library import english, jurisdictions, load_library, major_hazards, sources
from forms.limits import resolve
from forms.values import as_date, as_instant
from forms.version import version
from tests.library import BY_KEY, LIBRARY

NOW = as_instant("2026-03-02T08:00:00+08:00")
assert NOW is not None


def item(code: str) -> Item:
    return next(item for definition in LIBRARY for item in definition.items() if item.id == code)


def judged(code: str, value: object, site: dict[str, object] | None = None, **answer: object) -> Verdict:
    """How a reading of a library item is judged at a mine with these parameters."""
    definition = next(d for d in LIBRARY if any(item.id == code for item in d.items()))
    on = as_date("2026-03-02")
    assert on is not None
    limits = resolve(definition, site or {}, {}, on)
    photo = {"photos": ["sha256:" + "a" * 64]}
    return judge(item(code), {"value": value, **photo, **answer}, limits.get(code), NOW)


def result(code: str, value: object, site: dict[str, object] | None = None, **answer: object) -> str:
    return judged(code, value, site, **answer).result


def of_the_sixteen(kind: str) -> list[Definition]:
    """The lists of the posts whose items the source tables count; further posts have lists of their own."""
    sixteen = {*(f"UG{n:02}" for n in range(1, 11)), *(f"OP{n:02}" for n in range(1, 5)), "TP01", "TP02"}
    return [d for d in LIBRARY if d.kind == kind and sixteen & set(d.applies_to.posts)]


def test_each_of_sixteen_posts_has_twelve_controls_and_its_duties() -> None:
    controls = of_the_sixteen("post_controls")
    duties = of_the_sixteen("post_duties")
    assert Counter(len(d.items()) for d in controls) == {12: 16}
    assert Counter(len(d.items()) for d in duties) == {4: 16}
    assert {d.applies_to.posts for d in controls} == {d.applies_to.posts for d in duties}


def test_the_unannounced_check_has_forty_five_numbered_points() -> None:
    check = BY_KEY["spot_check.underground"]
    assert len({item.number for item in check.items()}) == 45
    assert [item.id for item in check.items() if item.number == "SC-28"] == ["SC-28a", "SC-28b"]
    assert len(check.sections) == 14
    assert len(check.header) == 14


def test_the_whole_library_asks_what_its_sources_ask() -> None:
    """Counts over the 192 post items and 45 points, taken from the source tables."""
    posts = [item for d in of_the_sixteen("post_controls") for item in d.items()]
    assert Counter(item.answer.type for item in posts) == {"check": 111, "number": 74, "date": 6, "text": 1}
    assert Counter(item.severity for item in posts) == {"general": 141, "major": 51}
    assert Counter(item.risk for item in posts) == {"orange": 75, "red": 62, "yellow": 52, "blue": 3}
    assert Counter(item.evidence.photo for item in posts) == {"on_fail": 158, "always": 34}
    frequencies = {"shift": 137, "month": 21, "week": 13, "day": 9, "quarter": 5, "year": 4}
    once = {"after:rain": 1, "after:flood": 1, "on:event": 1}
    assert Counter(item.frequency for item in posts) == frequencies | once
    assert [item.id for item in posts if item.season == "winter"] == ["TP01-10"]
    assert sum(item.major_ref is not None for item in posts) == 64
    assert sum(not item.verified for item in posts) == 30


def test_keys_and_item_ids_name_one_thing_each() -> None:
    assert len(BY_KEY) == len(LIBRARY)
    ids = [item.id for definition in LIBRARY for item in definition.items()]
    assert len(set(ids)) == len(ids)


def test_loading_twice_gives_the_same_versions() -> None:
    assert [version(d) for d in LIBRARY] == [version(d) for d in load_library()]


@pytest.mark.parametrize("definition", LIBRARY, ids=lambda d: d.key)
def test_every_control_says_where_it_comes_from_and_opens_a_hazard_when_it_fails(
    definition: Definition,
) -> None:
    for one in definition.items():
        if definition.kind in ("post_controls", "spot_check"):
            assert one.basis, one.id
            assert one.standard, one.id
            assert one.on_fail.hazard, one.id
        if one.major_ref:
            assert one.major_ref in major_hazards(), one.id


@pytest.mark.parametrize("definition", LIBRARY, ids=lambda d: d.key)
def test_titles_sections_items_and_parameters_are_there_in_english(definition: Definition) -> None:
    texts = [definition.title, *(section.title for section in definition.sections), *definition.header]
    texts += [parameter.title for parameter in definition.parameters.values()]
    texts += [one.text for one in definition.items()]
    texts += [one.danger.act for one in definition.items() if one.danger]
    assert [text["zh"] for text in texts if "en" not in text] == []


def test_no_english_is_left_over_from_a_chinese_text_that_changed() -> None:
    chinese = json.dumps([definition.to_json() for definition in LIBRARY], ensure_ascii=False)
    assert [zh for zh in english() if f'"zh": {json.dumps(zh, ensure_ascii=False)}' not in chinese] == []


def test_every_declared_parameter_is_used() -> None:
    for definition in LIBRARY:
        used = set()
        for one in definition.items():
            used |= {limit.param for limit in one.answer.limits if not hasattr(limit, "bound")}
            for limit in (limit for limits in alternatives(one.answer) for limit in limits):
                match limit.value:
                    case SiteRef(site_ref=key) | JurisdictionRef(jurisdiction_ref=key):
                        used.add(key)
        assert used == set(definition.parameters), definition.key


def test_the_drillers_carbon_monoxide_fails_at_thirty_and_stops_work_at_sixty() -> None:
    assert result("UG01-03", 24) == "pass"
    assert result("UG01-03", 30) == "fail"
    assert judged("UG01-03", 30).danger is None
    danger = judged("UG01-03", 60).danger
    assert danger is not None
    assert danger.act["zh"] == "停工 · 撤人 · 报告"
    assert not danger.verified


@pytest.mark.parametrize(
    ("code", "safe", "dangerous"),
    [
        ("UG06-06", 20, 19.9),  # 岗位职责：超限立即停工撤人报告
        ("UG06-07", 0.5, 0.6),
        ("UG06-08", 24, 25),
        ("UG06-09", 6.6, 6.7),
        ("OP04-08", 30, 29),  # 小于30 m停止排土
        ("SC-28a", 20, 19.9),  # 超限撤人
        ("SC-28b", 24, 25),
    ],
)
def test_work_stops_where_the_source_says_so(code: str, safe: float, dangerous: float) -> None:
    assert judged(code, safe).danger is None
    assert judged(code, dangerous).danger is not None


def test_only_these_readings_stop_work() -> None:
    stops = [item.id for definition in LIBRARY for item in definition.items() if item.danger]
    assert sorted(stops) == sorted(
        [
            "OP04-08",
            "UG01-03",
            "UG06-06",
            "UG06-07",
            "UG06-08",
            "UG06-09",
            "SC-28a",
            "SC-28b",
            "PD-UG-06",
            "PD-UG-07",
        ]
    )


@pytest.mark.parametrize(
    ("code", "holds", "breaks", "answer"),
    [
        ("UG01-08", 10, 10.5, {"case": "forced"}),
        ("UG01-08", 5, 10, {"case": "exhaust"}),
        ("UG02-02", 0, 1, {}),
        ("UG02-08", 16, 15, {}),  # 超过15 min
        ("UG04-05", 4.9, 5, {}),  # 达到5%应更换
        ("UG04-06", 9.9, 10, {}),  # 达到10%应更换
        ("UG06-03", 0.15, 0.14, {"case": "chamber"}),
        ("UG06-03", 0.5, 0.49, {"case": "scraper"}),
        ("UG06-10", 0.2, 0.3, {"case": "over-80"}),
        ("UG09-06", 15, 16, {"case": "fuel"}),
        ("UG09-06", 25, 26, {"case": "other"}),
        ("OP01-02", 1, 1.2, {"case": "soft-unblasted"}),
        ("OP01-09", 3, 2.9, {"case": "over-10kv"}),
        ("OP02-10", 40, 39, {"case": "slippery"}),
        ("OP03-07", 8, 7, {"case": "machine"}),
        ("OP04-02", 2, 1.9, {}),
        ("OP04-02", 5, 5.1, {}),
        ("UG06-12", "2025-03-02", "2025-03-01", {}),
        ("SC-02", "2026-01-30", "2026-01-29", {"case": "building"}),
        ("SC-28a", 20, 19.9, {}),
        ("SC-28b", 24, 24.5, {}),
        ("SC-41", 2, 3, {"case": "large"}),
    ],
)
def test_a_limit_of_the_library_holds_where_its_source_says(
    code: str, holds: object, breaks: object, answer: dict[str, object]
) -> None:
    assert result(code, holds, **answer) == "pass"
    assert result(code, breaks, **answer) == "fail"


def test_safety_officers_are_one_in_a_hundred_and_at_least_three() -> None:
    assert result("SC-05", 3, {"employees": 250}) == "pass"
    assert result("SC-05", 3, {"employees": 301}) == "fail"
    assert result("SC-05", 2, {"employees": 100}) == "fail"


def test_cities_differ_in_how_many_may_rectify_in_one_place() -> None:
    on = as_date("2026-03-02")
    assert on is not None
    definition = BY_KEY["post.UG10.controls"]
    most = {
        city: resolve(definition, {}, parameters, on)["UG10-06"][0]["value"]
        for city, parameters in {**jurisdictions(), "elsewhere": {}}.items()
    }
    assert most == {"泰安市": 9, "拉萨市": 10, "elsewhere": 9}


def test_a_design_value_that_the_mine_has_not_entered_leaves_the_judgement_to_the_person() -> None:
    assert result("UG07-08", 3.1) == "open"
    assert result("UG07-08", 3.1, {"alarm_level": 3.0}) == "fail"
    assert result("UG07-08", 2.9, {"alarm_level": 3.0}) == "pass"


def test_every_major_hazard_says_how_far_it_was_verified() -> None:
    hazards = major_hazards()
    assert Counter(hazard.mine_type for hazard in hazards.values()) == {
        "underground": 32,
        "open_pit": 13,
        "tailings": 19,
        "coal": 15,
    }
    assert Counter(hazard.seen for hazard in hazards.values()) == {
        "full": 27,
        "partial": 13,
        "title": 7,
        "recalled": 32,
    }
    assert sources()["矿安〔2022〕88号"].verified
    assert not sources()["GB 6722-2014"].verified
