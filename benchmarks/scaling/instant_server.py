"""A server that answers every request immediately, in a separate process, so that only the client's work is measured.

It imports only the standard library, so that it starts fast.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager


def make_response(people: int) -> bytes:
    """Return the body of a response with this number as its answer, in Gemini's format."""
    tokens = [{"modality": "TEXT", "tokenCount": 18}, {"modality": "IMAGE", "tokenCount": 1084}]
    content = {"parts": [{"text": str(people)}], "role": "model"}
    document = {
        "candidates": [{"content": content, "finishReason": "STOP", "index": 0}],
        "usageMetadata": {
            "promptTokenCount": 1102,
            "candidatesTokenCount": 1,
            "totalTokenCount": 1103 + people,
            "promptTokensDetails": tokens,
            "thoughtsTokenCount": people,
        },
        "modelVersion": "some-model",
        "responseId": f"mc5OXC124PA2rcDGl{people:05}",
    }
    return json.dumps(document, indent=2).encode()


@contextmanager
def run_instant_server() -> Iterator[str]:
    """Run the server during the block; yield its base URL."""
    command = [sys.executable, __file__]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer the requests of one connection."""
    body = make_response(4)
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=UTF-8\r\ncontent-length: {len(body)}\r\n\r\n"
    try:
        while True:
            headers = (await reader.readuntil(b"\r\n\r\n")).lower()
            await reader.readexactly(int(headers.partition(b"content-length:")[2].split(b"\r\n", 1)[0]))
            writer.write(head.encode() + body)
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def _serve() -> None:
    """Print the port, and serve on loopback until standard input is closed, which happens when the parent ends."""
    # The buffer holds whole requests, because waiting for the server would cost the client CPU time.
    server = await asyncio.start_server(_answer, "127.0.0.1", limit=2**20)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve())
