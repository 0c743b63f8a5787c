"""Runs a command and says what it cost: what /usr/bin/time would say, which Debian does not install."""

import resource
import subprocess
import sys
import time

start = time.monotonic()
status = subprocess.call(sys.argv[1:])
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(f"wall {time.monotonic() - start:.1f} s, CPU {used.ru_utime:.1f} s user + "
      f"{used.ru_stime:.1f} s system, peak RSS {used.ru_maxrss / 1024:.0f} MiB", flush=True)
sys.exit(status)
