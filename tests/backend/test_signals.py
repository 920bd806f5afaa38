"""How a list was filled: each signal says one thing that a person can check, rejects nothing and ranks nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO
from random import Random
from typing import Any
from uuid import UUID

import pytest
from PIL import Image, ImageDraw, ImageEnhance
from sqlalchemy import select

from backend.checklists import operations as checklists
from backend.checklists import photos, versions
from backend.checklists.models import PhotoPrint, Submission, Task
from backend.checklists.signals import (
    SETTINGS,
    SIGNALS,
    Facts,
    Seen,
    Spot,
    metres,
    position,
    read,
    said,
    say,
    settings,
)
from backend.demo import answers
from backend.kernel.blobs import digest
from backend.kernel.clock import Captured
from backend.kernel.db import new_id
from backend.sites.models import Jurisdiction, Mine, Place
from backend.uploads import operations as uploads
from forms.limits import resolve
from sync.merge import Edit
from tests.backend.desk import Desk
from tests.databases import migrate

BEGAN = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)
SHIFT = (datetime(2026, 3, 2, 0, 0, tzinfo=UTC), datetime(2026, 3, 2, 8, 0, tzinfo=UTC))
FACE = Spot("p1", "3号掘进面", 36.0, 117.0)
PHOTO = "sha256:" + "b" * 64


def facts(count: int = 12, seconds: float = 20, **more: Any) -> Facts:
    """A list as people fill it: an answer every 20 seconds, readings that are no others'."""
    given: dict[str, Any] = {}
    for number in range(count):
        at = BEGAN + timedelta(seconds=seconds * (number + 1))
        given[f"i{number}"] = {"result": "pass", "at": at.isoformat()}
        if number < 4:
            given[f"i{number}"]["value"] = number + 0.5
    signed = BEGAN + timedelta(seconds=seconds * (count + 1))
    return Facts(
        **({"answers": given, "opened_at": BEGAN, "signed_at": signed, "shift": SHIFT, "place": FACE} | more)
    )


def after(*lists: dict[str, Any]) -> dict[str, Any]:
    """What is known of earlier lists with these answers, the newest first."""
    return {"earlier": [said(given) for given in lists], "before": lambda: lists[0]}


def told(found: Facts, **lines: float) -> set[str]:
    numbers = read(found, SETTINGS | lines)
    for code, one in numbers.items():
        for language in ("zh", "en"):
            assert "{" not in say(code, one, language), code
    return set(numbers)


def test_a_list_filled_with_care_gives_no_signal() -> None:
    assert told(facts()) == set()


def test_answers_faster_than_anybody_can_look() -> None:
    assert told(facts(seconds=1)) == {"fast"}
    numbers = read(facts(seconds=1), SETTINGS)["fast"]
    assert say("fast", numbers, "zh") == "12 项共用时 12 秒，平均每项 1 秒，不足 3 秒。"
    assert told(facts(count=4, seconds=1)) == set()  # a list of four says nothing
    assert told(facts(seconds=1), **{"signal.fast_seconds": 0.5}) == set()


def test_readings_that_do_not_move() -> None:
    mine = facts()
    assert told(facts(**after(mine.answers))) == {"same_readings"}
    other = {key: one | {"value": 9} if "value" in one else one for key, one in mine.answers.items()}
    assert told(facts(**after(other))) == set()


def test_twenty_lists_in_a_row_without_a_difference() -> None:
    checks = {key: {"result": "pass", "at": one["at"]} for key, one in facts().answers.items()}
    assert told(facts(answers=checks, **after(*[checks] * 18))) == set()
    assert told(facts(answers=checks, **after(*[checks] * 19))) == {"all_alike"}
    broken = [checks] * 10 + [checks | {"i0": {"result": "fail"}}] + [checks] * 10
    assert told(facts(answers=checks, **after(*broken))) == set()


def test_a_photo_that_another_list_shows_and_one_that_looks_like_it() -> None:
    same = Seen("i1", PHOTO, "s", BEGAN - timedelta(days=3))
    like = Seen("i2", PHOTO, "s", BEGAN - timedelta(days=2), 4)
    numbers = read(facts(seen=[same, like]), SETTINGS)
    assert say("photo_again", numbers["photo_again"], "zh") == (
        "1 张照片在本矿其他清单中用过：“i1”的照片见于 02-27 08:30 的清单。"
    )
    assert "4/64" in say("photo_similar", numbers["photo_similar"], "zh")
    assert told(facts(seen=[like]), **{"signal.photo_bits": 3}) == set()


