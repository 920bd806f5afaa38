"""The name of a published checklist: sha256 of the RFC 8785 form of its Chinese (中文为准).

Translations lie over a version, outside the hash: mending a word costs no signatures.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import rfc8785

from forms.definition import Definition

Json = Any


def canonical(definition: Definition) -> bytes:
    """The bytes that are hashed: the published JSON with only the Chinese of every text (RFC 8785)."""
    return rfc8785.dumps(_chinese(definition.to_json()))


def version(definition: Definition) -> str:
    """64 hex digits that name this definition and no other."""
    return hashlib.sha256(canonical(definition)).hexdigest()


def translated(published: Json, language: str, words: Mapping[str, str]) -> Json:
    """The published JSON with `words` (Chinese → translation) laid over every text that they know."""
    if _is_text(published):
        known = words.get(published["zh"])
        return {**published, language: known} if known else published
    if isinstance(published, dict):
        return {key: translated(value, language, words) for key, value in published.items()}
    if isinstance(published, list):
        return [translated(value, language, words) for value in published]
    return published


def _chinese(published: Json) -> Json:
    if _is_text(published):
        return {"zh": published["zh"]}
    if isinstance(published, dict):
        return {key: _chinese(value) for key, value in published.items()}
    if isinstance(published, list):
        return [_chinese(value) for value in published]
    return published


def _is_text(published: Json) -> bool:
    return isinstance(published, dict) and isinstance(published.get("zh"), str)
