"""A TCP proxy on loopback that can be cut or slow.

It closes connections; or takes bytes and says nothing, as a firewall, a load balancer or a pulled
cable does, of which nobody hears; or is late.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

_CHUNK = 65536


class Proxy:
    """Forwards connections to a port of loopback, until told otherwise."""

    def __init__(self, *, to_port: int) -> None:
        self._to_port = to_port
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = int(self._listener.getsockname()[1])
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self._silent: set[socket.socket] = set()
        #: Whether new connections are taken and never forwarded.
        self._mute = False
        #: Seconds for which whatever passes is held back, in each direction.
        self.lag = 0.0
        self._closed = False
        threading.Thread(target=self._accept, daemon=True).start()

    def swallow(self) -> None:
        """From now on take bytes of both sides, forward none, and close nothing."""
        with self._lock:
            self._mute = True
            self._silent.update(self._open)

    def heal(self) -> None:
        """Forward new connections again; those that were swallowed stay dead."""
        with self._lock:
            self._mute = False

    def cut(self) -> None:
        """Close every connection there is; new ones are forwarded."""
        with self._lock:
            gone, self._open = self._open, []
        for one in gone:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def close(self) -> None:
        """Stop."""
        self._closed = True
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while not self._closed:
            try:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self._to_port), timeout=5)
            except OSError:
                continue
            far.settimeout(None)
            with self._lock:
                self._open += [near, far]
                if self._mute:
                    self._silent.update((near, far))
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._pump, args=(source, sink), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(_CHUNK):
                time.sleep(self.lag)
                if source not in self._silent:
                    sink.sendall(data)
        if source not in self._silent:
            for one in (source, sink):
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def proxy(*, to_port: int) -> Iterator[Proxy]:
    """Yield a proxy that is gone when the block ends."""
    made = Proxy(to_port=to_port)
    try:
        yield made
    finally:
        made.close()
