using Gantry.Build.Graph;
using Gantry.Oci.Filters;

namespace Gantry.Build.Trees;

/// <summary>What a copy takes of a folder: what fits one of its patterns, if it has some, and none of those that leave out.</summary>
internal sealed class CopyPatterns(CopyAction copy)
{
    private readonly PatternList _includes = PatternList.Of(copy.Includes);
    private readonly PatternList _excludes = PatternList.Of(copy.Excludes);

    /// <summary>Whether a path below the folder is taken.</summary>
    // A list says of a path whether it fits, whatever is then done with it.
    public bool Take(string path) => (_includes.IsEmpty || _includes.Excludes(path)) && (_excludes.IsEmpty || !_excludes.Excludes(path));

    /// <summary>Whether something may be taken that is below a folder which is not.</summary>
    public bool MayTakeBelow(string folder) => _excludes.IsEmpty || !_excludes.Excludes(folder) || _excludes.MayTakeBackBelow(folder);
}
