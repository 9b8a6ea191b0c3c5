"""Reasons that no rule of a book gives, so no edit of a book takes them out; and their pages."""

from dataclasses import dataclass

from rules.decision import Text


@dataclass(frozen=True, slots=True)
class OwnReason:
    """One such reason, for staff and for the buyer."""

    code: str
    title: Text
    meaning: Text
    origin: Text
    advice: Text
    buyer: Text
    brief: str
    """What it is, in the index of the pages."""

    @property
    def page(self) -> str:
        """Its page, in the form of the rules' pages."""
        zh = (self.meaning.zh, self.origin.zh, self.advice.zh, self.buyer.zh)
        en = (self.meaning.en, self.origin.en, self.advice.en, self.buyer.en)
        return "\n".join(
            (
                f"# {self.code}",
                "",
                f"{self.title.zh} / {self.title.en}",
                "",
                *_told("中文", _ZH, zh),
                *_told("English", _EN, en),
            )
        )


_ZH = ("含义", "依据", "怎么办", "可对买家说")
_EN = ("What it means", "Why we say so", "What to do", "to the buyer")


def _told(language: str, labels: tuple[str, ...], told: tuple[str, ...]) -> tuple[str, ...]:
    means, why, what, to_buyer = labels
    meaning, origin, advice, buyer = told
    return (
        f"## {language}",
        "",
        f"**{means}**",
        "",
        meaning,
        "",
        f"**{why}**",
        "",
        origin,
        "",
        f"**{what}**",
        "",
        f"- {advice}",
        f"- {to_buyer}: {buyer}",
        "",
    )
