using System.Text;
using Gantry.Build.Graph;
using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Build.Dockerfile.Compile;

/// <summary>Compiles the instructions that change files.</summary>
internal sealed partial class InstructionCompiler
{
    private async Task RunAsync(RunInstruction run, CancellationToken cancellation)
    {
        // 1. The command.
        var (arguments, scripts) = Command(run);
        // 2. What is mounted.
        var inputs = new List<Node?> { stage.Root };
        var mounts = new List<StepMount>();
        foreach (var text in run.Mounts)
            mounts.Add(await MountAsync(text, run.Range, inputs, cancellation));
        if (run.Devices.Count > 0)
            throw DockerfileException.At(run.Range, "RUN --device needs the labs syntax, which is not served", GantryException.NotImplemented("RUN --device"));
        // 3. What it may do.
        var network = Network(run);
        var insecure = Security(run);
        var options = compiler.Options;
        var operation = new ExecOperation
        {
            Arguments = arguments,
            Scripts = scripts,
            Environment = stage.Variables.StepEnvironment,
            ProxyEnvironment = Proxies(),
            WorkingDirectory = stage.WorkingDirectory,
            User = stage.Config.User ?? "",
            Mounts = mounts,
            Network = network,
            NetworkName = network == StepNetwork.Named ? options.NetworkName : "",
            Insecure = insecure,
            HostName = options.Arguments.GetValueOrDefault("BUILDKIT_SANDBOX_HOSTNAME", ""),
            ExtraHosts = options.ExtraHosts,
            Ulimits = options.Ulimits,
            ShmSize = options.ShmSize,
            CgroupParent = options.CgroupParent,
            Resources = options.Resources,
            Platform = stage.Platform,
        };
        // 4. The step, and what the history says of it.
        stage.Root = MakeNode(operation, inputs, run, Summary(run));
        var shown = scripts.Count > 0 ? [.. stage.Shell, .. arguments] : arguments;
        stage.AddHistory($"RUN {BuildArguments()}{string.Join(' ', shown)} # buildkit", hasLayer: true);
    }

    private (IReadOnlyList<string> Arguments, IReadOnlyList<(string, string)> Scripts) Command(RunInstruction run)
    {
        if (!run.Command.IsShell)
            return (run.Command.Words, []);
        var text = run.Command.ShellText;
        var documents = run.Command.Heredocs;
        if (documents.Count == 0)
            return ([.. stage.Shell, text], []);
        if (Heredoc.Announced(text) is null)
            return ([.. stage.Shell, text + string.Concat(documents.Select(document => $"\n{document.Content}{document.Name}"))], []);
        var script = documents[0].Text;
        // A script that says what runs it becomes a program.
        return script.StartsWith("#!", StringComparison.Ordinal)
            ? ([$"/dev/pipes/{documents[0].Name}"], [($"/dev/pipes/{documents[0].Name}", script)])
            : ([.. stage.Shell, script], []);
    }

    /// <summary>What the name of a step that is one document says of it: its first line.</summary>
    private static string Summary(RunInstruction run)
    {
        if (!run.Command.IsShell || run.Command.Heredocs is not [var document, ..] || Heredoc.Announced(run.Command.ShellText) is null)
            return "";
        var lines = document.Content.Trim().ReplaceLineEndings("\n").Split('\n');
        return $" ({lines[0]}{(lines.Length > 1 ? "..." : "")})";
    }

    private async Task<StepMount> MountAsync(string text, SourceRange range, List<Node?> inputs, CancellationToken cancellation)
    {
        var (mount, from) = MountFlag.Parse(text, stage, range);
        if (mount.Kind is not (StepMountKind.Bind or StepMountKind.Cache))
            return mount;
        if (from is null && mount.Kind == StepMountKind.Cache)
            return mount;
        inputs.Add(from is null ? compiler.Context(range) : await compiler.FilesOfAsync(from, stage, range, depth, cancellation));
        return mount with { Input = inputs.Count - 1 };
    }

