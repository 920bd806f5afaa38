"""Cases for what a phone does with an answer: digests, changes, merge rules."""

from typing import Any

from sync import digest
from sync.envelope import Json
from sync.merge import RULES, Edit, Stamp, merge
from sync.vectors.wire import uuid

A, B, C = uuid("row a"), uuid("row b"), uuid("row c")


def digest_cases() -> Json:
    """Digests of rows and the sum of a scope, which wraps at 2^128."""
    rows: list[tuple[str, str, int, Json]] = [
        ("hazard", A, 1, {"text": "局部通风机停转", "level": None}),
        ("hazard", B, 4, {"level": "major", "values": [19.5, 1e21, 0.1]}),
        ("form", "sha256:" + "0" * 64, 1, {}),
    ]
    digests = [digest.row_digest(*row) for row in rows]
    return {
        "rows": [
            {"collection": c, "id": i, "ver": v, "row": r, "digest": f"{digest.row_digest(c, i, v, r):032x}"}
            for c, i, v, r in rows
        ],
        "sums": [
            {"digests": [f"{d:032x}" for d in part], "digest": digest.total(part)}
            for part in ([], digests[:1], digests, [2**128 - 1, 1], [2**128 - 1, 2**128 - 1, 7])
        ],
    }


def changes_cases() -> Json:
    """Answers one after another, and what the phone holds after each: rows as [collection, id, scope, ver]."""
    put_a = _change("site:3", "put", A, 1, {"text": "a"})
    put_b = _change("site:3", "put", B, 2, {"text": "b"})
    put_c = _change("site:3", "put", C, 1, {"text": "c"})
    moved_b = _change("bureau:1", "put", B, 2, {"text": "b"})
    moved_a = _change("bureau:1", "put", A, 2, {"text": "a"})
    stories = [
        ("a new scope comes in pages, ready with the last", [
            _answer([put_a], add=["site:3"], more=True),
            _answer([put_b], ready=["site:3"]),
        ]),
        ("a row is changed and another deleted", [
            _answer([put_a, put_b], add=["site:3"], ready=["site:3"]),
            _answer([_change("site:3", "put", A, 2, {"text": "A"}), _change("site:3", "delete", B)]),
        ]),
        ("a row leaves for a scope that is not mine", [
            _answer([put_a, put_b], add=["site:3"], ready=["site:3"]),
            _answer([_change("site:3", "leave", A)]),
        ]),
        ("a row moves between two of my scopes: a leave of the old home takes nothing away, in either order", [
            _answer([put_a], add=["bureau:1", "site:3"], ready=["bureau:1", "site:3"]),
            _answer([moved_a, _change("site:3", "leave", A)]),
            _answer([_change("bureau:1", "leave", A), put_a]),
        ]),
        ("a scope is dropped with all its rows", [
            _answer([put_a], add=["site:3"], ready=["site:3"]),
            _answer([], drop=["site:3"]),
        ]),
        ("a scope is given anew: what does not come again by the time it is ready is gone", [
            _answer([put_a, put_b], add=["site:3"], ready=["site:3"]),
            _answer([put_c], add=["site:3"], more=True),
            _answer([put_b], ready=["site:3"]),
        ]),
        ("a leave or a delete of a row never had is nothing", [
            _answer([_change("site:3", "leave", A), _change("site:3", "delete", B)], add=["site:3"], ready=["site:3"]),
        ]),
    ]  # fmt: skip
    anew = "a phone that asked without a cursor drops the scopes that the digest does not name"
    answers = [
        _answer([put_a, moved_b], add=["bureau:1", "site:3"], ready=["bureau:1", "site:3"]),
        _answer([put_a], add=["site:3"], ready=["site:3"]) | {"digest": {"site:3": None}},
    ]
    return {"stories": [_story(why, told) for why, told in stories], "unnamed": [_story(anew, answers)]}


def _change(scope: str, op: str, id: str, ver: int | None = None, row: Json | None = None) -> Json:
    return {"scope": scope, "op": op, "collection": "hazard", "id": id, "ver": ver, "row": row}


def _answer(
    changes: list[Json], *, add: list[str] | None = None, drop: list[str] | None = None,
    ready: list[str] | None = None, more: bool = False,
) -> Json:  # fmt: skip
    return {
        "changes": changes, "more": more,
        "add_scopes": add or [], "drop_scopes": drop or [], "ready_scopes": ready or [],
    }  # fmt: skip


def _story(why: str, answers: list[Json]) -> Json:
    held: dict[tuple[str, str], Json] = {}
    stale: set[tuple[str, str]] = set()
    ready: set[str] = set()
    steps = []
    for answer in answers:
        ready = (ready - {*answer["add_scopes"], *answer["drop_scopes"]}) | {*answer["ready_scopes"]}
        answer.setdefault("digest", {} if answer["more"] else dict.fromkeys(sorted(ready)))
        apply_answer(held, stale, answer)
        sums = _digests(held)
        answer["digest"] = {scope: sums.get(scope, digest.total(())) for scope in answer["digest"]}
        steps.append({"answer": answer, "rows": _rows(held), "digest": _digests(held)})
    return {"why": why, "steps": steps}


