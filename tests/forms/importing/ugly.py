"""Made-up lists as safety officers keep them, ugly on purpose, with what a careful reader would make of each.

No mine, person or place here is real.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.worksheet.worksheet import Worksheet

Row = list[Any]


@dataclass(frozen=True)
class Page:
    """A sheet. merge: ranges. fills: cell → RRGGBB. touch: anything else that is done to it."""

    rows: list[Row]
    name: str = "Sheet1"
    merge: tuple[str, ...] = ()
    fills: dict[str, str] = field(default_factory=dict)
    hidden: bool = False
    touch: Callable[[Worksheet], None] = lambda sheet: None


@dataclass(frozen=True)
class Ugly:
    """items: by list. numbers: items with limits. refused: code → how many. doubts: the codes that must be raised."""

    name: str
    pages: tuple[Page, ...]
    items: tuple[int, ...]
    numbers: int = 0
    refused: tuple[str, ...] = ()
    doubts: frozenset[str] = frozenset()


def workbook(pages: tuple[Page, ...]) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for page in pages:
        sheet = book.create_sheet(page.name)
        for row in page.rows:
            sheet.append(row)
        for cells in page.merge:
            sheet.merge_cells(cells)
        for cell, colour in page.fills.items():
            sheet[cell].fill = PatternFill("solid", start_color=colour)
        if page.hidden:
            sheet.sheet_state = "hidden"
        page.touch(sheet)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


HEAD = ["序号", "检查项目", "检查内容", "检查标准", "检查依据"]


def _one(rows: list[Row], **rest: Any) -> tuple[Page, ...]:
    return (Page(rows, **rest),)


def _comment(sheet: Worksheet) -> None:
    sheet["C3"].comment = Comment("以矿上定的为准", "x")


def _far(sheet: Worksheet) -> None:
    sheet["XFD1048576"].fill = PatternFill("solid", start_color="FFFFFF")


def _percent(sheet: Worksheet) -> None:
    sheet["D3"].number_format = "0.0%"


UGLY: tuple[Ugly, ...] = (
    Ugly(
        "tidy",
        _one(
            [
                ["某矿井下通风检查表"],
                HEAD,
                [1, "通风", "局部通风机是否运转", "连续运转", "GB 16423-2020 6.6.3.7"],
            ]
        ),
        items=(1,),
    ),
    Ugly(
        "title, labels, two rows of heading, merged groups, signatures, a note",
        _one(
            [
                ["某某矿业有限公司井下每日安全检查表"],
                ["受检单位：", None, "检查日期：    年  月  日"],
                ["序号", "检查项目", "检查内容", "检查标准", "检查依据", "检查结果", None, "备注"],
                [None, None, None, None, None, "合格", "不合格"],
                [1, "通风", "局部通风机运转", "连续运转", "GB 16423-2020第6.6.3.7条", "□", "□"],
                [2, None, "一氧化碳浓度", "CO≤24ppm", "《金属非金属矿山安全规程》第6.6.1条", "□", "□"],
                [3, "顶板", "浮石", "处理完毕", None, "□", "□", "重点部位"],
                ["检查人签字：", None, None, "受检单位负责人："],
                ["注：不合格项立即上报调度室。"],
            ],
            merge=("A1:H1", "F3:G3", *(f"{c}3:{c}4" for c in "ABCDEH"), "B5:B6", "A9:H9"),
        ),
        items=(3,),
        numbers=1,
        doubts=frozenset(
            {"frequency_of_title", "read_as_number", "carried_into_standard", "line_not_carried"}
        ),
    ),
    Ugly(
        "groups written once above blanks, empty rows between",
        _one(
            [
                ["排水系统点检表"],
                ["序号", "点检项目", "点检内容", "标准"],
                [1, "水泵", "轴承温度", "不超过75℃"],
                [],
                [2, None, "盘根漏水", "成滴不成线"],
                [],
                [],
                [3, "水仓", "水位", "低于警戒水位"],
                [4, "", "淤泥", "及时清理"],
            ]
        ),
        items=(4,),
        numbers=1,
        doubts=frozenset({"read_as_number"}),
    ),
    Ugly(
        "full-width digits and signs",
        _one(
            [
                ["有害气体检查表"],
                ["序　号", "检 查 内 容", "检查标准（必填）"],
                ["１", "氧气", "不低于２０％"],
                ["２", "风速", "０．２５～４ｍ／ｓ"],
                ["３", "二氧化氮", "ＮＯ２≤２．５ｐｐｍ"],
            ]
        ),
        items=(3,),
        numbers=3,
        doubts=frozenset({"read_as_number"}),
    ),
    Ugly(
        "limits in a column of their own, units beside",
        _one(
            [
                ["提升系统检查表"],
                ["序号", "检查内容", "限值", "单位"],
                [1, "制动空行程时间", "≤0.3", "s"],
                [2, "闸瓦间隙", "≤2", "mm"],
                [3, "钢丝绳外观", "无断丝变形", None],
                [4, "液压站油温", "15～65", "℃"],
                [5, "减速器声音", None, "dB"],
            ]
        ),
        items=(5,),
        numbers=3,
        doubts=frozenset({"limit_not_read", "read_as_number", "carried_into_standard"}),
    ),
    Ugly(
        "numbers that are conditions, several readings in one sentence, clauses in the words",
        _one(
            [
                ["采场检查表"],
                ["序号", "检查内容", "检查标准"],
                [1, "气体", "浓度超过24ppm时立即撤人"],
                [2, "气体", "一氧化碳不大于24ppm，氧气不低于20%"],
                [3, "护栏", "高度超过1.5m的平台应设护栏"],
                [4, "安全出口", "不少于2个，间距不小于30m"],
                [5, "顶板", "按GB 16423-2020 6.3.1.12检查"],
                [6, "爬梯", "坡度不大于80°"],
            ]
        ),
        items=(6,),
        numbers=1,
        doubts=frozenset({"condition_not_limit", "several_readings", "read_as_number"}),
    ),
    Ugly(
        "frequencies of all kinds",
        _one(
            [
                ["安全设施检查清单"],
                ["序号", "检查内容", "检查频次"],
                [1, "安全门", "每班"],
                [2, "灭火器", "1次/月"],
                [3, "避雷装置", "每季度一次"],
                [4, "边坡", "雨后"],
                [5, "监测点", "每旬"],
                [6, "应急物资", "每年"],
                [7, "警示标志", "不定期"],
            ]
        ),
        items=(7,),
        doubts=frozenset({"frequency_not_expressed"}),
    ),
    Ugly(
        "risks in words, in colours, and in both that disagree",
        _one(
            [
                ["凿岩工岗位风险管控措施清单"],
                ["序号", "风险点", "危险因素", "可能导致的事故", "风险等级", "管控措施", "责任人"],
                [1, "掘进工作面", "浮石", "冒顶片帮", "重大风险", "先敲帮问顶再作业", "班组长"],
                [2, None, "盲炮", "放炮", None, "检查盲炮，严禁打残眼", "班组长"],
                [3, None, "粉尘", "尘肺病", "三级", "湿式凿岩", "凿岩工"],
                [4, "运输巷", "车辆", "车辆伤害", "低", "行人靠边行走", "凿岩工"],
                [5, None, "触电", "触电", "高", "停电作业", "电工"],
            ],
            merge=("B3:B5",),
            fills={"E4": "FFC000", "E6": "FF0000"},
        ),
        items=(5,),
        doubts=frozenset(
            {
                "risk_by_colour",
                "colour_disagrees",
                "risk_not_understood",
                "owner_not_carried",
                "carried_into_standard",
                "post_of_title",
            }
        ),
    ),
    Ugly(
        "bases of all kinds",
        _one(
            [
                ["法规符合性检查表"],
                HEAD,
                [1, "规程", "现场有规程", "齐全", "GB16423—2020第6.1.4.1条、6.3.1.12条"],
                [2, "培训", "持证上岗", "齐全", "《安全生产法》第二十七条；AQ 2013.1-2008 4.2"],
                [3, "隐患", "重大隐患判定", "无", "矿安〔2022〕88号 一（三）"],
                [4, "制度", "交接班制度", "落实", "公司制度汇编"],
            ]
        ),
        items=(4,),
        doubts=frozenset({"basis_not_recognised"}),
    ),
    Ugly(
        "one sheet for each post, all with one title",
        (
            Page(
                [["岗位安全职责清单"], ["序号", "岗位职责"], [1, "班前检查"], [2, "正确佩戴防护用品"]],
                name="爆破员",
            ),
            Page(
                [["岗位安全职责清单"], ["序号", "岗位职责"], [1, "交接班"], [2, "停送电挂牌"]],
                name="井下电工",
            ),
            Page([["岗位安全职责清单"], ["序号", "岗位职责"], [1, "验电"]], name="充填工"),
        ),
        items=(2, 2, 1),
        doubts=frozenset({"post_of_title"}),
    ),
    Ugly(
        "a column of posts makes a list for each",
        _one(
            [
                ["岗位风险管控清单"],
                ["序号", "岗位", "管控措施", "频次"],
                [1, "爆破员", "核对雷管编号", "每班"],
                [2, None, "警戒到位", "每班"],
                [3, "井下电工", "停电挂牌", "每班"],
                [4, "充填工", "检查管路", "每班"],
            ],
            merge=("B3:B4",),
        ),
        items=(2, 1, 1),
        doubts=frozenset({"post_unknown"}),
    ),
    Ugly(
        "two lists on one sheet",
        _one(
            [
                ["通风系统周检表"],
                ["序号", "检查内容", "检查标准"],
                [1, "主扇", "运转正常"],
                [2, "风门", "完好"],
                ["检查人：", None, "日期："],
                [],
                ["供电系统月检表"],
                ["编制单位：机电科"],
                ["序号", "检查项目", "技术要求", "检查方法"],
                [1, "接地", "接地电阻不大于2Ω", "仪表测量"],
                ["检查人：", None, "日期："],
            ],
            merge=("A1:C1", "A7:D7"),
        ),
        items=(2, 1),
        numbers=1,
        doubts=frozenset({"frequency_of_title", "read_as_number"}),
    ),
    Ugly(
        "the heading again on each printed page",
        _one(
            [
                ["尾矿库巡查记录表"],
                ["序号", "巡查内容", "标准"],
                [1, "坝体裂缝", "无"],
                [2, "排洪口", "畅通"],
                ["序号", "巡查内容", "标准"],
                [3, "浸润线", "正常"],
                [4, "库区人员", "无闲杂人员"],
            ]
        ),
        items=(4,),
    ),
    Ugly(
        "two halves side by side",
        _one(
            [
                ["车辆出车前检查表"],
                ["序号", "检查项目", "标准", "序号", "检查项目", "标准"],
                [1, "制动", "灵敏", 4, "喇叭", "响亮"],
                [2, "转向", "灵活", 5, "灭火器", "有效"],
                [3, "灯光", "完好", None, None, None],
            ]
        ),
        items=(5,),
    ),
    Ugly(
        "chapters in rows of their own",
        _one(
            [
                ["综合安全检查表"],
                ["序号", "检查内容", "检查标准", "检查结果"],
                ["一、安全管理"],
                [1, "机构设置", "设专职机构", "□合格 □不合格"],
                [2, "人员配备", "持证", "□合格 □不合格"],
                ["二、现场管理"],
                [3, "照明", "充足", "□合格 □不合格"],
                ["（一）运输"],
                [4, "轨道", "平直", "□合格 □不合格"],
            ],
            merge=("A3:D3", "A6:D6", "A8:D8"),
        ),
        items=(4,),
    ),
    Ugly(
        "instructions on one sheet, choices on a hidden one",
        (
            Page([["本表由安全科编制"], ["每月底前上报"]], name="填表说明"),
            Page([["消防检查表"], ["序号", "检查项目", "要求"], [1, "灭火器", "在有效期内"]], name="消防"),
            Page([["是"], ["否"]], name="选项", hidden=True),
        ),
        items=(1,),
        doubts=frozenset({"sheet_without_list", "sheet_hidden"}),
    ),
    Ugly(
        "a month of boxes to tick",
        _one(
            [
                ["水泵房交接班检查表"],
                ["序号", "检查内容", *range(1, 32)],
                [1, "电机温度", *["√"] * 31],
                [2, "出水压力", *["√"] * 30, "×"],
                [3, "仪表完好"],
            ],
            merge=("A1:AG1",),
        ),
        items=(3,),
    ),
    Ugly(
        "a sheet that somebody has filled in",
        _one(
            [
                ["炸药库检查表"],
                ["检查日期：", "2026-03-02", "检查人：", "张某"],
                ["序号", "检查内容", "检查结果", "存在问题", "整改期限"],
                [1, "双人双锁", "合格", None, None],
                [2, "监控", "不合格", "2号摄像头黑屏", "3日内"],
                [3, "账物相符", "√", None, None],
            ]
        ),
        items=(3,),
        doubts=frozenset({"answers_not_carried"}),
    ),
    Ugly(
        "columns that nobody understands",
        _one(
            [
                ["选矿车间检查表"],
                ["序号", "检查内容", "检查标准", "责任部门", "KPI挂钩系数", "备注"],
                [1, "皮带防护罩", "齐全", "选矿车间", 0.2, None],
                [2, "急停拉绳", "有效", "选矿车间", 0.5, "每条皮带都要查"],
            ]
        ),
        items=(2,),
        doubts=frozenset({"column_not_understood", "owner_not_carried", "carried_into_standard"}),
    ),
    Ugly(
        "rows that cannot be read",
        _one(
            [
                ["空压机检查表"],
                ["序号", "检查内容", "检查标准", "检查依据"],
                [1, "安全阀", "定期校验", None],
                [2, None, "压力不超过0.8MPa", "GB 16423-2020 6.9.1"],
                [3, "储气罐", "=A1&B1", None],
                [4, "#REF!", "完好", None],
                [5, None, None, "TSG 21-2016 第3.1条"],
                [6, None, None, None],
            ]
        ),
        items=(4,),
        numbers=1,
        refused=("formula_without_value", "formula_error", "row_without_text"),
        doubts=frozenset({"read_as_number"}),
    ),
    Ugly(
        "numbers that Excel made dates of",
        _one(
            [
                ["安全标准化检查表"],
                ["编号", "检查内容", "条款"],
                ["A1", "目标", date(2026, 6, 1)],
                ["A2", "机构", "6.2"],
            ]
        ),
        items=(2,),
        doubts=frozenset({"date_in_text", "basis_not_recognised"}),
    ),
    Ugly(
        "an examination",
        _one(
            [
                ["爆破员应知应会试题"],
                ["序号", "题目", "A", "B", "C", "D", "答案"],
                [1, "盲炮应由谁处理？", "原爆破员", "任何人", "安全员", None, "A"],
                [2, "哪些情况不得爆破？", "支护不牢", "通道不安全", "光线良好", "气体超限", "ABD"],
                [3, "残眼可以继续打眼。", None, None, None, None, "错"],
                [4, "起爆前应做什么？", "警戒", "休息", None, None, "E"],
            ]
        ),
        items=(4,),
        refused=("answer_is_no_option",),
        doubts=frozenset({"post_of_title"}),
    ),
    Ugly(
        "a score card",
        _one(
            [
                ["企业主体责任评分表"],
                ["序号", "评分项目", "评分标准", "分值", "扣分标准", "得分"],
                [1, "机构", "设立安全机构", 10, "未设不得分", None],
                [2, "投入", "足额提取费用", "20分", "每少10%扣2分", None],
                [3, "培训", "全员培训", 5.5, None, None],
                [4, "应急", "定期演练", "若干", None, None],
            ]
        ),
        items=(4,),
        refused=("score_not_a_number",),
        doubts=frozenset({"carried_into_standard"}),
    ),
    Ugly(
        "a card to read",
        _one(
            [
                ["局部通风机安全操作卡"],
                ["序号", "操作步骤", "安全要求"],
                [1, "检查风筒", "无破损、吊挂平直"],
                [2, "启动", "先开风机后进人，CO≤24ppm"],
                [3, "停机", "人员先撤出"],
            ]
        ),
        items=(3,),
    ),
    Ugly(
        "no title at all",
        _one([["检查项目", "检查标准"], ["护栏", "牢固"], ["标志牌", "清晰"]]),
        items=(2,),
        doubts=frozenset({"title_from_name", "kind_not_named"}),
    ),
    Ugly(
        "a limit that Excel shows as a percentage",
        _one(
            [["粉尘检查表"], ["序号", "检查内容", "检查标准", "限值"], [1, "氧气", "充足", 0.195]],
            touch=_percent,
        ),
        items=(1,),
        doubts=frozenset({"limit_not_read"}),
    ),
    Ugly(
        "a comment on a cell, line breaks in cells",
        _one(
            [["充填站检查表"], ["序号", "检查内容", "检查标准"], [1, "管路\n连接", "1. 无泄漏\n2. 无松动"]],
            touch=_comment,
        ),
        items=(1,),
        doubts=frozenset({"comment_not_carried"}),
    ),
    Ugly(
        "numbers of its own that repeat",
        _one(
            [
                ["双重预防机制检查表"],
                ["编号", "检查内容", "检查标准"],
                ["AQ-01", "风险公告", "上墙"],
                ["AQ-01", "隐患台账", "闭环"],
                ["AQ-03", "培训", "全员"],
            ]
        ),
        items=(3,),
        doubts=frozenset({"id_not_usable"}),
    ),
    Ugly(
        "a table that begins in the middle of the sheet, formatted to its last cell",
        _one(
            [
                [],
                [],
                [None, None, "露天采场边坡检查表"],
                [],
                [None, None, "序号", "检查部位", "检查内容", "检查要求"],
                [None, None, 1, "北帮", "裂缝", "无"],
                [None, None, 2, "北帮", "台阶高度", "不大于15m"],
                [None, None, 3, "南帮", "滚石", "清理"],
            ],
            touch=_far,
        ),
        items=(3,),
        numbers=1,
        doubts=frozenset({"read_as_number"}),
    ),
    Ugly(
        "rows that are two cells high, one standard for several",
        _one(
            [
                ["矿井提升检查表"],
                ["序号", "检查内容", "检查标准"],
                [1, "罐笼", "完好"],
                [None, None, None],
                [2, "防坠器", "动作可靠"],
                [3, "井口安全门", None],
            ],
            merge=("A3:A4", "B3:B4", "C3:C4", "C5:C6"),
        ),
        items=(3,),
    ),
    Ugly(
        "hazards graded, with the grade of the hazard",
        _one(
            [
                ["隐患排查清单"],
                ["序号", "排查项目", "排查内容", "隐患级别", "排查频次"],
                [1, "采空区", "未监测采空区", "重大", "每月"],
                [2, "采空区", "警示不全", "一般", "每周"],
                [3, "排水", "水泵故障", "待定", "每日"],
            ]
        ),
        items=(3,),
        doubts=frozenset({"carried_into_standard"}),
    ),
)
