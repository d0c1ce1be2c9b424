"""The bucket that keeps Terraform's state."""

from deploy.errors import DeployError
from deploy.google import Google


def ensure_bucket(google: Google, bucket: str, region: str) -> None:
    """Make it unless it is there: with versions, so that a lost state comes back, and never public.

    Raises DeployError where it is in another region: Terraform would create everything again in this one.
    """
    if is_there(google, bucket, region):
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


def require_bucket(google: Google, bucket: str, region: str) -> None:
    """Raise DeployError unless it is there, and in this region."""
    if not is_there(google, bucket, region):
        raise DeployError(f"Nothing is deployed there: there is no bucket {bucket} with Terraform's state.")


def is_there(google: Google, bucket: str, region: str) -> bool:
    """Raises DeployError where it is in another region."""
    found = google.get("storage", f"b/{bucket}")
    if found is None:
        return False
    there = found["location"].lower()
    if there != region:
        raise DeployError(
            f"This installation is in {there}, not in {region}: its state is in the bucket {bucket}. "
            f"Say REGION={there}, or give another `name` in the file of variables."
        )
    return True
