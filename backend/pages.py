"""The built PWA: hashed assets kept for ever by browsers, pages asked for anew, the same headers on everything."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from flask import Flask, Response, redirect, send_from_directory
from werkzeug.wrappers import Response as Redirect
from whitenoise import WhiteNoise

from backend.kernel.problems import Problem
from backend.kernel.web import HEADERS, public

NOT_BUILT = Problem(
    503, "pages.not_built", "页面尚未生成，请运行 make run。", "The pages are not built yet; run `make run`."
)
HASHED = re.compile(r"^/assets/.+-[\w-]{8,}\.\w+$")
# In a wheel the pages lie beside the program; in a checkout where Vite puts them.
_PLACES = (Path(__file__).parent / "static", Path(__file__).parent.parent / "pwa" / "dist")


def serve(app: Flask) -> None:
    """Put the pages under the application: `/field/`, `/console/`, `/v/<short>`, and their assets."""
    folder = next((place for place in _PLACES if (place / "field" / "index.html").exists()), None)

    @app.get("/")
    @public
    def home() -> Redirect:
        return redirect("/field/")

    def page(entry: str) -> Response:
        if folder is None:
            raise NOT_BUILT()
        return send_from_directory(folder / entry, "index.html", max_age=0)

    @app.get("/field/")
    @app.get("/field/<path:_route>")
    @public
    def field(_route: str = "") -> Response:
        return page("field")

    @app.get("/console/")
    @app.get("/console/<path:_route>")
    @public
    def console(_route: str = "") -> Response:
        return page("console")

    @app.get("/v/<short>")
    @public
    def verify(short: str) -> Response:  # noqa: ARG001 - the page reads it from its address
        return page("verify")

    if folder is not None:
        app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
            app.wsgi_app,
            root=str(folder),
            immutable_file_test=lambda _path, url: bool(HASHED.match(url)),
            add_headers_function=_headers,
        )


def _headers(headers: Any, _path: str, url: str) -> None:
    for name, value in HEADERS.items():
        headers[name] = value
    if url.endswith("sw.js"):
        headers["Cache-Control"] = "no-cache"
