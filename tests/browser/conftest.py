"""A real Chromium, a real server, and what every browser test asks of a page."""

import os
import shutil
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

SCREENSHOTS = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
# Chromium looks up its maker's hosts at every start unless told not to.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ELSEWHERE = "www.bbc.co.uk"


@contextmanager
def served(app, **how):
    """Serve an app on a free port of this machine, in a thread; gives its host and port."""
    server = make_server("127.0.0.1", 0, app, threaded=True, **how)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join(timeout=10)
        server.server_close()


@pytest.fixture
def base_url(app):
    """The address of the app of this test, answered by its scripted dialogue."""
    with served(app) as address:
        yield f"http://{address}"


@pytest.fixture(scope="session")
def elsewhere():
    """A stand-in for the site that people are sent to when they leave: the browser is told that it is here."""
    with served(Response("<title>Weather</title>", mimetype="text/html"), ssl_context="adhoc") as address:
        yield address


@pytest.fixture(scope="module")
def chromium(elsewhere):
    """The browser of this machine; not for longer, because its driver keeps an event loop running in this thread."""
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        pytest.skip("No Chromium on this machine. Install one (Debian: apt-get install chromium).")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=[*QUIET, f"--host-resolver-rules=MAP {ELSEWHERE} {elsewhere}"]
        )
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium):
    """A function that opens an address in a new, private window: `open_page(url, width=1280, scripts=True)`.

    Whatever a page complains of in the console fails the test: a policy that is broken, a script that stops.
    """
    contexts, complaints = [], []

    def open_(url, *, width=1280, scripts=True):
        height = 900 if width > 600 else 640
        context = chromium.new_context(
            viewport={"width": width, "height": height}, java_script_enabled=scripts, ignore_https_errors=True
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        page.goto(url)
        return page

    yield open_
    for context in contexts:
        context.close()
    # Refused posts and cut connections are what some tests are about, and they see to them.
    assert [line for line in complaints if not line.startswith("Failed to load resource")] == []


def assert_accessible(page):
    """No violation of WCAG 2.2 A and AA or of axe's best practice on the page as it stands."""
    results = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
    assert results.violations_count == 0, results.generate_report()


def assert_no_sideways_scroll(page):
    """The page is no wider than its window."""
    assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")


def screenshot(page, name):
    """Keep a picture for the documentation, when asked for with SPEAKUP_SCREENSHOTS=1."""
    if os.environ.get("SPEAKUP_SCREENSHOTS") == "1":
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.mouse.move(0, 0)
        page.screenshot(path=SCREENSHOTS / f"{name}.png")