    private StepNetwork Network(RunInstruction run) => run.Network switch
    {
        null => compiler.Options.Network,
        "default" => StepNetwork.Default,
        "none" => StepNetwork.None,
        "host" when compiler.Options.AllowHostNetwork => StepNetwork.Host,
        "host" => throw DockerfileException.At(run.Range, "granting entitlement network.host is not allowed by build daemon configuration"),
        var other => throw DockerfileException.Parse(run.Range, $"invalid network mode \"{other}\"{Suggestion.For(other, ["default", "none", "host"])}"),
    };

    private bool Security(RunInstruction run) => run.Security switch
    {
        null or "sandbox" => false,
        "insecure" when compiler.Options.AllowInsecure => true,
        "insecure" => throw DockerfileException.At(run.Range, "security.insecure is not allowed: build with --allow security.insecure"),
        var other => throw DockerfileException.Parse(run.Range, $"security: invalid mode \"{other}\"{Suggestion.For(other, ["sandbox", "insecure"])}"),
    };

    private List<string> Proxies() =>
        // A program may know either spelling.
        [.. compiler.Options.Arguments.Where(argument => PlatformArguments.Proxies.Contains(argument.Key))
            .SelectMany(argument => new[] { $"{argument.Key.ToUpperInvariant()}={argument.Value}", $"{argument.Key.ToLowerInvariant()}={argument.Value}" })
                .Distinct()];

    /// <summary>The arguments that a step saw, as the history has them: <c>|1 NAME=value </c>.</summary>
    private string BuildArguments()
    {
        var arguments = stage.Variables.Arguments;
        return arguments.Count == 0 ? ""
            : $"|{arguments.Count} {string.Join(' ', arguments.Select(argument => $"{argument.Name}={stage.Variables.Find(argument.Name)}"))} ";
    }

    private async Task CopyAsync(CopyInstruction copy, CancellationToken cancellation)
    {
        var from = copy.From is { } text ? stage.Variables.Expand(text, copy.Range) : null;
        var isOwn = from is null || from == "context";
        var source = isOwn ? compiler.Context(copy.Range) : await compiler.FilesOfAsync(from!, stage, copy.Range, depth, cancellation);
        Transfer(copy, [.. Sources(copy)], source, copy.Parents, unpack: false);
    }

    private void Add(AddInstruction add)
    {
        var local = new List<string>();
        var nodes = new List<(Node Node, string Source)>();
        foreach (var source in Sources(add))
        {
            if (RemoteSource.Parse(source, add, Checksum(add)) is { } remote)
                nodes.Add((new Node(remote.Operation, [], new NodeLabel { Name = source, Range = add.Range, IgnoreCache = stage.IgnoresCache }), remote.Path));
            else
                local.Add(source);
        }
        if (add.Checksum is not null && local.Count > 0)
            throw DockerfileException.At(add.Range, "checksum can't be specified for non-HTTP(S) or non-git sources");
        if (nodes.Count == 0)
        {
            Transfer(add, local, compiler.Context(add.Range), parents: false, unpack: add.Unpack ?? true);
            return;
        }
        Transfer(add, local, compiler.Context(add.Range), parents: false, unpack: add.Unpack ?? true, nodes);
    }

    private string? Checksum(AddInstruction add) => add.Checksum is { } text ? stage.Variables.Expand(text, add.Range) : null;

    private IEnumerable<string> Sources(TransferInstruction transfer) => transfer.Sources.Select(source => stage.Variables.Expand(source, transfer.Range));

