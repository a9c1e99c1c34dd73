#!/usr/bin/env python3
"""Measures container engines side by side.

An engine is NAME=COMMAND: a command line that docker's commands can be appended to. A runtime is NAME=COMMAND: a command
line that runc's commands can be appended to. Cases alternate between the engines, A B A B ..., so that a change of the
machine's speed hits all alike. Printed are median, 95th percentile, and how often the first engine's cost each of them has.

Cases: run run-nonet exec ps ps-many inspect events idle create-rm parallel memory load logs runtime-run runtime-cpu
       compose (with --compose)
       build-steps build-cached build-context build-stages build-copy build-memory (with --buildx)
       throughput ports (with the image of eng/network-image)
       push pull (with a registry)
"""
import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

from builds import BUILD_CASES
from measure import Tool, alternate, processes, processor_seconds, proportional_kib, report

IMAGE = "busybox"


def run(engines, options, *more, case="run"):
    report(case, "ms", alternate(engines, options.n, lambda engine: engine.seconds("run", "--rm", *more, IMAGE, "true")), scale=1000)


def run_nonet(engines, options):
    run(engines, options, "--network", "none", case="run-nonet")


def exec_(engines, options):
    for engine in engines:
        engine.call("run", "-d", "--name", "bench-exec", "--network", "none", IMAGE, "sleep", "3600")
    try:
        report("exec", "ms", alternate(engines, options.n, lambda engine: engine.seconds("exec", "bench-exec", "true")), scale=1000)
    finally:
        for engine in engines:
            engine.call("rm", "-f", "bench-exec", check=False)


def ps(engines, options):
    report("ps", "ms", alternate(engines, options.n, lambda engine: engine.seconds("ps", "-a")), scale=1000)


def ps_many(engines, options):
    """`ps -a` with --stopped containers that were never started."""
    names = [f"bench-many-{i}" for i in range(options.stopped)]

    def on_all(engine, make):
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(make, names))

    try:
        for engine in engines:
            on_all(engine, lambda name: engine.call("create", "--name", name, "--network", "none", IMAGE, "true"))
        report(f"ps -a x{options.stopped}", "ms", alternate(engines, options.n, lambda engine: engine.seconds("ps", "-a")), scale=1000)
    finally:
        for engine in engines:
            for first in range(0, len(names), 100):
                engine.call("rm", "-f", *names[first:first + 100], check=False)


def inspect(engines, options):
    for engine in engines:
        engine.call("run", "-d", "--name", "bench-inspect", IMAGE, "sleep", "3600")
    try:
        report("inspect", "ms", alternate(engines, options.n, lambda engine: engine.seconds("inspect", "bench-inspect")), scale=1000)
    finally:
        for engine in engines:
            engine.call("rm", "-f", "bench-inspect", check=False)


def events(engines, options):
    """`events --since --until` over at least 200 events: 50 containers that are made and removed make four each, here or on the peer."""
    since = {}
    for engine in engines:
        since[engine.name] = f"{time.time() - 1:.3f}"
        for _ in range(50):
            engine.call("run", "--rm", "--network", "none", IMAGE, "true")
        since[engine.name] = ("events", "--since", since[engine.name], "--until", f"{time.time() + 1:.3f}")
    time.sleep(1.5)
    for engine in engines:
        found = len(engine.call(*since[engine.name]).splitlines())
        if found < 200:
            sys.exit(f"{engine.name}: only {found} events in the span that is measured")
    report("events", "ms", alternate(engines, options.n, lambda engine: engine.seconds(*since[engine.name])), scale=1000)


def idle(engines, options):
    """The processor time of the engine's own processes while ten containers sleep, in percent of one processor."""
    names = [f"bench-idle-{i}" for i in range(10)]
    figures = {}
    for engine in engines:
        for name in names:
            engine.call("run", "-d", "--name", name, IMAGE, "sleep", "3600")
    time.sleep(20)
    seconds = 60
    before = {engine.name: processor_seconds(options.procs[engine.name]) for engine in engines}
    time.sleep(seconds)
    for engine in engines:
        figures[engine.name] = [(processor_seconds(options.procs[engine.name]) - before[engine.name]) / seconds * 100]
        engine.call("rm", "-f", *names, check=False)
    report("idle", "%", figures)


