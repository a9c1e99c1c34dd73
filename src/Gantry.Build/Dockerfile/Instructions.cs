namespace Gantry.Build.Dockerfile;

/// <summary>An instruction, as written: nothing in it is expanded.</summary>
public abstract record Instruction
{
    /// <summary>Its name in upper case.</summary>
    public required string Name { get; init; }

    /// <summary>Its name as written.</summary>
    public required string WrittenName { get; init; }

    /// <summary>The whole of it on one line, as written.</summary>
    public required string Text { get; init; }

    /// <summary>Where it is.</summary>
    public required SourceRange Range { get; init; }

    /// <summary>The comment lines right before it.</summary>
    public IReadOnlyList<string> Comments { get; init; } = [];

    /// <summary>Whether an empty line is within it.</summary>
    public bool HasEmptyContinuation { get; init; }
}

/// <summary>The words of RUN, CMD, ENTRYPOINT and of a health check.</summary>
/// <param name="Words">The words of the JSON form; one text for the shell form.</param>
/// <param name="IsShell">Whether a shell runs it.</param>
/// <param name="Heredocs">The documents it uses.</param>
public sealed record CommandLine(IReadOnlyList<string> Words, bool IsShell, IReadOnlyList<Heredoc> Heredocs)
{
    /// <summary>The text of the shell form with its documents.</summary>
    public string ShellText => Words.Count == 0 ? "" : Words[0];
}

/// <summary><c>FROM [--platform=p] image [AS name]</c>.</summary>
/// <param name="Image">The image, or an earlier stage.</param>
/// <param name="Alias">Its own name.</param>
/// <param name="Platform">The platform.</param>
/// <param name="AsKeyword">The word before the name as written.</param>
public sealed record FromInstruction(string Image, string? Alias, string? Platform, string? AsKeyword) : Instruction;

/// <summary><c>RUN</c>.</summary>
/// <param name="Command">What to run.</param>
/// <param name="Mounts">The texts of <c>--mount</c>.</param>
/// <param name="Network">The text of <c>--network</c>.</param>
/// <param name="Security">The text of <c>--security</c>.</param>
/// <param name="Devices">The texts of <c>--device</c>.</param>
public sealed record RunInstruction(
    CommandLine Command, IReadOnlyList<string> Mounts, string? Network, string? Security, IReadOnlyList<string> Devices) : Instruction;

/// <summary><c>CMD</c>.</summary>
/// <param name="Command">What to run.</param>
public sealed record CmdInstruction(CommandLine Command) : Instruction;

/// <summary><c>ENTRYPOINT</c>.</summary>
/// <param name="Command">What to run.</param>
public sealed record EntrypointInstruction(CommandLine Command) : Instruction;

/// <summary>What COPY and ADD have in common.</summary>
public abstract record TransferInstruction : Instruction
{
    /// <summary>What to copy: paths, patterns, for ADD also URLs.</summary>
    public required IReadOnlyList<string> Sources { get; init; }

    /// <summary>Where to.</summary>
    public required string Destination { get; init; }

    /// <summary>Files given in the Dockerfile itself.</summary>
    public IReadOnlyList<Heredoc> Documents { get; init; } = [];

    /// <summary><c>user[:group]</c>.</summary>
    public string? Chown { get; init; }

    /// <summary>Octal or symbolic.</summary>
    public string? Chmod { get; init; }

    /// <summary>Whether the layer stands by itself.</summary>
    public bool Link { get; init; }

    /// <summary>Patterns of what is left out.</summary>
    public IReadOnlyList<string> Excludes { get; init; } = [];
}

/// <summary><c>COPY</c>.</summary>
public sealed record CopyInstruction : TransferInstruction
{
    /// <summary>A stage, image or named context; null: the build context.</summary>
    public string? From { get; init; }

    /// <summary>Whether the folders above the sources come along.</summary>
    public bool Parents { get; init; }
}

/// <summary><c>ADD</c>.</summary>
public sealed record AddInstruction : TransferInstruction
{
    /// <summary>What a download has to be: a digest or a commit.</summary>
    public string? Checksum { get; init; }

    /// <summary>Whether the <c>.git</c> folder comes along.</summary>
    public bool KeepGitDir { get; init; }

    /// <summary>Whether archives are unpacked; null: local ones are, downloaded ones are not.</summary>
    public bool? Unpack { get; init; }
}

/// <summary>A name and its value, both with their quotes.</summary>
/// <param name="Key">The name.</param>
/// <param name="Value">The value.</param>
public readonly record struct KeyValue(string Key, string Value);

/// <summary><c>ENV</c>.</summary>
/// <param name="Pairs">What is set.</param>
/// <param name="IsLegacy">Whether it has the form <c>ENV name value</c>.</param>
public sealed record EnvInstruction(IReadOnlyList<KeyValue> Pairs, bool IsLegacy) : Instruction;

/// <summary><c>LABEL</c>.</summary>
/// <param name="Pairs">What is set.</param>
/// <param name="IsLegacy">Whether it has the form <c>LABEL name value</c>.</param>
public sealed record LabelInstruction(IReadOnlyList<KeyValue> Pairs, bool IsLegacy) : Instruction;

/// <summary>A variable of the build.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Default">Its value when the caller gives none; null: it is not set then.</param>
public readonly record struct BuildArgument(string Name, string? Default);

/// <summary><c>ARG</c>.</summary>
/// <param name="Arguments">The variables.</param>
public sealed record ArgInstruction(IReadOnlyList<BuildArgument> Arguments) : Instruction;

/// <summary><c>EXPOSE</c>.</summary>
/// <param name="Ports">The ports.</param>
public sealed record ExposeInstruction(IReadOnlyList<string> Ports) : Instruction;

/// <summary><c>VOLUME</c>.</summary>
/// <param name="Paths">The folders.</param>
public sealed record VolumeInstruction(IReadOnlyList<string> Paths) : Instruction;

/// <summary><c>WORKDIR</c>.</summary>
/// <param name="Path">The folder.</param>
public sealed record WorkdirInstruction(string Path) : Instruction;

/// <summary><c>USER</c>.</summary>
/// <param name="User"><c>user[:group]</c>.</param>
public sealed record UserInstruction(string User) : Instruction;

/// <summary><c>HEALTHCHECK</c>; the options are texts, null when they are not given.</summary>
/// <param name="Command">What to run; null: <c>NONE</c>.</param>
/// <param name="Options">By name: <c>interval timeout start-period start-interval retries</c>.</param>
public sealed record HealthcheckInstruction(CommandLine? Command, IReadOnlyDictionary<string, string> Options) : Instruction;

/// <summary><c>ONBUILD</c>.</summary>
/// <param name="Trigger">The instruction as written.</param>
public sealed record OnBuildInstruction(string Trigger) : Instruction;

/// <summary><c>STOPSIGNAL</c>.</summary>
/// <param name="Signal">The signal.</param>
public sealed record StopSignalInstruction(string Signal) : Instruction;

/// <summary><c>SHELL</c>.</summary>
/// <param name="Words">The shell and its arguments.</param>
public sealed record ShellInstruction(IReadOnlyList<string> Words) : Instruction;

/// <summary><c>MAINTAINER</c>.</summary>
/// <param name="Maintainer">Who.</param>
public sealed record MaintainerInstruction(string Maintainer) : Instruction;
