using Gantry.Build.Dockerfile;
using Gantry.Oci.Images;

namespace Gantry.Build.Graph;

/// <summary>What a node is called and where it comes from. It has no part in what its result is.</summary>
public sealed record NodeLabel
{
    /// <summary>The text that progress shows, e.g. <c>[build 2/5] RUN make</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The instruction it comes from, if any.</summary>
    public SourceRange? Range { get; init; }

    /// <summary>Whether it is run even if its result is known: <c>--no-cache</c>.</summary>
    public bool IgnoreCache { get; init; }
}

/// <summary>
/// A node of the build graph: an operation on the results of others. Nodes do not change and have no cycles, as one is made of others that are there.
/// The first input of an exec or file operation is the root it works on; null: an empty one.
/// </summary>
public sealed class Node
{
    private readonly Lazy<Digest> _digest;

    /// <param name="operation">What it does.</param>
    /// <param name="inputs">What it works on.</param>
    /// <param name="label">What it is called.</param>
    public Node(Operation operation, IReadOnlyList<Node?> inputs, NodeLabel label)
    {
        (Operation, Inputs, Label) = (operation, inputs, label);
        _digest = new Lazy<Digest>(ComputeDigest);
    }

    /// <summary>What it does.</summary>
    public Operation Operation { get; }

    /// <summary>What it works on.</summary>
    public IReadOnlyList<Node?> Inputs { get; }

    /// <summary>What it is called.</summary>
    public NodeLabel Label { get; }

    /// <summary>The digest of the operation and everything below it: equal for equal work, but for the content of local files.</summary>
    public Digest Digest => _digest.Value;

    /// <summary>Files that come from outside, as a root filesystem that something can stand on; any other node as it is.</summary>
    /// <param name="node">The node; null: no files.</param>
    /// <param name="label">What the new node is called; null: as the given one.</param>
    public static Node? AsRoot(Node? node, NodeLabel? label = null) => node?.Operation is not (LocalSource or HttpSource or GitSource) ? node
        : new Node(new FileOperation([new CopyAction { Input = 1, Sources = ["/"], Destination = "/" }]), [null, node], label ?? node.Label);

    /// <summary>This node and all it stands on, each once, inputs first.</summary>
    public IReadOnlyList<Node> Closure()
    {
        var seen = new HashSet<Node>();
        var order = new List<Node>();
        var pending = new Stack<(Node Node, bool Expanded)>();
        pending.Push((this, false));
        while (pending.TryPop(out var next))
        {
            if (next.Expanded)
                order.Add(next.Node);
            else if (seen.Add(next.Node))
            {
                pending.Push((next.Node, true));
                foreach (var input in next.Node.Inputs.Reverse())
                    if (input is not null)
                        pending.Push((input, false));
            }
        }
        return order;
    }

    private Digest ComputeDigest()
    {
        using var hasher = new OperationHasher();
        Operation.Describe(hasher);
        hasher.Add(Inputs.Count);
        foreach (var input in Inputs)
            hasher.Add(input?.Digest.ToString());
        return hasher.Finish();
    }
}