def create_rm(engines, options):
    def step(engine):
        start = time.perf_counter()
        engine.call("rm", engine.call("create", IMAGE, "true"))
        return time.perf_counter() - start

    report("create-rm", "ms", alternate(engines, options.n, step), scale=1000)


def parallel(engines, options):
    """--many containers, eight at a time, until all run; then all removed by one command."""
    up, down = {}, {}
    names = [f"bench-parallel-{i}" for i in range(options.many)]
    for engine in engines:
        start = time.perf_counter()
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda name: engine.call("run", "-d", "--name", name, "--network", "none", IMAGE, "sleep", "3600"), names))
        up[engine.name] = [time.perf_counter() - start]
        start = time.perf_counter()
        engine.call("rm", "-f", *names)
        down[engine.name] = [time.perf_counter() - start]
    report(f"up x{options.many}", "s", up)
    report(f"rm x{options.many}", "s", down)


def memory(engines, options):
    """Of the engine's own processes: a minute after --many containers came and went twice, and what each running one adds."""
    idle, each = {}, {}
    names = [f"bench-memory-{i}" for i in range(options.many)]
    for engine in engines:
        marks = options.procs[engine.name]

        def start_all():
            for name in names:
                engine.call("run", "-d", "--name", name, "--network", "none", IMAGE, "sleep", "3600")

        start_all()
        engine.call("rm", "-f", *names)
        time.sleep(5)
        before = proportional_kib(marks)
        start_all()
        time.sleep(3)
        after = proportional_kib(marks)
        engine.call("rm", "-f", *names)
        each[engine.name] = [(after - before) / 1024 / options.many]
    time.sleep(60)
    for engine in engines:
        idle[engine.name] = [proportional_kib(options.procs[engine.name]) / 1024]
    report("memory idle", "MiB", idle)
    report("memory each", "MiB", each)


def load(engines, options):
    def step(engine):
        engine.call("rmi", "-f", options.image, check=False)
        return engine.seconds("load", "-i", options.image_tar)

    report("load", "s", alternate(engines, 5, step, warm_up=1))


def registry_name(options):
    return f"{options.registry}/bench/{options.image}"


def push(engines, options):
    name = registry_name(options)

    def step(engine):
        # Loaded anew, into a registry that has nothing: nothing is compressed already, there already, or can be mounted.
        shutil.rmtree(f"{options.registry_folder}/docker", ignore_errors=True)
        engine.call("rmi", "-f", name, options.image, check=False)
        engine.call("load", "-i", options.image_tar)
        engine.call("tag", options.image, name)
        return engine.seconds("push", "-q", name)

    report("push", "s", alternate(engines, 3, step, warm_up=1))


def pull(engines, options):
    name = registry_name(options)
    engines[0].call("load", "-i", options.image_tar)
    engines[0].call("tag", options.image, name)
    engines[0].call("push", "-q", name)
    for engine in engines:
        engine.call("rmi", "-f", options.image, check=False)

    def step(engine):
        engine.call("rmi", "-f", name, check=False)
        return engine.seconds("pull", "-q", name)

    report("pull", "s", alternate(engines, 5, step, warm_up=1))


def logs(engines, options):
    """A container writes 202.5 MB in lines of 81 bytes as fast as they are taken; then they are read back."""
    line = "0123456789" * 8
    script = f"yes {line} | head -n 25000 >/block; i=0; while [ $i -lt 100 ]; do cat /block; i=$((i+1)); done"
    written, read = {}, {}
    for engine in engines:
        start = time.perf_counter()
        engine.call("run", "-d", "--name", "bench-logs", "--network", "none", IMAGE, "sh", "-c", script)
        engine.call("wait", "bench-logs")
        written[engine.name] = [202.5 / (time.perf_counter() - start)]
        start = time.perf_counter()
        reader = subprocess.Popen([*engine.command, "logs", "bench-logs"], stdout=subprocess.PIPE)
        size = 0
        while chunk := reader.stdout.read(1 << 20):
            size += len(chunk)
        reader.wait()
        read[engine.name] = [size / 1e6 / (time.perf_counter() - start)]
        if size != 202_500_000:
            print(f"{engine.name}: the log has {size} bytes instead of 202500000")
        engine.call("rm", "-f", "bench-logs")
    report("logs written", "MB/s", written, more_is_better=True)
    report("logs read", "MB/s", read, more_is_better=True)


