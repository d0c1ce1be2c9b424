import json
from pathlib import Path

from devstack import site


def test_documents_keep_their_places_and_bring_what_they_link_to(tmp_path: Path) -> None:
    root, target = tmp_path / "root", tmp_path / "pages"
    write(
        root / "README.md",
        "[decisions](docs/decisions/), [the licence](LICENSE), [a site](https://example.com)",
    )
    write(root / "LICENSE", "free")
    write(root / "docs" / "cost.md", "[prices](../crm/prices.py#L1), [below](#rates)")
    write(root / "docs" / "decisions" / "README.md", "one")
    write(root / "crm" / "prices.py", "TEN = 10")
    write(root / "crm" / "other.py", "")

    site.copy_documents(root, target)

    found = {path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()}
    documents = {"README.md", "docs/cost.md", "docs/decisions/README.md"}
    assert found == documents | {"LICENSE", "crm/prices.py"}
    assert (target / "README.md").read_text() == (
        "[decisions](docs/decisions/README.md), [the licence](LICENSE), [a site](https://example.com)"
    )
    assert (target / "docs" / "cost.md").read_text() == "[prices](../crm/prices.py#L1), [below](#rates)"


def test_the_reference_has_a_page_for_each_document_that_no_text_in_it_can_leave(tmp_path: Path) -> None:
    document = {"info": {"title": "Ingest"}, "paths": {"/a": {"description": "</script><b>{x}"}}}

    site.write_reference({"ingest": document}, tmp_path)

    page = (tmp_path / "docs" / "api" / "ingest.html").read_text()
    assert page.count("</script>") == 2
    assert "<\\/script><b>{x}" in page
    assert json.loads((tmp_path / "docs" / "api" / "ingest.json").read_text()) == document
    assert "(api/ingest.html), below `/api/v1/ingest`" in (tmp_path / "docs" / "api.md").read_text()


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
