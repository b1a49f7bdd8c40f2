import gzip
import json

import numpy as np
import pytest
from pydantic import ValidationError
from specs import PATIENTS

from radpipe.config.data import SourceSpec
from radpipe.config.readers import NoOptions, TableOptions
from radpipe.data.cells import WORDS as LABEL_WORDS
from radpipe.data.demographics import IMPOSSIBLE, OTHER_SEXES
from radpipe.data.readers.table import reading
from radpipe.data.readers.table.reading import NO_FILES, OWN_PATIENTS
from radpipe.errors import DataError

NUMBERS = {
    "file": "mine.csv", "path": "file", "patient": "person", "labels": ["Mass", "Edema"], "separator": None,
    "negative": None, "uncertain": "refuse", "split": None, "metadata": [],
}  # fmt: skip
WORDS = NUMBERS | {"labels": ["findings"], "separator": "|", "negative": "none"}
ROWS = "file,person,Mass,Edema\na/1.png,p,1,0\na/2.png,p,0,\nb/1.png,q,,1.0\n"


@pytest.fixture
def read(tmp_path):
    """Read a table from its text."""

    def from_text(text, options=NUMBERS, name="mine.csv"):
        content = text if isinstance(text, bytes) else text.encode()
        (tmp_path / name).write_bytes(content)
        given = {key: tuple(value) if isinstance(value, list) else value for key, value in options.items()}
        return reading.read(tmp_path, tmp_path, TableOptions(**PATIENTS, **given))

    return from_text


def of(column, *values):
    """Rows of words, one image and patient each."""
    lines = [f"{i}.png,{i},{value}" for i, value in enumerate(values)]
    return "\n".join([f"file,person,{column}", *lines]) + "\n"


def test_an_empty_label_is_unknown_and_not_0(read):
    index = read(ROWS)
    np.testing.assert_array_equal(index.labels, [[1, 0], [0, np.nan], [np.nan, 1]])
    assert index.labels.index.to_list() == ["a/1.png", "a/2.png", "b/1.png"]
    assert set(index.labels.dtypes) == {np.dtype("float32")}
    assert index.images["patient_id"].to_list() == ["p", "p", "q"]


def test_words_become_columns_and_the_negative_word_is_the_zero_vector(read):
    index = read(of("findings", "Mass|Edema", "none", " Edema ", ""), WORDS)
    assert list(index.labels) == ["Edema", "Mass"]
    np.testing.assert_array_equal(index.labels, [[1, 1], [0, 0], [1, 0], [np.nan, np.nan]])
    assert index.notes["rows without any label"] == 1


def test_without_a_negative_word_an_empty_cell_is_none_of_the_findings(read):
    index = read(of("findings", "Mass", ""), WORDS | {"negative": None})
    assert index.labels["Mass"].to_list() == [1, 0]


@pytest.mark.parametrize(
    "text",
    [
        ROWS.replace(",", ";"),
        ROWS.replace(",", "\t"),
        "\ufeff" + ROWS,
        ROWS.replace("\n", "\r\n"),
        ROWS.replace("a/1.png", '"a/1.png"') + "\n\n",
        gzip.compress(ROWS.encode(), mtime=0),
    ],
    ids=["semicolons", "tabs", "mark of Excel", "Windows", "quotes and blank lines", "gzip"],
)
def test_every_usual_way_to_write_a_table_is_read_alike(read, text):
    expected = read(ROWS)
    found = read(text)
    assert found.labels.equals(expected.labels)
    assert found.images.equals(expected.images)


def test_a_gzipped_file_is_found_by_its_plain_name(read):
    assert len(read(gzip.compress(ROWS.encode(), mtime=0), name="mine.csv.gz").images) == 3


def test_a_path_is_missing_where_no_file_is_exactly_there(read, tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "2.png").write_bytes(b"x")
    (tmp_path / "1.png").write_bytes(b"the name alone does not match")
    index = read(ROWS)
    assert index.images["path"].isna().to_list() == [True, False, True]
    assert index.notes["paths without a file below root"] == 2


def test_a_row_that_stands_twice_is_dropped_and_counted_however_it_is_spelled(read):
    index = read(ROWS + "./a/1.png,p,1.0,0\n")
    assert (len(index.images), index.notes["repeated rows dropped"]) == (3, 1)


def test_train_and_val_are_train_val_and_an_empty_split_is_unknown(read):
    index = read(of("findings,part", "Mass,train", "x,VAL", "x,test", "x,"), WORDS | {"split": "part"})
    assert index.images["official_split"].to_list()[:3] == ["train_val", "train_val", "test"]
    assert index.images["official_split"].isna().to_list() == [False, False, False, True]


