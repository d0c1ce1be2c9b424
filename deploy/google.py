"""Google's REST interfaces, called with the operator's own credentials."""

import time
from collections.abc import Mapping
from typing import Any, Final

import google.auth
import httpx2
from google.auth.exceptions import GoogleAuthError
from google.auth.transport.requests import Request

from deploy.errors import DeployError

SCOPE: Final = "https://www.googleapis.com/auth/cloud-platform"

NO_CREDENTIALS: Final = (
    "There are no Google credentials. Run `gcloud auth application-default login`, or set "
    "GOOGLE_APPLICATION_CREDENTIALS to the key file of a service account."
)

ROOTS: Final[Mapping[str, str]] = {
    "billing": "https://cloudbilling.googleapis.com/v1",
    "hosting": "https://firebasehosting.googleapis.com/v1beta1",
    "projects": "https://cloudresourcemanager.googleapis.com/v3",
    "scheduler": "https://cloudscheduler.googleapis.com/v1",
    "secrets": "https://secretmanager.googleapis.com/v1",
    "services": "https://serviceusage.googleapis.com/v1",
    "storage": "https://storage.googleapis.com/storage/v1",
}
"""Service → where its paths begin."""

PATIENCE = 60.0
"""Seconds that one call may take."""


class Google:
    """Calls for one project. `roots` are for a stand-in of Google's servers."""

    def __init__(self, project: str, token: str, roots: Mapping[str, str] = ROOTS) -> None:
        self.project = project
        self._roots = roots
        headers = {"Authorization": f"Bearer {token}", "X-Goog-User-Project": project}
        self._http = httpx2.Client(headers=headers, timeout=PATIENCE)

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

    def _send(self, method: str, url: str, **options: Any) -> httpx2.Response:
        try:
            return self._http.request(method, url, **options)
        except httpx2.TransportError as error:
            raise DeployError(f"{httpx2.URL(url).host} does not answer: {error}. Try again.") from error


def signed_in(project: str) -> Google:
    """Google, with the credentials of the environment. Raises DeployError where there are none that hold."""
    try:
        credentials, _ = google.auth.default(scopes=[SCOPE])
        credentials.refresh(Request())
    except GoogleAuthError as error:
        raise DeployError(NO_CREDENTIALS) from error
    return Google(project, str(credentials.token))


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
