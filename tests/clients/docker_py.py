"""docker_py.py: what programs do with python's docker library, on the engine of DOCKER_HOST; it has the image busybox:latest.

Each function whose name begins with test_ is a test; what it makes has the label gantry-clients, and is removed at the end.
"""
import io, os, sys, tarfile, threading, time, traceback

import docker
from docker.errors import APIError, BuildError, ContainerError, ImageNotFound, NotFound
from docker.types import EndpointConfig, Healthcheck, IPAMConfig, IPAMPool, LogConfig, Mount, NetworkingConfig, RestartPolicy, Ulimit

IMAGE = "busybox:latest"
LABELS = {"gantry-clients": "py"}
client = docker.from_env(timeout=60)
api = client.api


def run(command, **options):
    return client.containers.run(IMAGE, command, labels=LABELS, **options)


def detached(command="sleep 600", **options):
    return run(command, detach=True, **options)


def test_system():
    assert client.ping()
    assert client.version()["ApiVersion"]
    info = client.info()
    assert info["OSType"] == "linux" and info["Containers"] >= 0 and info["Images"] >= 1
    assert {"LayersSize", "ImageUsage"} & set(client.df())  # The second since version 1.52.


def test_run_output():
    assert run("echo hi", remove=True) == b"hi\n"
    assert run(["sh", "-c", "echo out; echo err >&2"], remove=True, stdout=True, stderr=True) in (b"out\nerr\n", b"err\nout\n")
    try:
        run("false", remove=True)
        raise AssertionError("no error")
    except ContainerError as e:
        assert e.exit_status == 1
    try:
        client.containers.run("nosuchimage-gantry:1", pull=False) if False else api.create_container("nosuchimage-gantry:1")
        raise AssertionError("no error")
    except ImageNotFound:
        pass


def test_stream_logs():
    c = detached(["sh", "-c", "for i in 1 2 3; do echo $i; sleep 0.1; done"])
    assert b"".join(c.logs(stream=True, follow=True)) == b"1\n2\n3\n"
    assert c.wait()["StatusCode"] == 0
    assert c.logs(tail=1) == b"3\n"
    assert len(c.logs(timestamps=True).splitlines()) == 3


def test_lifecycle():
    c = detached(name="clients-py-life")
    assert c.status in ("created", "running")
    c.reload()
    assert c.status == "running" and c.attrs["State"]["Pid"] > 0
    c.pause(); c.reload(); assert c.status == "paused"
    c.unpause(); c.restart(timeout=0); c.rename("clients-py-life2"); c.reload()
    assert c.name == "clients-py-life2"
    assert c.top()["Processes"]
    c.update(mem_limit="64m", memswap_limit="128m")
    c.reload()
    assert c.attrs["HostConfig"]["Memory"] == 64 << 20
    c.stop(timeout=0); c.reload()
    assert c.status == "exited" and c.attrs["State"]["ExitCode"] == 137
    c.start(); c.kill(); c.wait(); c.remove()
    try:
        client.containers.get(c.id)
        raise AssertionError("still there")
    except NotFound:
        pass


def test_exec():
    c = detached()
    assert c.exec_run("echo hi") == (0, b"hi\n")
    assert c.exec_run(["sh", "-c", "echo o; echo e >&2; exit 3"], demux=True) == (3, (b"o\n", b"e\n"))
    assert c.exec_run("id -u", user="1000").output == b"1000\n"
    assert c.exec_run("pwd", workdir="/tmp", environment={"A": "1"}).output == b"/tmp\n"
    code, stream = c.exec_run("sh -c 'echo a; echo b'", stream=True)
    assert b"".join(stream) == b"a\nb\n"
    e = api.exec_create(c.id, "cat", stdin=True)
    sock = api.exec_start(e["Id"], socket=True)
    raw = getattr(sock, "_sock", sock)
    raw.sendall(b"typed\n")
    assert b"typed" in raw.recv(4096)
    raw.close()
    assert c.exec_run("tty", tty=True).output.startswith(b"/dev/pts/")
    try:
        c.exec_run("true", user="nosuch")
        raise AssertionError("no error")
    except APIError as e:
        assert "unable to find user" in str(e)


def test_attach_socket():
    c = client.containers.create(IMAGE, "cat", stdin_open=True, labels=LABELS)
    sock = c.attach_socket(params={"stdin": 1, "stdout": 1, "stream": 1})
    raw = getattr(sock, "_sock", sock)
    c.start()
    raw.sendall(b"hello\n")
    assert b"hello" in raw.recv(4096)
    raw.close()
    c.kill()


