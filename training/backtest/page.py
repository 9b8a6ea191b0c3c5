"""The page of a backtest: one HTML file with its pictures and its orders to open in it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape

from msgspec.structs import asdict

from rules.costs import Costs
from rules.decision import Action
from training.backtest.page_rules import rules_table
from training.backtest.page_style import STYLE
from training.backtest.page_words import cells, money, percent, table
from training.backtest.plots import draw_all
from training.backtest.result import Backtest, Became, Caught, Example, ExampleSide

_ACTIONS = tuple(one.value for one in Action)
_STOPPED = {"bad": "right", "good": "wrong", "open": "open"}
_RELEASED = {"bad": "wrong", "good": "right", "open": "open"}


def page(found: Backtest) -> str:
    """Write the page; nothing in it is fetched from elsewhere."""
    pictures = draw_all(found)
    body = "\n".join((_head(found), *_sections(found, pictures)))
    title = f"Backtest: {escape(found.history)}"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{STYLE}</style></head>\n<body><main>\n"
        f"{body}\n</main></body></html>\n"
    )


def _head(found: Backtest) -> str:
    first, last = (f"{at:%Y-%m-%d}" if at else "–" for at in (found.first, found.last))
    simulated = " <b>Simulated data.</b>" if found.simulated else ""
    sides = [
        [
            one.name,
            f"{one.book} ({one.rules} rules)",
            f"{len(one.packs)} packs",
            _costs(one.costs),
        ]
        for one in (found.old, found.new)
    ]
    return (
        "<h1>回测 · Backtest</h1>"
        f"<p>{found.orders:,} orders of {escape(found.history)}, {first} to {last}.{simulated}</p>"
        f"{table(['side', 'book', 'packs', 'costs'], sides)}"
        f"<ul>{''.join(f'<li>{escape(note)}</li>' for note in _notes(found))}</ul>"
    )


def _costs(costs: Costs) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in asdict(costs).items())


def _notes(found: Backtest) -> Iterator[str]:
    yield from found.notes
    for channel, orders in found.left_out.items():
        yield f"{orders:,} orders of channel {channel} are left out: it has no pack on both sides"
    yield (
        f"{found.seconds['decide']:.0f} s to decide, {found.seconds['features']:.0f} s for "
        f"features; at most {found.peak_bytes / 1e9:.1f} GB of memory"
    )


def _sections(found: Backtest, pictures: Mapping[str, str]) -> Iterator[str]:
    yield "<h2>结论矩阵 · What is advised, old against new</h2>" + pictures["matrix"]
    yield _matrix_money(found)
    yield "<h2>新拦截与新放行 · Newly stopped and newly released</h2>" + pictures["moved"]
    yield (
        "<p>Stopped is every order that is not advised to be sent as it is; released is the "
        "opposite. <b>no truth</b>: the order was never submitted, so nobody knows. "
        "<b>not final</b>: the channel's last answer settles nothing.</p>"
    )
    yield "<h3>新拦截 · Newly stopped</h3>" + _ends(found.newly_stopped, _STOPPED, "now")
    yield "<h3>新放行 · Newly released</h3>" + _ends(found.newly_released, _RELEASED, "before")
    yield "<h2>逐日 · Day by day</h2>" + pictures["days"]
    yield "<h2>精确率与召回率 · Precision and recall</h2>" + _held(found) + pictures["worth"]
    yield "<h2>正当分散 · Legitimate dispersion</h2>" + _dispersion(found)
    yield "<h2>规则 · Rules</h2>" + rules_table(found)
    yield "<h2>重叠 · Overlap</h2>" + pictures["overlap"]
    yield "<h2>示例 · Orders to open</h2>" + _examples(found.examples)


def _matrix_money(found: Backtest) -> str:
    rows = [
        [f"{old} → {new}", f"{cell.orders:,}", money(cell.money_minor)]
        for old in _ACTIONS
        for new in _ACTIONS
        if (cell := found.matrix[old][new]).orders
    ]
    return table(["old → new", "orders", "money"], rows)


def _ends(ends: Sequence[Became], marks: Mapping[str, str], when: str) -> str:
    rows = [
        [
            f'<span class="{marks[end.kind]}">{escape(end.outcome)}</span>',
            f"{end.orders:,}",
            money(end.money_minor),
            ", ".join(f"{name} {count:,}" for name, count in end.actions.items()),
        ]
        for end in ends
    ]
    head = ["what really happened", "orders", "money", f"advised {when}"]
    return table(head, rows) if rows else "<p>None.</p>"


def _held(found: Backtest) -> str:
    rows = [
        [name, *_caught(one)] for name, one in (("old", found.held_old), ("new", found.held_new))
    ]
    return table(
        ["side", "not sent as they are", "refused", "accepted", "unknown", "precision", "recall"],
        rows,
    )


def _caught(one: Caught) -> list[str]:
    counts = [f"{count:,}" for count in (one.orders, one.bad, one.good, one.open)]
    return [*counts, percent(one.precision), percent(one.recall)]


def _dispersion(found: Backtest) -> str:
    group = found.dispersion
    rows = [
        ["accepted ones that are not sent as they are, old", percent(group.held_old)],
        ["accepted ones that are not sent as they are, new", percent(group.held_new)],
        [
            "newly stopped",
            f"{group.newly_stopped.orders:,} {money(group.newly_stopped.money_minor)}",
        ],
        [
            "newly released",
            f"{group.newly_released.orders:,} {money(group.newly_released.money_minor)}",
        ],
    ]
    said = f"<p>{escape(group.said)}: {group.orders:,} orders, {group.good:,} accepted.</p>"
    return said + table(["", ""], rows)


def _examples(examples: Iterable[Example]) -> str:
    return "".join(_example(one) for one in examples) or "<p>None moved.</p>"


def _example(one: Example) -> str:
    moved = one.moved.replace("_", " ")
    worth = money({one.currency: one.amount_minor})
    head = f"{escape(one.order_id)} · {moved} · {escape(one.outcome)} · {one.channel} · {worth}"
    sides = "".join(_side(name, side) for name, side in (("old", one.old), ("new", one.new)))
    at = f"<p>{one.as_of:%Y-%m-%d %H:%M:%S} UTC</p>"
    return f"<details><summary>{head}</summary>{at}{sides}</details>"


def _side(name: str, side: ExampleSide) -> str:
    rows = [
        [
            f"{reason.code} ({reason.severity})",
            f"{escape(reason.title.zh)} · {escape(reason.title.en)}",
            cells(reason.facts),
        ]
        for reason in side.reasons
    ]
    priced = "" if side.refused is None else f", probability of a refusal {side.refused:.1%}"
    silenced = f", exempted: {', '.join(side.exempted)}" if side.exempted else ""
    reasons = table(["rule", "why", "what it read"], rows) if rows else ""
    return f"<h4>{name}: {side.action}{priced}{silenced}</h4>{reasons}"
