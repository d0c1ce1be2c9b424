"""What tests share: loading a function as functions-framework would, and talking to it."""

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from uuid import uuid4

import httpx2

ROOT = Path(__file__).resolve().parent.parent


def load_function(name: str) -> ModuleType:
    """`functions/<name>/main.py` as a new module, its folder importable. It reads the environment now."""
    folder = _importable(name)
    spec = importlib.util.spec_from_file_location(f"function_{name}_{uuid4().hex}", folder / "main.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def part_of(function: str, module: str) -> ModuleType:
    """A module of the package beside a function's main.py, such as `vendor_sim.outcomes`."""
    _importable(function)
    return importlib.import_module(module)


def _importable(function: str) -> Path:
    folder = ROOT / "functions" / function
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
    return folder


def client_of(module: ModuleType, **options: object) -> httpx2.AsyncClient:
    """An HTTP client of the function's app, in process, through its whole ASGI stack."""
    transport = httpx2.ASGITransport(app=module.app)
    return httpx2.AsyncClient(transport=transport, base_url="http://function.test", **options)  # type: ignore[arg-type]
