"""Checks of the sample's amounts, instants and currency: does the request say what is meant?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from features.kinds import Value
from features.times import US_PER_SECOND, from_us
from rules.doctor.report import Fault, NotChecked, Passed, Verdict
from rules.doctor.written import (
    SECONDS,
    amount_as_minor,
    is_time_form,
    read_instant,
    wire_amount,
    write_instant,
    zone_of,
)
from rules.pack import Pack

_FEN_IN_YUAN = 100
_HOUR = 3600
_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Request:
    """The sample: facts of the order, the request flattened, and the names between them."""

    facts: Mapping[str, Value]
    sent: Mapping[str, Any]
    names: Mapping[str, str]
    product: str | None

    def of(self, field: str) -> tuple[str, Any, Value] | None:
        """Give a field's name and value in the request and its fact; None unless all are there."""
        name = self.names.get(field)
        if name is None or name not in self.sent or field not in self.facts:
            return None
        return name, self.sent[name], self.facts[field]


def check_amount(request: Request, pack: Pack) -> Iterator[Verdict]:
    """Check the amount's unit and form, and that it is the order's."""
    found = request.of("amount_minor")
    if found is None:
        return
    name, sent, meant = found
    amount_minor = int(meant)
    expected = wire_amount(pack, request.product, amount_minor)
    read = amount_as_minor(pack, request.product, sent)
    shown, wanted = repr(sent), repr(expected)
    if expected is None:
        wanted = f"{amount_minor} fen, in {pack.value('amount_unit', request.product)}"
    if amount_minor and read in (amount_minor * _FEN_IN_YUAN, amount_minor / _FEN_IN_YUAN):
        yield Fault(name="AMOUNT_UNIT", field=name, found=shown, expected=wanted)
    elif read is None or (expected is not None and sent != expected and read == amount_minor):
        form = str(pack.value("amount_format", request.product))
        told = f"{form}: {wanted}"
        yield Fault(
            name="AMOUNT_FORM", field=name, found=shown, expected=told, fact="amount_format"
        )
    elif read != amount_minor:
        yield Fault(name="VALUE_DIFFERS", field=name, found=shown, expected=wanted)
    elif expected is not None and type(sent) is not type(expected):
        yield Fault(
            name="AMOUNT_FORM", field=name, found=shown, expected=wanted, fact="amount_format"
        )
    elif expected is None:
        yield NotChecked(field=name, why="the channel's form of an amount was not found")
    else:
        yield Passed(name)


def check_placed_at(request: Request, pack: Pack) -> Iterator[Verdict]:
    """Check the form, zone and value of the order's own time."""
    found, form = request.of("placed_at"), pack.text("time_format")
    if found is None:
        return
    name, sent, meant = found
    if form is None or not is_time_form(form):
        yield NotChecked(field=name, why="the channel's form of an instant was not found")
        return
    yield from _instant(name, sent, int(meant), form, pack, "TIME_FORM")


def _instant(
    name: str, sent: object, meant_us: int, form: str, pack: Pack, fault: str
) -> Iterator[Verdict]:
    zone = zone_of(pack)
    expected = write_instant(form, zone, meant_us)
    read = read_instant(form, zone, sent)
    if read is None:
        told = f"{form}: {expected}"
        yield Fault(name=fault, field=name, found=repr(sent), expected=told, fact="time_format")
        return
    off = (read - from_us(meant_us)).total_seconds()
    if abs(off) < _MINUTE:
        yield Passed(name)
    elif abs(off) % _HOUR < 1:
        yield Fault(
            name="TIME_ZONE", field=name, found=repr(sent), expected=expected, fact="time_zone"
        )
    else:
        yield Fault(name="VALUE_DIFFERS", field=name, found=repr(sent), expected=expected)


def check_expires_at(request: Request, pack: Pack) -> Iterator[Verdict]:
    """Check how the expiry is written."""
    found, form = request.of("expires_at"), pack.text("expiry_format")
    placed = request.facts.get("placed_at")
    if found is None:
        return
    name, sent, meant = found
    if form == SECONDS and placed is not None:
        seconds = (int(meant) - int(placed)) // US_PER_SECOND
        if str(sent) == str(seconds):
            yield Passed(name)
        else:
            told = f"seconds: {seconds}"
            yield Fault(
                name="EXPIRY_FORM",
                field=name,
                found=repr(sent),
                expected=told,
                fact="expiry_format",
            )
    elif form is not None and is_time_form(form):
        yield from _instant(name, sent, int(meant), form, pack, "EXPIRY_FORM")
    else:
        yield NotChecked(field=name, why="the channel's form of an expiry was not found")


def check_lifetime(request: Request, pack: Pack) -> Iterator[Verdict]:
    """Check that the order lives as long as the channel allows."""
    placed, ends = request.facts.get("placed_at"), request.facts.get("expires_at")
    least, most = pack.number("min_expiry_seconds"), pack.number("max_expiry_seconds")
    if placed is None or ends is None or (least is None and most is None):
        return
    seconds = (int(ends) - int(placed)) // US_PER_SECOND
    if (least is not None and seconds < least) or (most is not None and seconds > most):
        yield Fault(
            name="EXPIRY_RANGE",
            field="expires_at",
            found=str(seconds),
            expected=f"{least or 0:.0f} to {'any' if most is None else f'{most:.0f}'}",
            fact="max_expiry_seconds",
        )
    else:
        yield Passed("expires_at")


def check_currency(request: Request, pack: Pack) -> Iterator[Verdict]:
    """Check what stands for the currency."""
    found, expected = request.of("currency"), pack.text("currency_value")
    if found is None or expected is None:
        return
    name, sent, _ = found
    if sent != expected:
        yield Fault(
            name="CURRENCY_VALUE",
            field=name,
            found=repr(sent),
            expected=repr(expected),
            fact="currency_value",
        )
    else:
        yield Passed(name)
