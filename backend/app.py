"""create_app(): the only place that wires everything."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from flask import Flask
from flask_compress import Compress

import sync.log
from backend import endpoints
from backend.accounts import web as sign_in
from backend.config import Config
from backend.devices import collections as phones
from backend.kernel import audit
from backend.kernel.blobs import Blobs
from backend.kernel.clock import Clock, SystemClock
from backend.kernel.db import Database
from backend.kernel.log import configure_log
from backend.kernel.web import Api, harden
from sync.engine import Engine


class Store(NamedTuple):
    """What a process holds on to: given to the web application, the worker and the commands alike."""

    config: Config
    database: Database
    blobs: Blobs
    engine: Engine


def open_store(config: Config, clock: Clock | None = None) -> Store:
    """Open (and first make) what the configuration names. clock: the system's unless a test or the demo sets one."""
    config.data_dir.mkdir(parents=True, exist_ok=True)
    clock = clock or SystemClock()
    engine = phones.engine(config.secret("sync"), clock)
    database = Database(config.database_url, clock, flushers=(audit.flush, partial(sync.log.flush, engine)))
    return Store(config, database, Blobs(config.object_store_url), engine)


def create_app(store: Store) -> Flask:
    config = store.config
    app = Flask("kuangjian", static_folder=None)
    app.config.update(
        API_TITLE="矿检 Kuangjian",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api/v1",
        PROPAGATE_EXCEPTIONS=False,
    )
    # JSON only: photos and PDFs are compressed already, and the pages lie compressed beside themselves.
    app.config["COMPRESS_MIMETYPES"] = ["application/json", "application/problem+json"]
    Compress(app)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions.update(
        database=store.database,
        blobs=store.blobs,
        engine=store.engine,
        config=config,
        rate_secret=config.secret("rate"),
    )
    configure_log()
    harden(app, secure=config.secure)
    sign_in.protect(app, config.secret("jwt"), secure=config.secure)
    api = app.extensions["api"] = Api(app)
    for blueprint in endpoints.BLUEPRINTS:
        api.register_blueprint(blueprint)
    endpoints.register_plain(app)
    return app
