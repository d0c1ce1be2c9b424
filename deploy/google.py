"""Google's REST interfaces, called with the operator's own credentials."""

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import google.auth
import httpx2
from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError
from google.auth.transport.requests import Request

from deploy.errors import DeployError

SCOPE: Final = "https://www.googleapis.com/auth/cloud-platform"

NO_CREDENTIALS: Final = (
    "There are no Google credentials. Run `gcloud auth application-default login`, or set "
    "GOOGLE_APPLICATION_CREDENTIALS to the key file of a service account."
)

OLD_CREDENTIALS: Final = (
    "The Google credentials could not be renewed: {error}. Try again, or run "
    "`gcloud auth application-default login`."
)

ROOTS: Final[Mapping[str, str]] = {
    "artifacts": "https://artifactregistry.googleapis.com/v1",
    "billing": "https://cloudbilling.googleapis.com/v1",
    "firestore": "https://firestore.googleapis.com/v1",
    "functions": "https://cloudfunctions.googleapis.com/v2",
    "hosting": "https://firebasehosting.googleapis.com/v1beta1",
    "logging": "https://logging.googleapis.com/v2",
    "projects": "https://cloudresourcemanager.googleapis.com/v3",
    "run": "https://run.googleapis.com/v2",
    "scheduler": "https://cloudscheduler.googleapis.com/v1",
    "secrets": "https://secretmanager.googleapis.com/v1",
    "services": "https://serviceusage.googleapis.com/v1",
    "storage": "https://storage.googleapis.com/storage/v1",
}
"""Service → where its paths begin."""

PATIENCE = 60.0
"""Seconds that one call may take."""


PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds between the tries of a call that Google could not answer. Each call here may be made twice."""

BUSY: Final = frozenset({429, 500, 502, 503, 504})

NOT_YET: Final = "SERVICE_DISABLED"
"""In a 403: an interface answers so for a while after it was enabled."""


class Google:
    """Calls for one project. `token` returns a valid access token; `roots` lead to a stand-in in tests."""

    def __init__(self, project: str, token: Callable[[], str], roots: Mapping[str, str] = ROOTS) -> None:
        self.project = project
        self._token = token
        self._roots = roots
        self._http = httpx2.Client(headers={"X-Goog-User-Project": project}, timeout=PATIENCE)

    def get(self, service: str, path: str) -> dict[str, Any] | None:
        """What is at a path; None where there is nothing. Raises DeployError."""
        answer = self._send("GET", f"{self._roots[service]}/{path}")
        return None if answer.status_code == 404 else _content(answer)

    def post(self, service: str, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a call. Raises DeployError."""
        return _content(self._send("POST", f"{self._roots[service]}/{path}", json=body))

    def patch(self, service: str, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a change. Raises DeployError."""
        return _content(self._send("PATCH", f"{self._roots[service]}/{path}", json=body))

    def upload(self, url: str, content: bytes) -> None:
        """Send bytes to a URL that Google named. Raises DeployError."""
        _content(
            self._send("POST", url, content=content, headers={"Content-Type": "application/octet-stream"})
        )

    def wait(self, service: str, operation: Mapping[str, Any], seconds: float = 180.0) -> None:
        """Return when a long operation is done. Raises DeployError where it fails, or takes longer."""
        deadline = time.monotonic() + seconds
        while not operation.get("done"):
            if time.monotonic() > deadline:
                raise DeployError(f"Google is still busy with {operation['name']}. Run this again.")
            time.sleep(2)
            operation = self.get(service, operation["name"]) or {"done": True}
        if "error" in operation:
            raise DeployError(
                f"Google could not do it: {operation['error'].get('message', operation['error'])}"
            )

    def _send(
        self, method: str, url: str, headers: Mapping[str, str] | None = None, **options: Any
    ) -> httpx2.Response:
        for pause in (*PAUSES, None):
            named = {"Authorization": f"Bearer {self._token()}", **(headers or {})}
            try:
                answer = self._http.request(method, url, headers=named, **options)
            except httpx2.TransportError as error:
                if pause is None:
                    raise DeployError(
                        f"{httpx2.URL(url).host} does not answer: {error}. Try again."
                    ) from error
            else:
                if pause is None or not _may_come_right(answer):
                    return answer
            time.sleep(pause)
        raise AssertionError("the last try returns or raises")


def signed_in(project: str) -> Google:
    """Google, with the credentials of the environment. Raises DeployError where there are none that hold."""
    try:
        credentials, _ = google.auth.default(scopes=[SCOPE])
    except DefaultCredentialsError as error:
        raise DeployError(NO_CREDENTIALS) from error

    def token() -> str:
        # Terraform may take longer than a token holds.
        if not credentials.valid:
            try:
                credentials.refresh(Request())
            except GoogleAuthError as error:
                raise DeployError(OLD_CREDENTIALS.format(error=error.args[0])) from error
        return str(credentials.token)

    token()
    return Google(project, token)


def _may_come_right(answer: httpx2.Response) -> bool:
    return answer.status_code in BUSY or (answer.status_code == 403 and NOT_YET in answer.text)


def _content(answer: httpx2.Response) -> dict[str, Any]:
    if answer.is_error:
        try:
            said = answer.json()["error"]["message"]
        except (ValueError, KeyError, TypeError):
            said = answer.text[:300]
        raise DeployError(
            f"{answer.request.url.host} refuses {answer.request.url.path} ({answer.status_code}): {said}"
        )
    return answer.json() if answer.content else {}