def iperf(engine, *arguments):
    """How many Gbit a second iperf3 sends, from a container."""
    answer = json.loads(engine.call("run", "--rm", *arguments, "-t", "3", "-J"))
    return answer["end"]["sum_received"]["bits_per_second"] / 1e9


def throughput(engines, options):
    """TCP, one connection: from container to container, from the host and from a container by a published port."""
    servers, figures = {}, {}
    engines = list(engines)
    try:
        for number, engine in enumerate(engines):
            port = str(25201 + number)
            engine.call("run", "-d", "--name", "bench-iperf", "-p", f"{port}:5201", options.network_image, "iperf3", "-s")
            network = json.loads(engine.call("inspect", "bench-iperf"))[0]["NetworkSettings"]["Networks"]["bridge"]
            servers[engine.name] = (network["IPAddress"], network["Gateway"], port)
        time.sleep(1)
        ways = {
            "container": lambda engine: iperf(engine, options.network_image, "iperf3", "-c", servers[engine.name][0]),
            "published": lambda engine: iperf(engine, "--network", "host", options.network_image, "iperf3", "-c", "127.0.0.1", "-p", servers[engine.name][2]),
            "hairpin": lambda engine: iperf(engine, options.network_image, "iperf3", "-c", servers[engine.name][1], "-p", servers[engine.name][2]),
        }
        for way, step in ways.items():
            figures[way] = alternate(engines, 3, step, warm_up=1)
            report(f"net {way}", "Gb/s", figures[way], more_is_better=True)
    finally:
        for engine in engines:
            engine.call("rm", "-f", "bench-iperf", check=False)


def ports(engines, options):
    """Processes of the engine itself that a hundred published ports add to those of a container with one."""
    added = {}
    for engine in engines:
        count = lambda: len(processes(options.procs[engine.name]))

        def processes_with(name, port):
            engine.call("run", "-d", "--name", name, "-p", port, IMAGE, "sleep", "3600")
            time.sleep(1)
            return count()

        before = count()
        with_one = processes_with("bench-ports-one", "26000:80") - before
        with_many = processes_with("bench-ports", "26100-26199:100-199") - before - with_one
        engine.call("rm", "-f", "bench-ports", "bench-ports-one")
        added[engine.name] = [with_many]
    report("ports x100", "procs", added)


class Bundle:
    """A bundle whose process is `true`, as long as it is entered."""

    def __init__(self, runtimes, options):
        self.runtimes, self.options = runtimes, options

    def __enter__(self):
        options = self.options
        self.folder = folder = tempfile.mkdtemp(prefix="gantry-bench-bundle-", dir=options.runtime_folder or None)
        os.mkdir(f"{folder}/rootfs")
        layer = subprocess.Popen(["tar", "-xOf", options.rootfs_archive, "--wildcards", "*/layer.tar"], stdout=subprocess.PIPE)
        subprocess.run(["tar", "-xC", f"{folder}/rootfs"], stdin=layer.stdout, check=True)
        # A runtime in a root folder of its own knows the bundle by another path.
        seen = folder.removeprefix(os.environ.get("PEERS_ROOT", "")) if options.runtime_folder else folder
        self.path = {runtime.name: folder if runtime is self.runtimes[0] else seen for runtime in self.runtimes}
        self.runtimes[0].call("spec", "--bundle", folder)
        self.change(lambda spec: spec["process"].update(terminal=False, args=["/bin/true"]))
        return self

    def change(self, how):
        with open(f"{self.folder}/config.json") as file:
            spec = json.load(file)
        how(spec)
        with open(f"{self.folder}/config.json", "w") as file:
            json.dump(spec, file)

    def __exit__(self, *_):
        shutil.rmtree(self.folder)


def runtime_run(runtimes, options):
    """An OCI runtime by itself: `run` of a bundle whose process is `true`."""
    with Bundle(runtimes, options) as bundle:
        report("runtime-run", "ms", alternate(runtimes, options.n, lambda runtime: runtime.seconds("run", "--bundle", bundle.path[runtime.name], "bench-run")), scale=1000)


