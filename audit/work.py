"""Run calls to AWS or commands of the CLI in several threads, for a limited time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from enum import Enum

Task = Callable[[], None]
"""Does a part of the work, and can add tasks. It handles its own errors."""


class End(str, Enum):
    """Why the work ended. The value says why something was not read."""

    DONE = "The audit failed. This is a bug in the audit: report it, with the command."
    TIME_LIMIT = "The time limit was reached before AWS answered."
    INTERRUPTED = "The audit was interrupted before AWS answered."


class Work:
    """Tasks that some threads run, the newest first.

    The newest first keeps the number of waiting tasks small: tables of a page are described before
    the next page is listed, if that task was added before them.

    Args:
        threads: the number of threads.
        seconds: the limit of time, which starts now.

    Attributes:
        threads: the number of threads.
        error: the first error that a task did not handle; None if there was none.
    """

    def __init__(self, threads: int, seconds: float) -> None:
        self._tasks: list[Task] = []
        self._later: list[Task] = []
        self._open = 0
        lock = threading.Lock()
        self._ready, self._done = threading.Condition(lock), threading.Condition(lock)
        self._deadline = time.monotonic() + seconds
        self.threads = threads
        self.error: Exception | None = None
        self._stopped = False

    def add(self, *tasks: Task) -> None:
        """Add tasks. The last one runs first."""
        with self._ready:
            self._add(tasks)

    def add_later(self, task: Task) -> None:
        """Add a task, while a task runs, that runs after all others have ended."""
        with self._ready:
            self._later.append(task)

    def run(
        self, tick: Callable[[], None], seconds: float, is_interrupted: Callable[[], bool]
    ) -> End:
        """Run all tasks.

        A task that still runs at the end isn't waited for, because a call to AWS can't be ended.

        Args:
            tick: called about every `seconds`, and at the end.
            seconds: how often.
            is_interrupted: returns whether to end. It is called as often as `tick`. An exception of
                a signal handler, such as KeyboardInterrupt, could leave a lock locked.

        Returns:
            Why the work ended. No task is started after that.
        """
        for _ in range(self.threads):
            # The process ends without waiting for a thread that waits for AWS.
            threading.Thread(target=self._work, daemon=True).start()
        try:
            while True:
                with self._done:
                    if not self._open:
                        return End.DONE
                    left = self._deadline - time.monotonic()
                    if left <= 0:
                        return End.TIME_LIMIT
                    if is_interrupted():
                        return End.INTERRUPTED
                    self._done.wait(min(seconds, left))
                tick()
        finally:
            with self._ready:
                self._stopped = True
                self._ready.notify_all()
            tick()

    def _add(self, tasks: Sequence[Task]) -> None:
        self._tasks.extend(tasks)
        self._open += len(tasks)
        self._ready.notify(len(tasks))

    def _work(self) -> None:
        while True:
            with self._ready:
                while not self._tasks and not self._stopped:
                    self._ready.wait()
                if self._stopped:
                    return
                task = self._tasks.pop()
            error = None
            try:
                task()
            except Exception as raised:  # noqa: BLE001 - the other tasks still run
                error = raised
            with self._done:
                self.error = self.error or error
                self._open -= 1
                if not self._open:
                    later, self._later = self._later, []
                    self._add(later)
                if not self._open:
                    self._done.notify_all()
