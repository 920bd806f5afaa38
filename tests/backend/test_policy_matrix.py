"""Who may read and do what: every address of the desk for every kind of person, as one table.

A word behind an address: how a draft is begun there.

200, 201: his.  403: his role does not do this.  404: not his to see, and no word on whether it is there.
401: not signed in.
"""

from __future__ import annotations

from typing import Any

import pytest

from backend.kernel.policy import Role
from tests.backend.desk import Desk
from tests.backend.lists import Lists

CAST = {
    "worker": "zuanyan",
    "safety": "anquan",
    "director": "zongjian",
    "other": "lutian.anquan",  # safety officer of another mine
    "team": "jiancha1",
    "outside": "jiancha9",  # an officer of the same bureau who is not on the team
    "head": "kezhang",
    "auditor": "shenji",
    "next": "linxian",  # section head of the neighbouring county
    "nobody": "wuren",  # signed in, with no role at all
    "unknown": None,  # not signed in
}

TABLE = """
                                         worker safety director other team outside head auditor next nobody unknown
GET  /worklist                           200    200    200      200   200  200     200  200     200  200    401
GET  /workflow                           200    200    200      200   200  200     200  200     200  200    401
GET  /mines                              200    200    200      200   200  200     200  200     200  403    401
GET  /mines.xlsx                         200    200    200      200   200  200     200  200     200  403    401
GET  /mines/{mine}/people                200    200    200      404   200  200     200  200     404  403    401
GET  /mines/{mine}/people.xlsx           200    200    200      404   200  200     200  200     404  403    401
GET  /mines/{mine}/places                200    200    200      404   200  200     200  200     404  403    401
GET  /mines/{mine}/places.xlsx           200    200    200      404   200  200     200  200     404  403    401
GET  /coverage                           403    200    200      200   200  200     200  200     200  403    401
GET  /coverage?mine={mine}               403    200    200      404   200  200     200  200     404  403    401
GET  /coverage.xlsx?mine={mine}          403    200    200      404   200  200     200  200     404  403    401
GET  /submissions/{own list}             200    200    200      404   200  200     200  200     404  404    401
POST /submissions/{own list}/countersign 403    200    403      404   403  403     403  403     404  404    401
GET  /submissions/{hidden sheet}         404    404    404      404   200  404     200  404     404  404    401
GET  /hazards                            200    200    200      200   200  200     200  200     200  403    401
GET  /hazards.xlsx                       200    200    200      200   200  200     200  200     200  403    401
GET  /hazards?mine={mine}                200    200    200      404   200  200     200  200     404  403    401
GET  /hazards/ages?mine={mine}           200    200    200      404   200  200     200  200     404  403    401
GET  /hazards/{hazard}                   200    200    200      404   200  200     200  200     404  403    401
POST /hazards/{hazard}/confirm           403    200    200      404   403  403     403  403     404  403    401
GET  /hazards/{untold hazard}            404    404    404      404   200  200     200  200     404  403    401
GET  /hazards/{told hazard}              200    200    200      404   200  200     200  200     404  403    401
GET  /visits                             403    403    403      403   200  200     200  200     200  403    401
GET  /visits.xlsx                        403    403    403      403   200  200     200  200     200  403    401
GET  /visits/choices                     403    403    403      403   200  200     200  403     200  403    401
POST /visits                             403    403    403      403   201  201     201  403     403  403    401
GET  /visits/{prepared visit}            404    404    404      404   200  404     200  404     404  404    401
POST /visits/{prepared visit}/cancel     404    404    404      404   200  404     403  404     404  404    401
GET  /visits/{opened visit}              404    404    404      404   200  200     200  200     404  404    401
GET  /documents                          403    200    200      200   200  200     200  200     200  403    401
GET  /documents.xlsx                     403    200    200      200   200  200     200  200     200  403    401
GET  /documents/{untold document}        403    404    404      404   200  200     200  200     404  403    401
GET  /documents/{told document}          403    200    200      404   200  200     200  200     404  403    401
GET  /documents/{told document}/pdf      403    200    200      404   200  200     200  200     404  403    401
GET  /units                              403    403    403      403   403  403     403  403     403  403    401
GET  /units/mine:{mine}/people           403    403    403      403   403  403     403  403     403  403    401
GET  /units/mine:{mine}/people.xlsx      403    403    403      403   403  403     403  403     403  403    401
GET  /backups                            403    403    403      403   403  403     403  403     403  403    401
GET  /sync/phones?unit=mine:{mine}       403    403    403      403   403  403     403  403     403  403    401
GET  /sync/conflicts                     200    200    200      200   200  200     200  200     200  200    401
GET  /sync/conflicts/pages               200    200    200      200   200  200     200  200     200  200    401
GET  /sync/quarantine                    403    403    200      403   403  403     200  403     200  403    401
GET  /forms                              200    200    200      200   200  200     200  200     200  403    401
GET  /forms.xlsx                         200    200    200      200   200  200     200  200     200  403    401
GET  /forms/choices                      200    200    200      200   200  200     200  200     200  403    401
POST /forms/drafts                       403    201    201      403   403  403     403  403     403  403    401
GET  /forms/versions/{library list}      200    200    200      200   200  200     200  200     200  403    401
GET  /forms/versions/{library list}/diff 200    200    200      200   200  200     200  200     200  403    401
GET  /forms/versions/{own version}       200    200    200      404   200  200     200  200     404  403    401
GET  /forms/versions/{own version}/blank.pdf 200 200 200        404   200  200     200  200     404  403    401
GET  /forms/versions/{own version}/submissions 200 200 200      404   200  200     200  200     404  403    401
POST /forms/versions/{own version}/drafts revise 403 201 201    404   403  403     403  403     404  403    401
POST /forms/versions/{library list}/drafts adapt 403 201 201    403   403  403     403  403     403  403    401
POST /forms/versions/{library list}/drafts copy 403 201 201     403   403  403     403  403     403  403    401
POST /forms/versions/{own version}/retire 403   403    200      404   403  403     403  403     404  403    401
POST /forms/versions/{own version}/recall 403   403    200      404   403  403     403  403     404  403    401
POST /forms/versions/{library list}/recall 403  403    403      403   403  403     403  403     403  403    401
GET  /forms/drafts/{draft}               404    200    200      404   404  404     404  200     404  404    401
POST /forms/drafts/{draft}/look          404    200    200      404   404  404     404  200     404  404    401
POST /forms/drafts/{draft}/submit        404    200    200      404   404  404     404  403     404  404    401
POST /forms/drafts/{draft}/withdraw      404    200    200      404   404  404     404  403     404  404    401
POST /forms/drafts/{review}/sign         404    200    403      404   404  404     404  403     404  404    401
POST /forms/drafts/{review}/return       404    200    403      404   404  404     404  403     404  404    401
GET  /verify/{short}                     200    200    200      200   200  200     200  200     200  200    200
"""


