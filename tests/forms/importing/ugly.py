"""Made-up lists as safety officers keep them, ugly on purpose, with what a careful reader would make of each.

No mine, person or place here is real.
"""

from __future__ import annotations

from tests.forms.importing.pages import HEAD, Page, Ugly, one
from tests.forms.importing.uglier import MORE

UGLY: tuple[Ugly, ...] = (
    Ugly(
        "tidy",
        one(
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
        one(
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
        one(
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
        one(
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
        one(
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
        one(
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
        one(
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
        one(
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
        one(
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
        one(
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
        one(
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
        one(
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
        one(
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
    *MORE,
)
