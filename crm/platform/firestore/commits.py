"""Atomic writes with preconditions."""

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from google.cloud.firestore import AsyncClient
from google.cloud.firestore_v1.field_path import FieldPath
from google.cloud.firestore_v1.types import DocumentTransform, Write

from crm.platform.firestore import calls
from crm.platform.firestore.values import encoded, fill

_Write = Write.pb()
_REQUEST_TIME: Final = DocumentTransform.FieldTransform.ServerValue.REQUEST_TIME
_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class Commit:
    """Writes that take effect together or not at all."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client
        self._root = calls.root(client)
        self._writes: list[Any] = []

    def __len__(self) -> int:
        return len(self._writes)

    @property
    def size(self) -> int:
        """Bytes of the writes, about the size of the request."""
        return sum(write.ByteSize() for write in self._writes)

    def create(self, path: str, fields: Mapping[str, Any], server_time: str = "") -> None:
        """Create a document; the commit fails with AlreadyExists if it exists.

        The field named by `server_time` gets the time of the commit.
        """
        write = self._document(path, fields)
        write.current_document.exists = False
        if server_time:
            write.update_transforms.add(field_path=server_time).set_to_server_value = _REQUEST_TIME

    def replace(self, path: str, fields: Mapping[str, Any], etag: Any = None) -> None:
        """Write a whole document. With an etag, the commit fails unless the document still has it."""
        write = self._document(path, fields)
        if etag is not None:
            write.current_document.update_time.CopyFrom(etag)

    def update(self, path: str, fields: Mapping[str, Any], etag: Any, removed: Collection[str] = ()) -> None:
        """Set `fields`, delete those `removed`, and leave the others; the commit fails unless the document
        still has this etag."""
        write = self._document(path, fields)
        write.update_mask.SetInParent()  # without a mask, an update of no field would replace the document
        write.update_mask.field_paths.extend(map(field_path, (*fields, *removed)))
        write.current_document.update_time.CopyFrom(etag)

    def change(self, path: str, fields: Mapping[str, Any]) -> None:
        """Set `fields` of a document that must exist, whatever its etag, and leave the others."""
        write = self._document(path, fields)
        write.update_mask.field_paths.extend(map(field_path, fields))
        write.current_document.exists = True

    def merge(
        self,
        path: str,
        fields: Mapping[str, Any],
        append: Mapping[str, Sequence[Any]] = _NOTHING,
        add: Mapping[str, int] = _NOTHING,
    ) -> None:
        """Create or change a document: set `fields`, append to lists the values that they lack, and add to
        numbers. The keys of `add` are field paths, see `field_path`."""
        write = self._document(path, fields)
        write.update_mask.SetInParent()
        write.update_mask.field_paths.extend(map(field_path, fields))
        for name, values in append.items():
            transform = write.update_transforms.add(field_path=field_path(name))
            transform.append_missing_elements.values.extend(encoded(value) for value in values)
        for name, by in add.items():
            write.update_transforms.add(field_path=name).increment.integer_value = by

    def increment(self, path: str, field: str, by: int) -> None:
        """Add `by` to a number of a document that must exist."""
        self.merge(path, {}, add={field: by})
        self._writes[-1].current_document.exists = True

    def delete(self, path: str, etag: Any = None) -> None:
        """Delete a document, if it exists. With an etag, the commit fails unless it still has that etag."""
        write = _Write(delete=f"{self._root}/{path}")
        if etag is not None:
            write.current_document.update_time.CopyFrom(etag)
        self._writes.append(write)

    async def send(self) -> list[Any]:
        """Apply the writes; return the etag of each document, in order.

        Raises Unavailable, and lets through the errors of failed preconditions: AlreadyExists, NotFound,
        FailedPrecondition.
        """
        return await calls.commit(self._client, self._writes) if self._writes else []

    def _document(self, path: str, fields: Mapping[str, Any]) -> Any:
        write = _Write()
        write.update.name = f"{self._root}/{path}"
        values = write.update.fields
        for name, value in fields.items():
            fill(values[name], value)
        self._writes.append(write)
        return write


@lru_cache(maxsize=10_000)
def field_path(*names: str) -> str:
    """The path of a field within maps, quoted where a name needs it: `cohorts.`Berlin 2``."""
    path: str = FieldPath(*names).to_api_repr()
    return path
