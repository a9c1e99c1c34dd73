using System.IO.Pipelines;

namespace Gantry.BuildKit.Tests.Grpc;

/// <summary>The two ends of a connection in memory.</summary>
internal sealed class PipePair
{
    public PipePair()
    {
        Pipe there = new(), back = new();
        One = new End(there.Reader, back.Writer);
        Other = new End(back.Reader, there.Writer);
    }

    public IDuplexPipe One { get; }

    public IDuplexPipe Other { get; }

    private sealed record End(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
