"""Made-up lists as safety officers keep them, uglier still, with what a careful reader would make of each.

No mine, person or place here is real.
"""

from __future__ import annotations

from datetime import date

from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from tests.forms.importing.pages import Page, Ugly, one


def _comment(sheet: Worksheet) -> None:
    sheet["C3"].comment = Comment("以矿上定的为准", "x")


def _far(sheet: Worksheet) -> None:
    sheet["XFD1048576"].fill = PatternFill("solid", start_color="FFFFFF")


def _percent(sheet: Worksheet) -> None:
    sheet["D3"].number_format = "0.0%"


MORE: tuple[Ugly, ...] = (
    Ugly(
        "chapters in rows of their own",
        one(
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
        one(
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
        one(
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
        one(
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
        one(
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
        one(
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
        one(
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
        one(
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
        one(
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
        one([["检查项目", "检查标准"], ["护栏", "牢固"], ["标志牌", "清晰"]]),
        items=(2,),
        doubts=frozenset({"title_from_name", "kind_not_named"}),
    ),
    Ugly(
        "a limit that Excel shows as a percentage",
        one(
            [["粉尘检查表"], ["序号", "检查内容", "检查标准", "限值"], [1, "氧气", "充足", 0.195]],
            touch=_percent,
        ),
        items=(1,),
        doubts=frozenset({"limit_not_read"}),
    ),
    Ugly(
        "a comment on a cell, line breaks in cells",
        one(
            [["充填站检查表"], ["序号", "检查内容", "检查标准"], [1, "管路\n连接", "1. 无泄漏\n2. 无松动"]],
            touch=_comment,
        ),
        items=(1,),
        doubts=frozenset({"comment_not_carried"}),
    ),
    Ugly(
        "numbers of its own that repeat",
        one(
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
        one(
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
        one(
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
        one(
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
