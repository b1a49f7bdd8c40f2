import base64

import pytest

from radpipe.report import tables
from radpipe.report.tables import Column, Estimate, Row, Table


@pytest.mark.parametrize(
    ("show", "value", "shown"),
    [
        (tables.format_count, 112120, "112,120"),
        (tables.format_share, 0.5, "0.500"),
        (tables.format_percent, 0.1234, "12.3\N{NARROW NO-BREAK SPACE}%"),
        (tables.format_exact_percent, 0.8662, "86.62\N{NARROW NO-BREAK SPACE}%"),
        (tables.format_difference, 0.0123, "+0.012"),
        (tables.format_difference, -0.0123, "\N{MINUS SIGN}0.012"),
        (tables.format_difference, -0.0001, "0.000"),
        (tables.format_number, 189.04261363636365, "189.0"),
        (tables.format_number, 0.5013259601910588, "0.5013"),
    ],
)
def test_numbers_are_shown_as_a_reader_expects(show, value, shown):
    assert show(value) == shown


def test_unknown_is_a_dash_and_words_stay_words():
    column = Column("AUROC", tables.format_share)
    assert (column.format_cell(None), column.format_cell("undefined")) == ("\N{EN DASH}", "undefined")


def test_csv_holds_full_precision_and_the_group_of_each_column():
    columns = (Column("Finding"), Column("BCE", tables.format_share, "AUROC"))
    table = Table(
        "ranking", "Ranking", columns, (Row(("Mass, large", 1 / 3)), Row(("Hernia", None), note="rare"))
    )
    lines = 'Finding,AUROC: BCE,Note\n"Mass, large",0.3333333333333333,\nHernia,,rare\n'
    assert table.csv == lines
    assert base64.b64decode(table.uri.split("base64,")[1]).decode() == lines


def test_an_estimate_is_its_number_and_shows_its_interval():
    column = Column("AUROC", tables.format_share)
    known = Estimate(0.8125, [0.75, 0.875])
    unknown = Estimate(0.8125)
    assert known == 0.8125
    assert (column.format_cell(known), column.format_cell_interval(known)) == (
        "0.812",
        "0.750\N{EN DASH}0.875",
    )
    assert (
        column.format_cell(unknown),
        column.format_cell_interval(unknown),
        column.format_cell_interval(None),
    ) == ("0.812", "", "")


def test_csv_holds_the_ends_of_intervals_in_columns_of_their_own():
    columns = (Column("Finding"), Column("BCE", tables.format_share), Column("Images", tables.format_count))
    lines = (Row(("Mass", Estimate(0.5, [0.25, 0.75]), 3)), Row(("Hernia", None, 4)))
    expected = 'Finding,BCE,"BCE, low","BCE, high",Images\nMass,0.5,0.25,0.75,3\nHernia,,,,4\n'
    assert Table("ranking", "Ranking", columns, lines).csv == expected


def test_neighbouring_columns_of_a_group_share_one_head():
    columns = (Column("Finding"), Column("a", group="x"), Column("b", group="x"), Column("c", group="y"))
    groups = Table("t", "", columns, ()).groups
    assert [(name, len(held)) for name, held in groups] == [("", 1), ("x", 2), ("y", 1)]
