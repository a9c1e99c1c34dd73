using System.Buffers;
using System.IO.Pipelines;
using Gantry.Api.Build;
using Gantry.Api.Model;

namespace Gantry.Api.Tests.Build;

public class ClientFolderTests
{
    [Fact]
    public async Task Who_gives_up_while_a_file_is_asked_for_holds_up_nobody()
    {
        // A client that takes nothing for a while: what asks for a file waits.
        var output = new Pipe(new PipeOptions(pauseWriterThreshold: 1, resumeWriterThreshold: 0, useSynchronizationContext: false));
        var folder = new ClientFolder(0, new BuildStream(new Connection(new Pipe().Reader, output.Writer)));
        folder.Add(new ContextEntry("one", 0, 3, 0, 0, 0, ""));
        folder.Add(new ContextEntry("two", 0, 3, 0, 0, 0, ""));
        using var given = new CancellationTokenSource();
        var first = folder.OpenAsync("one", given.Token);
        Assert.False(first.IsCompleted);
        await given.CancelAsync();
        // It was asked for, so it comes, whoever wants it; then it is another file's turn.
        output.Reader.AdvanceTo((await output.Reader.ReadAsync()).Buffer.End);
        await (await first).DisposeAsync();
        await folder.TakeAsync(0, new ReadOnlySequence<byte>("one"u8.ToArray()), isLast: true);
        var second = folder.OpenAsync("two", CancellationToken.None);
        output.Reader.AdvanceTo((await output.Reader.ReadAsync()).Buffer.End);
        using var reader = new StreamReader(await second.WaitAsync(TimeSpan.FromSeconds(30)));
        await folder.TakeAsync(1, new ReadOnlySequence<byte>("two"u8.ToArray()), isLast: true);
        Assert.Equal("two", await reader.ReadToEndAsync());
    }

    private sealed record Connection(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
