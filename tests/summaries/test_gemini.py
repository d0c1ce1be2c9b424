"""The real google-genai client against a local server that speaks its protocol."""

import json
import subprocess
import sys
from datetime import UTC

import pytest

from crm.campaigns.campaign import Counts
from crm.campaigns.figures import figures_of
from crm.summaries.gemini import Gemini
from crm.summaries.summary import NotWritten
from tests.campaigns.test_figures import CAMPAIGN
from tests.gemini_server import GeminiServer, Reply, blocked, error, says, writes

MODEL = "gemini-test"
FIGURES = figures_of(
    CAMPAIGN, {"all": Counts(delivered=9, failed=1), "high_spenders": Counts(delivered=4)}, UTC
)


def _gemini(server: GeminiServer, timeout: float = 10.0) -> Gemini:
    return Gemini("key", MODEL, server.url, timeout)


async def test_a_valid_answer_is_returned(gemini_server: GeminiServer) -> None:
    gemini_server.answer(writes(" 90% delivered. "))
    assert await _gemini(gemini_server).write(FIGURES, []) == "90% delivered."


async def test_the_request_is_structured_and_holds_figures_alone(gemini_server: GeminiServer) -> None:
    gemini_server.answer(writes("Fine."))
    await _gemini(gemini_server).write(FIGURES, ["12% is not among the figures"])
    path, body = gemini_server.calls[0]
    assert f"/models/{MODEL}:generateContent" in path
    config = body["generationConfig"]
    assert config["responseMimeType"] == "application/json"
    assert "text" in config["responseSchema"]["properties"]
    question = body["contents"][0]["parts"][0]["text"]
    data, _, correction = question.partition("\n\n")
    assert set(json.loads(data)) == {"status", "channel", "launched_on", "finished_on", "all", "cohorts"}
    assert json.loads(data)["cohorts"]["High spenders"]["percent"]["delivered"] == 100
    assert "12% is not among the figures" in correction


async def test_a_server_error_is_retried_once(gemini_server: GeminiServer) -> None:
    gemini_server.answer(error(503), writes("Fine."))
    assert await _gemini(gemini_server).write(FIGURES, []) == "Fine."
    assert len(gemini_server.calls) == 2


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (says("Ninety percent delivered."), "not of the agreed form"),
        (says('{"text": ""}'), "not of the agreed form"),
        (says('{"words": "x"}'), "not of the agreed form"),
        (says('{"text": "90% of the mess', "MAX_TOKENS"), "broke off its answer (MAX_TOKENS)"),
        (Reply({"candidates": [{"finishReason": "SAFETY"}]}), "broke off its answer (SAFETY)"),
        (Reply({"candidates": []}), "not of the agreed form"),
        (Reply({}), "not of the agreed form"),
        (Reply({"candidates": "none"}), "not of the agreed form"),
        (
            Reply(b"<html>a proxy's page</html>"),
            "could not be reached, or did not answer in its own protocol",
        ),
        (blocked(), "blocked the request (PROHIBITED_CONTENT)"),
        (error(429), "quota is used up"),
        (error(500), "error (500)"),
        (error(503), "error (503)"),
        (error(403), "refused the request (403)"),
        (error(404), "refused the request (404)"),
    ],
)
async def test_a_missing_text_is_explained(gemini_server: GeminiServer, reply: Reply, reason: str) -> None:
    gemini_server.answer(reply)
    with pytest.raises(NotWritten) as raised:
        await _gemini(gemini_server).write(FIGURES, [])
    assert reason in str(raised.value)


async def test_a_slow_answer_times_out(gemini_server: GeminiServer) -> None:
    gemini_server.answer(Reply(delay=60))
    with pytest.raises(NotWritten, match=r"within 0\.3 seconds"):
        await _gemini(gemini_server, timeout=0.3).write(FIGURES, [])


async def test_an_unreachable_server_is_explained(gemini_server: GeminiServer) -> None:
    gemini_server.close()
    with pytest.raises(NotWritten, match="could not be reached"):
        await _gemini(gemini_server).write(FIGURES, [])


def test_the_library_is_imported_only_when_it_is_needed() -> None:
    code = (
        "import sys, crm.summaries.gemini as g; g.Gemini('k', 'm'); sys.exit('google.genai' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
