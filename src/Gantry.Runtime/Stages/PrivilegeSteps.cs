using System.Runtime.InteropServices;
using Gantry.Oci.Runtime;
using Gantry.Os;
using Gantry.Os.Processes;
using Gantry.Os.Security;

namespace Gantry.Runtime.Stages;

/// <summary>User, groups, capabilities, no_new_privs and the filter of system calls: what a process gives up before it executes its file.</summary>
internal sealed class PrivilegeSteps(ProcessProgramBuilder builder, ProcessSpec process, ReadOnlyMemory<byte>? filter, uint filterFlags)
{
    private const long PR_SET_KEEPCAPS = 8, PR_CAPBSET_DROP = 24, PR_SET_NO_NEW_PRIVS = 38, PR_CAP_AMBIENT = 47,
        PR_CAP_AMBIENT_RAISE = 2, PR_CAP_AMBIENT_CLEAR_ALL = 4, SECCOMP_SET_MODE_FILTER = 1;
    private const int LastCapability = 63;

    private readonly ulong _available = ProcessCapabilities.ReadPermitted();

    private ulong Mask(IReadOnlyList<string>? names) => CapabilityNames.ToMask(names) & _available;

    /// <summary>Gives up all but the capabilities asked for, and becomes the user.</summary>
    /// <remarks>
    /// A filter can be loaded with no_new_privs or with CAP_SYS_ADMIN only. Without the former the latter is kept until the filter is in
    /// place, which then has to allow capset and prctl; with it the filter comes last of all.
    /// </remarks>
    internal void Write()
    {
        var sets = process.Capabilities;
        var bounding = Mask(sets?.Bounding);
        var permitted = Mask(sets?.Permitted);
        var needsAdmin = filter is not null && !process.NoNewPrivileges;

        builder.Call("keep capabilities over the change of the user", SystemCall.Prctl, PR_SET_KEEPCAPS, 1, 0, 0, 0);
        for (var capability = 0; capability <= LastCapability; capability++)
        {
            if ((bounding >> capability & 1) == 0)
                builder.Call($"drop {Name(capability)} from the bounding set", SystemCall.Prctl, PR_CAPBSET_DROP, capability, 0, 0, 0)
                    .Tolerate(Errno.EINVAL).OnTolerated(_end ??= builder.NewLabel());
        }
        if (_end is { } end)
            builder.Place(end);
        BecomeUser();
        if (needsAdmin)
        {
            SetCapabilities("keep CAP_SYS_ADMIN to load the seccomp filter", permitted | Admin, Admin, Mask(sets?.Inheritable));
            LoadFilter();
        }
        SetCapabilities("set capabilities", permitted, Mask(sets?.Effective), Mask(sets?.Inheritable));
        RaiseAmbient(Mask(sets?.Ambient));
        if (process.NoNewPrivileges)
            builder.Call("set no_new_privs", SystemCall.Prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    }

    /// <summary>Loads the filter, unless that had to be done before.</summary>
    internal void WriteLast()
    {
        if (filter is not null && process.NoNewPrivileges)
            LoadFilter();
    }

    private const ulong Admin = 1ul << CapabilityNames.SysAdmin;

    /// <summary>Behind the drops: the first number that the kernel does not know ends them.</summary>
    private ProgramLabel? _end;

    private void BecomeUser()
    {
        var user = process.User ?? new ProcessUser();
        var groups = user.AdditionalGids ?? [];
        var list = builder.Bytes(MemoryMarshal.AsBytes<uint>([.. groups]));
        builder.Call("set the additional groups", SystemCall.Setgroups, groups.Count, list);
        builder.Call($"set the group {user.Gid}", SystemCall.Setresgid, user.Gid, user.Gid, user.Gid);
        builder.Call($"set the user {user.Uid}", SystemCall.Setresuid, user.Uid, user.Uid, user.Uid);
    }

    private void SetCapabilities(string stage, ulong permitted, ulong effective, ulong inheritable)
    {
        var header = builder.Structure((ProcessCapabilities.Version3, 0u));
        var sets = builder.Bytes(MemoryMarshal.AsBytes<uint>(
        [
            (uint)effective, (uint)permitted, (uint)inheritable,
            (uint)(effective >> 32), (uint)(permitted >> 32), (uint)(inheritable >> 32),
        ]));
        builder.Call(stage, SystemCall.Capset, header, sets);
    }

    private void RaiseAmbient(ulong ambient)
    {
        builder.Call("clear the ambient capabilities", SystemCall.Prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
        for (var capability = 0; capability <= LastCapability; capability++)
        {
            if ((ambient >> capability & 1) != 0)
                builder.Call($"raise {Name(capability)} in the ambient set", SystemCall.Prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0);
        }
    }

    private void LoadFilter()
    {
        var instructions = filter!.Value;
        var program = builder.Reserve(16);
        builder.SetLength(program, (ushort)(instructions.Length / 8));
        builder.SetPointer(program.At(8), builder.Bytes(instructions.Span));
        builder.Call("load the seccomp filter", SystemCall.Seccomp, SECCOMP_SET_MODE_FILTER, filterFlags, program);
    }

    private static string Name(int capability) => capability < CapabilityNames.All.Count ? CapabilityNames.All[capability] : $"capability {capability}";
}