def table() -> list[tuple[str, str, dict[str, int]]]:
    head, *lines = TABLE.strip("\n").splitlines()
    names = head.split()
    rows = []
    for line in lines:
        cells = line.split()
        left = line[: line.index(cells[-len(names)], 6 + len(cells[1]))]
        path = left.split(maxsplit=1)[1].strip()
        rows.append((cells[0], path, dict(zip(names, map(int, cells[-len(names) :]), strict=True))))
    return rows


@pytest.fixture
def things(desk: Desk) -> dict[str, str]:
    """A mine with a list, a hazard, and visits that are prepared, opened and explained, with a paper from each."""
    world = desk.world
    desk.neighbours()
    desk.person("jiancha9", Role.INSPECTOR, desk.county_scope(), certificate="YS-0009")
    desk.person("wuren", None, "")
    filled = desk.fills("zuanyan", world.calls_roll("zuanyan")[0])
    hazard = world.reports("zuanyan")
    prepared = world.prepares_visit()
    opened = world.prepares_visit()
    desk.opens(opened)
    untold = desk.finds(opened)
    early = desk.issues(opened)
    explained = world.prepares_visit()
    lists = Lists(desk)
    desk.opens(explained)
    told = desk.finds(explained)
    desk.explains(explained)
    paper = desk.issues(explained)
    world.drain()
    return {
        "mine": str(desk.mine_id()),
        "own list": str(filled),
        "hidden sheet": str(desk.submission_of(prepared)),
        "hazard": str(hazard),
        "untold hazard": str(untold),
        "told hazard": str(told),
        "prepared visit": str(prepared),
        "opened visit": str(opened),
        "untold document": str(early),
        "told document": str(paper),
        "short": desk.json("kezhang", f"/documents/{paper}")["short"],
        "library list": lists.in_force("post.UG02.controls"),
        "own version": published(lists),
        "draft": lists.begins()["id"],
        "review": lists.moves("anquan", lists.begins(), "submit")["id"],
    }


