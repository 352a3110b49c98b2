"""The content of a response, decompressed piece by piece as it comes in."""

import zlib
from collections.abc import AsyncIterable, AsyncIterator

import httpx

PIECE = 64 * 1024
"""Bytes that are decompressed at a time, so that the reader can stop: a thousand bytes can hold a million."""

_WINDOWS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
"""Codings that are decompressed, with zlib's number for them."""


class BadCompression(Exception):
    """The content is not compressed as its header says, or ends early."""


def is_compressed(response: httpx.Response) -> bool:
    """Whether `pieces` decompresses the content: some hosts compress it, although every request asks them not to."""
    return _window(response) is not None


def pieces(response: httpx.Response) -> AsyncIterable[bytes]:
    """The content in pieces, decompressed; the caller closes the response.

    Only one layer is decompressed. Content with several layers, or in an unknown coding, comes as it is. Iterating
    raises BadCompression.
    """
    # Straight from the transport: httpx decompresses all of a piece at once, and every layer.
    assert isinstance(response.stream, httpx.AsyncByteStream)
    window = _window(response)
    return response.stream if window is None else _decompressed(response.stream, window)


def _window(response: httpx.Response) -> int | None:
    header = response.headers.get("Content-Encoding")
    if header is None:
        return None
    codings = [coding.strip().lower() for coding in header.split(",")]
    layers = [coding for coding in codings if coding not in ("", "identity")]
    return _WINDOWS.get(layers[0]) if len(layers) == 1 else None


async def _decompressed(stream: AsyncIterable[bytes], window: int) -> AsyncIterator[bytes]:
    decompressor = zlib.decompressobj(window)
    try:
        async for compressed in stream:
            left, full = compressed, True
            while (left or full) and not decompressor.eof:
                piece = decompressor.decompress(left, PIECE)
                left, full = decompressor.unconsumed_tail, len(piece) == PIECE
                if piece:
                    yield piece
    except zlib.error as error:
        raise BadCompression(str(error)) from error
    if not decompressor.eof:
        raise BadCompression("the compressed content ends early")
