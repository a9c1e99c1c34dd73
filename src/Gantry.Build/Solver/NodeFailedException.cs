using Gantry.Build.Graph;
using Gantry.Oci;

namespace Gantry.Build.Solver;

/// <summary>A node could not be solved.</summary>
public sealed class NodeFailedException(Node node, GantryException cause) : GantryException(cause.Kind, cause.Message, cause)
{
    /// <summary>Which one.</summary>
    public Node Node => node;
}
