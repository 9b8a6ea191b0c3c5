"""Repairs of amounts, prices, plans, currency and time: what the diagnosis of an order names."""

from collections.abc import Collection, Iterator, Mapping

from features.amounts import plan_residue_minor
from features.mismatch.diagnosis import diagnose
from features.mismatch.equation import Change
from features.mismatch.findings import About, Candidate, Finding, MismatchKind
from features.mismatch.sums import plan_equation
from features.order import MAX_MINOR, Credit, Order
from features.times import from_us, to_us
from rules.decision import Text
from rules.entries import Repair
from rules.repairs.part import Part, Scene, Slot
from rules.repairs.ranking import likeliest_first
from rules.repairs.telling import told

_REPAIRS: Mapping[About, Repair] = {
    About.AMOUNT: "amounts",
    About.LIST_PRICE: "amounts",
    About.PLAN: "plan",
    About.CURRENCY: "currency",
    About.TIME: "time",
}
_OTHERWISE = Text(
    zh="哪一项有误需要人工确认。", en="A person must confirm which of the figures is wrong."
)
_RECORD = Text(
    zh="按商户系统的记录更正商品行、优惠或运费；用户实付金额不变。",
    en="Correct lines, discount or freight to your own record; what the buyer pays stays the same.",
)
_OWN = Text(
    zh="按订单自身的算式更正一项，用户实付金额不变；" + _OTHERWISE.zh,
    en="Correct one figure by the order's own sum; what the buyer pays stays the same. "
    + _OTHERWISE.en,
)
_RECORD_PAID = Text(
    zh="把金额改为商户系统记录的订单金额；这会改变实付金额，请先与付款人确认。",
    en="Set the amount to the one in your own record. This changes what the buyer pays: "
    "confirm it with the buyer first.",
)
_OWN_PAID = Text(
    zh="按商品明细合计改金额；这会改变实付金额。" + _OTHERWISE.zh,
    en="Set the amount to the basket's total; it changes what the buyer pays. " + _OTHERWISE.en,
)
_PLAN = Text(
    zh="使分期计划的首期、每期与总额相符；这会改变用户分期实付，请先与用户确认。",
    en="Make the payments of the plan add up to its total. This changes what the buyer pays in "
    "instalments: confirm it with the buyer first.",
)
_CURRENCY = Text(
    zh="把币种改为商户系统记录的币种；这会改变实付金额，请先与付款人确认。",
    en="Set the currency to the one in your own record. This changes what the buyer pays: "
    "confirm it with the buyer first.",
)
_TIME = Text(
    zh="更正下单时间：时区、时间单位或时钟有误；同时请修正写入该字段的程序。",
    en="Correct the time of the order: its zone, unit or clock is wrong. Correct the program that "
    "writes the field, too.",
)


def diagnosed(scene: Scene, wanted: Collection[str]) -> Iterator[Slot]:
    """Propose what explains each relation that does not hold and whose repair is wanted."""
    if not any(repair in wanted for repair in _REPAIRS.values()):
        return
    order = scene.order
    for finding in _findings(scene):
        repair = _REPAIRS[finding.about]
        candidates = [one for one in finding.candidates if _is_known(one, order)]
        if repair in wanted and candidates and not _contradicts_itself(order, finding):
            ranked = likeliest_first(order, candidates)
            yield tuple(
                part for one in ranked for part in _parts(scene, repair, one, finding.certain)
            )
    if "plan" in wanted and (slot := _rounded_plan(order.credit)):
        yield slot


def _findings(scene: Scene) -> Iterator[Finding]:
    """Diagnose the order; where it was only copied, the instant of receiving is no witness."""
    order = scene.order
    is_copied = to_us(order.placed_at) == scene.as_of_us
    found = diagnose(order, None if is_copied else scene.as_of_us)
    yield from found.findings
    if found.rounding is not None:
        yield found.rounding


def _is_known(candidate: Candidate, order: Order) -> bool:
    """Leave out what changes nothing, what invents or drops a line, and what doubts the record."""
    record = order.record
    recorded = record.amount_minor if record is not None else None
    has_lines = record is not None and bool(record.items)
    return bool(candidate.changes) and not any(
        (change.op == "add" and change.source is None)
        or (change.op == "remove" and not has_lines)
        or (change.pointer == "/amount_minor" and recorded not in (None, change.proposed))
        for change in candidate.changes
    )


def _contradicts_itself(order: Order, finding: Finding) -> bool:
    """Tell whether the order adds up with the record's own lines, and the record's total does not.

    Then the record is behind or broken; what it wants is not in these figures.
    """
    is_behind = any(one.kind is MismatchKind.RECORD_BEHIND for one in finding.candidates)
    has_lines = order.record is not None and bool(order.record.items)
    return is_behind and has_lines and finding.about is not About.TIME


def _parts(
    scene: Scene, repair: Repair, candidate: Candidate, certain: Candidate | None
) -> Iterator[Part]:
    text, proof = _text(repair, candidate), told(candidate)
    yield Part(repair, candidate.changes, proof, text, candidate is certain)
    if repair == "time" and (expiry := _moved_expiry(scene, candidate)) is not None:
        yield Part(repair, (*candidate.changes, expiry), proof, text, candidate is certain)


def _moved_expiry(scene: Scene, candidate: Candidate) -> Change | None:
    """Move the expiry along with the order's time where it has lapsed by the same slip."""
    expires, order = scene.order.expires_at, scene.order
    right = candidate.changes[0].proposed
    is_zone = candidate.kind is MismatchKind.ZONE
    if expires is None or not is_zone or to_us(expires) > scene.as_of_us:
        return None
    shift_us = candidate.sums[0].after(candidate.changes).total - to_us(order.placed_at)
    moved = from_us(to_us(expires) + shift_us)
    return None if right == order.placed_at else Change("/expires_at", expires, moved)


def _text(repair: Repair, candidate: Candidate) -> Text:
    match repair:
        case "plan":
            return _PLAN
        case "currency":
            return _CURRENCY
        case "time":
            return _TIME
    is_recorded = all(
        change.source is not None or change.op == "remove" for change in candidate.changes
    )
    if candidate.changes_what_buyer_pays:
        return _RECORD_PAID if is_recorded else _OWN_PAID
    return _RECORD if is_recorded else _OWN


def _rounded_plan(credit: Credit | None) -> Slot:
    """Put what rounding left of a plan into its first payment; the diagnosis lets it pass."""
    residue = plan_residue_minor(credit)
    if credit is None or not residue or abs(residue) >= (credit.instalments or 0):
        return ()
    first = credit.first_pay_minor or 0
    right = first - residue
    if not 0 <= right <= MAX_MINOR:
        return ()
    change = Change("/credit/first_pay_minor", first, right)
    proof = str(plan_equation(credit).after([change]))
    return (Part("plan", (change,), f"{proof} (sent: {first})", _PLAN, certain=False),)
