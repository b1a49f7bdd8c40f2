import csv
import gzip
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radpipe.data import delimited_text
from radpipe.data.delimited_text import read_delimited, read_layout
from radpipe.errors import DataError

PLAIN = "id,Mass,age\na,1,20\nb,0,30\n"
ROWS = [["a", "1", "20"], ["b", "0", "30"]]


@pytest.fixture
def read(tmp_path):
    """Return a function that writes text or bytes and reads them as a table."""

    def read_text(content, **options):
        path = tmp_path / "mine.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_delimited(path, **options)

    return read_text


@pytest.mark.parametrize(
    "content",
    [
        PLAIN,
        PLAIN.rstrip("\n"),
        PLAIN.replace(",", ";"),
        PLAIN.replace(",", "\t"),
        PLAIN.replace(",", "|"),
        PLAIN.replace(",", ", "),
        PLAIN.replace("\n", "\r\n"),
        PLAIN.replace("\n", "\r"),
        PLAIN.encode("utf-8-sig"),
        "sep=;\n" + PLAIN.replace(",", ";"),
        "SEP=\t\r\n" + PLAIN.replace(",", "\t").replace("\n", "\r\n"),
        '"sep=,"\n' + PLAIN,
        '"id","Mass","age"\n"a","1","20"\n"b","0","30"\n',
        '"id", "Mass", "age"\na, "1", 20\nb,0,30\n',
        PLAIN + ",,\n,,\n",
        PLAIN + "\n\n",
        "\n" + PLAIN,
        "id,Mass,age,,\na,1,20,,\nb,0,30,,\n",
        "id,Mass,age\na,1,20,\nb,0,30,,\n",
        "id,Mass,age,,\na,1,20\nb,0,30\n",
        ",id,Mass,age\n0,a,1,20\n1,b,0,30\n",
        "Unnamed: 0.1,Unnamed: 0,id,Mass,age\n7,0,a,1,20\n9,1,b,0,30\n",
        '"","id","Mass","age"\n"1","a",1,20\n"2","b",0,30\n',
        gzip.compress(PLAIN.encode(), mtime=0),
    ],
)  # fmt: skip
def test_one_table_is_read_alike_whatever_wrote_it(read, content):
    cells = read(content).cells
    assert cells.columns.to_list() == ["id", "Mass", "age"]
    assert cells.to_numpy().tolist() == ROWS


def test_the_index_is_the_line_of_the_file(read):
    assert read(PLAIN).cells.index.to_list() == [2, 3]
    assert read("sep=,\n" + PLAIN).cells.index.to_list() == [3, 4]
    assert read("id,Mass\n\na,1\n,\nb,0\n").cells.index.to_list() == [3, 5]
    assert read('id,Mass\n"a\nb",1\nc,0\n').cells.index.to_list() == [2, 4]  # where a row begins
    assert read('sep=,\nid,Mass\n"a",1\nb,0\n').cells.index.to_list() == [3, 4]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("id,Mass,Mass\na,1,0\n", r"mine.csv: line 1: column 'Mass' stands twice \(columns 2 and 3\)"),
        ("sep=,\nid, Mass ,Mass\na,1,0\n", "mine.csv: line 2: column 'Mass' stands twice"),
        ("id,Mass\na,1\nb,0,1\n", "mine.csv: line 3 has 3 cells, expected 2 as in the header; put quotation"),
        ("sep=;\nid;Mass\na;1\nb;0;1\n", "mine.csv: line 4 has 3 cells"),
        ("id,Mass\na,1\nb\n", "mine.csv: line 3 has 1 cells, expected 2 as in the header; complete the row"),
        ("id,Mass,\na,1,\nb,0,see notes\n", "line 1: column 3 has no name and holds 'see notes' in line 3"),
        (",id,Mass\n3,a,1\n3,b,0\n", "line 1: column 1 has no name and holds '3' in line 2"),
        ('id,Mass\n"a,1\n', "mine.csv: line 2 is not CSV"),
        ("id,Mass\n", "holds no rows below a header"),
        ("sep=;\n", "holds no rows below a header"),
        ("id,Mass\n,\n", "holds no rows below a header"),
        ("  \n ", "is empty"),
        ("id,Mass\na,1\nä,0\n".encode("latin-1"), r"is not UTF-8 text \(line 3, byte 12\); save it as 'CSV"),
        (f"id,Mass,\na,1,\nb,0,{'x' * 90}\n", f"holds '{'x' * 77}...' in line 3"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused_with_its_line(read, content, message):
    with pytest.raises(DataError, match=message) as raised:
        read(content)
    assert "\n" not in str(raised.value)


def test_an_archive_is_told_from_a_workbook(tmp_path):
    for name, message in (("a.zip", "is a zip archive.*unpack it"), ("a.csv", "is an Excel workbook")):
        (tmp_path / name).write_bytes(b"PK\x03\x04...")
        with pytest.raises(DataError, match=message):
            read_delimited(tmp_path / name)


def test_blanks_are_kept_where_they_are_asked_for(read):
    assert read("id,Mass\n a,1 \n", keep_blanks=True).cells.to_numpy().tolist() == [[" a", "1 "]]
    assert read('id,Mass\n" a ",1\nb,0\n', keep_blanks=True).cells["id"].to_list() == [" a ", "b"]


@given(
    st.lists(
        st.lists(st.text("ab 1,;\t|.é\u00a0", max_size=4), min_size=3, max_size=3), min_size=1, max_size=5
    ),
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
@settings(max_examples=200)
def test_plain_and_quoted_text_are_read_alike(tmp_path_factory, rows, separator, end):
    """What the fast way of reading gives is what the csv module gives."""
    plain = [["".join(letter for letter in cell if letter not in ",;\t|") for cell in row] for row in rows]
    filled = [row for row in plain if any(cell.strip() for cell in row)]
    path = tmp_path_factory.mktemp("rows") / "mine.csv"
    results = []
    for quoting in (csv.QUOTE_NONE, csv.QUOTE_ALL):
        stream = io.StringIO()
        writer = csv.writer(stream, delimiter=separator, lineterminator=end, quoting=quoting)
        writer.writerows([["x", "y", "z"], *plain])
        path.write_bytes(stream.getvalue().encode())
        if not filled:
            with pytest.raises(DataError, match="no rows"):
                read_delimited(path)
            continue
        cells = read_delimited(path).cells
        results.append((cells.index.to_list(), cells.to_numpy().tolist()))
    if filled:
        assert results[0] == results[1]
        assert results[0][1] == [[cell.strip() for cell in row] for row in filled]


def test_plain_text_takes_the_fast_way(read, monkeypatch):
    monkeypatch.setattr(delimited_text, "split_carefully", None)
    assert read(PLAIN).cells.to_numpy().tolist() == ROWS


def test_the_layout_is_read_without_the_rows(tmp_path):
    path = tmp_path / "long.csv"
    path.write_bytes("\ufeffsep=;\r\nid; Mass\r\n".encode() + b"a;1\r\n" * 500_000)
    layout = read_layout(path)
    assert (layout.separator, layout.names, layout.header) == (";", ("id", "Mass"), 2)


@pytest.mark.parametrize("cell", ["1", "nan", "x" * 200_000])
def test_a_cell_of_any_length_is_read_or_refused_in_one_line(read, cell):
    text = f'id,Mass\n"a",{cell}\n'
    if len(cell) < 100_000:
        assert read(text).cells["Mass"].to_list() == [cell]
    else:
        with pytest.raises(DataError, match="mine.csv: line 2 is not CSV .field larger than field limit"):
            read(text)
