using Gantry.Os.Files;

namespace Gantry.Build.Graph;

/// <summary>Who a file belongs to: numbers, or names that are looked up in the files of the operation's first input.</summary>
/// <param name="User">A name or number; empty: root.</param>
/// <param name="Group">A name or number; empty: the user's.</param>
public sealed record FileOwner(string User, string Group)
{
    internal void Describe(OperationHasher hasher) => hasher.Add(User).Add(Group);
}

/// <summary>One change of files.</summary>
public abstract record FileAction
{
    /// <summary>The time of all that it makes; null: that of the source, or of the build.</summary>
    public FileTime? Time { get; init; }

    /// <summary>Whether the folder that the result comes into has to be there: without this it is made.</summary>
    public bool NeedsFolder { get; init; }

    internal virtual void Describe(OperationHasher hasher) => hasher.Add(Time is not null).Add(Time?.Seconds ?? 0).Add(Time?.Nanoseconds ?? 0).Add(NeedsFolder);
}

/// <summary>Copies files of an input.</summary>
public sealed record CopyAction : FileAction
{
    /// <summary>The number of the input they come from.</summary>
    public required int Input { get; init; }

    /// <summary>Absolute paths or patterns in it.</summary>
    public required IReadOnlyList<string> Sources { get; init; }

    /// <summary>The absolute path they go to; with a slash at its end it is a folder.</summary>
    public required string Destination { get; init; }

    /// <summary>The owner; null: root for files of a context, the files' own for those of an image.</summary>
    public FileOwner? Owner { get; init; }

    /// <summary>Permissions, octal or symbolic; null: the files' own.</summary>
    public string? Mode { get; init; }

    /// <summary>Patterns of what is taken of folders, relative to these; none: everything.</summary>
    public IReadOnlyList<string> Includes { get; init; } = [];

    /// <summary>Patterns of what is left out.</summary>
    public IReadOnlyList<string> Excludes { get; init; } = [];

    /// <summary>Paths in the sources without which they are no sources.</summary>
    public IReadOnlyList<string> Required { get; init; } = [];

    /// <summary>Whether a source that is a link is copied as one: without this, what it leads to.</summary>
    public bool KeepsLink { get; init; }

    /// <summary>Whether a pattern has to mean something.</summary>
    public bool NeedsMatch { get; init; }

    /// <summary>Whether what is of another kind in its place goes: without this the copy fails.</summary>
    public bool Replaces { get; init; }

    /// <summary>Whether the folders above the sources come along.</summary>
    public bool Parents { get; init; }

    /// <summary>Whether a folder is copied as one into a destination that is a folder, as <c>cp -r</c> does, and not only its content, as COPY does.</summary>
    public bool KeepsFolder { get; init; }

    /// <summary>Whether archives are unpacked: ADD.</summary>
    public bool Unpack { get; init; }

    /// <summary>How the sources were written, for errors.</summary>
    public string Written { get; init; } = "";

    internal override void Describe(OperationHasher hasher)
    {
        hasher.Add("copy").Add(Input).Add(Sources).Add(Destination).Add(Mode).Add(Includes).Add(Excludes).Add(Required).Add(Parents).Add(KeepsFolder)
            .Add(KeepsLink)
            .Add(NeedsMatch).Add(Replaces).Add(Unpack).Add(Owner is not null);
        Owner?.Describe(hasher);
        base.Describe(hasher);
    }
}

/// <summary>Makes a file.</summary>
/// <param name="Path">The absolute path.</param>
/// <param name="Content">Its content.</param>
/// <param name="Mode">Permissions, octal or symbolic; null: 0644.</param>
/// <param name="Owner">The owner; null: root.</param>
public sealed record MakeFileAction(string Path, ReadOnlyMemory<byte> Content, string? Mode, FileOwner? Owner) : FileAction
{
    internal override void Describe(OperationHasher hasher)
    {
        hasher.Add("mkfile").Add(Path).Add(Content.Span).Add(Mode).Add(Owner is not null);
        Owner?.Describe(hasher);
        base.Describe(hasher);
    }
}

/// <summary>Makes a folder and those above it; one that is there stays as it is.</summary>
/// <param name="Path">The absolute path.</param>
/// <param name="Mode">Permission bits.</param>
/// <param name="Owner">The owner; null: root.</param>
public sealed record MakeFolderAction(string Path, uint Mode, FileOwner? Owner) : FileAction
{
    internal override void Describe(OperationHasher hasher)
    {
        hasher.Add("mkdir").Add(Path).Add(Mode).Add(Owner is not null);
        Owner?.Describe(hasher);
        base.Describe(hasher);
    }
}

/// <summary>Makes a symbolic link.</summary>
/// <param name="Path">The absolute path of the link.</param>
/// <param name="Text">Where it leads.</param>
/// <param name="Owner">The owner; null: root.</param>
public sealed record MakeLinkAction(string Path, string Text, FileOwner? Owner) : FileAction
{
    internal override void Describe(OperationHasher hasher)
    {
        hasher.Add("symlink").Add(Path).Add(Text).Add(Owner is not null);
        Owner?.Describe(hasher);
        base.Describe(hasher);
    }
}

/// <summary>Removes a file or a whole folder.</summary>
/// <param name="Path">The absolute path.</param>
/// <param name="AllowMissing">Whether it need not be there.</param>
/// <param name="IsPattern">Whether the path is a pattern.</param>
public sealed record RemoveAction(string Path, bool AllowMissing, bool IsPattern = false) : FileAction
{
    internal override void Describe(OperationHasher hasher) => hasher.Add(IsPattern ? "rm *" : "rm").Add(Path).Add(AllowMissing);
}

/// <summary>Changes the files of its first input; the result has what it changed.</summary>
/// <param name="Actions">The changes, one after another.</param>
public sealed record FileOperation(IReadOnlyList<FileAction> Actions) : Operation
{
    /// <inheritdoc/>
    public override void Describe(OperationHasher hasher)
    {
        hasher.Add("file").Add(Actions.Count);
        foreach (var action in Actions)
            action.Describe(hasher);
    }
}
