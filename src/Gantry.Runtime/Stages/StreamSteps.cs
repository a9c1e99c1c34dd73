using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Os.Processes;
using Gantry.Runtime.Create;

namespace Gantry.Runtime.Stages;

/// <summary>Session, standard streams and terminal.</summary>
internal static class StreamSteps
{
    private const long F_DUPFD_CLOEXEC = 1030, LowestFree = 10, TIOCSCTTY = 0x540e, KEYCTL_JOIN_SESSION_KEYRING = 1;

    /// <summary>
    /// Puts the streams in place. They are copied to higher numbers first: in the process that clones they may have
    /// any, also 0 to 2 in another order.
    /// </summary>
    internal static void PutInPlace(ProgramWriter writer, ProcessStreams streams, uint user)
    {
        var builder = writer.Builder;
        Fd?[] sources = streams.Terminal is { } terminal ? [terminal, terminal, terminal] : [streams.Input, streams.Output, streams.Error];
        for (var i = 0; i < sources.Length; i++)
        {
            if (sources[i] is { } source)
                builder.Call("copy a standard stream", SystemCall.Fcntl, writer.Use(source), F_DUPFD_CLOEXEC, LowestFree).Into(ProgramWriter.Streams[i]);
        }
        for (var i = 0; i < sources.Length; i++)
        {
            if (sources[i] is null)
                continue;
            builder.Call("put a standard stream in place", SystemCall.Dup3, ProgramWriter.Streams[i], i, 0);
            builder.Call("close the copy of a standard stream", SystemCall.Close, ProgramWriter.Streams[i]);
            GiveTo(builder, sources[i]!, i, user);
        }
    }

    /// <summary>Makes a session, whose terminal is the one in place.</summary>
    internal static void MakeSession(ProcessProgramBuilder builder, bool hasTerminal)
    {
        builder.Call("make a session", SystemCall.Setsid).Tolerate(Errno.EPERM);
        if (hasTerminal)
            builder.Call("make the terminal the controlling one", SystemCall.Ioctl, 0, TIOCSCTTY, 0);
    }

    /// <summary>A session keyring of its own: keys of the host's session are not for a container (keyctl(2)).</summary>
    internal static void JoinKeyring(ProcessProgramBuilder builder) =>
        builder.Call("join a new session keyring", SystemCall.Keyctl, KEYCTL_JOIN_SESSION_KEYRING, builder.Text("_ses.gantry"))
            .Tolerate(Errno.ENOSYS, Errno.EDQUOT, Errno.EPERM);

    /// <summary>
    /// Makes the user the owner of a stream, so that it can open /dev/stdout anew; but never of /dev/null or another device of the host.
    /// </summary>
    private static void GiveTo(ProcessProgramBuilder builder, Fd source, int number, uint user)
    {
        var status = FileStatusReader.Read(source);
        var isTerminal = status.Kind == FileKind.CharacterDevice && status.Target.Major is >= 136 and <= 143;
        if (status.UserId == user || (!isTerminal && status.Kind is FileKind.CharacterDevice or FileKind.BlockDevice))
            return;
        builder.Call("make the user the owner of a standard stream", SystemCall.Fchown, number, user, uint.MaxValue)
            .Tolerate(Errno.EPERM, Errno.EROFS, Errno.EINVAL, Errno.ENOSYS);
    }
}
