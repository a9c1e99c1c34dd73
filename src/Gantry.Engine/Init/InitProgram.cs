using System.Runtime.InteropServices;
using Gantry.Api.Model;
using Gantry.Oci;
using Gantry.Os.Files;

namespace Gantry.Engine.Init;

/// <summary>
/// PID 1 of containers that are run with <c>--init</c>: a program of less than a kilobyte, which needs neither a file of the image nor a library. It
/// starts the command, hands signals on, reaps what others left, and ends with the command's exit code. Its source is <c>eng/init/init-x64.s</c>.
/// </summary>
/// <param name="folder">
/// Where it is written to: a folder that lasts, as a run folder is often mounted <c>noexec</c>, and a bind mount of the file would inherit that.
/// </param>
/// <param name="byDefault">Whether containers have it that do not say.</param>
internal sealed partial class InitProgram(string folder, bool byDefault)
{
    /// <summary>Where it is in the container: docker's path.</summary>
    public const string PathInside = "/sbin/docker-init";

    /// <summary>Where that is in images whose <c>/sbin</c> is a link.</summary>
    public static readonly IReadOnlyList<string> Places = [PathInside, "/bin/docker-init", "/usr/sbin/docker-init", "/usr/bin/docker-init"];

    private const UnixFileMode Executable =
        UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead
            | UnixFileMode.OtherExecute;

    /// <summary>Whether a container has it. One that shares a pid namespace has a PID 1 already.</summary>
    public bool IsUsedBy(HostConfig host) => (host.Init ?? byDefault) && host.PidMode is ("" or "private");

    /// <summary>The command line of the first process: the program, and what it is to start.</summary>
    public static IReadOnlyList<string> CommandLine(IReadOnlyList<string> command) => [PathInside, "--", .. command];

    /// <summary>Writes the program, unless it is there.</summary>
    /// <returns>Its path on the host.</returns>
    /// <exception cref="GantryException">There is none for this machine's processor (NotImplemented).</exception>
    public string Write()
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
            throw GantryException.NotImplemented($"this version of Gantry has no init process (--init) for {RuntimeInformation.ProcessArchitecture}");
        var path = Path.Combine(folder, "docker-init");
        var program = Assemble(X64);
        if (File.Exists(path) && File.GetUnixFileMode(path) == Executable && File.ReadAllBytes(path).AsSpan().SequenceEqual(program))
            return path;
        AtomicFile.Write(path, program, sync: false);
        File.SetUnixFileMode(path, Executable);
        return path;
    }

    /// <summary>The bytes of a listing: hexadecimal, up to <c>//</c> in each line.</summary>
    internal static byte[] Assemble(string listing) =>
        Convert.FromHexString(string.Concat(listing.Split('\n').Select(line => line.Split("//")[0].Replace(" ", "", StringComparison.Ordinal))));
}
