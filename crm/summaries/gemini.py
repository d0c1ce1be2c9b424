"""Writes summaries with Gemini."""

import asyncio
import json
import logging
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, Field, StringConstraints, ValidationError

from crm.campaigns.figures import Figures
from crm.summaries.summary import NotWritten, in_words

if TYPE_CHECKING:
    from google.genai import Client
    from google.genai.types import GenerateContentConfig, GenerateContentResponse

logger = logging.getLogger(__name__)

INSTRUCTIONS = """\
You write the summary of a marketing campaign for the marketer who sent it.
You are given its figures as one JSON object, and no name: say "the campaign".
Write two to four short, plain sentences in English, no lists, no headings, no links, no advice.
Every sentence states at least one of the figures.
Say how many messages were delivered and how many failed, and what stands out between the cohorts, as in
"high spenders: 95% delivered".
Use only numbers that occur in the figures, written in digits exactly as they occur there: never add,
subtract, divide, round or estimate, and never spell a number out. "attempted" are the messages handed to
the vendor, "sent" those of them accepted or delivered. "percent" of delivered and failed are shares of
"attempted"; of opened and clicked they are shares of "delivered".
"""

MAX_OUTPUT_TOKENS = 4096
"""Includes the tokens that the model spends on thinking."""


class Draft(BaseModel):
    """The schema of the model's answer."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1500)] = Field(
        description="The summary: two to four short sentences."
    )


class Gemini:
    """Calls the Gemini API; one text takes at most `timeout` seconds, retries included.

    `url`, if set, replaces Google's server. The library takes a quarter of a second to import, so it is
    imported on first use.
    """

    def __init__(self, key: str, model: str, url: str = "", timeout: float = 20.0) -> None:
        self._key = key
        self._model = model
        self._url = url
        self._timeout = timeout

    @property
    def model(self) -> str:
        """The model's name."""
        return self._model

    async def write(self, figures: Figures, refused: Sequence[str]) -> str:
        """A text about the figures. Raises NotWritten for every failure: the page must work without it."""
        from google.genai.errors import APIError

        try:
            async with asyncio.timeout(self._timeout):
                response = await self._client.aio.models.generate_content(
                    model=self._model, contents=_question(figures, refused), config=self._config
                )
        except TimeoutError as error:
            raise NotWritten(f"Gemini did not answer within {self._timeout:g} seconds.") from error
        except APIError as error:
            raise NotWritten(_refusal(error.code)) from error
        except Exception as error:  # the library lets its transport's and its parser's own errors through
            logger.warning("Gemini failed", exc_info=True)
            raise NotWritten("Gemini could not be reached, or did not answer in its own protocol.") from error
        return _text(response)

    @cached_property
    def _client(self) -> "Client":
        from google.genai import Client
        from google.genai.types import HttpOptions, HttpRetryOptions

        options = HttpOptions(
            base_url=self._url or None,
            timeout=int(self._timeout * 1000),
            retry_options=HttpRetryOptions(attempts=2, initial_delay=0.5, max_delay=2.0, jitter=0.5),
        )
        return Client(api_key=self._key, vertexai=False, http_options=options)

    @cached_property
    def _config(self) -> "GenerateContentConfig":
        from google.genai.types import GenerateContentConfig

        return GenerateContentConfig(
            system_instruction=INSTRUCTIONS,
            response_mime_type="application/json",
            response_schema=Draft,
            max_output_tokens=MAX_OUTPUT_TOKENS,
        )


def _question(figures: Figures, refused: Sequence[str]) -> str:
    """The figures as one JSON object, without what a person wrote; then the faults of the last text."""
    shown = figures.as_json()
    shown["cohorts"] = {in_words(cohort): figures_of for cohort, figures_of in shown["cohorts"].items()}
    question = json.dumps(shown, ensure_ascii=False)
    if refused:
        question += "\n\nYour last text was refused: " + "; ".join(refused) + ". Write it again."
    return question


def _refusal(code: int) -> str:
    if code == 429:
        return "Gemini's quota is used up for now."
    if code >= 500:
        return f"Gemini answered with an error ({code})."
    return f"Gemini refused the request ({code}): check its key and the model's name."


def _text(response: "GenerateContentResponse") -> str:
    """The text of a response. Validated here, because the library silently turns invalid JSON into None."""
    feedback = response.prompt_feedback
    if feedback is not None and feedback.block_reason is not None:
        raise NotWritten(f"Gemini blocked the request ({feedback.block_reason.value}).")
    try:
        return Draft.model_validate_json(response.text or "").text
    except ValidationError as error:
        reason = response.candidates[0].finish_reason if response.candidates else None
        if reason is not None and reason.value != "STOP":
            raise NotWritten(f"Gemini broke off its answer ({reason.value}).") from error
        raise NotWritten("Gemini's answer was not of the agreed form.") from error
