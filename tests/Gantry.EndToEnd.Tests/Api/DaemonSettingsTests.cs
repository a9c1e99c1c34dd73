using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Api;

/// <summary>How a daemon is set: its file, its signals, what it tells systemd, TLS.</summary>
[Trait("Only", "Gantry")]
public sealed class DaemonSettingsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gantry-e2e-settings-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("""{"nosuch":1}""", "the following directives don't match any configuration option: nosuch")]
    [InlineData("""{"labels":["a=b"],"debug":false}""",
        "the following directives are specified both as a flag and in the configuration file: labels: (from flag: [x=y], from file: [a=b])")]
    [InlineData("""{"storage-opts":["dm.basesize=1g"]}""", "storage-opts: this version of Gantry does not do dm.basesize=1g: ")]
    [InlineData("""{"runtimes":{"runsc":{"path":"/usr/bin/runsc"}}}""",
        "runtimes: this version of Gantry does not do runsc={\"path\":\"/usr/bin/runsc\"}: containers are started by Gantry's own runtime")]
    [InlineData("""{"userns-remap":"default"}""", "userns-remap: this version of Gantry does not do default: ")]
    [InlineData("""{"log-level":"loud"}""", "invalid logging level: loud")]
    [InlineData("""{"builder":{"gc":{"defaultKeepStorage":"much"}}}""", "failed to parse defaultKeepStorage: invalid size: 'much'")]
    [InlineData("""{"builder":{"gc":{"policy":[{"filter":["color=red"]}]}}}""", "invalid filter 'color==red'")]
    [InlineData("""{"builder":{"gc":{"policy":[{"keepBytes":"1g"}]}}}""",
        "the following directives don't match any configuration option: builder.gc.keepBytes")]
    [InlineData("""{"builder":{"entitlements":{"security-insecure":false}}}""", "builder.entitlements: this version of Gantry does not do ")]
    [InlineData("{", "invalid JSON in line 1")]
    public void A_file_that_is_wrong_keeps_the_daemon_from_starting(string file, string text)
    {
        var result = Validate(file);
        Assert.Contains($"unable to configure the Docker daemon with file {_folder}/daemon.json: ", result.ExitsWith(1).Error, StringComparison.Ordinal);
        Assert.Contains(text, result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"bip":"10.1.0.0/16"}""", "bip: 10.1.0.0/16 is the subnet itself")]
    [InlineData("""{"bip":"10.1.0.1/16","fixed-cidr":"10.2.0.0/24"}""", "fixed-cidr: 10.2.0.0/24 is no part of 10.1.0.0/16")]
    [InlineData("""{"bridge":"br0"}""", "bridge: Gantry makes the interface of its network bridge itself")]
    [InlineData("""{"ip6tables":false}""", "ip6tables: the rules of IPv6 are in one table with those of IPv4")]
    [InlineData("""{"default-gateway":"10.1.0.9"}""", "default-gateway: say the subnet as well, with bip")]
    [InlineData("""{"bip":"10.1.0.1/16","default-gateway":"10.2.0.9"}""", "default-gateway: 10.2.0.9 is not in 10.1.0.0/16")]
    [InlineData("""{"default-ipc-mode":"host"}""", "default-ipc-mode: invalid value host: use private or shareable")]
    [InlineData("""{"seccomp-profile":"/nosuch.json"}""", "opening seccomp profile (/nosuch.json) failed")]
    public void A_value_that_cannot_be_keeps_the_daemon_from_starting(string file, string text) =>
        Assert.Contains(text, Validate(file).ExitsWith(1).Error, StringComparison.Ordinal);

    [Fact]
    public void A_file_that_is_right_is_told_so() => Assert.Equal("configuration OK", Validate("""{"debug":true,"features":{"buildkit":true}}""").Text);

    [Fact]
    public async Task Defaults_of_containers_come_from_the_file_and_labels_are_read_anew()
    {
        const string settings =
            """{"labels":["a=1"],"log-opts":{"max-size":"1m"},"default-shm-size":"8m","no-new-privileges":true,"default-ulimits":{"nofile":{"Soft":500,"Hard":600}},"dns":["192.0.2.7"],"metrics-addr":"127.0.0.1:19931"}""";
        File.WriteAllText(File_, settings);
        using var engine = new Engine(null, ["--config-file", File_]);
        var name = engine.RunShell("exec sleep 600");
        Assert.Equal("1m 8388608", engine.Docker.Inspect(name, "{{index .HostConfig.LogConfig.Config \"max-size\"}} {{.HostConfig.ShmSize}}"));
        Assert.Equal(["500", "NoNewPrivs:\t1", "nameserver 192.0.2.7"],
            engine.Docker.Run("exec", name, "sh", "-c", "ulimit -n; grep NoNewPrivs /proc/self/status; grep nameserver /etc/resolv.conf").Lines);
        Assert.Equal("[a=1] false", engine.Docker.Text("info", "--format", "{{.Labels}} {{.Debug}}"));
        using (var client = new HttpClient())
        {
            var metrics = await client.GetStringAsync("http://127.0.0.1:19931/metrics");
            Assert.Contains("engine_daemon_container_states_containers{state=\"running\"} 1", metrics, StringComparison.Ordinal);
            Assert.Contains("engine_daemon_container_actions_seconds_count{action=\"start\"} 1\n", metrics, StringComparison.Ordinal);
            Assert.Contains("engine_daemon_network_actions_seconds_bucket{action=\"connect\",le=\"+Inf\"} 1\n", metrics, StringComparison.Ordinal);
        }

        File.WriteAllText(File_, settings.Replace("a=1", "a=2", StringComparison.Ordinal)
            .Replace("{\"labels", "{\"debug\":true,\"labels", StringComparison.Ordinal));
        Command.Run(["kill", "-HUP", $"{engine.Daemon.Pid}"]).Succeeded();
        Eventually.True(() => engine.Docker.Text("info", "--format", "{{.Labels}} {{.Debug}}") == "[a=2] true", () => engine.Daemon.ReadLog());
        File.WriteAllText(File_, "{");
        Command.Run(["kill", "-HUP", $"{engine.Daemon.Pid}"]).Succeeded();
        Eventually.True(() => engine.Daemon.ReadLog().Contains("nothing changed", StringComparison.Ordinal), () => engine.Daemon.ReadLog());
        Assert.Equal("[a=2] true", engine.Docker.Text("info", "--format", "{{.Labels}} {{.Debug}}"));
        File.WriteAllText(File_, settings);
    }

    [Fact]
    public void Without_live_restore_containers_end_with_the_daemon_and_the_next_one_starts_them()
    {
        using var engine = new Engine(null, ["--live-restore=false", "--shutdown-timeout", "20"]);
        var polite = engine.RunShell("trap 'exit 7' TERM; while :; do sleep 0.05; done");
        var again = engine.RunShell("trap 'exit 0' TERM; while :; do sleep 0.05; done", "--restart", "unless-stopped");
        engine.Daemon.Stop();
        engine.Daemon.Restart();
        Assert.Equal("exited 7", engine.Docker.Inspect(polite, "{{.State.Status}} {{.State.ExitCode}}"));
        Eventually.True(() => engine.Docker.Inspect(again, "{{.State.Status}}") == "running", () => engine.Docker.Inspect(again, "{{json .State}}"));
    }

    [Fact]
    public void Systemd_is_told_what_happens()
    {
        var path = Path.Combine(_folder, "notify");
        using var told = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        told.Bind(new UnixDomainSocketEndPoint(path));
        told.ReceiveTimeout = 20_000;
        string Next()
        {
            var buffer = new byte[256];
            return Encoding.UTF8.GetString(buffer, 0, told.Receive(buffer));
        }

        using var engine = new Engine(new Dictionary<string, string> { ["NOTIFY_SOCKET"] = path });
        Assert.Equal("READY=1", Next());
        Command.Run(["kill", "-HUP", $"{engine.Daemon.Pid}"]).Succeeded();
        Assert.StartsWith("RELOADING=1\nMONOTONIC_USEC=", Next(), StringComparison.Ordinal);
        Assert.Equal("READY=1", Next());
        engine.Daemon.Stop();
        Assert.Equal("STOPPING=1", Next());
        engine.Daemon.Restart();
    }

    [Fact]
    public void A_socket_that_systemd_opened_is_listened_on()
    {
        var path = Path.Combine(_folder, "activated");
        // What systemd does: the listening socket is descriptor 3, and the process is told so.
        const string script = """
            use Socket; use POSIX (); $^F = 10; my ($path, @program) = @ARGV; socket(my $s, PF_UNIX, SOCK_STREAM, 0) or die; bind($s, pack_sockaddr_un($path)) or die; listen($s, 16) or die;
            POSIX::dup2(fileno($s), 3) unless fileno($s) == 3; $ENV{LISTEN_PID} = $$; $ENV{LISTEN_FDS} = 1; exec @program or die
            """;
        using var daemon = Command.Start(
            ["perl", "-e", script, path, TestEnvironment.Gantry, "daemon", "--root", _folder + "/root", "--run", _folder + "/run", "-H", "fd://"]);
        var client = new Client(TestEnvironment.DockerClient, "unix://" + path);
        Eventually.True(() => client.Run("ps").ExitCode == 0, () => client.Run("ps").ToString());
        daemon.Signal("TERM");
        Assert.Equal(0, daemon.Wait().ExitCode);
        Assert.True(File.Exists(path), "the socket is systemd's, and was removed");
        Eventually.True(() => !MachineState.ProcessesThatMention(_folder).Any(), () => "processes are left");
        Command.Run(["sh", "-c", $"umount -l $(awk '$5 ~ \"^{_folder}\" {{print $5}}' /proc/self/mountinfo) 2>/dev/null; true"]);
    }

    [Fact]
    public void With_TLS_only_clients_that_prove_themselves_are_let_in()
    {
        using var authority = NewAuthority("e2e authority");
        using var stranger = NewAuthority("e2e stranger");
        WritePair(authority, "server", "1.3.6.1.5.5.7.3.1");
        WritePair(authority, "client", "1.3.6.1.5.5.7.3.2");
        WritePair(stranger, "other", "1.3.6.1.5.5.7.3.2");
        File.WriteAllText(In("ca.pem"), authority.ExportCertificatePem());
        const string address = "tcp://127.0.0.1:19932";
        using var engine = new Engine(
            null, ["-H", address, "--tlsverify", "--tlscacert", In("ca.pem"), "--tlscert", In("server.pem"), "--tlskey", In("server-key.pem")]);

        foreach (var executable in (string[])[TestEnvironment.DockerClient, TestEnvironment.Gantry])
        {
            string[] As(string who) => ["--tlsverify", "--tlscacert", In("ca.pem"), "--tlscert", In(who + ".pem"), "--tlskey", In(who + "-key.pem")];
            var client = new Client(executable, address);
            Assert.Equal("hi", client.Run([.. As("client"), "run", "--rm", "-i", Engine.Image, "echo", "hi"]).Text);
            Assert.Equal(Engine.Image.Split(':')[0], client.Run([.. As("client"), "images", "--format", "{{.Repository}}"]).Text);
            client.Run([.. As("other"), "ps"]).ExitsWithFailure();
            client.Run("ps").ExitsWithFailure();
            client.Run("--tls", "ps").ExitsWithFailure();
        }
    }

    private string File_ => In("daemon.json");

    private string In(string name) => Path.Combine(_folder, name);

    private CommandResult Validate(string file)
    {
        File.WriteAllText(File_, file);
        return Command.Run([TestEnvironment.Gantry, "daemon", "--config-file", File_, "--label", "x=y", "--validate"]);
    }

    private static X509Certificate2 NewAuthority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(10));
    }

    private void WritePair(X509Certificate2 authority, string name, string purpose)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], false));
        using var certificate = request.Create(authority, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(5),
            RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(In(name + ".pem"), certificate.ExportCertificatePem());
        File.WriteAllText(In(name + "-key.pem"), key.ExportPkcs8PrivateKeyPem());
    }
}
