using System.Net;
using Gantry.Runtime.Keeper.Protocol;

namespace Gantry.Runtime.NetHelper;

/// <summary>
/// A port of this machine whose connections, or datagrams, the helper passes on: for addresses that the kernel cannot translate, as ::1.
/// </summary>
/// <param name="Local">The address and port that are listened on.</param>
/// <param name="Target">Where it goes.</param>
/// <param name="IsTcp">TCP; otherwise UDP.</param>
public sealed record PortForward(IPEndPoint Local, IPEndPoint Target, bool IsTcp)
{
    internal void Write(MessageWriter writer) => writer.Text(Local.ToString()).Text(Target.ToString()).Byte(IsTcp ? (byte)1 : (byte)0);

    internal static PortForward Read(ref MessageReader reader) => new(EndPoint(reader.Text()), EndPoint(reader.Text()), reader.Byte() != 0);

    private static IPEndPoint EndPoint(string text) =>
        IPEndPoint.TryParse(text, out var endPoint) ? endPoint : throw new InvalidDataException("an address of no form in a message");
}
