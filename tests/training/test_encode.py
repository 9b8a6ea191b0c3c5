import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from features.catalog import parse_catalog
from features.kinds import Kind
from models.encoding import Encoding
from training.encode import MIN_ORDERS_PER_CATEGORY, encode, fit_encoding

ENCODING = Encoding(
    ("amount_minor", "channel"), (Kind.NUMBER, Kind.TEXT), {"channel": ("jd_pay", "alipay")}
)
CATALOG = parse_catalog("{catalog: t, fields: [amount_minor, channel]}")
orders = st.lists(
    st.fixed_dictionaries(
        {
            "amount_minor": st.none() | st.floats(allow_infinity=True, allow_nan=True),
            "channel": st.none() | st.sampled_from(["jd_pay", "alipay", "unseen", ""]),
        }
    ),
    min_size=1,
)


@given(orders)
def test_columns_are_encoded_as_rows_are(drawn: list[dict[str, float | str | None]]) -> None:
    frame = pl.DataFrame(drawn, schema={"amount_minor": pl.Float64, "channel": pl.String})
    by_row = [ENCODING.row({k: v for k, v in row.items() if v is not None}) for row in drawn]
    np.testing.assert_array_equal(encode(frame, ENCODING), np.array(by_row))


def test_a_rare_value_is_no_category_and_the_most_frequent_is_first() -> None:
    enough = MIN_ORDERS_PER_CATEGORY
    channels = ["rare"] * (enough - 1) + ["b"] * enough + ["a"] * (2 * enough) + [None]
    frame = pl.DataFrame({"amount_minor": [1.0] * len(channels), "channel": channels})
    found = fit_encoding(frame, CATALOG, CATALOG.names)
    assert found.categories == {"channel": ("a", "b")}


def test_names_that_lightgbm_cannot_write_stay_apart() -> None:
    names = ("attributes.卡", "attributes.币", "amount_minor")
    encoding = Encoding(names, (Kind.NUMBER,) * 3, {})
    columns = encode(pl.DataFrame({name: [1.0] for name in names}), encoding).columns
    assert list(columns) == ["attributes.___0", "attributes.___1", "amount_minor"]