def test_age_sex_view_and_place_are_understood_and_other_metadata_kept(read):
    text = of("findings,Age,sex,VIEW,x,site", "A,57.5,female,PA,3,one", "A,058Y,M,,y,", "A,411,?,AP,-1,two")
    index = read(text, WORDS | {"metadata": ["Age", "sex", "VIEW", "x", "site"]})
    images = index.images
    np.testing.assert_array_equal(images["age"], np.array([57.5, 58, np.nan], np.float32))
    np.testing.assert_array_equal(images["x"], np.array([3, np.nan, np.nan], np.float32))
    assert images["sex"].to_list()[:2] == ["F", "M"]
    assert (images["view"][0], images["site"][2]) == ("PA", "two")
    assert images["view"].isna().to_list() == [False, True, False]
    assert index.notes[IMPOSSIBLE] == 1
    assert index.notes["values of x that cannot be right, set to unknown"] == 2


def test_patients_with_one_image_each_and_paths_without_a_file_are_warned_of(read, capsys):
    index = read(of("findings", "Mass", "none"), WORDS)
    assert (index.notes[OWN_PATIENTS], index.notes[NO_FILES]) == (2, 2)
    assert capsys.readouterr().err.count("(2 images)") == 2


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("c.png,r,yes,0", "line 5 holds 'yes' in column 'Mass', expected 0, 1 or nothing"),
        ("c.png,r,2,0", "line 5 holds '2' in column 'Mass'"),
        (",r,1,0", "line 5 has no path in column 'file'"),
        ("/c.png,r,1,0", "line 5 holds .*expected a path below root"),
        ("C:/c.png,r,1,0", "line 5 holds .*expected a path below root"),
        ("a\\c.png,r,1,0", "line 5 holds the path .*expected /"),
        ("a/1.png,q,1,0", "line 5 names the image of line 2 again and gives it another patient"),
        ("a/1.png,p,0,0", "line 5 names the image of line 2 again and gives it other labels"),
        ("c.png,r,1", "line 5 has 3 cells, expected 4"),
        ("c.png,r,1,0,0", "line 5 has 5 cells, expected 4"),
        ('c.png,"r,1,0', "line 5 is not CSV"),
    ],
)
def test_a_row_that_cannot_be_used_is_refused_with_its_line(read, row, message):
    with pytest.raises(DataError, match=f"mine.csv: {message}"):
        read(f"{ROWS}{row}\n")


def test_a_second_part_for_one_image_is_refused(read):
    with pytest.raises(DataError, match="line 3 names the image of line 2 again and differs in its split"):
        read("file,person,findings,s\n1,p,A,test\n1,p,A,train\n", WORDS | {"split": "s"})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"path": "fil"},
            r"no column 'fil' \(options.path\); did you mean 'file'\? The columns are file, pers",
        ),
        ({"patient": "PERSON"}, r"\(options.patient\); did you mean 'person'\?"),
        ({"labels": ["Mass", "Hernia"]}, r"no column 'Hernia' \(options.labels\)"),
        ({"split": "part"}, r"no column 'part' \(options.split\)"),
        ({"metadata": ["site"]}, r"no column 'site' \(options.metadata\)"),
        ({"file": "mien.csv"}, r"options.file: no file mien.csv in .*; did you mean mine.csv\?"),
    ],
)
def test_a_wrong_name_in_the_options_is_refused_with_what_is_like_it(read, options, message):
    with pytest.raises(DataError, match=message):
        read(ROWS, NUMBERS | options)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty, expected a header and rows"),
        (b"file,person,Mass,Edema\n", "holds no rows"),
        (b"file,person,Mass,Edema\na,b,,\n", "no row has a label in Mass, Edema"),
        (
            b"file,person,Mass,Edema,Mass\na,b,1,1,1\n",
            r"line 1: column 'Mass' stands twice \(columns 3 and 5\)",
        ),
        (b"PK\x03\x04...", "is an Excel workbook"),
        (ROWS.encode("utf-16"), "is UTF-16 text; save it as 'CSV UTF-8'"),
        ("file,person,Mass,Edema\nä,b,1,1\n".encode("latin-1"), "is not UTF-8 text"),
        (b"\x00\x00\x00", "holds zero bytes"),
        (gzip.compress(ROWS.encode(), mtime=0)[:-9], "not readable"),
    ],
)
def test_a_file_that_is_no_table_is_refused(read, content, message):
    with pytest.raises(DataError, match=f"mine.csv: {message}"):
        read(content)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            ["none|Mass"],
            r"line 2 holds 'none\|Mass' in column 'findings': a word for none, .* beside a finding",
        ),
        (["none", ""], "names no finding in any row"),
        (["Mass", "mass"], "spells one finding in two ways: 'Mass', 'mass'"),
        ([f"word {i}" for i in range(201)], "holds 201 different words, expected at most 200"),
    ],
)
def test_words_that_cannot_be_findings_are_refused(read, values, message):
    with pytest.raises(DataError, match=message):
        read(of("findings", *values), WORDS)


