"""The `crm` command line on a stack."""

import asyncio
import os
import sys
from pathlib import Path

_PROGRAM = "from crm.cli.main import app; app()"


async def audit(folder: Path, campaign_id: str, name: str) -> list[str]:
    """What `crm campaigns audit` finds wrong."""
    return await _findings(folder, f"the audit of {name}", "campaigns", "audit", campaign_id)


async def verify_audience(folder: Path) -> list[str]:
    """What `crm audience verify` finds wrong."""
    return await _findings(folder, "the audience", "audience", "verify", "--show", "3")


async def reapply_erasures(folder: Path) -> list[str]:
    """Erase again whom the ledger names; what went wrong."""
    return await _findings(folder, "the erasures", "privacy", "reapply", "--yes")


async def _findings(folder: Path, what: str, *arguments: str) -> list[str]:
    """Empty if the command succeeds, else the end of its output."""
    environment = {**os.environ, "CRM_STACK": str(folder / "stack.json"), "COLUMNS": "200"}
    command = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _PROGRAM, *arguments),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await command.communicate()
    if command.returncode == 0:
        return []
    return [f"{what}: {' / '.join(output.decode().strip().splitlines()[-4:])}"]
