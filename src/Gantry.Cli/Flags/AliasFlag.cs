namespace Gantry.Cli.Flags;

/// <summary>A former name of a flag: it sets that flag, and the help does not show it.</summary>
public sealed class AliasFlag : Flag
{
    private readonly Flag _target;

    /// <summary>Makes the former name of a flag.</summary>
    public AliasFlag(string name, Flag target)
        : base(name, '\0', target.Type, target.Usage)
    {
        _target = target;
        Hidden = true;
    }

    /// <inheritdoc/>
    public override bool IsSwitch => _target.IsSwitch;

    /// <inheritdoc/>
    protected override void Accept(string value) => _target.Set(value);
}