def test_an_unknown_word_of_the_split_is_refused_with_its_line(read):
    with pytest.raises(DataError, match="line 3 holds 'dev' in column 'part', expected one of train_val"):
        read(of("findings,part", "Mass,train", "Mass,dev"), WORDS | {"split": "part"})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"separator": "|"}, "words stand in one column, labels names 2"),
        ({"negative": "none"}, "expected only with a separator"),
        ({"labels": ["person", "Mass"]}, "is named as a label too"),
        ({"metadata": ["Width"]}, "width is a name of later tables"),
        ({"file": "../mine.csv"}, "below the folder of the tables"),
        ({"labels": []}, "at least 1 item"),
    ],
)
def test_options_that_contradict_each_other_are_refused(read, change, message):
    with pytest.raises(ValidationError, match=message):
        read(ROWS, NUMBERS | change)


def test_a_wrong_key_among_the_options_is_named_once_and_only_for_this_reader():
    options = {key: value for key, value in NUMBERS.items() if key != "patient"} | {
        "pateint": "person",
        **PATIENTS,
    }
    source = {
        "reader": "table",
        "root": "x",
        "tables": None,
        "images_on_disk_only": False,
        "follow_links": False,
        "link_roots": (),
    }
    source |= {"limit_patients": None, "options": options}
    with pytest.raises(ValidationError) as error:
        SourceSpec.model_validate_json(json.dumps(source))
    assert [problem["loc"] for problem in error.value.errors()] == [
        ("options", "patient"),
        ("options", "pateint"),
    ]


def test_options_of_another_reader_are_a_bug_and_no_data_error(tmp_path):
    with pytest.raises(TypeError, match="expected TableOptions, found NoOptions"):
        reading.read(tmp_path, tmp_path, NoOptions(**PATIENTS))


def test_words_for_nothing_known_are_unknown_and_counted(read):
    index = read(of("findings", "Mass", "nan", "NONE", "[]", "#N/A", ""), WORDS | {"negative": "No Finding"})
    assert list(index.labels) == ["Mass"]
    np.testing.assert_array_equal(index.labels["Mass"], np.float32([1, *[np.nan] * 5]))
    assert index.notes[LABEL_WORDS] == 4


def test_a_word_for_nothing_known_is_unknown_also_where_an_empty_cell_says_none(read):
    index = read(of("findings", "Mass", "nan", ""), WORDS | {"negative": None})
    np.testing.assert_array_equal(index.labels["Mass"], np.float32([1, np.nan, 0]))


def test_the_negative_word_is_known_in_any_case(read):
    index = read(of("findings", "Mass", "no finding", "NO FINDING"), WORDS | {"negative": "No Finding"})
    assert index.labels["Mass"].to_list() == [1, 0, 0]


@pytest.mark.parametrize("negative", ["none", None])
@pytest.mark.parametrize("word", ["No Finding", "no_finding", "NoFindings"])
def test_another_word_for_no_finding_is_refused_with_a_suggestion(read, word, negative):
    message = f"holds '{word}', which is no finding; set options.negative to it"
    with pytest.raises(DataError, match=message):
        read(of("findings", "Mass", word), WORDS | {"negative": negative})


def test_a_word_for_nothing_known_beside_a_finding_is_refused(read):
    with pytest.raises(
        DataError, match=r"line 3 holds 'Mass\|nan' in column 'findings': a word for none, or"
    ):
        read(of("findings", "Mass", "Mass|nan"), WORDS)


def test_a_list_as_python_writes_it_is_its_words(read):
    cells = ["\"['Mass', 'Edema']\"", "\"['Edema']\"", "[]"]
    index = read(of("findings", *cells), WORDS | {"negative": "[]"})
    np.testing.assert_array_equal(index.labels[["Edema", "Mass"]], [[1, 1], [1, 0], [0, 0]])


def test_what_minus_one_means_is_the_users_decision(read):
    text = ROWS.replace("p,0,", "p,-1,")
    with pytest.raises(DataError, match=r"line 3 holds -1 .* set options.uncertain to unknown, positive or"):
        read(text)
    index = read(text, NUMBERS | {"uncertain": "positive"})
    assert index.labels["Mass"].to_list()[:2] == [1, 1]
    assert index.notes["labels of -1 (uncertain), taken for positive (options.uncertain)"] == 1


