"""What a diagnosis names, proposes and proves; what it leaves alone."""

from datetime import timedelta
from time import perf_counter
from typing import Any

import pytest
from hypothesis import assume, given, settings
from msgspec import structs

from bench.fits import single_field_fits
from bench.mutations import with_full_record
from features.mismatch.diagnosis import diagnose
from features.mismatch.findings import About, Candidate, Diagnosis, MismatchKind
from features.mismatch.sums import with_changes
from features.order import Credit, Item, Order, Record, RecordItem
from features.times import from_us, to_us
from tests.mismatch.lined_orders import lined_orders

MONEY = {About.AMOUNT, About.LIST_PRICE}


@pytest.fixture
def bare(order: Order) -> Order:
    """The clean order without a record."""
    return structs.replace(order, record=None)


def sent(order: Order, **fields: Any) -> Diagnosis:
    """Diagnose the order with other values, its unchanged self as the record."""
    return diagnose(with_full_record(structs.replace(order, **fields), order))


def with_line(order: Order, number: int, **fields: Any) -> tuple[Item, ...]:
    lines = list(order.items)
    lines[number] = structs.replace(lines[number], **fields)
    return tuple(lines)


def only(found: Diagnosis) -> Candidate:
    (finding,) = found.findings
    assert finding.certain is not None
    return finding.certain


def test_a_clean_order_has_no_finding(order: Order, bare: Order) -> None:
    for clean in (order, bare, with_full_record(order, order)):
        assert diagnose(clean) == Diagnosis(0, 0, (), None)


def test_an_order_without_lines_and_record_has_no_finding(bare: Order) -> None:
    assert diagnose(structs.replace(bare, items=())) == Diagnosis(None, None, (), None)


@pytest.mark.parametrize(
    ("field", "value", "kind"),
    [
        ("amount_minor", 3_100_000, MismatchKind.UNIT),
        ("amount_minor", 310, MismatchKind.UNIT),
        ("amount_minor", 32_700, MismatchKind.DISCOUNT_NOT_APPLIED),
        ("amount_minor", 30_000, MismatchKind.CHARGE_NOT_APPLIED),
        ("amount_minor", 31_001, MismatchKind.AMOUNT),
        ("list_amount_minor", 31_000, MismatchKind.PAID_PRICE_AS_LIST),
        ("list_amount_minor", 35_000, MismatchKind.LIST_AMOUNT),
        ("discount_minor", 0, MismatchKind.DISCOUNT_NOT_SPREAD),
        ("discount_minor", 1_800, MismatchKind.DISCOUNT),
        ("freight_minor", 0, MismatchKind.FREIGHT),
        ("tax_minor", 5, MismatchKind.TAX),
    ],
)
def test_with_a_record_a_wrong_total_or_charge_is_named_for_certain(
    order: Order, field: str, value: int, kind: MismatchKind
) -> None:
    found = only(sent(order, **{field: value}))
    (change,) = found.changes
    assert (found.kind, change.pointer, change.present) == (kind, f"/{field}", value)
    assert change.proposed == getattr(order, field)
    assert found.changes_what_buyer_pays == (field == "amount_minor")
    assert [equation.residue for equation in found.proof] == [0, 0, 0]


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"quantity": 3}, MismatchKind.QUANTITY),
        ({"unit_price_minor": 12_800}, MismatchKind.PRICE),
        ({"unit_price_minor": 1_290_000}, MismatchKind.UNIT),
        ({"unit_price_minor": 14_900}, MismatchKind.LIST_PRICE_AS_PAID),
        ({"list_price_minor": 12_900}, MismatchKind.PAID_PRICE_AS_LIST),
        ({"list_price_minor": 14_000}, MismatchKind.LIST_PRICE),
        ({"unit_price_minor": 14_900, "list_price_minor": 12_900}, MismatchKind.LABEL_SWAP),
    ],
)
def test_with_a_record_a_wrong_line_is_named_for_certain(
    order: Order, fields: dict[str, int], kind: MismatchKind
) -> None:
    found = only(sent(order, items=with_line(order, 0, **fields)))
    assert (found.kind, set(found.pointers)) == (kind, {f"/items/0/{name}" for name in fields})
    assert with_changes(structs.replace(order, items=with_line(order, 0, **fields)), found.changes)
    assert not found.changes_what_buyer_pays


def test_list_prices_sent_as_paid_ones_are_one_mistake_with_the_amount(order: Order) -> None:
    dear = with_line(order, 0, unit_price_minor=14_900)
    found = only(sent(order, items=dear, amount_minor=order.amount_minor + 4_000))
    assert found.kind is MismatchKind.LIST_PRICE_AS_PAID
    assert found.pointers == ("/amount_minor", "/items/0/unit_price_minor")
    assert found.changes_what_buyer_pays