def test_another_checkpoint_and_one_far_away() -> None:
    answers = facts().answers
    scanned = {**answers, "i5": answers["i5"] | {"place": "p2"}}
    numbers = read(facts(answers=scanned, places={"p2": "水泵房"}), SETTINGS)["elsewhere"]
    assert say("elsewhere", numbers, "zh") == "“i5”扫的是“水泵房”，清单的地点是“3号掘进面”。"
    near = {**answers, "i5": answers["i5"] | {"place": "p1", "geo": "geo:36.0010,117.0;u=20"}}
    assert told(facts(answers=near)) == set()
    away = {**answers, "i5": answers["i5"] | {"geo": "geo:36.0100,117.0;u=20"}}
    assert told(facts(answers=away)) == {"far"}
    unsure = {**answers, "i5": answers["i5"] | {"geo": "geo:36.0100,117.0;u=1000"}}
    assert told(facts(answers=unsure)) == set()  # the phone does not know where it was
    assert told(facts(answers=away, place=Spot("p1", "井下"))) == set()


def test_what_was_filled_before_or_after_the_shift_or_signed_much_later() -> None:
    late = (SHIFT[0] - timedelta(days=1), SHIFT[1] - timedelta(days=1))
    assert told(facts(shift=late)) == {"out_of_shift"}
    assert told(facts(signed_at=BEGAN + timedelta(hours=9))) == {"held"}


@pytest.mark.parametrize(
    "written",
    ["", "geo:", "geo:1", "geo:a,b", "geo:91,0", "geo:nan,1", "geo:1,2;u=x", "36,117", None, 7, ["geo:1,2"]],
)
def test_a_position_that_is_none_is_none(written: object) -> None:
    assert position(written) is None


def test_distances_are_those_on_the_ground() -> None:
    assert metres(36.0, 117.0, 36.001, 117.0) == pytest.approx(111.2, abs=0.2)
    assert position("geo:36.5,117.25;crs=wgs84;u=12") == (36.5, 117.25, 12)


def test_answers_may_be_anything() -> None:
    odd: dict[str, Any] = {
        "a": None,
        "b": 7,
        "c": {"at": 5, "value": [1], "place": 3, "geo": {}},
        "d": {"at": "x"},
    }
    assert told(facts(answers=odd)) <= {"elsewhere"}


def test_a_jurisdiction_draws_its_own_lines_from_a_day_on() -> None:
    dated = {"signal.fast_seconds": [{"from": "2026-03-01", "value": 8}]}
    assert settings(dated, datetime(2026, 2, 28, tzinfo=UTC).date())["signal.fast_seconds"] == 3
    assert settings(dated, datetime(2026, 3, 1, tzinfo=UTC).date())["signal.fast_seconds"] == 8


def test_every_signal_has_its_sentence_in_both_languages() -> None:
    for signal in SIGNALS.values():
        names = {part.partition("}")[0] for part in signal.zh.split("{")[1:]}
        assert names == {part.partition("}")[0] for part in signal.en.split("{")[1:]}


# Photos


def rock(seed: int) -> Image.Image:
    random, image = Random(seed), Image.new("RGB", (640, 480), (30, 30, 30))
    pen = ImageDraw.Draw(image)
    for _ in range(60):
        x, y, size, light = (
            random.randrange(640),
            random.randrange(480),
            random.randrange(20, 160),
            random.randrange(255),
        )
        pen.ellipse((x, y, x + size, y + size), fill=(light, light, light))
    return image


def jpeg(image: Image.Image, quality: int = 80) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def test_the_same_picture_saved_anew_looks_the_same_and_another_does_not() -> None:
    first = photos.fingerprint(jpeg(rock(1)))
    again = ImageEnhance.Brightness(rock(1).resize((320, 240))).enhance(1.15)
    assert photos.distance(first, photos.fingerprint(jpeg(again, 40))) <= SETTINGS["signal.photo_bits"]
    others = [photos.distance(first, photos.fingerprint(jpeg(rock(seed)))) for seed in range(2, 30)]
    assert min(others) > SETTINGS["signal.photo_bits"]


# Through the server


def fills(desk: Desk, login: str, task_id: UUID, photo: str, seconds: float = 20, **extra: Any) -> UUID:
    """A list filled tap by tap on a phone, and signed."""
    with desk.world.writing(login) as (session, actor):
        task = session.get_one(Task, task_id)
        form, mine, now = (
            versions.definition(session, task.form),
            session.get_one(Mine, task.mine_id),
            actor.at,
        )
        limits = resolve(form, mine.parameters, {}, now.date())
        begun = Captured(now, now, now)
        filled = checklists.begin(session, actor, new_id(session), task, limits, begun)
        session.flush()
        asked = [one for one in form.items() if one.id in task.asked]
        ends = now + timedelta(seconds=seconds * len(asked))
        given = {}
        for number, one in enumerate(asked):
            said = answers.answer(
                one, limits.get(one.id, []), [photo], now.date(), fails=False, random=Random(number)
            )
            tapped = now + timedelta(seconds=seconds * (number + 1))
            given[one.id] = said | {"at": tapped.isoformat()} | extra
        given[asked[0].id]["photos"] = [photo]
        when = Captured(ends, ends, ends)
        checklists.answer(session, actor, filled, given, Edit(None, "test", 1, ""), when)
        checklists.sign(session, actor, filled, desk.world.signature(actor, "filler"), when)
        return filled.id


