using System.Text.Json;
using Gantry.Runtime.Cli.CommandLine;
using Gantry.Runtime.State;

namespace Gantry.Runtime.Cli.Commands;

/// <summary><c>state</c>: one container as JSON.</summary>
internal static class StateCommand
{
    internal static int Run(GlobalOptions global, ReadOnlySpan<string> words)
    {
        var options = CommandOptions.Parse(words, []);
        options.Require("state", 1, 1);
        var listing = Describe(global, global.State.Load(options.Arguments[0]));
        StandardStreams.Write(1, JsonSerializer.Serialize(listing, StateJson.Default.ContainerListing));
        return 0;
    }

    /// <summary>A container as it is now.</summary>
    internal static ContainerListing Describe(GlobalOptions global, ContainerRecord record)
    {
        var (status, pid) = global.Status(record);
        var spec = global.State.LoadSpec(record.Id);
        return new ContainerListing
        {
            OciVersion = spec.OciVersion ?? RuntimeVersion.Specification,
            Id = record.Id,
            Pid = pid,
            Status = status,
            Bundle = record.Bundle,
            Rootfs = record.Rootfs,
            Created = record.Created,
            Annotations = spec.Annotations,
        };
    }
}
