"""Peak memory of the process, since it was last asked for where the kernel can say that."""

import contextlib
import re
import resource
from pathlib import Path

__all__ = ["begin_peak", "read_peak_mb"]

PROCESS = Path("/proc/self")


def begin_peak() -> None:
    """Forget the peak so far (Linux; elsewhere the peak is that of the process's life)."""
    with contextlib.suppress(OSError):
        (PROCESS / "clear_refs").write_text("5")


def read_peak_mb() -> float:
    """The peak of resident memory, in MB of 2^20 bytes."""
    with contextlib.suppress(OSError):
        found = re.search(r"VmHWM:\s+(\d+) kB", (PROCESS / "status").read_text())
        if found:
            return int(found[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
