"""The cast: who acts in the tests, and how to say what they do in one line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from backend.kernel.problems import Refusal


@contextmanager
def refused(code: str) -> Iterator[None]:
    """What happens inside must be refused with exactly this problem."""
    with pytest.raises(Refusal) as caught:
        yield
    assert caught.value.problem.code == code
