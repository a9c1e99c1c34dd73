using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Gantry.Oci;
using Gantry.Oci.Runtime;
using Gantry.Os;
using Gantry.Os.Processes;

namespace Gantry.Runtime.Stages;

/// <summary>Resource limits, scheduling, priority of input and output, execution domain, mask of file modes.</summary>
internal static class LimitSteps
{
    private const long DefaultUmask = 0x12; // 0022
    private const uint PER_LINUX32 = 8;

    private static readonly string[] Limits =
    [
        "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_DATA", "RLIMIT_STACK", "RLIMIT_CORE", "RLIMIT_RSS", "RLIMIT_NPROC", "RLIMIT_NOFILE",
        "RLIMIT_MEMLOCK", "RLIMIT_AS", "RLIMIT_LOCKS", "RLIMIT_SIGPENDING", "RLIMIT_MSGQUEUE", "RLIMIT_NICE", "RLIMIT_RTPRIO", "RLIMIT_RTTIME",
    ];

    private static readonly string[] Policies = ["SCHED_OTHER", "SCHED_FIFO", "SCHED_RR", "SCHED_BATCH", "SCHED_ISO", "SCHED_IDLE", "SCHED_DEADLINE"];

    private static readonly string[] SchedulerFlags =
    [
        "SCHED_FLAG_RESET_ON_FORK", "SCHED_FLAG_RECLAIM", "SCHED_FLAG_DL_OVERRUN", "SCHED_FLAG_KEEP_POLICY", "SCHED_FLAG_KEEP_PARAMS",
        "SCHED_FLAG_UTIL_CLAMP_MIN", "SCHED_FLAG_UTIL_CLAMP_MAX",
    ];

    /// <summary>Sets all of them.</summary>
    internal static void Write(ProcessProgramBuilder builder, ProcessSpec process, PersonalitySpec? personality)
    {
        SetLimits(builder, process.Rlimits ?? []);
        if (process.Scheduler is { } scheduler)
            SetScheduler(builder, scheduler);
        if (process.IoPriority is { } priority)
            SetIoPriority(builder, priority);
        if (personality is not null)
            SetPersonality(builder, personality);
        builder.Call("set the umask", SystemCall.Umask, process.User?.Umask is { } umask ? umask : DefaultUmask);
    }

    /// <summary>A limit above the inherited hard one needs CAP_SYS_RESOURCE: without it the inherited one stays.</summary>
    private static void SetLimits(ProcessProgramBuilder builder, IReadOnlyList<ResourceLimit> limits)
    {
        // The keeper raised its own.
        var (soft, hard) = OpenFileLimit.Original;
        if (soft != hard && !limits.Any(static limit => limit.Type == "RLIMIT_NOFILE"))
            limits = [.. limits, new ResourceLimit("RLIMIT_NOFILE", soft, hard)];
        foreach (var limit in limits)
        {
            var number = Array.IndexOf(Limits, limit.Type);
            if (number < 0)
                throw GantryException.Invalid($"invalid rlimit type: {limit.Type}");
            builder.Call($"set {limit.Type} to {limit.Soft}:{limit.Hard}", SystemCall.Prlimit64, 0, number, builder.Structure((limit.Soft, limit.Hard)), 0)
                .Tolerate(Errno.EPERM);
        }
    }

    private static void SetScheduler(ProcessProgramBuilder builder, SchedulerSpec scheduler)
    {
        var policy = Array.IndexOf(Policies, scheduler.Policy);
        if (policy < 0)
            throw GantryException.Invalid($"scheduler policy \"{scheduler.Policy}\" is not known");
        ulong flags = 0;
        foreach (var flag in scheduler.Flags ?? [])
        {
            var bit = Array.IndexOf(SchedulerFlags, flag);
            flags |= bit >= 0 ? 1ul << bit : throw GantryException.Invalid($"scheduler flag \"{flag}\" is not known");
        }
        var attributes = new SchedulerAttributes
        {
            Size = (uint)Unsafe.SizeOf<SchedulerAttributes>(),
            Policy = (uint)policy,
            Flags = flags,
            Nice = scheduler.Nice,
            Priority = (uint)scheduler.Priority,
            Runtime = scheduler.Runtime,
            Deadline = scheduler.Deadline,
            Period = scheduler.Period,
        };
        builder.Call($"set the scheduler to {scheduler.Policy}", SystemCall.SchedSetattr, 0, builder.Structure(attributes), 0);
    }

    private static void SetIoPriority(ProcessProgramBuilder builder, IoPrioritySpec priority)
    {
        const int IOPRIO_WHO_PROCESS = 1, ClassShift = 13;
        var number = priority.Class switch
        {
            "IOPRIO_CLASS_RT" => 1,
            "IOPRIO_CLASS_BE" => 2,
            "IOPRIO_CLASS_IDLE" => 3,
            _ => throw GantryException.Invalid($"ioPriority class \"{priority.Class}\" is not known"),
        };
        builder.Call($"set the io priority to {priority.Class} {priority.Priority}", SystemCall.IoprioSet, IOPRIO_WHO_PROCESS, 0,
            number << ClassShift | priority.Priority);
    }

    private static void SetPersonality(ProcessProgramBuilder builder, PersonalitySpec personality)
    {
        if (personality.Flags is { Count: > 0 })
            throw GantryException.Invalid("linux.personality.flags are not supported");
        var domain = personality.Domain switch
        {
            "LINUX" => 0u,
            "LINUX32" => PER_LINUX32,
            _ => throw GantryException.Invalid($"personality domain \"{personality.Domain}\" is not known"),
        };
        builder.Call($"set the personality to {personality.Domain}", SystemCall.Personality, domain);
    }

    /// <summary><c>struct sched_attr</c> of sched_setattr(2).</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct SchedulerAttributes
    {
        internal uint Size;
        internal uint Policy;
        internal ulong Flags;
        internal int Nice;
        internal uint Priority;
        internal ulong Runtime;
        internal ulong Deadline;
        internal ulong Period;
    }
}
