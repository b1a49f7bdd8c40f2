"""What people run beside the workflow: look at images, predict, score predictions, ask what is missing."""

from pathlib import Path

from radpipe.config import parameters as config
from radpipe.config.evaluation import CompareSpec, EvaluateSpec
from radpipe.config.readers import NobodyChoice, SpellingChoice, UncertainChoice
from radpipe.errors import ConfigError, DataError
from radpipe.outputs.receipts import has_keys, refuse_foreign_files
from radpipe.outputs.writing import write_json
from radpipe.tools import doctor as doctoring
from radpipe.tools import find as finding
from radpipe.tools import show as showing
from radpipe.tools import submit as submitting
from radpipe.tools.external import analysis
from radpipe.tools.external import boxes as scoring
from radpipe.tools.external.labels import LabelOptions
from radpipe.tools.init import proposing
from radpipe.tracking import recording
from radpipe.training.backend import refuse_unknown_backend

PARAMS = Path("params.yaml")
BOXES = "metrics.json"


def init(
    table: Path,
    *,
    images: Path,
    name: str,
    patient: str | None = None,
    labels: list[str] | None = None,
    patient_ids: SpellingChoice = "ask",
    unknown_patients: NobodyChoice = "refuse",
    params: Path = PARAMS,
) -> None:
    """Write an entry for a table of your own into params.yaml, and say how it was found.

    Parameters
    ----------
    table
        CSV or TSV with one row per image.
    images
        Folder that the images lie below.
    name
        Of the new entry: small letters, digits and _.
    patient
        Column that names the patient, where that is not certain; none: nobody knows.
    labels
        Column of findings, or columns of 0 and 1, where that is not certain.
    patient_ids
        Whether patients in several spellings (001 and 1.0) are one person: normalised, or several: exact.
    unknown_patients
        Rows that name no patient: drop leaves them out, own takes each for a person of its own.
    params
        params.yaml.
    """
    given = proposing.Given(patient, labels, patient_ids, unknown_patients)
    proposing.init(table, images, name, given, params)


def track(*, folder: Path) -> None:
    """Add every run found in results/<dataset> to MLflow, without doubling one.

    Parameters
    ----------
    folder
        results/<dataset>.
    """
    if not (folder / "runs").is_dir():
        raise DataError(f"{folder}: no runs in it, expected a folder such as results/phantom_chest")
    recording.record_folder(folder)


def predict(model: Path, folder: Path, *, output: Path = Path("predictions.csv")) -> None:
    """Predict the unlabelled images below a folder with a trained model.

    Parameters
    ----------
    model
        model.keras of a run, with training.json beside it.
    folder
        Every file in it, at any depth, is taken for an image.
    output
        CSV of probabilities; <output>.rejected.csv lists the files that cannot be used.
    """
    refuse_unknown_backend()
    from radpipe.tools import predict as inference  # noqa: PLC0415 (importing Keras costs 8 s)

    inference.predict(model, folder, output)


def evaluate_predictions(
    predictions: Path,
    *,
    output: Path,
    labels: Path | None = None,
    spec: EvaluateSpec | None = None,
    plan: CompareSpec | None = None,
    params: Path = PARAMS,
    patient_ids: SpellingChoice = "ask",
    unknown_patients: NobodyChoice = "refuse",
    uncertain: UncertainChoice = "refuse",
) -> None:
    """Compute metrics, curves and a page for the predictions of one model, wherever it was trained.

    Parameters
    ----------
    predictions
        CSV or Parquet: id and a probability per finding; or predictions.parquet of a run.
    output
        Folder for metrics.json, curves.parquet, report.html and its figures.
    labels
        CSV or Parquet: id and a label per finding, perhaps patient_id, split, sex, age; by default the
        predictions contain them.
    spec
        The section `evaluate`; by default that of the first data set of `run`.
    plan
        The section `compare`, for intervals and subgroups; by default that of the first data set of `run`.
    params
        params.yaml.
    patient_ids
        Whether patients in several spellings (001 and 1.0) are the same: see the options of a data set.
    unknown_patients
        What becomes of rows that name no patient.
    uncertain
        What a label of -1 means.
    """
    models = analysis.Models([predictions], labels, _decide(patient_ids, unknown_patients, uncertain))
    analysis.evaluate(models, output, analysis.choose_analysis(spec, plan, params))


