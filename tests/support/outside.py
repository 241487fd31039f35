"""The outside world for tests of delivery: an HTTP receiver that can misbehave, on loopback."""

import socket
import struct
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Received:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """What arrived, and how paths behave: `answers[path]` is (status, headers, body) or a deed."""

    received: list[Received] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=lambda: defaultdict(lambda: (200, {}, b"{}")))
    url: str = ""
    #: Set when requests that hang may go on.
    released: threading.Event = field(default_factory=threading.Event)
    lock: threading.Condition = field(default_factory=threading.Condition)

    def note(self, received: Received) -> None:
        with self.lock:
            self.received.append(received)
            self.lock.notify_all()

    def paths(self, prefix: str) -> list[str]:
        with self.lock:
            return [one.path for one in self.received if one.path.startswith(prefix)]

    def wait_for(self, prefix: str, count: int, *, timeout: float) -> bool:
        def reached() -> bool:
            return sum(one.path.startswith(prefix) for one in self.received) >= count

        with self.lock:
            return self.lock.wait_for(reached, timeout)

    def start(self, host: str = "127.0.0.1") -> Callable[[], None]:
        """Listen on a free port of loopback; return what stops it."""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {k.lower(): v for k, v in self.headers.items()}
                receiver.note(Received(self.path, headers, body))
                answer = receiver.answers[self.path]
                if callable(answer):
                    answer(self, receiver)
                    return
                status, extra, content = answer
                self.send_response(status)
                for name, value in extra.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST  # noqa: N815 - the name http.server looks for

            def log_message(self, *args: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

            def handle_error(self, *args: object) -> None:
                pass

        server = Server((host, 0), Handler)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        self.url = f"http://{host}:{server.server_address[1]}"

        def stop() -> None:
            self.released.set()
            server.shutdown()
            server.server_close()
            thread.join(5)

        return stop


def hang(handler: BaseHTTPRequestHandler, receiver: Receiver) -> None:
    """Take the request and never answer."""
    receiver.released.wait(30)
    handler.close_connection = True


def reset(handler: BaseHTTPRequestHandler, receiver: Receiver) -> None:
    """Take the whole request, then reset the connection."""
    linger = struct.pack("ii", 1, 0)
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    handler.rfile.close()
    handler.wfile.close()
    handler.connection.close()
    handler.close_connection = True


def drip(handler: BaseHTTPRequestHandler, receiver: Receiver) -> None:
    """Answer a byte at a time, each well within any timeout of a single read."""
    handler.close_connection = True
    try:
        for byte in b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 2000:
            handler.wfile.write(bytes([byte]))
            if receiver.released.wait(0.05):
                return
    except OSError:
        return
