"""Shares with the interval in which the true share lies."""

import math

Z = 1.96  # 95 in 100


def wilson(right: int, whole: int) -> tuple[float, float]:
    """The 95 % interval of a share after Wilson; (0, 1) where nothing was counted.

    >>> [round(end, 2) for end in wilson(9, 10)]
    [0.6, 0.98]
    """
    if whole == 0:
        return 0.0, 1.0
    share = right / whole
    middle = (share + Z**2 / (2 * whole)) / (1 + Z**2 / whole)
    reach = Z / (1 + Z**2 / whole) * math.sqrt(share * (1 - share) / whole + Z**2 / (4 * whole**2))
    return middle - reach, middle + reach


def interval(right: int, whole: int) -> str:
    """A share as it is printed: 0.95 (0.91 to 0.97), 381 of 401."""
    low, high = wilson(right, whole)
    return f"{right / max(whole, 1):.3f} ({low:.2f} to {high:.2f}), {right} of {whole}"
