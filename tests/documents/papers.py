"""Demo papers: a made-up bureau, mine and people; every name says 测试 or 演示."""

from __future__ import annotations

import math
from io import BytesIO
from typing import Any

Json = dict[str, Any]

VERIFIED = {"code": "GB 16423-2020", "title": "金属非金属矿山安全规程", "clause": "6.6.1.1", "verified": True}
UNVERIFIED = {"code": "矿安〔2022〕88号", "clause": "一（四）", "verified": False}
TEXTS = (
    "北采区-120 m中段3号采场局部通风机未开启，作业面一氧化碳浓度为30 ppm，超过24 ppm的限值",
    "现状图超过三个月未更新，且未经主要负责人签字",
    "1号盲斜井人行道侧堆放杂物，宽度仅0.6 m，不符合“不小于1.0 m”的要求；安全出口指示标志（含应急照明）有3处损坏",
    "主提升机房未悬挂《提升机操作规程》，司机未持证上岗",
    "空压机储气罐安全阀未按期检验（上次检验日期为2024年11月5日），压力表无红线标识",
)


def ink(seed: int = 1) -> Json:
    """A scrawl of six strokes, different for each seed."""
    strokes = [
        [
            [
                30 + 45 * stroke + 3 * at + seed,
                60 + round(30 * math.sin(seed + stroke + at / 2)) + 3 * at,
                16 * at,
            ]
            for at in range(14)
        ]
        for stroke in range(6)
    ]
    return {"viewbox": [340, 180], "strokes": strokes}


def signature(seed: int = 1, on: str = "2026-03-02") -> Json:
    return {"ink": ink(seed), "on": on}


def finding(number: int = 0, **changes: object) -> Json:
    return {"text": TEXTS[number % len(TEXTS)], "bases": [VERIFIED], "major": number % 5 == 1, **changes}


def _common() -> Json:
    return {
        "state": "issued",
        "bureau": {"name": "演示县应急管理局", "abbr": "演示"},
        "mine": {
            "name": "演示矿业有限公司一号井",
            "address": "演示省演示市演示县演示镇演示村东2公里",
            "legal_person": "测试甲",
            "position": "矿长",
            "phone": "0530-0000000",
        },
        "officers": [
            {
                "name": "测试乙",
                "certificate": "37010012345",
                "valid_until": "2028-06-30",
                "signature": signature(1),
            },
            {
                "name": "测试丙",
                "certificate": "37010012346",
                "valid_until": "2027-01-31",
                "signature": signature(2),
            },
        ],
        "site_representative": {"name": "测试丁", "position": "安全科长", "signature": signature(3)},
        "verify_base": "https://kj.example/v",
    }


def order(count: int = 5, /, **changes: object) -> Json:
    """Data of 责令限期整改指令书."""
    return {
        **_common(),
        "number": "（演示）应急责改〔2026〕12号",
        "findings": [finding(number, deadline="2026-03-09") for number in range(count)],
        "remedies": {
            "reconsideration_body": "演示县人民政府",
            "reconsideration_days": 60,
            "court": "演示县人民法院",
            "suit_months": 6,
            "in_force_from": "2024-01-01",
            "verified": True,
        },
        "issued_on": "2026-03-02",
        **changes,
    }


def record(count: int = 5, /, **changes: object) -> Json:
    """Data of 现场检查记录."""
    return {
        **_common(),
        "number": "（演示）应急检记〔2026〕12号",
        "place": "地下矿山一号井-120 m中段北采区3号采场、1号盲斜井、主提升机房",
        "start": "2026-03-02T09:05+08:00",
        "end": "2026-03-02T11:40+08:00",
        "credentials_shown": True,
        "situation": "检查组直接到达现场，查阅了现状图、通风检测记录和当班派班记录，并下井检查。",
        "findings": [finding(number) for number in range(count)],
        **changes,
    }


def refusal(reason: str = "认为第2项问题与事实不符") -> Json:
    witness = {"name": "测试己", "signature": signature(9)}
    return {
        "name": "测试戊",
        "position": "值班副矿长",
        "refusal": {"reason": reason, "on": "2026-03-02", "witness": witness},
    }


def jpeg(width: int = 160, height: int = 120, colour: tuple[int, int, int] = (120, 90, 60)) -> bytes:
    from PIL import Image

    target = BytesIO()
    Image.new("RGB", (width, height), colour).save(target, "JPEG")
    return target.getvalue()
