"""Amounts as a channel's contract writes them: fen or yuan, a number or a text."""

import re

from rules.packs import Pack
from rules.written import is_text
from rules.written import written_amount as render_amount
from training.simulate.channel.protocol import Amount

_YUAN = re.compile(r"(\d{1,10})\.(\d{2})")
_WHOLE = re.compile(r"[1-9]\d{0,11}|0")

__all__ = ["read_amount", "render_amount"]


def read_amount(pack: Pack, written: Amount) -> int | None:
    """Read an amount by the pack's contract, in minor units; None where it is in another form."""
    if pack.text("amount_unit") == "yuan":
        match = _YUAN.fullmatch(str(written)) if isinstance(written, str) else None
        return int(match[1]) * 100 + int(match[2]) if match else None
    if is_text(pack):
        return int(written) if isinstance(written, str) and _WHOLE.fullmatch(written) else None
    return written if isinstance(written, int) and not isinstance(written, bool) else None
