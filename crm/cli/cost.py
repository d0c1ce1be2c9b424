"""`crm cost`: estimates the monthly bill from volumes and list prices."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Column
from rich.table import Table as Grid

from crm.cli.console import Sorry, out, plainly
from crm.cli.cost_model import Volume, bill, per_million, total
from crm.cli.prices import AS_OF, LIST, Price, changed
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
    warm: Annotated[int, typer.Option(min=0, help="Instances that are kept warm.")] = 0,
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
        warm=warm,
    )
    with plainly():
        chosen = _read(Path(prices)) if prices else dict(LIST)
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


def _read(file: Path) -> dict[str, Price]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        return changed({str(name): float(each) for name, each in found.items()})
    except LookupError as error:
        raise Sorry(str(error.args[0])) from error
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise Sorry(f"{file} is no JSON object of prices: {error}") from error
