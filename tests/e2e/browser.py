"""A real Chromium, and pages that fail a test for console errors, policy violations and what axe finds."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import httpx2
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, expect, sync_playwright

from crm.access.session_auth import COOKIE
from devstack.locks import locked
from devstack.paths import cache_folder
from tests.support import ROOT
from tests.waiting import PATIENCE

ARTIFACTS = ROOT / "tests" / "artifacts"

expect.set_options(timeout=15_000)  # other tests keep the machine busy

Theme = Literal["light", "dark"]
Look = tuple[int, Theme]
ALL_LOOKS: tuple[Look, ...] = ((1280, "light"), (1280, "dark"), (375, "light"), (375, "dark"))

_QUIET = [
    "--disable-gpu",  # without a GPU, emulating one is slower
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
]
_EXPECTED = (
    ("/api/v1/session", "401"),
    ("/api/v1/messages/preview", "422"),
    ("/api/v1/messages/previews", "422"),
    ("/favicon.ico", "404"),
)
"""Errors that the browser reports in normal use: not signed in yet, a misspelt field, no favicon.ico."""

_VIOLATIONS = {"resultTypes": ["violations"]}
"""All rules are checked; details of the elements that pass, which take twice as long, are left out."""

_WATCH_POLICY = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP violation: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """This machine's Chromium or Chrome, or else Playwright's own, which is installed if it is missing."""
    expect.set_options(timeout=1_000 * PATIENCE)
    with sync_playwright() as playwright:
        browser = _launch(playwright)
        yield browser
        browser.close()


class Visit:
    """A visitor with a page. `faults` are console errors, exceptions and violations of the content policy."""

    def __init__(self, browser: Browser, url: str, width: int = 1280, theme: Theme = "light") -> None:
        self._context = browser.new_context(
            base_url=url,
            viewport={"width": width, "height": 900},
            color_scheme=theme,
            locale="en-GB",
            reduced_motion="reduce",  # else a screenshot may show colours on their way
        )
        self.faults: list[str] = []
        self._expected = list(_EXPECTED)
        self._away = False
        self.page: Page = self.tab()

    def tab(self) -> Page:
        """Another page of the same visitor, watched like the first."""
        page = self._context.new_page()
        page.set_default_timeout(1_000 * PATIENCE)
        page.add_init_script(_WATCH_POLICY)
        page.on("pageerror", lambda error: self.faults.append(f"exception: {error}"))
        page.on("console", self._heard)
        return page

    def expects(self, path: str, status: int) -> None:
        """Do not count an answer of this status from a URL that ends in `path` as a fault."""
        self._expected.append((path, str(status)))

    def expects_any(self, status: int) -> None:
        """As `expects`, for any path."""
        self._expected.append(("", str(status)))

    @contextmanager
    def offline(self) -> Iterator[None]:
        """No network for this visitor. The errors that this causes are not counted as faults."""
        self._away = True
        self._context.set_offline(True)
        yield
        self._context.set_offline(False)

    def sign_out_elsewhere(self) -> None:
        """End the session without the page noticing."""
        self._context.clear_cookies()

    def sign_in(self, client: httpx2.Client) -> None:
        """Take over the session of an API client."""
        url = str(client.base_url.copy_with(raw_path=b"/"))
        self._context.add_cookies([{"name": COOKIE, "value": client.cookies[COOKIE], "url": url}])

    def check(self, name: str) -> None:
        """Screenshot the page as `name`; fail if axe finds a violation or a fault occurred so far."""
        ARTIFACTS.mkdir(exist_ok=True)
        expect(self.page.get_by_test_id("skeleton")).to_have_count(0)
        self.page.screenshot(path=ARTIFACTS / f"{name}.jpg", full_page=True, quality=60)  # PNG takes longer
        found = Axe().run(self.page, options=_VIOLATIONS)
        assert found.violations_count == 0, f"{name}: {found.generate_report()}"
        assert self.faults == [], f"{name}: {self.faults}"

    def check_all_looks(self, name: str, looks: Sequence[Look] = ALL_LOOKS) -> None:
        """`check` at each width in each theme; fail if the content is wider than the viewport."""
        for width, theme in looks:
            self.page.set_viewport_size({"width": width, "height": 900})
            self.page.emulate_media(color_scheme=theme)
            self.check(f"{name}-{width}-{theme}")
            wide = self.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{name} is {wide} wide at {width}"

    def close(self, name: str) -> None:
        """Close the page, keeping a last screenshot to explain a failed test."""
        ARTIFACTS.mkdir(exist_ok=True)
        self.page.screenshot(path=ARTIFACTS / f"last-of-{name}.png")
        # Pages poll, so a request that the test answers itself may be in flight.
        self.page.unroute_all(behavior="ignoreErrors")
        self._context.close()

    def _heard(self, message: ConsoleMessage) -> None:
        url = str(message.location.get("url", ""))
        expected = any(url.endswith(path) and status in message.text for path, status in self._expected)
        expected |= self._away and "ERR_INTERNET_DISCONNECTED" in message.text
        if message.type == "error" and not expected:
            self.faults.append(f"{message.text} ({url})")


def _launch(playwright: Playwright) -> Browser:
    arguments = [*_QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    return playwright.chromium.launch(executable_path=_executable(playwright), args=arguments)


def _executable(playwright: Playwright) -> str:
    """The path of a browser, installed if missing. Raises AssertionError with the installers' output."""
    with locked(cache_folder() / "browser.lock"):  # of several workers, one installs
        if found := _found(playwright):
            return found
        _fetch()
    return _found(playwright) or playwright.chromium.executable_path


def _found(playwright: Playwright) -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    system = next(filter(None, map(shutil.which, names)), None)
    own = playwright.chromium.executable_path
    return system or (own if Path(own).exists() else None)


def _fetch() -> None:
    """Install the distribution's package as root, since it brings its libraries; otherwise Playwright's."""
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
