"""The text of a simulated notice, and where in it each value stands."""

from dataclasses import dataclass, field

from simulated_study.drawing import Unit

HEADS = {"1": "第一批试点", "2": "第二批试点", "3": "第三批试点"}
STAGES = ("建设停滞", "正在编制方案", "已启动建设", "部分项目建成", "项目已试运行", "项目正式运行")
# by cause: what the notice says if it is there, and if it is not
SAID = {
    "targets_too_high": ("创建目标过高", "创建目标合理"),
    "fiscal_shortfall": ("地方财力不足", "地方财力充足"),
    "leadership_change": ("主要领导调整", "领导没有调整"),
    "superior_takeover": ("纳入统一部署", "没有统一部署"),
}
ABOUT_ALL = {
    "mend_by": ("2020-12", "被通报的试点应在2020年12月底前完成整改。", "12月底前"),
    "sanction": ("withdrawal", "考核不通过的取消试点资格。", "取消试点资格"),
    "reporting": ("monthly", "推进情况每月上报。", "每月上报"),
    "time_elapsed": ("more than half, batches 1 and 2", "第一、二批试点时间已经过半。", "已经过半"),
    "talent_shortage": ("yes", "各试点专业人才普遍匮乏。", "普遍匮乏"),
    "departmental_walls": ("yes", "部门之间存在壁垒。", "存在壁垒"),
}


@dataclass(frozen=True)
class Place:
    """A passage: paragraph, span and key term."""

    paragraph: str
    span: str
    term: str

    def cells(self) -> dict[str, str]:
        """Return the cells of a coded row that say where its value stands."""
        return {"paragraph": self.paragraph, "span": self.span, "term": self.term[:8]}


NOWHERE = Place("", "", "")


@dataclass
class Notice:
    """A text that grows paragraph by paragraph and tells where each phrase came to stand."""

    paragraphs: list[str] = field(default_factory=list)

    def add(self, *phrases: str) -> list[Place]:
        """Add a paragraph of phrases; return the place of each."""
        number, start, places = str(len(self.paragraphs) + 1), 0, []
        for phrase in phrases:
            bare = phrase.rstrip("，。：")
            places.append(Place(number, f"{start}:{start + len(bare)}", bare))
            start += len(phrase)
        self.paragraphs.append("".join(phrases))
        return places

    @property
    def text(self) -> str:
        """Return the text, a paragraph a line."""
        return "\n".join(self.paragraphs) + "\n"


@dataclass(frozen=True)
class Places:
    """Where the text speaks of what: of a unit (unit, thing) and of the whole programme.

    `listed`: the paragraph that opens the list of slow units; `general`: the one that speaks of
    nearly all. `example`: the unit whose high goals are told as the example of a group, or empty.
    """

    text: str
    of: dict[tuple[str, str], Place]
    everywhere: dict[str, Place]
    listed: int
    general: int
    example: str


def told_causes(unit: Unit, ask_all: bool) -> dict[str, bool]:
    """Return what the notice says of the causes at a unit: variable -> whether it is there.

    Money is named wherever goals are: the two stand in one clause.
    """
    told = dict.fromkeys(unit.mentioned, True)
    if ask_all:
        told = dict(unit.carried)
    if "targets_too_high" in told:
        told["fiscal_shortfall"] = told["targets_too_high"]
    return told


def write_notice(units: list[Unit], figures: dict[str, dict[str, str]], ask_all: bool) -> Places:
    """Write the notice on some units; `figures`: by unit, what else it says and in which words."""
    notice, of = Notice(), dict[tuple[str, str], Place]()
    notice.add("模拟通报：以下试点均为程序随机生成，不是真实情况。")
    notice.add("检查情况如下。")
    notice.add("多数试点正在推进。")
    everywhere = {"top_level_plan": notice.add("绝大部分试点", "做好顶层设计。")[1]}
    for batch, head in HEADS.items():
        everywhere[f"batch {batch}"] = notice.add(f"{head}：")[0]
        for unit in units:
            if unit.batch == batch and unit.advancing:
                stage = unit.stage if unit.other_stage is None else unit.other_stage
                told = {} if unit.slow else told_causes(unit, ask_all)
                said = {"other_stage" if unit.slow else "stage": f"{STAGES[stage]}。"}
                _describe(notice, of, unit, {**said, **_clauses(told), **figures[unit.id]})
    listed = len(notice.paragraphs) + 1
    notice.add("部分试点进展缓慢，如以下试点：")
    for unit in units:
        if unit.slow:
            said = {**_clauses(told_causes(unit, ask_all)), "stage": f"{STAGES[unit.stage]}。"}
            more = {} if unit.advancing else figures[unit.id]
            _describe(notice, of, unit, {**said, **more}, "listed")
    for name, (_, sentence, term) in ABOUT_ALL.items():
        start = sentence.index(term)
        whole = notice.add(sentence)[0]
        everywhere[name] = Place(whole.paragraph, f"{start}:{start + len(term)}", term)
    general = int(everywhere["top_level_plan"].paragraph)
    told_of = (u.id for u in units if u.slow and "targets_too_high" in u.mentioned)
    return Places(notice.text, of, everywhere, listed, general, next(told_of, ""))


def _clauses(told: dict[str, bool]) -> dict[str, str]:
    return {cause: f"{SAID[cause][not there]}，" for cause, there in told.items()}


def _describe(
    notice: Notice,
    of: dict[tuple[str, str], Place],
    unit: Unit,
    said: dict[str, str],
    name: str = "described",
) -> None:
    """Add the paragraph of a unit and note where each thing stands."""
    places = notice.add(f"{unit.short[1]}：", *said.values())
    for thing, place in zip([name, *said], places, strict=True):
        of[unit.id, thing] = place
