using System.Buffers;
using System.Buffers.Binary;
using Gantry.Api.Model;
using Gantry.Client;
using Gantry.Os.Files;

namespace Gantry.Cli.Commands.Builds;

/// <summary>An archive that comes from somewhere: one file, whose length nobody knows, and which can be sent once.</summary>
/// <param name="archive">Its bytes.</param>
internal sealed class ArchiveContext(Stream archive) : IClientContext
{
    /// <inheritdoc/>
    public string Key => "";

    /// <inheritdoc/>
    public async Task SendEntriesAsync(BuildConnection connection, int number)
    {
        var message = new ArrayBufferWriter<byte>();
        BinaryPrimitives.WriteInt32LittleEndian(message.GetSpan(4), number);
        message.Advance(4);
        ContextEntries.Write(message, new ContextEntry(BuildSessionRequest.SentArchive, (uint)FileKind.Regular, 0, 0, 0, 0, ""));
        await connection.SendAsync(BuildFrame.Entries, message.WrittenMemory).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task SendContentAsync(BuildConnection connection, int number, int entry) =>
        await connection.SendContentAsync(number, entry, archive).ConfigureAwait(false);

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
