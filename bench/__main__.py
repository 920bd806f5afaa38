"""`make bench`: every measurement, one after another, each beside its peer in the same run."""

from __future__ import annotations

import runpy
from pathlib import Path

for path in sorted(Path(__file__).parent.glob("bench_*.py")):
    print(f"\n# {path.stem}", flush=True)
    runpy.run_path(str(path), run_name="__main__")
