"""Which CRM the commands talk to."""

import json
from pathlib import Path

import pytest

from crm.cli.console import Sorry
from crm.cli.stack import Stack, chosen, find_stack

CONTENT = {"url": "http://localhost:8080/", "api_key": "k", "functions": {"ingest": "http://localhost:9001"}}


def _write(path: Path, content: str | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if content is not None else json.dumps(CONTENT))
    return path


def test_it_is_found_from_a_folder_below(tmp_path: Path) -> None:
    _write(tmp_path / ".local" / "stack.json")
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    assert find_stack(below, {}) == Stack(
        url="http://localhost:8080", api_key="k", functions={"ingest": "http://localhost:9001"}
    )


def test_the_environment_may_name_it(tmp_path: Path) -> None:
    path = _write(tmp_path / "other.json")
    assert find_stack(tmp_path / "nowhere", {"CRM_STACK": str(path)}).api_key == "k"


def test_a_url_goes_before_the_stack(tmp_path: Path) -> None:
    _write(tmp_path / ".local" / "stack.json")
    assert chosen("https://crm.example.com/", "mine", tmp_path, {}) == Stack(
        url="https://crm.example.com", api_key="mine"
    )
    assert chosen("https://crm.example.com", "", tmp_path, {}).api_key == "", "a local key is not sent away"


def test_a_key_goes_before_the_stacks(tmp_path: Path) -> None:
    _write(tmp_path / ".local" / "stack.json")
    assert chosen("", "mine", tmp_path, {}).api_key == "mine"


def test_no_stack(tmp_path: Path) -> None:
    with pytest.raises(Sorry, match="make run"):
        find_stack(tmp_path, {})
    with pytest.raises(Sorry, match="CRM_STACK names, does not exist"):
        find_stack(tmp_path, {"CRM_STACK": str(tmp_path / "gone.json")})


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"url": 3}', '{"url": "http://x", "functions": 3}'])
def test_a_file_that_is_no_stack(tmp_path: Path, content: str) -> None:
    _write(tmp_path / ".local" / "stack.json", content)
    with pytest.raises(Sorry, match="not a stack file"):
        find_stack(tmp_path, {})


@pytest.mark.parametrize(
    ("url", "expected"),
    [("http://localhost:8080", True), ("http://127.0.0.1:1", True), ("https://localhost.example.com", False)],
)
def test_what_is_on_this_machine(url: str, expected: bool) -> None:
    assert Stack(url=url).is_local is expected


def test_a_url_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(Sorry, match="is not a URL"):
        chosen("localhost:8080", "k", tmp_path, {})
