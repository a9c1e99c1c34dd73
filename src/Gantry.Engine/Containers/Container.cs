using Gantry.Api.Model;
using Gantry.Engine.Exec;
using Gantry.Engine.Attach;
using Gantry.Engine.Logs;
using Gantry.Networking;
using Gantry.Oci.Images;
using Gantry.Runtime.Keeper;

namespace Gantry.Engine.Containers;

/// <summary>
/// A container: its configuration, as the user gave it, and what is known of its process. The configuration changes only through the
/// services of this folder, which hold <see cref="Gate"/> while they act; <see cref="State"/> may be read at any time.
/// </summary>
public sealed class Container
{
    private volatile ContainerState _state;
    private volatile IReadOnlyList<Endpoint> _endpoints = [];

    internal Container(ContainerDocument document, ContainerState state, string folder, string processFolder)
    {
        Document = document;
        Folder = folder;
        ProcessFolder = processFolder;
        _state = state;
    }

    /// <summary>64 hexadecimal digits.</summary>
    public string Id => Document.Id;

    /// <summary>Its name, without the leading slash the API shows.</summary>
    public string Name => Document.Name;

    /// <summary>When it was created.</summary>
    public DateTimeOffset Created => Document.Created;

    /// <summary>The digest of the image's configuration.</summary>
    public string ImageId => Document.ImageId;

    /// <summary>The image as the user named it.</summary>
    public string ImageName => Document.Config.Image ?? "";

    /// <summary>The part of the configuration that could move to another host, merged with the image's.</summary>
    public ContainerConfig Config => Document.Config;

    /// <summary>The part of the configuration that belongs to this host.</summary>
    public HostConfig HostConfig => Document.HostConfig;

    /// <summary>The networks asked for when it was created.</summary>
    public NetworkingConfig? Networking => Document.Networking;

    /// <summary>The platform of its image.</summary>
    public Platform Platform => Document.Platform;

    /// <summary>The snapshotter that holds its writable layer.</summary>
    public string Driver => Document.Driver;

    /// <summary>What is mounted into it besides the root filesystem and the kernel's.</summary>
    public IReadOnlyList<ContainerMount> Mounts => Document.Mounts;

    /// <summary>What is known of its process now.</summary>
    public ContainerState State
    {
        get => _state;
        internal set => _state = value;
    }

    /// <summary>The program that is run: the entrypoint's first word, or the command's.</summary>
    public string Path => CommandLine is [var path, ..] ? path : "";

    /// <summary>The arguments of the program.</summary>
    public IReadOnlyList<string> Args => CommandLine is [_, .. var rest] ? rest : [];

    /// <summary>The folder with its documents.</summary>
    public string Folder { get; }

    /// <summary>The file with its output; rotated files carry <c>.1</c>, <c>.2</c> ... behind the name.</summary>
    internal LogPlace LogPlace => LogPlace.Of(Folder, Id, HostConfig.LogConfig.Type);

    /// <summary>The path of its log for those who read docker's JSON; "" where it has another form.</summary>
    public string LogPath => LogPlace is { Format: LogFormat.JsonLines, Path: var path } ? path : "";

    /// <summary>The folder of what is kept of its process while that runs.</summary>
    public string ProcessFolder { get; }

    /// <summary>What it is connected with while its process runs.</summary>
    public IReadOnlyList<Endpoint> Endpoints
    {
        get => _endpoints;
        internal set => _endpoints = value;
    }

    /// <summary>The file shown as <c>/etc/hostname</c> while it runs.</summary>
    public string HostnamePath => System.IO.Path.Combine(EtcFolder, "hostname");

    /// <summary>The file shown as <c>/etc/hosts</c> while it runs.</summary>
    public string HostsPath => System.IO.Path.Combine(EtcFolder, "hosts");

    /// <summary>The file shown as <c>/etc/resolv.conf</c> while it runs.</summary>
    public string ResolvConfPath => System.IO.Path.Combine(EtcFolder, "resolv.conf");

    /// <summary>The execs made in it since the daemon started.</summary>
    public IReadOnlyList<string> ExecIds
    {
        get
        {
            lock (Execs)
                return [.. Execs.Keys];
        }
    }

    /// <summary>The folder of the files shown in its <c>/etc</c>: its own, or that of the container whose network it shares.</summary>
    internal string EtcFolder
    {
        get => field ?? ProcessFolder;
        set;
    }

    /// <summary>Held by whatever changes the container, over the whole change.</summary>
    internal SemaphoreSlim Gate { get; } = new(1, 1);

    /// <summary>Held while its state is written.</summary>
    internal Lock StateLock { get; } = new();

    /// <summary>What is written to disk of it.</summary>
    internal ContainerDocument Document { get; set; }

    /// <summary>What exists of it on the host while its process runs; null otherwise.</summary>
    internal ContainerRun? Run { get; set; }

    /// <summary>Its execs by id. Locked by itself.</summary>
    internal Dictionary<string, ExecInstance> Execs { get; } = [];

    /// <summary>Clients that attached before the process was started. Locked by itself.</summary>
    internal List<AttachSession> Waiting { get; } = [];

    /// <summary>How long the last pause before an automatic restart was.</summary>
    internal TimeSpan RestartPause { get; set; }

    /// <summary>Those who wait for an end of the process or for the removal.</summary>
    internal ContainerSignals Signals { get; } = new();

    private List<string> CommandLine => [.. Config.Entrypoint ?? [], .. Config.Cmd ?? []];
}