def published(lists: Lists) -> str:
    """A list of the mine's own that is in force."""
    lists.desk.world.clock.forward(seconds=1)
    draft = lists.begins()
    lists.approves(draft, ("anquan", "zongjian", "fuzeren"))
    return lists.in_force(draft["key"])


def test_everybody_gets_what_his_roles_allow_and_not_a_word_more(desk: Desk, things: dict[str, str]) -> None:
    expected, found = {}, {}
    for method, path, row in table():
        expected[f"{method} {path}"] = row
        found[f"{method} {path}"] = {
            name: ask(desk, things, method, path, login) for name, login in CAST.items()
        }
    assert found == expected


def ask(desk: Desk, things: dict[str, str], method: str, path: str, login: str | None) -> int:
    place = path.format_map(things).split()[0]
    if method == "GET":
        return desk.get(login, place).status_code
    answer = desk.post(login, place, body(desk, things, path))
    if answer.status_code in (200, 201):
        things |= again(desk, path)
    return answer.status_code


def body(desk: Desk, things: dict[str, str], path: str) -> Any:
    """A request that would be right, if only the person may make it."""
    if path.startswith("/forms"):
        return forms_body(Lists(desk), things, path)
    if path == "/visits":
        choices = desk.json("kezhang", "/visits/choices")
        officers = {officer["name"]: officer["id"] for officer in choices["officers"]}
        return {
            "mine": things["mine"],
            "bureau": choices["bureaus"][0]["id"],
            "form": choices["forms"][0]["id"],
            "team": [officers["陶示范"], officers["姜示范"]],
            "kind": "四不两直",
            "purpose": "通风专项",
        }
    seen = desk.json("kezhang" if "visit" in path else "anquan", path.rsplit("/", 1)[0].format_map(things))[
        "ver"
    ]
    with desk.world.writing("anquan") as (_, actor):
        signature = desk.world.signature(actor, "team_leader")
    evidence = {"note": "改期"} if path.endswith("cancel") else {}
    return (
        {"seen": seen, "signature": signature}
        if "submissions" in path
        else {"seen": seen, "evidence": evidence}
    )


def forms_body(lists: Lists, things: dict[str, str], path: str) -> Any:
    place = path.rsplit("/", 1)[0].format_map(things)
    if path == "/forms/drafts":
        return {"owner": lists.mine, "kind": "patrol", "title": "通风巡查表"}
    if "/drafts " in path:
        how = path.rsplit(maxsplit=1)[1]
        return {"how": how} if how == "revise" else {"how": how, "owner": lists.mine}
    if path.endswith("look"):
        return {"document": {}}
    seen = lists.desk.json("shenji", place)
    note = {"note": "改期"} if path.endswith(("return", "retire", "recall")) else {}
    signature = {"signature": lists.ink("anquan", seen["sha"])} if path.endswith("sign") else {}
    return {"seen": seen["ver"], "evidence": note | signature}


def forms_again(lists: Lists, path: str) -> dict[str, str]:
    if path.endswith(("revise", "adapt", "copy")):
        for row in lists.rows("anquan", state="draft"):
            lists.moves("anquan", row["draft"], "withdraw")
        return {"draft": lists.begins()["id"]}
    if path.endswith(("retire", "recall")):
        return {"own version": published(lists)}
    if "{draft}" in path and not path.endswith("look"):
        return {"draft": lists.begins()["id"]}
    if "{review}" in path:
        return {"review": lists.moves("anquan", lists.begins(), "submit")["id"]}
    return {}


def again(desk: Desk, path: str) -> dict[str, str]:
    """What was done is done: the next person gets one of his own."""
    if path.startswith("/forms"):
        return forms_again(Lists(desk), path)
    if path.endswith("confirm"):
        return {"hazard": str(desk.world.reports("zuanyan"))}
    if path.endswith("cancel"):
        return {"prepared visit": str(desk.world.prepares_visit())}
    if path.endswith("countersign"):
        desk.world.clock.forward(days=1)
        return {"own list": str(desk.fills("zuanyan", desk.world.calls_roll("zuanyan")[0]))}
    return {}
