"""The pages of the documentation's site: the documents as they stand in the repository, what they link to,
and the API's reference.

`python -m devstack site` lays them out in `build/site/pages`; from there `make docs` builds by mkdocs.yml.
"""

import json
import re
import shutil
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from devstack import build, openapi
from devstack.paths import ROOT

PAGES: Final = ROOT / "build" / "site" / "pages"

REFERENCE: Final = Path("docs", "api")
"""Where the API's reference stands among the pages."""

_LINK = re.compile(r"(\]\()([^)#:\s]+)(#[^)\s]*)?(\))")

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="swagger-ui-bundle.js"></script>
<script>
SwaggerUIBundle({{ dom_id: "#swagger-ui", spec: {document}, deepLinking: true, supportedSubmitMethods: [] }});
</script>
</body>
</html>
"""
"""It holds its document, so that it can be read from a disk, and calls nothing."""


def lay_out(root: Path, target: Path, logs: Path) -> None:
    """Make `target` anew. Raises StackError if the web app's packages cannot be installed."""
    build.assets(logs)
    with ThreadPoolExecutor(2) as processes:
        described = dict(
            zip(
                openapi.DOCUMENTED,
                processes.map(openapi.document_of, openapi.DOCUMENTED),
                strict=True,
            )
        )
    shutil.rmtree(target, ignore_errors=True)
    copy_documents(root, target)
    write_reference(described, target)
    for name in build.SWAGGER:
        shutil.copyfile(build.STATIC / name, target / REFERENCE / name)


def copy_documents(root: Path, target: Path) -> None:
    """Copy the documents and every file that they link to, at the same places."""
    shutil.copytree(root / "docs", target / "docs")
    for document in root.glob("*.md"):
        shutil.copyfile(document, target / document.name)
    for page in sorted(target.rglob("*.md")):
        original = root / page.relative_to(target)
        text = page.read_text()
        page.write_text(_with_indexes(text, original.parent))
        _copy_linked(root, target, original, text)


def write_reference(described: Mapping[str, Mapping[str, Any]], target: Path) -> None:
    """Write a page for each document, by function, and one that lists them."""
    folder = target / REFERENCE
    folder.mkdir(parents=True)
    lines = ["# API", "", "What each function serves, as its own OpenAPI document describes it.", ""]
    for function, document in described.items():
        text = json.dumps(document, ensure_ascii=False).replace("</", "<\\/")
        title = document["info"]["title"]
        (folder / f"{function}.html").write_text(_PAGE.format(title=title, document=text))
        (folder / f"{function}.json").write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
        where = openapi.DOCUMENTED[function]
        lines.append(f"- [{title}](api/{function}.html), below `{where}`; [as a file](api/{function}.json)")
    folder.with_suffix(".md").write_text("\n".join(lines) + "\n")


def _with_indexes(text: str, folder: Path) -> str:
    """The text, with each link to a folder leading to that folder's index."""

    def led(link: re.Match[str]) -> str:
        opening, place, anchor, end = link.groups()
        if (folder / place / "README.md").is_file():
            place = f"{place.rstrip('/')}/README.md"
        return f"{opening}{place}{anchor or ''}{end}"

    return _LINK.sub(led, text)


def _copy_linked(root: Path, target: Path, original: Path, text: str) -> None:
    for file in _linked(original, text):
        copy = target / file.relative_to(root)
        if not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)


def _linked(original: Path, text: str) -> Iterable[Path]:
    for link in _LINK.finditer(text):
        file = (original.parent / link[2]).resolve()
        if file.is_file():
            yield file
