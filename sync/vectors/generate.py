"""Makes sync/vectors/*.json: `python -m sync.vectors.generate`. Deterministic; a test makes them again and compares.

The private keys here are for vectors only. Signatures are RFC 6979, so that they come out the same each time;
who signs with WebCrypto gets others, and checks these with verify.
"""

import json
from pathlib import Path
from typing import Any

from sync.vectors import client, clocks, model, wire

HERE = Path(__file__).parent
FILES = {
    "ids": wire.ids,
    "hlc": clocks.hlc_cases,
    "clock": clocks.clock_cases,
    "canonical": wire.canonical_cases,
    "chain": wire.chain_cases,
    "sealed": wire.sealed_cases,
    "exchange": wire.exchange_cases,
    "enrolment": wire.enrolment_cases,
    "bundle": wire.bundle_cases,
    "digest": client.digest_cases,
    "changes": client.changes_cases,
    "merge": client.merge_cases,
    "model": model.model_cases,
}


def text(name: str) -> str:
    """The contents of one vector file."""
    content: Any = FILES[name]()
    if name == "model":  # three hundred stories, one a line
        stories = [json.dumps(story, ensure_ascii=False, separators=(",", ":")) for story in content]
        return "[\n" + ",\n".join(stories) + "\n]\n"
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    for name in FILES:
        (HERE / f"{name}.json").write_text(text(name), encoding="utf-8", newline="\n")
