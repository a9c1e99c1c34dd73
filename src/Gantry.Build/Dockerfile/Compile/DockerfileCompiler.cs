using Gantry.Build.Contexts;
using Gantry.Build.Dockerfile.Lint;
using Gantry.Build.Graph;
using Gantry.Images;
using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Build.Dockerfile.Compile;

/// <summary>
/// Turns a Dockerfile into a graph of what its target stage needs: stages that it does not need are not even looked at. Nothing is run here, but the
/// configurations of base images are asked for.
/// </summary>
public sealed class DockerfileCompiler
{
    private const string DefaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private const int MaxNesting = 100;
    private readonly DockerfileDocument _document;
    private readonly FrontendOptions _options;
    private readonly IImageResolver _images;
    private readonly LintReport? _lint;
    private readonly VariableScope _globals;
    private readonly Dictionary<int, Task<StageState>> _stages = [];
    private readonly Dictionary<Node, Instruction> _instructions = [];
    private readonly bool _isOneOfMany;

    private DockerfileCompiler(DockerfileDocument document, FrontendOptions options, IImageResolver images, LintReport? lint)
    {
        (_document, _options, _images, _lint) = (document, options, images, lint);
        // What a step mounts or copies from elsewhere counts as a stage, as for BuildKit, an empty root of mounts as well.
        _isOneOfMany = document.Stages.Count > 1 || document.Stages.SelectMany(stage => stage.Instructions)
            .Any(instruction => instruction is RunInstruction { Mounts.Count: > 0 } or CopyInstruction { From: not null });
        _globals = ReadGlobals();
        _globals.Undefined = (name, range) => lint?.Add(
            LintRules.UndefinedArgInFrom, $"FROM argument '{name}' is not declared{Suggestion.For(name, _globals.Names)}", range);
    }

    internal FrontendOptions Options => _options;

    internal LintReport? Lint => _lint;

    internal char Escape => _document.Directives.Escape;

    /// <summary>Compiles the target stage and what it needs.</summary>
    /// <param name="document">The file.</param>
    /// <param name="options">What is wanted of it.</param>
    /// <param name="images">Finds base images.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <param name="lint">Takes what is doubtful about variables and images; null: nobody wants to know.</param>
    /// <exception cref="DockerfileException">The Dockerfile asks for something that cannot be had; the error has the lines.</exception>
    public static async Task<CompiledImage> CompileAsync(
        DockerfileDocument document, FrontendOptions options, IImageResolver images, CancellationToken cancellation, LintReport? lint = null)
    {
        try
        {
            var compiler = new DockerfileCompiler(document, options, images, lint);
            var target = compiler.FindTarget();
            if (options.ChecksAll && string.IsNullOrEmpty(options.Target))
            {
                foreach (var stage in document.Stages)
                    await compiler.StageAsync(stage, 0, cancellation);
            }
            return compiler.Finish(await compiler.StageAsync(target, 0, cancellation));
        }
        catch (DockerfileException error)
        {
            throw error.In(document.File);
        }
    }

    /// <summary>Notes which instruction a node comes from.</summary>
    internal void Note(Node node, Instruction instruction) => _instructions[node] = instruction;

    /// <summary>The files that <c>--from</c> means: an earlier stage by name or number, a named context, or an image.</summary>
    internal async Task<Node?> FilesOfAsync(string from, StageState stage, SourceRange range, int depth, CancellationToken cancellation)
    {
        if (FindStage(from, stage.Stage.Index) is { } earlier)
            return (await StageAsync(earlier, depth + 1, cancellation)).Root;
        if (int.TryParse(from, out var number))
            throw DockerfileException.At(range, $"invalid from flag value {from}: invalid stage index {number}");
        if (_options.NamedResults.TryGetValue(from.ToLowerInvariant(), out var named))
            return named.Root;
        if (IsEmpty(from))
            return null;
        if (FilesOfContext(from) is { } context)
            return context;
        if (FindStage(from, _document.Stages.Count) is { } other)
            throw DockerfileException.At(range, NotEarlier(other, stage.Stage));
        var (node, _) = await ImageAsync(from, stage.Platform, range, cancellation);
        return node;
    }

    internal Node Context(SourceRange range) => new(new LocalSource("context"), [], new NodeLabel { Name = "[internal] load build context", Range = range });

    /// <summary>The value of an argument that a stage declares: what the caller gave, the platform's, or that of the global scope.</summary>
    internal string? ArgumentOf(string name, string? defaultValue, StageState stage)
    {
        if (_options.Arguments.TryGetValue(name, out var given))
            return given;
        if (defaultValue is not null)
            return defaultValue;
        var platform = PlatformArguments.For(_options.Platform, Platform.Host, _options.Target ?? "default");
        return platform.TryGetValue(name, out var value) ? value : _globals.Find(name);
    }

