"""The parts that documents are made of, as data. Shapes are read by shape.py; nothing here knows how it is printed."""

# ruff: noqa: RUF009  # part() and its like return dataclasses.field()
from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from backend.documents.problems import Problem
from backend.documents.shape import part, several, string, whole
from backend.documents.wording import supplementary

SHA256 = r"^[0-9a-f]{64}$"
# 6.6.1.1、6.6.3.1~6.6.3.3, and what follows it: a table, a remark in brackets.
_NUMBERED = re.compile(r"^(\d+(?:\.\d+)*(?:[、~～至-]\d+(?:\.\d+)*)*)\s*(?=$|表|图|（)")
HTTP = r"^https?://[!-~]+$"
State = Literal["draft", "issued", "void"]


@dataclass(frozen=True, kw_only=True)
class Bureau:
    """The office that issues. abbr stands in the number: （演示）应急责改〔2026〕12号."""

    name: str = string("发文机关", 60)
    abbr: str = string("地区简称", 10)


@dataclass(frozen=True, kw_only=True)
class Mine:
    """The inspected unit, as its licence writes it."""

    name: str = string("被检查单位", 100)
    address: str = string("地址", 150)
    legal_person: str = string("法定代表人（负责人）", 60)
    position: str | None = string("职务", 40, default=None)
    phone: str | None = string("联系电话", 40, default=None)


@dataclass(frozen=True, kw_only=True)
class Ink:
    """A handwritten signature: strokes of points [x, y, ms] in whole units of a viewbox [width, height], y downward."""

    viewbox: tuple[int, int] = whole("画布大小", 1, 100_000)
    strokes: tuple[tuple[tuple[int, int, int], ...], ...] = several("笔画", 1, 1000)


@dataclass(frozen=True, kw_only=True)
class Signature:
    """What a person signed with, and on which day."""

    ink: Ink = part("签名笔迹")
    on: date = part("签名日期")


@dataclass(frozen=True, kw_only=True)
class Officer:
    """An officer and the certificate that he showed; without signature only in a draft."""

    name: str = string("执法人员姓名", 40)
    certificate: str = string("执法证号", 40)
    valid_until: date = part("执法证有效期")
    signature: Signature | None = part("执法人员签名", default=None)


@dataclass(frozen=True, kw_only=True)
class Signer:
    """A person and his signature: a witness, a recorder."""

    name: str = string("姓名", 40)
    signature: Signature | None = part("签名", default=None)


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A legal state, not a gap: with its reason and a witness the document stands without the unit's signature."""

    reason: str = string("拒签理由", 300)
    on: date = part("拒签日期")
    witness: Signer = part("见证人")


@dataclass(frozen=True, kw_only=True)
class SiteRepresentative:
    """Who received the document for the mine: signed, or refused, or (in a draft) neither yet."""

    name: str = string("现场负责人姓名", 40)
    position: str | None = string("现场负责人职务", 40, default=None)
    signature: Signature | None = part("现场负责人签名", default=None)
    refusal: Refusal | None = part("拒签", default=None)


@dataclass(frozen=True, kw_only=True)
class Basis:
    """Where a finding comes from. verified: somebody read this clause in the standard's own text."""

    code: str = string("标准或文件编号", 100)
    title: str | None = string("标准或文件名称", 100, default=None)
    clause: str | None = string("条款", 60, default=None)
    verified: bool = part("依据已核")

    def cited(self) -> str:
        """GB 16423-2020 第6.6.1.1条表4: a bare number is said as a clause, and code and clause never run together."""
        if not self.clause:
            return self.code
        return f"{self.code} " + _NUMBERED.sub(r"第\1条", self.clause)


