"""The schema of checklists as other programs fetch it."""

from __future__ import annotations

import jsonschema

from backend.app import Store, create_app
from tests.library import BY_KEY


def test_an_editor_fetches_the_schema_and_checks_a_list_that_ships(store: Store) -> None:
    answer = create_app(store).test_client().get("/schemas/form-1.json")
    assert (answer.status_code, answer.content_type) == (200, "application/schema+json")
    validator = jsonschema.Draft202012Validator(answer.json or answer.get_json(force=True))
    shipped = BY_KEY["post.UG01.controls"].to_json()
    validator.validate(shipped)
    assert not validator.is_valid(shipped | {"kind": "wish list"})
