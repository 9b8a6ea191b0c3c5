"""Checks of the sample's texts and numbers: encoding, length, alphabet, the buyer's IP."""

import re
from collections.abc import Iterator, Mapping

from features.kinds import Value
from rules.checks.texts import PRINTED_TEXTS
from rules.doctor.config import Config, flattened
from rules.doctor.report import Fault, NotChecked, Passed, Verdict
from rules.pack import Pack
from rules.pack_facts import check_facts

_ENCODINGS = ("gbk", "latin-1", "cp1252")
_LIMITS: Mapping[str, str] = {
    "subject": "subject_max_characters",
    "description": "description_max_characters",
    "payout.purpose": "purpose_max_characters",
}
_LOST = "\ufffd"
_SHOWN = 40


def check_texts(config: Config, pack: Pack) -> Iterator[Verdict]:
    """Check what the sample's texts become in the request, and whether the channel takes them."""
    if config.sample is None:
        return
    facts = config.facts
    checks = check_facts(facts, pack)
    yield from _encodings(config, pack, facts)
    for field in PRINTED_TEXTS:
        yield from _length(field, facts, pack)
    yield from _signs(facts, checks, pack)
    yield from _order_id(facts, checks, pack)
    yield from _ip(facts, checks, pack)
    yield from _reserved(config, pack)


def garbled(meant: str, sent: str) -> bool:
    """Tell whether a text came out of a wrong encoding.

    >>> garbled("保温杯", "保温杯".encode().decode("latin-1")), garbled("保温杯", "保温杯")
    (True, False)
    """
    if sent == meant:
        return False
    if _LOST in sent or sent == re.sub(r"[^\x00-\x7f]", "?", meant):
        return True
    return any(sent == _misread(meant, name) for name in _ENCODINGS)


def _misread(meant: str, encoding: str) -> str:
    return meant.encode().decode(encoding, errors="replace")


def _encodings(config: Config, pack: Pack, facts: Mapping[str, Value]) -> Iterator[Verdict]:
    if config.sample is None or pack.file.wire is None:
        return
    sent = dict(flattened(config.sample.payload))
    for field, name in pack.file.wire.names.items():
        meant, found = facts.get(field), sent.get(name)
        if not isinstance(meant, str) or not isinstance(found, str) or meant.isascii():
            continue
        if garbled(meant, found):
            yield Fault(name="TEXT_ENCODING", field=name, found=_cut(found), expected=_cut(meant))
        elif found != meant and field in (*PRINTED_TEXTS, "payout.payee.name"):
            yield Fault(name="VALUE_DIFFERS", field=name, found=_cut(found), expected=_cut(meant))
        else:
            yield Passed(f"encoding of {name}")


def _length(field: str, facts: Mapping[str, Value], pack: Pack) -> Iterator[Verdict]:
    text, fact = facts.get(field), _LIMITS[field]
    most = pack.number(fact)
    if not isinstance(text, str):
        return
    if most is None:
        yield NotChecked(field=field, why=f"the pack does not know {fact}")
        return
    counted = pack.text("text_counted_as")
    size = len(text.encode()) if counted == "bytes" else len(text)
    told = f"{most:.0f}"
    if size > most:
        yield Fault(name="TEXT_TOO_LONG", field=field, found=str(size), expected=told, fact=fact)
    elif counted is None and len(text.encode()) > most:
        found = str(len(text.encode()))
        yield Fault(name="TEXT_MAYBE_TOO_LONG", field=field, found=found, expected=told, fact=fact)
    else:
        yield Passed(f"length of {field}")


def _signs(
    facts: Mapping[str, Value], checks: Mapping[str, Value], pack: Pack
) -> Iterator[Verdict]:
    listed, subject = pack.text("subject_forbidden_characters"), facts.get("subject")
    if listed is not None and isinstance(subject, str):
        found = sorted(set(listed) & set(subject))
        if found:
            yield Fault(
                name="TEXT_FORBIDDEN",
                field="subject",
                found=" ".join(found),
                fact="subject_forbidden_characters",
            )
        else:
            yield Passed("characters of subject")
    count = checks.get("check.unprintable_characters")
    if count:
        yield Fault(name="TEXT_UNPRINTABLE", field=", ".join(PRINTED_TEXTS), found=str(count))


def _order_id(
    facts: Mapping[str, Value], checks: Mapping[str, Value], pack: Pack
) -> Iterator[Verdict]:
    order_id, fits = facts.get("order_id"), checks.get("check.order_id_valid")
    if order_id is None:
        return
    if fits is None:
        yield NotChecked(field="order_id", why="the form of an order's number was not found")
    elif fits:
        yield Passed("order_id")
    else:
        yield Fault(
            name="ORDER_ID_FORM",
            field="order_id",
            found=str(order_id),
            expected=str(pack.text("order_id_pattern")),
            fact="order_id_pattern",
        )


def _ip(facts: Mapping[str, Value], checks: Mapping[str, Value], pack: Pack) -> Iterator[Verdict]:
    ip, accepted = facts.get("device.ip"), checks.get("check.ip_accepted")
    if ip is None:
        return
    if accepted is False or checks.get("check.ip_public") is False:
        forms = [pack.text("ip_form") or "", "a public address"]
        yield Fault(
            name="IP_FORM",
            field="device.ip",
            found=str(ip),
            expected=", ".join(form for form in forms if form),
            fact="ip_form",
        )
    else:
        yield Passed("device.ip")


def _reserved(config: Config, pack: Pack) -> Iterator[Verdict]:
    """Check the characters of reserved fields, which channels parse by `&` and `=` themselves."""
    listed = pack.text("reserved_forbidden_characters")
    if listed is None or config.sample is None:
        return
    for name, value in flattened(config.sample.payload):
        if "reserved" in name.lower() and isinstance(value, str):
            found = sorted(set(listed) & set(value))
            if found:
                yield Fault(
                    name="TEXT_FORBIDDEN",
                    field=name,
                    found=" ".join(found),
                    fact="reserved_forbidden_characters",
                )
            else:
                yield Passed(f"characters of {name}")


def _cut(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")
