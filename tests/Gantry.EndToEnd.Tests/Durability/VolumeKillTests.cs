using System.Diagnostics;
using System.Globalization;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Durability;

/// <summary>
/// The daemon is killed before each of the calls by which it makes and removes volumes with their containers: the next one finds neither a volume of nobody nor a container without its volume, and
/// none that is half filled. A sample of these calls; all of them with <c>GANTRY_TEST_EVERY_CUT=1</c>.
/// </summary>
[Trait("Only", "Gantry")]
public sealed class VolumeKillTests : IDisposable
{
    private const string Image = Engine.Image;

    private static readonly int s_stride = Environment.GetEnvironmentVariable("GANTRY_TEST_EVERY_CUT") == "1" ? 1 : 5;

    private readonly WorkFolder _work = new();
    private volatile int _calls = -1;

    public void Dispose() => _work.Dispose();

    private string Root => _work.File("root");

    [Fact]
    public void While_a_container_and_its_volumes_are_made() => KillBeforeEachCall(
        _ => { },
        client => client.Run("create", "--name", "c", "-v", "named:/etc", "-v", "/anonymous", Image, "ls", "/etc"));

    [Fact]
    public void While_a_container_and_its_volumes_are_removed() => KillBeforeEachCall(
        client => client.Run("create", "--name", "c", "-v", "named:/etc", "-v", "/anonymous", Image, "ls", "/etc").Succeeded(),
        client => client.Run("rm", "-v", "c"));

    [Fact]
    public void While_a_volume_is_copied() => KillBeforeEachCall(
        client => client.Run("run", "--rm", "-v", "named:/etc", Image, "true").Succeeded(),
        client => client.Run("volume", "clone", "named", "copy"));

    private void KillBeforeEachCall(Action<Client> prepare, Func<Client, CommandResult> act)
    {
        var etc = "";
        using (var daemon = Start())
        {
            daemon.Ready().Gantry.Run("load", "-i", TestEnvironment.ImageArchive).Succeeded();
            etc = daemon.Gantry.Text("run", "--rm", Image, "ls", "/etc");
            daemon.Stop();
        }

        var killed = 0;
        for (var call = 1; Kill(call, prepare, act); call += s_stride)
        {
            killed++;
            using var daemon = Start();
            Check(daemon.Ready().Gantry, etc, call.ToString(CultureInfo.InvariantCulture));
            daemon.Stop();
        }
        Assert.InRange(killed, 2, 1000);
    }

    /// <summary>Kills the daemon before that call of <paramref name="act"/>; false when there are fewer.</summary>
    private bool Kill(int call, Action<Client> prepare, Func<Client, CommandResult> act)
    {
        _calls = -1;
        DiskDaemon? daemon = null;
        try
        {
            using var tap = new ChangeTap(() => daemon = Start(), () =>
            {
                if (_calls >= 0 && ++_calls == call)
                    Process.GetProcessById(daemon!.Pid).Kill();
            });
            daemon!.Ready();
            prepare(daemon.Gantry);
            _calls = 0;
            act(daemon.Gantry);
            var reached = _calls >= call;
            _calls = -1;
            if (reached)
                Eventually.True(() => daemon.HasExited);
            else
                daemon.Stop();
            daemon.Dispose();
            return reached;
        }
        finally
        {
            daemon?.Dispose();
        }
    }

    private static void Check(Client client, string etc, string call)
    {
        var containers = client.Run("ps", "-aq").Lines.Length;
        var volumes = client.Run("volume", "ls", "-q").Lines;
        Assert.True(volumes.Count(name => name.Length == 64) == containers, $"call {call}: {containers} containers, volumes {string.Join(' ', volumes)}");
        if (containers > 0)
            Assert.Equal(etc, client.Text("start", "-a", "c"));
        foreach (var name in volumes.Where(name => name is "named" or "copy"))
            Assert.Equal(etc, client.Text("run", "--rm", "-v", name + ":/etc", Image, "ls", "/etc"));
        if (containers > 0)
            client.Run("rm", "-v", "c").Succeeded();
        if (volumes.Where(name => name.Length < 64).ToArray() is { Length: > 0 } named)
            client.Run(["volume", "rm", .. named]).Succeeded();
        Assert.Empty(client.Run("volume", "ls", "-q").Lines);
    }

    private DiskDaemon Start() => new(_work.Path, Root, _work.File("run"));
}
