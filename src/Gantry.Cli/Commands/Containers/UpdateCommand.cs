using Gantry.Api.Model;
using Gantry.Cli.Commands.Containers.Creating;
using Gantry.Cli.Flags;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Containers;

/// <summary><c>update</c>: changes limits and restart policy of containers.</summary>
internal sealed class UpdateCommand : Command
{
    private readonly FlagSet _flags;
    private readonly ValueFlag<long> _blkioWeight;
    private readonly ValueFlag<long> _cpuPeriod;
    private readonly ValueFlag<long> _cpuQuota;
    private readonly ValueFlag<long> _cpuRtPeriod;
    private readonly ValueFlag<long> _cpuRtRuntime;
    private readonly ValueFlag<long> _cpuShares;
    private readonly ValueFlag<long> _cpus;
    private readonly ValueFlag<string> _cpusetCpus;
    private readonly ValueFlag<string> _cpusetMems;
    private readonly ValueFlag<long> _memory;
    private readonly ValueFlag<long> _memoryReservation;
    private readonly ValueFlag<long> _memorySwap;
    private readonly ValueFlag<long> _pidsLimit;
    private readonly ValueFlag<string> _restart;

    public UpdateCommand(FlagSet flags)
    {
        _flags = flags;
        _blkioWeight = flags.Value("blkio-weight", '\0', "uint16", "Relative weight of block IO, 10 to 1000, or 0 to disable", FlagValues.ParseUInt16, 0L);
        _cpuPeriod = flags.Int("cpu-period", "Period of the CPU limit in microseconds");
        _cpuQuota = flags.Int("cpu-quota", "CPU time in each period in microseconds");
        _cpuRtPeriod = flags.Int("cpu-rt-period", "Period of the real-time CPU limit in microseconds");
        _cpuRtRuntime = flags.Int("cpu-rt-runtime", "Real-time CPU time in each period in microseconds");
        _cpuShares = flags.Int("cpu-shares", 'c', "Relative weight of CPU time");
        _cpus = flags.Value("cpus", '\0', "decimal", "Number of CPUs", FlagValues.ParseCpus, 0L);
        _cpusetCpus = flags.String("cpuset-cpus", "CPUs to run on (0-3, 0,1)");
        _cpusetMems = flags.String("cpuset-mems", "Memory nodes to use (0-3, 0,1)");
        _memory = flags.Bytes("memory", 'm', "Memory limit");
        _memoryReservation = flags.Bytes("memory-reservation", '\0', "Memory soft limit");
        _memorySwap = flags.Value("memory-swap", '\0', "bytes", "Limit of memory and swap together; -1 for unlimited swap", FlagValues.ParseSwap, 0L);
        _pidsLimit = flags.Int("pids-limit", "Most processes (-1 for unlimited)");
        _restart = flags.String("restart", "When to start the container again after it ended");
    }

    public static CommandEntry Entry => new(
        ["container update", "update"], "[OPTIONS] CONTAINER [CONTAINER...]",
        "Update configuration of one or more containers",
        ArgumentCount.AtLeast(1), static flags => new UpdateCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        if (!_flags.Flags.Any(static flag => flag.Changed))
            throw new CommandException("you must provide one or more flags when using this command");
        var request = BuildRequest();
        var warnings = new List<string>();
        var exitCode = await Targets.ForEachAsync(session, arguments, async name =>
        {
            var response = await session.Client.UpdateContainerAsync(name, request).ConfigureAwait(false);
            lock (warnings)
                warnings.AddRange(response.Warnings ?? []);
        }).ConfigureAwait(false);
        foreach (var warning in warnings)
            session.Print(warning);
        return exitCode;
    }

    private ContainerUpdateRequest BuildRequest() => new()
    {
        BlkioWeight = (int)_blkioWeight.Value,
        CpuPeriod = _cpuPeriod.Value,
        CpuQuota = _cpuQuota.Value,
        CpuRealtimePeriod = _cpuRtPeriod.Value,
        CpuRealtimeRuntime = _cpuRtRuntime.Value,
        CpuShares = _cpuShares.Value,
        NanoCpus = _cpus.Value,
        CpusetCpus = _cpusetCpus.Value,
        CpusetMems = _cpusetMems.Value,
        Memory = _memory.Value,
        MemoryReservation = _memoryReservation.Value,
        MemorySwap = _memorySwap.Value,
        PidsLimit = _pidsLimit.Changed ? _pidsLimit.Value : null,
        RestartPolicy = RestartPolicyParser.Parse(_restart.Value),
    };
}
