"""What a program's processes take of the machine, all that it started included (Linux: /proc)."""

from __future__ import annotations

import os
from pathlib import Path

TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")


class Processes:
    """The trees of processes under these roots."""

    def __init__(self, *roots: int) -> None:
        self.roots = set(roots)

    def cpu_ms(self) -> float:
        """CPU time since they began, with that of children that have ended and were waited for."""
        # utime, stime, cutime, cstime: fields 14 to 17 of proc(5), counted here from the state, the third.
        return sum(sum(map(int, _stat(pid)[11:15])) for pid in self._members()) * TICK_MS

    def peak_mb(self) -> float:
        """The sum of each process's largest resident set since `forget_peak`; what they share counts in each."""
        return sum(_peak_kb(pid) for pid in self._members()) / 1024

    def forget_peak(self) -> None:
        for pid in self._members():
            Path(f"/proc/{pid}/clear_refs").write_text("5")

    def _members(self) -> set[int]:
        parents = {
            int(path.name): int(fields[1])
            for path in Path("/proc").iterdir()
            if path.name.isdigit() and (fields := _stat(int(path.name)))
        }
        found = self.roots & parents.keys()
        while more := {pid for pid, parent in parents.items() if parent in found} - found:
            found |= more
        return found


def _stat(pid: int) -> list[str]:
    """proc(5) stat from the state on; the name before it may hold anything. Empty when the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _peak_kb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)