def test_two_columns_of_one_meaning_are_refused(read):
    text = of("findings,Age,age", "A,57,58", "A,57,58")
    with pytest.raises(DataError, match="columns 'Age' and 'age' .options.metadata. are both age; name one"):
        read(text, WORDS | {"metadata": ["Age", "age"]})


def test_no_group_appears_under_two_spellings_and_what_is_unclear_is_counted(read, capsys):
    text = of("findings,sex,view,Site", "A,F,PA,North", "A,female,pa,north", "A,O,P.A.,North", "A,nan,?,NA")
    index = read(text, WORDS | {"metadata": ["sex", "view", "Site"]})
    for column, groups in (("sex", {"F": 2}), ("view", {"PA": 3}), ("Site", {"North": 3})):
        assert index.images[column].value_counts().to_dict() == groups
    assert index.notes[OTHER_SEXES] == 1
    assert "index: values of view in another spelling of their group (2)" in capsys.readouterr().err


@pytest.mark.parametrize(
    "word",
    [
        "#NAME?", "#NV", "\\N", "\u2014", "???", "\u200b", "N.A", "n.d.", "none.", "undefined",
        "missing data", "not assessed", "pending", "set()", "array([])", "''",
    ],
)  # fmt: skip
def test_a_word_for_nothing_known_is_never_a_finding(read, word):
    index = read(of("findings", "Mass", word, "No Finding"), WORDS | {"negative": "No Finding"})
    assert list(index.labels) == ["Mass"]
    np.testing.assert_array_equal(index.labels["Mass"], [1, np.nan, 0])


@pytest.mark.parametrize(
    ("word", "problem"),
    [
        *((word, "is no finding; set options.negative to it") for word in (
            "no", "Negative", "Normal", "healthy", "keine", "kein Befund", "unauff\u00e4llig", "o.B.",
            "nil findings", "No Finding today",
        )),
        *((word, "is no name of a finding") for word in ("False", "True", "0", "1", "-1", "yes", "1.5")),
    ],
)  # fmt: skip
def test_a_word_that_is_no_finding_is_refused_with_a_suggestion(read, word, problem):
    with pytest.raises(DataError, match=problem):
        read(of("findings", "Mass", word), WORDS | {"negative": "No Finding"})


@pytest.mark.parametrize(
    ("negative", "spelled"),
    [
        ("No Finding", "No\u00a0Finding"), ("No Finding", "No  Finding"), ("No Finding", "No_Finding"),
        ("no_mass", "no mass"), ("no_mass", "No-Mass"), ("Normal", "normal."),
    ],
)  # fmt: skip
def test_the_negative_word_in_another_spelling_is_the_negative_word(read, negative, spelled):
    index = read(of("findings", "Mass", negative, spelled), WORDS | {"negative": negative})
    assert index.labels.to_dict("list") == {"Mass": [1, 0, 0]}


@pytest.mark.parametrize(("negative", "separator"), [("no/normal", "/"), ("No Finding", " ")])
def test_a_negative_word_may_hold_the_separator(read, negative, separator):
    options = WORDS | {"negative": negative, "separator": separator}
    index = read(of("findings", f"Mass{separator}Edema", negative.upper()), options)
    assert index.labels.to_dict("list") == {"Edema": [1, 0], "Mass": [1, 0]}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("\u00d6dem", "O\u0308dem"),
        ("Mass", "\uff2dass"),
        ("Mass", "Mass\u200b"),
        ("Pleural Mass", "Pleural_Mass"),
    ],
)
def test_a_finding_in_two_spellings_is_refused(read, one, other):
    with pytest.raises(DataError, match="spells one finding in two ways"):
        read(of("findings", one, other), WORDS)


def test_a_quoted_word_of_a_list_keeps_its_comma(read):
    cell = "\"['Pleural effusion, small', 'Mass']\""
    index = read(of("findings", cell, "[]"), WORDS | {"negative": None})
    assert list(index.labels) == ["Mass", "Pleural effusion, small"]


def test_one_file_named_by_two_paths_is_one_image(read):
    with pytest.raises(DataError, match="line 3 names the image of line 2 again"):
        read("file,person,Mass,Edema\na/1.png,p,1,0\nb/../a/./1.png,q,0,1\n")


