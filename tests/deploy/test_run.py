"""A whole deployment, with stand-ins for Google and for the Terraform CLI; again, it changes nothing more."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy import checks, packages, rollback, run, terraform
from deploy.errors import DeployError
from deploy.version import Version
from devstack import build
from devstack.console import Steps
from tests.deploy.google_stub import GoogleStub
from tests.deploy.test_smoke import Installation
from tests.support import serving

TARGET = run.Target("my-project", "europe-west1")
SECRETS = [
    "id-key",
    "session-secrets",
    "simulated-vendor-key",
    "unsubscribe-keys",
    "webhook-key",
    "webhook-secret",
    "webhook-secrets",
]

REVISIONS = [
    rollback.Revision("r-1", "v1", "2026-01-01T00:00:00Z"),
    rollback.Revision("r-2", "v2", "2026-01-02T00:00:00Z"),
]

CLI = """#!{python} -S
import json, sys
arguments = [each for each in sys.argv[1:] if not each.startswith("-chdir=")]
with open({calls!r}, "a") as calls:
    calls.write(json.dumps(arguments) + "\\n")
answers = {answers!r}
of_plan = answers.get(arguments[0] + " plan", "") if arguments[-1].endswith(".plan") else ""
print(of_plan or answers.get(arguments[0], ""))
sys.exit(arguments[0] == {failing!r})
"""


class Cli:
    """The `terraform` on the path: records its calls, and answers as configured.

    Its plan makes the secrets that are not `there`; of those that are it would delete the `unwanted` one.
    """

    def __init__(self, folder: Path, outputs: dict[str, Any]) -> None:
        self._folder = folder
        outputs = {name: {"value": value} for name, value in outputs.items()}
        self._answers = {"output": json.dumps(outputs)}
        self.has([])

    def has(self, there: list[str], unwanted: str = "", *others: str) -> None:
        """What is deployed: these secrets, and the resources `others`."""

        def of(names: list[str]) -> list[dict[str, Any]]:
            return [{"address": f'{terraform.SECRETS}["{name}"]', "index": name} for name in names]

        changes = [
            {**each, "change": {"actions": ["no-op" if each["index"] in there else "create"]}}
            for each in of(SECRETS)
        ]
        if unwanted:
            changes += [{**each, "change": {"actions": ["delete"]}} for each in of([unwanted])]
        planned = {"root_module": {"resources": of(SECRETS)}}
        state = {"root_module": {"resources": [*of(there), *({"address": each} for each in others)]}}
        self._answers["show plan"] = json.dumps({"planned_values": planned, "resource_changes": changes})
        self._answers["show"] = json.dumps({"values": state} if there or others else {})
        self.fails_at("")

    def fails_at(self, command: str) -> None:
        file = self._folder / "terraform"
        calls = str(self._folder / "calls")
        file.write_text(
            CLI.format(python=sys.executable, calls=calls, answers=self._answers, failing=command)
        )
        file.chmod(0o755)

    def calls(self) -> list[list[str]]:
        """How it was called since the last time."""
        file = self._folder / "calls"
        found = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
        file.unlink(missing_ok=True)
        return found


@pytest.fixture
def installation() -> Iterator[str]:
    """Its first page is that of the deployment."""
    with serving(Installation().app) as url:
        yield url


@pytest.fixture
def cli(
    assets: None, stub: GoogleStub, installation: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Cli:
    dist = tmp_path / "dist"
    dist.mkdir()
    (dist / "index.html").write_text("app")
    environment = tmp_path / "my-project.tfvars"
    environment.write_text('oauth_client_id = "1.apps.googleusercontent.com"')
    google = stub.google()
    google._roots = {
        **google._roots,
        **{name: f"{installation}/{name}" for name in ("scheduler", "functions", "logging")},
    }
    monkeypatch.setattr(checks, "require_all", lambda *_: (google, environment))
    monkeypatch.setattr(build, "assets", lambda logs: None)
    monkeypatch.setattr(build, "web", lambda logs: None)
    monkeypatch.setattr(build, "DIST", dist)
    monkeypatch.setattr(packages, "FOLDER", tmp_path / "functions")
    monkeypatch.setattr(
        packages, "compiled", lambda _: {}
    )  # tests/deploy/test_bytecode.py has it; it takes seconds
    for module in (packages, terraform):
        monkeypatch.setattr(module, "VARIABLES", tmp_path / "packages.tfvars.json")
    for module in (run, terraform):
        monkeypatch.setattr(module, "SECRET_VERSIONS", tmp_path / "secrets.tfvars.json")
        monkeypatch.setattr(module, "BILLING", tmp_path / "billing.tfvars.json")
    stub.secrets = {f"crm-{name}": [] for name in SECRETS}
    outputs = {
        "url": installation,
        "origins": [installation],
        "database": "crm",
        "ingest_url": f"{installation}/api/v1/ingest",
        "open_functions": [],
        "public_functions": ["ingest"],
        "invoker_iam_disabled": True,
        "function_urls": {},
        "hosting_site": "s",
        "hosting_config": {"rewrites": [], "headers": []},
    }
    made = Cli(tmp_path, outputs)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return made


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No waiting for what a stand-in does immediately."""
    monkeypatch.setattr("deploy.smoke.time.sleep", lambda seconds: None)


