"""Start a policy pack after its stack is configured, and forward the engine's calls to it.

A pack's SDK reads the stack from environment variables when it starts. The engine sends the stack
in ConfigureStack to a plugin that runs, so the language host answers first and starts the pack
then. `pulumi policy publish` has no stack, and the pack starts without the variables.

Left out: gRPC's words for a message that is too large, which differ between Go and Python.

Source: sdk/policy_proxy.go of pulumi/pulumi, and RunPlugin in main.go of
sdk/python/cmd/pulumi-language-python. It follows 3.274.1: before `Abort`, the calls for a pack
whose interpreter is missing waited without end.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent import futures
from typing import TYPE_CHECKING, Any

import grpc
from pulumi.runtime.proto import analyzer_pb2

from tools.sandbox.plugin_server import LARGEST_MESSAGE

if TYPE_CHECKING:
    _Handler = grpc.GenericRpcHandler[bytes, bytes]
else:
    _Handler = grpc.GenericRpcHandler

_GRACE = 5
"""How many seconds a call may still take when the host stops the pack."""
HANDSHAKE = "/pulumirpc.Analyzer/Handshake"
CONFIGURE_STACK = "/pulumirpc.Analyzer/ConfigureStack"


class PolicyProxy(_Handler):
    """The analyzer that the engine calls, in front of a pack that starts later.

    Attributes:
        port: the port that the engine connects to.
    """

    def __init__(self) -> None:
        self._stack: futures.Future[Any] = futures.Future()
        self._pack: futures.Future[grpc.Channel] = futures.Future()
        self._failed = threading.Event()
        # A call waits for the pack in its thread.
        self._server = grpc.server(
            futures.ThreadPoolExecutor(max_workers=16),
            handlers=[self],
            options=[("grpc.max_receive_message_length", LARGEST_MESSAGE)],
        )
        self.port = self._server.add_insecure_port("127.0.0.1:0")
        self._server.start()

    def environment(self) -> dict[str, str]:
        """Wait for the engine's first call, and return the variables that it sets for the pack.

        Raises:
            CancelledError: the engine ended first.
        """
        stack = self._stack.result()
        if stack is None:
            return {}
        variables = {
            "PULUMI_ORGANIZATION": stack.organization,
            "PULUMI_PROJECT": stack.project,
            "PULUMI_STACK": stack.stack,
            "PULUMI_DRY_RUN": "true" if stack.dry_run else "false",
            "PULUMI_CONFIG": json.dumps(dict(stack.config)) if stack.config else "",
        }
        return {name: value for name, value in variables.items() if value}

    def attach(self, output: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
        """Connect to the pack when it prints its port, and yield the rest of its output.

        Args:
            output: the pack's output, as ("stdout" or "stderr", bytes). If it ends without a port,
                the engine's calls fail.
        """
        start: bytes | None = b""
        for stream, chunk in output:
            rest = chunk
            if stream == "stdout" and start is not None:
                start += chunk
                if b"\n" not in start:
                    continue
                port, _, rest = start.partition(b"\n")
                start = None
                self._connect(port)
            if rest:
                yield stream, rest
        if start is not None:
            self._connect(start)

    def abort(self, reason: str) -> None:
        """Let the engine's calls fail, and wait until the engine knows the reason."""
        if not self._pack.done():
            self._pack.set_exception(RuntimeError(f"policy pack failed to start: {reason}"))
        self._failed.wait()

    def stop(self) -> None:
        """Accept no more calls. Calls that wait for the pack fail."""
        self._stack.cancel()
        self._pack.cancel()
        self._failed.set()
        self._server.stop(grace=_GRACE)

    def service(self, call: Any) -> Any:
        """Return the handler of a method, which takes and returns serialized messages."""
        own = {HANDSHAKE: lambda *_: b"", CONFIGURE_STACK: self._configure_stack}

        def forward(request: bytes, context: Any) -> bytes:
            return self._forward(call.method, request, context)

        return grpc.unary_unary_rpc_method_handler(own.get(call.method, forward))

    def _connect(self, port: bytes) -> None:
        if not self._pack.set_running_or_notify_cancel():
            return
        if not port.isdigit():
            self._pack.set_exception(RuntimeError("could not read policy pack port"))
            return
        # Like the real proxy, it receives at most 4 MB in a message, which is gRPC's default.
        channel = grpc.insecure_channel(f"127.0.0.1:{int(port)}")
        if stack := self._stack.result():
            try:
                _call(channel, CONFIGURE_STACK)(stack.SerializeToString())
            except grpc.RpcError as error:
                # Older packs have no such method.
                if error.code() != grpc.StatusCode.UNIMPLEMENTED:
                    self._pack.set_exception(error)
                    return
        self._pack.set_result(channel)

    def _configure_stack(self, request: bytes, _: Any) -> bytes:
        self._configure(analyzer_pb2.AnalyzerStackConfigureRequest.FromString(request))
        return b""

    def _configure(self, stack: Any) -> None:
        if self._stack.set_running_or_notify_cancel():
            self._stack.set_result(stack)

    def _forward(self, method: str, request: bytes, context: Any) -> bytes:
        if not self._stack.done():
            self._configure(None)
        try:
            return _call(self._pack.result(), method)(request)
        except grpc.RpcError as error:
            context.abort(error.code(), error.details())
            raise
        except (RuntimeError, futures.CancelledError) as error:
            self._failed.set()
            context.abort(grpc.StatusCode.UNKNOWN, f"policy pack not started: {error}")
            raise


def _call(channel: grpc.Channel, method: str) -> Callable[[bytes], bytes]:
    """Return a method of a channel, which takes and returns serialized messages."""
    call: Callable[[bytes], bytes] = channel.unary_unary(method, None, None)
    return call