def test_archive():
    c = detached()
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        entry = tarfile.TarInfo("f.txt"); entry.size = 3; entry.uid = 5
        tar.addfile(entry, io.BytesIO(b"abc"))
    assert c.put_archive("/tmp", data.getvalue())
    stream, stat = c.get_archive("/tmp/f.txt")
    assert stat["name"] == "f.txt" and stat["size"] == 3
    with tarfile.open(fileobj=io.BytesIO(b"".join(stream))) as tar:
        member = tar.getmember("f.txt")
        assert member.uid == 5 and tar.extractfile(member).read() == b"abc"
    try:
        c.get_archive("/nosuch")
        raise AssertionError("no error")
    except NotFound:
        pass
    assert any(change["Path"] == "/tmp/f.txt" for change in c.diff())
    assert sum(len(chunk) for chunk in c.export()) > 1000000


def test_commit_and_images():
    c = detached(["sh", "-c", "echo x > /made; sleep 600"])
    while c.exec_run("test -e /made").exit_code != 0:
        time.sleep(0.05)
    image = c.commit("clients-py", tag="1", message="m", author="a", changes="CMD [\"cat\", \"/made\"]")
    assert "clients-py:1" in image.tags
    assert client.containers.run("clients-py:1", remove=True, labels=LABELS) == b"x\n"
    assert image.history()[0]["Comment"] == "m"
    assert image.tag("clients-py", "2")
    saved = b"".join(client.images.get("clients-py:2").save(named=True))
    client.images.remove("clients-py:2"); client.images.remove("clients-py:1", force=True)
    loaded = client.images.load(saved)
    assert loaded and any("clients-py" in tag for tag in loaded[0].tags)
    client.images.remove(loaded[0].tags[0], force=True)
    assert any(IMAGE in i.tags for i in client.images.list(filters={"reference": "busybox"}))
    assert client.images.get(IMAGE).attrs["Architecture"] == "amd64"
    try:
        client.images.remove("nosuch-gantry")
        raise AssertionError("no error")
    except ImageNotFound:
        pass


def test_build():
    dockerfile = io.BytesIO(f"FROM {IMAGE}\nARG A=1\nRUN echo $A > /a\nLABEL gantry-clients=py\nCMD [\"cat\",\"/a\"]\n".encode())
    image, log = client.images.build(fileobj=dockerfile, tag="clients-py-built", rm=True, buildargs={"A": "7"})
    assert any("stream" in line for line in log)
    assert client.containers.run("clients-py-built", remove=True) == b"7\n"
    client.images.remove("clients-py-built", force=True)
    try:
        client.images.build(fileobj=io.BytesIO(f"FROM {IMAGE}\nRUN false\n".encode()))
        raise AssertionError("no error")
    except BuildError as e:
        assert "returned a non-zero code: 1" in str(e), e


def test_networks():
    pool = IPAMConfig(pool_configs=[IPAMPool(subnet="10.211.7.0/24", gateway="10.211.7.1")])
    n = client.networks.create("clients-py-net", ipam=pool, labels=LABELS, check_duplicate=True)
    try:
        try:
            client.networks.create("clients-py-net", check_duplicate=True)
            raise AssertionError("no error")
        except APIError as e:
            assert e.status_code == 409 and "already exists" in str(e)
        a = detached(network="clients-py-net", name="clients-py-a")
        b = detached()
        n.connect(b, ipv4_address="10.211.7.9", aliases=["bee"])
        n.reload()
        assert {c.name for c in n.containers} == {a.name, b.name}
        assert a.exec_run("ping -c 1 -W 2 bee").exit_code == 0
        b.reload()
        assert b.attrs["NetworkSettings"]["Networks"]["clients-py-net"]["IPAddress"] == "10.211.7.9"
        n.disconnect(b)
        a.remove(force=True)
    finally:
        n.remove()
    assert client.networks.list(names=["bridge"])[0].name == "bridge"


def test_volumes_and_mounts():
    v = client.volumes.create("clients-py-vol", labels=LABELS)
    run("sh -c 'echo v > /v/f'", volumes={"clients-py-vol": {"bind": "/v", "mode": "rw"}}, remove=True)
    assert run("cat /m/f", mounts=[Mount("/m", "clients-py-vol", read_only=True)], remove=True) == b"v\n"
    assert run("cat /h/hostname", volumes=["/etc:/h:ro"], remove=True)
    assert v.attrs["Driver"] == "local" and any(x.name == v.name for x in client.volumes.list(filters={"label": "gantry-clients=py"}))
    v.remove()
    assert run("sh -c 'df -k /t | tail -1 | awk \"{print \\$2}\"'", tmpfs={"/t": "size=1m"}, remove=True) == b"1024\n"