def never(question: str) -> str:
    raise AssertionError(question)


def test_everything_is_done_in_order_and_again_without_harm(
    cli: Cli, stub: GoogleStub, tmp_path: Path
) -> None:
    run.deploy(Steps(), TARGET, never, sure=True)

    first = cli.calls()
    assert [call[0] for call in first] == [
        *("init", "plan", "show", "apply"),
        *("plan", "apply", "output", "output"),
    ]
    assert f"-target={terraform.SECRETS}" in first[1]
    assert "-backend-config=bucket=my-project-crm-state" in first[0]
    assert f"-var-file={tmp_path / 'secrets.tfvars.json'}" in first[4]
    given = json.loads((tmp_path / "secrets.tfvars.json").read_text())
    assert given == {"secret_versions": dict.fromkeys(SECRETS, "1")}
    assert stub.live is not None
    contents = json.dumps([stub.secrets, stub.buckets])

    cli.has(SECRETS)
    run.deploy(Steps(), TARGET, never, sure=True)
    assert json.dumps([stub.secrets, stub.buckets]) == contents
    again = [call[0] for call in cli.calls()]
    assert again == ["init", "plan", "show", "plan", "apply", "output", "output"]


def test_the_budget_is_that_of_the_projects_account_unless_the_file_names_another(
    cli: Cli, tmp_path: Path
) -> None:
    run.deploy(Steps(), TARGET, never, sure=True)

    found = tmp_path / "billing.tfvars.json"
    assert json.loads(found.read_text()) == {"billing_account": "012345-6789AB-CDEF01"}
    files = [each for each in cli.calls()[4] if each.startswith("-var-file=")]
    assert files[:2] == [f"-var-file={found}", f"-var-file={tmp_path / 'my-project.tfvars'}"]


