"""functions-framework, counting what the function asks for: `python -m bench.counted --target ingest …`

What it counts is in `$CRM_BENCH_COUNTS/<target>`; where it spends its processor time, in
`$CRM_BENCH_SAMPLES/<target>` if there is such a folder.
"""

import os
from contextlib import ExitStack
from pathlib import Path

import functions_framework._cli

from bench.counting import Asked, counted, shown_in
from bench.sampling import sampled

if __name__ == "__main__":
    import sys

    target = next(each.partition("=")[2] for each in sys.argv if each.startswith("--target="))
    asked = Asked()
    with ExitStack() as stack:
        stack.enter_context(counted(asked, shown_in(Path(os.environ["CRM_BENCH_COUNTS"]) / target, asked)))
        if samples := os.environ.get("CRM_BENCH_SAMPLES"):
            stack.enter_context(sampled(Path(samples) / target))
        functions_framework._cli._cli()
