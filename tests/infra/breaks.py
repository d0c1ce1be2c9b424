"""Break infra/terraform in a copy, one thing at a time, and see whether its tests notice: a few minutes.

`python -m tests.infra.breaks` prints a table, and ends with 1 where a break was not noticed by the assertion
that is there for it. `CRM_TERRAFORM` names a wrapper of the CLI that serves the providers, if one is needed.
"""

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from deploy.offline_plan import LOCAL_STATE, program
from tests.infra.conftest import SOURCE, name_wrapper


@dataclass(frozen=True)
class Break:
    """In `file`, `old` becomes `new`; `noticed` is the sentence of the assertion that must fail."""

    noticed: str
    file: str
    old: str
    new: str


MODULE = "modules/function/main.tf"
PUSH = "modules/push/main.tf"

BREAKS = (
    Break(
        "Another function is public than those meant.",
        "functions.tf",
        "consumer  = { timeout = 50, public = false",
        "consumer  = { timeout = 50, public = true",
    ),
    Break(
        "Everybody may call a function that is not public, or nobody one that is.",
        MODULE,
        '!var.public ? var.invokers : var.iam_disabled ? {} : { everybody = "allUsers" }',
        '{ everybody = "allUsers" }',
    ),
    Break(
        "A function that only Pub/Sub and the scheduler call is reachable from outside.",
        MODULE,
        '!var.public ? "ALLOW_INTERNAL_ONLY" :',
        'false ? "ALLOW_INTERNAL_ONLY" :',
    ),
    Break("The packages could be made public.", "functions.tf", '"enforced"', '"inherited"'),
    Break(
        "A push is missing.",
        "pushes.tf",
        'source   = "./modules/push"\n  for_each = local.pushes',
        'source   = "./modules/push"\n'
        '  for_each = { for topic, push in local.pushes : topic => push if topic != "receipts" }',
    ),
    Break(
        "A push goes without an identity token for the function that it calls.",
        PUSH,
        "service_account_email = var.account",
        'service_account_email = "somebody@example.com"',
    ),
    Break(
        "A push goes without an identity token for the function that it calls.",
        PUSH,
        "audience              = var.audience",
        'audience              = "https://example.com"',
    ),
    Break(
        "A push has no dead letters, or no retry policy.",
        PUSH,
        'retry_policy {\n    minimum_backoff = "${var.retry_min}s"\n'
        '    maximum_backoff = "${var.retry_max}s"\n  }',
        "",
    ),
    Break(
        "A push has no dead letters, or no retry policy.",
        PUSH,
        "dead_letter_policy {\n    dead_letter_topic     = var.dead_letter_topic\n"
        "    max_delivery_attempts = var.max_attempts\n  }",
        "",
    ),
    Break("Pub/Sub takes 5 to 100 attempts.", "pushes.tf", "max_attempts = 100", "max_attempts = 101"),
    Break("A subscription expires.", PUSH, 'ttl = ""', 'ttl = "2592000s"'),
    Break(
        "The tick goes without an identity token.",
        "pushes.tf",
        'audience              = local.urls["deliver"]',
        'audience              = local.urls["ingest"]',
    ),
    Break(
        "The vendor may take longer than the function that waits for it.",
        "functions.tf",
        'CRM_VENDOR_TIMEOUT = "20"',
        'CRM_VENDOR_TIMEOUT = "110"',
    ),
    Break(
        "A message comes again while it is still being handled.",
        "functions.tf",
        "receipts  = { timeout = 50",
        "receipts  = { timeout = 60",
    ),
    Break(
        "A lease ends before the message that holds it comes again.",
        "pushes.tf",
        'partitions       = { function = "deliver", ack_deadline = 120',
        'partitions       = { function = "deliver", ack_deadline = 121',
    ),
    Break(
        "The scheduler gives the tick up before the platform does.",
        "pushes.tf",
        'attempt_deadline = "120s"',
        'attempt_deadline = "100s"',
    ),
    Break("A setting could change what is set here.", "functions.tf", '"CRM_LEASE", ', ""),
    Break(
        "A secret stands in plain among the variables of a function.",
        "functions.tf",
        "CRM_PROJECT      = var.project",
        'CRM_PROJECT      = var.project\n    CRM_API_KEY = "hunter2"',
    ),
    Break(
        "A function does not say which version it runs.",
        "functions.tf",
        "labels        = local.release_labels\n",
        "labels        = {}\n",
    ),
    Break(
        "A secret is read without saying which version.",
        "secrets.tf",
        'lookup(var.secret_versions, name, "1")',
        'lookup(var.secret_versions, name, "latest")',
    ),
    Break(
        "A function may read another secret than it needs, or less.",
        MODULE,
        "secret_id = each.value.secret",
        'secret_id = "all"',
    ),
    Break(
        "A secret is read by others than those that need it.",
        "secrets.tf",
        '[{ variable = "CRM_WEBHOOK_SECRET", functions = ["vendor"] }]',
        '[{ variable = "CRM_WEBHOOK_SECRET", functions = ["vendor", "ingest"] }]',
    ),
    Break(
        "A secret is read by others than those that need it.",
        "secrets.tf",
        "simulated-vendor-key = [",
        "vendor-key = [",
    ),
    Break(
        "Two functions share an account.",
        MODULE,
        "account_id   = var.name",
        'account_id   = "functions"',
    ),
    Break(
        "A function may do more in the database than it must.",
        "functions.tf",
        'rights = "read"',
        'rights = "write"',
    ),
    Break(
        "A role gives more rights to documents than its name says, or rights to the database itself.",
        "access.tf",
        'write  = concat(local.read, ["datastore.entities.create", ',
        'write  = concat(local.read, ["datastore.entities.delete", ',
    ),
    Break(
        "The tick may not see backups, or may do more with them.",
        "access.tf",
        '"datastore.backups.list"',
        '"datastore.backups.list", "datastore.backups.delete"',
    ),
    Break(
        "The rules let a client read or write a document.",
        "firestore.rules",
        "allow read, write: if false",
        "allow read, write: if request.auth != null",
    ),
    Break(
        "The rules are those of another database.",
        "access.tf",
        '"cloud.firestore/${local.database}"',
        '"cloud.firestore"',
    ),
    Break(
        "A person reads or changes documents, or reads a secret, and no log says so.",
        "access.tf",
        '["DATA_READ", "DATA_WRITE"]',
        '["DATA_WRITE"]',
    ),
    Break(
        "Others than the functions are exempt from the audit logs, or each document that a function reads "
        "is logged.",
        "access.tf",
        "[for one in local.made : one.member]",
        '["user:owner@example.com"]',
    ),
    Break(
        "A load balancer is paid for that nobody asked for.",
        "edge.tf",
        'resource "google_compute_global_address" "edge" {\n  for_each = local.edge',
        'resource "google_compute_global_address" "edge" {\n  for_each = { this = true }',
    ),
    Break(
        "A function can be called around the edge.",
        MODULE,
        '"ALLOW_INTERNAL_AND_GCLB"',
        '"ALLOW_ALL"',
    ),
    Break(
        "The edge does not lead to every function that the app calls.",
        "edge.tf",
        "for_each = local.routes\n",
        "for_each = slice(local.routes, 1, length(local.routes))\n",
    ),
    Break(
        "One address may call as often as it likes.",
        "edge.tf",
        'exceed_action  = "deny(429)"',
        'exceed_action  = "allow"',
    ),
    Break(
        "Somebody is led to an address that the edge has closed.",
        "functions.tf",
        'var.edge ? local.public_url : local.urls["receipts"]',
        'local.urls["receipts"]',
    ),
    Break(
        "Rate limits count callers by the address of the load balancer.",
        "functions.tf",
        'contains(local.behind_edge, function) ? "2" : "1"',
        '"1"',
    ),
    Break(
        "Callers of a function before which there is no load balancer choose the address that they are "
        "counted by.",
        "functions.tf",
        'contains(local.behind_edge, function) ? "2" : "1"',
        'var.edge ? "2" : "1"',
    ),
    Break(
        "There is a budget although it was declined.",
        "monitoring.tf",
        'var.budget ? var.billing_account : ""',
        "var.billing_account",
    ),
    Break(
        "Nobody is told when a month costs more than expected.",
        "monitoring.tf",
        'var.budget ? var.billing_account : ""',
        '""',
    ),
    Break(
        "A function may publish to another topic than it must.",
        "functions.tf",
        "for topic in local.publishes[function] :",
        'for topic in ["records"] :',
    ),
    Break(
        "Firestore takes no such id: it has 4 to 63 characters.",
        "firestore.tf",
        '"${var.name}-data"',
        "var.name",
    ),
    Break(
        "The database can be deleted, or cannot go back in time.",
        "firestore.tf",
        '"POINT_IN_TIME_RECOVERY_ENABLED"',
        '"POINT_IN_TIME_RECOVERY_DISABLED"',
    ),
    Break(
        "The database can be deleted, or cannot go back in time.",
        "firestore.tf",
        'var.protected ? "DELETE_PROTECTION_ENABLED" : "DELETE_PROTECTION_DISABLED"',
        '"DELETE_PROTECTION_DISABLED"',
    ),
    Break(
        "Backups are not kept as long as was asked for.",
        "firestore.tf",
        "var.backup_days * 24 * 3600",
        "7 * 24 * 3600",
    ),
    Break(
        "The ledger of erasures could be made public.",
        "erasures.tf",
        '"enforced"',
        '"inherited"',
    ),
    Break(
        "A backup outlives the ledger that says who must be erased from it again.",
        "erasures.tf",
        "age = var.erasure_ledger_days",
        "age = 30",
    ),
    Break(
        "A function may do more with the ledger of erasures than add to it, or may not add.",
        "erasures.tf",
        '"roles/storage.objectCreator"',
        '"roles/storage.objectAdmin"',
    ),
    Break(
        "A topic would be shared.",
        "pushes.tf",
        'name    = "${local.prefix}${each.key}"\n\n',
        'name    = "crm-${each.key}"\n\n',
    ),
    Break(
        "A function would be shared.",
        "functions.tf",
        'name          = "${var.name}-${function}"',
        'name          = "crm-${function}"',
    ),
    Break(
        "A secret would be shared.",
        "secrets.tf",
        'secret_id = "${var.name}-${each.key}"',
        'secret_id = "crm-${each.key}"',
    ),
    Break(
        "A database, bucket, site, job or account would be shared.",
        "functions.tf",
        '"${var.project}-${var.name}-packages"',
        '"${var.project}-packages"',
    ),
    Break(
        "The small environment does not scale to zero, or has no vendor that is simulated.",
        "environments/small.tfvars",
        "monthly_budget = 20",
        "monthly_budget = 20\nscale = { ingest = { min = 1 } }",
    ),
    Break(
        "The large environment sends to a vendor that is simulated.",
        "functions.tf",
        'var.simulated_vendor ? local.urls["vendor"] : var.vendor_url',
        'local.urls["ingest"]',
    ),
    Break(
        "Nobody asks from outside whether the domain of one's own answers.",
        "monitoring.tf",
        '[for domain in var.domains : "https://${domain}"]',
        "[]",
    ),
    Break(
        "Something is made that nobody asked for.",
        "egress.tf",
        "var.static_egress ? { this = true } : {}",
        "{ this = true }",
    ),
    Break(
        "Secrets are kept in other places than Google chooses.",
        "secrets.tf",
        'var.kms_key == "" ? sort(var.secret_locations) : [var.region]',
        "[var.region]",
    ),
    Break(
        "An organization that shares with its own domain alone refuses this.",
        MODULE,
        'var.iam_disabled ? {} : { everybody = "allUsers" }',
        '{ everybody = "allUsers" }',
    ),
    Break(
        "Pub/Sub and the scheduler may no longer call their functions.",
        MODULE,
        "!var.public ? var.invokers : var.iam_disabled ? {} :",
        "var.iam_disabled ? {} : !var.public ? var.invokers :",
    ),
    Break(
        "Something is stored under another key.",
        "firestore.tf",
        'dynamic "cmek_config" {\n    for_each = local.kms_keys',
        'dynamic "cmek_config" {\n    for_each = []',
    ),
    Break(
        "Something is stored under another key.",
        MODULE,
        "kms_key_name = var.kms_key",
        "kms_key_name = null",
    ),
    Break(
        "A service that encrypts may not use the key.",
        "kms.tf",
        '    run              = "serverless-robot-prod"\n',
        "",
    ),
    Break(
        "Secrets are kept in other places than those that are allowed.",
        "secrets.tf",
        "sort(var.secret_locations)",
        "slice(sort(var.secret_locations), 0, min(1, length(var.secret_locations)))",
    ),
    Break(
        "The vendor is called from an address that changes.",
        "egress.tf",
        'calling_out = ["campaigns", "deliver"]',
        'calling_out = ["deliver"]',
    ),
    Break(
        "The base image changes without a deployment.",
        "functions.tf",
        "updates       = var.runtime_updates\n",
        'updates       = "automatic"\n',
    ),
    Break(
        "Another repository, or another environment of this one, may deploy.",
        "modules/deployer/main.tf",
        """"assertion.sub == '${local.subject}'\"""",
        """"assertion.repository == '${var.repository}'\"""",
    ),
    Break(
        "Whoever deploys may make more of themselves.",
        "deployer.tf",
        '["roles/logging.logWriter", "roles/storage.objectViewer"]',
        '["roles/logging.logWriter", "roles/storage.objectViewer", "roles/owner"]',
    ),
)


