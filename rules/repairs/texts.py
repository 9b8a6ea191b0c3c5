"""Repairs of texts: the record's subject, forbidden and unprintable characters, length."""

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from features.mismatch.equation import Change
from features.order import Order
from rules.checks.lengths import counts_bytes, length
from rules.checks.texts import UNPRINTABLE, purpose_forbidden, subject_forbidden
from rules.decision import Text
from rules.pack import Pack
from rules.repairs.graphemes import graphemes, shortened
from rules.repairs.part import Part, Scene, Slot
from rules.repairs.telling import field_name

_TEXTS = frozenset({"subject", "shorten", "characters"})
_RECORDED = Text(
    zh="把商品名称改回商户系统记录的名称。",
    en="Set the subject back to the one in your own record.",
)
_SHORTENED = Text(
    zh="按渠道的计数方式把文字截短到允许的长度，只删结尾，不改写内容。",
    en="Cut the text to the length that the channel takes, as the channel counts; only its end is "
    "left out, nothing is reworded.",
)
_CLEANED = Text(
    zh="去掉渠道不接受的字符（控制字符、表情符号或被禁字符），其余文字不变。",
    en="Take out the characters that the channel does not take (control characters, emoji, or "
    "forbidden ones); the other text stays as it is.",
)
_BARE = frozenset("LNPS")
"""Letters, numbers, punctuation and symbols: what may stay when the marks on it must go."""
_MOST_SHOWN = 8
"""Names of lines, in the proof of a repair."""
_GAP = "\0"
_BETWEEN_WORDS = re.compile("(?<=[A-Za-z0-9])\0+(?=[A-Za-z0-9])")


@dataclass(frozen=True, slots=True)
class _Limits:
    """What a channel takes in one text."""

    most: float | None
    in_bytes: bool
    forbidden: str | None = None

    def cut(self, text: str) -> str:
        return text if self.most is None else shortened(text, int(self.most), self.in_bytes)

    def clean(self, text: str) -> str:
        return _cleaned(text, self.forbidden)


def texts(scene: Scene, wanted: Collection[str]) -> Iterator[Slot]:
    """Propose one slot for each text that the channel, or the record, wants otherwise."""
    if _TEXTS.isdisjoint(wanted):
        return
    for pointer, present, limits in _texts_of(scene.order, scene.pack):
        recorded = scene.order.record.subject if scene.order.record is not None else None
        ways = [_own_words(pointer, present, limits, wanted)]
        if pointer == "/subject" and recorded and "subject" in wanted:
            ways.insert(0, _record_words(present, recorded, limits))
        slot = tuple(part for part in ways if part is not None)
        if slot:
            yield slot
    names = tuple(_item_names(scene, wanted))
    if names:
        yield (_as_one(names),)


def _texts_of(order: Order, pack: Pack) -> Iterator[tuple[str, str | None, _Limits]]:
    in_bytes = counts_bytes(pack)

    def limits(name: str, forbidden: str | None = None) -> _Limits:
        return _Limits(pack.number(f"{name}_max_characters"), in_bytes, forbidden)

    yield "/subject", order.subject, limits("subject", subject_forbidden(pack))
    yield "/description", order.description, limits("description")
    if order.payout is not None:
        purpose = limits("purpose", purpose_forbidden(pack))
        yield "/payout/purpose", order.payout.purpose, purpose


def _item_names(scene: Scene, wanted: Collection[str]) -> Iterator[Part]:
    pack = scene.pack
    limits = _Limits(pack.number("item_name_max_characters"), counts_bytes(pack))
    for number, item in enumerate(scene.order.items):
        part = _own_words(f"/items/{number}/name", item.name, limits, wanted)
        if part is not None:
            yield part


def _as_one(names: Sequence[Part]) -> Part:
    """Put the names of all lines right together: they are one mistake of one template."""
    changes = tuple(change for part in names for change in part.changes)
    more = f"; … {len(names) - _MOST_SHOWN} more names" if len(names) > _MOST_SHOWN else ""
    proof = "; ".join(part.proof for part in names[:_MOST_SHOWN]) + more
    return replace(names[0], changes=changes, proof=proof)


def _record_words(present: str | None, recorded: str, limits: _Limits) -> Part | None:
    """Take the record's subject, as far as the channel takes it."""
    proposed = limits.cut(limits.clean(recorded))
    if not proposed or proposed == present:
        return None
    change = Change("/subject", present, proposed, "/record/subject")
    proof = f"subject = record.subject = {proposed!r} (sent: {present!r})"
    return Part("subject", (change,), proof, _RECORDED, certain=True)


def _own_words(
    pointer: str, present: str | None, limits: _Limits, wanted: Collection[str]
) -> Part | None:
    if not present:
        return None
    cleaned = limits.clean(present) if "characters" in wanted else present
    proposed = limits.cut(cleaned) if "shorten" in wanted else cleaned
    if not proposed or proposed == present:
        return None
    is_cut = proposed != cleaned
    said = [_CLEANED] if cleaned != present else []
    said += [_SHORTENED] if is_cut else []
    return Part(
        "shorten" if is_cut else "characters",
        (Change(pointer, present, proposed),),
        "; ".join(_proofs(field_name(pointer), present, cleaned, proposed, limits)),
        Text(zh="".join(one.zh for one in said), en=" ".join(one.en for one in said)),
        certain=True,
    )


def _proofs(name: str, present: str, cleaned: str, proposed: str, limits: _Limits) -> Iterator[str]:
    if cleaned != present:
        yield f"{name}: {len(present) - len(cleaned)} characters fewer, the others unchanged"
    if proposed != cleaned and limits.most is not None:
        unit = "bytes" if limits.in_bytes else "characters"
        now, before = (length(one, limits.in_bytes) for one in (proposed, present))
        yield f"{name}: {now} {unit} ≤ {limits.most:g} (sent: {before})"


def _cleaned(text: str, forbidden: str | None) -> str:
    """Leave out what the channel forbids; between two words of letters a space takes its place."""
    refused = _compiled(f"{UNPRINTABLE}|{forbidden}" if forbidden else UNPRINTABLE)
    if refused.search(text) is None:
        return text
    kept = "".join(_kept(one, refused) for one in graphemes(text))
    space = "" if refused.search(" ") else " "
    return _BETWEEN_WORDS.sub(space, kept).replace(_GAP, "").strip()


def _kept(grapheme: str, refused: re.Pattern[str]) -> str:
    """Keep a grapheme, its base alone where only what is put on it must go, or a gap."""
    if refused.search(grapheme) is None:
        return grapheme
    base = grapheme[0]
    is_bare = unicodedata.category(base)[0] in _BARE and refused.search(base) is None
    return base if is_bare else _GAP


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
