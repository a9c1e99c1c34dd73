using System.Runtime.InteropServices;
using System.Text.Json.Serialization;

namespace Gantry.Oci.Images;

/// <summary>What an image runs on (OCI image-spec, image-index.md), in Go's names of systems and architectures.</summary>
public sealed record Platform
{
    /// <summary>The processor architecture, e.g. <c>amd64</c>.</summary>
    [JsonPropertyName("architecture")]
    public string Architecture { get; set => field = value ?? ""; } = "";

    /// <summary>The operating system, e.g. <c>linux</c>.</summary>
    [JsonPropertyName("os")]
    public string Os { get; set => field = value ?? ""; } = "";

    /// <summary>The version of the operating system (Windows).</summary>
    [JsonPropertyName("os.version")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? OsVersion { get; set; }

    /// <summary>Features that the operating system must have (Windows).</summary>
    [JsonPropertyName("os.features")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public List<string>? OsFeatures { get; set; }

    /// <summary>The variant of the architecture, e.g. <c>v7</c>.</summary>
    [JsonPropertyName("variant")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Variant { get; set; }

    /// <summary>This machine.</summary>
    public static Platform Host { get; } = new Platform
    {
        Os = "linux",
        Architecture = RuntimeInformation.OSArchitecture switch
        {
            System.Runtime.InteropServices.Architecture.X64 => "amd64",
            System.Runtime.InteropServices.Architecture.Arm64 => "arm64",
            System.Runtime.InteropServices.Architecture.X86 => "386",
            var other => other.ToString().ToLowerInvariant(),
        },
    }.Normalize();

    /// <summary>Reads <c>os[/architecture[/variant]]</c>, or an architecture alone, as docker's <c>--platform</c> takes it.</summary>
    /// <exception cref="GantryException">The text is malformed or names neither a known system nor a known architecture.</exception>
    public static Platform Parse(string text)
    {
        var parts = text.Split('/');
        if (parts.Length > 3)
            throw GantryException.Invalid($"\"{text}\": cannot parse platform specifier: invalid argument");
        foreach (var part in parts)
        {
            if (part.Length == 0 || !part.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-'))
                throw GantryException.Invalid(
                    $"\"{part}\" is an invalid component of \"{text}\": platform specifier component must match \"^[A-Za-z0-9_.-]+$\": invalid argument");
        }
        if (parts.Length > 1)
            return new Platform { Os = parts[0], Architecture = parts[1], Variant = parts.Length == 3 ? parts[2] : null }.Normalize();
        if (KnownSystems.Contains(parts[0].ToLowerInvariant()))
            return new Platform { Os = parts[0], Architecture = Host.Architecture, Variant = Host.Variant }.Normalize();
        var platform = new Platform { Os = Host.Os, Architecture = parts[0] }.Normalize();
        return KnownArchitectures.Contains(platform.Architecture)
            ? platform
            : throw GantryException.Invalid($"\"{text}\": unknown operating system or architecture: invalid argument");
    }

    /// <summary>
    /// The same platform in its one usual spelling: <c>x86_64</c> is <c>amd64</c>, <c>arm64/v8</c> is <c>arm64</c>, <c>arm</c> is <c>arm/v7</c>.
    /// </summary>
    public Platform Normalize()
    {
        var os = Os.ToLowerInvariant();
        var architecture = Architecture.ToLowerInvariant();
        var variant = string.IsNullOrEmpty(Variant) ? null : Variant.ToLowerInvariant();
        (architecture, variant) = (architecture, variant) switch
        {
            ("i386", _) => ("386", null),
            ("x86_64" or "x86-64" or "amd64", "v1") => ("amd64", null),
            ("x86_64" or "x86-64", _) => ("amd64", variant),
            ("aarch64" or "arm64", "8" or "v8" or "v8.0") => ("arm64", null),
            ("aarch64", _) => ("arm64", variant),
            ("armhf", _) => ("arm", "v7"),
            ("armel", _) => ("arm", "v6"),
            ("arm", null or "7") => ("arm", "v7"),
            ("arm", "5" or "6" or "8") => ("arm", "v" + variant),
            _ => (architecture, variant),
        };
        return this with { Os = os == "macos" ? "darwin" : os, Architecture = architecture, Variant = variant };
    }

    /// <summary>Whether another platform is this one, however it is spelled.</summary>
    public bool IsSame(Platform other)
    {
        var (left, right) = (Normalize(), other.Normalize());
        return left.Os == right.Os && left.Architecture == right.Architecture && left.Variant == right.Variant;
    }

    /// <summary>
    /// How well an image for <paramref name="candidate"/> runs here: 0 not at all, otherwise the higher the better. Older variants
    /// of the same architecture run, and 32-bit ARM on 64-bit.
    /// </summary>
    public int Fit(Platform candidate)
    {
        var here = Normalize();
        var there = candidate.Normalize();
        if (here.Os != there.Os)
            return 0;
        if (here.Architecture == there.Architecture)
        {
            var gap = VariantNumber(here) - VariantNumber(there);
            return gap < 0 ? 0 : 100 - Math.Min(gap, 40);
        }
        return here.Architecture == "arm64" && there.Architecture == "arm" && VariantNumber(there) <= 80
            ? Math.Max(1, 40 - (80 - VariantNumber(there)) / 10) : 0;
    }

    /// <summary>The text <c>os/architecture[/variant]</c>.</summary>
    public override string ToString() => string.IsNullOrEmpty(Variant) ? $"{Os}/{Architecture}" : $"{Os}/{Architecture}/{Variant}";

    private static readonly HashSet<string> KnownSystems =
        ["aix", "android", "darwin", "dragonfly", "freebsd", "illumos", "ios", "js", "linux", "netbsd", "openbsd", "plan9", "solaris", "wasip1", "windows",
            "macos"];

    private static readonly HashSet<string> KnownArchitectures =
        ["386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle", "ppc64", "ppc64le", "riscv64", "s390x", "wasm"];

    /// <summary>Ten times the version: <c>v8.1</c> is 81; the usual one of the architecture when there is none.</summary>
    private static int VariantNumber(Platform platform)
    {
        var usual = platform.Architecture switch { "arm64" => 80, "arm" => 70, "amd64" => 10, _ => 0 };
        if (platform.Variant is not { } text || text.Length < 2 || text[0] != 'v')
            return usual;
        var dot = text.IndexOf('.');
        var major = dot < 0 ? text.AsSpan(1) : text.AsSpan(1, dot - 1);
        var minor = dot < 0 ? "0" : text.AsSpan(dot + 1);
        return int.TryParse(major, out var high) && int.TryParse(minor, out var low) ? high * 10 + low : usual;
    }
}
