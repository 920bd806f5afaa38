"""Photos and files over networks that break off: what arrives is whole and true, and only its people see it."""

from __future__ import annotations

import hashlib
import io
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from PIL import Image
from sqlalchemy import select

from backend.app import Store, create_app, open_store
from backend.checklists import quality
from backend.kernel import audit, jobs
from backend.kernel.clock import SetClock
from backend.uploads import operations
from backend.uploads.models import Blob, Upload
from tests.backend.pictures import bomb, pdf, photo
from tests.backend.uploading import (
    PART,
    UPLOADS,
    Phone,
    blob_url,
    checksum,
    count,
    encoded,
    name_of,
    parts_on_disk,
    phone,
    problem,
    signed_in,
)


def test_a_photo_sent_in_parts_arrives_whole(store: Store) -> None:
    data, jia = photo(), phone(store)
    declared = jia.declare(data)
    assert (declared.status_code, declared.headers["Upload-Offset"]) == (201, "0")
    url = declared.headers["Location"]
    for offset in range(0, len(data), PART):
        body = data[offset : offset + PART]
        taken = jia.send(url, offset, body, Upload_Checksum=checksum(body))
        assert taken.status_code == 204
        assert int(taken.headers["Upload-Offset"]) == offset + len(body)
        assert taken.headers["Upload-Expires"] == "Mon, 09 Mar 2026 00:00:00 GMT"
    asked = jia.call("HEAD", url)
    assert asked.headers["Upload-Length"] == asked.headers["Upload-Offset"] == str(len(data))
    assert asked.headers["Upload-Metadata"] == encoded(
        {"sha256": hashlib.sha256(data).hexdigest(), "type": "image/jpeg"}
    )
    assert jia.get(blob_url(data)).data == data
    assert parts_on_disk(store) == []


def test_a_small_photo_is_kept_in_one_request(store: Store) -> None:
    data, jia = photo(size=(60, 40)), phone(store)
    answer = jia.declare(data, body=data, Upload_Checksum=checksum(data, "sha1"))
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, str(len(data)))
    assert jia.get(blob_url(data)).data == data


def test_a_phone_goes_on_where_the_connection_broke(store: Store) -> None:
    data, jia = photo(), phone(store)
    url = jia.declare(data).headers["Location"]
    jia.breaks_off(url, 0, data[:PART], after=40_000)
    assert jia.offset(url) == 40_000
    assert jia.send(url, 40_000, data[40_000:]).status_code == 204
    assert jia.get(blob_url(data)).data == data


def test_of_a_cut_part_that_came_with_a_checksum_nothing_is_kept(store: Store) -> None:
    data, jia = photo(), phone(store)
    url = jia.declare(data).headers["Location"]
    jia.breaks_off(url, 0, data[:PART], after=40_000, **{"Upload-Checksum": checksum(data[:PART])})
    assert jia.offset(url) == 0


def test_a_restart_of_the_server_in_between_loses_nothing(store: Store, clock: SetClock) -> None:
    data, jia = photo(), phone(store)
    url = jia.declare(data, body=data[:PART]).headers["Location"]
    store.database.dispose()
    reopened = open_store(store.config, clock)
    again = signed_in(reopened)
    assert again.offset(url) == PART
    assert again.send(url, PART, data[PART:]).status_code == 204
    assert again.get(blob_url(data)).data == data
    reopened.database.dispose()


def test_a_part_damaged_on_its_way_is_asked_for_again(store: Store) -> None:
    data, jia = photo(), phone(store)
    url = jia.declare(data).headers["Location"]
    damaged = b"\0" + data[1:PART]
    assert problem(jia.send(url, 0, damaged, Upload_Checksum=checksum(data[:PART]))) == (
        460,
        "upload.checksum_wrong",
    )
    assert jia.offset(url) == 0
    for unreadable in ("md5 AAAA", "sha256 not*base64", "sha256"):
        assert jia.send(url, 0, data[:PART], Upload_Checksum=unreadable).status_code in (400, 460)
    assert jia.offset(url) == 0


