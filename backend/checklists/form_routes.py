"""/api/v1/forms: which lists there are, their versions and drafts, and files they are read from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote
from uuid import UUID

from flask import Response, request

from backend.accounts.web import current_actor
from backend.checklists import catalogue, drafts, imports, versions
from backend.checklists.draft_schemas import (
    BeginSchema,
    DraftMoveSchema,
    DraftSchema,
    FileSchema,
    FromSchema,
    KeptSchema,
    LookedAtSchema,
    LookSchema,
    PreviewSchema,
    SaveFileSchema,
    SaveSchema,
)
from backend.checklists.flaws import examine
from backend.checklists.models import FormDraft
from backend.checklists.schemas import (
    AgainstQuery,
    DiffSchema,
    FileQuery,
    ListChoicesSchema,
    ListFilter,
    ListPageSchema,
    ListQuery,
    StopSchema,
    TouchedPageSchema,
    VersionSchema,
)
from backend.checklists.workflow import KINDS, STATES
from backend.kernel import excel
from backend.kernel.clock import Captured
from backend.kernel.db import now
from backend.kernel.excel import Column
from backend.kernel.problems import MOVED_ON
from backend.kernel.schemas import PageQuery
from backend.kernel.web import MULTIPART, Blueprint, reading, writing
from forms.exporting import export
from forms.importing import MOST_BYTES, Reading, read

blueprint = Blueprint(
    "forms", __name__, url_prefix="/api/v1", description="Lists: versions, drafts, approval"
)

JSON = "application/json"
BEGIN: dict[str, Callable[..., FormDraft]] = {
    "revise": drafts.revise,
    "upgrade": drafts.upgrade,
    "adapt": drafts.adapt,
    "copy": drafts.copy,
}
OVERHEAD = 64 * 1024  # of a multipart body around its file


def _of(row: dict[str, Any], part: str, name: str) -> Any:
    return row[part][name] if row[part] else None


COLUMNS: tuple[Column[dict[str, Any]], ...] = (
    Column("清单", 40, lambda row: row["title"]["zh"]),
    Column("编号", 34, lambda row: row["key"]),
    Column("类型", 22, lambda row: KINDS[row["kind"]][0]),
    Column("所属", 26, lambda row: row["owner"]["name"]),
    Column("现行版本", 10, lambda row: _of(row, "version", "number")),
    Column("状态", 10, lambda row: STATES[row["version"]["state"]][0] if row["version"] else None),
    Column("发布时间", 17, lambda row: _of(row, "version", "published_at")),
    Column("草稿", 10, lambda row: STATES[row["draft"]["state"]][0] if row["draft"] else None),
    Column("待签", 16, lambda row: (_of(row, "draft", "waits_for") or {}).get("zh")),
    Column("依据", 40, lambda row: row["base"]["title"]["zh"] if row["base"] else None),
    Column("可更新", 10, lambda row: bool(_of(row, "base", "newer"))),
)


@blueprint.get("/forms")
@blueprint.arguments(ListQuery, location="query")
@blueprint.response(200, ListPageSchema)
def list_lists(query: dict[str, Any]) -> dict[str, Any]:
    """Lists that I may read, by key: whose, the version in force, the draft and whose turn it is."""
    with reading() as session:
        page = catalogue.page(session, current_actor(session), query)
        return {"items": page.items, "next": page.next}


@blueprint.get("/forms.xlsx")
@blueprint.arguments(ListFilter, location="query")
@blueprint.response(200, excel.BODY, content_type=excel.TYPE)
def list_table(query: dict[str, Any]) -> Response:
    """The same as an Excel file, all pages."""
    with reading() as session:
        found = catalogue.every(session, current_actor(session), query)
        return Response(**excel.file("清单目录", COLUMNS, found))


@blueprint.get("/forms/choices")
@blueprint.response(200, ListChoicesSchema)
def read_choices() -> dict[str, Any]:
    """For whom I may write lists, which kinds there are, whose signatures each takes."""
    with reading() as session:
        return catalogue.choices(session, current_actor(session))


# Versions


@blueprint.get("/forms/versions/<string:sha>")
@blueprint.response(200, VersionSchema)
def read_version(sha: str) -> dict[str, Any]:
    """One version: what it says, who approved it, its history, what became of it."""
    with reading() as session:
        actor = current_actor(session)
        return catalogue.version(session, actor, catalogue.find_version(session, actor, sha))


@blueprint.get("/forms/versions/<string:sha>/diff")
@blueprint.arguments(AgainstQuery, location="query")
@blueprint.response(200, DiffSchema)
def read_diff(query: dict[str, Any], sha: str) -> dict[str, Any]:
    """What this version changed, in sentences: against another one, or the one before it."""
    with reading() as session:
        actor = current_actor(session)
        row = catalogue.find_version(session, actor, sha)
        against = query["against"] and catalogue.find_version(session, actor, query["against"])
        return catalogue.diff(session, row, against)


@blueprint.get("/forms/versions/<string:sha>/file")
@blueprint.arguments(FileQuery, location="query")
@blueprint.doc(
    responses={200: {"content": {excel.TYPE: {"schema": excel.BODY}, JSON: {"schema": {"type": "object"}}}}}
)
@blueprint.response(200)
def write_file(query: dict[str, Any], sha: str) -> Response:
    """The list as a file: Excel that the import reads back whole, its published JSON, or XLSForm as far as it goes."""
    with reading() as session:
        row = catalogue.find_version(session, current_actor(session), sha)
        parsed = versions.definition(session, row.id)
    to = query["to"]
    response = Response(export(parsed, to).data, content_type=JSON if to == "json" else excel.TYPE)
    name = quote(f"{parsed.title['zh']}.{'json' if to == 'json' else 'xlsx'}")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return response


@blueprint.get("/forms/versions/<string:sha>/submissions")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, TouchedPageSchema)
def list_touched(query: dict[str, Any], sha: str) -> dict[str, Any]:
    """The lists that were begun or filled on it, newest first: what a recall touches."""
    with reading() as session:
        actor = current_actor(session)
        return catalogue.touched(session, actor, catalogue.find_version(session, actor, sha), query)


@blueprint.post("/forms/versions/<string:sha>/<any(retire, recall):act>")
@blueprint.arguments(StopSchema)
@blueprint.response(200, VersionSchema)
def stop_version(body: dict[str, Any], sha: str, act: str) -> dict[str, Any]:
    """Take it out of force, or call it back because it is wrong: then phones are told why."""
    with writing() as session:
        actor = current_actor(session)
        row = catalogue.find_version(session, actor, sha)
        if row.ver != body["seen"]:
            raise MOVED_ON()
        when = Captured.at_desk(now(session))
        (versions.retire if act == "retire" else versions.recall)(session, actor, row, body["evidence"], when)
        session.flush()
        return catalogue.version(session, actor, row)


@blueprint.post("/forms/versions/<string:sha>/drafts")
@blueprint.arguments(FromSchema)
@blueprint.response(201, DraftSchema)
def draft_from(body: dict[str, str], sha: str) -> dict[str, Any]:
    """Begin a draft with what this version says: the next version of a list of mine, or a list of my own."""
    with writing() as session:
        actor = current_actor(session)
        row = catalogue.find_version(session, actor, sha)
        owner = (body["owner"],) if "owner" in body else ()
        return catalogue.draft(session, actor, BEGIN[body["how"]](session, actor, row, *owner))


# Drafts


@blueprint.post("/forms/drafts")
@blueprint.arguments(BeginSchema)
@blueprint.response(201, DraftSchema)
def begin_draft(body: dict[str, Any]) -> dict[str, Any]:
    """Begin a new list."""
    with writing() as session:
        actor = current_actor(session)
        return catalogue.draft(session, actor, drafts.begin(session, actor, **body))


@blueprint.get("/forms/drafts/<uuid:draft_id>")
@blueprint.response(200, DraftSchema)
def read_draft(draft_id: UUID) -> dict[str, Any]:
    """One draft, what is wrong with it, what it changes, and what I may do with it now."""
    with reading() as session:
        actor = current_actor(session)
        return catalogue.draft(session, actor, catalogue.find_draft(session, actor, draft_id))


@blueprint.put("/forms/drafts/<uuid:draft_id>")
@blueprint.arguments(SaveSchema)
@blueprint.response(200, DraftSchema)
def save_draft(body: dict[str, Any], draft_id: UUID) -> dict[str, Any]:
    """Keep what I have so far. 409 `form.stale` when somebody saved meanwhile, with `theirs` and `yours`."""
    with writing() as session:
        actor = current_actor(session)
        row = catalogue.find_draft(session, actor, draft_id)
        drafts.save(session, actor, row, body["document"], body["seen"])
        session.flush()
        return catalogue.draft(session, actor, row)


@blueprint.post("/forms/drafts/<uuid:draft_id>/look")
@blueprint.arguments(LookSchema)
@blueprint.response(200, LookedAtSchema)
def look_at_draft(body: dict[str, Any], draft_id: UUID) -> dict[str, Any]:
    """What is wrong with what is on the screen, and what it would change; nothing is kept."""
    with reading() as session:
        actor = current_actor(session)
        row = catalogue.find_draft(session, actor, draft_id)
        return catalogue.looked_at(session, row, examine(session, row, body["document"]))


@blueprint.post("/forms/drafts/<uuid:draft_id>/<any(submit, sign, publish, return, withdraw):act>")
@blueprint.arguments(DraftMoveSchema)
@blueprint.response(200, DraftSchema)
def move_draft(body: dict[str, Any], draft_id: UUID, act: str) -> dict[str, Any]:
    """Do one of the moves that are open to me: submit it, sign my step, send it back, withdraw it."""
    with writing() as session:
        actor = current_actor(session)
        row: FormDraft = catalogue.find_draft(session, actor, draft_id)
        if row.ver != body["seen"]:
            raise MOVED_ON()
        drafts.move(session, actor, row, act, body["evidence"], Captured.at_desk(now(session)))
        session.flush()
        return catalogue.draft(session, actor, row)


# Files


@blueprint.before_request
def _take_a_workbook() -> None:
    """A workbook may be larger than other bodies."""
    if request.path.startswith(f"{blueprint.url_prefix}/forms/import"):
        request.max_content_length = MOST_BYTES + OVERHEAD


@blueprint.post("/forms/import/preview")
@blueprint.arguments(FileSchema, location="form", content_type=MULTIPART)
@blueprint.response(200, PreviewSchema)
def preview_file(body: dict[str, Any]) -> dict[str, Any]:
    """What lists a file holds, row by row, with every doubt and refusal; nothing is kept."""
    with reading() as session:
        catalogue.require_author(session, current_actor(session))
    return _read(body).to_json()


@blueprint.post("/forms/import")
@blueprint.arguments(SaveFileSchema, location="form", content_type=MULTIPART)
@blueprint.response(201, KeptSchema)
def keep_file(body: dict[str, Any]) -> dict[str, Any]:
    """Keep the lists of a file as drafts. Nothing is kept while something in it is refused."""
    with reading() as session:
        catalogue.require_author(session, current_actor(session))
    found = _read(body)
    with writing() as session:
        actor = current_actor(session)
        made = imports.keep(
            session, actor, body["owner"], found, body["file"].filename or "", body.get("lists")
        )
        rows = [
            {
                "id": row.id,
                "title": catalogue.title(row),
                "kind": row.kind,
                "flaws": len(examine(session, row).flaws),
            }
            for row in made
        ]
    return {"items": rows}


def _read(body: dict[str, Any]) -> Reading:
    return read(body["file"].read(), body["file"].filename or "", body.get("kind"))
