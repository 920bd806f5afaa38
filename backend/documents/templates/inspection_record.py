"""现场检查记录 (检记): who looked at what, when, and what they found."""

# ruff: noqa: RUF009  # part() and its like return dataclasses.field()
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from backend.documents.blocks import Field
from backend.documents.kinds import Kind
from backend.documents.layout import Page
from backend.documents.paragraph import Block, Run
from backend.documents.parts import Document, Finding, Signer, check_document, check_findings
from backend.documents.problems import Problem
from backend.documents.shape import part, several, string
from backend.documents.wording import zh_copies, zh_period

COPIES = ("由应急管理部门备案", "交被检查单位")


@dataclass(frozen=True, kw_only=True)
class InspectionRecord(Document):
    """Data of 现场检查记录. No findings means that none were found: the record then says so."""

    place: str = string("检查场所", 300)
    start: datetime = part("检查开始时间")
    end: datetime = part("检查结束时间")
    credentials_shown: bool = part("已出示执法证件")
    situation: str | None = string("检查情况", 4000, lines=True, default=None)
    findings: tuple[Finding, ...] = several("问题", 0, 200)
    recorder: Signer | None = part("记录人", default=None)

    @property
    def day(self) -> date:
        return (self.supplement.told if self.supplement else self.end).date()


def story(d: InspectionRecord, page: Page) -> Iterator[Block]:
    yield page.masthead(d.bureau.name, d.titled(KIND.title_zh))
    yield page.number_line()
    yield from page.supplements(d.supplement, "本记录", "的补充")
    yield page.fields(Field("被检查单位", d.mine.name))
    yield page.fields(Field("地址", d.mine.address))
    yield page.fields(
        Field("法定代表人（负责人）", d.mine.legal_person),
        Field("职务", d.mine.position),
        Field("联系电话", d.mine.phone),
    )
    yield page.fields(Field("检查场所", d.place))
    yield page.fields(Field("检查时间", zh_period(d.start, d.end)))
    yield page.text(_credentials(d))
    yield page.text([Run("检查情况：", bold=True), Run(_situation(d))], keep=bool(d.findings))
    yield from page.numbered(d.findings, badge=lambda finding: "重大" if finding.major else "")
    yield from page.unverified_note(d.findings)
    yield from page.officers("检查人员", d.officers)
    if d.recorder:
        yield page.signer("记录人", d.recorder)
    yield from page.representative("被检查单位\n现场负责人", d.site_representative)
    yield page.note(
        f"本记录{zh_copies(len(COPIES))}：" + "，".join(f"一份{holder}" for holder in COPIES) + "。"
    )
    yield from page.photos(d.findings)


def _credentials(d: InspectionRecord) -> list[Run]:
    """The statement that officers make before anything else; left out when it was not made."""
    if not d.credentials_shown:
        return [Run("检查人员未出示执法证件。")]
    runs = [Run(f"我们是{d.bureau.name}行政执法人员")]
    for place, officer in enumerate(d.officers):
        runs += [Run("、" if place else ""), Run(officer.name, underline=True, least=5)]
    runs.append(Run("，执法证号为"))
    for place, officer in enumerate(d.officers):
        runs += [Run("、" if place else ""), Run(officer.certificate, underline=True, least=5)]
    return [*runs, Run("，这是我们的证件（出示证件）。现依法对你单位进行现场检查，请予以配合。")]


def _situation(d: InspectionRecord) -> str:
    told = f"{d.situation}\n" if d.situation else ""
    return told + ("经检查，发现下列问题：" if d.findings else "经检查，未发现安全生产违法行为和事故隐患。")


def check(d: InspectionRecord) -> Iterator[Problem]:
    if d.end < d.start:
        yield Problem(
            "/end",
            "period.backwards",
            "检查结束时间早于开始时间，请更正。",
            "the inspection ends before it starts; correct the times",
            blocking=d.issued,
        )
    if not d.credentials_shown:
        yield Problem(
            "/credentials_shown",
            "credentials.not_shown",
            "检查前应当出示执法证件；未出示的，本记录不能签发。",
            "the officers must show their certificates first; without that no record is issued",
            blocking=d.issued,
        )
    yield from check_findings(d.findings)
    yield from check_document(d)


KIND = Kind(
    key="inspection_record",
    word="应急检记",
    title_zh="现场检查记录",
    title_en="Record of on-site inspection",
    numbered=True,
    signatures=("officer", "officer", "site_representative"),
    seal=False,
    copies=COPIES,
    data=InspectionRecord,
    check=check,
    story=story,
)