def test_a_file_that_is_not_the_declared_one_is_dropped_with_the_reason(store: Store) -> None:
    data, other, jia = photo(1), photo(2), phone(store)
    url = jia.declare(data).headers["Location"]
    assert jia.send(url, 0, other[:PART]).status_code == 204
    assert len(parts_on_disk(store)) == 2  # its folder, and the part
    refused = jia.send(url, PART, data[PART:])
    assert problem(refused) == (422, "upload.wrong_hash")
    assert parts_on_disk(store) == []
    assert count(store, Blob) == 0
    assert jia.call("HEAD", url).status_code == 410
    assert problem(jia.send(url, PART, data[PART:])) == (410, "upload.gone")
    assert jia.upload(data).status_code == 204
    with store.database.reading() as session:
        acts = [row.act for row in session.scalars(select(audit.AuditRow).order_by(audit.AuditRow.seq))]
    assert acts[-2:] == ["upload.refused", "blob.kept"]


def test_what_is_not_the_picture_it_says_is_refused(store: Store) -> None:
    page, jia = b"<script>alert(1)</script>", phone(store)
    refused = jia.declare(page, "image/jpeg", body=page)
    assert problem(refused) == (422, "upload.not_as_declared")
    refused = jia.declare(bomb(), "image/png", body=bomb())
    assert problem(refused) == (422, "upload.too_many_pixels")
    for data in (page, bomb()):
        assert jia.get(blob_url(data)).status_code == 404
        assert not store.blobs.has(name_of(data))


def test_a_file_over_its_limit_is_refused_before_it_is_sent(store: Store) -> None:
    jia = phone(store)
    photo_limit, scan_limit = 2 * 1024**2, 20 * 1024**2
    assert problem(jia.declare(bytes(photo_limit + 1))) == (413, "upload.too_big")
    assert jia.declare(bytes(photo_limit)).status_code == 201
    assert problem(jia.declare(bytes(scan_limit + 1), "application/pdf")) == (413, "upload.too_big")
    assert jia.declare(bytes(scan_limit), "application/pdf").status_code == 201


def test_more_than_was_declared_is_refused(store: Store) -> None:
    data, jia = photo(), phone(store)
    url = jia.declare(data).headers["Location"]
    assert problem(jia.send(url, 0, data + b"x")) == (422, "upload.past_end")
    assert problem(jia.send(url, 0, bytes(2 * 1024**2 + 1))) == (413, "request.too_large")
    assert jia.offset(url) == 0


def test_a_scan_larger_than_any_request_arrives_in_parts(store: Store) -> None:
    data, jia = pdf(3 * 1024**2), phone(store)
    jia.client.environ_base["wsgi.input_terminated"] = True  # as gunicorn says: the largest body is no error
    url = jia.declare(data, "application/pdf").headers["Location"]
    assert jia.send(url, 0, data[: 2 * 1024**2]).status_code == 204
    assert jia.send(url, 2 * 1024**2, data[2 * 1024**2 :]).status_code == 204
    assert jia.get(blob_url(data)).data == data


def test_a_file_must_say_what_it_is(store: Store) -> None:
    sha, jia = "0" * 64, phone(store)
    for metadata, pointer in (
        (encoded({"sha256": sha}), "/type"),
        (encoded({"sha256": sha, "type": "text/html"}), "/type"),
        (encoded({"sha256": sha[:63], "type": "image/jpeg"}), "/sha256"),
        (encoded({"sha256": sha + "\n", "type": "image/jpeg"}), "/sha256"),
        (encoded({"sha256": "../../etc/passwd", "type": "image/jpeg"}), "/sha256"),
        (encoded({"type": "image/jpeg"}), "/sha256"),
        (encoded({"sha256": sha, "type": "image/jpeg", "name": "a"}), "/name"),
        ("sha256 not*base64", ""),
        ("type aQ==,type aQ==", ""),
        ("sha256 //8=,type aQ==", ""),
        ("", ""),
    ):
        answer = jia.call("POST", UPLOADS, Upload_Length=1000, Upload_Metadata=metadata)
        assert problem(answer) == (422, "request.invalid")
        assert answer.json is not None
        assert [error["pointer"] for error in answer.json["errors"]] == [f"/Upload-Metadata{pointer}"]
    assert count(store, Upload) == 0


