"""The demo county itself: jurisdiction, bureau, enterprise, three mines with their places, and everybody's grants."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from backend.accounts import operations as accounts
from backend.accounts.models import User
from backend.checklists import versions
from backend.demo.people import PASSWORD, PEOPLE, ROUND_THE_CLOCK, SHIFTS, Person
from backend.documents.render import kinds
from backend.enforcement import operations as enforcement
from backend.kernel.db import new_id, now
from backend.kernel.policy import Role
from backend.shifts.models import Staff
from backend.sites.models import Bureau, Enterprise, Jurisdiction, Mine, MineKind, Place

# What the limits of the lists ask of a mine: design values of the made-up mines.
PARAMETERS: dict[str, dict[str, Any]] = {
    "u": {"shift_quota": 25, "cage_rated": 18, "pillar_design": 6, "employees": 120},
    "o": {"slope_alarm": 8, "op_level": 620},
    "t": {
        "alarm_level": 3.2,
        "freeboard": 1.5,
        "beach_len": 70,
        "rise_rate": 3,
        "slope_ratio": 4,
        "phreatic_depth": 6,
    },
}
# Who a party may turn to. Not checked against the law in force: shown as such until a jurist has.
REMEDIES = {
    "reconsideration_body": "演示县人民政府",
    "reconsideration_days": 60,
    "court": "演示县人民法院",
    "suit_months": 6,
    "in_force_from": "2024-01-01",
    "verified": False,
}
MINES = {
    "u": (
        "演示铁矿（地下）",
        MineKind.UNDERGROUND,
        ("420中段3号掘进面", "主井提升机房", "380中段水泵房", "全矿"),
    ),
    "o": ("演示石灰石矿（露天）", MineKind.OPEN_PIT, ("1号采场工作面", "运输道路", "东帮边坡", "排土场")),
    "t": ("演示尾矿库", MineKind.TAILINGS, ("尾矿坝", "排洪系统")),
}


class County(NamedTuple):
    """What was made, by the short names that people.py uses. forms: the version in force, by key."""

    jurisdiction: UUID
    bureau: UUID
    enterprise: UUID
    mines: dict[str, UUID]
    places: dict[str, UUID]
    users: dict[str, UUID]
    forms: dict[str, str]


def build(session: Session) -> County:
    """Make the county. The clock of the session says since when everything holds."""
    city = Jurisdiction(id=new_id(session), name="演示市", parameters={})
    county = Jurisdiction(id=new_id(session), name="演示县", parent_id=city.id, parameters={})
    session.add(city)
    session.flush()
    session.add(county)
    session.flush()
    bureau = Bureau(
        id=new_id(session), name="演示县应急管理局", abbr="演示", jurisdiction_id=county.id, remedies=REMEDIES
    )
    enterprise = Enterprise(id=new_id(session), name="演示矿业集团有限公司")
    session.add_all([bureau, enterprise])
    session.flush()
    mines = {key: _mine(session, key, enterprise, county) for key in MINES}
    places = _places(session, mines)
    scopes = {key: f"mine:{mine.id}" for key, mine in mines.items()} | {
        "enterprise": f"enterprise:{enterprise.id}",
        "county": f"jurisdiction:{county.id}",
        "all": "all",
    }
    users = {person.login: _person(session, person, scopes[person.at]) for person in PEOPLE}
    by_name = {place.name: place for place in places}
    for person in PEOPLE:
        if person.at in mines:
            session.add(
                _staff(session, person, users[person.login], mines[person.at], by_name.get(person.place))
            )
    forms = {row.key: row.id for row in versions.load_library(session, "demo")}
    for login in ("jiancha1", "jiancha2"):
        for kind in kinds().values():
            enforcement.top_up(session, users[login], bureau, kind)
    session.flush()
    return County(
        county.id,
        bureau.id,
        enterprise.id,
        {key: mine.id for key, mine in mines.items()},
        {place.name: place.id for place in places},
        {login: user.id for login, user in users.items()},
        forms,
    )


def _mine(session: Session, key: str, enterprise: Enterprise, county: Jurisdiction) -> Mine:
    name, kind, _ = MINES[key]
    mine = Mine(
        id=new_id(session),
        name=name,
        kind=kind,
        enterprise_id=enterprise.id,
        jurisdiction_id=county.id,
        address="演示县演示镇矿山路1号",
        legal_person="华试行",
        legal_person_position="主要负责人",
        phone="000-0000000",
        dispatch_phone="000-0000119",
        parameters=PARAMETERS[key],
        shifts=[{"name": name, "hour": hour, "hours": 8} for name, hour in SHIFTS[key]],
    )
    session.add(mine)
    session.flush()
    return mine


def _places(session: Session, mines: dict[str, Mine]) -> list[Place]:
    made = []
    for key, (_, _, names) in MINES.items():
        for number, name in enumerate(names, start=1):
            code = f"KJ-{key.upper()}-{number:02d}"
            made.append(Place(id=new_id(session), mine_id=mines[key].id, name=name, code=code))
    session.add_all(made)
    session.flush()
    return made


def _person(session: Session, person: Person, scope: str) -> User:
    user = User(
        id=new_id(session),
        login=person.login,
        name=person.name,
        password_hash=_HASH,
        active=True,
        certificate_no=person.certificate,
        certificate_until=datetime(2029, 12, 31, tzinfo=UTC) if person.certificate else None,
    )
    session.add(user)
    session.flush()
    accounts.grant(session, "demo", user.id, person.role, scope, starts=now(session) - timedelta(days=1))
    # Who leads a crew or the safety of a mine also works there.
    if person.role in (Role.TEAM_LEADER, Role.SAFETY_OFFICER, Role.MINE_HEAD) and person.posts:
        accounts.grant(session, "demo", user.id, Role.WORKER, scope, starts=now(session) - timedelta(days=1))
    return user


def _staff(session: Session, person: Person, user: User, mine: Mine, place: Place | None) -> Staff:
    shifts = [name for name, _ in SHIFTS[person.at]] if person.team in ROUND_THE_CLOCK else ["早班"]
    return Staff(
        id=new_id(session),
        user_id=user.id,
        mine_id=mine.id,
        name=person.name,
        title=person.title,
        team=person.team,
        posts=list(person.posts),
        shifts=shifts,
        place_id=place and place.id,
    )


_HASH = accounts.hasher.hash(PASSWORD)
