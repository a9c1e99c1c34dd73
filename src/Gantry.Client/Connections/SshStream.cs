using System.Diagnostics;

namespace Gantry.Client.Connections;

/// <summary>
/// A connection through ssh(1): the program runs <c>system dial-stdio</c> on the other host, and its standard streams are the connection. Its
/// messages go to this program's standard error.
/// </summary>
internal sealed class SshStream : ConnectionStream
{
    // The engine's own client first; a host that has docker's only will do.
    private const string RemoteCommand = "if command -v gantry >/dev/null 2>&1; then exec gantry system dial-stdio; else exec docker system dial-stdio; fi";

    private readonly Process _ssh;

    private SshStream(Process ssh) => _ssh = ssh;

    /// <summary>Starts ssh.</summary>
    /// <param name="address">An address with the scheme ssh.</param>
    /// <exception cref="IOException">There is no ssh.</exception>
    public static SshStream Connect(EngineAddress address)
    {
        var start = new ProcessStartInfo("ssh") { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var word in Arguments(address))
            start.ArgumentList.Add(word);
        try
        {
            return new SshStream(Process.Start(start)!);
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            throw new IOException($"connect through ssh: {error.Message}: is ssh installed?", error);
        }
    }

    /// <summary>What ssh is called with.</summary>
    internal static IReadOnlyList<string> Arguments(EngineAddress address)
    {
        var result = new List<string> { "-o", "ConnectTimeout=30", "-T" };
        if (address.User.Length > 0)
            result.AddRange(["-l", address.User]);
        if (address.Port > 0)
            result.AddRange(["-p", $"{address.Port}"]);
        result.AddRange(["--", address.Host, RemoteCommand]);
        return result;
    }

    public override int Read(Span<byte> buffer) => _ssh.StandardOutput.BaseStream.Read(buffer);

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _ssh.StandardInput.BaseStream.Write(buffer);
        _ssh.StandardInput.BaseStream.Flush();
    }

    public override void CloseWrite() => _ssh.StandardInput.Close();

    public override void Abort() => End();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            End();
            _ssh.Dispose();
        }
        base.Dispose(disposing);
    }

    private void End()
    {
        try
        {
            if (!_ssh.HasExited)
                _ssh.Kill();
        }
        catch (InvalidOperationException)
        {
            // It ended meanwhile.
        }
    }
}
