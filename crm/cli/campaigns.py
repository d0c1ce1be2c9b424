"""`crm campaigns`: list them, and audit one."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Column
from rich.table import Table as Grid

from crm.campaigns.campaign import EVERYONE, ROW_STATUSES, Campaign, RowStatus, Stats
from crm.cli.console import Sorry, out
from crm.cli.operator import Operated, Project, operate
from crm.platform.clock import now
from crm.supervision.delivery_audit import DeliveryAudit
from crm.supervision.usecases.audit_delivery import AuditDelivery
from crm.supervision.usecases.correct_counters import CorrectCounters
from crm.supervision.usecases.reconcile import Reconcile

TIMEOUT = 30.0
"""Seconds that the vendor has for one look-up in its ledger."""

ID_WIDTH = 32

app = typer.Typer(no_args_is_help=True, help="Campaigns: what there is, and whether their figures are true.")


@app.command("list")
def show_all(
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many, the newest first.")] = 50,
    project: Project = "",
) -> None:
    """Show the newest campaigns with their figures."""

    async def read(operated: Operated) -> list[tuple[Campaign, Stats]]:
        from crm.campaigns.store.campaigns import Campaigns
        from crm.campaigns.store.counters import Counters

        found, _ = await Campaigns(operated.database).list(limit)
        counts = await Counters(operated.database).by_group(found)
        return [(c, Stats(audience=c.audience or 0, counts=counts[c.campaign_id][EVERYONE])) for c in found]

    # Ids are for copying: whole at any width, on a line of their own.
    grid = Grid(Column("Id", no_wrap=True, min_width=ID_WIDTH), "Campaign", "Recipients")
    for campaign, stats in operate(project, read):
        words = [escape(_in_words(stats))] if campaign.audience else []
        note = [escape(campaign.note)] if campaign.note else []
        status = campaign.status.replace("_", " ")
        name = f"{escape(campaign.name)}\n[dim]{status}[/dim]"
        grid.add_row(campaign.campaign_id, name, "\n".join((*words, *note)))
    out.print(grid)


def _in_words(stats: Stats) -> str:
    """The figures in words: `1,000: 10 pending, 990 sent, 985 delivered, 5 failed`."""
    figures = stats.as_json()
    shown = ("pending", "sent", "delivered", "failed", "skipped", "unknown")
    return f"{stats.audience:,}: " + ", ".join(f"{figures[n]:,} {n}" for n in shown if figures[n])


@app.command("audit")
def audit_one(
    campaign_id: Annotated[str, typer.Argument(metavar="ID", help="The campaign.")],
    apply_corrections: Annotated[
        bool, typer.Option("--apply-corrections", help="Correct counters that are off.")
    ] = False,
    project: Project = "",
) -> None:
    """Compare every recipient of a campaign with the vendor's own ledger.

    The exit code is 0 if all agrees, 1 if anything does not, 2 if it cannot be found out.
    """

    async def look(operated: Operated) -> tuple[DeliveryAudit, int]:
        from crm.campaigns.store.campaigns import Campaigns
        from crm.channels.http_vendor_lookup import HttpVendorLookup
        from crm.supervision.store.counts import FirestoreCounts

        if not operated.vendor_url or not operated.vendor_key:
            raise Sorry("The vendor is not known. Set CRM_VENDOR_URL and CRM_VENDOR_KEY.")
        counts = FirestoreCounts(operated.database)
        campaign = await Campaigns(operated.database).get(campaign_id)
        vendor = HttpVendorLookup(operated.vendor_url, operated.vendor_key, TIMEOUT)
        found = await AuditDelivery(counts=counts, vendor=vendor)(campaign)
        if not apply_corrections or not found.missing:
            return found, 0
        reconcile = Reconcile(counts=counts, correct=CorrectCounters(counts=counts))
        return found, await reconcile(campaign, now())

    found, corrected = operate(project, look)
    out.print(_table(found))
    for finding in found.findings:
        out.print(f"- {finding}", markup=False)
    if found.found > len(found.findings):
        out.print(f"- and {found.found - len(found.findings):,} more")
    if corrected:
        out.print(f"The counters were off by {corrected:,} and are corrected.")
    out.print(f"{found.found:,} differences." if found.found else "No difference.")
    if found.found:
        raise typer.Exit(1)


def _table(found: DeliveryAudit) -> Grid:
    campaign, rows = found.campaign, found.rows
    grid = Grid("Step", "Recipients", "Vendor: accepted", "rejected", "absent")
    grid.title = f"{campaign.name} ({campaign.status})"
    if found.reachable is not None:
        grid.add_row("matched", f"{campaign.matched:,}")
        for reason, number in campaign.excluded.items():
            grid.add_row(f"  {reason}", f"-{number:,}")
        grid.add_row("reachable", f"{found.reachable:,}")
    if campaign.audience is not None:
        grid.add_row("audience", f"{campaign.audience:,}")
    grid.add_row("  pending", f"{found.waiting:,}")
    for status in ROW_STATUSES:
        grid.add_row(f"  {status}", f"{getattr(rows, status):,}", *_vendor(found, status))
    retried = sum(number for (status, _), number in found.vendor.items() if status == "retried")
    if retried:
        grid.add_row("  (rows replaced by another try)", f"({retried:,})", *_vendor(found, "retried"))
    grid.add_row("sent", f"{rows.accepted + rows.delivered:,}")
    grid.add_row("remainder", f"{found.remainder:,}")
    return grid


def _vendor(found: DeliveryAudit, status: RowStatus) -> list[str]:
    return [f"{found.vendor[status, said]:,}" for said in ("accepted", "rejected", "absent")]
