"""What is written to the store: a training while it runs, a run, a comparison, a folder of all."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from queue import SimpleQueue

from mlflow.exceptions import MlflowException

from radpipe.errors import DataError
from radpipe.tracking import contents, model, store
from radpipe.tracking.contents import EpochLog, LoggedRun


def follow(logged_run: LoggedRun, lines: SimpleQueue[EpochLog | str]) -> None:
    """Log each line of a history as it comes, until the status comes with which the training ends."""
    tags = {**logged_run.tags, **contents.find_origin()}
    run = store.open_run(store.connect(), logged_run, tags)
    store.reopen(run)
    # A queue ends with its status.
    line: EpochLog | str = lines.get()
    known = store.find_known_steps(run)
    while isinstance(line, dict):
        log_epochs(run, [line], known)
        line = lines.get()
    store.close(run, line)


def log_epochs(run: store.OpenRun, history: Iterable[EpochLog], known: set[tuple[str, int]]) -> None:
    """Log the lines of a history whose round and epoch are not known yet."""
    for log in history:
        if (contents.format_round_suffix(log), int(log["epoch"])) not in known:
            store.log_metrics(run, contents.name_epoch_metrics(log), step=int(log["epoch"]))


def write_run(run: Path, evaluation: Path | None, dataset: str, origin: Mapping[str, str]) -> None:
    """Log a finished run: what the store lacks of its parameters, epochs, metrics, files and model."""
    logged_run, history, files = contents.read_run(run, dataset)
    tags = {**logged_run.tags, **contents.compute_data_tags(run.parents[1]), **origin}
    opened = store.open_run(store.connect(), logged_run, tags)
    log_epochs(opened, history, store.find_known_steps(opened))
    if evaluation is not None:
        files.append(evaluation / "metrics.json")
        store.log_new(opened, contents.read_final_metrics(files[-1]))
    store.log_files(opened, files)
    model.log(opened, run)
    store.finish(opened)


def write_comparison(folder: Path, dataset: str) -> None:
    """Log the comparison in results/{dataset}, with the page and its figures if they are there."""
    logged_run, differences, note = contents.read_comparison(folder, dataset)
    tags = {**logged_run.tags, "mlflow.note.content": note}
    opened = store.open_run(store.connect(), logged_run, tags)
    store.log_new(opened, differences)
    pages = (folder / "compare.json", folder / "report.html")
    store.log_files(opened, [page for page in pages if page.is_file()])
    store.log_files(opened, sorted(folder.glob("figures/*.png")), "figures")
    store.finish(opened)


def write_folder(folder: Path) -> int:
    """Log all that is in results/{dataset}; return the number of runs.

    Raises
    ------
    DataError
        If the folder contains no run, or the store cannot be reached.
    """
    runs = sorted(path.parent for path in folder.glob("runs/*/training.json"))
    if not runs:
        raise DataError(f"{folder}: no runs/*/training.json, expected a folder results/<dataset>")
    dataset = folder.resolve().name
    try:
        for run in runs:
            evaluation = folder / "evaluations" / run.name
            evaluated = (evaluation / "metrics.json").is_file()
            write_run(run, evaluation if evaluated else None, dataset, {})
        if (folder / "compare.json").is_file():
            write_comparison(folder, dataset)
    except (MlflowException, OSError, ImportError, KeyError, TypeError, ValueError) as error:
        raise DataError(contents.format_error(error)) from None  # no driver, or a file that is not ours
    return len(runs)
