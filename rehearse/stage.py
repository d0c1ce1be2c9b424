"""The stack under rehearsal: emulators, gateway and scheduler of the local stack, functions from packages."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from crm.topology import FUNCTIONS
from deploy.buildpack import Unpacked
from devstack import provision
from devstack.broker import Broker
from devstack.emulators import PROJECT, Emulators
from devstack.errors import StackError
from devstack.functions import Functions
from devstack.settings import UNLIMITED, Ports
from prove.stage import Base
from rehearse.fleet import Fleet
from rehearse.front import Front

KNOBS: Final[Mapping[str, Mapping[str, str]]] = {
    **{name: {"CRM_RATE_LIMITS": UNLIMITED} for name in FUNCTIONS},
    "vendor": {
        "CRM_RATE_LIMITS": UNLIMITED,
        "CRM_KEEP_CONTENT": "true",
        "CRM_FAILURE_RATE": "0.1",
        "CRM_OPENED_RATE": "0.4",
        "CRM_CLICKED_RATE": "0.4",
        "CRM_DUPLICATE_RATE": "0.05",
        "CRM_REORDER_RATE": "0.1",
    },
}
"""Function → its variables, in addition to those of an installation: one machine makes all calls, and the
vendor's ledger is read at the end."""

Plan = Mapping[str, Mapping[str, str]]
"""Function → its variables as Terraform plans them."""

_LOCAL_ONLY: Final = frozenset(
    {
        "CRM_CERTS_URL",
        "CRM_ISSUERS",
        "CRM_IDENTITY_URL",
        "CRM_PUSH_TOKEN_IN_QUERY",
        "CRM_SECURE_COOKIES",
    }
)
"""What an installation in the cloud leaves as it is: here tokens are signed by the stack, over HTTP."""

_OFFLINE: Final[Mapping[str, str]] = {"CRM_BACKUP_WITHIN_HOURS": "0"}
"""Values with which a function does not call Google."""

_OF_GOOGLE: Final = frozenset({"CRM_GEMINI_KEY", "CRM_GEMINI_URL"})
"""Without these a function does not call Google."""

HARMLESS: Final = frozenset(
    f"CRM_{name}"
    for name in (
        *("TRUSTED_HOPS", "RETENTION", "HOSTED_DOMAIN", "TIME_ZONE", "CURRENCY"),
        *("PACK_WINDOW_MS", "COMMIT_WINDOW_MS"),
        *("PRICE_SIMULATOR", "PRICE_EMAIL", "PRICE_SMS", "MESSAGES_PER_SECOND"),
        *("VENDOR_TIMEOUT", "LEASE", "RECEIPT_SILENCE_HOURS", "STALL_MINUTES", "SCHEDULE_GRACE_MINUTES"),
        *("CIRCUIT_BREAKER_THRESHOLD", "CIRCUIT_BREAKER_MINIMUM", "VENDOR_MEMORY_HOURS"),
        *("GEMINI_MODEL", "GEMINI_TIMEOUT"),
        *("REJECTED_RATE", "RECEIPT_DELAY", "CALLBACK_BATCH", "THROTTLE_RATE", "ERROR_RATE", "TIMEOUT_RATE"),
        *("HANG", "SEED"),
    )
)
"""What a plan may set as it likes: it leads to no server, and nobody is called because of it."""


@dataclass(slots=True)
class Stage:
    """What runs. `ports` are the front's and the gateway's."""

    folder: Path
    ports: Ports
    api_key: str
    emulators: Emulators
    front: Front
    fleet: Fleet

    @property
    def logs(self) -> Path:
        return self.folder / "logs"


@contextmanager
def staged(
    folder: Path, packages: Mapping[str, Mapping[str, Unpacked]], plans: Mapping[str, Plan]
) -> Iterator[Stage]:
    """A ready stack of all these versions, of which the first is called; it ends with the block.

    A function without a plan gets the variables of the local stack. Raises StackError.
    """
    names = dict.fromkeys([*FUNCTIONS, *(name for functions in packages.values() for name in functions)])
    with ExitStack() as running:
        base = running.enter_context(Base.running(folder, names))
        ports, emulators = base.ports, base.emulators
        wired = base.environments()
        every = {name: value for values in wired.values() for name, value in values.items()}
        variables = {
            version: {
                # A function that this checkout does not have may read any of them.
                name: variables_of(version, name, wired.get(name, every), plans.get(version, {}).get(name))
                for name in functions
            }
            for version, functions in packages.items()
        }
        broker = Broker(emulators.pubsub_host, PROJECT)
        provision.topics(broker)
        front = Front(ports)
        running.enter_context(front.open())
        gateway = Functions(ports, {}, base.secrets, base.logs, names=())
        running.enter_context(gateway.running())
        fleet = Fleet(front, packages, variables, base.logs)
        running.enter_context(fleet.running())
        first = next(iter(packages))
        for function in packages[first]:
            fleet.serve(function, first)
        gateway.wait_until_ready()
        asyncio.run(fleet.ready())
        running.enter_context(provision.pushing(broker, ports, base.token))
        api_key = running.enter_context(base.in_use(ports))
        yield Stage(folder, ports, api_key, emulators, front, fleet)


def variables_of(
    version: str, function: str, wired: Mapping[str, str], plan: Mapping[str, str] | None
) -> dict[str, str]:
    """The variables that the plan names, those of the addresses and secrets with this stack's values.

    `wired` are the variables of the local stack, which it gets where there is no plan. Raises StackError for
    a planned variable that might have the function call Google.
    """
    own = {"CRM_VERSION": version, **KNOBS.get(function, {"CRM_RATE_LIMITS": UNLIMITED})}
    if plan is None:
        return {**wired, **own}
    local = {name: value for name, value in wired.items() if name in _LOCAL_ONLY}
    set_here = {**wired, **_OFFLINE, **own}
    planned = {name: set_here.get(name, value) for name, value in plan.items() if name not in _OF_GOOGLE}
    if unknown := sorted(planned.keys() - set_here.keys() - HARMLESS):
        raise StackError(
            f"{function} of {version} is planned with {', '.join(unknown)}. Does it call Google because "
            "of that? If not, name it in HARMLESS of rehearse/stage.py."
        )
    return {**planned, **local, **own}
