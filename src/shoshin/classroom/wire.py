"""Send frames over the one socket between the grading process and the student's."""

from __future__ import annotations

import socket
import struct
import time

LENGTH = struct.Struct("!Q")
MOST_BYTES = 256 * 2**20


class Ended(Exception):
    """The other side has hung up, or sends what no side may send."""


class OutOfPatience(Exception):
    """The other side did not answer in time."""


class Wire:
    """Whole frames of bytes, one after another, in both directions."""

    def __init__(self, end: socket.socket, most_bytes: int = MOST_BYTES) -> None:
        self.end, self.most_bytes = end, most_bytes

    def send(self, frame: bytes, until: float | None = None) -> None:
        """Send a frame; `until` is a moment of time.monotonic().

        Raises:
            Ended, OutOfPatience
        """
        try:
            self._limit(until)
            self.end.sendall(LENGTH.pack(len(frame)))
            self.end.sendall(frame)
        except TimeoutError as error:
            raise OutOfPatience from error
        except OSError as error:
            raise Ended from error

    def receive(self, until: float | None = None) -> bytes:
        """Return the next frame.

        Raises:
            Ended, OutOfPatience
        """
        (length,) = LENGTH.unpack(self._exactly(LENGTH.size, until))
        if length > self.most_bytes:
            raise Ended
        return self._exactly(length, until)

    def _exactly(self, number: int, until: float | None) -> bytes:
        # What is announced is not believed: memory is taken for what has come.
        parts, left = [], number
        while left:
            try:
                self._limit(until)
                part = self.end.recv(min(left, 2**20))
            except TimeoutError as error:
                raise OutOfPatience from error
            except OSError as error:
                raise Ended from error
            if not part:
                raise Ended
            parts.append(part)
            left -= len(part)
        return b"".join(parts)

    def _limit(self, until: float | None) -> None:
        if until is None:
            self.end.settimeout(None)
            return
        left = until - time.monotonic()
        if left <= 0:
            raise OutOfPatience
        self.end.settimeout(left)
