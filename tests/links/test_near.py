"""Payees that were paid before under almost the same account number."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.catalog import parse_catalog
from features.links.live import LiveLinks
from features.masking import Masker
from features.times import US_PER_SECOND
from tests.links.worlds import KEY_LIST, World, by_columns, by_live, by_rescan

CATALOG = parse_catalog("""
catalog: payees
entities: {merchant: merchant_id}
links:
  - entity: merchant
    measure: near
    of: payout.payee.account.hash
    keys: payout.payee.account.near
    over: 180d
    name: payee_near_{window}
""")
NUMBER = "6222021234567890123"
DAY_US = 86_400 * US_PER_SECOND


def payout(masker: Masker, day: int, number: str, merchant: str = "M") -> dict[str, Any]:
    account = masker.payee_account(number)
    return {
        "order_id": f"p{day}",
        "merchant_id": merchant,
        "placed_at": day * DAY_US,
        "as_of": day * DAY_US,
        "payout.payee.account.hash": account["hash"],
        KEY_LIST: " ".join(account["near"]),
    }


def near(*rows: dict[str, Any]) -> int | None:
    """Give the feature of the last payout, which all three computations must agree on."""
    world = World(rows)
    slow = by_rescan(world, CATALOG)
    assert by_columns(world, CATALOG) == slow
    assert by_live(world, CATALOG, patient=True, sweep=True) == slow
    value: int | None = slow[-1]["payee_near_180d"]
    return value


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("6222021234567890124", 1),
        ("6222021234567890145", 0),
        ("6222021234567809123", 1),
        ("6222021234567908123", 0),
        (NUMBER, 0),
    ],
    ids=["one digit", "two digits", "neighbours changed over", "three moved", "the same"],
)
def test_one_slip_of_the_hand_is_near(masker: Masker, number: str, expected: int) -> None:
    assert near(payout(masker, 1, NUMBER), payout(masker, 2, number)) == expected


def test_a_near_account_paid_twice_counts_once(masker: Masker) -> None:
    rows = [payout(masker, day, NUMBER) for day in (1, 2, 3)]
    assert near(*rows, payout(masker, 4, NUMBER[:-1] + "9")) == 1


def test_each_near_account_counts(masker: Masker) -> None:
    rows = [payout(masker, day, NUMBER[:-1] + str(day)) for day in (1, 2, 3)]
    assert near(*rows) == 2


def test_the_payees_of_another_merchant_do_not_count(masker: Masker) -> None:
    rows = payout(masker, 1, NUMBER, merchant="other"), payout(masker, 2, NUMBER[:-1] + "9")
    assert near(*rows) == 0


def test_an_account_that_was_paid_too_long_ago_does_not_count(masker: Masker) -> None:
    first = payout(masker, 1, NUMBER)
    assert near(first, payout(masker, 181, NUMBER[:-1] + "9")) == 1
    assert near(first, payout(masker, 182, NUMBER[:-1] + "9")) == 0


def test_a_number_too_short_to_compare_is_missing(masker: Masker) -> None:
    assert near(payout(masker, 1, NUMBER), payout(masker, 2, "1234")) is None


@given(st.data())
def test_any_one_slip_is_found(data: st.DataObject) -> None:
    masker = Masker(b"k" * 32)
    digits = data.draw(st.text("0123456789", min_size=16, max_size=19))
    place = data.draw(st.integers(0, len(digits) - 2))
    other = digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
    if digits[place] == digits[place + 1]:
        other = digits[:place] + str((int(digits[place]) + 1) % 10) + digits[place + 1 :]
    assert near(payout(masker, 1, digits), payout(masker, 2, other)) == 1


def test_a_sweep_after_a_pause_frees_the_keys_too(masker: Masker) -> None:
    links = LiveLinks(CATALOG.links)
    for day in range(1, 20):
        made = payout(masker, day, NUMBER[:-2] + f"{day:02}")
        links.apply_order(made, made["placed_at"], made["as_of"])
    assert len(links) > 19 * len(masker.payee_account(NUMBER)["near"]) // 2
    assert links.sweep(400 * DAY_US) == 19
    assert len(links) == 0
