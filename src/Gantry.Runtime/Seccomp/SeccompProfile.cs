using System.Text.Json;
using Gantry.Oci;
using Gantry.Oci.Json;
using Gantry.Oci.Runtime;

namespace Gantry.Runtime.Seccomp;

/// <summary>
/// A profile in docker's JSON format: rules that hold or not depending on the container's capabilities, the architecture and the kernel.
/// <see cref="Resolve"/> makes the filter of one container of it.
/// </summary>
public sealed class SeccompProfile
{
    private const string DefaultResource = "seccomp-default-profile.json";

    private readonly ProfileDocument _document;

    private SeccompProfile(ProfileDocument document) => _document = document;

    /// <summary>The profile that containers have when nothing else is asked for: docker's default.</summary>
    public static SeccompProfile LoadDefault()
    {
        using var resource = typeof(SeccompProfile).Assembly.GetManifestResourceStream(DefaultResource)
            ?? throw new InvalidOperationException($"the resource {DefaultResource} is not in the assembly");
        var json = new byte[resource.Length];
        resource.ReadExactly(json);
        return Parse(json);
    }

    /// <summary>Reads a profile, e.g. what <c>--security-opt seccomp=FILE</c> names.</summary>
    /// <exception cref="GantryException">It is not JSON of this format, or contradicts itself.</exception>
    public static SeccompProfile Parse(ReadOnlySpan<byte> json)
    {
        ProfileDocument? document;
        try
        {
            ForeignJson.Verify(json);
            document = JsonSerializer.Deserialize(json, SeccompProfileJson.Default.ProfileDocument);
        }
        catch (JsonException failure)
        {
            throw GantryException.Invalid(
                $"Decoding seccomp profile failed: it is no JSON of that form, from line {failure.LineNumber + 1}, byte {failure.BytePositionInLine + 1} on",
                failure);
        }
        if (document is null)
            throw GantryException.Invalid("Decoding seccomp profile failed: it is null");
        if (document is { Architectures.Count: > 0, ArchMap.Count: > 0 })
            throw GantryException.Invalid("'architectures' and 'archMap' were specified in the seccomp profile, use either 'architectures' or 'archMap'");
        foreach (var rule in document.Syscalls ?? [])
            if (rule is { Name.Length: > 0, Names.Count: > 0 })
                throw GantryException.Invalid("'name' and 'names' were specified in the seccomp profile, use either 'name' or 'names'");
        return new SeccompProfile(document);
    }

    /// <summary>The filter for one container: the rules whose conditions on the container and the machine hold.</summary>
    /// <param name="capabilities">The container's bounding set, e.g. <c>CAP_SYS_ADMIN</c>.</param>
    /// <param name="architecture">The machine's, as the image specification names it, e.g. <c>amd64</c>.</param>
    /// <param name="kernel">The machine's kernel.</param>
    public LinuxSeccomp Resolve(IEnumerable<string> capabilities, string architecture, KernelVersion kernel)
    {
        var held = capabilities.ToHashSet();
        var rules =
            from rule in _document.Syscalls ?? []
            where Includes(rule.Includes) && !Excludes(rule.Excludes)
            select new SeccompRule
            {
                Names = rule.Name is { Length: > 0 } name ? [name] : rule.Names,
                Action = rule.Action,
                ErrnoRet = rule.ErrnoRet,
                Args = rule.Args is { Count: > 0 } conditions ? conditions : null,
            };
        return new LinuxSeccomp
        {
            DefaultAction = _document.DefaultAction,
            DefaultErrnoRet = _document.DefaultErrnoRet,
            Architectures = ArchitecturesFor(architecture),
            Flags = _document.Flags,
            ListenerPath = _document.ListenerPath,
            ListenerMetadata = _document.ListenerMetadata,
            Syscalls = [.. rules],
        };

        bool Includes(ProfileCondition? condition) => condition is null
            || (condition.Arches is not { Count: > 0 } arches || arches.Contains(architecture))
            && (condition.Caps ?? []).All(held.Contains)
            && (condition.MinKernel is not { } least || kernel.CompareTo(least) >= 0);

        bool Excludes(ProfileCondition? condition) => condition is not null
            && ((condition.Arches ?? []).Contains(architecture)
                || (condition.Caps ?? []).Any(held.Contains)
                || condition.MinKernel is { } least && kernel.CompareTo(least) >= 0);
    }

    private IReadOnlyList<string>? ArchitecturesFor(string architecture)
    {
        if (_document.ArchMap is not { Count: > 0 } map)
            return _document.Architectures;
        var name = SeccompArchitecture.NameOf(architecture);
        var entry = map.FirstOrDefault(candidate => candidate.Architecture == name);
        return entry is null ? null : [entry.Architecture, .. entry.SubArchitectures ?? []];
    }
}