def test_lines_that_came_and_went_are_put_right_in_an_order_that_can_be_patched(
    order: Order,
) -> None:
    foreign = [Item(sku=f"X-{n}", quantity=1, unit_price_minor=n) for n in (1, 2)]
    wrong = structs.replace(order, items=(foreign[0], order.items[0], foreign[1]))
    found = only(diagnose(with_full_record(wrong, order)))
    assert found.pointers == ("/items/2", "/items/0", "/items/-")
    right = with_changes(wrong, found.changes)
    assert [line.sku for line in right.items] == ["T-1", "T-2"]
    assert diagnose(right).findings == ()


def test_repeated_skus_are_told_apart_by_their_place(bare: Order) -> None:
    single = structs.replace(bare.items[0], quantity=1)
    right = structs.replace(
        bare, items=(*bare.items, single), amount_minor=43_900, list_amount_minor=50_600
    )
    assert diagnose(right).findings == ()
    wrong = structs.replace(right, items=with_line(right, 0, quantity=1))
    found = only(diagnose(with_full_record(wrong, right)))
    assert found.pointers == ("/items/0/quantity",)


def test_a_gift_beside_the_same_sku_for_money_is_no_mistake(bare: Order) -> None:
    gift = structs.replace(bare.items[0], unit_price_minor=0)
    right = structs.replace(bare, items=(*bare.items, gift), list_amount_minor=65_500)
    swapped = structs.replace(right, items=right.items[::-1])
    assert diagnose(right).findings == diagnose(with_full_record(swapped, right)).findings == ()


def test_lines_may_be_split_otherwise_than_in_the_record(order: Order) -> None:
    one, other = order.items
    split = (structs.replace(one, quantity=1), other, structs.replace(one, quantity=1))
    assert sent(order, items=split).findings == ()


def test_a_line_that_came_twice_is_named_for_certain(order: Order) -> None:
    found = only(sent(order, items=(*order.items, order.items[0])))
    assert (found.kind, found.pointers) == (MismatchKind.LINE_EXTRA, ("/items/2",))


def test_a_quantity_in_split_lines_that_two_readings_fit_is_not_certain(order: Order) -> None:
    one, other = order.items
    split = (structs.replace(one, quantity=2), other, structs.replace(one, quantity=3))
    right = structs.replace(order, items=(structs.replace(one, quantity=4), other))
    (finding,) = diagnose(with_full_record(structs.replace(order, items=split), right)).findings
    assert {c.pointers for c in finding.candidates} == {
        ("/items/0/quantity",),
        ("/items/2/quantity",),
    }
    assert not any(candidate.certain for candidate in finding.candidates)


def test_a_thousand_pieces_do_not_hide_a_wrong_quantity(bare: Order) -> None:
    items = (Item(quantity=1_000, unit_price_minor=700, list_price_minor=800),)
    right = structs.replace(
        bare, items=items, amount_minor=699_300, list_amount_minor=800_000, freight_minor=1_000
    )
    assert diagnose(right).findings == ()
    wrong = structs.replace(right, items=with_line(right, 0, quantity=100))
    assert diagnose(wrong).candidates[0].pointers == ("/items/0/quantity",)


def test_what_rounding_a_coupon_leaves_is_no_finding_but_is_told(bare: Order) -> None:
    off = structs.replace(bare, discount_minor=1_699)
    found = diagnose(off)
    assert (found.findings, found.residue_minor) == ((), 1)
    assert found.rounding is not None
    assert found.rounding.candidates[0].kind is MismatchKind.ROUNDING
    assert found.rounding.candidates[0].changes[0].proposed == 1_700


def test_a_missing_list_price_leaves_the_list_prices_undecided(order: Order) -> None:
    found = sent(order, items=with_line(order, 0, list_price_minor=None))
    assert (found.findings, found.list_residue_minor) == ((), None)


def test_the_record_of_a_refunded_order_says_nothing_of_its_amount(order: Order) -> None:
    assert order.record is not None
    refunded = structs.replace(order.record, state="refunded", amount_minor=0)
    assert diagnose(structs.replace(order, record=refunded)).findings == ()


