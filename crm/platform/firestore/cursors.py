"""Cursors of lists that are newest first: time and id of a page's last document, which may be gone by now."""

from datetime import UTC, datetime, timedelta

from google.cloud.firestore import AsyncCollectionReference, AsyncQuery

from crm.kernel.errors import Invalid

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def page_of(collection: AsyncCollectionReference, limit: int, cursor: str | None) -> AsyncQuery:
    """Up to `limit` documents by `created_at`, those after the cursor. Raises Invalid at "cursor"."""
    query = collection.order_by("created_at", direction=AsyncQuery.DESCENDING)
    query = query.order_by("__name__", direction=AsyncQuery.DESCENDING).limit(limit)
    if cursor is None:
        return query
    created_at, name = _place(cursor)
    return query.start_after({"created_at": created_at, "__name__": collection.document(name)})


def cursor_after(created_at: datetime, name: str) -> str:
    """The cursor of what comes after this document."""
    return f"{(created_at - _EPOCH) // _MICROSECOND}-{name}"


def _place(cursor: str) -> tuple[datetime, str]:
    microseconds, _, name = cursor.partition("-")
    if not (microseconds.isdecimal() and len(microseconds) < 18 and name.isascii() and name.isalnum()):
        raise Invalid.at("cursor", "is not a cursor of this list")
    return _EPOCH + int(microseconds) * _MICROSECOND, name