def compare_predictions(
    reference: Path,
    other: Path,
    *,
    output: Path,
    labels: Path | None = None,
    names: list[str] | None = None,
    spec: EvaluateSpec | None = None,
    plan: CompareSpec | None = None,
    params: Path = PARAMS,
    patient_ids: SpellingChoice = "ask",
    unknown_patients: NobodyChoice = "refuse",
    uncertain: UncertainChoice = "refuse",
) -> None:
    """Compare the predictions of two models on the same cases, wherever they were trained.

    Parameters
    ----------
    reference
        CSV or Parquet: id and a probability per finding; or predictions.parquet of a run.
    other
        The other model, of the same form; differences are other minus reference.
    output
        Folder for compare.json, metrics.json, evaluations.json, curves.parquet, report.html and its figures.
    labels
        CSV or Parquet: id and a label per finding, perhaps patient_id, split, sex, age; by default the
        predictions contain them.
    names
        Two names for the models; by default those of their files.
    spec
        The section `evaluate`; by default that of the first data set of `run`.
    plan
        The section `compare`; by default that of the first data set of `run`.
    params
        params.yaml.
    patient_ids
        Whether patients in several spellings (001 and 1.0) are the same: see the options of a data set.
    unknown_patients
        What becomes of rows that name no patient.
    uncertain
        What a label of -1 means.
    """
    options = _decide(patient_ids, unknown_patients, uncertain)
    models = analysis.Models([reference, other], labels, options, names)
    analysis.compare(models, output, analysis.choose_analysis(spec, plan, params))


def _decide(patients: SpellingChoice, nobody: NobodyChoice, uncertain: UncertainChoice) -> LabelOptions:
    return LabelOptions(patient_ids=patients, unknown_patients=nobody, uncertain=uncertain)


def score_boxes(boxes: Path, *, labels: Path, output: Path) -> None:
    """Score predicted boxes as the pneumonia competition of 2018 did.

    Parameters
    ----------
    boxes
        CSV: patientId, PredictionString.
    labels
        stage_2_train_labels.csv, or any table of its columns.
    output
        Folder for metrics.json.
    """
    refuse_foreign_files(output, (BOXES,), BOXES, has_keys("format", "boxes"))
    found = scoring.score_boxes(boxes, labels)
    write_json(output / BOXES, {"format": 1, "boxes": found})
    print(f"score {found['score']}, over {found['scored']} images; written to {output / BOXES}")


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

    Parameters
    ----------
    predictions
        CSV that `predict` wrote.
    reader
        Reader of the data set, which names the competition: rsna_hemorrhage.
    weights
        weights.json of the data set, for NAME=prevalence and for the reasons of dropped findings.
    constant
        NAME=number or NAME=prevalence, one per finding without predictions.
    output
        CSV of the submission.
    """
    submitting.submit(predictions, reader, output, weights, constant or ())


def show(image: Path, *, boxes: Path | None = None, output: Path = Path("show.png")) -> None:
    """Print the header of one image, and draw its pixels and boxes into a PNG.

    Parameters
    ----------
    image
        PNG, JPEG or DICOM file.
    boxes
        index/boxes.parquet of the data set that contains the image.
    output
        PNG that is drawn.
    """
    showing.show(image, boxes, output)


def find(rows: list[int], *, dataset: str, params: Path = PARAMS) -> None:
    """Name the file, patient and study of rows of the page, which knows cases by their numbers only.

    Parameters
    ----------
    rows
        Numbers of rows, as the page gives them.
    dataset
        Name in params.yaml.
    params
        params.yaml.
    """
    finding.find(dataset, rows, params)


def doctor(*, params: Path = PARAMS, dataset: str | None = None) -> None:
    """Say what is missing on disk, how much disk space and time a run needs, before anything runs.

    Parameters
    ----------
    params
        params.yaml.
    dataset
        Name in params.yaml; by default every data set of `run`.
    """
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
