"""Who is whom: an author under another spelling is still the author."""

import pytest

from features.errors import RuleError
from rules.releases.people import person, same_person


@pytest.mark.parametrize(
    "other",
    [
        "ana li", " Ana Li ", "ANA LI", "Ａｎａ Ｌｉ", "Ana\u00a0Li", "Ana  Li", "Ana\u200b Li",
        "\u202eAna Li", "Ana Li\u200d",
    ],
)  # fmt: skip
def test_spelling_does_not_make_another_person(other: str) -> None:
    assert same_person("Ana Li", other)


def test_letters_that_fold_to_several_are_the_same() -> None:
    assert same_person("Straße", "STRASSE")
    assert same_person("ﬁona", "Fiona")


@pytest.mark.parametrize("other", ["Ana", "Ana Lin", "Anna Li", "Bo", "AnaLi"])
def test_other_names_are_other_people(other: str) -> None:
    assert not same_person("Ana Li", other)


@pytest.mark.parametrize("name", ["", "  ", "\u200b", "a\nb", "x" * 101, "\u202eAna"])
def test_what_names_nobody_is_refused(name: str) -> None:
    with pytest.raises(RuleError, match="no person's name"):
        person(name)


def test_a_name_is_kept_as_it_is_given() -> None:
    assert person(" 王芳 ") == "王芳"
