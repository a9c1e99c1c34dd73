namespace Gantry.Api.Model;

/// <summary>What a client asks for that builds by Gantry's own stream.</summary>
public sealed record BuildSessionRequest
{
    /// <summary>What <see cref="Remote"/> is for an archive that the client sends: the one file of the context of that name, which is asked for.</summary>
    public const string SentArchive = "-";

    /// <summary>How the names of sockets begin on which clients wait to send descriptors.</summary>
    public const string DescriptorSocketPrefix = "gantry-build-";

    /// <summary>
    /// The abstract unix socket on which the client sends descriptors of large files, so that a daemon on the same machine reads them itself; empty: there is
    /// none. A daemon that cannot connect to it gets the contents as all others do.
    /// </summary>
    public string DescriptorSocket { get; set; } = "";

    /// <summary>What the daemon says there first: everybody on the machine sees the socket's name.</summary>
    public string DescriptorToken { get; set; } = "";

    /// <summary>The Dockerfile's text; empty: it is in the build context, which the daemon fetches.</summary>
    public string Dockerfile { get; set; } = "";

    /// <summary>Its name for messages, or its path in the build context.</summary>
    public string DockerfileName { get; set; } = "Dockerfile";

    /// <summary>The stage to build; empty: the last.</summary>
    public string Target { get; set; } = "";

    /// <summary>Values of ARG variables.</summary>
    public IReadOnlyDictionary<string, string>? Arguments { get; set; }

    /// <summary>Labels of the image.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; set; }

    /// <summary>Names of the image.</summary>
    public IReadOnlyList<string>? Tags { get; set; }

    /// <summary>The platforms with commas between them; empty: the daemon's.</summary>
    public string Platform { get; set; } = "";

    /// <summary>Whether no known result is used.</summary>
    public bool NoCache { get; set; }

    /// <summary>Stages of which no known result is used.</summary>
    public IReadOnlyList<string>? NoCacheFilter { get; set; }

    /// <summary>Whether registries are asked for base images that are here.</summary>
    public bool Pull { get; set; }

    /// <summary>The network of steps.</summary>
    public string Network { get; set; } = "";

    /// <summary>Names of hosts as <c>name:address</c>.</summary>
    public IReadOnlyList<string>? ExtraHosts { get; set; }

    /// <summary>Limits as <c>name=soft:hard</c>.</summary>
    public IReadOnlyList<string>? Ulimits { get; set; }

    /// <summary>Bytes of <c>/dev/shm</c>.</summary>
    public long ShmSize { get; set; }

    /// <summary>The cgroup below which steps run.</summary>
    public string CgroupParent { get; set; } = "";

    /// <summary>What steps may use of the machine.</summary>
    public ContainerResources? Resources { get; set; }

    /// <summary>Whether <c>RUN --security=insecure</c> is allowed.</summary>
    public bool AllowInsecure { get; set; }

    /// <summary>Secrets by their names.</summary>
    public IReadOnlyDictionary<string, byte[]>? Secrets { get; set; }

    /// <summary>Paths of the sockets of SSH agents by their names; the daemon is on the same machine.</summary>
    public IReadOnlyDictionary<string, string>? Agents { get; set; }

    /// <summary>Credentials by registry.</summary>
    public IReadOnlyDictionary<string, AuthConfig>? Credentials { get; set; }

    /// <summary>The contexts whose entries follow, in their order.</summary>
    public IReadOnlyList<BuildSessionContext>? Contexts { get; set; }

    /// <summary>
    /// Where the build context is, if the daemon fetches it: a repository, a file from the web, or <see cref="SentArchive"/>; empty: it is one of
    /// <see cref="Contexts"/>, or there is none.
    /// </summary>
    public string Remote { get; set; } = "";

    /// <summary>Further contexts that the daemon fetches, by name: repositories and files from the web.</summary>
    public IReadOnlyDictionary<string, string>? NamedRemotes { get; set; }

