"""What class weights and repeated images do to log odds, in closed form, and its undoing.

A network that can fit any function answers, at an image x, with the log odds z that minimise the expected
loss there. With the weights w1, w0 of a present and an absent finding, the true probability q(x), and r1, r0
the mean repeats of images with and without the finding, that loss is::

    w1 r1 q(x) softplus(-z) + w0 r0 (1 - q(x)) softplus(z)

Its minimum is at::

    z = logit q(x) + log(w1 / w0) + log(r1 / r0)

and the last two terms are subtracted. With the odds o of the finding in the training set, and o_eff those
in an epoch, repeats included, ``r1 / r0 = o_eff / o``. This is exact as long as the repeats depend on this
finding alone; where an image without it is repeated for the sake of another finding that it shows, r0 is
the mean over such images. A network that is regularised, or stopped early, has not reached the
minimum: then the undoing is an approximation.

Of exclusive classes, the k-th softmax is proportional to ``wk rk qk(x)``: ``log(wk rk)`` is subtracted from
the log of its probability, and the classes of a grade are normalised again.

References
----------
Elkan, IJCAI 2001 (prior change); Saerens, Latinne and Decaestecker, Neural Computation 14, 2002.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from radpipe.config.targets import group
from radpipe.predictions import ROUND, Predictions

Floats = NDArray[np.float64]


def compute_offsets(
    weights: Mapping[str, Any], training: Mapping[str, Any], targets: Sequence[str]
) -> Floats | None:
    """Compute how much the training adds to the log odds of each target, or to the log of each class.

    Parameters
    ----------
    weights
        weights.json: kind, and of each target absent, present, negatives, positives.
    training
        training.json: loss, and `effective` positives and negatives.
    targets
        Names, in the wanted order.

    Returns
    -------
    (targets,) float64
        None where a target is not among them, as in external predictions.
    """
    counted = weights.get("targets", {})
    effective = training.get("effective", {})
    if not set(targets) <= set(counted) & set(effective):
        return None
    categorical = weights["kind"] == "categorical"
    found = []
    for target in targets:
        before = counted[target]
        after = effective[target]
        factor = after["positives"] / before["positives"]
        if not categorical:
            factor *= before["negatives"] / after["negatives"]
        if training["loss"] == "wbce":
            factor *= before["present"] / (1 if categorical else before["absent"])
        found.append(factor)
    return np.log(np.array(found, np.float64)).astype(np.float64)


def compute_case_offsets(
    weights: Mapping[str, Any], training: Mapping[str, Any], split: Predictions
) -> Floats | None:
    """Compute the offsets of some predictions; in a cross-validation each network has its own.

    Returns
    -------
    (targets,) or (cases, targets) float64
        See `compute_offsets`.
    """
    if "rounds" not in training:
        return compute_offsets(weights, training, split.targets)
    found = [
        compute_offsets({**weights, "targets": weighed}, {**training, **facts}, split.targets)
        for weighed, facts in zip(weights.get("rounds", ()), training["rounds"], strict=True)
    ]
    known = [each for each in found if each is not None]
    return np.array(known)[split.cases[ROUND]] if len(known) == len(found) else None


def subtract_offsets(logits: NDArray[Any], offset: Floats, targets: Sequence[str], kind: str) -> Floats:
    """Subtract the offsets.

    Parameters
    ----------
    logits : (cases, targets) floating
        Log odds, of a class too.
    offset : (targets,) or (cases, targets) float64
        See `compute_case_offsets`.
    kind
        binary, or categorical.

    Returns
    -------
    (cases, targets) float64
        Log odds.
    """
    odds = np.asarray(logits, np.float64)
    if kind != "categorical":
        return odds - offset
    undone = -np.logaddexp(0.0, -odds) - offset  # the log of each class' probability, divided by its factor
    for at in group(targets).values():
        undone[:, at] -= logsumexp(undone[:, at], axis=1, keepdims=True)
    with np.errstate(divide="ignore"):
        rest = np.log(-np.expm1(np.minimum(undone, -1e-12)))
    return np.asarray(undone - rest)
