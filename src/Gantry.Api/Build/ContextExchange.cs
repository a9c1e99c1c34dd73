using System.Buffers;
using System.Buffers.Binary;
using Gantry.Api.Model;
using Gantry.Build.Cache.Exchange;
using Gantry.Build.Contexts;
using Gantry.Engine.Build;
using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Api.Build;

/// <summary>
/// The contexts of one build by Gantry's own stream: first what files all of them have, then the contents of those that are not here. Contexts on demand are
/// only listed; their files come when they are asked for, as long as the build goes on.
/// </summary>
/// <param name="contexts">The contexts, in the order of their numbers.</param>
/// <param name="stream">The build's stream.</param>
/// <param name="descriptors">Where descriptors of files come from; null: none do.</param>
/// <param name="builds">Keeps contents, and knows what was sent before.</param>
/// <param name="cancellation">The end of the client.</param>
internal sealed class ContextExchange(
    IReadOnlyList<BuildSessionContext> contexts, BuildStream stream, DescriptorReceiver? descriptors, BuildService builds, CancellationToken cancellation)
{
    private const int PartLength = 1 << 18;
    private const int ContentHeadLength = 9;
    private readonly List<ContextReceiver?> _receivers = [
        .. contexts.Select(context => context.OnDemand ? null : new ContextReceiver(builds.Files, builds.Contexts, context.Key))];
    private readonly List<ClientFolder?> _folders = [.. contexts.Select((context, number) => context.OnDemand ? new ClientFolder(number, stream) : null)];

    /// <summary>Takes what there is, and all contents that are needed at once.</summary>
    /// <returns>The contexts by name, without those on demand.</returns>
    public async Task<Dictionary<string, FileSet>> ReceiveAsync()
    {
        try
        {
            await ReadEntriesAsync();
            await AskAsync();
            while (_receivers.Exists(receiver => receiver is { IsComplete: false }))
                await TakeContentAsync(await stream.ReadAsync(cancellation) ?? throw new IOException("the client ended"));
            await stream.WriteAsync(BuildFrame.Need, ReadOnlyMemory<byte>.Empty, cancellation);
            return contexts.Zip(_receivers).Where(pair => pair.Second is not null).ToDictionary(pair => pair.First.Name, pair => pair.Second!.Finish());
        }
        finally
        {
            _receivers.ForEach(receiver => receiver?.Dispose());
        }
    }

    /// <summary>A context on demand.</summary>
    /// <exception cref="InvalidDataException">The client has none of that name.</exception>
    public IClientFolder Folder(string name) =>
        contexts.Zip(_folders).FirstOrDefault(pair => pair.First.Name == name).Second ?? throw new InvalidDataException($"there is no folder {name}");

    /// <summary>An OCI layout that is a context on demand.</summary>
    /// <exception cref="InvalidDataException">The client has none of that name.</exception>
    public ICacheSource Layout(LayoutReference layout) =>
        new LayoutCache(Folder(layout.Name), $"{LayoutReference.Scheme}{layout.Name}", layout.Tag, layout.Digest);

    /// <summary>Takes contents that are asked for during the build, to the end of the client.</summary>
    public async Task FollowAsync()
    {
        try
        {
            while (await stream.ReadAsync(cancellation) is { } message)
                await TakeContentAsync(message);
        }
        finally
        {
            _folders.ForEach(folder => folder?.Abandon());
        }
    }

    private async Task ReadEntriesAsync()
    {
        while (true)
        {
            if (await stream.ReadAsync(cancellation) is not var (kind, payload))
                throw new IOException("the client ended");
            if (kind == BuildFrame.EntriesEnd)
                return;
            if (kind != BuildFrame.Entries)
                throw new InvalidDataException($"a message {kind} among the entries of contexts");
            TakeEntries(payload.IsSingleSegment ? payload.FirstSpan : payload.ToArray());
        }
    }

    private void TakeEntries(ReadOnlySpan<byte> input)
    {
        var number = Known(BinaryPrimitives.ReadInt32LittleEndian(input));
        input = input[4..];
        while (!input.IsEmpty)
        {
            var entry = ContextEntries.Read(ref input);
            if (_receivers[number] is { } receiver)
                Add(receiver, entry);
            else
                _folders[number]!.Add(entry);
        }
    }

    private int Known(int context) =>
        context >= 0 && context < contexts.Count ? context : throw new InvalidDataException($"there is no context {context}");

    private static void Add(ContextReceiver receiver, in ContextEntry entry)
    {
        const uint kindBits = 0xf000, permissionBits = 0xfff;
        receiver.Add(
            new FileSetEntry
            {
                Path = entry.Path,
                Kind = (FileKind)(entry.Mode & kindBits),
                Permissions = entry.Mode & permissionBits,
                Size = entry.Size,
                Modified = new FileTime(entry.ModifiedSeconds, entry.ModifiedNanoseconds),
                LinkText = entry.LinkText,
            },
            new FileIdentity(entry.Identity, entry.Size, entry.ModifiedSeconds, entry.ModifiedNanoseconds));
    }

    private async Task AskAsync()
    {
        var needed = new ArrayBufferWriter<byte>();
        for (var context = 0; context < _receivers.Count; context++)
        {
            foreach (var number in _receivers[context]?.Missing() ?? [])
            {
                BinaryPrimitives.WriteInt32LittleEndian(needed.GetSpan(8), context);
                BinaryPrimitives.WriteInt32LittleEndian(needed.GetSpan(8)[4..], number);
                needed.Advance(8);
            }
        }
        if (needed.WrittenCount > 0)
            await stream.WriteAsync(BuildFrame.Need, needed.WrittenMemory, cancellation);
    }

    private Task TakeContentAsync((BuildFrame Kind, ReadOnlySequence<byte> Payload) message)
    {
        var head = new byte[ContentHeadLength];
        message.Payload.Slice(0, Math.Min(ContentHeadLength, message.Payload.Length)).CopyTo(head);
        var context = BinaryPrimitives.ReadInt32LittleEndian(head);
        var number = BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(4));
        return message.Kind switch
        {
            BuildFrame.Content when message.Payload.Length >= ContentHeadLength =>
                TakeAsync(context, number, message.Payload.Slice(ContentHeadLength), isLast: head[8] != 0),
            BuildFrame.ContentFile when message.Payload.Length == ContentHeadLength - 1 && descriptors is not null =>
                TakeFileAsync(context, number, descriptors.Take()),
            _ => throw new InvalidDataException($"a message {message.Kind} among the contents of contexts"),
        };
    }

    /// <summary>Reads a file to its end, wherever that is by then.</summary>
    private async Task TakeFileAsync(int context, int number, Fd file)
    {
        using (file)
        {
            var content = new DescriptorStream(file.Number);
            var part = new byte[PartLength];
            int count;
            do
            {
                cancellation.ThrowIfCancellationRequested();
                count = content.ReadAtLeast(part, part.Length, throwOnEndOfStream: false);
                await TakeAsync(context, number, new ReadOnlySequence<byte>(part, 0, count), isLast: count < part.Length);
            }
            while (count == part.Length);
        }
    }

    private async Task TakeAsync(int context, int number, ReadOnlySequence<byte> content, bool isLast)
    {
        if (_folders[Known(context)] is { } folder)
            await folder.TakeAsync(number, content, isLast);
        else
            Take(_receivers[context]!, number, content, isLast);
    }

    private static void Take(ContextReceiver receiver, int number, in ReadOnlySequence<byte> content, bool isLast)
    {
        if (content.IsSingleSegment)
        {
            receiver.Take(number, content.FirstSpan, isLast);
            return;
        }
        // A small file comes whole.
        var length = (int)content.Length;
        var whole = ArrayPool<byte>.Shared.Rent(length);
        content.CopyTo(whole);
        receiver.Take(number, whole.AsSpan(0, length), isLast);
        ArrayPool<byte>.Shared.Return(whole);
    }
}
