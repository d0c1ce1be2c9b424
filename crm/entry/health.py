"""The one question every function answers without knowing who asks: are you there?"""

from fastapi import APIRouter

router = APIRouter()


@router.get("/healthz", include_in_schema=False)
async def healthz() -> dict[str, str]:
    """200 as soon as the function can answer. It asks no neighbour: a broken one must not restart us."""
    return {"status": "ok"}
