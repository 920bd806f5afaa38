"""责令限期整改指令书 (责改): the problems that a mine must put right, each by its day."""

# ruff: noqa: RUF009  # part() and its like return dataclasses.field()
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from backend.documents.kinds import Kind
from backend.documents.layout import Page
from backend.documents.paragraph import Block, Run
from backend.documents.parts import Document, OrderedFinding, Remedies, check_document, check_findings
from backend.documents.problems import Problem
from backend.documents.shape import part, several
from backend.documents.wording import ranges, zh_copies, zh_date

COPIES = ("由应急管理部门备案", "交被检查单位")


@dataclass(frozen=True, kw_only=True)
class RectifyOrder(Document):
    """Data of 责令限期整改指令书."""

    findings: tuple[OrderedFinding, ...] = several("问题", 1, 200)
    remedies: Remedies = part("救济途径")
    issued_on: date = part("签发日期")

    @property
    def day(self) -> date:
        return self.issued_on


def story(d: RectifyOrder, page: Page) -> Iterator[Block]:
    yield page.masthead(d.bureau.name, d.titled(KIND.title_zh))
    yield page.number_line()
    yield page.addressed_to(d.mine.name)
    yield from page.supplements(d.supplement, "本指令书", "所载检查的补充处理")
    yield page.text("经查，你单位存在下列问题：", keep=True)
    yield from page.numbered(d.findings, badge=lambda finding: "重大" if finding.major else "")
    if major := [number for number, finding in enumerate(d.findings, 1) if finding.major]:
        yield page.text(f"上述第{ranges(major)}项为重大事故隐患。")
    yield page.text(_order(d))
    yield page.text(
        "整改期间，你单位应当采取措施，确保安全生产；由此造成事故的，依法追究有关人员的责任。"
        "逾期不整改或者整改不合格的，将依法予以行政处罚。"
    )
    yield page.remedies(d.remedies)
    yield from page.unverified_note(d.findings, d.remedies)
    yield from page.officers("执法人员", d.officers)
    yield from page.representative("被检查单位\n现场负责人", d.site_representative)
    yield page.seal(d.bureau.name, d.issued_on, keep=True)
    yield page.note(
        f"本文书{zh_copies(len(COPIES))}：" + "，".join(f"一份{holder}" for holder in COPIES) + "。"
    )
    yield from page.photos(d.findings)


def _order(d: RectifyOrder) -> list[Run]:
    """现责令你单位对上述第1至3、5项问题于2026年3月9日前整改完毕, the days in order."""
    runs = [Run("现责令你单位对上述")]
    days = sorted({finding.deadline for finding in d.findings})
    for place, day in enumerate(days):
        items = ranges(number for number, finding in enumerate(d.findings, 1) if finding.deadline == day)
        runs += [
            Run("，" if place else ""),
            Run(f"第{items}项问题于"),
            Run(zh_date(day), underline=True, least=8),
            Run("前整改完毕"),
        ]
    return [*runs, Run("，达到有关法律、法规、规章和标准规定的要求。")]


def check(d: RectifyOrder) -> Iterator[Problem]:
    for index, finding in enumerate(d.findings):
        if finding.deadline < d.issued_on:
            yield Problem(
                f"/findings/{index}/deadline",
                "deadline.past",
                f"第{index + 1}项的整改期限{finding.deadline}早于签发日期{d.issued_on}，请更正。",
                "deadline is before the day of issue; set a later day",
                blocking=d.issued,
            )
    yield from check_findings(d.findings)
    if not d.remedies.verified:
        yield Problem(
            "/remedies",
            "remedies.unverified",
            "复议机关、法院和期限未经核对，请由法制人员核实。",
            "review body, court and terms were not checked; have a jurist check them",
            blocking=False,
        )
    if d.remedies.in_force_from > d.issued_on:
        yield Problem(
            "/remedies/in_force_from",
            "remedies.not_yet",
            f"所引救济规定自{d.remedies.in_force_from}起施行，晚于签发日期，请换用当日有效的规定。",
            "these remedies are not in force yet on the day of issue; use those that are",
            blocking=d.issued,
        )
    yield from check_document(d)


KIND = Kind(
    key="rectify_order",
    word="应急责改",
    title_zh="责令限期整改指令书",
    title_en="Order to rectify within a time limit",
    numbered=True,
    signatures=("officer", "officer", "site_representative"),
    seal=True,
    copies=COPIES,
    data=RectifyOrder,
    check=check,
    story=story,
)
