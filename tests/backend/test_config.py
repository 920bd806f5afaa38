"""Settings: what is not one stops the start with its name, so that nobody believes in a typo."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.config import Config, ConfigError


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("KUANGJIAN_DATA", "x", "no such setting; docs/reference/settings.md"),
        ("PORT", "eighty", "expected int"),
        ("PORT", "70000", "expected 0 to 65535"),
        ("KUANGJIAN_WORKERS", "0", "expected 1 to 64"),
        ("KUANGJIAN_THREADS", "-4", "expected 1 to 256"),
        ("KUANGJIAN_PUBLIC_URL", "kuangjian.example", "expected https://name"),
        ("KUANGJIAN_PUBLIC_URL", "https://kuangjian.example/app", "with no path"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_with_what_it_takes(
    name: str, given: str, expected: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        Config.from_env({name: given})
    assert name in str(refused.value)
    assert expected in str(refused.value)
    page = Path(__file__).parents[2] / "docs" / "reference" / "settings.md"
    assert page.exists()


def test_the_address_that_is_printed_is_the_one_that_is_served() -> None:
    assert Config.from_env({"PORT": "8123"}).public_url == "http://localhost:8123"
    assert Config.from_env({"KUANGJIAN_PUBLIC_URL": "https://kj.example"}).secure
