using Gantry.Oci.Images;

namespace Gantry.Build.Dockerfile.Compile;

/// <summary>The variables that tell for which platform is built, and the names of those that need no ARG.</summary>
internal static class PlatformArguments
{
    /// <summary>Variables of proxies: any step has them, and no result depends on them.</summary>
    public static readonly string[] Proxies =
        ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "FTP_PROXY", "ftp_proxy", "NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"];

    public static Dictionary<string, string> For(Platform target, Platform build, string stage) => new()
    {
        ["BUILDPLATFORM"] = build.ToString(),
        ["BUILDOS"] = build.Os ?? "",
        ["BUILDOSVERSION"] = build.OsVersion ?? "",
        ["BUILDARCH"] = build.Architecture ?? "",
        ["BUILDVARIANT"] = build.Variant ?? "",
        ["TARGETPLATFORM"] = target.ToString(),
        ["TARGETOS"] = target.Os ?? "",
        ["TARGETOSVERSION"] = target.OsVersion ?? "",
        ["TARGETARCH"] = target.Architecture ?? "",
        ["TARGETVARIANT"] = target.Variant ?? "",
        ["TARGETSTAGE"] = stage,
    };
}
