"""What a simulated notice says of a unit beside stage and causes: counts, money, named projects."""

from dataclasses import dataclass

import numpy as np

from simulated_study.drawing import Unit

FUNDING = {
    "public": "资金来自财政",
    "ppp": "采用PPP模式",
    "mixed": "资金来自多渠道",
    "enterprise": "由企业投资",
}
# of a named project: domain, what it is in Chinese and English
PROJECTS = {
    "health": ("医疗平台", "health platform"),
    "transport": ("交通平台", "transport platform"),
    "education": ("教育平台", "education platform"),
    "governance": ("城管平台", "city management platform"),
    "community_services": ("社区平台", "community platform"),
}
# by stage of the unit: status of its projects
PROJECT_STATUS = ("planned", "planned", "started", "built", "trial", "operating")


@dataclass(frozen=True)
class Said:
    """What is said of a unit: variable -> value, variable -> phrase; its projects by domain."""

    values: dict[str, str]
    phrases: dict[str, str]
    projects: tuple[str, ...]


def draw_figures(units: list[Unit], seed: int) -> dict[str, Said]:
    """Draw what the notice says of each unit beside stage and causes. Keys: units."""
    random = np.random.default_rng([seed, len(units), 1])
    return {unit.id: _of(random, unit) for unit in units}


def _of(random: np.random.Generator, unit: Unit) -> Said:
    values, phrases = dict[str, str](), dict[str, str]()

    def say(variable: str, value: object, phrase: str) -> None:
        values[variable], phrases[variable] = str(value), phrase

    def happens(share: float) -> bool:
        return bool(random.random() < share)

    if happens(0.15):
        planned = int(random.integers(20, 200))
        started = int(planned * random.uniform(0.1, 0.9))
        done = int(started * random.uniform(0, 0.8)) if unit.stage >= 3 else 0
        say("projects_planned", planned, f"计划{planned}个项目，")
        say("projects_started", started, f"启动{started}个，")
        say("projects_completed", done, f"完成{done}个，")
    if happens(0.25):
        key = int(random.integers(3, 12))
        trial = int(random.integers(key // 2 + 1, key + 1)) if unit.stage >= 4 else 0
        say("key_projects", key, f"重点项目{key}个，")
        say("projects_in_trial", trial, f"试运行{trial}个，")
    if happens(0.15):
        plan = round(float(random.uniform(1, 200)), 2)
        spent = round(plan * float(random.uniform(0.05, 0.9)), 2)
        say("investment_planned", plan, f"计划投资{plan}亿元，")
        say("investment_completed", spent, f"完成投资{spent}亿元，")
    if happens(0.15):
        say("expected_completion", "2020-12", "预计2020年12月运行，")
    if happens(0.25):
        source = list(FUNDING)[int(random.integers(len(FUNDING)))]
        say("funding", source, f"{FUNDING[source]}，")
    if happens(0.2):
        say("enterprise_partner", "yes", "与企业签约，")
    if happens(0.1):
        departments = int(random.integers(3, 40))
        say("departments_connected", departments, f"接入{departments}个部门，")
    if happens(0.1):
        records = int(random.integers(5, 900))
        say("data_records", records, f"入库{records}万条数据，")
    if happens(0.3):
        finished = unit.stage >= 3
        phrase = "建成共享平台，" if finished else "未建成共享平台，"
        say("shared_platform", "yes" if finished else "no", phrase)
    projects = tuple(d for d in PROJECTS if happens(0.5)) if unit.stage >= 2 else ()
    for domain in projects:
        phrases[f"project {domain}"] = f"{unit.short[1]}{PROJECTS[domain][0]}，"
        if domain in ("health", "transport", "education"):
            values[f"domain_{domain}"] = "yes"
    return Said(values, phrases, projects)