def runtime_cpu(runtimes, options):
    """Processor time of the same, user and system, of the runtime and all it starts. Without cgroups, as crun refuses hybrid ones: runtimes
    that cannot do without them are left out. What the runtime's command line begins with (nsenter) is measured with `true` and taken off."""

    def cpu(command):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return done.returncode, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime

    with Bundle(runtimes, options) as bundle:
        def without_cgroups(spec):
            spec["mounts"] = [mount for mount in spec["mounts"] if mount["type"] != "cgroup"]
            spec["linux"].pop("resources", None)

        bundle.change(without_cgroups)

        def step(runtime):
            prefix = runtime.command[:-1]
            around = cpu([*prefix, "true"])[1] - cpu(["true"])[1] if prefix else 0
            code, used = cpu([*runtime.command, "--cgroup-manager=disabled", "run", "--bundle", bundle.path[runtime.name], "bench-cpu"])
            return used - around if code == 0 else None

        able = [runtime for runtime in runtimes if step(runtime) is not None]
        report("runtime-cpu", "ms", alternate(able, options.n, step), scale=1000)


ENGINE_CASES = {"run": run, "run-nonet": run_nonet, "exec": exec_, "ps": ps, "ps-many": ps_many, "inspect": inspect, "events": events, "idle": idle, "create-rm": create_rm, "parallel": parallel, "memory": memory, "load": load, "push": push, "pull": pull, "logs": logs, "throughput": throughput, "ports": ports}
RUNTIME_CASES = {"runtime-run": runtime_run, "runtime-cpu": runtime_cpu}


def compose(tools, options):
    """A project of ten services, three of them a chain of dependencies: brought up, again with nothing to do, shown, taken down."""
    with tempfile.TemporaryDirectory(prefix="bench-compose-") as folder:
        file = os.path.join(folder, "compose.yaml")
        with open(file, "w") as output:
            output.write("services:\n")
            for number in range(10):
                depends = f", depends_on: [s{number - 1}]" if number in (1, 2) else ""
                output.write(f"  s{number}: {{image: {IMAGE}, command: sleep 3600, stop_signal: SIGKILL{depends}}}\n")
        arguments = ("-f", file, "-p", "bench-compose")
        figures = {step: {tool.name: [] for tool in tools} for step in ("up", "up-again", "config", "down")}
        commands = {"up": ("up", "-d"), "up-again": ("up", "-d"), "config": ("config", "-q"), "down": ("down",)}
        for round_number in range(options.n + 1):
            for tool in tools:
                for step, command in commands.items():
                    seconds = tool.seconds(*arguments, *command)
                    if round_number > 0:
                        figures[step][tool.name].append(seconds)
        for step, values in figures.items():
            report(f"compose {step}", "ms", values, scale=1000)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", action="append", default=[], type=Tool)
    parser.add_argument("--runtime", action="append", default=[], type=Tool)
    parser.add_argument("--compose", action="append", default=[], type=Tool, help="NAME=COMMAND: a command line that docker compose's commands can be appended to")
    parser.add_argument("--buildx", action="append", default=[], type=Tool, help="NAME=COMMAND: a command line that docker buildx's commands can be appended to")
    parser.add_argument("--procs", action="append", default=[], help="NAME=MARK,MARK: how the engine's own processes begin, for `memory` and `ports`")
    parser.add_argument("-n", type=int, default=20, help="repetitions")
    parser.add_argument("--many", type=int, default=30, help="containers in `parallel` and `memory`")
    parser.add_argument("--stopped", type=int, default=500, help="containers in `ps-many`")
    parser.add_argument("--image-tar", help="the archive that `load` loads")
    parser.add_argument("--image", help="its name")
    parser.add_argument("--registry", help="HOST:PORT of a plain registry on this machine, for `push` and `pull`")
    parser.add_argument("--registry-folder", help="where it keeps what it has: emptied before each push")
    parser.add_argument("--network-image", default="gantry-network", help="an image with iperf3, loaded in all engines")
    parser.add_argument("--rootfs-archive", help="an image archive of one layer, for the runtime cases")
    parser.add_argument("--runtime-folder", help="where to make the bundle: one that all runtimes can see")
    parser.add_argument("cases", nargs="+", choices=[*ENGINE_CASES, *RUNTIME_CASES, *BUILD_CASES, "compose"])
    options = parser.parse_args()
    options.procs = {name: marks.split(",") for name, _, marks in (entry.partition("=") for entry in options.procs)}
    for case in options.cases:
        if case == "compose":
            compose(options.compose, options)
        elif case in BUILD_CASES:
            BUILD_CASES[case](options.buildx, options)
        elif case in ENGINE_CASES:
            ENGINE_CASES[case](options.engine, options)
        else:
            RUNTIME_CASES[case](options.runtime, options)


main()
