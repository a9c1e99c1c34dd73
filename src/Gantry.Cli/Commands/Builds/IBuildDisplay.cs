namespace Gantry.Cli.Commands.Builds;

/// <summary>Shows a build's progress.</summary>
internal interface IBuildDisplay
{
    /// <summary>Takes a document of progress.</summary>
    void Take(ReadOnlyMemory<byte> json);

    /// <summary>Takes news that were read already.</summary>
    void Take(BuildEvents events);

    /// <summary>The build is over; what is not shown yet is.</summary>
    /// <param name="failed">Whether it failed.</param>
    void Finish(bool failed);
}

/// <summary>Shows nothing.</summary>
internal sealed class QuietDisplay : IBuildDisplay
{
    public void Take(ReadOnlyMemory<byte> json)
    {
    }

    public void Take(BuildEvents events)
    {
    }

    public void Finish(bool failed)
    {
    }
}

/// <summary>Prints the documents as they come, a line each.</summary>
internal sealed class RawDisplay(Stream output) : IBuildDisplay
{
    public void Take(ReadOnlyMemory<byte> json)
    {
        output.Write(json.Span);
        output.WriteByte((byte)'\n');
        output.Flush();
    }

    public void Take(BuildEvents events) => throw new NotSupportedException("raw progress is passed on as it comes");

    public void Finish(bool failed)
    {
    }
}
