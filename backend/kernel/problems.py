"""Every problem the server can name: what is wrong, where, and how to mend it, in both languages (RFC 9457).

A concept declares its problems once, at module level, and raises them by calling them:
`raise HAZARD_MOVED_ON(by="测试甲", at="10:00", state="已整改")`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from string import Formatter
from typing import Any

REGISTRY: dict[str, Problem] = {}


@dataclass(frozen=True)
class Problem:
    """status: of HTTP.  code: stable, for programs.  zh, en: for people, with {names} filled when it is raised."""

    status: int
    code: str
    zh: str
    en: str

    def __post_init__(self) -> None:
        if REGISTRY.setdefault(self.code, self) != self:
            raise ValueError(f"problem {self.code} is declared twice")
        if self.names(self.zh) != self.names(self.en):
            raise ValueError(f"problem {self.code}: zh and en speak of different things")

    @staticmethod
    def names(text: str) -> frozenset[str]:
        return frozenset(name for _, name, _, _ in Formatter().parse(text) if name)

    def __call__(
        self, *, errors: Sequence[FieldError] = (), retry_after: int | None = None, **params: Any
    ) -> Refusal:
        return Refusal(self, params, tuple(errors), retry_after)

    def text(self, language: str, params: dict[str, Any]) -> str:
        return (self.en if language == "en" else self.zh).format(**params)


@dataclass(frozen=True)
class FieldError:
    """pointer: JSON pointer (RFC 6901) to what is wrong.  zh, en: what it takes instead."""

    pointer: str
    zh: str
    en: str

    def body(self, language: str) -> dict[str, str]:
        return {"pointer": self.pointer, "detail": self.en if language == "en" else self.zh}


class Refusal(Exception):
    """A problem that happened: becomes problem+json at the edge, a quarantine reason in the sync engine."""

    def __init__(
        self,
        problem: Problem,
        params: dict[str, Any],
        errors: tuple[FieldError, ...],
        retry_after: int | None,
    ) -> None:
        super().__init__(problem.code)
        self.problem, self.params, self.errors, self.retry_after = problem, params, errors, retry_after
        problem.text(
            "zh", params
        )  # a missing name is a programming error: found here, not in front of a person

    def body(self, language: str) -> dict[str, Any]:
        body: dict[str, Any] = {
            "type": f"/problems/{self.problem.code}",
            "title": self.problem.text(language, self.params),
            "status": self.problem.status,
            "code": self.problem.code,
        }
        if self.params:
            body["params"] = {name: str(value) for name, value in self.params.items()}
        if self.errors:
            body["errors"] = [error.body(language) for error in self.errors]
        return body


MALFORMED = Problem(400, "request.malformed", "请求无法读取：{what}。", "The request cannot be read: {what}.")
INVALID = Problem(
    422,
    "request.invalid",
    "有内容不符合要求，请按提示修改。",
    "Some values are not acceptable; mend them as marked.",
)
TOO_LARGE = Problem(
    413,
    "request.too_large",
    "内容过大，上限 {limit}，请分批提交。",
    "Too large: the limit is {limit}; send it in parts.",
)
NOT_FOUND = Problem(404, "not_found", "没有找到，或您无权查看。", "Not found, or not yours to see.")
NO_METHOD = Problem(
    405, "method_not_allowed", "此地址不支持该操作。", "This address does not take that method."
)
UNSUPPORTED = Problem(415, "request.unsupported_type", "请以 {expected} 格式提交。", "Send it as {expected}.")
MOVED_ON = Problem(
    409,
    "moved_on",
    "内容已被他人更改，请刷新后再操作。",
    "Somebody changed this since you looked; reload and try again.",
)
FAILED = Problem(
    500,
    "server.failed",
    "服务器出错，已记录编号 {incident}，数据未丢失，请稍后再试。",
    "The server failed; incident {incident} is recorded and nothing was lost. Try again later.",
)
