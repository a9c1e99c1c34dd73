using Gantry.Build.Graph;
using Gantry.BuildKit.Protobuf;
using Gantry.Oci;

namespace Gantry.BuildKit.Llb;

/// <summary>The kinds of mounts: <c>pb.MountType</c>.</summary>
internal enum LlbMountKind
{
    Bind = 0,
    Secret = 1,
    Ssh = 2,
    Cache = 3,
    Tmpfs = 4,
}

/// <summary>A mount of an exec operation: <c>pb.Mount</c>.</summary>
internal sealed record LlbMount
{
    public long Input { get; private set; }

    public string Selector { get; private set; } = "";

    public string Destination { get; private set; } = "";

    /// <summary>The number of the result that its files become; -1: none.</summary>
    public long Output { get; private set; }

    public bool IsReadOnly { get; private set; }

    public LlbMountKind Kind { get; private set; }

    private byte[] Options { get; set; } = [];

    public static LlbMount Parse(ReadOnlySpan<byte> bytes)
    {
        var mount = new LlbMount();
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: mount.Input = reader.Number(); break;
                case 2: mount.Selector = reader.Text(); break;
                case 3: mount.Destination = reader.Text(); break;
                case 4: mount.Output = reader.Number(); break;
                case 5: mount.IsReadOnly = reader.Flag(); break;
                case 6: mount.Kind = (LlbMountKind)reader.Number(); break;
                case >= 19 and <= 22: mount.Options = reader.Bytes().ToArray(); break;
                default: reader.Skip(); break;
            }
        }
        return mount;
    }

    /// <summary>The mount as the builder has it.</summary>
    /// <param name="input">The number of the node whose files it shows; -1: none.</param>
    /// <exception cref="GantryException">Its kind is unknown.</exception>
    public StepMount ToStep(int input)
    {
        var (id, numbers) = ReadOptions();
        var mount = new StepMount { Kind = Step(), Target = Destination, Input = input, Source = Selector.Length > 0 ? Selector : "/", ReadOnly = IsReadOnly,
            Id = id };
        return Kind switch
        {
            LlbMountKind.Cache =>
                mount with { Sharing = numbers.GetValueOrDefault(2) switch { 1 => CacheSharing.Private, 2 => CacheSharing.Locked, _ => CacheSharing.Shared } },
            LlbMountKind.Tmpfs => mount with { Size = numbers.GetValueOrDefault(1) },
            LlbMountKind.Secret or LlbMountKind.Ssh => mount with
            {
                UserId = (uint)numbers.GetValueOrDefault(2), GroupId = (uint)numbers.GetValueOrDefault(3),
                Mode = numbers.TryGetValue(4, out var mode) ? (uint)mode : null, Required = numbers.GetValueOrDefault(5) == 0,
            },
            _ => mount,
        };
    }

    private StepMountKind Step() => Kind switch
    {
        LlbMountKind.Bind => StepMountKind.Bind,
        LlbMountKind.Secret => StepMountKind.Secret,
        LlbMountKind.Ssh => StepMountKind.Ssh,
        LlbMountKind.Cache => StepMountKind.Cache,
        LlbMountKind.Tmpfs => StepMountKind.Tmpfs,
        _ => throw GantryException.Invalid($"unknown kind {(int)Kind} of the mount at {Destination}"),
    };

    /// <summary>All kinds have a name as their first option, and numbers; that of a tmpfs has a number there.</summary>
    private (string Id, Dictionary<int, long> Numbers) ReadOptions()
    {
        var (id, numbers) = ("", new Dictionary<int, long>());
        var reader = new ProtoReader(Options);
        while (reader.Next())
        {
            if (reader.Field == 1 && Kind != LlbMountKind.Tmpfs)
                id = reader.Text();
            else
                numbers[reader.Field] = reader.Number();
        }
        return (id, numbers);
    }
}
