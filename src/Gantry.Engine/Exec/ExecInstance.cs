using Gantry.Api.Model;
using Gantry.Engine.Containers;
using Gantry.Runtime.Keeper;

namespace Gantry.Engine.Exec;

/// <summary>A process that is, or was, to be run in a container beside its first one.</summary>
public sealed class ExecInstance
{
    internal ExecInstance(string id, Container container, ExecCreateRequest request)
    {
        Id = id;
        Container = container;
        Request = request;
    }

    /// <summary>64 hexadecimal digits.</summary>
    public string Id { get; }

    /// <summary>Where it runs.</summary>
    public Container Container { get; }

    /// <summary>What was asked for.</summary>
    public ExecCreateRequest Request { get; }

    /// <summary>Whether it was started; each is only once.</summary>
    public bool Started { get; internal set; }

    /// <summary>Whether its process exists.</summary>
    public bool Running => Process is not null && ExitCode is null;

    /// <summary>Its exit code, once it ended or could not be started.</summary>
    public int? ExitCode { get; internal set; }

    /// <summary>Its process id on the host; 0 before it was started.</summary>
    public int Pid => Process?.Pid ?? 0;

    /// <summary>The program.</summary>
    public string EntryPoint => Request.Cmd is [var program, ..] ? program : "";

    /// <summary>The program's arguments.</summary>
    public IReadOnlyList<string> Arguments => Request.Cmd is { Count: > 1 } command ? [.. command.Skip(1)] : [];

    internal KeptProcess? Process { get; set; }

    internal TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
