using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Containers;

/// <summary>A real terminal from the keyboard to the process: typed characters, window sizes, control characters, detaching.</summary>
public sealed class TerminalTests(Engine engine) : IClassFixture<Engine>
{
    private const string ControlC = "\x03";
    private const string ControlD = "\x04";
    private const string ControlPControlQ = "\x10\x11";

    [Theory, BothClients]
    public void A_shell_reads_what_is_typed_and_its_exit_code_comes_back(string client)
    {
        using var terminal = engine.Client(client).StartInTerminal("run", "--rm", "-it", Engine.Image, "sh");
        terminal.WaitFor("# ");
        terminal.Type("tty; echo sum $((40+2))\r");
        terminal.WaitFor("sum 42");
        Assert.Contains("/dev/pts/0", terminal.Output, StringComparison.Ordinal);
        terminal.Type("exit 17\r");
        terminal.Wait().ExitsWith(17);
    }

    [Theory, BothClients]
    public void An_exec_gets_the_next_terminal_of_the_container(string client)
    {
        var name = engine.NewName();
        engine.Docker.Run("run", "-dt", "--name", name, Engine.Image, "sleep", "600").Succeeded();
        using var terminal = engine.Client(client).StartInTerminal("exec", "-it", name, "sh", "-c", "tty");
        terminal.Wait().ExitsWith(0);
        Assert.Contains("/dev/pts/1", terminal.Output, StringComparison.Ordinal);
        engine.Docker.Run("rm", "-f", name).Succeeded();
    }

    [Theory, BothClients]
    public void The_window_size_follows_the_clients(string client)
    {
        var name = engine.NewName();
        using var terminal = engine.Client(client).StartInTerminal(
            "run", "--name", name, "-it", Engine.Image, "sh", "-c", "trap 'echo size $(stty size)' WINCH; echo ready; while :; do sleep 0.05; done");
        terminal.WaitFor("ready");
        // The stock client begins to listen for the signal a moment after the start: what was resized before is missed.
        for (var attempt = 0; attempt < 20 && !terminal.Output.Contains("size 41 133", StringComparison.Ordinal); attempt++)
        {
            terminal.Resize(41, 132);
            terminal.Resize(41, 133);
            Thread.Sleep(100);
        }

        terminal.WaitFor("size 41 133");
        terminal.Resize(30, 100);
        terminal.WaitFor("size 30 100");
        engine.Docker.Run("kill", name).Succeeded();
        terminal.Wait().ExitsWith(137);
    }

    [Theory, BothClients]
    public void The_window_has_the_clients_size_from_the_start(string client)
    {
        using var terminal = engine.Client(client).StartInTerminal("run", "--rm", "-it", Engine.Image, "sh");
        terminal.WaitFor("# ");
        // The stock client sends the size after the start: a moment later at the latest it is right.
        Eventually.True(() =>
        {
            terminal.Type("stty size\r");
            Thread.Sleep(50);
            return terminal.Output.Contains("24 80", StringComparison.Ordinal);
        }, () => terminal.Output);
        // The shell reads it only when it has taken the terminal back from stty.
        Eventually.True(() => terminal.Output is var shown
            && shown.LastIndexOf("# ", StringComparison.Ordinal) > shown.LastIndexOf("24 80", StringComparison.Ordinal), () => terminal.Output);
        terminal.Type(ControlD);
        terminal.Wait().ExitsWith(0);
    }

    [Theory, BothClients]
    public void Control_C_interrupts_the_process_in_front(string client)
    {
        using var terminal = engine.Client(client).StartInTerminal("run", "--rm", "-it", Engine.Image, "sh");
        terminal.WaitFor("# ");
        terminal.Type("sleep 600\r");
        terminal.WaitFor("sleep 600\r\n");
        Thread.Sleep(200); // The shell gives the terminal to its child.
        terminal.Type(ControlC);
        terminal.Type("echo code $?\r");
        terminal.WaitFor("code 130");
        terminal.Type("exit\r");
        terminal.Wait();
    }

    [Theory, BothClients]
    public void The_detach_keys_leave_it_running_and_attach_comes_back(string client)
    {
        var docker = engine.Client(client);
        var name = engine.NewName();
        using (var terminal = docker.StartInTerminal("run", "-it", "--name", name, Engine.Image, "sh"))
        {
            terminal.WaitFor("# ");
            terminal.Type("kept=yes\r");
            terminal.WaitFor("kept=yes\r\n");
            terminal.Type(ControlPControlQ);
            terminal.Wait().ExitsWith(0);
        }

        Assert.Equal("true", docker.Inspect(name, "{{.State.Running}}"));
        using (var terminal = docker.StartInTerminal("attach", name))
        {
            terminal.Type("\recho kept is $kept\r");
            terminal.WaitFor("kept is yes");
            terminal.Type("exit 4\r");
            terminal.Wait().ExitsWith(4);
        }
    }

    [Theory, BothClients]
    public void Other_detach_keys_can_be_chosen(string client)
    {
        var docker = engine.Client(client);
        var name = engine.NewName();
        using var terminal = docker.StartInTerminal("run", "-it", "--name", name, "--detach-keys", "ctrl-x,x", Engine.Image, "sh");
        terminal.WaitFor("# ");
        terminal.Type("\x18x");
        terminal.Wait().ExitsWith(0);
        Assert.Equal("true", docker.Inspect(name, "{{.State.Running}}"));
    }

    [Theory, BothClients]
    public void Exec_has_a_terminal_of_its_own(string client)
    {
        var docker = engine.Client(client);
        var name = engine.RunShell("sleep 600");
        using var terminal = docker.StartInTerminal("exec", "-it", name, "sh");
        terminal.WaitFor("# ");
        terminal.Type("tty\r");
        terminal.WaitFor("/dev/pts/0");
        terminal.Resize(33, 99);
        Eventually.True(() =>
        {
            terminal.Type("stty size\r");
            Thread.Sleep(50);
            return terminal.Output.Contains("33 99", StringComparison.Ordinal);
        }, () => terminal.Output);
        terminal.Type("exit 8\r");
        terminal.Wait().ExitsWith(8);
        Assert.Equal("true", docker.Inspect(name, "{{.State.Running}}"));
    }

    [Theory, BothClients]
    public void Start_attached_and_interactive(string client)
    {
        var docker = engine.Client(client);
        var name = engine.NewName();
        docker.Run("create", "-it", "--name", name, Engine.Image, "sh").Succeeded();
        using var terminal = docker.StartInTerminal("start", "-ai", name);
        terminal.WaitFor("# ");
        terminal.Type("echo typed\r");
        terminal.WaitFor("\ntyped\r\n");
        terminal.Type("exit 3\r");
        terminal.Wait().ExitsWith(3);
    }

    [Theory, BothClients]
    public void The_log_holds_what_the_terminal_showed(string client)
    {
        var docker = engine.Client(client);
        var name = engine.NewName();
        docker.Run("run", "-d", "-t", "--name", name, Engine.Image, "sh", "-c", "echo shown").Succeeded();
        docker.Run("wait", name).Succeeded();
        Assert.Equal("shown\r\n", docker.Run("logs", name).Succeeded().Output);
    }

    [Theory, BothClients]
    public void Without_a_terminal_at_the_client_a_terminal_is_refused(string client) =>
        Assert.Contains("the input device is not a TTY", engine.Client(client).Run("run", "--rm", "-it", Engine.Image, "true").ExitsWith(1).Error,
            StringComparison.Ordinal);
}
