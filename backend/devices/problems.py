"""What can be wrong with a whole exchange, in people's words; the codes are the envelope's (docs/adr/0004)."""

from __future__ import annotations

from typing import Any

from backend.kernel.problems import Problem, Refusal
from sync.problems import SyncProblem

_ALL = (
    Problem(400, "sync.malformed", "同步请求不合格式（{at}）。", "The sync request is malformed ({at})."),
    Problem(
        400,
        "sync.version_unsupported",
        "此版本过旧，请更新应用。",
        "This version is not supported; update the app.",
    ),
    Problem(401, "sync.auth_invalid", "设备签名不正确。", "The device's signature is not right."),
    Problem(
        403, "sync.user_mismatch", "当前登录的不是该设备的使用人。", "The device belongs to another person."
    ),
    Problem(
        404,
        "sync.device_unknown",
        "服务器不认识该设备，将重新登记。",
        "The server does not know this device; it enrols anew.",
    ),
    Problem(
        409,
        "sync.device_forked",
        "该设备的记录出现分叉，将重新登记。",
        "The device's record has forked; it enrols anew.",
    ),
    Problem(409, "sync.key_in_use", "该设备密钥已被使用。", "This device key is in use already."),
    Problem(413, "sync.too_large", "一次上传的内容过多，将分批发送。", "Too much at once; send it in parts."),
    Problem(
        429,
        "sync.strays_full",
        "由他人代交、待人工核对的记录已达上限（{max} 条），这一包没有收下，原手机上仍有；请先请人处理待核对的记录。",
        "{max} records that others handed in wait for people already; this was not taken, and its phone still has it. "
        "Let what waits be looked at first.",
    ),
    Problem(
        422,
        "sync.proof_invalid",
        "设备未能证明持有密钥。",
        "The device did not prove that it holds its keys.",
    ),
)
_BY_CODE = {problem.code: problem for problem in _ALL}

NOT_WAITING = Problem(
    409, "sync.not_waiting", "该事项已处理或不存在。", "It was decided already, or there is no such thing."
)
NOT_OPEN = Problem(
    422,
    "quarantine.not_open",
    "只能改正退回原因指明的栏目；签过字的内容和文书不能代改。",
    "Only what the reason names can be put right, and nothing that was signed by hand, nor a paper.",
)
CANNOT_TAKE = Problem(
    409,
    "conflict.cannot_take",
    "该记录已签字、已流转，或此后又有改动，不能改取另一个值；可维持现值，另行更正。",
    "This record was signed, moved on or changed since; the other value cannot take its place. Keep the present one.",
)

# Why the engine itself set a mutation aside; an operation's refusal brings its own words.
_REASONS = {
    "policy.denied": (
        "做这件事时，本人的岗位没有相应的权限。",
        "The person had no right to do this at that time.",
    ),
    "mutation.malformed": ("服务器读不懂这条记录。", "The server cannot read this record."),
    "mutation.signature_invalid": ("签名核验未通过。", "The signature does not verify."),
    "mutation.op_unknown": (
        "服务器还不认识这项操作，升级后请重新处理。",
        "The server does not know this operation yet; try again after an upgrade.",
    ),
    "mutation.failed": (
        "服务器处理时出错，日志中有编号；修复后请重新处理。",
        "The server failed at it; the log has the incident. Try again once it is mended.",
    ),
    "mutation.gap": (
        "之前有一条记录没有到达，无法接着处理。",
        "A record before this one never arrived, so it cannot be placed.",
    ),
    "mutation.id_reused": ("编号重复而内容不同。", "Its id came before with another content."),
    "mutation.void": ("手机声明这条记录无法上传。", "The phone declared that this record can never be sent."),
    "mutation.dependency_absent": (
        "所依据的另一条记录一直没有到达。",
        "Another record that it rests on never arrived.",
    ),
    "mutation.device_revoked": (
        "手机已被停用，等待人工审查。",
        "The phone was revoked; a person must look at it.",
    ),
    "mutation.device_unknown": (
        "服务器恢复后不再认识当时的设备登记，而本人已重设 PIN，手机无法重新签发；请与本人核对后再处理。",
        "After a restore the server does not know the enrolment it was done under, and its owner has set a new PIN, so "
        "his phone cannot issue it again. Ask him before you decide.",
    ),
    "mutation.author_unproven": (
        "由他人代交，服务器恢复后不认识当时的设备登记，不能确定是署名人本人所为；请务必与本人核对后再处理。",
        "Somebody else handed it in, and after a restore the server does not know the enrolment it was done under, so "
        "nothing proves that its author is who it says. Ask him before you decide.",
    ),
    "mutation.device_forked": (
        "当时的设备登记已分叉，而本人已重设 PIN，手机无法重新签发；请与本人核对后再处理。",
        "The enrolment it was done under has forked, and its owner has set a new PIN, so his phone cannot issue it "
        "again. Ask him before you decide.",
    ),
}


def reason(problem: dict[str, Any]) -> dict[str, Any]:
    """Why a mutation waits, in people's words. problem: as the engine keeps it, {code, params}."""
    code, params = problem["code"], problem["params"]
    zh, en = _REASONS.get(code, (params.get("zh", code), params.get("en", code)))
    return {"code": code, "zh": zh, "en": en, "errors": places(problem), "params": params}


def places(problem: dict[str, Any]) -> list[dict[str, str]]:
    """What is wrong where, as {pointer, zh, en}. Until 2026-11 it was kept as {pointer, detail}, in one language."""
    return [
        {
            "pointer": error["pointer"],
            **{language: error.get(language) or error["detail"] for language in ("zh", "en")},
        }
        for error in problem["params"].get("errors", [])
    ]


def told(error: SyncProblem) -> Refusal:
    """The engine's refusal as ours; `params` go out as they are."""
    params: dict[str, Any] = {
        name: value for name, value in error.params.items() if isinstance(value, str | int)
    }
    return _BY_CODE[error.code](**params)