def test_another_currency_is_named_and_its_amount_not_compared(order: Order) -> None:
    assert order.record is not None
    dollars = structs.replace(order, currency="USD")
    assert only(diagnose(dollars)).pointers == ("/currency",)
    priced = structs.replace(order.record, amount_minor=4_300)
    (finding,) = diagnose(structs.replace(dollars, record=priced)).findings
    assert [c.pointers for c in finding.candidates] == [
        ("/currency",),
        ("/currency", "/amount_minor"),
    ]
    assert finding.certain is None


def test_a_record_that_is_behind_leaves_both_sides_possible(order: Order) -> None:
    assert order.record is not None
    old = structs.replace(order.record, amount_minor=32_800)
    (finding,) = diagnose(structs.replace(order, record=old)).findings
    assert finding.candidates[0].kind is MismatchKind.RECORD_BEHIND
    assert finding.candidates[0].changes == ()
    assert len(finding.candidates) > 1
    assert finding.certain is None


def test_a_record_of_the_amount_alone_still_leaves_every_part_that_fits(bare: Order) -> None:
    dear = structs.replace(bare, items=with_line(bare, 1, unit_price_minor=6_000))
    amount_only = Record(amount_minor=bare.amount_minor)
    (finding,) = diagnose(structs.replace(dear, record=amount_only)).findings
    pointers = {c.pointers for c in finding.candidates}
    assert {("/items/1/unit_price_minor",), ("/discount_minor",)} <= pointers
    assert ("/amount_minor",) not in pointers
    assert finding.certain is None


def test_payments_of_a_plan_must_come_to_its_total(bare: Order) -> None:
    plan = Credit(
        instalments=3, plan_total_minor=31_500, first_pay_minor=10_500, later_pay_minor=10_500
    )
    assert diagnose(structs.replace(bare, credit=plan)).findings == ()
    rounded = structs.replace(plan, plan_total_minor=31_502)
    assert diagnose(structs.replace(bare, credit=rounded)).findings == ()
    wrong = structs.replace(bare, credit=structs.replace(plan, instalments=6))
    (finding,) = diagnose(wrong).findings
    assert (finding.about, finding.residue) == (About.PLAN, 31_500)
    assert ("/credit/instalments",) in {c.pointers for c in finding.candidates}
    for candidate in finding.candidates:
        assert diagnose(with_changes(wrong, candidate.changes)).findings == ()


@pytest.mark.parametrize("hours", [8, -8, 1, -14])
def test_a_clock_in_another_zone_is_named(order: Order, bare: Order, hours: int) -> None:
    slipped = structs.replace(bare, placed_at=bare.placed_at + timedelta(hours=hours))
    found = only(diagnose(with_full_record(slipped, bare)))
    assert (found.kind, found.changes[0].proposed) == (MismatchKind.ZONE, bare.placed_at)
    (finding,) = diagnose(slipped, as_of_us=to_us(bare.placed_at)).findings
    kinds = {candidate.kind for candidate in finding.candidates}
    assert kinds == {MismatchKind.ZONE, MismatchKind.CLOCK if hours > 0 else MismatchKind.WAITED}
    assert finding.certain is None


def test_an_old_record_and_a_slip_into_the_future_are_both_possible(bare: Order) -> None:
    late = structs.replace(bare, placed_at=bare.placed_at + timedelta(hours=2, minutes=5))
    recorded = with_full_record(late, bare)
    (finding,) = diagnose(recorded).findings
    kinds = [candidate.kind for candidate in finding.candidates]
    assert kinds == [MismatchKind.ZONE, MismatchKind.RECORD_BEHIND]
    assert finding.certain is None
    assert diagnose(recorded, as_of_us=to_us(late.placed_at) + 5_000_000).findings == ()
    right = to_us(late.placed_at) - 2 * 3_600_000_000
    assert only(diagnose(recorded, as_of_us=right)).kind is MismatchKind.ZONE