def test_options():
    c = detached(
        environment={"A": "b"}, hostname="hh", mem_limit="64m", nano_cpus=500000000, pids_limit=50, cap_add=["NET_ADMIN"], cap_drop=["MKNOD"],
        security_opt=["no-new-privileges"], read_only=True, ulimits=[Ulimit(name="nofile", soft=512, hard=1024)], restart_policy={"Name": "on-failure", "MaximumRetryCount": 2},
        ports={"80/tcp": None, "81/tcp": ("127.0.0.1", 18481)}, dns=["9.9.9.9"], extra_hosts={"x": "1.2.3.4"}, user="1000", working_dir="/tmp", init=True, shm_size="8m",
        log_config=LogConfig(type="json-file", config={"max-size": "1m"}), stop_signal="SIGINT", sysctls={"net.core.somaxconn": "512"}, devices=["/dev/null:/dev/mine:rw"],
        healthcheck=Healthcheck(test=["CMD", "true"], interval=1000000000))
    c.reload()
    host = c.attrs["HostConfig"]
    assert host["NanoCpus"] == 500000000 and host["PidsLimit"] == 50 and host["RestartPolicy"]["MaximumRetryCount"] == 2
    assert c.attrs["NetworkSettings"]["Ports"]["81/tcp"][0] == {"HostIp": "127.0.0.1", "HostPort": "18481"}
    assert int(c.ports["80/tcp"][0]["HostPort"]) > 0
    assert c.exec_run("sh -c 'hostname; echo $A; ulimit -n'").output == b"hh\nb\n512\n"
    for _ in range(50):
        c.reload()
        if c.attrs["State"]["Health"]["Status"] == "healthy":
            break
        time.sleep(0.1)
    assert c.attrs["State"]["Health"]["Status"] == "healthy"


def test_stats():
    c = detached()
    once = c.stats(stream=False)
    assert once["memory_stats"]["usage"] > 0 and "precpu_stats" in once and once["pids_stats"]["current"] >= 1
    for n, sample in enumerate(c.stats(decode=True)):
        assert sample["cpu_stats"]["cpu_usage"]["total_usage"] >= 0
        if n == 1:
            break


def test_events():
    since = int(time.time()) - 1
    seen = []
    stream = client.events(decode=True, since=since, filters={"label": "gantry-clients=events"})
    thread = threading.Thread(target=lambda: [seen.append(e["Action"]) for e in stream], daemon=True)
    thread.start()
    client.containers.run(IMAGE, "true", remove=True, labels={"gantry-clients": "events"})
    for _ in range(50):
        if "destroy" in seen:
            break
        time.sleep(0.1)
    stream.close()
    assert [a for a in seen if a in ("create", "start", "die", "destroy")] == ["create", "start", "die", "destroy"], seen


def test_lists_and_prune():
    c = detached(name="clients-py-listed")
    assert [x.id for x in client.containers.list(filters={"name": "clients-py-listed"})] == [c.id]
    assert client.containers.list(all=True, filters={"status": "exited", "label": ["gantry-clients=py"]}, limit=1) is not None
    c.kill(); c.wait()
    gone = client.containers.prune(filters={"label": "gantry-clients=py"})
    assert c.id in gone["ContainersDeleted"]
    assert "SpaceReclaimed" in client.images.prune(filters={"label": "nosuch"})
    assert client.networks.prune(filters={"label": "nosuch"}) is not None
    assert client.volumes.prune(filters={"label": "nosuch"})["SpaceReclaimed"] == 0


def test_errors():
    for act, status in [(lambda: client.containers.get("nosuch"), 404), (lambda: client.volumes.get("nosuch"), 404), (lambda: client.networks.get("nosuch"), 404),
                        (lambda: api.create_container(IMAGE, "true", name="bad name"), 400), (lambda: client.swarm.init, None), (lambda: client.nodes.list(), 503)]:
        try:
            act()
        except APIError as e:
            assert e.status_code == status and e.explanation, e


def test_old_versions():
    for version in ("1.24", "1.30", "1.38", "1.41", "1.44"):
        old = docker.APIClient(base_url=os.environ["DOCKER_HOST"], version=version)
        made = old.create_container(IMAGE, ["sh", "-c", "echo old"], labels=LABELS, host_config=old.create_host_config(auto_remove=False))
        old.start(made["Id"]); old.wait(made["Id"])
        assert old.logs(made["Id"]) == b"old\n"
        assert old.inspect_container(made["Id"])["State"]["ExitCode"] == 0 and old.containers(all=True) and old.images()
        old.remove_container(made["Id"])
        old.close()


def clean():
    for c in client.containers.list(all=True, filters={"label": "gantry-clients"}, ignore_removed=True):
        c.remove(force=True, v=True)


def main():
    failed = 0
    clean()
    for name, test in [(n, t) for n, t in globals().items() if n.startswith("test_") and (len(sys.argv) < 2 or sys.argv[1] in n)]:
        try:
            test()
            print(f"ok    docker-py {docker.__version__ if hasattr(docker, '__version__') else docker.version} {name[5:]}")
        except Exception:
            failed += 1
            print(f"FAIL  docker-py {name[5:]}")
            traceback.print_exc(file=sys.stdout)
        finally:
            clean()
    sys.exit(1 if failed else 0)


main()
