"""Whether anything is in two sets that should be in one, and what a person should check."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from radpipe.report.arms import SPLIT_NAMES
from radpipe.report.data import Data
from radpipe.report.results import Results
from radpipe.report.sections.examples import encode_png
from radpipe.report.sections.values import capitalize_first
from radpipe.report.tables import Column, Table, build_data_uri, build_rows, format_count

SHOWN = 6  # pairs shown as pictures
SHOWN_PATIENTS = 3  # pairs of patients named by the rows of their images
VERDICTS = {
    "passed": "none found",
    "look": "look at them",
    "stated": "stated",
    "not checked": "not checked",
}
NEAR = "Pairs of near-duplicates in two parts"
CONFLICTING = "Of these pairs, with contradicting labels"
SHARING = "Pairs of patients in different sets that share several near-duplicates"


@dataclass(frozen=True)
class Pair:
    """Near-duplicates in different sets; each image is shown with its channels side by side."""

    rows: tuple[int, int]
    splits: tuple[str, str]
    labels: tuple[str, str]
    distance: int
    conflict: bool
    channels: int
    uri: str

    @property
    def alt(self) -> str:
        """The text alternative of the images."""
        return f"Rows {self.rows[0]} and {self.rows[1]}, side by side; {self.distance} bits differ"


def describe_audit(results: Results) -> dict[str, Any] | None:
    """Return the checks, and the pairs within `audit.near_duplicate_bits`."""
    data = results.data
    if data is None:
        return None
    audit = data.summaries["audit"]
    within = int(results.settings["audit"]["near_duplicate_bits"])
    near = audit["near_duplicates"]
    listed = [pair for pair in near["listed"] if pair["distance"] <= within] if near else []
    checks = tabulate_audit(audit, within)
    return {
        "checks": checks,
        "to_look_at": sum(row.values[2] == VERDICTS["look"] for row in checks.rows),
        "pairs": tabulate_near_duplicates(listed),
        "pictures": [build_pair(data, pair) for pair in listed[:SHOWN]],
        "more": sum(near["pairs"][: within + 1]) - len(listed) if near else 0,
    }


def tabulate_audit(audit: dict[str, Any], within: int) -> Table:
    """Tabulate each check with its count, its verdict and its details."""
    lines = [
        (capitalize_first(check["name"]), check["count"], VERDICTS[check["verdict"]], _format_detail(check))
        for check in audit["checks"]
    ]
    near = audit["near_duplicates"]
    lines += [*build_near_rows(near, within), build_sharing_row(near, within)]
    columns = (Column("Check"), Column("Count", format_count), Column("Verdict"), Column("Detail"))
    return Table("audit", "What was looked for in the parts", columns, build_rows(lines))


def build_near_rows(near: dict[str, Any] | None, within: int) -> list[tuple[str, int | None, str, str]]:
    """Return the checks for near-duplicates, and for those with contradicting labels."""
    if near is None:
        return [
            (name, None, VERDICTS["not checked"], "the images were not decoded")
            for name in (NEAR, CONFLICTING)
        ]
    flat = f"; {near['flat']:,} images without contrast were not compared" if near["flat"] else ""
    detail = f"at most {within} of {near['bits']} bits of a perceptual hash differ{flat}"
    lines = []
    for name, counts, words in ((NEAR, near["pairs"], detail), (CONFLICTING, near["conflicting"], "")):
        number = sum(counts[: within + 1])
        lines.append((name, number, VERDICTS["look" if number else "passed"], words))
    return lines


def build_sharing_row(near: dict[str, Any] | None, within: int) -> tuple[str, int | None, str, str]:
    """Return the check for pairs of patients that share several near-duplicates."""
    if near is None:
        return SHARING, None, VERDICTS["not checked"], "the images were not decoded"
    number = sum(near["patients"]["pairs"][: within + 1])
    if not number:
        return SHARING, 0, VERDICTS["passed"], ""
    listed = [pair for pair in near["patients"]["listed"] if pair["distance"] <= within]
    shown = "; ".join(f"rows {', '.join(map(str, pair['rows']))}" for pair in listed[:SHOWN_PATIENTS])
    more = f"; and {number - SHOWN_PATIENTS:,} more" if number > SHOWN_PATIENTS else ""
    detail = f"two or more pairs of images, none in common; one person with two ids? {shown}{more}"
    return SHARING, number, VERDICTS["look"], detail


def tabulate_near_duplicates(listed: list[dict[str, Any]]) -> Table:
    """Tabulate the pairs by row number, closest first."""
    columns = (
        Column("Rows"),
        Column("Parts"),
        Column("Differing bits", format_count),
        Column("Findings of the first"),
        Column("Findings of the second"),
        Column("Labels"),
    )
    lines = [
        (
            " and ".join(map(str, pair["rows"])),
            " and ".join(map(_format_split, pair["parts"])),
            pair["distance"],
            *map(_format_present, pair["labels"]),
            "contradict" if pair["conflict"] else "agree",
        )
        for pair in listed
    ]
    return Table(
        "near-duplicates", "Images of two parts that look alike, closest first", columns, build_rows(lines)
    )


def build_pair(data: Data, pair: dict[str, Any]) -> Pair:
    """Return a pair with its two images side by side."""
    places = data.packed.set_index("row").loc[pair["rows"], "pixel_row"]
    two = np.concatenate([data.pixels[place] for place in places], axis=-1)
    first, second = pair["rows"]
    first_split, second_split = map(_format_split, pair["parts"])
    first_labels, second_labels = map(_format_present, pair["labels"])
    return Pair(
        rows=(first, second),
        splits=(first_split, second_split),
        labels=(first_labels, second_labels),
        distance=pair["distance"],
        conflict=pair["conflict"],
        channels=two.shape[-1],
        uri=build_data_uri("image/png", encode_png(two)),
    )


def _format_detail(check: dict[str, Any]) -> str:
    rows_named = ", ".join(map(str, check["rows"][:SHOWN]))
    more = f" and {check['images'] - SHOWN:,} more" if check["images"] > SHOWN else ""
    named = f"rows {rows_named}{more}" if check["rows"] else ""
    return "; ".join(words for words in (check["detail"], named) if words)


def _format_split(name: str) -> str:
    return SPLIT_NAMES[name].lower() if name in SPLIT_NAMES else f"fold {name}"


def _format_present(present: list[str]) -> str:
    return ", ".join(present) or "no finding"
