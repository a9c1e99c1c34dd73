using Gantry.Oci.Images;
using Gantry.Oci.Values;

namespace Gantry.Build.Graph;

/// <summary>
/// What one node of a build graph does: the same kinds that BuildKit's LLB has. An operation does not change; two with the same content have the
/// same digest, whoever made them.
/// </summary>
public abstract record Operation
{
    /// <summary>Adds all that the operation's result depends on, but for its inputs.</summary>
    public abstract void Describe(OperationHasher hasher);

    /// <summary>The digest of the operation alone.</summary>
    public Digest ComputeDigest()
    {
        using var hasher = new OperationHasher();
        Describe(hasher);
        return hasher.Finish();
    }
}

/// <summary>An image as a root filesystem.</summary>
/// <param name="Reference">The name, with a tag or digest.</param>
/// <param name="Platform">Which image of several.</param>
/// <param name="Resolved">The manifest that the name means for this build: what makes its content known.</param>
public sealed record ImageSource(string Reference, Platform Platform, Digest Resolved) : Operation
{
    /// <inheritdoc/>
    // The name says nothing about the content: the manifest does.
    public override void Describe(OperationHasher hasher) => hasher.Add("image").Add(Resolved.ToString());
}

/// <summary>Files of the one who builds: the build context or a further one.</summary>
/// <param name="Name">The name of the context.</param>
public sealed record LocalSource(string Name) : Operation
{
    /// <inheritdoc/>
    // Its content is not known here: those who use it add what they use.
    public override void Describe(OperationHasher hasher) => hasher.Add("local").Add(Name);
}

/// <summary>A file from the web.</summary>
/// <param name="Url">Where it is.</param>
/// <param name="FileName">Its name in the result.</param>
/// <param name="Checksum">What it has to be; default: anything.</param>
public sealed record HttpSource(string Url, string FileName, Digest Checksum) : Operation
{
    /// <summary>Its permission bits.</summary>
    public uint Permissions { get; init; } = 0x180; // 0600

    /// <summary>Its owner.</summary>
    public uint UserId { get; init; }

    /// <summary>Its group.</summary>
    public uint GroupId { get; init; }

    /// <inheritdoc/>
    public override void Describe(OperationHasher hasher) =>
        hasher.Add("http").Add(Url).Add(FileName).Add(Checksum.ToString()).Add(Permissions).Add(UserId).Add(GroupId);
}

/// <summary>A checkout of a git repository.</summary>
/// <param name="Reference">Which repository, and what of it.</param>
public sealed record GitSource(GitReference Reference) : Operation
{
    /// <inheritdoc/>
    public override void Describe(OperationHasher hasher) =>
        hasher.Add("git").Add(Reference.Remote).Add(Reference.Revision).Add(Reference.Subfolder).Add(Reference.KeepsGitFolder == true).Add(Reference.Commit)
            .Add(Reference.HasSubmodules).Add(Reference.HasCommitTimes);
}

/// <summary>The layers of the inputs on top of each other.</summary>
public sealed record MergeOperation : Operation
{
    /// <inheritdoc/>
    public override void Describe(OperationHasher hasher) => hasher.Add("merge");
}

/// <summary>What the second input changed relative to the first.</summary>
public sealed record DiffOperation : Operation
{
    /// <inheritdoc/>
    public override void Describe(OperationHasher hasher) => hasher.Add("diff");
}

/// <summary>What the files of a process's mount have become. Its input is the process.</summary>
/// <param name="Number">Which of the mounts that are results.</param>
public sealed record MountOutput(int Number) : Operation
{
    /// <inheritdoc/>
    public override void Describe(OperationHasher hasher) => hasher.Add("mount output").Add(Number);
}
