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


def told(error: SyncProblem) -> Refusal:
    """The engine's refusal as ours; `params` go out as they are."""
    params: dict[str, Any] = {
        name: value for name, value in error.params.items() if isinstance(value, str | int)
    }
    return _BY_CODE[error.code](**params)
