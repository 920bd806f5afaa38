"""The page of an enforcement document: its measures, and the blocks that templates are written in.

Measures of 安全生产行政执法文书 (requirements.md 2, Layout): A4, margins 37/35/28/26 mm; issuing body and title 22 pt
bold on 35 pt leading; number 14 pt at the right; body 仿宋 12 pt on 28 pt leading; office and date at the lower right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm

from backend.documents import fonts
from backend.documents.blocks import (
    Field,
    FieldRow,
    PhotoBlock,
    SealPlace,
    SignatureRow,
    Table,
    draw_qr,
)
from backend.documents.pages import NewPage, Placed, paginate
from backend.documents.paragraph import Block, Run, Style, ZhParagraph
from backend.documents.parts import (
    Basis,
    Finding,
    Officer,
    Photo,
    Remedies,
    Signature,
    Signer,
    SiteRepresentative,
    State,
    Supplement,
    signed,
)
from backend.documents.wording import ranges, zh_date, zh_datetime

TOP, BOTTOM, LEFT, RIGHT = 37 * mm, 35 * mm, 28 * mm, 26 * mm
WIDTH, HEIGHT = A4[0] - LEFT - RIGHT, A4[1] - TOP - BOTTOM

BODY = Style()
FLUSH = Style(first=0)
HEADING = Style(face=fonts.BOLD, size=22, leading=35, align="center", first=0)
NUMBER = Style(size=14, leading=28, align="right", first=0)
NOTE = Style(size=10, leading=18, first=0)
TINY = Style(face=fonts.SERIF, size=7.5, leading=10, first=0, align="left")
FOOTER = Style(face=fonts.SERIF, size=10, leading=14, first=0, align="center")
WATERMARK: Mapping[State, str] = {"draft": "未签发草稿", "void": "作废"}
UNVERIFIED = "※"
FOOT, QR_SIDE = 13 * mm, 16 * mm  # the lower edge of the QR code stays clear of what printers cannot reach
PHOTO_TALL = 62 * mm


@dataclass(frozen=True)
class Mark:
    """What every page carries: state, number, the short form of the data's hash, and where to check it."""

    state: State
    number: str
    short: str
    verify_base: str | None


