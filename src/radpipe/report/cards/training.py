"""What the run knows of its models and how they were trained."""

from typing import Any

from radpipe.report.cards.data import part_sizes
from radpipe.report.cards.facts import Facts, join, several
from radpipe.report.results import Results

INITIAL = {"none": "Drawn at random from the seed", "imagenet": "ImageNet"}


def training_facts(results: Results) -> Facts:
    """Collect what is known of the networks, their losses and their selection."""
    train = results.settings["train"]
    run = results.runs[0]
    force = run.training["in_force"]
    weights = INITIAL.get(str(train.get("weights", "none")), "A local file")
    sizes = {"sizes": part_sizes(results.data)} if results.data else {}
    return {
        **sizes,
        "model": f"{train['model']}, {run.training['trainable_parameters']:,} trainable parameters",
        "initial": f"{weights}; the arms of a seed start from the same",
        "training": schedule(train, results),
        "imbalance": imbalance(results),
        "selection": selection(train, results),
        "software": f"Keras on {force['backend']}, {force['precision']}, {force['device']}",
        "ensemble": "None",
    }


def schedule(train: dict[str, Any], results: Results) -> str:
    """Say how long, how fast and how often was trained."""
    known = {
        "epochs": "At most {} epochs",
        "batch_size": "batches of {}",
        "learning_rate": "learning rate {:g}",
    }
    words = [text.format(train[key]) for key, text in known.items() if key in train]
    decay = f"decaying by {train['decay']:g} each epoch" if "decay" in train else ""
    rounds = f"{several(results.rounds, 'round')} of cross-validation, " if results.rounds else ""
    seeds = rounds + several(len(results.seeds), "seed")
    return join([*words, decay, f"{seeds} of each of {several(len(results.arms), 'arm')}"])


def imbalance(results: Results) -> str:
    """Name the losses."""
    losses = join((f"{arm.name}: {arm.meaning}" for arm in results.arms), "; ")
    return f"{losses}. Weights from the training part alone"


def selection(train: dict[str, Any], results: Results) -> str:
    """Say which epoch was kept, and by what."""
    monitor = {"auroc": "macro AUROC", "loss": "loss"}.get(str(train.get("monitor", "auroc")), "metric")
    kept = join(
        f"{run.arm.name} seed {run.seed}: {join(str(n.training['best_epoch']) for n in run.networks)}"
        for run in results.runs
    )
    return f"The epoch with the best validation {monitor} ({kept})"
