"""Checks of one sample: the order as we mean it, and the request that the adapter makes of it."""

from collections.abc import Collection, Iterator

from features.errors import suggest
from rules.checks.payouts import account_type_value, speeds_of
from rules.checks.presence import required_of
from rules.doctor.config import Config, flattened
from rules.doctor.report import Fault, NotChecked, Passed, Verdict
from rules.doctor.sample_values import (
    Request,
    check_amount,
    check_currency,
    check_expires_at,
    check_lifetime,
    check_placed_at,
)
from rules.pack import Pack

_SHOWN = 5
_TEXTS = ("subject", "description", "payout.purpose", "payout.payee.name")
_SPECIAL = frozenset(
    {"amount_minor", "currency", "placed_at", "expires_at", "payout.payee.kind", "goods_kind",
     "payout.payee.card_type", *_TEXTS}
)  # fmt: skip
"""Fields that a channel writes in a way of its own; all others are written as they are."""


def check_sample(config: Config, pack: Pack) -> Iterator[Verdict]:
    """Check the sample request against the sample order and the channel's contract."""
    if config.sample is None:
        yield NotChecked(field="sample", why="the settings hold no sample order and request")
        return
    if pack.file.wire is None:
        yield NotChecked(field="sample", why="what this channel calls the fields is not known")
        return
    product = config.facts.get("product")
    request = Request(
        facts=config.facts,
        sent=dict(flattened(config.sample.payload)),
        names=pack.file.wire.names,
        product=product if isinstance(product, str) else None,
    )
    if request.sent and request.sent.keys().isdisjoint(request.names.values()):
        yield Fault(
            name="REQUEST_OF_ANOTHER_CHANNEL",
            field="sample.payload",
            found=", ".join(list(request.sent)[:_SHOWN]),
            expected=", ".join(list(request.names.values())[:_SHOWN]),
        )
        return
    for check in _CHECKS:
        yield from check(request, pack)
    yield from _not_sent(request, pack, config.sample.order)


def _required_fields(request: Request, pack: Pack) -> tuple[str, ...]:
    """List the fields that the order's API requires."""
    wanted = required_of(pack)
    named = {"any", request.product or "", str(request.facts.get("sales_channel", "")).lower()}
    asked = [] if wanted is None else list(zip(wanted.inputs, wanted.apis, strict=True))
    return tuple(name for name, apis in asked if not apis.isdisjoint(named))


def _required(request: Request, pack: Pack) -> Iterator[Verdict]:
    fields = _required_fields(request, pack)
    lacking = [
        request.names[field]
        for field in fields
        if field in request.names and request.sent.get(request.names[field]) in (None, "")
    ]
    strange = set(request.sent) - set(request.names.values())
    for name in lacking:
        hint = suggest(name, strange).strip()
        yield Fault(name="FIELD_MISSING", field=name, found="nothing", expected=hint)
    if fields and not lacking:
        yield Passed("required fields")
    elif not fields:
        yield NotChecked(field="required fields", why="the pack does not list any")


def _not_sent(request: Request, pack: Pack, stated: Collection[str]) -> Iterator[Verdict]:
    required = _required_fields(request, pack)
    for field, name in request.names.items():
        if field in stated and field not in required and name not in request.sent:
            yield Fault(name="FIELD_NOT_SENT", field=name, found="nothing", expected=field)


def _account_type(request: Request, pack: Pack) -> Iterator[Verdict]:
    found = request.of("payout.payee.kind")
    if found is None:
        return
    name, sent, kind = found
    expected = account_type_value(pack, str(kind), request.product)
    if expected is not None:
        if str(sent) == expected:
            yield Passed(name)
        else:
            yield Fault(
                name="ACCOUNT_TYPE_INVERTED", field=name, found=repr(sent), expected=repr(expected)
            )
        return
    by_product = {
        product: account_type_value(pack, str(kind), product) for product in pack.file.products
    }
    stated = [f"{product} {value}" for product, value in by_product.items() if value is not None]
    if request.product is None and len(stated) > 1:
        told = ", ".join(stated)
        yield Fault(name="ACCOUNT_TYPE_OPEN", field=name, found=repr(sent), expected=told)
    else:
        yield NotChecked(field=name, why="what stands for the kind of account was not found")


def _speed(request: Request, pack: Pack) -> Iterator[Verdict]:
    speed = request.facts.get("payout.speed")
    if speed is None:
        return
    speeds = speeds_of(pack, request.product, "payout.batch_id" in request.facts)
    if speeds is None:
        yield NotChecked(field="payout.speed", why="the speeds that are offered were not found")
    elif speed not in speeds:
        told = ", ".join(sorted(speeds))
        yield Fault(
            name="SPEED_NOT_OFFERED",
            field="payout.speed",
            found=str(speed),
            expected=told,
            fact="payout_speeds",
        )
    else:
        yield Passed("payout.speed")


def _instalments(request: Request, pack: Pack) -> Iterator[Verdict]:
    number, offered = request.facts.get("credit.instalments"), pack.value("instalments")
    if number is None or not isinstance(offered, list):
        return
    if number in offered:
        yield Passed("credit.instalments")
    else:
        yield Fault(
            name="INSTALMENTS_NOT_OFFERED",
            field="credit.instalments",
            found=str(number),
            expected=", ".join(map(str, offered)),
            fact="instalments",
        )


def _others(request: Request, _: Pack) -> Iterator[Verdict]:
    """Check that fields which are written as they are hold what the order says."""
    for field in request.names:
        found = None if field in _SPECIAL else request.of(field)
        if found is not None:
            name, sent, meant = found
            if str(sent) != str(meant):
                yield Fault(
                    name="VALUE_DIFFERS", field=name, found=repr(sent), expected=repr(meant)
                )
            else:
                yield Passed(name)


_CHECKS = (
    _required,
    check_amount,
    check_placed_at,
    check_expires_at,
    check_lifetime,
    check_currency,
    _account_type,
    _speed,
    _instalments,
    _others,
)