    /// <summary>The node of a COPY or ADD.</summary>
    private void Transfer(
        TransferInstruction transfer, List<string> sources, Node? source, bool parents, bool unpack, List<(Node Node, string Source)>? remotes = null)
    {
        var written = stage.Variables.Expand(transfer.Destination, transfer.Range);
        var destination = stage.Absolute(written);
        var owner = Owner(transfer);
        var mode = transfer.Chmod is { } text ? stage.Variables.Expand(text, transfer.Range) : null;
        var inputs = new List<Node?> { transfer.Link ? null : stage.Root };
        var actions = new List<FileAction>();
        if (sources.Count > 0)
        {
            inputs.Add(source);
            actions.Add(Copy(transfer, 1, sources, destination, owner, mode, parents, unpack));
        }
        foreach (var (node, path) in remotes ?? [])
        {
            inputs.Add(node);
            var action = Copy(transfer, inputs.Count - 1, [path], destination, owner, mode, parents: false, (transfer as AddInstruction)?.Unpack ?? false);
            actions.Add(node.Operation is HttpSource && mode is null ? action with { Mode = "0600" } : action);
        }
        foreach (var document in transfer.Documents)
            actions.Add(Document(transfer, document, destination, owner, mode));
        var made = MakeNode(new FileOperation(actions), inputs, transfer);
        stage.Root = transfer.Link && stage.Root is not null
            ? new Node(new MergeOperation(), [stage.Root, made], made.Label with { Name = $"[link] {made.Label.Name}" })
            : made;
        var names = transfer.Documents.Select(document => $"<<{document.Name}").Concat(sources).Concat(remotes?.Select(remote => remote.Node.Label.Name) ?? []);
        var flags = (transfer.Chown is null ? "" : $" --chown={stage.Variables.Expand(transfer.Chown, transfer.Range)}")
            + (mode is null ? "" : $" --chmod={mode}");
        stage.AddHistory($"{transfer.Name}{flags} {string.Join(' ', names)} {written} # buildkit", hasLayer: true);
    }

    private CopyAction Copy(
        TransferInstruction transfer, int input, IReadOnlyList<string> sources, string destination, FileOwner? owner, string? mode, bool parents,
        bool unpack) => new()
        {
            Input = input,
            Sources = sources,
            Destination = destination,
            Owner = owner,
            Mode = mode,
            Excludes = [.. transfer.Excludes.Select(exclude => stage.Variables.Expand(exclude, transfer.Range))],
            Parents = parents,
            Unpack = unpack,
        };

    private MakeFileAction Document(TransferInstruction transfer, Heredoc document, string destination, FileOwner? owner, string? mode)
    {
        var content = document.Expand ? stage.Variables.ExpandDocument(document.Text, transfer.Range) : document.Text;
        var path = destination.EndsWith('/') ? destination + document.Name : destination;
        return new MakeFileAction(path, Encoding.UTF8.GetBytes(content), mode, owner);
    }

    private FileOwner? Owner(TransferInstruction transfer)
    {
        if (transfer.Chown is not { } text)
            return null;
        var parts = stage.Variables.Expand(text, transfer.Range).Split(':', 2);
        return new FileOwner(parts[0], parts.Length > 1 ? parts[1] : "");
    }

    private void ChangeFolder(WorkdirInstruction workdir)
    {
        var written = stage.Variables.Expand(workdir.Path, workdir.Range);
        if (!written.StartsWith('/') && !stage.DeclaresFolder)
            compiler.Lint?.Add(Lint.LintRules.WorkdirRelativePath, $"Relative workdir \"{written}\" can have unexpected results if the base image changes",
                workdir.Range);
        stage.DeclaresFolder = true;
        var path = stage.Absolute(written);
        path = path.Length > 1 ? path.TrimEnd('/') : path;
        stage.Config.WorkingDir = path;
        if (path != "/")
        {
            var parts = (stage.Config.User ?? "").Split(':', 2);
            var owner = parts[0].Length == 0 ? null : new FileOwner(parts[0], parts.Length > 1 ? parts[1] : "");
            stage.Root = MakeNode(new FileOperation([new MakeFolderAction(path, 0x1ed /* 0755 */, owner)]), [stage.Root], workdir);
        }
        else
        {
            stage.Next++;
        }
        stage.AddHistory($"WORKDIR {path}", hasLayer: path != "/");
    }

    private Node MakeNode(Operation operation, IReadOnlyList<Node?> inputs, Instruction instruction, string summary = "")
    {
        var text = stage.Variables.ExpandForDisplay(instruction.Text + summary);
        var node = new Node(operation, inputs, new NodeLabel
        {
            Name = stage.NextName(text), Range = instruction.Range, IgnoreCache = stage.IgnoresCache,
        });
        compiler.Note(node, instruction);
        return node;
    }
}
