"""Amounts as a channel's contract writes them: fen or yuan, a number or a text."""

import re

from rules.packs import Pack
from training.simulate.channel.protocol import Amount

_YUAN = re.compile(r"(\d{1,10})\.(\d{2})")
_WHOLE = re.compile(r"[1-9]\d{0,11}|0")


def render_amount(pack: Pack, amount_minor: int) -> Amount:
    """Write an amount as the pack's contract asks for it."""
    if pack.text("amount_unit") == "yuan":
        return f"{amount_minor // 100}.{amount_minor % 100:02d}"
    return str(amount_minor) if _is_text(pack) else amount_minor


def read_amount(pack: Pack, written: Amount) -> int | None:
    """Read an amount by the pack's contract, in minor units; None where it is in another form."""
    if pack.text("amount_unit") == "yuan":
        match = _YUAN.fullmatch(str(written)) if isinstance(written, str) else None
        return int(match[1]) * 100 + int(match[2]) if match else None
    if _is_text(pack):
        return int(written) if isinstance(written, str) and _WHOLE.fullmatch(written) else None
    return written if isinstance(written, int) and not isinstance(written, bool) else None


def _is_text(pack: Pack) -> bool:
    return "text" in (pack.text("amount_format") or "")
