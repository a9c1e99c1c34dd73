"""What all cases measure with: command lines in turn, medians side by side, processor time and memory of processes."""
import os
import shlex
import statistics
import subprocess
import sys
import time


class Tool:
    """An engine's or a runtime's command line."""

    def __init__(self, definition):
        self.name, _, command = definition.partition("=")
        self.command = shlex.split(command)

    def call(self, *arguments, check=True, stdout=subprocess.PIPE):
        done = subprocess.run([*self.command, *arguments], stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE)
        if check and done.returncode != 0:
            sys.exit(f"{self.name}: {' '.join(arguments)} ended with {done.returncode}: {done.stderr.decode(errors='replace')[-500:]}")
        return (done.stdout or b"").decode(errors="replace").strip()

    def seconds(self, *arguments):
        start = time.perf_counter()
        self.call(*arguments)
        return time.perf_counter() - start


def alternate(tools, repetitions, step, warm_up=2):
    """Calls step(tool), which gives a figure, in turn for each tool; the first rounds are not counted."""
    figures = {tool.name: [] for tool in tools}
    for round_number in range(repetitions + warm_up):
        for tool in tools:
            figure = step(tool)
            if round_number >= warm_up:
                figures[tool.name].append(figure)
    return figures


def report(case, unit, figures, scale=1.0, more_is_better=False):
    reference = None
    for name, values in figures.items():
        values = sorted(value * scale for value in values)
        median = statistics.median(values)
        percentile = values[min(len(values) - 1, int(len(values) * 0.95))]
        if reference is None:
            reference, ratio = median, ""
        elif reference and median:
            ratio = f"costs {reference / median if more_is_better else median / reference:.2f} x the first"
        else:
            ratio = ""
        print(f"{case:16} {name:15} median {median:10.3f} {unit:5} p95 {percentile:10.3f}   {ratio}", flush=True)


def processor_seconds(marks):
    """The processor time so far of the processes that `proportional_kib` counts."""
    total = 0
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/comm") as comm, open(f"/proc/{pid}/cmdline") as line, open(f"/proc/{pid}/stat") as stat:
                name, command, fields = comm.read().strip(), line.read(), stat.read().rpartition(")")[2].split()
            if any(name.startswith(mark) or command.startswith(mark) for mark in marks):
                total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        except OSError:
            pass  # it has ended meanwhile
    return total


def processes(marks):
    """The IDs of all processes whose program or command line begins with one of the marks."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/comm") as comm, open(f"/proc/{pid}/cmdline") as line:
                name, command = comm.read().strip(), line.read()
            if any(name.startswith(mark) or command.startswith(mark) for mark in marks):
                found.append(pid)
        except OSError:
            pass  # it has ended meanwhile
    return found


def proportional_kib(marks):
    """Their proportional set size."""
    total = 0
    for pid in processes(marks):
        try:
            with open(f"/proc/{pid}/smaps_rollup") as sizes:
                total += next(int(size.split()[1]) for size in sizes if size.startswith("Pss:"))
        except (OSError, StopIteration):
            pass  # it has ended meanwhile
    return total