def test_who_may_make_no_budget_deploys_without_one_and_hears_it(
    cli: Cli, stub: GoogleStub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stub.rights = set(checks.RIGHTS)
    run.deploy(Steps(), TARGET, never, sure=True)

    assert json.loads((tmp_path / "billing.tfvars.json").read_text()) == {"billing_account": ""}
    assert "No budget warns of costs" in capsys.readouterr().out


def test_a_secret_that_is_no_longer_wanted_does_not_go_before_the_plan_was_shown(cli: Cli) -> None:
    cli.has([name for name in SECRETS if name != "webhook-key"], "gemini-key")

    run.deploy(Steps(), TARGET, never, sure=True)

    unasked = cli.calls()[3]
    assert unasked[0] == "apply"
    assert [each for each in unasked if each.startswith("-target")] == [
        f'-target={terraform.SECRETS}["webhook-key"]'
    ]


def test_another_region_changes_nothing(cli: Cli, stub: GoogleStub) -> None:
    run.deploy(Steps(), TARGET, never, sure=True)
    cli.calls()
    seen = len(stub.calls)

    with pytest.raises(DeployError, match="is in europe-west1, not in us-central1"):
        run.deploy(Steps(), run.Target("my-project", "us-central1"), never, sure=True)
    assert cli.calls() == []
    assert [call for call in stub.calls[seen:] if not call.startswith("GET")] == []


def test_no_secret_reaches_terraform(cli: Cli, stub: GoogleStub, tmp_path: Path) -> None:
    run.deploy(Steps(), TARGET, never, sure=True)

    given = json.dumps(cli.calls()) + (tmp_path / "secrets.tfvars.json").read_text()
    assert [text for versions in stub.secrets.values() for text in versions if text in given] == []


def test_without_a_yes_nothing_is_applied_or_published(cli: Cli, stub: GoogleStub) -> None:
    with pytest.raises(DeployError, match="Nothing of what is planned above was done"):
        run.deploy(Steps(), TARGET, lambda question: "y", sure=False)

    assert [call[0] for call in cli.calls()] == ["init", "plan", "show", "apply", "plan"]
    assert stub.live is None


@pytest.mark.parametrize("command", ["init", "apply", "plan", "output"])
def test_a_step_that_fails_ends_it_and_running_again_goes_on(
    command: str, cli: Cli, stub: GoogleStub
) -> None:
    cli.fails_at(command)
    with pytest.raises(DeployError, match=f"`terraform {command}` failed"):
        run.deploy(Steps(), TARGET, never, sure=True)
    assert stub.live is None

    cli.fails_at("")
    run.deploy(Steps(), TARGET, never, sure=True)
    assert stub.live is not None


def deployed_twice(cli: Cli, stub: GoogleStub, monkeypatch: pytest.MonkeyPatch) -> None:
    """The web app of v1, then that of v2; the functions have no URL of their own here."""
    stub.buckets["my-project-crm-state"] = {"location": "EUROPE-WEST1"}
    for name in ("v1", "v2"):
        monkeypatch.setattr(run, "of_checkout", lambda root, name=name: Version(name, "c0ffee"))
        run.deploy(Steps(), TARGET, never, sure=True)


def test_the_traffic_goes_back_to_the_version_before(
    cli: Cli, stub: GoogleStub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    deployed_twice(cli, stub, monkeypatch)
    found = {
        name: rollback.Service(f"projects/p/services/crm-{name}", REVISIONS, "v2")
        for name in ("ingest", "consumer")
    }
    stub.revisions = {f"crm-{name}": [("r-1", "v1"), ("r-2", "v2")] for name in found}
    monkeypatch.setattr(rollback, "services", lambda *_: found)
    cli.calls()
    seen = len(stub.calls)

    run.roll_back(Steps(), TARGET, "", lambda question: "yes", sure=False)

    assert stub.serving == {"crm-ingest": "r-1", "crm-consumer": "r-1"}
    assert stub.live is not None
    assert stub.live["labels"] == {"version": "v1"}
    assert [call[0] for call in cli.calls()] == ["init", "output", "output"]
    changes = [call for call in stub.calls[seen:] if not call.startswith("GET")]
    assert [call.rpartition("/")[2] for call in changes] == ["releases", "crm-ingest", "crm-consumer"]
    assert "v1 runs at" in capsys.readouterr().out


def test_without_a_yes_the_traffic_stays(cli: Cli, stub: GoogleStub, monkeypatch: pytest.MonkeyPatch) -> None:
    deployed_twice(cli, stub, monkeypatch)
    monkeypatch.setattr(
        rollback, "services", lambda *_: {"ingest": rollback.Service("services/crm-ingest", REVISIONS, "v2")}
    )

    with pytest.raises(DeployError, match="Nothing was changed"):
        run.roll_back(Steps(), TARGET, "v1", lambda question: "", sure=False)
    assert stub.serving == {}
    assert stub.live is not None
    assert stub.live["labels"] == {"version": "v2"}


def destroyed(cli: Cli, stub: GoogleStub) -> list[list[str]]:
    stub.buckets["my-project-crm-state"] = {"location": "EUROPE-WEST1"}
    answers = iter(["my-project", "delete all data of crm"])
    run.destroy(Steps(), TARGET, lambda question: next(answers))
    return cli.calls()


def test_destroying_lifts_the_protection_first(cli: Cli, stub: GoogleStub) -> None:
    cli.has(SECRETS, "", *terraform.PROTECTED)
    calls = destroyed(cli, stub)

    assert [call[0] for call in calls] == ["init", "show", "apply", "destroy"]
    assert {f"-target={address}" for address in terraform.PROTECTED} <= {*calls[2]}
    assert all("-var=protected=false" in call for call in calls[2:])


def test_destroying_again_makes_no_database(cli: Cli, stub: GoogleStub) -> None:
    cli.has(["id-key"])

    assert [call[0] for call in destroyed(cli, stub)] == ["init", "show", "destroy"]


def test_rotating_says_what_to_do_next(
    cli: Cli, stub: GoogleStub, capsys: pytest.CaptureFixture[str]
) -> None:
    run.deploy(Steps(), TARGET, never, sure=True)
    run.rotate(Steps(), TARGET, "session-secrets", drop_old=False)

    assert "make deploy" in capsys.readouterr().out
    assert len(stub.secrets["crm-session-secrets"]) == 2
