"""Run calls to AWS in several threads, for a limited time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

Task = Callable[[], None]
"""Does a part of the work, and can add tasks. It handles its own errors."""


class Work:
    """Tasks that some threads run, the newest first.

    The newest first keeps the number of waiting tasks small: tables of a page are described before
    the next page is listed, if that task was added before them.

    Args:
        threads: the number of threads.
        seconds: the limit of time, which starts now.

    Attributes:
        threads: the number of threads.
    """

    def __init__(self, threads: int, seconds: float) -> None:
        self._tasks: list[Task] = []
        self._open = 0
        lock = threading.Lock()
        self._ready, self._done = threading.Condition(lock), threading.Condition(lock)
        self._deadline = time.monotonic() + seconds
        self.threads = threads
        self._stopped = False

    def add(self, *tasks: Task) -> None:
        """Add tasks. The last one runs first."""
        with self._ready:
            self._tasks.extend(tasks)
            self._open += len(tasks)
            self._ready.notify(len(tasks))

    def run(self, tick: Callable[[], None], seconds: float) -> bool:
        """Run all tasks.

        Args:
            tick: called about every `seconds`, and at the end.
            seconds: how often.

        Returns:
            Whether all tasks ran before the deadline. A task that still runs at the deadline isn't
            waited for, because a call to AWS can't be ended.

        Raises:
            KeyboardInterrupt: the user pressed Ctrl-C. No task is started after that.
        """
        for _ in range(self.threads):
            # The process ends without waiting for a thread that waits for AWS.
            threading.Thread(target=self._work, daemon=True).start()
        try:
            while True:
                with self._done:
                    if not self._open:
                        return True
                    left = self._deadline - time.monotonic()
                    if left <= 0:
                        return False
                    self._done.wait(min(seconds, left))
                tick()
        finally:
            with self._ready:
                self._stopped = True
                self._ready.notify_all()
            tick()

    def _work(self) -> None:
        while True:
            with self._ready:
                while not self._tasks and not self._stopped:
                    self._ready.wait()
                if self._stopped:
                    return
                task = self._tasks.pop()
            task()
            with self._done:
                self._open -= 1
                if not self._open:
                    self._done.notify_all()
