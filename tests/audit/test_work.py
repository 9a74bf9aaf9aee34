"""Tasks run in several threads, each of them once, until they end or the time does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial

import pytest

from audit.work import End, Work

TICK = 0.02


def run(work: Work, is_interrupted: Callable[[], bool] = lambda: False) -> End:
    return work.run(lambda: None, TICK, is_interrupted)


def wait_for(event: threading.Event) -> None:
    event.wait()


@pytest.mark.parametrize("threads", [1, 2, 16])
def test_all_tasks_run_once(threads: int) -> None:
    work = Work(threads, 60)
    done: list[int] = []

    def task(number: int) -> None:
        done.append(number)
        if number < 500:
            # Each task adds two, as a binary tree.
            work.add(*(partial(task, child) for child in (2 * number, 2 * number + 1)))

    work.add(partial(task, 1))
    assert run(work) is End.DONE
    assert sorted(done) == list(range(1, 1_000))


def test_without_a_task_it_ends_at_once() -> None:
    started = time.monotonic()
    assert run(Work(4, 60)) is End.DONE
    assert time.monotonic() - started < 5


def test_the_newest_task_runs_first() -> None:
    work = Work(1, 60)
    order: list[str] = []

    def page(name: str, following: str | None) -> None:
        order.append(name)
        if following:
            work.add(partial(page, following, None))
        work.add(partial(order.append, f"{name}.2"), partial(order.append, f"{name}.1"))

    work.add(partial(page, "a", "b"))
    assert run(work) is End.DONE
    assert order == ["a", "a.1", "a.2", "b", "b.1", "b.2"]


@pytest.mark.parametrize("threads", [1, 8])
def test_a_later_task_runs_after_all_others_have_ended(threads: int) -> None:
    work = Work(threads, 60)
    order: list[str] = []

    def first() -> None:
        work.add_later(partial(order.append, "later"))

    def slow() -> None:
        time.sleep(0.2)
        work.add(partial(order.append, "added"))

    work.add(slow, first)
    assert run(work) is End.DONE
    assert order == ["added", "later"]


def test_a_later_task_of_the_last_task_runs() -> None:
    work = Work(2, 60)
    order: list[str] = []

    def again() -> None:
        order.append("again")
        if len(order) < 3:
            work.add_later(again)

    work.add(again)
    assert run(work) is End.DONE
    assert order == ["again"] * 3


def test_a_task_that_fails_does_not_end_the_others() -> None:
    work = Work(2, 10)
    done: list[int] = []
    work.add(*(partial(done.append, number) for number in range(50)))

    def fail() -> None:
        raise ValueError("one")

    work.add(*[fail] * 10)
    assert run(work) is End.DONE
    assert len(done) == 50
    assert isinstance(work.error, ValueError)


def test_the_time_limit_does_not_wait_for_a_task() -> None:
    work = Work(2, 0.3)
    hangs = threading.Event()
    done: list[int] = []
    work.add(
        *(partial(done.append, number) for number in range(9)), *[partial(wait_for, hangs)] * 2
    )
    started = time.monotonic()
    assert run(work) is End.TIME_LIMIT
    assert 0.3 <= time.monotonic() - started < 3
    hangs.set()
    time.sleep(0.1)
    assert done == []


def test_an_interrupt_ends_it_and_starts_no_task() -> None:
    work = Work(1, 60)
    hangs = threading.Event()
    done: list[int] = []
    interrupted = False

    def tick() -> None:
        nonlocal interrupted
        interrupted = True

    work.add(partial(done.append, 1), partial(wait_for, hangs))
    started = time.monotonic()
    assert work.run(tick, TICK, lambda: interrupted) is End.INTERRUPTED
    assert time.monotonic() - started < 3
    hangs.set()
    work.add(partial(done.append, 2))
    time.sleep(0.1)
    assert done == []


def test_it_ticks_while_a_task_runs() -> None:
    work = Work(1, 60)
    ticks: list[float] = []
    work.add(partial(time.sleep, 0.5))
    work.run(lambda: ticks.append(time.monotonic()), TICK, lambda: False)
    assert len(ticks) > 5


def test_no_thread_stays() -> None:
    before = threading.active_count()
    for _ in range(20):
        work = Work(8, 60)
        work.add(*[partial(time.sleep, 0.001)] * 30)
        assert run(work) is End.DONE
    end = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < end:
        time.sleep(0.01)
    assert threading.active_count() <= before
