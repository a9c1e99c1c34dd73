using System.Net;
using Gantry.Runtime.Keeper.Protocol;

namespace Gantry.Runtime.NetHelper;

/// <summary>
/// What both sides of the net helper's socket agree on. Its frames are the keeper's, and so are hello, list and the answers; docs/dns.md describes
/// each message.
/// </summary>
internal static class NetHelperProtocol
{
    /// <summary>The version of the messages, part of the socket's name.</summary>
    internal const int Version = 1;

    /// <summary>The first bytes of a hello: <c>gtnh</c>.</summary>
    internal const uint Magic = 0x686e7467;

    /// <summary>A container; its sockets, if they are new: datagrams, listener, network namespace. Answer: done.</summary>
    internal const MessageType Serve = (MessageType)20;

    /// <summary>Container's ID. Answer: done.</summary>
    internal const MessageType StopServing = (MessageType)21;

    /// <summary>Names. Answer: done.</summary>
    internal const MessageType Publish = (MessageType)22;

    /// <summary>Network's ID, container's ID. Answer: done.</summary>
    internal const MessageType Withdraw = (MessageType)23;

    /// <summary>Key; any descriptors, which the helper keeps open. Answer: done.</summary>
    internal const MessageType Hold = (MessageType)24;

    /// <summary>Key, protocol, target's address and port; a socket that listens, or takes datagrams. Answer: done.</summary>
    internal const MessageType Forward = (MessageType)25;

    /// <summary>Key of what is held or forwarded. Answer: done.</summary>
    internal const MessageType Release = (MessageType)26;

    /// <summary>Nothing. Answer: <see cref="StatusReply"/>.</summary>
    internal const MessageType Status = (MessageType)27;

    /// <summary>Numbers.</summary>
    internal const MessageType StatusReply = (MessageType)80;

    private const int MostOfAList = 4096;

    /// <summary>A number of things in a message, checked.</summary>
    internal static int Count(int value) => value is >= 0 and <= MostOfAList ? value : throw new InvalidDataException($"a list of {value} in a message");

    internal static IPAddress Address(string text) =>
        IPAddress.TryParse(text, out var address) ? address : throw new InvalidDataException("an address of no form in a message");

    internal static ushort Port(int value) =>
        value is >= 0 and <= ushort.MaxValue ? (ushort)value : throw new InvalidDataException($"the port {value} in a message");
}
