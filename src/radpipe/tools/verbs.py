"""What people run beside the workflow: look at one image, predict new ones, ask what is missing."""

from pathlib import Path

from radpipe.config import parameters as config
from radpipe.errors import ConfigError, DataError
from radpipe.tools import doctor as doctoring
from radpipe.tools import show as showing
from radpipe.tools import submit as submitting
from radpipe.tracking import recording
from radpipe.training.backend import refuse_unknown_backend


def track(*, folder: Path) -> None:
    """Add every run found in results/<dataset> to MLflow, without doubling one."""
    if not (folder / "runs").is_dir():
        raise DataError(f"{folder}: no runs in it, expected a folder such as results/phantom_chest")
    recording.record_folder(folder)


def predict(model: Path, folder: Path, *, output: Path = Path("predictions.csv")) -> None:
    """Predict the unlabelled images below a folder with a trained model."""
    refuse_unknown_backend()
    from radpipe.tools import predict as inference  # noqa: PLC0415 (importing Keras costs 8 s)

    inference.predict(model, folder, output)


def submit(
    predictions: Path,
    *,
    reader: str,
    weights: Path | None = None,
    constant: list[str] | None = None,
    output: Path = Path("submission.csv"),
) -> None:
    """Turn what `predict` wrote of a competition's test folder into its submission file.

    A competition expects every image: those that could not be used (`<predictions>.rejected.csv` lists them)
    get the mean of the others, and are counted. It expects every finding: one that was dropped gets the
    `constant` NAME=number, or NAME=prevalence, that of the training patients by the `weights` of the run.
    """
    submitting.submit(predictions, reader, output, weights, constant or ())


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