def main() -> int:
    """Do them all; how many nobody noticed."""
    name_wrapper()
    command = program()
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "terraform"
        shutil.copytree(SOURCE, place, ignore=shutil.ignore_patterns(".terraform*"))
        (place / "backend_override.tf").write_text(LOCAL_STATE)
        subprocess.run([command, "init", "-no-color"], cwd=place, check=True, capture_output=True)
        for each in BREAKS:
            is_noticed = _notices(command, place, each)
            missed += not is_noticed
            outcome = "noticed" if is_noticed else "MISSED "
            sys.stdout.write(
                f"{outcome}  {each.file}: {each.old.splitlines()[0]} → {each.new!r}: {each.noticed}\n"
            )
            sys.stdout.flush()
    return missed


def _notices(command: str, place: Path, broken: Break) -> bool:
    file = place / broken.file
    whole = file.read_text()
    file.write_text(whole.replace(broken.old, broken.new, 1))
    tests = [
        f"-filter=tests/{name}.tftest.hcl"
        for name in ("promises", "installations", "environments", "switches")
    ]
    arguments = [command, "test", "-no-color", "-var-file=environments/small.tfvars", *tests]
    done = subprocess.run(arguments, cwd=place, check=False, capture_output=True, text=True)
    file.write_text(whole)
    said = " ".join((done.stdout + done.stderr).replace("│", " ").split())
    return done.returncode != 0 and broken.noticed in said


if __name__ == "__main__":
    sys.exit(min(main(), 1))
