"""The cast of the demo county. Every name is plainly made up; nobody here lives."""

from __future__ import annotations

from typing import NamedTuple

from backend.kernel.policy import Role

PASSWORD = "kuangjian-demo"  # noqa: S105 - printed by `make run`; for the demo only


class Person(NamedTuple):
    """at: the scope of the role: `u`, `o`, `t` (the three mines), `enterprise`, `county`, `all`."""

    login: str
    name: str
    title: str
    role: Role
    at: str
    posts: tuple[str, ...] = ()
    team: str = ""
    place: str = ""
    certificate: str | None = None


FACE, SHAFT, PUMPS, MINE = "420中段3号掘进面", "主井提升机房", "380中段水泵房", "全矿"

PEOPLE = (
    Person("zuanyan", "张演示", "凿岩工", Role.WORKER, "u", ("UG01", "UG03"), "采掘一班", FACE),
    Person("baopo", "李演示", "爆破员", Role.WORKER, "u", ("UG02",), "采掘一班", FACE),
    Person("chanyun", "王演示", "铲运机司机", Role.WORKER, "u", ("UG09",), "采掘一班", FACE),
    Person("banzu", "赵样例", "采掘一班班长", Role.TEAM_LEADER, "u", (), "采掘一班"),
    Person("tisheng", "钱样例", "提升机司机", Role.WORKER, "u", ("UG04",), "机运班", SHAFT),
    Person("bagou", "孙样例", "信号把钩工", Role.WORKER, "u", ("UG05",), "机运班", SHAFT),
    Person("tongfeng", "周样例", "通风工", Role.WORKER, "u", ("UG06",), "通防班", MINE),
    Person("shuibeng", "吴样例", "水泵工兼电工", Role.WORKER, "u", ("UG07", "UG08"), "机运班", PUMPS),
    Person("jiyunban", "郑样例", "机运班班长", Role.TEAM_LEADER, "u", (), "机运班"),
    Person("diaodu", "冯样例", "调度员", Role.DISPATCHER, "u"),
    Person("anquan", "陈试行", "安全员", Role.SAFETY_OFFICER, "u", (), "安全科"),
    Person("kuangzhang", "褚试行", "矿长", Role.MINE_HEAD, "u", ("UG10",), "矿部", MINE),
    Person("zonggong", "卫试行", "总工程师", Role.CHIEF_ENGINEER, "u", (), "矿部"),
    Person("anke", "蒋试行", "安全科科长", Role.DEPARTMENT_HEAD, "u", (), "安全科"),
    Person("guanli", "沈试行", "矿山管理员", Role.MINE_ADMINISTRATOR, "u", (), "矿部"),
    Person("chanzhuang", "韩演示", "挖掘机司机", Role.WORKER, "o", ("OP01",), "采装班", "1号采场工作面"),
    Person("kache", "杨演示", "运矿卡车司机", Role.WORKER, "o", ("OP02",), "采装班", "运输道路"),
    Person("bianpo", "朱演示", "边坡监测员", Role.WORKER, "o", ("OP03",), "采装班", "东帮边坡"),
    Person("paitu", "秦演示", "排土场管理员", Role.WORKER, "o", ("OP04",), "采装班", "排土场"),
    Person("caizhuangban", "尤样例", "采装班班长", Role.TEAM_LEADER, "o", (), "采装班"),
    Person("lutian.anquan", "许试行", "安全员", Role.SAFETY_OFFICER, "o", (), "安全科"),
    Person("lutian.kuangzhang", "何试行", "矿长", Role.MINE_HEAD, "o", (), "矿部"),
    Person("weikuang", "吕演示", "尾矿工", Role.WORKER, "t", ("TP01",), "尾矿班", "尾矿坝"),
    Person("paihong", "施演示", "排洪系统巡查员", Role.WORKER, "t", ("TP02",), "尾矿班", "排洪系统"),
    Person("weikuangban", "张样例", "尾矿班班长", Role.TEAM_LEADER, "t", (), "尾矿班"),
    Person("weikuang.anquan", "孔试行", "安全员", Role.SAFETY_OFFICER, "t", (), "安全科"),
    Person("zongjian", "曹试行", "安全总监", Role.SAFETY_DIRECTOR, "enterprise"),
    Person("fuzong", "严试行", "分管负责人", Role.DEPUTY_IN_CHARGE, "enterprise"),
    Person("fuzeren", "华试行", "主要负责人", Role.PRINCIPAL, "enterprise"),
    Person("kongzhi", "金试行", "实际控制人", Role.CONTROLLER, "enterprise"),
    Person("jituan", "魏试行", "上级公司安全部", Role.PARENT_COMPANY, "enterprise"),
    Person("jiancha1", "陶示范", "执法人员", Role.INSPECTOR, "county", certificate="YS-0001"),
    Person("jiancha2", "姜示范", "执法人员", Role.INSPECTOR, "county", certificate="YS-0002"),
    Person("kezhang", "戚示范", "矿山科科长", Role.BUREAU_SECTION, "county", certificate="YS-0003"),
    Person("juzhang", "谢示范", "局负责人", Role.BUREAU_HEAD, "county"),
    Person("neiqin", "邹示范", "内勤", Role.CLERK, "county"),
    Person("zhuanjia", "喻示范", "专家", Role.EXPERT, "county"),
    Person("fazhi", "柏示范", "法制审核人员", Role.LEGAL_REVIEWER, "county"),
    Person("tingzheng", "水示范", "听证主持人", Role.HEARING_CHAIR, "county"),
    Person("anwei", "窦示范", "安委办", Role.COMMITTEE_OFFICE, "county"),
    Person("ziran", "章示范", "自然资源局", Role.OTHER_DEPARTMENT, "county"),
    Person("shenji", "云示范", "审计员", Role.AUDITOR, "county"),
    Person("xitong", "苏示范", "系统管理员", Role.SYSTEM_ADMINISTRATOR, "all"),
)

# local hours at which shifts begin, by mine
SHIFTS = {
    "u": (("夜班", 0), ("早班", 8), ("中班", 16)),
    "o": (("早班", 8),),
    "t": (("早班", 8),),
}
# These crews work every shift; everybody else the morning's.
ROUND_THE_CLOCK = ("采掘一班", "机运班")

SHOWN = (
    ("zuanyan", "driller with two posts (phone)"),
    ("baopo", "blaster, same crew (phone)"),
    ("banzu", "team leader (phone)"),
    ("anquan", "safety officer of the underground mine (phone, desk)"),
    ("zongjian", "safety director of the enterprise (phone, desk)"),
    ("guanli", "mine administrator: prints activation slips (desk)"),
    ("jiancha1", "inspector (phone, desk)"),
    ("jiancha2", "inspector (phone, desk)"),
    ("kezhang", "head of the bureau's mine section (desk)"),
)
