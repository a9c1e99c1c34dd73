"""The cases of builds. A tool is a command line that docker buildx's commands can be appended to."""
import os
import random
import tempfile
import threading
import time

from measure import alternate, proportional_kib, report

IMAGE = "busybox"
GIGABYTE = 1 << 30


class Project:
    """A folder that is built from, as long as it is entered; then its image and what the builder kept of it are removed."""

    def __init__(self, tools, dockerfile):
        self.tools, self.dockerfile = tools, dockerfile

    def __enter__(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="bench-build-")
        self.folder = self.temporary.name
        self.write("Dockerfile", self.dockerfile)
        return self

    def __exit__(self, *_):
        self.temporary.cleanup()
        for tool in self.tools:
            tool.call("prune", "-af", check=False)

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)

    def write_gigabyte(self, name):
        with open(os.path.join(self.folder, name), "wb") as file:
            for number in range(GIGABYTE >> 24):
                file.write(random.Random(number).randbytes(1 << 24))

    def change_gigabyte(self, name):
        """The same length, another content, on the disk: what is still to be written would slow down whoever is measured next."""
        with open(os.path.join(self.folder, name), "r+b") as file:
            file.write(os.urandom(16))
        os.sync()

    def build(self, tool, *more):
        return tool.seconds("build", "-q", "-t", "bench-build", *more, self.folder)


def steps(tools, options):
    """Eight RUN steps and a COPY, without the cache."""
    lines = [f"RUN echo {number} >/file{number}" for number in range(8)]
    with Project(tools, "\n".join([f"FROM {IMAGE}", *lines, "COPY Dockerfile /"])) as project:
        report("build-steps", "ms", alternate(tools, options.n, lambda tool: project.build(tool, "--no-cache")), scale=1000)


def cached(tools, options):
    """The same, when nothing changed."""
    lines = [f"RUN echo {number} >/file{number}" for number in range(8)]
    with Project(tools, "\n".join([f"FROM {IMAGE}", *lines, "COPY Dockerfile /"])) as project:
        report("build-cached", "ms", alternate(tools, options.n, project.build), scale=1000)


def context(tools, options):
    """A context of 10,000 files of a few kilobytes: built for the first time, then with one file changed."""
    with Project(tools, f"FROM {IMAGE}\nCOPY . /files\n") as project:
        for number in range(10_000):
            project.write(f"folder{number % 100}/file{number}", f"{number} " * 500)
        # What was written just now is not yet settled, to anybody.
        os.sync()
        time.sleep(1)
        report("build-files", "s", {tool.name: [project.build(tool)] for tool in tools})

        def step(tool):
            project.write("folder7/file7", f"{time.time()}")
            return project.build(tool)

        report("build-context", "ms", alternate(tools, options.n, step), scale=1000)


def stages(tools, options):
    """Four stages that do not need each other and sleep for a second each; one that needs all."""
    lines = [f"FROM {IMAGE} AS stage{number}\nRUN sleep 1; echo {number} >/file{number}" for number in range(4)]
    copies = [f"COPY --from=stage{number} /file{number} /" for number in range(4)]
    with Project(tools, "\n".join([*lines, f"FROM {IMAGE}", *copies])) as project:
        report("build-stages", "ms", alternate(tools, min(options.n, 5), lambda tool: project.build(tool, "--no-cache"), warm_up=1), scale=1000)


def copy(tools, options):
    """A context of one file of 1 GiB that changed."""
    with Project(tools, f"FROM {IMAGE}\nCOPY file /\n") as project:
        project.write_gigabyte("file")

        def step(tool):
            project.change_gigabyte("file")
            seconds = project.build(tool)
            tool.call("prune", "-af")
            return seconds

        report("build-copy", "s", alternate(tools, min(options.n, 3), step, warm_up=1))


def memory(tools, options):
    """The most memory that the engine's own processes, client included, take at a time while such a context is built."""
    with Project(tools, f"FROM {IMAGE}\nCOPY file /\n") as project:
        project.write_gigabyte("file")

        def step(tool):
            project.change_gigabyte("file")
            most = 0
            build = threading.Thread(target=project.build, args=[tool])
            build.start()
            while build.is_alive():
                most = max(most, proportional_kib(options.procs[tool.name]) / 1024)
                time.sleep(0.05)
            tool.call("prune", "-af")
            return most

        report("build-memory", "MiB", alternate(tools, min(options.n, 3), step, warm_up=0))


BUILD_CASES = {"build-steps": steps, "build-cached": cached, "build-context": context, "build-stages": stages, "build-copy": copy, "build-memory": memory}
