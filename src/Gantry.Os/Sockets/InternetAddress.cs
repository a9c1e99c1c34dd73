using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Gantry.Os.Sockets;

/// <summary>An address of IPv4 or IPv6 with a port, as the kernel has it (struct sockaddr_in, sockaddr_in6).</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct InternetAddress : IEquatable<InternetAddress>
{
    internal const int Size = 28;

    private fixed byte _bytes[Size];

    /// <summary>Writes an address.</summary>
    public InternetAddress(IPEndPoint endPoint)
    {
        IsIPv6 = endPoint.AddressFamily == AddressFamily.InterNetworkV6;
        BinaryPrimitives.WriteUInt16BigEndian(Bytes[2..], (ushort)endPoint.Port);
        _ = endPoint.Address.TryWriteBytes(Bytes[AddressOffset..], out _);
        if (IsIPv6)
            MemoryMarshal.Write(Bytes[24..], (uint)endPoint.Address.ScopeId);
    }

    /// <summary>Whether it is one of IPv6.</summary>
    public bool IsIPv6
    {
        readonly get => MemoryMarshal.Read<ushort>(ReadOnlyBytes) == InternetSocket.AF_INET6;
        private set => MemoryMarshal.Write(Bytes, (ushort)(value ? InternetSocket.AF_INET6 : InternetSocket.AF_INET));
    }

    /// <summary>The port.</summary>
    public readonly ushort Port => BinaryPrimitives.ReadUInt16BigEndian(ReadOnlyBytes[2..]);

    /// <summary>The address without the port.</summary>
    public readonly IPAddress Address => new(ReadOnlyBytes.Slice(AddressOffset, IsIPv6 ? 16 : 4));

    internal readonly uint Length => IsIPv6 ? Size : 16u;

    private readonly int AddressOffset => IsIPv6 ? 8 : 4;

    // Safe: the spans are as long as the field, and used only while the structure they lie in is.
    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    private Span<byte> Bytes => MemoryMarshal.CreateSpan(ref _bytes[0], Size);

    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    private readonly ReadOnlySpan<byte> ReadOnlyBytes => MemoryMarshal.CreateReadOnlySpan(in _bytes[0], Size);

    /// <inheritdoc/>
    public readonly bool Equals(InternetAddress other) => ReadOnlyBytes.SequenceEqual(other.ReadOnlyBytes);

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is InternetAddress other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(ReadOnlyBytes);
        return hash.ToHashCode();
    }

    /// <summary>Whether both are the same.</summary>
    public static bool operator ==(InternetAddress one, InternetAddress other) => one.Equals(other);

    /// <summary>Whether they differ.</summary>
    public static bool operator !=(InternetAddress one, InternetAddress other) => !one.Equals(other);
}