def shown(desk: Desk, submission: UUID, login: str = "anquan") -> dict[str, dict[str, Any]]:
    return {one["code"]: one for one in desk.json(login, f"/submissions/{submission}")["signals"]}


def brings(desk: Desk, picture: bytes) -> str:
    """A photo arrives whole."""
    whole = uploads.keep(desk.world.store.blobs, picture, "image/jpeg")
    with desk.world.store.database.writing() as session:
        uploads.enter(session, whole, None)
    desk.world.drain()
    return whole.sha


def test_a_hurried_list_is_taken_and_shown_with_the_reason(desk: Desk) -> None:
    [task, *_] = desk.world.calls_roll("baopo")
    filled = fills(desk, "baopo", task, PHOTO, seconds=1)
    signals = shown(desk, filled, "kezhang")
    assert signals["fast"]["zh"].endswith("秒，平均每项 1 秒，不足 3 秒。")
    with desk.world.reading() as session:
        assert session.get_one(Submission, filled).state == "signed"


def test_a_photo_that_comes_after_the_signature_is_found_to_look_like_an_earlier_one(desk: Desk) -> None:
    world = desk.world
    [first, second, *_] = world.calls_roll("baopo")
    original = brings(desk, jpeg(rock(1)))
    fills(desk, "baopo", first, original)
    world.clock.forward(hours=1)
    copy = jpeg(ImageEnhance.Brightness(rock(1)).enhance(1.1), 60)
    later = digest(copy)
    filled = fills(desk, "baopo", second, later)
    assert "photo_similar" not in shown(desk, filled)
    assert brings(desk, copy) == later
    assert shown(desk, filled)["photo_similar"]["numbers"]["photos"][0]["sha"] == later
    with world.reading() as session:
        assert len(session.scalars(select(PhotoPrint)).all()) == 2


def test_the_same_photo_in_two_lists_of_a_mine_is_told_of_the_later_one(desk: Desk) -> None:
    [first, second, *_] = desk.world.calls_roll("baopo")
    earlier = fills(desk, "baopo", first, PHOTO)
    desk.world.clock.forward(hours=1)
    later = fills(desk, "baopo", second, PHOTO)
    assert "photo_again" not in shown(desk, earlier)
    assert shown(desk, later)["photo_again"]["numbers"]["photos"][0]["submission"] == str(earlier)


def test_times_of_taps_are_the_phones_corrected_as_its_clock_was(desk: Desk) -> None:
    [task, *_] = desk.world.calls_roll("baopo")
    with desk.world.writing("baopo") as (session, actor):
        row = session.get_one(Task, task)
        filled = checklists.begin(session, actor, new_id(session), row, {}, Captured.at_desk(actor.at))
        session.flush()
        wrong = actor.at + timedelta(hours=5)  # the phone's clock is five hours ahead
        tapped = wrong - timedelta(seconds=30)
        given = {row.asked[0]: {"result": "pass", "at": tapped.isoformat()}}
        when = Captured(actor.at, actor.at, wrong)
        checklists.answer(session, actor, filled, given, Edit(None, "test", 1, ""), when)
        assert filled.answers[row.asked[0]]["at"] == (actor.at - timedelta(seconds=30)).isoformat()


def test_lines_and_places_come_from_the_county_and_the_mine(desk: Desk) -> None:
    [task, *_] = desk.world.calls_roll("baopo")
    with desk.world.store.database.writing() as session:
        mine = desk.world.mine(session)
        county = session.get_one(Jurisdiction, mine.jurisdiction_id)
        county.parameters = {"signal.fast_seconds": [{"from": "2026-01-01", "value": 60}]}
        place = session.get_one(Place, session.get_one(Task, task).place_id)
        place.latitude, place.longitude = 36.0, 117.0
    signals = shown(desk, fills(desk, "baopo", task, PHOTO, geo="geo:36.1,117.0;u=30"))
    assert signals["fast"]["numbers"]["least"] == 60
    assert signals["far"]["numbers"]["metres"] == pytest.approx(11_120, abs=30)


def test_lists_that_say_the_same_are_counted_from_before_their_fingerprints_were_kept(desk: Desk) -> None:
    """The first asks what is asked once a week too; then three in a row, two of them filled before the migration."""
    world, filled = desk.world, []
    with world.store.database.writing() as session:
        county = session.get_one(Jurisdiction, world.mine(session).jurisdiction_id)
        county.parameters = {"signal.alike_lists": [{"from": "2026-01-01", "value": 3}]}
    for number in range(5):
        if number == 3:
            world.store.database.dispose()
            migrate(world.store.config.database_url, "-1")
            migrate(world.store.config.database_url)
        [task, *_] = world.calls_roll("baopo")
        filled.append(fills(desk, "baopo", task, PHOTO))
        world.clock.forward(hours=24)
    assert "all_alike" not in shown(desk, filled[2])
    assert shown(desk, filled[3])["all_alike"]["numbers"]["lists"] == 3
    assert shown(desk, filled[4])["all_alike"]["numbers"]["lists"] == 4
