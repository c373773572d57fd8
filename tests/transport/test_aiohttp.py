"""The suite uses httpx2 even if aiohttp is installed, which the SDK would use for asynchronous requests."""

import io

import pytest
from google import genai
from google.genai import _api_client, types

from fixtures.clock.clock import Clock
from fixtures.images.folder import load_images
from fixtures.transport.client import open_session
from fixtures.transport.responders import CannedResponder
from fixtures.transport.wire import Wire


def test_requests_stay_on_the_suites_transports_where_aiohttp_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """With aiohttp, an asynchronous request, a stream and an upload (two requests) still go through the wire."""
    monkeypatch.setattr(_api_client, "has_aiohttp", True)
    wire = Wire(Clock(skip=False), CannedResponder())
    image = load_images("four").images[0]
    upload = types.UploadFileConfig(mime_type="image/jpeg")

    async def ask(client: genai.Client) -> list[str | None]:
        await client.aio.models.generate_content(model="m", contents=image.part)
        chunks = await client.aio.models.generate_content_stream(model="m", contents=image.part)
        texts = [chunk.text async for chunk in chunks]
        await client.aio.files.upload(file=io.BytesIO(image.data), config=upload)
        return texts

    with open_session(wire) as session:
        wire.start_round(0)
        texts: list[str | None] = session.run(ask)
    assert texts == ["0"]
    sent = [exchange.sent.resource for exchange in wire.end_round()]
    assert sent == ["models/m:generateContent", "models/m:streamGenerateContent", "files", "files"]
