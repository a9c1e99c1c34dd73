using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;
using Gantry.Oci.Runtime;
using Gantry.Runtime.Seccomp;

namespace Gantry.Engine.Spec;

/// <summary>A container's filter of system calls.</summary>
/// <param name="Rules">As the OCI runtime configuration has it; null: nothing is filtered.</param>
/// <param name="Program">Compiled; null: nothing is filtered.</param>
internal sealed record SeccompFilter(LinuxSeccomp? Rules, ReadOnlyMemory<byte>? Program)
{
    /// <summary>No system call is filtered.</summary>
    public static SeccompFilter None { get; } = new(null, null);
}

/// <summary>
/// Resolves seccomp profiles for a container's capabilities. The built-in one is resolved once for each set of capabilities: nearly all
/// containers have the same.
/// </summary>
internal sealed class SeccompProfiles
{
    private readonly SeccompProfile _builtIn = SeccompProfile.LoadDefault();
    private readonly KernelVersion _kernel = KernelVersion.OfThisMachine();
    private readonly string _architecture = RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "amd64";
    private readonly ConcurrentDictionary<string, SeccompFilter> _resolved = new();

    /// <param name="profile">A profile in docker's JSON format; null: the built-in one.</param>
    /// <param name="capabilities">The bounding set of the container.</param>
    /// <exception cref="Oci.GantryException">The profile is malformed.</exception>
    public SeccompFilter Resolve(string? profile, IReadOnlyList<string> capabilities)
    {
        if (profile is not null)
            return Compile(SeccompProfile.Parse(Encoding.UTF8.GetBytes(profile)), capabilities);
        return _resolved.GetOrAdd(string.Join(',', capabilities), (_, set) => Compile(_builtIn, set), capabilities);
    }

    private SeccompFilter Compile(SeccompProfile profile, IReadOnlyList<string> capabilities)
    {
        var rules = profile.Resolve(capabilities, _architecture, _kernel);
        return new SeccompFilter(rules, SeccompCompiler.Compile(rules));
    }
}
