"""What people run beside the workflow: look at one image, predict new ones, ask what is missing."""

from pathlib import Path

import pandas as pd

from radpipe.config import parameters as config
from radpipe.data.readers.registry import READERS
from radpipe.errors import ConfigError, DataError
from radpipe.outputs import rejected_beside, write_table
from radpipe.tools import doctor as doctoring
from radpipe.tools import show as showing
from radpipe.tracking import recording


def track(*, folder: Path) -> None:
    """Add every run found in results/<dataset> to MLflow, without doubling one."""
    if not (folder / "runs").is_dir():
        raise DataError(f"{folder}: no runs in it, expected a folder such as results/phantom_chest")
    recording.record_folder(folder)


def predict(model: Path, folder: Path, *, output: Path = Path("predictions.csv")) -> None:
    """Predict the unlabelled images below a folder with a trained model."""
    from radpipe.tools import predict as inference  # noqa: PLC0415 (importing Keras costs 8 s)

    inference.predict(model, folder, output)


def submit(predictions: Path, *, reader: str, output: Path = Path("submission.csv")) -> None:
    """Turn what `predict` wrote of a competition's test folder into its submission file.

    A competition expects every image: those that could not be used get the mean of the others, and are
    counted.
    """
    known = {name: each.to_submission for name, each in READERS.items() if each.to_submission}
    if reader not in known:
        raise ConfigError(f"--reader {reader}: no submission file is known, expected one of {[*known]}")
    table = read_probabilities(predictions)
    unusable = read_probabilities(rejected_beside(predictions)).index
    filled = pd.concat([table, pd.DataFrame([table.mean()] * len(unusable), unusable)])
    write_table(output, known[reader](filled))
    print(f"submission  {len(filled)} images, of which {len(unusable)} could not be used and got the mean")


def read_probabilities(path: Path) -> pd.DataFrame:
    """Read a CSV of ids; the name of an image's file without its folder and suffix is its id."""
    try:
        table = pd.read_csv(path, dtype={"id": str}).drop(columns="reason", errors="ignore")
        return table.set_index(table.pop("id").map(lambda name: Path(name).stem))
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"{path}: no table of `radpipe predict` ({type(error).__name__})") from None


def show(image: Path, *, boxes: Path | None = None, output: Path = Path("show.png")) -> None:
    """Print the header of one image, and draw its pixels and boxes into a PNG.

    `boxes` is index/boxes.parquet of the data set that holds the image.
    """
    showing.show(image, boxes, output)


def doctor(*, params: Path = Path("params.yaml"), dataset: str | None = None) -> None:
    """Say what is missing on disk, how much room and time a run needs, before anything runs."""
    parameters = config.read(params)
    names = [dataset] if dataset else list(parameters.run)
    unknown = [name for name in names if name not in parameters.datasets]
    if unknown:
        raise ConfigError(
            f"no dataset {unknown[0]!r} in {params}, expected one of {list(parameters.datasets)}"
        )
    examined = [doctoring.check_dataset(name, parameters) for name in names]
    print("\n".join(line for lines, _ in examined for line in lines))
    problems = [problem for _, found in examined for problem in found]
    if problems:
        raise DataError("\n  ".join([f"{len(problems)} to put right:", *problems]))
