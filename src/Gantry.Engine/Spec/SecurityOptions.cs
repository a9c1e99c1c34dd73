using Gantry.Oci;
using Gantry.Oci.Values;

namespace Gantry.Engine.Spec;

/// <summary>What <c>HostConfig.SecurityOpt</c> says, read.</summary>
internal sealed record SecurityOptions
{
    /// <summary>Whether programs may not gain rights by set-user-ID files or file capabilities.</summary>
    public bool? NoNewPrivileges { get; private init; }

    /// <summary>A seccomp profile in docker's JSON format; null for the default one.</summary>
    public string? SeccompProfile { get; private init; }

    /// <summary>Whether no system call is filtered.</summary>
    public bool SeccompUnconfined { get; private init; }

    /// <summary>Whether no path of /proc and /sys is masked or read-only.</summary>
    public bool SystemPathsUnconfined { get; private init; }

    /// <summary>Whether the container may make and change cgroups below its own.</summary>
    public bool WritableCgroups { get; private init; }

    /// <summary>Reads the options.</summary>
    /// <param name="options">As users write them: <c>name=value</c>, <c>name:value</c>, or <c>no-new-privileges</c> and <c>writable-cgroups</c> alone.</param>
    /// <exception cref="GantryException">An option is unknown, or asks for what this host cannot do (InvalidArgument).</exception>
    public static SecurityOptions Parse(IReadOnlyList<string>? options)
    {
        var result = new SecurityOptions();
        foreach (var option in options ?? [])
            result = result.With(option);
        return result;
    }

    private SecurityOptions With(string option)
    {
        if (option is "no-new-privileges")
            return this with { NoNewPrivileges = true };
        if (option is "writable-cgroups")
            return this with { WritableCgroups = true };
        if (option is "disable" or "label=disable" or "label:disable")
            return this; // There is no SELinux labelling to disable.

        var separator = option.IndexOf('=') is >= 0 and var equals ? equals : option.IndexOf(':');
        if (separator < 0)
            throw GantryException.Invalid($"invalid --security-opt 1: {Quote(option)}");
        var value = option[(separator + 1)..];
        return option[..separator] switch
        {
            "no-new-privileges" => this with { NoNewPrivileges = Boolean(option, value) },
            "writable-cgroups" => this with { WritableCgroups = Boolean(option, value) },
            "seccomp" when value is "unconfined" => this with { SeccompUnconfined = true },
            "seccomp" when value is "builtin" => this with { SeccompUnconfined = false, SeccompProfile = value },
            "seccomp" => this with { SeccompUnconfined = false, SeccompProfile = value },
            "systempaths" when value is "unconfined" => this with { SystemPathsUnconfined = true },
            "apparmor" when value is "unconfined" or "" => this,
            "apparmor" => throw GantryException.Invalid($"AppArmor profile {Quote(value)} cannot be applied: AppArmor is not supported"),
            "label" => throw GantryException.Invalid($"SELinux label {Quote(value)} cannot be applied: SELinux is not supported"),
            _ => throw GantryException.Invalid($"invalid --security-opt 2: {Quote(option)}"), // Docker's text: 1 has no value, 2 no meaning.
        };
    }

    private static bool Boolean(string option, string value) =>
        GoBoolean.Parse(value) ?? throw GantryException.Invalid($"invalid --security-opt 2: {Quote(option)}");

    private static string Quote(string text) => $"\"{text}\"";
}
