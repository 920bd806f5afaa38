"""The lists that ship, read once for all tests: reading and checking them takes a second each time."""

from __future__ import annotations

from forms.library import load_library

LIBRARY = load_library()
BY_KEY = {definition.key: definition for definition in LIBRARY}
