using System.Net;

namespace Gantry.Dns.Forwarding;

/// <summary>The servers that some clients have their questions forwarded to.</summary>
/// <param name="Number">Tells it from other groups in the cache.</param>
/// <param name="Servers">Their addresses, in the order in which they are asked.</param>
/// <param name="Context">What the transport has to know besides: from where they are asked.</param>
public sealed record UpstreamGroup(int Number, IReadOnlyList<IPEndPoint> Servers, object? Context);

/// <summary>Sends questions to servers. Its calls must return at once.</summary>
public interface IUpstreamTransport
{
    /// <summary>
    /// Sends a question to one server, from a port chosen at random; whatever comes back is given to <see cref="UpstreamExchange.Receive"/> until that takes
    /// it, and what goes
    /// wrong is told by <see cref="UpstreamExchange.Fail"/>, neither of them before this returns.
    /// </summary>
    /// <param name="exchange">The question, and who waits for its answer.</param>
    /// <returns>What ends the waiting when it is disposed; null: it cannot be sent.</returns>
    IDisposable? TrySend(UpstreamExchange exchange);
}

/// <summary>One question on its way to one server.</summary>
public sealed class UpstreamExchange
{
    private readonly PendingQuestion _question;
    private readonly Forwarder _forwarder;

    internal UpstreamExchange(Forwarder forwarder, PendingQuestion question, int server, ushort id)
    {
        (_forwarder, _question, Server) = (forwarder, question, server);
        Query = (byte[])question.Query.Clone();
        (Query[0], Query[1]) = ((byte)(id >> 8), (byte)id);
    }

    /// <summary>The servers of which it goes to one.</summary>
    public UpstreamGroup Group => _question.Group;

    /// <summary>The index of the server.</summary>
    public int Server { get; }

    /// <summary>Whether it goes over TCP.</summary>
    public bool IsStream => _question.IsStream;

    /// <summary>What to send.</summary>
    internal byte[] Query { get; }

    /// <summary>What to send.</summary>
    public ReadOnlySpan<byte> Message => Query;

    internal IDisposable? Sending { get; set; }

    internal bool IsOver { get; private set; }

    /// <summary>Something came from the server.</summary>
    /// <returns>Whether it was the answer; otherwise it is to be passed over.</returns>
    public bool Receive(ReadOnlySpan<byte> answer)
    {
        if (IsOver || !DnsResponse.TryRead(answer, Query, _question.QuestionEnd, out var response))
            return false;
        End();
        _forwarder.Answered(_question, this, answer, response);
        return true;
    }

    /// <summary>Nothing will come: the server refused, or the connection broke.</summary>
    public void Fail()
    {
        if (IsOver)
            return;
        End();
        _forwarder.Failed(_question);
    }

    internal void End()
    {
        IsOver = true;
        Sending?.Dispose();
        Sending = null;
    }
}
