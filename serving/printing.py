"""Shows an answer of the service as a person wants to read it."""

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from rules.decision import Action, Exempted, Fix, Reason
from serving.answers import ScoreAnswer

_COLOURS = {
    Action.SUBMIT: "green",
    Action.WAIT: "cyan",
    Action.REROUTE: "cyan",
    Action.FIX: "yellow",
    Action.REVIEW: "magenta",
    Action.STOP: "red",
}
_ACTION_ZH = {
    Action.SUBMIT: "可以提交",
    Action.WAIT: "稍后提交",
    Action.REROUTE: "换渠道",
    Action.FIX: "修正后提交",
    Action.REVIEW: "人工复核",
    Action.STOP: "不要提交",
}
_NOTHING = Text("没有规则命中 · no rule fired", "dim")


def answer_panel(answer: ScoreAnswer, title: str) -> Panel:
    """Lay out one answer: the action first, then why, what to do, and how likely a refusal is."""
    colour = _COLOURS[answer.action]
    parts: list[RenderableType] = [
        Text.assemble(
            (f" {answer.action.value} ", f"bold reverse {colour}"),
            (f" {_ACTION_ZH[answer.action]}", f"bold {colour}"),
            (f"   {answer.order_id}   mode {answer.mode.value}", "dim"),
        )
    ]
    told = [_reason(reason) for reason in answer.reasons] + [_exempted(e) for e in answer.exempted]
    parts += told or [_NOTHING]
    parts += [_fix(fix) for fix in ([answer.fix] if answer.fix else answer.fix_candidates)]
    if answer.retry is not None:
        parts.append(Text(f"重试 · retry: {answer.retry.text.zh} {answer.retry.text.en}"))
    if answer.probabilities:
        parts.append(_probabilities(answer))
    return Panel(Group(*parts), title=title, title_align="left", border_style=colour)


def _reason(reason: Reason) -> Text:
    return Text.assemble(
        (f"{reason.code} ", "bold"),
        f"{reason.text.zh}\n",
        (f"  {reason.text.en}", "dim"),
    )


def _exempted(one: Exempted) -> Text:
    return Text.assemble(("已豁免 · exempted: ", "bold dim"), f"{one.code}, list {one.list}")


def _fix(fix: Fix) -> Text:
    patch = ", ".join(f"{one.path} = {one.value}" for one in fix.patch if one.op != "test")
    return Text.assemble(
        ("修正 · fix: ", "bold yellow"),
        f"{patch}   ({fix.equation})\n",
        (f"  {fix.text.zh}", "dim"),
    )


def _probabilities(answer: ScoreAnswer) -> Table:
    table = Table.grid(padding=(0, 2))
    for head, probability in sorted(answer.probabilities.items(), key=lambda one: -one[1]):
        table.add_row(Text(head, "dim"), f"{probability:6.1%}", "█" * round(probability * 30))
    return table
