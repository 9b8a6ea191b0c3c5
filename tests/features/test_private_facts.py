"""Names may be counted and compared, but a catalog cannot make a feature of one."""

import pytest

from features.catalog import parse_catalog
from features.errors import CatalogError
from features.fact_groups import PRIVATE_FACTS


@pytest.mark.parametrize("name", sorted(PRIVATE_FACTS))
def test_a_name_is_no_field(name: str) -> None:
    with pytest.raises(CatalogError, match=f"fields: {name} is private"):
        parse_catalog(f"{{catalog: c, fields: [{name}]}}")


@pytest.mark.parametrize("name", sorted(PRIVATE_FACTS))
def test_a_name_cannot_be_derived(name: str) -> None:
    with pytest.raises(CatalogError, match=f"derived.mine: {name} is private"):
        parse_catalog(f"{{catalog: c, derived: {{mine: {name}}}}}")


def test_names_per_address_can_be_counted_and_names_compared() -> None:
    catalog = parse_catalog(
        """
        catalog: c
        entities: {address: receiver.address_key}
        windows:
          - {entity: address, measure: distinct, of: receiver.name_key, over: 30d, name: names}
        derived: {to_oneself: receiver.name == payout.payee.name}
        """
    )
    assert catalog.names == ("names", "to_oneself")
