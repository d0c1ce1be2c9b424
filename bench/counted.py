"""functions-framework, counting what the function asks for: `python -m bench.counted --target ingest …`

What it counts is in `$CRM_BENCH_COUNTS/<target>`.
"""

import os
from pathlib import Path

import functions_framework._cli

from bench.counting import Asked, counted, shown_in

if __name__ == "__main__":
    import sys

    target = next(each.partition("=")[2] for each in sys.argv if each.startswith("--target="))
    asked = Asked()
    with counted(asked, shown_in(Path(os.environ["CRM_BENCH_COUNTS"]) / target, asked)):
        functions_framework._cli._cli()
