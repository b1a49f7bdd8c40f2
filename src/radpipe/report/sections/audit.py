"""Whether anything stands in two parts that should stand in one, and what a person should look at."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from radpipe.report.arms import PARTS
from radpipe.report.data import Data
from radpipe.report.results import Results
from radpipe.report.sections.examples import encode
from radpipe.report.tables import Column, Table, count, data_uri, rows

SHOWN = 6  # pairs shown as pictures
VERDICTS = {
    "passed": "none found",
    "look": "look at them",
    "stated": "stated",
    "not checked": "not checked",
}
NEAR = "Pairs of near-duplicates in two parts"
CONFLICTING = "Of these pairs, with contradicting labels"


@dataclass(frozen=True)
class Pair:
    """Two images of different parts that look alike; each is shown with its channels side by side."""

    rows: tuple[int, int]
    parts: tuple[str, str]
    labels: tuple[str, str]
    distance: int
    conflict: bool
    channels: int
    uri: str

    @property
    def alt(self) -> str:
        """What a reader who does not see the images is told."""
        return f"Rows {self.rows[0]} and {self.rows[1]}, side by side; {self.distance} bits differ"


def describe(results: Results) -> dict[str, Any] | None:
    """Gather the checks, and the pairs within `audit.near_duplicate_bits`."""
    data = results.data
    if data is None:
        return None
    audit = data.summaries["audit"]
    within = int(results.settings["audit"]["near_duplicate_bits"])
    near = audit["near_duplicates"]
    listed = [pair for pair in near["listed"] if pair["distance"] <= within] if near else []
    checks = checks_table(audit, within)
    return {
        "checks": checks,
        "to_look_at": sum(row.values[2] == VERDICTS["look"] for row in checks.rows),
        "pairs": pairs_table(listed),
        "pictures": [show(data, pair) for pair in listed[:SHOWN]],
        "more": sum(near["pairs"][: within + 1]) - len(listed) if near else 0,
    }


def checks_table(audit: dict[str, Any], within: int) -> Table:
    """Show each check with its count, its verdict and what is to be known about it."""
    lines = [
        (_sentence_case(check["name"]), check["count"], VERDICTS[check["verdict"]], _detail(check))
        for check in audit["checks"]
    ]
    lines[-1:-1] = near_lines(audit["near_duplicates"], within)  # doubts about persons stand last
    columns = (Column("Check"), Column("Count", count), Column("Verdict"), Column("Detail"))
    return Table("audit", "What was looked for in the parts", columns, rows(lines))


def near_lines(near: dict[str, Any] | None, within: int) -> list[tuple[str, int | None, str, str]]:
    """Count the near-duplicates, and those with contradicting labels."""
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


def pairs_table(listed: list[dict[str, Any]]) -> Table:
    """Name the pairs by row number, closest first."""
    columns = (
        *(Column("Rows"), Column("Parts"), Column("Differing bits", count)),
        *(Column("Findings of the first"), Column("Findings of the second"), Column("Labels")),
    )
    lines = [
        (
            " and ".join(map(str, pair["rows"])),
            " and ".join(map(_part, pair["parts"])),
            pair["distance"],
            *map(_findings, pair["labels"]),
            "contradict" if pair["conflict"] else "agree",
        )
        for pair in listed
    ]
    return Table(
        "near-duplicates", "Images of two parts that look alike, closest first", columns, rows(lines)
    )


def show(data: Data, pair: dict[str, Any]) -> Pair:
    """Encode the two images of a pair, side by side."""
    places = data.packed.set_index("row").loc[pair["rows"], "pixel_row"]
    two = np.concatenate([data.pixels[place] for place in places], axis=-1)
    first, second = pair["rows"]
    parts, labels = (
        [_part(part) for part in pair["parts"]],
        [_findings(present) for present in pair["labels"]],
    )
    return Pair(
        rows=(first, second),
        parts=(parts[0], parts[1]),
        labels=(labels[0], labels[1]),
        distance=pair["distance"],
        conflict=pair["conflict"],
        channels=two.shape[-1],
        uri=data_uri("image/png", encode(two)),
    )


def _detail(check: dict[str, Any]) -> str:
    rows_named = ", ".join(map(str, check["rows"][:SHOWN]))
    more = f" and {check['images'] - SHOWN:,} more" if check["images"] > SHOWN else ""
    named = f"rows {rows_named}{more}" if check["rows"] else ""
    return "; ".join(words for words in (check["detail"], named) if words)


def _part(name: str) -> str:
    return PARTS[name].lower() if name in PARTS else f"fold {name}"


def _findings(present: list[str]) -> str:
    return ", ".join(present) or "no finding"


def _sentence_case(name: str) -> str:
    return name[:1].upper() + name[1:]
