"""What people at desks do with lists, over HTTP: write, adapt, submit, sign, recall."""

from __future__ import annotations

from typing import Any

from backend.demo import pictures
from tests.backend.desk import Desk

# The chain of the 一岗两清单 at the underground mine: who signs which step.
CHAIN = ("anke", "fuzong", "anquan", "zongjian", "fuzeren")
BUREAU = ("kezhang", "juzhang")
Json = dict[str, Any]


def item(key: str, text: str, **more: Any) -> Json:
    return {"id": key, "text": {"zh": text}, "answer": {"type": "check"}} | more


CO = item(
    "CO",
    "工作面一氧化碳浓度",
    answer={"type": "number", "unit": "ppm", "limits": [{"max": 24}]},
    frequency="shift",
)
DOCUMENT: Json = {
    "title": {"zh": "通风巡查表"},
    "sections": [{"id": "s1", "title": {"zh": "通风"}, "items": [CO, item("FAN", "局部通风机是否运转")]}],
}


class Lists:
    """The county's desks, as far as lists go."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.world = desk, desk.world
        self.mine = f"mine:{desk.mine_id()}"
        self.bureau = desk.county_scope()

    def in_force(self, key: str, login: str = "anquan") -> str:
        """The id of a list's version in force."""
        [row] = [row for row in self.rows(login, q=key) if row["key"] == key]
        assert row["version"]["state"] == "published"
        return str(row["version"]["id"])

    def rows(self, login: str = "anquan", **query: Any) -> list[Json]:
        found: list[Json] = self.desk.json(login, "/forms", limit="200", **query)["items"]
        return found

    def version(self, sha: str, login: str = "anquan") -> Json:
        found: Json = self.desk.json(login, f"/forms/versions/{sha}")
        return found

    def draft(self, draft: str, login: str = "anquan") -> Json:
        found: Json = self.desk.json(login, f"/forms/drafts/{draft}")
        return found

    def did(self, login: str, path: str, body: Any = None, *, status: int = 200) -> Json:
        """What the server answers to a POST, which must have this status."""
        answer = self.desk.post(login, path, body)
        assert answer.status_code == status, answer.text
        assert answer.json is not None
        return answer.json

    def refused(self, code: str, login: str, path: str, body: Any = None) -> Json:
        answer = self.desk.post(login, path, body)
        assert answer.json is not None
        assert answer.json["code"] == code, answer.text
        return answer.json

    def begins(self, login: str = "anquan", owner: str | None = None, **more: Any) -> Json:
        body = {"owner": owner or self.mine, "kind": "patrol", "title": "通风巡查表", "document": DOCUMENT}
        return self.did(login, "/forms/drafts", body | more, status=201)

    def drafts(self, sha: str, how: str, login: str = "anquan", **owner: str) -> Json:
        """A draft that begins with what a version says."""
        return self.did(login, f"/forms/versions/{sha}/drafts", {"how": how, **owner}, status=201)

    def adapts(self, sha: str, login: str = "anquan", owner: str | None = None) -> Json:
        return self.drafts(sha, "adapt", login, owner=owner or self.mine)

    def saves(self, login: str, draft: Json, document: Json) -> Json:
        answer = self.desk.put(
            login, f"/forms/drafts/{draft['id']}", {"seen": draft["ver"], "document": document}
        )
        assert answer.status_code == 200, answer.text
        assert answer.json is not None
        return answer.json

    def moves(self, login: str, draft: Json, act: str, *, status: int = 200, **evidence: Any) -> Json:
        """One move of a draft by somebody who has just looked at it."""
        path, body = self.asks(login, draft, act, **evidence)
        return self.did(login, path, body, status=status)

    def asks(self, login: str, draft: Json, act: str, **evidence: Any) -> tuple[str, Json]:
        seen = self.draft(draft["id"], "shenji") if login != "nobody" else draft
        if act in ("sign", "publish") and "signature" not in evidence:
            evidence["signature"] = self.ink(login, seen["sha"])
        return f"/forms/drafts/{draft['id']}/{act}", {"seen": seen["ver"], "evidence": evidence}

    def ink(self, login: str, sha: str) -> Json:
        at = self.world.clock.now().isoformat()
        strokes = pictures.ink(self.world.user_id(login))
        return {"role": "approver", "name": login, "at": at, "hash": sha, "strokes": strokes}

    def approves(self, draft: Json, chain: tuple[str, ...] = CHAIN, author: str = "anquan") -> Json:
        """Submitted and signed by everybody: it is in force."""
        draft = self.moves(author, draft, "submit")
        for login in chain[:-1]:
            draft = self.moves(login, draft, "sign")
        return self.moves(chain[-1], draft, "publish")

    def recalls(self, login: str, sha: str, why: str = "上限有误", **evidence: Any) -> Json:
        body = {"seen": self.version(sha, login)["ver"], "evidence": {"note": why} | evidence}
        return self.did(login, f"/forms/versions/{sha}/recall", body)


def edited(document: Json, *edits: tuple[str, Any]) -> Json:
    """A copy with each item's field set: ("CO.answer", {...}); None takes the field away."""
    sections = []
    changes: dict[str, dict[str, Any]] = {}
    for path, value in edits:
        key, _, name = path.partition(".")
        changes.setdefault(key, {})[name] = value
    for section in document["sections"]:
        items = []
        for one in section["items"]:
            fields = {**one, **changes.get(one["id"], {})}
            items.append({name: value for name, value in fields.items() if value is not None})
        sections.append({**section, "items": items})
    return {**document, "sections": sections}


def with_item(document: Json, one: Json) -> Json:
    """A copy with one more item at the end of the first section."""
    first, *others = document["sections"]
    return {**document, "sections": [{**first, "items": [*first["items"], one]}, *others]}
