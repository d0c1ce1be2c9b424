"""A release is found in this clone, or it is said how to get it."""

import pytest

from deploy.errors import DeployError
from rehearse import releases


def test_a_commit_that_the_clone_lacks_is_named_with_the_way_to_get_it() -> None:
    with pytest.raises(DeployError, match=r"does not have the commit 0{40}.*git fetch --unshallow --tags"):
        releases.of_commit("0" * 40)


def test_a_revision_is_no_option_of_git() -> None:
    with pytest.raises(DeployError, match="does not have the commit --all"):
        releases.resolved("--all")
