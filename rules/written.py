"""Amounts as a channel's contract writes them: fen or yuan, a number or a text."""

from rules.pack import Pack

WrittenAmount = int | str


def written_amount(pack: Pack, amount_minor: int) -> WrittenAmount:
    """Write an amount of minor units as the pack's contract asks for it."""
    if pack.text("amount_unit") == "yuan":
        return f"{amount_minor // 100}.{amount_minor % 100:02d}"
    return str(amount_minor) if is_text(pack) else amount_minor


def is_text(pack: Pack) -> bool:
    """Tell whether the channel takes an amount as a text."""
    return "text" in (pack.text("amount_format") or "")
