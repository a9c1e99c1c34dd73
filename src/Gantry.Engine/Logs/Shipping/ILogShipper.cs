namespace Gantry.Engine.Logs.Shipping;

/// <summary>
/// Sends the lines of one container to a receiver.
/// <para>
/// Its life: it is made for one connection, sends lines one after another, and is disposed. A line whose <see cref="SendAsync"/> returned has been handed
/// to the receiver's side, as far as the protocol tells; when it throws, the shipper is disposed of, another is made after a pause, and the line
/// comes again. So a receiver may get a line twice, and gets none out of order.
/// </para>
/// </summary>
internal interface ILogShipper : IAsyncDisposable
{
    /// <summary>Sends one line.</summary>
    /// <exception cref="IOException">The receiver cannot be reached, or closed the connection.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">So, too.</exception>
    Task SendAsync(LogEntry entry, CancellationToken cancellation);
}
