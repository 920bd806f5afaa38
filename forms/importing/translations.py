"""Labels in several languages, as pyxform gives them → a text of form/1: zh first, others by their codes."""

from __future__ import annotations

import re
from typing import Any

from forms.importing.phrases import table


def texts(said: Any, default_language: str = "default") -> dict[str, str]:
    """A text with "zh": the Chinese if there is any, else the default language's words. {} where nothing is said."""
    if isinstance(said, dict):
        found = {
            str(language): str(words).strip() for language, words in said.items() if str(words or "").strip()
        }
    else:
        found = {default_language: str(said).strip()} if str(said or "").strip() else {}
    found = {language: words.translate(_BACK) for language, words in found.items()}
    coded: dict[str, str] = {}
    for language, words in found.items():
        coded.setdefault(_code(language, words), words)
    if not coded:
        return {}
    chinese = coded.get("zh") or coded.get(_code(default_language, "")) or next(iter(coded.values()))
    others = {code: words for code, words in coded.items() if code not in ("zh", "default", "")}
    return {"zh": chinese, **others}


# Quotation marks that pyxform would make straight, and what stands for them on the way through it.
_QUOTES = {"“": "\ue000", "”": "\ue001", "‘": "\ue002", "’": "\ue003"}
_THERE = str.maketrans(_QUOTES)
_BACK = str.maketrans({kept: quote for quote, kept in _QUOTES.items()})


def protected(words: str) -> str:
    """Words whose quotation marks pyxform leaves alone; `texts` brings them back."""
    return words.translate(_THERE)


def _code(language: str, words: str) -> str:
    """ "English (en)" → en, "中文" → zh; an unnamed language is Chinese where its words are."""
    named = re.search(r"\(([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\)\s*$", language.strip())
    if named:
        return "zh" if named[1].split("-")[0] in ("zh", "cn") else named[1]
    code = table("xlsform")["languages"].get(language.strip().lower())
    if code:
        return str(code)
    if re.fullmatch(r"[a-z]{2,3}", language.strip()):
        return language.strip()
    return "zh" if re.search("[\u4e00-\u9fff]", words) else "default"