@dataclass(frozen=True, kw_only=True)
class Photo:
    """A JPEG by its sha256; the bytes come in `assets`."""

    sha256: str = string("照片", 64, pattern=SHA256)
    caption: str | None = string("照片说明", 100, default=None)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One numbered problem. standard: what should have been."""

    text: str = string("问题", 1000, lines=True)
    standard: str | None = string("应达到的标准", 500, default=None)
    bases: tuple[Basis, ...] = several("依据", 0, 10, default=())
    major: bool = part("重大事故隐患", default=False)
    photos: tuple[Photo, ...] = several("照片", 0, 12, default=())


@dataclass(frozen=True, kw_only=True)
class OrderedFinding(Finding):
    """A problem that must be put right by the end of a day."""

    deadline: date = part("整改期限")


@dataclass(frozen=True, kw_only=True)
class Remedies:
    """Where and until when the unit may object. Dated data of a jurisdiction, never text of the template."""

    reconsideration_body: str = string("行政复议机关", 60)
    reconsideration_days: int = whole("申请行政复议的期限（日）", 1, 365)
    court: str = string("人民法院", 60)
    suit_months: int = whole("提起行政诉讼的期限（月）", 1, 60)
    in_force_from: date = part("救济规定施行日期")
    verified: bool = part("救济规定已核")


@dataclass(frozen=True, kw_only=True)
class Supplement:
    """What the paper adds to: the record of the same inspection, whose unit was told of these findings later."""

    record: str = string("所补充的现场检查记录文号", 60)
    told: datetime = part("补充告知时间")


@dataclass(frozen=True, kw_only=True)
class Document:
    """What every document begins with. number is needed once issued; void is a marked copy of an issued document."""

    state: State = part("状态")
    bureau: Bureau = part("发文机关")
    number: str | None = string("文号", 60, default=None)
    mine: Mine = part("被检查单位")
    officers: tuple[Officer, ...] = several("执法人员", 1, 6)
    site_representative: SiteRepresentative = part("现场负责人")
    verify_base: str | None = string("核验网址", 60, pattern=HTTP, default=None)
    supplement: Supplement | None = part("补充", default=None)

    def titled(self, title: str) -> str:
        return supplementary(title) if self.supplement else title

    @property
    def issued(self) -> bool:
        return self.state != "draft"

    @property
    def day(self) -> date:
        """The day the document speaks of: certificates and rules must be in force on it."""
        raise NotImplementedError


def check_document(d: Document) -> Iterator[Problem]:
    """What every document must satisfy on its day; a draft may still lack it."""
    if d.number is None:
        yield Problem(
            "/number",
            "number.missing",
            "签发的文书必须有文号，请先取号。",
            "an issued document needs its number; take one first",
            blocking=d.issued,
        )
    yield from check_officers(d.officers, d.day, d.issued)
    yield from check_representative(d.site_representative, d.issued)


def check_officers(officers: Sequence[Officer], day: date, issued: bool) -> Iterator[Problem]:
    """At least two officers, each with a certificate valid on the day (行政处罚法 42) and, once issued, a signature."""
    if len({officer.certificate for officer in officers}) < 2:
        yield Problem(
            "/officers",
            "officers.two",
            "执法人员不得少于两人，请补填另一名执法人员及其执法证号。",
            "two officers with different certificates are needed; add the other one",
            blocking=issued,
        )
    for index, officer in enumerate(officers):
        at = f"/officers/{index}"
        if officer.valid_until < day:
            yield Problem(
                f"{at}/valid_until",
                "officers.expired",
                f"{officer.name}的执法证已于{officer.valid_until}到期，请换由持有效执法证的人员执法。",
                f"certificate expired on {officer.valid_until}; an officer with a valid one must act",
                blocking=issued,
            )
        if not signed(officer.signature):
            yield _unsigned(f"{at}/signature", f"执法人员{officer.name}", issued)


def check_representative(person: SiteRepresentative, issued: bool) -> Iterator[Problem]:
    """Signed or refused, never both; a refusal is seen by a witness who signs."""
    at = "/site_representative"
    if person.signature and person.refusal:
        yield Problem(
            at,
            "representative.both",
            "现场负责人不能既签名又拒签，请只保留一项。",
            "cannot both sign and refuse; keep one",
        )
    elif person.refusal:
        if not signed(person.refusal.witness.signature):
            witness = person.refusal.witness.name
            yield _unsigned(f"{at}/refusal/witness/signature", f"见证人{witness}", issued)
    elif not signed(person.signature):
        yield _unsigned(f"{at}/signature", f"现场负责人{person.name}", issued)


def signed(signature: Signature | None) -> bool:
    """Whether there is any ink: an empty canvas is no signature."""
    return signature is not None and any(signature.ink.strokes)


def _unsigned(path: str, who: str, issued: bool) -> Problem:
    return Problem(
        path,
        "signature.missing",
        f"{who}尚未签名，请签名（拒签须记明理由和见证人）。",
        "has not signed; sign, or record the refusal with its reason and witness",
        blocking=issued,
    )


def check_findings(findings: Sequence[Finding]) -> Iterator[Problem]:
    """What a jurist should look at before he signs: findings without a basis, and bases that nobody has read."""
    for index, finding in enumerate(findings):
        if not finding.bases:
            yield Problem(
                f"/findings/{index}/bases",
                "basis.missing",
                f"第{index + 1}项问题没有依据，请补填标准和条款。",
                "has no basis; add the standard and its clause",
                blocking=False,
            )
        for place, basis in enumerate(finding.bases):
            if not basis.verified:
                yield Problem(
                    f"/findings/{index}/bases/{place}",
                    "basis.unverified",
                    f"第{index + 1}项的依据“{basis.cited()}”未经核对，请对照原文核实。",
                    "this clause was not checked against its source; check it before it is relied upon",
                    blocking=False,
                )
