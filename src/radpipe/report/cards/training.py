"""The facts of the models and of their training."""

from typing import Any

from radpipe.report.cards.data import format_split_sizes
from radpipe.report.cards.facts import Facts, format_quantity, join_words
from radpipe.report.results import Results

INITIAL = {"none": "Drawn at random from the seed", "imagenet": "ImageNet"}


def collect_training_facts(results: Results) -> Facts:
    """Collect the facts of the networks, their losses and their selection."""
    train = results.settings["train"]
    run = results.runs[0]
    in_force = run.training["in_force"]
    weights = INITIAL.get(str(train.get("weights", "none")), "A local file")
    sizes = {"sizes": format_split_sizes(results.data)} if results.data else {}
    return {
        **sizes,
        "model": f"{train['model']}, {run.training['trainable_parameters']:,} trainable parameters",
        "initial": f"{weights}; the arms of a seed start from the same",
        "training": format_schedule(train, results),
        "imbalance": format_losses(results),
        "selection": format_selection(train, results),
        "software": f"Keras on {in_force['backend']}, {in_force['precision']}, {in_force['device']}",
        "ensemble": "None",
    }


def format_schedule(train: dict[str, Any], results: Results) -> str:
    """Return epochs, batch size, learning rate, and the number of trainings."""
    known = {
        "epochs": "At most {} epochs",
        "batch_size": "batches of {}",
        "learning_rate": "learning rate {:g}",
    }
    words = [text.format(train[key]) for key, text in known.items() if key in train]
    decay = f"decaying by {train['decay']:g} each epoch" if "decay" in train else ""
    rounds = f"{format_quantity(results.rounds, 'round')} of cross-validation, " if results.rounds else ""
    seeds = rounds + format_quantity(len(results.seeds), "seed")
    return join_words([*words, decay, f"{seeds} of each of {format_quantity(len(results.arms), 'arm')}"])


def format_losses(results: Results) -> str:
    """Return the losses of the arms."""
    losses = join_words((f"{arm.name}: {arm.meaning}" for arm in results.arms), "; ")
    return f"{losses}. Weights from the training part alone"


def format_selection(train: dict[str, Any], results: Results) -> str:
    """Return which epoch was kept, and by which metric."""
    monitor = {"auroc": "macro AUROC", "loss": "loss"}.get(str(train.get("monitor", "auroc")), "metric")
    kept = join_words(
        f"{run.arm.name} seed {run.seed}: {join_words(str(n.training['best_epoch']) for n in run.networks)}"
        for run in results.runs
    )
    return f"The epoch with the best validation {monitor} ({kept})"
