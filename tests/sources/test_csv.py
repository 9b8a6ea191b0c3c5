"""CSV as people have it: other marks, other alphabets, broken lines."""

import gzip
from typing import Any

import pytest

from features.errors import MappingError

Bench = Any


def test_a_line_with_another_number_of_values_is_a_reject_with_its_row(bench: Bench) -> None:
    report = bench.run('id,x\n1,"a\nb"\n2\n\n3,4,5\n4,5\n', bench.mapping(attributes=["x"]))
    assert bench.column("order_id") == ["1", "4"]
    assert bench.rejected() == [
        (2, "line", "wrong number of values"),
        (3, "line", "wrong number of values"),
    ]
    assert report.read == 4


def test_rows_keep_their_numbers_after_a_broken_line(bench: Bench) -> None:
    bench.run("id,a\n1,1\n2\n3,-1\n", bench.mapping({"amount_minor": "a"}))
    assert bench.rejected() == [
        (2, "line", "wrong number of values"),
        (3, "amount_minor", "out of range"),
    ]


def test_broken_lines_alone_still_add_up(bench: Bench) -> None:
    with pytest.raises(MappingError, match=r"none of 2 rows .* wrong number of values \(2\)"):
        bench.run("id,a\n1\n2\n", bench.mapping())


@pytest.mark.parametrize(
    ("encoding", "text"),
    [("gb18030", "保温杯"), ("latin-1", "Café"), ("utf-16", "保温杯"), ("utf-8-sig", "保温杯")],
)
def test_a_table_in_another_encoding_is_read_when_it_is_named(
    bench: Bench, encoding: str, text: str
) -> None:
    named = {} if encoding == "utf-8-sig" else {"table": {"encoding": encoding}}
    table = f"id,品名\n1,{text}\n" if encoding != "latin-1" else f"id,nom\n1,{text}\n"
    column = "nom" if encoding == "latin-1" else "品名"
    bench.run(table.encode(encoding), bench.mapping({"subject": column}, **named))
    assert bench.column("subject") == [text]


@pytest.mark.parametrize(
    ("table", "place", "way_out"),
    [
        ("id,x\n1,ok\n2,保温杯\n".encode("gb18030"), "offset 12, line 3", "gb18030"),
        (b"id,x\n1,Caf\xe9\n", "byte 0xe9 at offset 10, line 2", "latin-1"),
        ("品名,id\n".encode("gb18030"), "offset 2, line 1", "gb18030"),
        ("id,x\n1,2\n".encode("utf-16"), "byte 0xff at offset 0", "utf-16"),
    ],
)
def test_a_table_that_is_not_utf_8_names_the_byte_and_the_way_out(
    bench: Bench, table: bytes, place: str, way_out: str
) -> None:
    with pytest.raises(MappingError) as refused:
        bench.run(table, bench.mapping(attributes=["x"]))
    assert "is not utf-8" in str(refused.value)
    assert place in str(refused.value)
    assert f"{{encoding: {way_out}}}" in str(refused.value)
    assert not bench.out.exists()


def test_a_gzipped_table_is_known_by_its_content(bench: Bench) -> None:
    assert bench.run(gzip.compress(b"id\n1\n2\n"), bench.mapping()).orders == 2


def test_a_gzipped_table_that_is_cut_short_is_refused(bench: Bench) -> None:
    cut = gzip.compress(b"id\n" + b"".join(b"%d\n" % n for n in range(5000)))[:-20]
    with pytest.raises(MappingError, match="cannot be read"):
        bench.run(cut, bench.mapping())
    assert not bench.out.exists()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_in_the_header(bench: Bench, delimiter: str) -> None:
    bench.run(f"id{delimiter}x\n1{delimiter}a\n", bench.mapping(attributes=["x"]))
    assert bench.column("attributes.x") == ["a"]


def test_a_table_without_header_takes_names_from_the_mapping(bench: Bench) -> None:
    options = {"header": "false", "columns": ["id", "x"], "skip_lines": 1}
    bench.run("exported yesterday\n1,a\n2,b\n", bench.mapping(attributes=["x"], table=options))
    assert bench.column("attributes.x") == ["a", "b"]


def test_two_columns_of_one_name_are_refused(bench: Bench) -> None:
    with pytest.raises(MappingError, match="columns of the same name: 'x'"):
        bench.run("id,x,x\n1,2,3\n", bench.mapping())


def test_a_quote_that_is_never_closed_does_not_swallow_rows(bench: Bench) -> None:
    with pytest.raises(MappingError, match="never closed"):
        bench.run('id,x\n1,a\n2,"b\n3,c\n4,d\n', bench.mapping(attributes=["x"]))


def test_quotes_can_be_plain_characters(bench: Bench) -> None:
    mapping = bench.mapping(attributes=["x"], table={"quote": "none"})
    bench.run('id,x\n1,"b\n2,c\n', mapping)
    assert bench.column("attributes.x") == ['"b', "c"]


def test_text_types_are_found_over_the_whole_file(bench: Bench) -> None:
    table = "id,whole,number,flag,code,mixed\n1,5,1.5,true,007,1\n2,-6,2e3,FALSE,008,x\n"
    bench.run(table, bench.mapping(attributes=["whole", "number", "flag", "code", "mixed"]))
    row = bench.history().orders.to_dicts()[1]
    values = [row[f"attributes.{name}"] for name in ("whole", "number", "flag", "code", "mixed")]
    assert values == [-6, 2000.0, False, "008", "x"]


def test_a_declared_type_rejects_what_does_not_fit(bench: Bench) -> None:
    mapping = bench.mapping(attributes=["x"], table={"types": {"x": "number"}})
    bench.run("id,x\n1,5\n2,five\n", mapping)
    assert bench.column("attributes.x") == [5.0]
    assert bench.rejected() == [(2, "attributes.x", "unreadable")]


def test_a_declared_type_rejects_what_would_not_fit_an_expression(bench: Bench) -> None:
    attributes = {"twice": {"expression": "x * 2"}}
    mapping = bench.mapping(attributes=attributes, table={"types": {"x": "number"}})
    bench.run("id,x\n1,5\n2,five\n", mapping)
    assert bench.column("attributes.twice") == [10.0]
    assert bench.rejected() == [(2, "column x", "unreadable")]


@pytest.mark.parametrize("table", ["\n\n", " \n", ",,\n1,2,3\n"])
def test_a_table_without_a_header_line_is_refused(bench: Bench, table: str) -> None:
    with pytest.raises(MappingError, match=r"no header line|no column|columns of"):
        bench.run(table, bench.mapping())


def test_named_null_values_are_missing(bench: Bench) -> None:
    mapping = bench.mapping(attributes=["x"], table={"null_values": ["NA", "-"]})
    bench.run("id,x\n1,NA\n2,-\n3, 7 \n", mapping)
    assert bench.column("attributes.x") == [None, None, 7]


def test_an_absent_table_is_a_clear_error(bench: Bench) -> None:
    (bench.folder / "mapping.yaml").write_text("order: {}")
    with pytest.raises(MappingError, match="required but not mapped: order_id"):
        bench.run("id\n1\n", "order: {}")
