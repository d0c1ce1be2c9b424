"""`crm cost`: estimates the monthly bill from volumes and list prices."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Column
from rich.table import Table as Grid

from crm.cli.console import Sorry, out, plainly
from crm.cli.cost_model import Volume, bill, per_million, total
from crm.cli.prices import AS_OF, MULTI_REGION, changed
from crm.retention import PERIODS


def cost(
    customers: Annotated[int, typer.Option(min=0, help="Customers that are stored.")] = 0,
    orders_per_day: Annotated[int, typer.Option(min=0, help="Orders that come in a day.")] = 0,
    campaigns: Annotated[int, typer.Option(min=0, help="Campaigns a month.")] = 0,
    recipients: Annotated[int, typer.Option(min=0, help="Recipients of a campaign.")] = 0,
    previews_per_day: Annotated[int, typer.Option(min=0, help="Audiences that are counted a day.")] = 0,
    orders_a_call: Annotated[int, typer.Option(min=1, help="Orders that the shop posts in one call.")] = 1,
    months: Annotated[
        int, typer.Option(min=0, help="Months for which orders and logs have been collected.")
    ] = 12,
    segments: Annotated[int, typer.Option(min=0, help="Segments, each with a snapshot a day.")] = 0,
    segment_size: Annotated[int, typer.Option(min=0, help="Customers in a segment.")] = 0,
    snapshot_days: Annotated[
        int, typer.Option(min=1, help="Days that each snapshot of a segment is kept.")
    ] = PERIODS["segment_snapshots"].days,
    backup_days: Annotated[int, typer.Option(min=0, help="Days that each daily backup is kept.")] = 14,
    opened: Annotated[float, typer.Option(min=0, max=100, help="Of 100 messages those opened.")] = 0,
    clicked: Annotated[float, typer.Option(min=0, max=100, help="Of 100 messages those clicked.")] = 0,
    message_kib: Annotated[float, typer.Option(min=0, help="KiB that a vendor gets for each message.")] = 1,
    warm_cpu: Annotated[float, typer.Option(min=0, help="Processors that are kept warm.")] = 0,
    warm_gib: Annotated[float, typer.Option(min=0, help="GiB of memory that is kept warm.")] = 0,
    multi_region: Annotated[
        bool, typer.Option("--multi-region", help="The database is in several regions, such as eur3.")
    ] = False,
    service_levels: Annotated[
        bool, typer.Option("--service-levels", help="With alerts on service levels.")
    ] = False,
    prices: Annotated[
        str, typer.Option(metavar="FILE", help="JSON: name of a price → dollars for one unit.")
    ] = "",
) -> None:
    """Estimate the monthly bill, item by item, and the cost of another million messages.

    Without options, estimate a system that nobody uses. A shop with two campaigns a week:
    crm cost --customers 20000 --orders-per-day 500 --campaigns 8 --recipients 10000
    """
    volume = Volume(
        customers=customers,
        orders_per_day=orders_per_day,
        campaigns=campaigns,
        recipients=recipients,
        previews_per_day=previews_per_day,
        orders_a_call=orders_a_call,
        months=months,
        segments=segments,
        segment_size=segment_size,
        snapshot_days=snapshot_days,
        backup_days=backup_days,
        opened=opened,
        clicked=clicked,
        message_kib=message_kib,
        warm_cpu=warm_cpu,
        warm_gib=warm_gib,
        service_levels=service_levels,
    )
    with plainly():
        location = MULTI_REGION if multi_region else {}
        chosen = changed({**location, **(_read(Path(prices)) if prices else {})})
    grid = Grid("Item", Column("Amount", justify="right"), "", Column("US $", justify="right"))
    for line in bill(volume, chosen):
        amount = f"{line.units:,.0f}" if line.units >= 10 or not line.units else f"{line.units:.2g}"
        grid.add_row(line.name, amount, line.unit, f"{line.dollars:,.2f}")
    grid.add_row("total", "", "a month", f"{total(volume, chosen):,.2f}", end_section=True)
    out.print(grid)
    source = f"of {prices}" if prices else f"as of {AS_OF}"
    out.print(
        f"A million more messages cost $ {per_million(volume, chosen):,.2f}. List prices {source}.",
        markup=False,
    )


def _read(file: Path) -> dict[str, float]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        each = {str(name): float(price) for name, price in found.items()}
        changed(each)
        return each
    except LookupError as error:
        raise Sorry(str(error.args[0])) from error
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise Sorry(f"{file} is no JSON object of prices: {error}") from error
