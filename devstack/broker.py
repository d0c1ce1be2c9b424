"""Administration of the Pub/Sub emulator over its REST interface.

REST rather than the client library: gRPC's threads do not go well with a process that starts others.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import httpx2

from crm.kernel.batches import batched
from devstack.errors import StackError

Message = Mapping[str, Any]
"""A Pub/Sub message as its REST interface writes it: `data` in base64, `attributes`."""

_TIMEOUT = 30.0
_PULL = 1000


class Broker:
    """The topics and subscriptions of one project. Every method raises StackError where that fails."""

    def __init__(self, host: str, project: str) -> None:
        self._project = f"projects/{project}"
        self._http = httpx2.Client(
            base_url=f"http://{host}/v1/{self._project}",
            timeout=_TIMEOUT,
            limits=httpx2.Limits(max_keepalive_connections=0),  # the emulator may be another one by then
            trust_env=False,
        )

    def create_topic(self, topic: str) -> None:
        self._call("PUT", f"/topics/{topic}", {})

    def topic_name(self, topic: str) -> str:
        """The full name, as a subscription's settings want it."""
        return f"{self._project}/topics/{topic}"

    def create_subscription(self, name: str, settings: Mapping[str, Any]) -> None:
        self._call("PUT", f"/subscriptions/{name}", settings)

    def publish(self, topic: str, messages: Sequence[Message]) -> None:
        for batch in batched(messages, _PULL):
            self._call("POST", f"/topics/{topic}:publish", {"messages": batch})

    def stop_pushing(self, subscription: str) -> None:
        self._call("POST", f"/subscriptions/{subscription}:modifyPushConfig", {"pushConfig": {}})

    def take_unhandled(self, subscription: str) -> Iterator[Message]:
        """Every message that nobody acknowledged yet; they are gone from the broker afterwards."""
        # A message that was refused waits for its next try; seeking into the past ends the waiting.
        self._call("POST", f"/subscriptions/{subscription}:seek", {"time": "2000-01-01T00:00:00Z"})
        pull = {"maxMessages": _PULL, "returnImmediately": True}
        while taken := self._call("POST", f"/subscriptions/{subscription}:pull", pull).get(
            "receivedMessages"
        ):
            for received in taken:
                message = received["message"]
                yield {key: message[key] for key in ("data", "attributes") if key in message}
            ids = {"ackIds": [received["ackId"] for received in taken]}
            self._call("POST", f"/subscriptions/{subscription}:acknowledge", ids)

    def _call(self, method: str, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        try:
            response = self._http.request(method, path, json=body)
            response.raise_for_status()
        except httpx2.HTTPError as error:
            raise StackError(f"The Pub/Sub emulator does not answer as it should: {error}") from error
        answer: dict[str, Any] = response.json()
        return answer
