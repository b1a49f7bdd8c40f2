import pytest

from radpipe.config.training import FineTuneSpec
from radpipe.training.schedule import Phase, compute_rate, find_best_epoch, is_over, plan

pytestmark = pytest.mark.keras


def rows(*aurocs):
    return [{"val_auroc": auroc, "val_loss": 1.0 + number} for number, auroc in enumerate(aurocs)]


@pytest.fixture
def pretrained(spec):
    """Return two frozen epochs, then the last 20 layers at a tenth of the rate."""
    tune = FineTuneSpec(frozen_epochs=2, layers=20, learning_rate=0.001)
    changes = {"model": "DenseNet121", "weights": "imagenet", "fine_tune": tune, "epochs": 10}
    return spec.model_copy(update=changes)


def test_from_scratch_there_is_one_phase_at_the_tutorials_rates(spec):
    (phase,) = plan(spec.model_copy(update={"epochs": 20, "learning_rate": 1e-3}))
    assert phase == Phase(0, 20, 1e-3, None)
    assert [compute_rate(phase, epoch, 0.95) for epoch in (0, 1, 2)] == [1e-3, 1e-3 * 0.95, 1e-3 * 0.95**2]


def test_a_pretrained_backbone_is_frozen_first_then_tuned_at_its_own_rate(pretrained):
    frozen, tuned = plan(pretrained)
    assert frozen == Phase(0, 2, 0.01, 0)
    assert tuned == Phase(2, 10, 0.001, 20)
    assert compute_rate(tuned, 2, 0.5) == 0.001
    assert compute_rate(tuned, 4, 0.5) == 0.001 * 0.25


@pytest.mark.parametrize("change", [{"weights": "none"}, {"model": "small_cnn"}])
def test_without_pretrained_weights_nothing_is_frozen(pretrained, change):
    assert plan(pretrained.model_copy(update=change)) == [Phase(0, 10, 0.01, None)]


def test_phases_without_epochs_are_left_out(pretrained):
    assert [phase.layers for phase in plan(pretrained.model_copy(update={"epochs": 2}))] == [0]
    tune = FineTuneSpec(frozen_epochs=0, layers="all", learning_rate=0.001)
    assert plan(pretrained.model_copy(update={"fine_tune": tune})) == [Phase(0, 10, 0.001, "all")]


def test_the_best_epoch_has_the_largest_auroc_and_of_equal_ones_is_the_first():
    assert find_best_epoch(rows(0.5, 0.8, 0.8, 0.7), "auroc") == 1


def test_the_best_epoch_by_loss_has_the_smallest():
    assert find_best_epoch(rows(0.5, 0.8, 0.9), "loss") == 0


def test_training_ends_after_patience_epochs_without_a_gain(spec):
    patient = spec.model_copy(update={"epochs": 20, "patience": 2})
    assert not is_over(rows(0.8, 0.7), patient)
    assert is_over(rows(0.8, 0.7, 0.8), patient)
    assert not is_over(rows(0.8, 0.7, 0.9), patient)


def test_training_ends_with_the_last_epoch(spec):
    assert is_over(rows(0.1, 0.2, 0.3), spec)
    assert not is_over([], spec)


def test_frozen_epochs_do_not_exhaust_the_patience(pretrained):
    patient = pretrained.model_copy(update={"patience": 2})
    assert not is_over(rows(0.9, 0.8), patient)
    assert not is_over(rows(0.9, 0.8, 0.7), patient)
    assert is_over(rows(0.9, 0.8, 0.7, 0.6), patient)
