"""What a network is built for."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """Shape and statistics of the input, size of the output.

    Attributes
    ----------
    size : int
        Side of the square images [px].
    mean, std : (channels,) float
        Of the training pixels [grey levels, 0..255].
    targets : int
        Number of logits.
    grades
        Positions of the targets that exclude each other, grade by grade; empty: every target is binary.
    """

    size: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    targets: int
    grades: tuple[tuple[int, ...], ...] = ()

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels of the input."""
        return self.size, self.size, len(self.mean)