def apply_answer(held: dict[tuple[str, str], Json], stale: set[tuple[str, str]], answer: Json) -> None:
    """What a phone does with an answer, for rows without pending edits (docs/adr/0004, "What the phone does")."""
    for scope in answer["drop_scopes"]:
        _remove(held, {key for key, row in held.items() if row["scope"] == scope})
    for scope in answer["add_scopes"]:
        stale |= {key for key, row in held.items() if row["scope"] == scope}
    for change in answer["changes"]:
        key = (change["collection"], change["id"])
        if change["op"] == "put":
            held[key] = {name: change[name] for name in ("scope", "ver", "row")}
            stale.discard(key)
        elif key in held and held[key]["scope"] == change["scope"]:
            _remove(held, {key})
    for scope in answer["ready_scopes"]:
        _remove(held, {key for key in stale if key in held and held[key]["scope"] == scope})
    if not answer["more"]:
        _remove(held, {key for key, row in held.items() if row["scope"] not in answer["digest"]})


def _remove(held: dict[tuple[str, str], Json], gone: set[tuple[str, str]]) -> None:
    for key in gone:
        del held[key]


def _rows(held: dict[tuple[str, str], Json]) -> list[list[Any]]:
    return sorted([*key, row["scope"], row["ver"]] for key, row in held.items())


def _digests(held: dict[tuple[str, str], Json]) -> Json:
    return {
        scope: digest.total(
            digest.row_digest(*key, row["ver"], row["row"])
            for key, row in held.items()
            if row["scope"] == scope
        )
        for scope in sorted({row["scope"] for row in held.values()})
    }


MINE, OTHER = uuid("device"), uuid("other device")
EARLY, LATE = "019cab00000000007f3a21bc", "019cab00000000017f3a21bc"


def merge_cases() -> Json:
    """Every rule with an edit that knew the present value, and with one that did not."""
    answer: dict[str, Json] = {
        r: {"result": r, "value": None, "note": "", "photos": []} for r in ("fail", "pass", "na")
    }
    pairs: list[tuple[str, Any, Any]] = [
        ("note", "a", "b"), ("note", "a", "a"),
        ("answer", answer["pass"], answer["fail"]), ("answer", answer["fail"], answer["pass"]),
        ("answer", answer["na"], answer["pass"]), ("answer", answer["pass"], answer["pass"] | {"note": "x"}),
        ("measured", 19.5, 20), ("severity", "general", "major"), ("severity", "major", "general"),
        ("severity", None, "general"),
        ("deadline", "2026-03-05", "2026-03-04"), ("deadline", "2026-03-04", "2026-03-05"),
        ("deadline", None, "2026-03-05"), ("deadline", "2026-03-05", None), ("person", A, B),
        ("state", "assigned", {"from": "assigned", "to": "rectified"}),
        ("state", "rectified", {"from": "assigned", "to": "rectified"}),
        ("state", "closed", {"from": "assigned", "to": "rectified"}),
        ("append", [{"id": A}], [{"id": A}, {"id": B}]), ("set", ["a", "b"], {"add": ["c", "a"], "remove": ["b"]}),
        ("set", [], {"add": ["a"], "remove": ["a"]}), ("counter", 3, -1), ("signed", "a", "b"), ("signed", "a", "a"),
        ("delete", "a", None), ("paper", None, "2026-01"),
    ]  # fmt: skip

    def other(hlc: str) -> Stamp:
        return Stamp(3, 2, OTHER, 9, hlc)

    stamps: list[tuple[str, Stamp | None, Edit]] = [
        ("never changed", None, Edit((3, 1), MINE, 5, EARLY)),
        ("knew it by its base", other(LATE), Edit((3, 2), MINE, 5, EARLY)),
        ("changed since by another, whose clock read later", other(LATE), Edit((3, 1), MINE, 5, EARLY)),
        ("changed since by another, whose clock read earlier", other(EARLY), Edit((3, 1), MINE, 5, LATE)),
        ("changed since by the same device before", Stamp(3, 2, MINE, 4, EARLY), Edit((3, 1), MINE, 5, LATE)),
        ("changed in a newer epoch", Stamp(4, 1, OTHER, 9, EARLY), Edit((3, 7), MINE, 5, LATE)),
        ("its base is of a newer epoch", Stamp(3, 9, OTHER, 9, LATE), Edit((4, 1), MINE, 5, EARLY)),
        ("no base", Stamp(3, 1, OTHER, 9, EARLY), Edit(None, MINE, 5, LATE)),
    ]  # fmt: skip
    if {rule for rule, _, _ in pairs} != set(RULES):
        raise AssertionError("a rule has no case")
    every = [_merged(*pair, *stamp) for pair in pairs[:3] for stamp in stamps]
    return {"cases": every + [_merged(*pair, *stamp) for pair in pairs[3:] for stamp in stamps[1:4]]}


def _merged(rule: str, now: Any, incoming: Any, why: str, stamp: Stamp | None, edit: Edit) -> Json:
    return {
        "rule": rule, "why": why, "now": now, "incoming": incoming,
        "stamp": stamp and stamp._asdict(), "edit": edit._asdict(),
        "merged": merge(rule, now, incoming, stamp, edit)._asdict(),
    }  # fmt: skip
