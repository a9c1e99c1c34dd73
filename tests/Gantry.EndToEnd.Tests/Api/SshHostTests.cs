using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Api;

/// <summary>An engine behind a real ssh server on the loopback, with keys of this test (<c>openssh-server</c>; <c>.ci/run</c> installs it).</summary>
[Trait("Only", "Gantry")]
public sealed class SshHostTests : IClassFixture<Engine>, IDisposable
{
    private readonly Engine _engine;
    private readonly string _folder = Directory.CreateTempSubdirectory("gantry-e2e-ssh-").FullName;
    private readonly int _port = FreePort();
    private readonly Command _server;

    public SshHostTests(Engine engine)
    {
        _engine = engine;
        // 1. Keys, and what the server runs: on the other host, the program is known by both names.
        foreach (var key in (string[])["host", "user"])
            Command.Run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", Path.Combine(_folder, key)]).Succeeded();
        var programs = Directory.CreateDirectory(Path.Combine(_folder, "there")).FullName;
        foreach (var name in (string[])["gantry", "docker"])
            File.CreateSymbolicLink(Path.Combine(programs, name), TestEnvironment.Gantry);
        File.WriteAllText(Path.Combine(_folder, "sshd.conf"), $"""
            Port {_port}
            ListenAddress 127.0.0.1
            HostKey {_folder}/host
            AuthorizedKeysFile {_folder}/user.pub
            PidFile none
            StrictModes no
            UsePAM no
            PermitRootLogin prohibit-password
            SetEnv PATH={programs}:/usr/bin:/bin DOCKER_HOST={engine.Host}

            """);
        // 2. What clients find as ssh: it knows the key, and no host.
        var here = Directory.CreateDirectory(Path.Combine(_folder, "here")).FullName;
        File.WriteAllText(Path.Combine(here, "ssh"),
            $"#!/bin/sh\nexec /usr/bin/ssh -i {_folder}/user -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR \"$@\"\n");
        File.SetUnixFileMode(Path.Combine(here, "ssh"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Directory.CreateDirectory("/run/sshd");
        _server = Command.Start(["/usr/sbin/sshd", "-D", "-e", "-f", Path.Combine(_folder, "sshd.conf")]);
        Eventually.True(() => _server.HasExited || IsListening(), () => "sshd does not listen");
        Assert.False(_server.HasExited, "sshd ended at once");
    }

    public void Dispose()
    {
        _server.Signal("TERM");
        _server.Wait();
        _server.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory, BothClients]
    public void Commands_streams_and_exit_codes_go_through_ssh(string client)
    {
        var name = _engine.NewName();
        Assert.Equal("over ssh", Run(client, "run", "--rm", Engine.Image, "echo", "over ssh").Text);
        Assert.Equal("piped", RunWithInput(client, "printf piped", "run", "--rm", "-i", Engine.Image, "sh").Text);
        Run(client, "run", "-d", "--name", name, Engine.Image, "sleep", "600").Succeeded();
        Run(client, "exec", name, "sh", "-c", "exit 5").ExitsWith(5);
        Assert.Contains(name, Run(client, "ps", "--format", "{{.Names}}").Lines);
        Assert.Equal(_engine.Docker.Inspect(name, "{{.Id}}"), Run(client, "inspect", "--format", "{{.Id}}", name).Text);
        Run(client, "rm", "-f", name).Succeeded();
    }

    [Fact]
    public void A_server_that_refuses_the_key_is_told()
    {
        File.WriteAllText(Path.Combine(_folder, "user.pub"), "");
        Assert.Contains("Permission denied", Run("gantry", "ps").ExitsWith(1).Error, StringComparison.Ordinal);
    }

    private CommandResult Run(string client, params string[] arguments) => RunWithInput(client, "", arguments);

    private CommandResult RunWithInput(string client, string input, params string[] arguments)
    {
        var program = client == "docker" ? TestEnvironment.DockerClient : TestEnvironment.Gantry;
        string[] words = [program, "-H", $"ssh://root@127.0.0.1:{_port}", .. arguments];
        return Command.Run(words, System.Text.Encoding.UTF8.GetBytes(input),
            new Dictionary<string, string> { ["PATH"] = $"{_folder}/here:{Environment.GetEnvironmentVariable("PATH")}" });
    }

    private bool IsListening()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(IPAddress.Loopback, _port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return int.Parse(listener.LocalEndpoint.ToString()!.Split(':')[1], CultureInfo.InvariantCulture);
    }
}
