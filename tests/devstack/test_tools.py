"""Java and Node: what the machine has, and a clear word where it has none and none can be fetched."""

import importlib.util
import os
from pathlib import Path

import pytest

from devstack import java, node, wheels
from devstack.errors import StackError


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine whose PATH is one folder, empty at first, and which reaches no package index."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(wheels, "INSTALL", ["/bin/sh", "-c", "echo 'no route to host' >&2; exit 2", "--"])
    return folder


def program(folder: Path, name: str, prints: str) -> None:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\necho '{prints}' >&2\necho '{prints}'\n")
    file.chmod(0o755)


@pytest.mark.parametrize("version", ['openjdk version "17.0.15" 2025-04-15', 'java version "25" 2025-09-16'])
def test_a_new_enough_java_is_taken(bare: Path, version: str) -> None:
    program(bare, "java", version)
    assert java.find() == str(bare / "java")


def test_java_home_comes_first(bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(bare, "java", 'openjdk version "17.0.15"')
    program(tmp_path / "jdk" / "bin", "java", 'openjdk version "21.0.1"')
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "jdk"))
    assert java.find() == str(tmp_path / "jdk" / "bin" / "java")


@pytest.mark.parametrize("version", [None, 'java version "1.8.0_392"', "no Java runtime present"])
def test_without_java_and_network_it_says_what_to_do(bare: Path, version: str | None) -> None:
    if version:
        program(bare, "java", version)
    with pytest.raises(StackError, match=r"need Java 17 or newer.*no route to host.*Install it"):
        java.find()


def test_a_new_enough_node_is_taken(bare: Path) -> None:
    program(bare, "node", "v20.19.0")
    program(bare, "npm", "10.8.2")
    assert node.search_path() == os.environ["PATH"]


@pytest.mark.parametrize("version", [None, "v18.20.4", "v20.9.0"])
def test_without_node_and_network_it_says_what_to_do(bare: Path, version: str | None) -> None:
    if version:
        program(bare, "node", version)
        program(bare, "npm", "9")
    with pytest.raises(StackError, match=r"Node 20.19 or newer.*no route to host.*Install it"):
        node.search_path()
