"""Measure two actions in turn, and print their medians and the ratio."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median


def seconds(action: Callable[[], object]) -> float:
    """Return how many seconds `action` takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def header(first: str, second: str) -> None:
    """Print the heads of a table's columns."""
    print(f"{'':<44} {first:>13} {second:>13} {'ratio':>7}")


def compare(
    label: str,
    first: Callable[[], float],
    second: Callable[[], float],
    rounds: int,
    bound: float | None = None,
) -> None:
    """Print a row with the medians of two measurements and the median of their ratios.

    The measurements alternate, so that other load on the machine affects both.

    Args:
        label: what is measured.
        first: measures the first column's seconds.
        second: measures the second column's seconds.
        rounds: how many pairs to measure, after one that doesn't count.
        bound: the largest acceptable ratio, if there is one.
    """
    first(), second()
    pairs = []
    for number in range(rounds):
        if number % 2:
            pairs.append((first(), second()))
        else:
            later = second()
            pairs.append((first(), later))
    ratio = median(left / right for left, right in pairs)
    left, right = (median(column) * 1000 for column in zip(*pairs, strict=True))
    print(f"{label:<44} {left:10.3f} ms {right:10.3f} ms {ratio:7.2f}  {limit(ratio, bound)}")


def limit(ratio: float, bound: float | None) -> str:
    """Return a row's note on its bound, and on whether the ratio exceeds it."""
    if bound is None:
        return ""
    return f"at most {bound:.2f}" + ("" if ratio <= bound else "  EXCEEDED")