def test_what_is_unreadable_in_the_headers_is_named(store: Store) -> None:
    data, jia = photo(), phone(store)
    for length in ("", "-1", "0", "ten"):
        answer = jia.call("POST", UPLOADS, Upload_Length=length, Upload_Metadata="a aQ==")
        assert answer.json is not None
        assert "/Upload-Length" in [error["pointer"] for error in answer.json["errors"]]
    url = jia.declare(data).headers["Location"]
    assert problem(jia.call("PATCH", url, data[:PART])) == (422, "request.invalid")
    assert problem(jia.send(url, 0, data[:PART], Content_Type="image/jpeg")) == (
        415,
        "request.unsupported_type",
    )
    old = jia.call("HEAD", url, Tus_Resumable="0.2.2")
    assert (old.status_code, old.headers["Tus-Version"]) == (412, "1.0.0")


def test_a_program_learns_what_is_spoken_here_without_signing_in(store: Store) -> None:
    answer = create_app(store).test_client().options(UPLOADS)
    assert answer.status_code == 204
    assert answer.headers["Tus-Extension"] == "creation,creation-with-upload,checksum,termination,expiration"
    assert answer.headers["Tus-Max-Size"] == str(20 * 1024**2)


def test_nobody_uploads_or_looks_without_signing_in(store: Store) -> None:
    stranger = Phone(create_app(store).test_client(), UUID(int=0))
    assert stranger.declare(photo()).status_code == 401
    assert stranger.get(blob_url(photo())).status_code == 401


def test_crumbs_are_refused_so_that_nothing_is_kept_in_thousands_of_parts(store: Store) -> None:
    data, jia = photo(), phone(store)
    url = jia.declare(data).headers["Location"]
    assert problem(jia.send(url, 0, data[:1000])) == (422, "upload.part_too_small")
    assert jia.call("PATCH", url, Upload_Offset=0).headers["Upload-Offset"] == "0"
    assert jia.send(url, 0, data[:-1000]).status_code == 204
    assert jia.send(url, len(data) - 1000, data[-1000:]).status_code == 204


