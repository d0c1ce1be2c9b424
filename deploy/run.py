"""`make deploy`, `make destroy` and what else an operator calls. Each may be run again."""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy import checks, hosting, invokers, packages, rollback, secrets, smoke, state
from deploy.errors import DeployError
from deploy.google import Google
from deploy.terraform import BILLING, SECRET_VERSIONS, Terraform, setting
from deploy.version import Version, of_checkout
from devstack import build
from devstack.console import Steps
from devstack.paths import ROOT, state_folder

Ask = Callable[[str], str]
"""Puts a question to the operator; the answer."""


@dataclass(frozen=True, slots=True)
class Target:
    """Which installation: project, region, and the file of its variables, if not named after the project."""

    project: str
    region: str
    environment: str = ""

    def reach(self, *, first_time: bool = False) -> tuple[Google, Terraform]:
        """Raises DeployError that lists everything that is lacking, and unless `first_time` a missing
        installation."""
        google, file = checks.require_all(self.project, self.region, self.environment)
        terraform = Terraform(self.project, self.region, file)
        if not first_time:
            state.require_bucket(google, terraform.state_bucket, self.region)
        return google, terraform


def package(steps: Steps) -> tuple[Mapping[str, packages.Package], Version]:
    """Make the zip of every function; each by its function's name, and the version of all."""
    with steps.step("Packages") as step:
        build.assets(state_folder() / "logs")
        made = packages.write_all(ROOT, packages.FOLDER)
        version = of_checkout(ROOT)
        packages.tell_terraform(made, version, packages.VARIABLES)
        size = sum(each.path.stat().st_size for each in made.values()) / 1e6
        step.say(f"{len(made)} of {version.name} in {packages.FOLDER}, {size:.1f} MB together")
    return made, version


def deploy(steps: Steps, target: Target, ask: Ask, sure: bool) -> None:
    """Bring this checkout into the project; asks unless `sure`. Raises DeployError, StackError."""
    with steps.step("What it takes"):
        google, terraform = target.reach(first_time=True)
        state.is_there(google, terraform.state_bucket, target.region)
        checks.require_rights(google)
    made, version = package(steps)
    with steps.step("The web app"):
        build.web(state_folder() / "logs")
    with steps.step("The state's bucket") as step:
        state.ensure_bucket(google, terraform.state_bucket, target.region)
        step.say(terraform.state_bucket)
    _find_billing_account(steps, google, terraform)
    terraform.init()
    _fill_secrets(google, terraform)
    terraform.plan()
    if not sure and ask("Do what is planned above? yes or no: ") != "yes":
        raise DeployError(
            "Nothing of what is planned above was done. The state's bucket and secrets are there."
        )
    terraform.apply()
    outputs = terraform.outputs()
    with steps.step("Who may call") as step:
        services = [f"{terraform.name}-{function}" for function in outputs["public_functions"]]
        off = outputs["invoker_iam_disabled"]
        changed = invokers.set_checks(google, target.region, services, off)
        step.say(f"{len(changed)} changed; Cloud Run's own check is {'off' if off else 'on'}")
    with steps.step("Hosting") as step:
        config = outputs["hosting_config"]
        sent = hosting.publish(google, outputs["hosting_site"], config, build.DIST, version.name)
        step.say(f"{sent} new files")
    page = (build.DIST / "index.html").read_bytes()
    shown = smoke.Deployed(page, {name: each.sha256 for name, each in made.items()})
    look(steps, google, terraform, shown, version.name)
    steps.headline(f"{version.name} runs at {outputs['url']}")
    steps.note(f"Let the OAuth client know these origins: {', '.join(outputs['origins'])}")
    steps.note(
        f"The first administrator: CRM_DATABASE={outputs['database']} .venv/bin/crm members add "
        f"you@example.com --role admin --project {target.project}"
    )


def look(
    steps: Steps,
    google: Google,
    terraform: Terraform,
    deployed: smoke.Deployed | None = None,
    version: str = "",
) -> None:
    """Ask what was deployed whether it works."""
    place = smoke.Place(terraform.project, terraform.region, terraform.name)
    with steps.step("Does it work? A new installation takes up to three minutes") as step:
        step.say(", ".join(smoke.run(terraform.outputs(), google, place, deployed, version)))


def again(steps: Steps, target: Target) -> None:
    """Ask an installation, deployed before, whether it works."""
    google, terraform = target.reach()
    terraform.init()
    look(steps, google, terraform)


def roll_back(steps: Steps, target: Target, wanted: str, ask: Ask, sure: bool) -> None:
    """Give the traffic to a version that was deployed before; asks unless `sure`. Raises DeployError."""
    google, terraform = target.reach()
    terraform.init()
    outputs = terraform.outputs()
    site = outputs["hosting_site"]
    place = smoke.Place(terraform.project, terraform.region, terraform.name)
    found = rollback.services(google, place, list(outputs["function_urls"]))
    version = rollback.choose(found, wanted)
    page = rollback.page_of(google, site, version)
    for name, service in found.items():
        steps.note(f"{name}: {service.serving or 'unknown'} → {version}")
    steps.note(f"The web app: → {version}" if page else f"The web app stays: Hosting has none of {version}.")
    if not sure and ask("Shift the traffic? yes or no: ") != "yes":
        raise DeployError("Nothing was changed.")
    with steps.step(f"Traffic to {version}"):
        if page:
            rollback.show(google, site, page)
        rollback.shift(google, found, version)
    look(steps, google, terraform, version=version)
    steps.headline(f"{version} runs at {outputs['url']}")
    steps.note("The next deployment of another version takes the traffic again.")


def rotate(steps: Steps, target: Target, secret: str, drop_old: bool) -> None:
    """Give a secret another value."""
    google, terraform = target.reach()
    vault = secrets.Vault(google, terraform.name)
    steps.note(secrets.rotate(vault, secret, drop_old=drop_old))


def destroy(steps: Steps, target: Target, ask: Ask) -> None:
    """Take everything away, after asking twice. Raises DeployError."""
    _, terraform = target.reach()
    phrase = f"delete all data of {terraform.name}"
    steps.headline("This deletes customers, orders, campaigns and logs. Backups go when their time is over.")
    for question, answer in (("The id of the project: ", target.project), (f'Type "{phrase}": ', phrase)):
        if ask(question) != answer:
            raise DeployError("That is something else. Nothing was deleted.")
    if not Path(packages.VARIABLES).exists():
        package(steps)
    terraform.init()
    terraform.destroy()
    steps.headline("It is gone.")
    steps.note(
        f"The bucket {terraform.state_bucket} with Terraform's state is left; docs/operations.md says why."
    )


def asked(question: str) -> str:
    """The operator's answer; empty where nobody is there to give one."""
    sys.stdout.write(question)
    sys.stdout.flush()
    return sys.stdin.readline().strip()


def _find_billing_account(steps: Steps, google: Google, terraform: Terraform) -> None:
    """Let Terraform know whose budget it makes, unless the file of variables says so."""
    account = checks.budget_account(google)
    BILLING.parent.mkdir(parents=True, exist_ok=True)
    BILLING.write_text(json.dumps({"billing_account": account}) + "\n")
    if not account and not setting(terraform.environment, "billing_account"):
        steps.note(
            "No budget warns of costs: these credentials may make none on the project's billing account. "
            "It takes the role Costs Manager there; docs/operations.md, The budget."
        )


def _fill_secrets(google: Google, terraform: Terraform) -> None:
    names = terraform.make_secrets()
    versions = secrets.ensure(secrets.Vault(google, terraform.name), names)
    secrets.tell_terraform(versions, SECRET_VERSIONS)