    private VariableScope ReadGlobals()
    {
        var scope = new VariableScope(_document.Directives.Escape);
        foreach (var (name, value) in PlatformArguments.For(_options.Platform, Platform.Host, _options.Target ?? "default"))
            scope.SetArgument(name, _options.Arguments.GetValueOrDefault(name, value));
        foreach (var instruction in _document.GlobalArguments)
        {
            foreach (var argument in instruction.Arguments)
            {
                var value = _options.Arguments.TryGetValue(argument.Name, out var given) ? given
                    : argument.Default is { } text ? scope.Expand(text, instruction.Range) : scope.Find(argument.Name);
                scope.SetArgument(argument.Name, value);
            }
        }
        return scope;
    }

    private BuildStage FindTarget()
    {
        if (string.IsNullOrEmpty(_options.Target))
            return _document.Stages[^1];
        var found = _options.IsClassic ? FindNamed(_options.Target, _document.Stages.Count) : FindStage(_options.Target, _document.Stages.Count);
        if (found is not null)
            return found;
        var suggestion = _options.IsClassic ? "" : Suggestion.For(_options.Target, _document.Stages.Select(stage => stage.From.Alias).OfType<string>());
        throw GantryException.Invalid($"target stage \"{_options.Target}\" could not be found{suggestion}");
    }

