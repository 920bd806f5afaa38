"""The slip that an administrator hands to a person: his login and a code that is good once. No official document."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from io import BytesIO

from reportlab.lib.pagesizes import A6, landscape
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from backend.documents import fonts
from backend.documents.blocks import draw_qr
from backend.documents.paragraph import Style, ZhParagraph
from backend.documents.problems import DocumentError
from backend.documents.render import LOCK, missing_glyphs
from backend.documents.wording import zh_date

SIZE = landscape(A6)
EDGE, QR_SIDE = 9 * mm, 26 * mm
TITLE = Style(face=fonts.BOLD, size=15, leading=24, first=0, align="left")
CODE = Style(face=fonts.BOLD, size=22, leading=36, first=0, align="left")
LINE = Style(size=11, leading=19, first=0, align="left")
SMALL = Style(face=fonts.SERIF, size=8, leading=13, first=0, align="left")


@dataclass(frozen=True, kw_only=True)
class Slip:
    """address: where the phone opens the application.  again: the person had an account, and sets his PIN anew."""

    unit: str
    name: str
    login: str
    code: str
    until: date
    address: str
    again: bool


def render(slip: Slip) -> bytes:
    """One A6 page. Raises DocumentError when a name has a character that no font has."""
    words = [("/unit", slip.unit), ("/name", slip.name), ("/login", slip.login)]
    if problems := missing_glyphs(words):
        raise DocumentError(problems)
    with LOCK:
        return _draw(slip)


def _draw(slip: Slip) -> bytes:
    title = "重设 PIN 码凭条" if slip.again else "账号激活凭条"
    how = (
        f"手机扫码（或打开 {slip.address}，选“扫激活条”，输入上面的激活码），再自设登录密码和 6 位开机密码。"
    )
    wide, narrow = SIZE[0] - 2 * EDGE, SIZE[0] - 2 * EDGE - QR_SIDE - 4 * mm
    blocks = [
        (ZhParagraph(f"矿检 · {title}", TITLE), narrow),
        (ZhParagraph(slip.unit, LINE), narrow),
        (ZhParagraph(f"姓名：{slip.name}　　账号：{slip.login}", LINE), narrow),
        (ZhParagraph(slip.code, CODE), wide),
        (
            ZhParagraph(how, LINE),
            wide,
        ),
        (
            ZhParagraph(
                f"只能使用一次，{zh_date(slip.until)}前有效。只交本人，用后销毁；遗失请立即告知管理员。",
                SMALL,
            ),
            wide,
        ),
    ]
    target = BytesIO()
    canvas = Canvas(target, SIZE, pageCompression=1, lang="zh-CN", initialFontName=fonts.BOLD.han)
    canvas.setTitle(title)
    canvas.setCreator("矿检 Kuangjian")
    top = SIZE[1] - EDGE
    for block, width in blocks:
        _, tall = block.wrap(width, top)
        block.drawOn(canvas, EDGE, top - tall)
        top -= tall + 1.5 * mm
    canvas.translate(SIZE[0] - EDGE - QR_SIDE, SIZE[1] - EDGE - QR_SIDE)
    # The code stands behind the #: a browser that opens the address tells it to no server.
    draw_qr(canvas, f"{slip.address}#/enter/activate?code={slip.code}", QR_SIDE)
    canvas.save()
    return target.getvalue()
