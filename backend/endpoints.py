"""Every address of the server: the API's blueprints, and the plain pages beside it."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, Response
from sqlalchemy import text

from backend import pages
from backend.accounts.routes import blueprint as accounts
from backend.backup.routes import blueprint as backups
from backend.checklists.form_routes import blueprint as forms
from backend.checklists.paper_routes import blueprint as blanks
from backend.checklists.routes import blueprint as submissions
from backend.devices.routes import blueprint as devices
from backend.documents.problems import DocumentError
from backend.enforcement.render import unfit
from backend.enforcement.routes import documents, verification
from backend.hazards.routes import blueprint as hazards
from backend.inspections.routes import blueprint as visits
from backend.kernel.web import answer, public, reading
from backend.people.routes import blueprint as units
from backend.shifts.routes import blueprint as people
from backend.sites.routes import blueprint as places
from backend.statistics.routes import blueprint as desk
from backend.uploads.routes import kept, uploads
from forms import load

BLUEPRINTS = (
    *(accounts, backups, devices, uploads, kept),
    *(desk, units, people, places, forms, blanks, submissions, hazards, visits, documents, verification),
)

_SCHEMA = Path(load.__file__).parent / "schema" / "form-1.json"


def register_plain(app: Flask) -> None:
    pages.serve(app)
    app.register_error_handler(DocumentError, lambda error: answer(unfit(error)))

    @app.get("/schemas/form-1.json")
    @public
    def form_schema() -> Response:
        """What a checklist's definition is, for editors and other programs (JSON Schema 2020-12)."""
        return Response(_SCHEMA.read_bytes(), mimetype="application/schema+json")

    @app.get("/healthz")
    @public
    def healthz() -> Response:
        """The process answers."""
        return Response("ok\n", mimetype="text/plain")

    @app.get("/readyz")
    @public
    def readyz() -> Response:
        """The database answers too."""
        with reading() as session:
            session.execute(text("SELECT 1"))
        return Response("ok\n", mimetype="text/plain")
