"""gunicorn, started from Python: threads for the web, one more thread in each process for jobs."""

from __future__ import annotations

import gc
import threading
from typing import Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from backend.app import create_app, open_store
from backend.config import Config
from backend.worker import work


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    def __init__(self, config: Config) -> None:
        self.settings = config
        super().__init__()

    def load_config(self) -> None:
        config = self.settings
        options: dict[str, Any] = {
            "bind": f"{config.host}:{config.port}",
            "workers": config.workers,
            "threads": config.threads,
            "worker_class": "gthread",
            "keepalive": 30,
            "timeout": 60,
            "graceful_timeout": 20,
            "loglevel": "warning",
            "worker_tmp_dir": None,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """In each process: its own connections, its own thread for jobs."""
        store = open_store(self.settings)
        threading.Thread(target=work, args=(store, threading.Event()), name="jobs", daemon=True).start()
        app = create_app(store)
        # What stands now stays. Looking through all of it again and again for garbage took longer than reading an
        # exchange: 295 ms of a request with 20 lists of 30 answers, against 1.5 ms without.
        gc.freeze()
        gc.set_threshold(10_000, 20, 20)
        return app


def serve(config: Config) -> None:
    Server(config).run()
