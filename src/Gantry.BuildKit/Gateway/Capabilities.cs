namespace Gantry.BuildKit.Gateway;

/// <summary>The names by which clients ask what the gateway and the solver can do (<c>apicaps</c>). What is not named here is not done.</summary>
internal static class Capabilities
{
    /// <summary>Of the gateway.</summary>
    public static IReadOnlyList<string> Gateway { get; } =
    [
        "solve.base", "resolveimage", "resolveimage.resolvemode", "readfile", "return", "returnmap", "readdir", "statfile", "importcaches",
        "proto.refarray", "reference.output", "frontend.inputs", "gateway.solve.metadata", "frontend.caps", "gateway.solve.evaluate", "gateway.warnings",
    ];

    /// <summary>Of the solver, and of what is exported.</summary>
    public static IReadOnlyList<string> Solver { get; } =
    [
        "source.image", "source.image.resolvemode", "source.local", "source.local.unique", "source.local.sessionid", "source.local.includepatterns",
        "source.local.followpaths", "source.local.excludepatterns", "source.local.sharedkeyhint", "source.git", "source.git.keepgitdir",
        "source.git.fullurl", "source.git.subdir", "source.git.checksum", "source.http", "source.http.checksum", "source.http.perm", "source.http.uidgid",
        "source.ocilayout", "exec.meta.base", "exec.meta.cgroup.parent",
        "exec.meta.network", "exec.meta.proxyenv", "exec.meta.security", "exec.meta.ulimit", "exec.mount.bind", "exec.mount.bind.readwrite-nooutput",
        "exec.mount.cache", "exec.mount.cache.sharing", "exec.mount.selector", "exec.mount.tmpfs", "exec.mount.tmpfs.size", "exec.mount.secret",
        "exec.mount.ssh", "exec.secretenv", "exec.validexitcode", "file.base", "file.copy.includeexcludepatterns",
        "file.copy.alwaysreplaceexistingdestpaths", "file.copy.modestring", "file.symlink.create", "file.rm.wildcard", "file.rm.nofollowsymlink", "constraints",
        "platform", "meta.ignorecache", "meta.description", "meta.exportcache",
        "mergeop", "diffop", "exporter.sourcedateepoch", "exporter.multiple", "gc.freespacefilter",
        "exporter.image.annotations", "exporter.image.attestations",
    ];
}
