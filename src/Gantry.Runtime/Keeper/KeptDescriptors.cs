using Gantry.Os;
using Gantry.Runtime.Keeper.Protocol;

namespace Gantry.Runtime.Keeper;

/// <summary>
/// The descriptors of a running process that both the keeper and the daemon hold: if one of them dies, the other still has them.
/// </summary>
public sealed class KeptDescriptors : IDisposable
{
    /// <summary>Refers to the process; null before the spawn.</summary>
    public Fd? PidFd { get; set; }

    /// <summary>The memory through which output passes (memfd): what was read but not logged is in it.</summary>
    public Fd? Ring { get; set; }

    /// <summary>The end to write the standard input to; null when there is none, or it was closed.</summary>
    public Fd? Stdin { get; set; }

    /// <summary>The end to read the standard output from.</summary>
    public Fd? Stdout { get; set; }

    /// <summary>The end to read the errors from.</summary>
    public Fd? Stderr { get; set; }

    /// <summary>The terminal's master; then there are no pipes.</summary>
    public Fd? Terminal { get; set; }

    /// <summary>Closes the end to write the standard input to.</summary>
    public void CloseStdin()
    {
        Stdin?.Dispose();
        Stdin = null;
    }

    /// <summary>Appends a bit for each descriptor there is, and those.</summary>
    internal void Write(MessageWriter writer)
    {
        Fd?[] all = [PidFd, Ring, Stdin, Stdout, Stderr, Terminal];
        var present = 0;
        for (var i = 0; i < all.Length; i++)
            present |= all[i] is null ? 0 : 1 << i;
        writer.Byte((byte)present);
        foreach (var descriptor in all)
            writer.Descriptor(descriptor);
    }

    /// <summary>Reads the bits and takes the descriptors, from the first on.</summary>
    /// <returns>The descriptors, and how many were taken.</returns>
    internal static (KeptDescriptors Descriptors, int Taken) Read(ref MessageReader reader, IReadOnlyList<Fd> descriptors)
    {
        int present = reader.Byte(), taken = 0;
        if (present >= 1 << 6 || System.Numerics.BitOperations.PopCount((uint)present) > descriptors.Count)
            throw new InvalidDataException("a message lacks the descriptors it names");
        Fd? Next(int bit) => (present & 1 << bit) != 0 ? descriptors[taken++] : null;
        var result = new KeptDescriptors
        {
            PidFd = Next(0), Ring = Next(1), Stdin = Next(2), Stdout = Next(3), Stderr = Next(4), Terminal = Next(5),
        };
        return (result, taken);
    }

    /// <summary>Closes all.</summary>
    public void Dispose()
    {
        PidFd?.Dispose();
        Ring?.Dispose();
        Stdin?.Dispose();
        Stdout?.Dispose();
        Stderr?.Dispose();
        Terminal?.Dispose();
    }
}
