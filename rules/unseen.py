"""Answers of channels that no pack knows: counted, so that a person gives them a meaning."""

from msgspec import Struct

from features.ledger import AnswerCount, LedgerReader
from features.masking import mask_digits
from rules.codes import UNSEEN
from rules.own_codes import COLUMNS
from rules.packs import Packs


class UnseenAnswer(Struct, frozen=True, kw_only=True):
    """One code that no pack knows; message and order are one example. Instants are UTC us."""

    channel: str
    api: str | None
    raw_code: str | None
    raw_sub_code: str | None
    raw_message: str | None
    order_id: str
    answers: int
    orders: int
    first_us: int
    last_us: int

    @property
    def template(self) -> str:
        """A row for one's own table of codes: what is met is filled in, the meaning is left."""
        met = {
            "channel": self.channel,
            "api": self.api or "",
            "code": self.raw_code or "*",
            "sub_code": self.raw_sub_code or "",
        }
        return "\t".join(met.get(name, "") for name in COLUMNS)


def unseen_answers(reader: LedgerReader, packs: Packs) -> tuple[UnseenAnswer, ...]:
    """List the answers of a ledger that today's packs do not know, the most frequent first."""
    return tuple(_told(one) for one in reader.answer_counts() if _is_unseen(one, packs))


def _is_unseen(one: AnswerCount, packs: Packs) -> bool:
    if one.channel not in packs.names:
        return True
    pack = packs[one.channel]
    return pack.map_outcome(one.api, one.raw_code, one.raw_sub_code, one.raw_message) is UNSEEN


def _told(one: AnswerCount) -> UnseenAnswer:
    message = None if one.raw_message is None else mask_digits(one.raw_message)
    return UnseenAnswer(
        channel=one.channel,
        api=one.api,
        raw_code=one.raw_code,
        raw_sub_code=one.raw_sub_code,
        raw_message=message,
        order_id=one.order_id,
        answers=one.answers,
        orders=one.orders,
        first_us=one.first_us,
        last_us=one.last_us,
    )
