"""Channels of the model: what each says in its own codes, and what it does with a number again."""

from dataclasses import dataclass, field
from enum import Enum


class Trade(Enum):
    """What a channel knows of a number."""

    ABSENT = "absent"
    PENDING = "pending"
    PAID = "paid"
    REFUSED = "refused"
    AWAY = "turned away"
    CLOSED = "closed"


class Again(Enum):
    """What a number that was seen before gets for an answer."""

    ECHO = "how it stands"
    DUPLICATE = "duplicate number"
    REOPENS = "a new try, if it was refused"


@dataclass(frozen=True)
class Said:
    """One raw answer."""

    code: str | None = None
    sub_code: str | None = None
    http_status: int | None = None

    def __str__(self) -> str:
        return "+".join(filter(None, (self.code, self.sub_code))) or f"nothing {self.http_status}"


@dataclass(frozen=True)
class Rail:
    """One channel: its codes, and its manners."""

    channel: str
    again: Again
    paid: Said
    pending: Said
    refused_call: Said
    refused_state: Said
    duplicate: Said
    query_errors: tuple[Said, ...]
    away: Said | None = None
    closed: Said | None = None
    unsure: Said | None = None
    """A system error: it may have been taken or not."""
    lies: bool = False
    """Pays, now and then, what it has finally refused."""
    not_found: Said = field(default=Said(http_status=404))

    def __str__(self) -> str:
        return f"{self.channel}, {self.again.value}"

    def state(self, trade: Trade) -> Said:
        """Say how a number stands."""
        return {
            Trade.ABSENT: self.not_found,
            Trade.PENDING: self.pending,
            Trade.PAID: self.paid,
            Trade.REFUSED: self.refused_state,
            Trade.AWAY: self.not_found,
            Trade.CLOSED: self.closed or self.refused_state,
        }[trade]


def jd_payout(again: Again) -> Rail:
    return Rail(
        "jd_payout",
        again,
        paid=Said("0000", "FINI"),
        pending=Said("0000", "WPAR"),
        refused_call=Said("ILLEGAL_BANK_CARD_NO"),
        refused_state=Said("0000", "CLOS"),
        duplicate=Said("OUT_TRADE_NO_EXIST"),
        query_errors=(Said("ACCOUNT_BALANCE_NOT_ENOUGH"), Said("ILLEGAL_SIGN")),
        unsure=Said("SYSTEM_ERROR"),
    )


def lakala_payout(again: Again) -> Rail:
    return Rail(
        "lakala_payout",
        again,
        paid=Said("trade_state=SUCCESS"),
        pending=Said("BBS10000"),
        refused_call=Said("BBS11184"),
        refused_state=Said("trade_state=FAIL"),
        duplicate=Said("OD032010"),
        query_errors=(Said("BBS16111"),),
        away=Said("BBS16111"),
    )


def jd_pay(again: Again) -> Rail:
    return Rail(
        "jd_pay",
        again,
        paid=Said("status=2"),
        pending=Said("JMPT200070"),
        refused_call=Said("JMPT200056"),
        refused_state=Said("status=3"),
        duplicate=Said("JMPT200062"),
        query_errors=(Said("JPGT100000"),),
        away=Said("JMPT200033"),
    )


def wechat_pay(again: Again) -> Rail:
    return Rail(
        "wechat_pay",
        again,
        paid=Said("trade_state=SUCCESS"),
        pending=Said("USERPAYING"),
        refused_call=Said("PARAM_ERROR"),
        refused_state=Said("trade_state=PAYERROR"),
        duplicate=Said("OUT_TRADE_NO_USED"),
        query_errors=(Said("SIGN_ERROR"), Said("RULE_LIMIT")),
        away=Said("FREQUENCY_LIMITED"),
        unsure=Said("SYSTEM_ERROR"),
        not_found=Said("ORDERNOTEXIST"),
    )