    private BuildStage? FindNamed(string name, int before) => _document.Stages.LastOrDefault(stage =>
        stage.Index < before && stage.From.Alias is { } alias && alias.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The last stage of a name before another, or that of a number.</summary>
    private BuildStage? FindStage(string name, int before) =>
        FindNamed(name, before) ?? (int.TryParse(name, out var index) && index >= 0 && index < before ? _document.Stages[index] : null);

    private static string NotEarlier(BuildStage wanted, BuildStage current)
    {
        static string Name(BuildStage stage) => stage.From.Alias ?? $"{stage.Index}";
        return wanted == current ? $"circular dependency detected on stage: {Name(current)}"
            : $"cannot copy from stage \"{Name(wanted)}\", it needs to be defined before current stage \"{Name(current)}\"";
    }

    private Task<StageState> StageAsync(BuildStage stage, int depth, CancellationToken cancellation)
    {
        if (depth > MaxNesting)
            throw DockerfileException.At(stage.From.Range, $"stages are nested more than {MaxNesting} deep");
        if (!_stages.TryGetValue(stage.Index, out var task))
            _stages[stage.Index] = task = CompileStageAsync(stage, depth, cancellation);
        return task;
    }

    private async Task<StageState> CompileStageAsync(BuildStage stage, int depth, CancellationToken cancellation)
    {
        // 1. What it begins with.
        var state = await BeginAsync(stage, depth, cancellation);
        var compiler = new InstructionCompiler(this, state, depth);
        // 2. What its base wants to be done first.
        var triggers = state.Config.OnBuild ?? [];
        state.Config.OnBuild = null;
        foreach (var trigger in triggers)
        {
            foreach (var instruction in DockerfileDocument.ParseTrigger(trigger, stage.From.Range))
                await compiler.CompileAsync(instruction, cancellation);
        }
        // 3. Its instructions, one after another.
        if (_lint is not null)
            new StageLinter(stage, _lint).Check();
        foreach (var instruction in stage.Instructions)
            await compiler.CompileAsync(instruction, cancellation);
        state.Config.Env = state.Variables.Environment;
        return state;
    }

    private async Task<StageState> BeginAsync(BuildStage stage, int depth, CancellationToken cancellation)
    {
        var from = stage.From;
        var platform = from.Platform is { } text ? ParsePlatform(_globals.Expand(text, from.Range), from.Range) : _options.Platform;
        var name = _globals.Expand(from.Image, from.Range);
        CheckDefaults(from);
        if (name.Length == 0)
            throw DockerfileException.At(from.Range, $"base name ({from.Image}) should not be blank");
        if (FindStage(name, stage.Index) is { } earlier && !int.TryParse(name, out _))
        {
            var parent = await StageAsync(earlier, depth + 1, cancellation);
            var inherited = Begin(stage, parent.Platform, Copy(parent.Config), [.. parent.History], 0);
            inherited.Root = parent.Root;
            inherited.Author = parent.Author;
            inherited.DeclaresFolder = parent.DeclaresFolder;
            return inherited;
        }
        if (_options.NamedResults.TryGetValue(name.ToLowerInvariant(), out var result))
        {
            var config = result.Config?.Config ?? new ImageRunConfig { WorkingDir = "/" };
            var based = Begin(stage, platform, Copy(config), [.. result.Config?.History ?? []], 0);
            (based.Root, based.Author) = (result.Root, result.Config?.Author);
            return based;
        }
        if (IsEmpty(name))
            return Begin(stage, platform, new ImageRunConfig { WorkingDir = "/" }, [], 0);
        if (FilesOfContext(name) is { } files)
        {
            var ofFiles = Begin(stage, platform, new ImageRunConfig { WorkingDir = "/" }, [], 0);
            ofFiles.Root = Node.AsRoot(files, new NodeLabel { Name = $"FROM {name}", Range = from.Range });
            return ofFiles;
        }
        var (node, image) = await ImageAsync(name, platform, from.Range, cancellation);
        if (_options.IsClassic && image.Config is { Os.Length: > 0, Architecture.Length: > 0 } own
            && (own.Os, own.Architecture) != (platform.Os, platform.Architecture))
            platform = new Platform { Os = own.Os, Architecture = own.Architecture, Variant = own.Variant };
        CheckPlatform(image, name, platform, from.Range);
        var state = Begin(stage, platform, Copy(image.Config.Config ?? new ImageRunConfig()), [.. image.Config.History ?? []], 1);
        state.Root = new Node(node.Operation, [], node.Label with { Name = state.NextName($"FROM {Familiar(name)}") });
        state.Author = image.Config.Author;
        return state;
    }

    /// <summary>A name of a base image that is malformed unless the caller gives values.</summary>
    private void CheckDefaults(FromInstruction from)
    {
        if (_lint is null || !from.Image.Contains('$', StringComparison.Ordinal))
            return;
        var defaults = new VariableScope(Escape);
        foreach (var argument in _document.GlobalArguments.SelectMany(instruction => instruction.Arguments))
            defaults.SetArgument(argument.Name, argument.Default is { } text ? defaults.Expand(text, from.Range) : null);
        foreach (var (name, value) in PlatformArguments.For(_options.Platform, Platform.Host, _options.Target ?? "default"))
            defaults.SetArgument(name, value);
        var image = defaults.Expand(from.Image, from.Range);
        if (!ImageReference.TryParse(image, out _))
            _lint.Add(LintRules.InvalidDefaultArgInFrom, $"Default value for ARG {from.Image} results in empty or invalid base image name", from.Range);
    }

    private void CheckPlatform(Image image, string name, Platform expected, SourceRange range)
    {
        var (os, architecture) = (image.Config.Os, image.Config.Architecture);
        if (!string.IsNullOrEmpty(os) && !string.IsNullOrEmpty(architecture) && (os != expected.Os || architecture != expected.Architecture))
        {
            _lint?.Add(
                LintRules.InvalidBaseImagePlatform,
                $"Base image {name} was pulled with platform \"{os}/{architecture}\", expected \"{expected}\" for current build", range);
        }
    }

    private StageState Begin(BuildStage stage, Platform platform, ImageRunConfig config, List<ImageHistory> history, int baseNodes)
    {
        var triggers = (config.OnBuild ?? []).Count(trigger => MakesNode(trigger.Split([' ', '\t'], 2)[0].ToUpperInvariant()));
        // Each stage has a path, as in BuildKit: images that were imported from an archive often say none.
        if (platform.Os != "windows" && config.Env?.Exists(static variable => variable.StartsWith("PATH=", StringComparison.Ordinal)) != true)
            config = config with { Env = [.. config.Env ?? [], DefaultPath] };
        var variables = new VariableScope(_document.Directives.Escape);
        variables.Take(config);
        variables.Undefined = (name, range) =>
            _lint?.Add(LintRules.UndefinedVar, $"Usage of undefined variable '${name}'{SuggestVariable(name, variables)}", range);
        return new StageState
        {
            Stage = stage, Variables = variables, Platform = platform, Config = config, History = history,
            Total = baseNodes + triggers + stage.Instructions.Count(instruction => MakesNode(instruction.Name)),
            IsOneOfMany = _isOneOfMany,
            IgnoresCache = _options.NoCache || _options.NoCacheFilter.Any(filter => filter.Equals(stage.From.Alias, StringComparison.OrdinalIgnoreCase)),
        };
    }

    private static string SuggestVariable(string name, VariableScope variables) =>
        Suggestion.For(name, variables.Names).Replace("(did you mean ", "(did you mean $", StringComparison.Ordinal);

    private static bool MakesNode(string name) => name is "RUN" or "COPY" or "ADD" or "WORKDIR";

    /// <summary>Whether a name means no files at all, by itself or as a context.</summary>
    private bool IsEmpty(string name) => name == "scratch" || _options.NamedContexts.GetValueOrDefault(name.ToLowerInvariant()) == "docker-image://scratch";

    /// <summary>The files of a context that is a folder, a repository or a file from the web; null: there is none of that name.</summary>
    private Node? FilesOfContext(string name) =>
        _options.NamedContexts.TryGetValue(name.ToLowerInvariant(), out var context) && context.StartsWith("local:", StringComparison.Ordinal)
            ? new Node(new LocalSource(name.ToLowerInvariant()), [], new NodeLabel { Name = $"[context {name}] load" }) : null;

    private async Task<(Node Node, Image Image)> ImageAsync(string name, Platform platform, SourceRange range, CancellationToken cancellation)
    {
        var reference = name;
        if (_options.NamedContexts.TryGetValue(name.ToLowerInvariant(), out var context))
        {
            reference = context.StartsWith("docker-image://", StringComparison.Ordinal) ? context["docker-image://".Length..] : context;
        }
        try
        {
            var image = await _images.ResolveAsync(reference, platform, cancellation);
            var operation = new ImageSource(Familiar(reference), platform, image.Id);
            return (new Node(operation, [], new NodeLabel { Name = $"FROM {Familiar(reference)}", Range = range }), image);
        }
        catch (GantryException error)
        {
            throw DockerfileException.At(range, LayoutReference.IsOne(reference) || ImageReference.TryParse(reference, out _)
                ? $"{name}: failed to resolve source metadata for {Familiar(reference)}: {error.Message}"
                : $"failed to parse stage name \"{name}\": {error.Message}", error);
        }
    }

    private static string Familiar(string reference) =>
        LayoutReference.IsOne(reference) ? reference : ImageReference.Parse(reference).WithDefaultTag().ToString();

    private static Platform ParsePlatform(string text, SourceRange range)
    {
        try
        {
            return Platform.Parse(text);
        }
        catch (GantryException error)
        {
            throw DockerfileException.At(range, $"failed to parse platform {text}: {error.Message}", error);
        }
    }

    private static ImageRunConfig Copy(ImageRunConfig config) => config with
    {
        Env = config.Env is null ? null : [.. config.Env],
        Labels = config.Labels is null ? null : new Dictionary<string, string>(config.Labels),
        ExposedPorts = config.ExposedPorts is null ? null : new Dictionary<string, EmptyObject>(config.ExposedPorts),
        Volumes = config.Volumes is null ? null : new Dictionary<string, EmptyObject>(config.Volumes),
        OnBuild = config.OnBuild is null ? null : [.. config.OnBuild],
    };

    /// <summary>Equal nodes are one step, which has the name of the last of them, as for BuildKit.</summary>
    private static Dictionary<Digest, string> NamesOf(Node? root)
    {
        var names = new Dictionary<Digest, string>();
        foreach (var node in root?.Closure() ?? [])
            names[node.Digest] = node.Label.Name;
        return names;
    }

    private HashSet<string> DeclaredArguments(BuildStage target) =>
    [
        .. _document.GlobalArguments.Concat(_document.Stages.Take(target.Index + 1).SelectMany(stage => stage.Instructions).OfType<ArgInstruction>())
            .SelectMany(instruction => instruction.Arguments).Select(argument => argument.Name),
        // All stages are compiled by now. What a base image wants to be done first declares arguments as well.
        .. _stages.Values.SelectMany(stage => stage.Result.Variables.Arguments).Select(argument => argument.Name),
    ];

    private CompiledImage Finish(StageState state)
    {
        foreach (var (name, value) in _options.Labels)
            (state.Config.Labels ??= [])[name] = value;
        return new CompiledImage
        {
            Root = state.Root,
            Names = NamesOf(state.Root),
            Config = new ImageConfig
            {
                Architecture = state.Platform.Architecture, Os = state.Platform.Os, Variant = state.Platform.Variant, Author = state.Author,
                Config = state.Config,
            },
            History = state.History,
            DeclaredArguments = DeclaredArguments(state.Stage),
            BaseHistory = state.History.TakeWhile(entry => entry.Created is not null).Count(),
            Instructions = _instructions,
            Steps = [.. _document.Stages.Where(stage => _stages.ContainsKey(stage.Index)).SelectMany(stage => stage.Instructions.Prepend(stage.From))],
        };
    }
}
