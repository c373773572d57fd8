"""Reads pages: their text, and, in a headless browser through the DevTools protocol, their behaviour and layout."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import connect
from websockets.sync.connection import Connection

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
TELEPHONE = 500
"""The width in pixels below which a screen is emulated as a telephone."""
LISTENING = re.compile(r"DevTools listening on (ws://\S+)")
OPEN_ALL = "document.querySelectorAll('details').forEach(each => each.open = true)"
"""JavaScript that opens all `details` elements."""
OVERLAPPING = """(() => {
  const leaves = [...document.querySelectorAll("h1, h2, h3, p, li, dt, dd, th, td, caption")].filter(
    each => !each.closest(".hidden") && each.checkVisibility() && each.getClientRects().length
      && !each.querySelector("p, li, th, td"));
  const boxes = leaves.map(each => [each, each.getBoundingClientRect()]);
  const over = [];
  for (let i = 0; i < boxes.length; i++) for (let j = i + 1; j < boxes.length; j++) {
    const [a, x] = boxes[i], [b, y] = boxes[j];
    const wide = Math.min(x.right, y.right) - Math.max(x.left, y.left);
    const high = Math.min(x.bottom, y.bottom) - Math.max(x.top, y.top);
    if (wide > 1 && high > 1 && !a.contains(b) && !b.contains(a)
        && a.closest(".wide") === b.closest(".wide")) over.push(a.textContent + " / " + b.textContent);
  }
  return over;
})()"""
"""JavaScript that lists the texts of a page that overlap."""
CONTRAST = """(() => {
  const light = color => { const [r, g, b] = color.match(/[0-9.]+/g).map(Number).map(
    v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b; };
  const behind = each => { for (; each; each = each.parentElement) {
    const color = getComputedStyle(each).backgroundColor;
    if (!/, 0\\)$/.test(color)) return color; }
    return "rgb(255, 255, 255)"; };
  const low = [];
  for (const each of document.querySelectorAll(
    "h1, h2, h3, p, li, a, dt, dd, summary, blockquote, th, td, caption, figure svg")) {
    const [a, b] = [light(getComputedStyle(each).color), light(behind(each))].sort((x, y) => y - x);
    if ((a + .05) / (b + .05) < 4.5) low.push(each.tagName + " " + each.textContent.slice(0, 40));
  }
  return low;
})()"""
"""JavaScript that lists the elements whose text has too little contrast (WCAG 2: below 4.5 to 1)."""


def find_browser() -> str | None:
    """Return the path of a browser; None if there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


needs_browser = pytest.mark.skipif(find_browser() is None, reason="needs a browser (Debian's chromium)")


def read_text(page: Path) -> str:
    """Return the text of a page's elements."""
    found: list[str] = []

    class Reader(HTMLParser):
        def handle_data(self, data: str) -> None:
            found.append(data)

    Reader().feed(page.read_text(encoding="utf-8"))
    return " ".join(" ".join(found).split())


class Page:
    """A page in the browser, with its requests and console messages."""

    def __init__(self, socket: Connection) -> None:
        self._socket = socket
        self._number = 0
        self._session = ""
        self.events: list[dict[str, Any]] = []
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and return its result; events that arrive meanwhile are kept."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        self._socket.send(json.dumps(message | ({"sessionId": self._session} if self._session else {})))
        while True:
            answer = json.loads(self._socket.recv(timeout=30))
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]  # type: ignore[no-any-return]
            self.events.append(answer)

    def open(self, path: Path, *, width: int, scheme: str) -> None:
        """Show a file at a width in pixels, in the colour scheme `light` or `dark`."""
        self.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < TELEPHONE
        )
        self.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.events.clear()
        self.send("Page.navigate", url=path.resolve().as_uri())
        self.evaluate(
            "new Promise(done => document.readyState == 'complete' ? done() : addEventListener('load', done))"
        )

    def evaluate(self, expression: str) -> Any:
        """Return the value of a JavaScript expression."""
        result = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    @property
    def requests(self) -> list[str]:
        """The URLs of all requests, including those of the page itself and of embedded data."""
        sent = [event["params"] for event in self.events if event["method"] == "Network.requestWillBeSent"]
        return [parameters["request"]["url"] for parameters in sent]

    @property
    def complaints(self) -> list[str]:
        """The errors and messages on the console."""
        kinds = ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded")
        return [json.dumps(event["params"]) for event in self.events if event["method"] in kinds]


@contextmanager
def open_browser(folder: Path) -> Iterator[Page]:
    """Start a browser with a profile in this folder."""
    command = [
        find_browser() or "",
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--remote-debugging-port=0",
    ]
    options = [
        f"--user-data-dir={folder}",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--no-first-run",
        "about:blank",
    ]
    with subprocess.Popen([*command, *options], stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            found = next(found for line in process.stderr if (found := LISTENING.search(line)))
            with connect(found[1], max_size=None) as socket:
                yield Page(socket)
        finally:
            process.kill()
