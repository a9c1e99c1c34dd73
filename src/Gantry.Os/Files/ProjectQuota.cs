using System.Runtime.InteropServices;

namespace Gantry.Os.Files;

/// <summary>
/// Limits on what a tree of files may occupy, on file systems that count by project (XFS, and ext4 with <c>project,quota</c>): each file made in a
/// directory of a project belongs to it (quotactl_fd(2), Linux 5.14; ioctl_xfs_fsgetxattr(2)).
/// </summary>
public static unsafe partial class ProjectQuota
{
    // Safe throughout: the structures are on this stack, of the size that the kernel reads or writes.

    private const int BlockSize = 512;

    /// <summary>Whether the file system that a directory lies on counts by project and enforces limits.</summary>
    public static bool IsEnforced(Fd directory)
    {
        QuotaState state = default;
        return Call(directory, Q_XGETQSTAT, 0, &state) == 0 && (state.Flags & FS_QUOTA_PDQ_ENFD) != 0;
    }

    /// <summary>Whether nobody has used a project: it occupies nothing and has no limit.</summary>
    public static bool IsFree(Fd directory, uint project)
    {
        DiskQuota quota = default;
        return Call(directory, Q_XGETQUOTA, project, &quota) != 0
            || (quota.HardBlocks == 0 && quota.SoftBlocks == 0 && quota.UsedBlocks == 0 && quota.UsedInodes == 0);
    }

    /// <summary>Puts an empty directory into a project: what is made in it belongs to that as well.</summary>
    /// <exception cref="OsException">The file system has no projects.</exception>
    public static void Assign(Fd directory, uint project)
    {
        FileAttributes attributes = default;
        if (ioctl(directory.Number, FS_IOC_FSGETXATTR, &attributes) != 0)
            throw new OsException("read the project of a directory", Libc.LastError);
        attributes.Flags |= FS_XFLAG_PROJINHERIT;
        attributes.Project = project;
        if (ioctl(directory.Number, FS_IOC_FSSETXATTR, &attributes) != 0)
            throw new OsException($"put a directory into project {project}", Libc.LastError);
    }

    /// <summary>Limits a project to <paramref name="bytes"/>; 0: no limit.</summary>
    /// <exception cref="OsException">Project quotas are not enforced here.</exception>
    public static void Limit(Fd directory, uint project, long bytes)
    {
        var blocks = (ulong)((bytes + BlockSize - 1) / BlockSize);
        var quota = new DiskQuota
        {
            Version = 1,
            Flags = FS_PROJ_QUOTA,
            FieldMask = FS_DQ_BSOFT | FS_DQ_BHARD,
            Id = project,
            HardBlocks = blocks,
            SoftBlocks = blocks,
        };
        if (Call(directory, Q_XSETQLIM, project, &quota) != 0)
            throw new OsException($"limit project {project} to {bytes} bytes", Libc.LastError);
    }

    private static nint Call(Fd directory, uint command, uint id, void* argument) =>
        syscall(SYS_quotactl_fd, directory.Number, (nint)(command << 8 | PRJQUOTA), (nint)id, (nint)argument);

    private const nint SYS_quotactl_fd = 443;
    private const uint PRJQUOTA = 2;
    private const uint Q_XGETQUOTA = 0x5803;
    private const uint Q_XSETQLIM = 0x5804;
    private const uint Q_XGETQSTAT = 0x5805;
    private const ushort FS_QUOTA_PDQ_ENFD = 1 << 5;
    private const sbyte FS_PROJ_QUOTA = 2;
    private const ushort FS_DQ_BSOFT = 1 << 2;
    private const ushort FS_DQ_BHARD = 1 << 3;
    private const nuint FS_IOC_FSGETXATTR = 0x801c581f;
    private const nuint FS_IOC_FSSETXATTR = 0x401c5820;
    private const uint FS_XFLAG_PROJINHERIT = 0x200;

    /// <summary><c>struct fsxattr</c>.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 28)]
    private struct FileAttributes
    {
        [FieldOffset(0)] public uint Flags;
        [FieldOffset(12)] public uint Project;
    }

    /// <summary><c>struct fs_quota_stat</c>, with room to spare.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct QuotaState
    {
        [FieldOffset(2)] public ushort Flags;
    }

    /// <summary><c>struct fs_disk_quota</c>: blocks are of 512 bytes.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 112)]
    private struct DiskQuota
    {
        [FieldOffset(0)] public sbyte Version;
        [FieldOffset(1)] public sbyte Flags;
        [FieldOffset(2)] public ushort FieldMask;
        [FieldOffset(4)] public uint Id;
        [FieldOffset(8)] public ulong HardBlocks;
        [FieldOffset(16)] public ulong SoftBlocks;
        [FieldOffset(40)] public ulong UsedBlocks;
        [FieldOffset(48)] public ulong UsedInodes;
    }

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial nint syscall(nint number, nint a, nint b, nint c, nint d);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int ioctl(int file, nuint request, FileAttributes* argument);
}