@pytest.mark.parametrize(
    "text",
    [
        ",file,person,Mass,Edema\n0.0,a/1.png,p,1,0\n1.0,a/2.png,p,0,\n",
        "file,person,Mass,Edema\n1,a/1.png,p,1,0\n2,a/2.png,p,0,1\n",
        ",,,\nfile,person,Mass,Edema\na/1.png,p,1,0\na/2.png,p,0,1\n",
        "\n\nsep = ;\nfile;person;Mass;Edema\na/1.png;p;1;0\na/2.png;p;0;1\n",
        "sep=;\rfile;person;Mass;Edema\na/1.png;p;1;0\na/2.png;p;0;1\n",
        "sep=\\t\nfile\tperson\tMass\tEdema\na/1.png\tp\t1\t0\na/2.png\tp\t0\t1\n",
        "file;person;Mass;Edema;a,b,c,d,e\na/1.png;p;1;0;\na/2.png;p;0;1;\n",
    ],
    ids=[
        "float index",
        "row names of R",
        "blank row",
        "sep with blanks",
        "lone CR",
        "written tab",
        "commas in names",
    ],
)
def test_habits_of_spreadsheets_are_understood(read, text):
    index = read(text)
    assert index.images["path"].isna().all()
    assert index.images["image_id"].to_list() == ["a/1.png", "a/2.png"]
    assert index.labels["Mass"].to_list() == [1, 0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "# made by me\n" + ROWS,
            "line 1 holds '# made by me', and the rows below it have 4 cells; expected the names",
        ),
        ("Table 1\n\n" + ROWS, "line 1 holds 'Table 1', and the rows below it have 4 cells"),
        (ROWS.replace(",", ":"), "cells are separated by colons, expected commas"),
        (ROWS.replace(",", "^"), "cells are separated by carets"),
        ("file person Mass Edema\na p 1 0\nb q 0 1\n", "cells are separated by blanks"),
    ],
    ids=["comment", "title", "colons", "carets", "blanks"],
)
def test_lines_above_the_header_and_other_separators_are_named(read, text, message):
    with pytest.raises(DataError, match=message):
        read(text)


def test_a_comma_before_three_digits_is_ambiguous_unless_the_column_says_otherwise(read):
    options = NUMBERS | {"metadata": ["x", "y"]}
    text = 'file,person,Mass,Edema,x,y\na.png,p,1,0,"1,024","1,5"\nb.png,q,0,1,512,"1,024"\n'
    index = read(text, options)
    np.testing.assert_array_equal(index.images["x"], np.float32([np.nan, 512]))
    np.testing.assert_array_equal(index.images["y"], np.float32([1.5, 1.024]))
    index = read(text.replace(",", "\t").replace('"1\t', '"1,'), options)
    np.testing.assert_array_equal(index.images["x"], np.float32([np.nan, 512]))


def make_files(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")


def test_a_pattern_makes_paths_of_columns(read, tmp_path):
    make_files(tmp_path, "p/png/1.png", "q/png/b 1.png")
    text = "image id,person,Mass,Edema\n1,p,1,0\n2,p,0,\nb 1,q,,1.0\n"
    index = read(text, NUMBERS | {"path": "{person}/png/{image id}.png"})
    assert index.images["path"].fillna("").to_list() == ["p/png/1.png", "", "q/png/b 1.png"]
    assert index.images["image_id"].to_list() == ["p/png/1.png", "p/png/2.png", "q/png/b 1.png"]


@pytest.mark.parametrize(
    ("path", "cell", "message"),
    [
        ("png/{name}.png", "1", r"no column 'name' \(options.path\)"),
        ("png/{file}.png", "", "line 2 has no path in column 'file'"),
        ("{file}.png", "/a", "line 2 holds '/a.png' in the pattern '{file}.png', expected a path below root"),
        ("{file}.png", "a\\b", r"line 2 holds the path .* in the pattern"),
    ],
)
def test_a_pattern_that_makes_no_path_is_named(read, path, cell, message):
    with pytest.raises(DataError, match=message):
        read(f"file,person,Mass,Edema\n{cell},p,1,0\nx,q,0,1\n", NUMBERS | {"path": path})


def test_a_column_may_have_braces_in_its_name(read):
    index = read(ROWS.replace("file", "{file}"), NUMBERS | {"path": "{file}"})
    assert index.images["image_id"].to_list() == ["a/1.png", "a/2.png", "b/1.png"]


def test_without_patients_each_image_is_its_own_person_and_a_doubt(read, capsys):
    index = read(ROWS, NUMBERS | {"patient": None})
    assert index.images["patient_id"].to_list() == index.images["image_id"].to_list()
    assert index.notes[reading.NO_PATIENTS] == 3
    assert reading.NO_PATIENTS in index.doubts
    assert reading.NO_PATIENTS in capsys.readouterr().err
    assert index.notes.get(OWN_PATIENTS) is None
