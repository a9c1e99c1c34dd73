using Gantry.Cli.Flags;
using Gantry.Cli.Session;
using Gantry.Oci.Images;

namespace Gantry.Cli.Commands.Manifests;

/// <summary><c>manifest annotate</c>: says what an image of a local list runs on.</summary>
internal sealed class ManifestAnnotateCommand(FlagSet flags) : Command
{
    private static readonly string[] s_linux =
        ["386", "amd64", "arm", "arm64", "loong64", "mips", "mipsle", "mips64", "mips64le", "ppc64", "ppc64le", "riscv64", "s390x"];

    private readonly ValueFlag<string> _architecture = flags.String("arch", "Set the architecture");
    private readonly ValueFlag<string> _system = flags.String("os", "Set the operating system");
    private readonly ListFlag<string> _features =
        flags.Add(new ListFlag<string>("os-features", '\0', "strings", "Set features of the operating system", static text => text));
    private readonly ValueFlag<string> _systemVersion = flags.String("os-version", "Set the version of the operating system");
    private readonly ValueFlag<string> _variant = flags.String("variant", "Set the variant of the architecture");

    public static CommandEntry Entry => new(
        ["manifest annotate"], "[OPTIONS] MANIFEST_LIST MANIFEST",
        "Add additional information to a local image manifest",
        ArgumentCount.Exactly(2), static flags => new ManifestAnnotateCommand(flags));

    public override Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        var (list, image) = (ManifestSource.Parse(arguments[0]), ManifestSource.Parse(arguments[1]));
        var manifest = session.ManifestLists.Find(list, image)
            ?? throw new CommandException($"manifest for image {arguments[1]} does not exist in {arguments[0]}");
        var platform = Change(manifest.Descriptor.Platform ?? new Platform());
        if (!IsKnown(platform.Os, platform.Architecture))
            throw new CommandException($"manifest entry for image has unsupported os/arch combination: {platform.Os}/{platform.Architecture}");
        session.ManifestLists.Save(list, image, manifest with { Descriptor = manifest.Descriptor with { Platform = platform } });
        return Task.FromResult(0);
    }

    private Platform Change(Platform platform)
    {
        var features = _features.Values.SelectMany(static value => value.Split(',')).Where(static feature => feature.Length > 0);
        return platform with
        {
            Architecture = _architecture.Changed ? _architecture.Value : platform.Architecture,
            Os = _system.Changed ? _system.Value : platform.Os,
            OsFeatures = _features.Changed ? [.. (platform.OsFeatures ?? []).Union(features)] : platform.OsFeatures,
            OsVersion = _systemVersion.Changed ? _systemVersion.Value : platform.OsVersion,
            Variant = _variant.Changed ? _variant.Value : platform.Variant,
        };
    }

    private static bool IsKnown(string system, string architecture) => system switch
    {
        "linux" => s_linux.Contains(architecture),
        "windows" or "darwin" or "freebsd" or "netbsd" or "openbsd" => architecture is "386" or "amd64" or "arm" or "arm64",
        _ => false,
    };
}