def test_two_that_send_the_same_part_at_once_cannot_mix_their_bytes(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have stored their part before either is written down: as close as it can get."""
    data, jia = photo(), phone(store)
    url = jia.declare(data).headers["Location"]
    barrier, put_part = Barrier(2), store.blobs.put_part

    def put_together(upload: UUID, part: bytes) -> str:
        name = put_part(upload, part)
        barrier.wait(timeout=30)
        return name

    monkeypatch.setattr(store.blobs, "put_part", put_together)
    twin = signed_in(store)
    with ThreadPoolExecutor(2) as pool:
        sent = [
            pool.submit(jia.send, url, 0, data[:PART]),
            pool.submit(twin.send, url, 0, data[: 2 * PART]),
        ]
        answers = [future.result() for future in sent]
    assert sorted(answer.status_code for answer in answers) == [204, 409]
    loser = next(answer for answer in answers if answer.status_code == 409)
    assert problem(loser) == (409, "upload.offset_moved")
    received = jia.offset(url)
    assert jia.send(url, received, data[received:]).status_code == 204
    assert jia.get(blob_url(data)).data == data


def test_the_same_photo_from_two_people_at_once_is_kept_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, jia, yi = photo(size=(60, 40)), phone(store), phone(store, "ceshi.yi")
    barrier, keep = Barrier(2), operations.keep

    def keep_together(*args: Any) -> operations.Whole:
        whole = keep(*args)
        barrier.wait(timeout=30)
        return whole

    monkeypatch.setattr(operations, "keep", keep_together)
    with ThreadPoolExecutor(2) as pool:
        sent = [pool.submit(person.declare, data, body=data) for person in (jia, yi)]
        assert [future.result().status_code for future in sent] == [201, 201]
    assert count(store, Blob) == 1
    assert jia.get(blob_url(data)).data == yi.get(blob_url(data)).data == data
    with store.database.reading() as session:
        assert list(audit.check(session)) == []


def test_what_another_person_brought_looks_as_if_it_were_not_there(store: Store) -> None:
    data, absent, jia, yi = photo(1), photo(2), phone(store), phone(store, "ceshi.yi")
    jia.upload(data)
    for suffix in ("", "/thumbnail"):
        for method in ("GET", "HEAD"):
            hidden = yi.get(blob_url(data) + suffix, method)
            nothing = yi.get(blob_url(absent) + suffix, method)
            assert hidden.status_code == nothing.status_code == 404
            assert hidden.data == nothing.data
            assert dict(hidden.headers) == dict(nothing.headers)
    open_upload = jia.declare(absent).headers["Location"]
    for answer in (
        yi.call("HEAD", open_upload),
        yi.send(open_upload, 0, absent[:PART]),
        yi.call("DELETE", open_upload),
    ):
        assert answer.status_code == 404
    assert jia.offset(open_upload) == 0


def test_who_sees_the_scope_sees_its_photos_and_records_may_go_first(store: Store) -> None:
    data, jia, yi = photo(), phone(store), phone(store, "ceshi.yi")
    name, scope = name_of(data), f"person:{yi.user}"
    for _ in range(2):
        with store.database.writing() as session:
            operations.use(session, name, scope, jia.user)
    assert yi.get(blob_url(data)).status_code == 404
    jia.upload(data)
    assert yi.get(blob_url(data)).data == data
    with store.database.reading() as session:
        there = operations.present(session, yi.user, [name, "sha256:" + "0" * 64], lambda: {scope})
    assert there == {name}


def test_to_name_a_file_opens_nothing_and_tells_nothing(store: Store) -> None:
    data, jia, yi, bing = photo(), phone(store), phone(store, "ceshi.yi"), phone(store, "ceshi.bing")
    name, shared = name_of(data), {"mine:1"}
    jia.upload(data)
    with store.database.writing() as session:
        operations.use(session, name, "mine:1", yi.user)
    with store.database.reading() as session:
        for who in (yi, bing):
            assert operations.present(session, who.user, [name], lambda: shared) == set()
            assert operations.open_in(session, [name])[name].isdisjoint(shared)
    yi.upload(data)
    with store.database.reading() as session:
        for who in (yi, bing):
            assert operations.present(session, who.user, [name], lambda: shared) == {name}


def test_a_photo_that_a_power_failure_cut_short_is_mended_when_it_comes_again(store: Store) -> None:
    data, jia = photo(), phone(store)
    jia.upload(data)
    kept = store.config.data_dir / "objects" / "sha256" / name_of(data)[7:9] / name_of(data)[7:]
    kept.write_bytes(data[:1000])
    jia.upload(data)
    assert jia.get(blob_url(data)).data == data


def test_a_photo_is_served_so_that_no_browser_runs_it(store: Store) -> None:
    data, jia = photo(), phone(store)
    jia.upload(data)
    answer = jia.get(blob_url(data))
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    again = jia.get(blob_url(data), **{"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    asked = jia.get(blob_url(data), "HEAD")
    assert (asked.status_code, asked.content_length, asked.data) == (200, len(data), b"")


def test_a_scan_is_downloaded_and_has_no_thumbnail(store: Store) -> None:
    data, jia = pdf(), phone(store)
    assert jia.declare(data, "application/pdf", body=data).status_code == 201
    answer = jia.get(blob_url(data))
    filename = f"{hashlib.sha256(data).hexdigest()[:16]}.pdf"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{filename}"'
    assert jia.get(blob_url(data) + "/thumbnail").status_code == 404


def test_every_photo_has_a_small_picture(store: Store) -> None:
    data, jia = photo(), phone(store)
    jia.upload(data)
    answer = jia.get(blob_url(data) + "/thumbnail")
    assert answer.content_type == "image/webp"
    with Image.open(io.BytesIO(answer.data)) as small:
        assert (small.format, small.size) == ("WEBP", (320, 213))
    with store.database.reading() as session:
        blob = session.scalars(select(Blob)).one()
        assert (blob.width, blob.height, blob.uploaded_by) == (600, 400, jia.user)


def test_a_name_that_is_no_hash_reaches_no_file(store: Store) -> None:
    jia = phone(store)
    before = sorted(store.config.data_dir.rglob("*"))
    for name in (
        "sha256:../../../kuangjian.db",
        "..%2f..%2fkuangjian.db",
        "sha256:" + "0" * 64 + "%0a",
        "sha256:" + "0" * 63 + "%00",
        "sha256:" + "A" * 64,
        "%00",
    ):
        assert problem(jia.get(f"/api/v1/blobs/{name}")) == (404, "not_found")
        assert problem(jia.send(f"{UPLOADS}/{name}", 0, b"x" * PART)) == (404, "not_found")
    assert sorted(store.config.data_dir.rglob("*")) == before


def test_an_upload_given_up_leaves_nothing(store: Store) -> None:
    data, jia = photo(), phone(store)
    url = jia.declare(data, body=data[:PART]).headers["Location"]
    assert jia.call("DELETE", url).status_code == 204
    assert parts_on_disk(store) == []
    assert jia.call("HEAD", url).status_code == 410
    assert problem(jia.call("DELETE", url)) == (410, "upload.gone")


def test_a_kept_photo_cannot_be_taken_back(store: Store) -> None:
    data, jia = photo(), phone(store)
    url = jia.declare(data, body=data).headers["Location"]
    assert problem(jia.call("DELETE", url)) == (410, "upload.gone")
    assert jia.get(blob_url(data)).data == data


def test_a_network_that_lets_no_patch_through_can_be_used(store: Store) -> None:
    data, jia = photo(), phone(store)
    url = jia.declare(data).headers["Location"]
    patched = jia.call("POST", url, data, Upload_Offset=0, X_HTTP_Method_Override="PATCH")
    assert (patched.status_code, patched.headers["Upload-Offset"]) == (204, str(len(data)))
    given_up = jia.declare(data).headers["Location"]
    assert jia.call("POST", given_up, X_HTTP_Method_Override="DELETE").status_code == 204
    assert problem(jia.call("POST", url, X_HTTP_Method_Override="GET")) == (422, "request.invalid")


def test_what_is_not_finished_in_seven_days_is_collected_and_what_was_kept_stays(
    store: Store, clock: SetClock
) -> None:
    data, kept, jia = photo(1), photo(2), phone(store)
    jia.upload(kept)
    url = jia.declare(data, body=data[:PART]).headers["Location"]
    clock.forward(days=7)
    assert problem(jia.send(url, PART, data[PART:])) == (410, "upload.gone")
    clock.forward(hours=1)
    handlers = {**operations.handlers(store.blobs), **quality.handlers(store.blobs)}
    assert [jobs.run_one(store.database, handlers) for _ in range(4)] == [
        "photo.arrived",
        "upload.expire",
        "upload.expire",
        None,
    ]
    assert parts_on_disk(store) == []
    assert count(store, Upload) == 0
    assert jia.call("HEAD", url).status_code == 404
    assert jia.get(blob_url(kept)).data == kept


def test_uploads_whose_answers_were_lost_do_not_bar_new_ones(store: Store, clock: SetClock) -> None:
    data, jia = photo(), phone(store)
    first = jia.declare(data, body=data[:PART]).headers["Location"]
    clock.forward(seconds=1)
    second = jia.declare(data).headers["Location"]
    for _ in range(operations.MOST_OPEN - 1):
        clock.forward(seconds=1)
        assert jia.declare(data).status_code == 201
    assert jia.call("HEAD", first).status_code == 410
    assert jia.call("HEAD", second).status_code == 204
    clock.forward(hours=1)
    assert jobs.run_one(store.database, operations.handlers(store.blobs)) == "upload.expire"
    assert parts_on_disk(store) == []
