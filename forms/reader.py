"""Reading untrusted data place by place, so that an author gets every problem at once and where it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import yaml

from forms.values import BIGGEST, as_number, show

T = TypeVar("T")
LONGEST = 4000
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing wrong with a definition: where (an RFC 6901 pointer), what (a code of flaws.yaml), and whether the
    schema form-1.json sees it too (`shape`) or only this loader does. offset: in an expression's text, the code point
    (from 0) where it stands.
    """

    path: str
    code: str
    params: Mapping[str, str]
    shape: bool = True
    offset: int | None = None

    def say(self, language: str = "zh") -> str:
        """What is wrong and how to mend it."""
        text = _flaws()[self.code]
        words = text.get(language, text["zh"])
        for name, value in self.params.items():
            words = words.replace("{" + name + "}", value)
        if self.offset is None:
            return words
        return (
            f"第 {self.offset + 1} 字：" if language == "zh" else f"At character {self.offset + 1}: "
        ) + words


class DefinitionError(ValueError):
    """The only error of this package: data is no definition. `flaws` lists everything that is wrong with it."""

    def __init__(self, flaws: Collection[Flaw]) -> None:
        self.flaws = tuple(flaws)
        super().__init__("\n".join(f"{flaw.path or '/'}: {flaw.say('en')}" for flaw in self.flaws))


@cache
def _flaws() -> Mapping[str, Mapping[str, str]]:
    data: dict[str, dict[str, str]] = yaml.safe_load(
        Path(__file__).with_name("flaws.yaml").read_text("utf-8")
    )
    return data


class Place:
    """One value of the data with its path. Readers note a flaw and return something harmless; the caller asks at the
    end whether there were any.
    """

    def __init__(self, value: object, path: str, flaws: list[Flaw]) -> None:
        self.value, self.path, self._flaws = value, path, flaws

    def flaw(self, code: str, *, shape: bool = True, at: int | None = None, **params: object) -> None:
        known = {name: str(value) for name, value in params.items()}
        self._flaws.append(Flaw(self.path, code, known, shape, at))

    def child(self, name: object, value: object) -> Place:
        escaped = str(name).replace("~", "~0").replace("/", "~1")
        return Place(value, f"{self.path}/{escaped}", self._flaws)

    def fields(self, required: str, optional: str = "") -> Fields:
        """The fields of an object; notes those that are missing and those that nobody knows."""
        known = (*required.split(), *optional.split())
        if not isinstance(self.value, dict):
            self.flaw("not_an_object", fields=", ".join(known))
            return Fields({})
        for name in self.value:
            if name not in known:
                self.child(name, None).flaw("unknown_field", known=", ".join(known))
        for name in required.split():
            if name not in self.value:
                self.flaw("missing_field", field=name)
        return Fields({name: self.child(name, self.value[name]) for name in known if name in self.value})

    def each(self, read: Callable[[Place], T], *, least: int = 0, most: int = 500) -> tuple[T, ...]:
        if not isinstance(self.value, list) or not least <= len(self.value) <= most:
            self.flaw("not_a_list", least=least, most=most)
            return ()
        return tuple(read(self.child(index, value)) for index, value in enumerate(self.value))

    def by_name(self, read: Callable[[Place], T], name: re.Pattern[str]) -> dict[str, T]:
        if not isinstance(self.value, dict):
            self.flaw("not_an_object", fields="…")
            return {}
        for key in self.value:
            self.child(key, key).matching(name)
        return {str(key): read(self.child(key, value)) for key, value in self.value.items()}

    def string(self) -> str:
        """Words that are not blank and that UTF-8 can carry."""
        if not isinstance(self.value, str) or not self.value.strip() or len(self.value) > LONGEST:
            self.flaw("not_words", most=LONGEST)
            return ""
        if re.search("[\ud800-\udfff]", self.value):
            self.flaw("broken_unicode", shape=False)
            return ""
        return self.value

    def text(self) -> dict[str, str]:
        """A text in Chinese and perhaps other languages; an author may write the Chinese alone."""
        if not isinstance(self.value, dict):
            return {"zh": self.string()}
        if "zh" not in self.value:
            self.flaw("no_chinese")
        return self.by_name(Place.string, _LANGUAGE)

    def matching(self, pattern: re.Pattern[str]) -> str:
        if not isinstance(self.value, str) or not pattern.fullmatch(self.value):
            self.flaw("bad_name", pattern=pattern.pattern)
            return ""
        return self.value

    def one_of(self, allowed: Collection[T]) -> T:
        """One of the allowed words."""
        for word in allowed:
            if isinstance(self.value, str) and self.value == word:
                return word
        self.flaw("not_one_of", allowed=", ".join(map(str, allowed)))
        return next(iter(allowed))

    def number(self) -> float:
        number = as_number(self.value)
        if number is None or abs(number) > BIGGEST:
            self.flaw("not_a_number", most=show(BIGGEST))
            return 0.0
        return number

    def within(self, least: float, most: float) -> float:
        number = as_number(self.value)
        if number is None or not least <= number <= most:
            self.flaw("not_within", least=show(least), most=show(most))
            return least
        return number

    def whole(self, least: int, most: int) -> int:
        number = as_number(self.value)
        if number is None or not number.is_integer() or not least <= number <= most:
            self.flaw("not_whole", least=least, most=most)
            return least
        return int(number)

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            self.flaw("not_a_flag")
        return self.value is True


class Fields(dict[str, Place]):
    def read(self, name: str, read: Callable[[Place], T], absent: Any = None) -> T | Any:
        """What stands in a field, or `absent`."""
        return read(self[name]) if name in self else absent
