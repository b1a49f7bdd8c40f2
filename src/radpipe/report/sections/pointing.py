"""The pointing game: how often the networks looked where a box says that the finding is."""

from collections.abc import Mapping
from typing import Any

from radpipe.report.results import Results
from radpipe.report.tables import Column, Row, Table, count, percent


def pointing_table(results: Results, game: Mapping[str, Any] | None) -> Table | None:
    """Show the share of maps whose largest value lies in a box; None where no box was asked for."""
    if game is None:
        return None
    arms = [arm for arm in results.arms if arm.key in game["arms"]]
    lines = [
        Row((name, entry["n"], *(entry["inside"][arm.key] / entry["n"] for arm in arms)))
        for name, entry in game["findings"].items()
    ]
    total = (game["arms"][arm.key]["share"] for arm in arms)
    lines.append(Row(("All", game["n"], *total), average=True))
    columns = [Column(arm.name, percent, "Points into a box", arm.place) for arm in arms]
    caption = "Pointing game: maps whose largest value lies in a box of the finding"
    return Table("pointing", caption, (Column("Finding"), Column("Maps", count), *columns), tuple(lines))


def blank(results: Results, game: Mapping[str, Any] | None) -> str:
    """Say how many maps of each arm point nowhere."""
    counts = {arm.name: game["arms"][arm.key]["blank"] for arm in results.arms} if game else {}
    return ", ".join(f"{name} {number}" for name, number in counts.items() if number)
