"""What a handshake costs: here, with `openssl s_client` in a loop, and with `openssl s_time`, against
one nginx of the lab (TLS 1.3, ECDSA P-256) in the same run. The CPU of the server is not counted.

Runs inside the lab: handshakes.py PROGRAM ADDRESS:PORT, where PROGRAM is the example of this name.
"""

import re
import resource
import subprocess
import sys
import time

SECONDS = 5


def cost(command):
    """Seconds by the wall and of CPU, and what was said."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    text = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.monotonic() - start, cpu, text


def main(program, server):
    rows = []
    for kind, count, at_a_time in (("full", 3000, 1), ("full", 3000, 16), ("weak", 6000, 1), ("weak", 6000, 16), ("legacy", 6000, 16)):
        wall, cpu, _ = cost([program, kind, server, str(count), str(at_a_time)])
        rows.append((f"mailcensus, {kind}, {at_a_time} at a time", count, wall, cpu))
    count = 200
    loop = f"for i in $(seq {count}); do openssl s_client -connect {server} -tls1_3 </dev/null; done"
    rows.append(("openssl s_client, one process each", count, *cost(["bash", "-c", loop + " 2>/dev/null"])[:2]))
    loop = f"for i in $(seq {count}); do openssl s_client -connect {server} -tls1_2 -cipher aNULL:@SECLEVEL=0 </dev/null; done"
    rows.append(("openssl s_client, refused weak hello", count, *cost(["bash", "-c", loop + " 2>/dev/null"])[:2]))
    wall, cpu, text = cost(["openssl", "s_time", "-connect", server, "-new", "-time", str(SECONDS)])
    count = int(re.search(r"(\d+) connections in \d+ real seconds", text)[1])
    rows.append(("openssl s_time, one process", count, wall, cpu))
    # The ratios are to the process that is most like ours: many handshakes, one after the other.
    first = rows[0]
    print(f"{'':<40}{'handshakes':>11}{'per second':>11}{'CPU ms each':>13}{'rate, ratio':>13}{'CPU, ratio':>12}")
    for name, count, wall, cpu in rows:
        rate, each = count / wall, 1000 * cpu / count
        print(f"{name:<40}{count:>11}{rate:>11.0f}{each:>13.2f}{rate / (first[1] / first[2]):>13.2f}{each / (1000 * first[3] / first[1]):>12.2f}")


main(*sys.argv[1:])