class Page:
    """Makes the blocks of a document. assets: the bytes of photos by sha256."""

    def __init__(self, mark: Mark, assets: Mapping[str, bytes]) -> None:
        self._mark = mark
        self._assets = assets
        # A draft has no address: its hash is in no ledger.
        known = mark.verify_base if mark.state != "draft" else None
        self._address = f"{known.rstrip('/')}/{mark.short}" if known else None

    # --- the blocks, in the order in which a page is read ---------------------------------------------------------

    def masthead(self, office: str, title: str) -> Block:
        """Issuing body and title, centred."""
        return ZhParagraph(f"{office}\n{title}", HEADING, keep=True)

    def number_line(self) -> Block:
        return ZhParagraph(self._mark.number, NUMBER, keep=True)

    def addressed_to(self, name: str) -> Block:
        return ZhParagraph(f"{name}：", FLUSH, keep=True)

    def text(self, text: str | Sequence[Run], *, keep: bool = False) -> Block:
        return ZhParagraph(text, BODY, keep=keep)

    def supplements(self, supplement: Supplement | None, paper: str, what: str) -> Iterator[Block]:
        """Which record the paper adds to and when the unit was told. paper: what it calls itself. what: it is to it."""
        if supplement:
            yield self.text(
                f"{paper}系对{supplement.record}《现场检查记录》{what}。下列问题在该次检查中发现，未列入该记录，"
                f"已于{zh_datetime(supplement.told)}补充告知你单位。",
                keep=True,
            )

    def fields(self, *fields: Field) -> Block:
        return FieldRow(fields)

    def numbered(self, findings: Sequence[Finding], *, badge: Callable[[Finding], str]) -> Iterator[Block]:
        """The findings as 1. 2. 3., each with its badge, its standard and its bases."""
        photo = 0
        for index, finding in enumerate(findings, 1):
            # The blank keeps “3. 1号井” from being read as 3.1.
            runs = [Run(f"{index}."), Run("", least=0.4)]
            if badge(finding):
                runs += [Run(badge(finding), bold=True, frame=True), Run("", least=0.2)]
            runs.append(Run(_sentence(finding.text)))
            if finding.standard:
                runs.append(Run(f"应达到：{_sentence(finding.standard)}"))
            if finding.bases:
                runs.append(Run(f"（依据：{'；'.join(map(basis_text, finding.bases))}）"))
            if finding.photos:
                shown = range(photo + 1, photo + 1 + len(finding.photos))
                runs.append(Run(f"（见照片{ranges(shown)}）"))
                photo += len(finding.photos)
            yield ZhParagraph(runs, BODY)

    def unverified_note(
        self, findings: Sequence[Finding], remedies: Remedies | None = None
    ) -> Iterator[Block]:
        """The footnote that explains ※, when there is one to explain."""
        if any(not basis.verified for finding in findings for basis in finding.bases) or (
            remedies and not remedies.verified
        ):
            yield self.note(
                [
                    Run(f"{UNVERIFIED}依据未核", bold=True),
                    Run("：所标条款或规定尚未与原文核对。"),
                ]
            )

    def remedies(self, r: Remedies) -> Block:
        """Where the unit may object; the order stays in force meanwhile."""
        return self.text(
            f"如不服本指令，可以依法在{r.reconsideration_days}日内向{r.reconsideration_body}申请行政复议，"
            f"或者在{r.suit_months}个月内依法向{r.court}提起行政诉讼，但本指令不停止执行，法律另有规定的除外。"
            f"{'' if r.verified else UNVERIFIED}"
        )

    def officers(self, label: str, officers: Sequence[Officer]) -> Iterator[Block]:
        for officer in officers:
            beside = f"{officer.name}\n执法证号：{officer.certificate}"
            yield _signature(f"{label}（签名）", beside, officer.signature)

    def representative(self, label: str, person: SiteRepresentative) -> Iterator[Block]:
        """The mine's signature, or that it was refused, why, and who saw it."""
        beside = f"{person.name}\n{person.position}" if person.position else person.name
        if person.refusal is None:
            yield _signature(f"{label}（签名）", beside, person.signature)
            return
        refusal = person.refusal
        row = SignatureRow(f"{label}（签名）", beside, zh_date(refusal.on), stated="拒绝签名")
        row.keep = True
        yield row
        yield _aside(ZhParagraph(f"拒签理由：{_sentence(refusal.reason)}", FLUSH, keep=True))
        yield self.signer("见证人", refusal.witness)

    def signer(self, label: str, person: Signer) -> Block:
        return _signature(f"{label}（签名）", person.name, person.signature)

    def seal(self, office: str, day: date | None, *, keep: bool = False) -> Block:
        """The place of the stamp: never on a page without text (pages.py)."""
        return SealPlace(office, zh_date(day) if day else "年　　月　　日", keep=keep)

    def note(self, text: str | Sequence[Run]) -> Block:
        """Small print that belongs to the page's text: a page of notes, signatures and a seal would have none."""
        return _aside(ZhParagraph(text, NOTE))

    def photos(self, findings: Sequence[Finding]) -> Iterator[Block]:
        """The photos on pages of their own, two a row, each with its number, finding and caption."""
        cells: list[Block] = []
        for index, finding in enumerate(findings, 1):
            for photo in finding.photos:
                cells.append(self._photo(photo, f"照片{len(cells) + 1}（第{index}项）"))
        if cells:
            yield NewPage()
            yield ZhParagraph("附：现场照片", replace(FLUSH, face=fonts.BOLD), keep=True)
            yield Table([cells[start : start + 2] for start in range(0, len(cells), 2)], (1, 1))

    def _photo(self, photo: Photo, caption: str) -> Block:
        return PhotoBlock(self._assets[photo.sha256], f"{caption}{photo.caption or ''}", PHOTO_TALL)

    # --- drawing --------------------------------------------------------------------------------------------------

    def draw(self, canvas: Any, blocks: Sequence[Block]) -> int:
        """Draws the document on the canvas; returns the number of pages."""
        pages = paginate(blocks, WIDTH, HEIGHT)
        if self._address:  # drawn once, shown on every page
            canvas.beginForm("qr", 0, 0, QR_SIDE, QR_SIDE)
            draw_qr(canvas, self._address, QR_SIDE)
            canvas.endForm()
        for number, page in enumerate(pages, 1):
            self._draw_page(canvas, page, number, len(pages))
            canvas.showPage()
        return len(pages)

    def _draw_page(self, canvas: Any, page: Sequence[Placed], number: int, total: int) -> None:
        self._watermark(canvas)
        for block, top in page:
            tall = block.wrapOn(canvas, WIDTH, HEIGHT)[1]
            block.drawOn(canvas, LEFT, A4[1] - TOP - top - tall)
        self._footer(canvas, number, total)

    def _watermark(self, canvas: Any) -> None:
        word = WATERMARK.get(self._mark.state)
        if word is None:
            return
        size = 84 if len(word) > 2 else 150
        canvas.saveState()
        canvas.translate(A4[0] / 2, A4[1] / 2)
        canvas.rotate(45)
        _place(
            canvas, ZhParagraph(word, Style(fonts.BOLD, size, size, "center", 0, 0.87)), -400, -size / 2, 800
        )
        canvas.restoreState()

    def _footer(self, canvas: Any, number: int, total: int) -> None:
        pages = ZhParagraph(f"第 {number} 页  共 {total} 页", FOOTER)
        _place(canvas, pages, LEFT, FOOT + QR_SIDE - 14, WIDTH)
        mark = self._mark
        if mark.state == "draft":
            return
        # The number stands on every page, so that pages of two documents are not mixed up.
        grouped = " ".join(mark.short[at : at + 4] for at in range(0, len(mark.short), 4)).upper()
        lines, left = f"{mark.number}\n校验码 {grouped}", LEFT
        if self._address:
            canvas.saveState()
            canvas.translate(LEFT, FOOT)
            canvas.doForm("qr")
            canvas.restoreState()
            lines, left = f"{lines}\n{self._address}", LEFT + QR_SIDE + 6
        _place(canvas, ZhParagraph(lines, TINY), left, FOOT - 2, LEFT + WIDTH - left)


def basis_text(basis: Basis) -> str:
    """《金属非金属矿山安全规程》GB 16423-2020 第6.6.1.1条, with ※ unless somebody read the clause in its source."""
    title = f"《{basis.title.strip('《》')}》" if basis.title else ""
    return f"{title}{basis.cited()}{'' if basis.verified else UNVERIFIED}"


def _sentence(text: str) -> str:
    """The text with a full stop: people leave it out on a phone."""
    return text if text[-1] in "。！？；.!?" else f"{text}。"


def _signature(label: str, beside: str, signature: Signature | None) -> Block:
    if signature is None or not signed(signature):
        return SignatureRow(label, beside, "年　月　日")
    return SignatureRow(label, beside, zh_date(signature.on), ink=signature.ink)


def _aside(block: ZhParagraph) -> Block:
    block.is_text, block.needs_text = False, True
    return block


def _place(canvas: Any, block: ZhParagraph, x: float, y: float, width: float) -> None:
    block.wrapOn(canvas, width, 0)
    block.drawOn(canvas, x, y)