    /// <summary>
    /// Contexts that are images, by name: <c>docker-image://…</c>, or <c>oci-layout://…</c> with the name of a context that comes file by file.
    /// </summary>
    public IReadOnlyDictionary<string, string>? NamedImages { get; set; }

    /// <summary>Caches of others that are used: <c>registry</c>, or <c>local</c>, whose folder is a context that comes file by file.</summary>
    public IReadOnlyList<BuildSessionOutput>? CacheFrom { get; set; }

    /// <summary>
    /// Caches that are written: <c>inline</c>, <c>registry</c>, or <c>local</c>, which is sent as an output with a number after those of the outputs.
    /// </summary>
    public IReadOnlyList<BuildSessionOutput>? CacheTo { get; set; }

    /// <summary>The patterns of what the client has left out of the build context.</summary>
    public string Ignored { get; set; } = "";

    /// <summary>Whether the files of a step that fails become an image.</summary>
    public bool KeepsFailed { get; set; }

    /// <summary>What is to be said of the image, by type (<c>provenance</c>, <c>sbom</c>), each with its options as <c>key=value,…</c>.</summary>
    public IReadOnlyDictionary<string, string>? Attestations { get; set; }

    /// <summary>What is asked instead of a build: <c>lint</c>, <c>outline</c>, <c>targets</c>; empty: a build.</summary>
    public string Call { get; set; } = "";

    /// <summary>What becomes of the result: <c>image</c> when nothing is said.</summary>
    public IReadOnlyList<BuildSessionOutput>? Outputs { get; set; }
}

/// <summary>A context of a build.</summary>
public sealed record BuildSessionContext
{
    /// <summary>Its name; <c>context</c> for the build context.</summary>
    public string Name { get; set; } = "";

    /// <summary>What tells its folder from others, so that what did not change since the last build need not be sent.</summary>
    public string Key { get; set; } = "";

    /// <summary>Whether its files are asked for one by one, at any time until the build is done, instead of all at its beginning.</summary>
    public bool OnDemand { get; set; }
}

/// <summary>An output of a build, or a cache.</summary>
public sealed record BuildSessionOutput
{
    /// <summary><c>image oci docker local tar cacheonly</c>; of a cache <c>inline registry local</c>.</summary>
    public string Type { get; set; } = "";

    /// <summary>What else is said of it.</summary>
    public IReadOnlyDictionary<string, string>? Attributes { get; set; }

    /// <summary>The name of the context that is its folder; empty: it has none.</summary>
    public string Context { get; set; } = "";
}

/// <summary>What became of a build.</summary>
public sealed record BuildSessionResult
{
    /// <summary>The image's ID; empty: none was made.</summary>
    public string ImageId { get; set; } = "";

    /// <summary>The digest of its manifest.</summary>
    public string ManifestDigest { get; set; } = "";

    /// <summary>Its names.</summary>
    public IReadOnlyList<string>? Names { get; set; }

    /// <summary>The answer to a question; null: it was a build.</summary>
    public BuildSessionAnswer? Answer { get; set; }
}

/// <summary>The answer to what was asked instead of a build.</summary>
public sealed record BuildSessionAnswer
{
    /// <summary>The answer as a document, with docker's names.</summary>
    public string Json { get; set; } = "";

    /// <summary>The answer as it is shown.</summary>
    public string Text { get; set; } = "";

    /// <summary>The code with which a command that asked ends.</summary>
    public int ExitCode { get; set; }
}

/// <summary>Why a build failed.</summary>
public sealed record BuildSessionError
{
    /// <summary>The error.</summary>
    public string Message { get; set; } = "";

    /// <summary>The lines of the Dockerfile with a marker; empty: no place is known.</summary>
    public string Excerpt { get; set; } = "";

    /// <summary>The image that the files of the failed step became; empty: there is none.</summary>
    public string FailedImage { get; set; } = "";
}
