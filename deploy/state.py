"""The bucket that keeps Terraform's state."""

from deploy.google import Google


def ensure_bucket(google: Google, bucket: str, region: str) -> None:
    """Make it unless it is there: with versions, so that a lost state comes back, and never public."""
    if google.get("storage", f"b/{bucket}") is not None:
        return
    wanted = {
        "name": bucket,
        "location": region,
        "versioning": {"enabled": True},
        "iamConfiguration": {
            "uniformBucketLevelAccess": {"enabled": True},
            "publicAccessPrevention": "enforced",
        },
    }
    google.post("storage", f"b?project={google.project}", wanted)
