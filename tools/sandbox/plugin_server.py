"""Serve a Pulumi plugin, such as a provider or a language host, until the engine ends.

Source: sdk/go/common/util/rpcutil/serve.go of pulumi/pulumi (the size of messages).
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent import futures
from queue import SimpleQueue
from typing import Any

import grpc

LARGEST_MESSAGE = 400 << 20


def serve(
    add: Callable[[Any, Any], None], servicer: Any, stop: Callable[[], None] | None = None
) -> None:
    """Serve on a free port, print the port, and return when the engine ends or interrupts.

    Args:
        add: the generated function that adds the servicer to a gRPC server.
        servicer: the implementation of the plugin's protocol.
        stop: called when the engine has ended, before the server stops.
    """
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=16),
        options=[("grpc.max_receive_message_length", LARGEST_MESSAGE)],
    )
    add(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.buffer.write(f"{port}\n".encode())
    sys.stdout.buffer.flush()
    # Of all queues and events, only this one can be used in a signal handler.
    ended: SimpleQueue[None] = SimpleQueue()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.put(None))
    threading.Thread(target=_wait_for_engine, args=(ended,), daemon=True).start()
    ended.get()
    if stop is not None:
        stop()
    server.stop(grace=None)


def _wait_for_engine(ended: SimpleQueue[None]) -> None:
    """Wait until standard input closes. The engine holds it and closes it in any case."""
    # sys.stdin can't be used: its lock would be held when the interpreter ends.
    while os.read(0, 4096):
        pass
    ended.put(None)
