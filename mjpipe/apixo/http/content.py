"""The content of a response, unpacked piece by piece as it comes in."""

import zlib
from collections.abc import AsyncIterable, AsyncIterator

import httpx

PIECE = 64 * 1024
"""Bytes that are unpacked at a time, so that the reader can stop: a thousand bytes can hold a million."""

_WINDOWS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
"""Codings that are unpacked, with zlib's number for them."""


class BadlyPacked(Exception):
    """The content is not packed as its header says, or ends early."""


def is_packed(response: httpx.Response) -> bool:
    """Whether the content is unpacked here: compressed, although every request asks for it as it is."""
    return _window(response) is not None


def pieces(response: httpx.Response) -> AsyncIterable[bytes]:
    """The content in pieces, unpacked; the caller closes the response.

    Only one layer is unpacked. Content with several layers, or in an unknown coding, comes as it is. Iterating raises
    BadlyPacked.
    """
    # Straight from the transport: httpx unpacks all that a piece holds at once, and each layer of it.
    assert isinstance(response.stream, httpx.AsyncByteStream)
    window = _window(response)
    return response.stream if window is None else _unpacked(response.stream, window)


def _window(response: httpx.Response) -> int | None:
    codings = [coding.strip().lower() for coding in response.headers.get("Content-Encoding", "").split(",")]
    layers = [coding for coding in codings if coding not in ("", "identity")]
    return _WINDOWS.get(layers[0]) if len(layers) == 1 else None


async def _unpacked(stream: AsyncIterable[bytes], window: int) -> AsyncIterator[bytes]:
    unpacker = zlib.decompressobj(window)
    try:
        async for packed in stream:
            left, full = packed, True
            while (left or full) and not unpacker.eof:
                piece = unpacker.decompress(left, PIECE)
                left, full = unpacker.unconsumed_tail, len(piece) == PIECE
                if piece:
                    yield piece
    except zlib.error as error:
        raise BadlyPacked(str(error)) from error
    if not unpacker.eof:
        raise BadlyPacked("the packed content ends early")
