"""What of grades, marks, series and files belongs together; what does not is counted."""

from pathlib import Path

import pandas as pd

from radpipe.config.readers import PatientOptions
from radpipe.data.patients import spell_alike
from radpipe.data.readers.rsna_lumbar.tables import COORDINATES, TRAIN, VIEWS, refuse_contradictions
from radpipe.data.readers.rsna_lumbar.tables import SERIES as DESCRIPTIONS
from radpipe.errors import DataError

VIEW_OF = {"spinal": VIEWS[1], "neural": VIEWS[0], "subarticular": VIEWS[2]}  # where a condition is seen
GRADE = ["study_id", "condition", "level"]
SERIES = ["study_id", "series_id"]


def join_spellings(
    tables: tuple[pd.DataFrame, ...], options: PatientOptions
) -> tuple[tuple[pd.DataFrame, ...], dict[str, int]]:
    """Let studies, and series, be spelled alike in the three tables, before these are joined."""
    doubts: dict[str, int] = {}
    for key in ("study_id", "series_id"):
        holders = [
            (name, table[key])
            for name, table in zip((TRAIN, COORDINATES, DESCRIPTIONS), tables, strict=True)
            if key in table
        ]
        spelled, found = spell_alike(holders, options)
        if spelled:
            replaced = [{key: table[key].replace(spelled)} if key in table else {} for table in tables]
            tables = tuple(
                table.assign(**columns).drop_duplicates()
                for table, columns in zip(tables, replaced, strict=True)
            )
        doubts |= found
    refuse_contradictions(tables[0], GRADE, TRAIN)
    refuse_contradictions(tables[2], SERIES, DESCRIPTIONS)
    return tables, doubts


def match_marks(grades: pd.DataFrame, marks: pd.DataFrame, series: pd.DataFrame) -> pd.DataFrame:
    """Give every mark of a graded study its severity and its series' description.

    Returns
    -------
    DataFrame
        The columns of `marks`, severity (NaN: not graded), series_description (missing: not described);
        in the order of the studies in train.csv, then of series, instance and grade.

    Raises
    ------
    DataError
        If no mark belongs to a graded study.
    """
    matched = marks.merge(grades.drop(columns="grade"), "inner", GRADE).merge(series, "left", SERIES)
    if matched.empty:
        raise DataError(f"{COORDINATES}: no study of it stands in {TRAIN}; are both of one release?")
    position = pd.Series(range(len(grades)), pd.MultiIndex.from_frame(grades[GRADE]))
    matched["grade_position"] = position.loc[pd.MultiIndex.from_frame(matched[GRADE])].to_numpy()
    first = grades["study_id"].drop_duplicates()
    matched["study"] = matched["study_id"].map(pd.Series(first.index, first))
    matched["series"] = matched["series_id"].astype("int64")  # 9 before 10
    order = ["study", "series", "instance_number", "grade_position", "x", "y"]
    return matched.sort_values(order, ignore_index=True).drop(columns=["study", "series", "grade_position"])


def find_files(root: Path) -> set[str]:
    """List the images by their path relative to the root: train_images/<study>/<series>/<instance>.dcm."""
    return {path.relative_to(root).as_posix() for path in root.glob("train_images/*/*/*.dcm")}


def count_grades(grades: pd.DataFrame, marks: pd.DataFrame) -> dict[str, int]:
    """Count grades by severity, and what has a grade or a mark, but not both."""
    known = grades["severity"].notna()
    marked = pd.MultiIndex.from_frame(grades[GRADE]).isin(pd.MultiIndex.from_frame(marks[GRADE]))
    studies = grades["study_id"]
    return {
        "studies graded": studies.nunique(),
        "grades Normal/Mild": int((grades["severity"] == 0).sum()),
        "grades Moderate": int((grades["severity"] == 1).sum()),
        "grades Severe": int((grades["severity"] == 2).sum()),
        "grades missing, kept unknown": int((~known).sum()),
        "studies with a missing grade": studies[~known].nunique(),
        "grades without a mark": int((known & ~marked).sum()),
        "missing grades with a mark": int((~known & marked).sum()),
        "grades marked more than once": int(marks.drop_duplicates().duplicated(GRADE).sum()),
        "marks of studies without grades left out": int((~marks["study_id"].isin(studies)).sum()),
        "studies left out, without a mark": int((~studies.drop_duplicates().isin(marks["study_id"])).sum()),
    }


def count_series(grades: pd.DataFrame, matched: pd.DataFrame, series: pd.DataFrame) -> dict[str, int]:
    """Count what is unusual about the series of the graded studies, and the marks in them."""
    studies = grades["study_id"].unique()
    graded = series["study_id"].isin(studies)
    counts = pd.crosstab(series["study_id"][graded], series["series_description"][graded])
    counts = counts.reindex(index=studies, columns=list(VIEWS), fill_value=0)
    described = matched["series_description"]
    expected = matched["condition"].str.extract(f"({'|'.join(VIEW_OF)})")[0].map(VIEW_OF)
    lacking = {f"studies lacking {view}": int((counts[view] == 0).sum()) for view in VIEWS}
    return {
        "studies lacking a view": int((counts == 0).any(axis=1).sum()),
        **lacking,
        "studies with several Axial T2 series": int((counts["Axial T2"] > 1).sum()),
        "series of studies without grades": int((~graded).sum()),
        "marks whose series is not described": int(described.isna().sum()),
        "marks in another view than their condition's": int(
            (described.notna() & (described != expected)).sum()
        ),
    }
