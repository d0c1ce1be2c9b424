"""A real Chromium, and pages that fail a test for what a person would not see at once."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, sync_playwright

from crm.entry.auth import COOKIE
from tests.support import ROOT

ARTIFACTS = ROOT / "tests" / "artifacts"

_QUIET = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
]
_EXPECTED = (("/api/v1/session", "401"), ("/api/v1/messages/preview", "422"), ("/favicon.ico", "404"))
"""What the browser reports and nobody minds: not signed in yet, a misspelt field, no icon of old."""

_WATCH_POLICY = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP violation: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """This machine's Chromium or Chrome, else Playwright's own, fetched where it is missing."""
    with sync_playwright() as playwright:
        browser = _launch(playwright)
        yield browser
        browser.close()


class Visit:
    """A page that is watched: `faults` are console errors, exceptions and violations of the page's policy."""

    def __init__(self, browser: Browser, url: str) -> None:
        self._context = browser.new_context(base_url=url, viewport={"width": 1280, "height": 900})
        self.page: Page = self._context.new_page()
        self.faults: list[str] = []
        self.page.add_init_script(_WATCH_POLICY)
        self.page.on("pageerror", lambda error: self.faults.append(f"exception: {error}"))
        self.page.on("console", self._heard)

    def sign_in(self, client: httpx2.Client) -> None:
        """Take over the session of an API client."""
        url = str(client.base_url.copy_with(raw_path=b"/"))
        self._context.add_cookies([{"name": COOKIE, "value": client.cookies[COOKIE], "url": url}])

    def check(self, name: str) -> None:
        """Screenshot the page as `name`, and fail for what axe finds or what went wrong so far."""
        ARTIFACTS.mkdir(exist_ok=True)
        self.page.screenshot(path=ARTIFACTS / f"{name}.png", full_page=True)
        found = Axe().run(self.page)
        assert found.violations_count == 0, f"{name}: {found.generate_report()}"
        assert self.faults == [], f"{name}: {self.faults}"

    def close(self, name: str) -> None:
        """Leave, with what was seen last as a screenshot for whoever wonders why a test failed."""
        ARTIFACTS.mkdir(exist_ok=True)
        self.page.screenshot(path=ARTIFACTS / f"last-of-{name}.png")
        self._context.close()

    def _heard(self, message: ConsoleMessage) -> None:
        url = str(message.location.get("url", ""))
        expected = any(url.endswith(path) and status in message.text for path, status in _EXPECTED)
        if message.type == "error" and not expected:
            self.faults.append(f"{message.text} ({url})")


def _launch(playwright: Playwright) -> Browser:
    arguments = [*_QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    return playwright.chromium.launch(executable_path=_executable(playwright), args=arguments)


def _executable(playwright: Playwright) -> str:
    """A path to a browser that is there. Fails with the installer's words where none can be had."""
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        if found := shutil.which(name):
            return found
    own = playwright.chromium.executable_path
    if not Path(own).exists():
        _fetch()
    return shutil.which("chromium") or own


def _fetch() -> None:
    """The distribution's package where we may install it, for it brings its libraries; else Playwright's."""
    ways = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        ways.insert(0, ["apt-get", "install", "-y", "--no-install-recommends", "chromium"])
    said = []
    for command in ways:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return
        said.append(f"{' '.join(command)}: {done.stderr.strip()[-500:]}")
    raise AssertionError("No Chromium is here and none could be installed. " + " ".join(said))
