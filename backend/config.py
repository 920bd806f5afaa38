"""Everything that can be set, read once from the environment into one frozen value: docs/reference/settings.md."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path


class ConfigError(Exception):
    """A setting that cannot be used: names the variable and what it takes."""


def setting(variable: str) -> str:
    """The environment variable of a field: `database_url` -> `DATABASE_URL`, the rest `KUANGJIAN_…`."""
    plain = {"database_url", "object_store_url", "port"}
    return variable.upper() if variable in plain else f"KUANGJIAN_{variable.upper()}"


@dataclass(frozen=True)
class Config:
    """data_dir: where a machine without other orders keeps everything (database, objects, keys).

    database_url: `sqlite:///…` or `postgresql://…`.  object_store_url: `file:///…` or `s3://bucket`.
    public_url: the address printed in QR codes; `http` is taken for a test machine only (no Secure cookies). Without
    it this machine by its own name, on `port`.
    workers / threads: of the web server; jobs run in one thread beside it.
    backup_dir: a folder on another disk; a backup is written to it every night. Without it there is none.
    """

    data_dir: Path = Path("var")
    database_url: str = ""
    object_store_url: str = ""
    public_url: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2
    threads: int = 4
    backup_dir: Path | None = None

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Config:
        """Raises ConfigError naming the variable, so that a typo stops the start instead of being ignored."""
        given: dict[str, object] = {}
        known = {setting(field.name): field for field in fields(cls)}
        for name in env:
            if name.startswith("KUANGJIAN_") and name not in known:
                raise ConfigError(f"{name}: no such setting; docs/reference/settings.md lists them")
        for name, field in known.items():
            if name in env:
                given[field.name] = _parse(name, env[name], field.default)
        config = cls(**given)  # type: ignore[arg-type]
        config._check()
        return config._filled()

    def _check(self) -> None:
        """Raises ConfigError for a number that no machine can serve with, or an address that no phone can open."""
        for name, least, most in (("port", 0, 65_535), ("workers", 1, 64), ("threads", 1, 256)):
            if not least <= getattr(self, name) <= most:
                raise ConfigError(f"{setting(name)}={getattr(self, name)}: expected {least} to {most}")
        if self.public_url and not re.fullmatch(r"https?://[^/\s]+", self.public_url):
            raise ConfigError(
                f"{setting('public_url')}={self.public_url!r}: expected https://name, with no path"
            )

    def _filled(self) -> Config:
        data = self.data_dir.resolve()
        database = self.database_url or f"sqlite:///{data / 'kuangjian.db'}"
        objects = self.object_store_url or (data / "objects").as_uri()
        if database.startswith("postgresql://"):
            database = database.replace("postgresql://", "postgresql+psycopg://", 1)
        public = self.public_url or f"http://localhost:{self.port}"
        return replace(
            self, data_dir=data, database_url=database, object_store_url=objects, public_url=public
        )

    @property
    def secure(self) -> bool:
        return self.public_url.startswith("https://")

    def secret(self, name: str) -> bytes:
        """A 32-byte secret of this installation, made on first use and kept readable by the owner only."""
        path = self.data_dir / "secrets" / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            # Written whole before it has its name: of two processes that start together, both read the same.
            made = path.with_name(f".{name}-{secrets.token_hex(8)}")
            with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(secrets.token_bytes(32))
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(made, path)
            made.unlink()
        return path.read_bytes()


def _parse(name: str, text: str, default: object) -> object:
    try:
        match default:
            case bool():
                return {"1": True, "true": True, "0": False, "false": False}[text.lower()]
            case int():
                return int(text)
            case Path() | None:
                return Path(text)
            case _:
                return text
    except (ValueError, KeyError, OSError) as error:
        raise ConfigError(f"{name}={text!r}: expected {type(default).__name__}") from error
