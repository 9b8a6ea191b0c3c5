"""One page for each reason code, made from the book: what it means, its proof, what to do."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from rules.book import Book, Rule
from rules.decision import Text
from rules.entries import Example, RuleEntry
from rules.pack_sources import Source, cited, load_sources
from rules.reason_texts import ACTORS, BASES, GRADES, RETRIES, SEVERITIES, buyer_sentence
from rules.sent_before import SENT_BEFORE
from rules.stopping import STOPPED

Language = Literal["zh", "en"]
INDEX = "README.md"
OWN_REASONS = (STOPPED, SENT_BEFORE)
"""What no rule gives."""
_MADE = "<!-- Made by `preflight rules docs`; change the rule book, not this page. -->"

_HEADINGS: Mapping[str, Text] = {
    "means": Text(zh="含义", en="What it means"),
    "why": Text(zh="依据", en="Why we say so"),
    "condition": Text(zh="条件", en="Condition"),
    "do": Text(zh="怎么办", en="What to do"),
    "sources": Text(zh="来源", en="Sources"),
    "examples": Text(zh="例子", en="Examples"),
}


def pages(book: Book) -> dict[str, str]:
    """Give every page by its file name, the index among them."""
    made = {f"{rule.code}.md": page(rule) for rule in book}
    own = {f"{reason.code}.md": f"{_MADE}\n{reason.page}" for reason in OWN_REASONS}
    return {INDEX: index(book), **made, **own}


def write_pages(book: Book, folder: Path) -> tuple[Path, ...]:
    """Write all pages, and remove those of codes that the book no longer has."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = pages(book)
    for old in folder.glob("*.md"):
        if old.name not in wanted and old.read_text("utf-8").startswith(_MADE):
            old.unlink()
    for name, text in wanted.items():
        (folder / name).write_text(text, encoding="utf-8")
    return tuple(folder / name for name in wanted)


def index(book: Book) -> str:
    """List all codes in the book's order."""
    rows = [
        f"| [{rule.code}]({rule.code}.md) | {rule.entry.title.zh} | {rule.entry.title.en} "
        f"| {rule.entry.severity} | {rule.entry.outcome_class} | {rule.entry.basis} "
        f"| {rule.entry.grade} |"
        for rule in book
    ]
    return "\n".join(
        [
            _MADE,
            "# Reason codes / 原因代码",
            "",
            f"{len(rows)} codes; a code is never used again for another reason. "
            "`preflight rules show CODE` prints a rule whole.",
            "",
            "| code | 标题 | title | severity | foresees | basis | grade |",
            "|---|---|---|---|---|---|---|",
            *rows,
            "",
            *(f"[{own.code}]({own.code}.md) {own.brief}  " for own in OWN_REASONS),
            "",
        ]
    )


def page(rule: Rule) -> str:
    """Write one code's page."""
    entry = rule.entry
    parts = [
        _MADE,
        f"# {entry.code}",
        "",
        f"{entry.title.zh} / {entry.title.en}",
        "",
        *_told(entry, "zh"),
        *_told(entry, "en"),
        *_shared(entry),
    ]
    return "\n".join(parts) + "\n"


def _told(entry: RuleEntry, language: Language) -> list[str]:
    name = "中文" if language == "zh" else "English"
    return [
        f"## {name}",
        "",
        f"**{_said(_HEADINGS['means'], language)}**",
        "",
        _said(entry.reason, language),
        "",
        f"**{_said(_HEADINGS['why'], language)}**",
        "",
        *_why(entry, language),
        "",
        f"**{_said(_HEADINGS['do'], language)}**",
        "",
        *_what_to_do(entry, language),
        "",
    ]


def _why(entry: RuleEntry, language: Language) -> list[str]:
    is_zh = language == "zh"
    lines = [
        f"- {'性质' if is_zh else 'basis'}: {_said(BASES[entry.basis], language)}",
        f"- {'来源' if is_zh else 'source'}: {entry.source}",
        f"- {'证据等级' if is_zh else 'grade'} {entry.grade}: "
        f"{_said(GRADES[entry.grade], language)}",
    ]
    if entry.effective_from is not None and entry.checked_on is not None:
        dates = entry.effective_from, entry.checked_on
        text = "自 {} 起；核对于 {}" if is_zh else "dated {}, checked on {}"
        lines.append(f"- {text.format(*dates)}")
    return lines


def _what_to_do(entry: RuleEntry, language: Language) -> list[str]:
    labels = (
        ("建议", "处理", "谁来做", "重试", "可对买家说")
        if language == "zh"
        else ("advice", "what helps", "who acts", "trying again", "to the buyer")
    )
    fix = _said(entry.fix.text, language) if entry.fix else "–"
    values = (
        _said(SEVERITIES[entry.severity], language),
        fix,
        _said(ACTORS[entry.outcome_class], language),
        _said(RETRIES[entry.outcome_class], language),
        _said(buyer_sentence(entry), language),
    )
    return [f"- {label}: {value}" for label, value in zip(labels, values, strict=True)]


def _shared(entry: RuleEntry) -> list[str]:
    lines = [f"## {_both('condition')}", "", "```", entry.when.strip(), "```", ""]
    if entry.channels or len(entry.kinds) == 1:
        where = [*entry.channels, *(entry.kinds if len(entry.kinds) == 1 else ())]
        lines += [f"Only for / 仅适用于: {', '.join(where)}", ""]
    if entry.special_case_of is not None:
        wider = f"[{entry.special_case_of}]({entry.special_case_of}.md)"
        lines += [f"A special case of / 属于: {wider}", ""]
    if entry.thresholds:
        lines += ["| threshold | value | is |", "|---|---|---|"]
        lines += [
            f"| {name} | {one.value:.15g} | {one.told} |" for name, one in entry.thresholds.items()
        ]
        lines.append("")
    lines += _sources(entry)
    lines += [f"## {_both('examples')}", ""]
    lines += [f"- fires / 命中: `{_example(one)}`" for one in entry.examples.fires]
    lines += [f"- passes / 不命中: `{_example(one)}`" for one in entry.examples.passes]
    return lines


def _sources(entry: RuleEntry) -> list[str]:
    """Say what the keys of the rule's source are."""
    found = dict.fromkeys(cited(entry.source, load_sources()))
    if not found:
        return []
    told = [f"- {one.key} ({' '.join(one.grades)}): {one.what}{_dated(one)}" for one in found]
    return [f"## {_both('sources')}", "", *told, ""]


def _dated(source: Source) -> str:
    return f" ({source.dated})" if source.dated else ""


def _both(heading: str) -> str:
    return f"{_HEADINGS[heading].zh} / {_HEADINGS[heading].en}"


def _example(example: Example) -> str:
    return msgspec.json.encode(example).decode()


def _said(text: Text, language: Language) -> str:
    return text.zh if language == "zh" else text.en