@pytest.mark.parametrize("factor", [1_000, 1_000_000])
def test_seconds_read_as_a_finer_unit_are_named(bare: Order, factor: int) -> None:
    early = structs.replace(bare, placed_at=from_us(to_us(bare.placed_at) // factor))
    assert only(diagnose(with_full_record(early, bare))).kind is MismatchKind.EPOCH
    (finding,) = diagnose(early).findings
    assert finding.candidates[0].changes[0].proposed == bare.placed_at


def test_an_order_that_waited_is_only_doubted_at_whole_hours(bare: Order) -> None:
    placed_us = to_us(bare.placed_at)
    for minutes in (0, 1, 30, 90, 300):
        found = diagnose(bare, as_of_us=placed_us + minutes * 60_000_000)
        assert bool(found.findings) == (minutes == 300)


def test_without_a_record_nothing_is_certain_and_all_that_fits_is_told(bare: Order) -> None:
    found = diagnose(structs.replace(bare, freight_minor=0))
    (finding,) = found.findings
    assert (found.residue_minor, finding.residue, finding.certain) == (-1_000, -1_000, None)
    assert finding.candidates[0].pointers == ("/freight_minor",)
    assert ("/items/0/unit_price_minor",) in {c.pointers for c in finding.candidates}


def test_a_quantity_that_would_break_the_list_prices_is_no_candidate(bare: Order) -> None:
    short = structs.replace(bare, amount_minor=bare.amount_minor - 12_900)
    pointers = {c.pointers for c in diagnose(short).candidates}
    assert ("/items/0/quantity",) not in pointers
    unlisted = structs.replace(short, list_amount_minor=None)
    assert ("/items/0/quantity",) in {c.pointers for c in diagnose(unlisted).candidates}


def test_a_line_may_have_been_meant_as_a_gift(bare: Order) -> None:
    short = structs.replace(bare, amount_minor=bare.amount_minor - 5_900)
    single = [c.changes[0] for c in diagnose(short).candidates]
    assert ("/items/1/unit_price_minor", 0) in {(c.pointer, c.proposed) for c in single}


def test_a_freight_in_odd_fen_is_less_likely_than_a_price(bare: Order) -> None:
    odd = structs.replace(bare, amount_minor=bare.amount_minor + 337, freight_minor=0)
    kinds = [c.kind for c in diagnose(odd).candidates]
    assert kinds.index(MismatchKind.PRICE) < kinds.index(MismatchKind.FREIGHT)


def test_a_thousand_lines_take_a_bounded_time(bare: Order) -> None:
    items = (Item(quantity=1, unit_price_minor=10_000, sku="T-1"),) * 1_000
    wrong = structs.replace(bare, items=items, list_amount_minor=None, amount_minor=9_995_000)
    other = structs.replace(bare, items=tuple(structs.replace(i, quantity=2) for i in items))
    started = perf_counter()
    assert len(diagnose(wrong).candidates) > 1_000
    assert diagnose(with_full_record(wrong, other)).findings
    assert perf_counter() - started < 2


@given(lined_orders())
@settings(max_examples=100)
def test_putting_a_candidate_in_leaves_nothing_to_find_in_the_sums(order: Order) -> None:
    bare = structs.replace(order, record=None, credit=None)
    for finding in diagnose(bare).findings:
        for candidate in finding.candidates if finding.about in MONEY else ():
            left = diagnose(with_changes(bare, candidate.changes))
            assert finding.about not in {f.about for f in left.findings}
            assert left.rounding is None or finding.about is About.LIST_PRICE
            if finding.about is About.AMOUNT:
                assert candidate.proof[0].residue == 0


@given(lined_orders())
@settings(max_examples=100)
def test_what_follows_from_a_record_makes_the_order_equal_to_it(order: Order) -> None:
    for finding in diagnose(order).findings:
        if finding.certain is not None and finding.about in MONEY:
            assert finding.certain.changes
            right = with_changes(order, finding.certain.changes)
            assert [f for f in diagnose(right).findings if f.about in MONEY] == []


@given(lined_orders())
@settings(max_examples=100)
def test_every_field_that_fits_alone_is_among_the_candidates(order: Order) -> None:
    bare = structs.replace(order, record=None)
    found = diagnose(bare)
    alone = [c.changes[0] for c in found.candidates if len(c.changes) == 1]
    named = {change.pointer: change.proposed for change in alone}
    fits = single_field_fits(bare)
    assume(fits)
    assert fits.items() <= named.items()


def test_equations_read_as_a_merchant_writes_them(bare: Order) -> None:
    (finding,) = diagnose(structs.replace(bare, freight_minor=0)).findings
    assert str(finding.candidates[0].sums[0]).endswith("1000 = 31000")
    assert str(finding.candidates[0].proof[0]) == ("2 × 12900 + 1 × 5900 − 1700 + 1000 + 0 = 31000")


def test_a_record_line_without_prices_confirms_only_what_it_states(order: Order) -> None:
    assert order.record is not None
    lines = (RecordItem(sku="T-1", quantity=2), RecordItem(sku="T-2", quantity=1))
    partial = structs.replace(order.record, items=lines)
    dear = structs.replace(
        order, items=with_line(order, 0, unit_price_minor=13_900), record=partial
    )
    (finding,) = diagnose(dear).findings
    assert ("/items/0/unit_price_minor",) in {c.pointers for c in finding.candidates}
    assert ("/items/0/quantity",) not in {c.pointers for c in finding.candidates}
