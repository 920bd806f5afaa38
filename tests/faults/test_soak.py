"""The long tier (`make soak`): what a county's phones are in a bad week, and more."""

from __future__ import annotations

import pytest

from tests.faults.installation import Installation
from tests.faults.storm import storm


@pytest.mark.soak
def test_two_hundred_phones_and_a_hundred_thousand_mutations_lose_nothing(
    installation: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    numbers = storm(installation, phones=200, mutations=100_000, kills=10)
    with capsys.disabled():
        print(f"\n{installation.store.database.engine.dialect.name}: {numbers}")  # noqa: T201 - the soak's outcome
